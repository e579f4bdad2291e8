"""The items after a JT/T 808 location: number, length, content. Sources: JT/T 808-2013 table 27; makers' extensions.

Numbers from 50 on belong to the makers, who disagree; only what they agree on, or what says itself, is read.
"""

from collections.abc import Iterator

import msgspec

from tocsin.gates.protocols.jt808 import codes


class Extras(msgspec.Struct):
    """`battery` 0..1; `words` of alarms."""

    battery: float | None = None
    words: list[str] = []


def items(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and content, as long as they are whole."""
    spot = 0
    while spot + 2 <= len(data) and spot + 2 + data[spot + 1] <= len(data):
        yield data[spot], data[spot + 2 : spot + 2 + data[spot + 1]]
        spot += 2 + data[spot + 1]


def read_items(data: bytes, model: str = "") -> Extras:
    """What they say of battery and alarms. `model`: the device's setting, for what only it can tell."""
    extras = Extras()
    for number, item in items(data):
        size = len(item)
        if number in (0x04, 0x06, 0xE1, 0xE9, 0xFE) and size == 1:
            extras.battery = _share(item[0])
        elif number in (0xE4, 0xD4) and size in (1, 2):
            extras.battery = _share(item[-1])
        elif number == 0xE3 and size == 4:
            extras.battery = _share(item[1])
        elif number == 0x56 and size == 2:
            extras.battery = _share(item[0] * 10)
        elif number in _ALARMS:
            extras.words += _ALARMS[number](item, model)
    return extras


def _share(percent: int) -> float | None:
    return percent / 100 if percent <= 100 else None


def _bits(words: tuple[str, ...], bits: int) -> list[str]:
    return [word for bit, word in enumerate(words) if bits >> bit & 1]


def _driving(item: bytes, model: str) -> list[str]:
    """57: bits 2 (how it is driven from bit 8 on), switches 2, more bits 4."""
    words = _bits(codes.DRIVING[:3], item[0]) if len(item) >= 2 else []
    door = model.startswith(("MV810G", "MV710G")) and len(item) >= 8 and item[5] & 1
    return [*words, "door"] if door else words


def _event(item: bytes, _model: str) -> list[str]:
    """70: number of the alarm 4, begun or ended 1, what 1."""
    word = codes.DRIVING_EVENTS.get(item[5]) if len(item) > 5 else None
    return [word] if word else []


def _user(item: bytes, _model: str) -> list[str]:
    return ["vibration"] if len(item) == 4 and item[3] & 8 else []


def _buttons(item: bytes, _model: str) -> list[str]:
    """E7 of 8 bytes: bits 2: vibration, then three kinds of SOS."""
    if len(item) != 8:
        return []
    return (["vibration"] if item[1] & 1 else []) + (["sos"] if item[1] & 0xE else [])


def _camera(item: bytes, model: str) -> list[str]:
    code = int.from_bytes(item[:2], "big")
    word = codes.CAMERA_EVENTS.get(code) if len(item) >= 2 else None
    lock = len(item) == 3 and not model.startswith("JC")
    return [word] if word and (word == "sos" or not lock) else []


def _extension(item: bytes, _model: str) -> list[str]:
    """EB: blocks of length 2 (of number and content), number 2, content."""
    words: list[str] = []
    spot = 0
    while spot + 4 <= len(item):
        size, number = int.from_bytes(item[spot : spot + 2], "big"), int.from_bytes(item[spot + 2 : spot + 4], "big")
        content = item[spot + 4 : spot + 2 + size]
        spot += 2 + size
        if size < 2 or spot > len(item):
            break
        if number in codes.EXTENDED_BITS and len(content) == 4:
            clear = ~int.from_bytes(content, "big")
            words += [word for bit, word in codes.EXTENDED_BITS[number].items() if clear >> bit & 1]
        elif number == 0x00C6 and content[:1] in (b"\x03", b"\x04"):
            words.append("low_battery")
    return words


def _blocks(item: bytes, _model: str) -> list[str]:
    """FE that begins with 7C: blocks of number, length, content."""
    if item[:1] != b"\x7c":
        return []
    found = (_bits(codes.DRIVING, int.from_bytes(b, "big")) for n, b in items(item[1:]) if n == 1 and len(b) == 4)
    return [word for words in found for word in words]


_ALARMS = {
    0x57: _driving,
    0x70: _event,
    0xD0: _user,
    0xE7: _buttons,
    0xE8: _camera,
    0xEB: _extension,
    0xFE: _blocks,
}
