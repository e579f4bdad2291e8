"""The items after a JT/T 808 location: number, length, content. Sources: JT/T 808-2013 table 27; makers' extensions.

Numbers from E0 on belong to the makers, who disagree; only what they agree on, or what says itself, is read.
"""

import msgspec

from tocsin.gates.protocols.jt808.codes import CAMERA_EVENTS, DRIVING, EXTENDED_BITS


class Extras(msgspec.Struct):
    """`battery` 0..1; `words` of alarms."""

    battery: float | None = None
    words: list[str] = []


def read_items(data: bytes) -> Extras:
    extras, spot = Extras(), 0
    while spot + 2 <= len(data):
        number, size = data[spot], data[spot + 1]
        item = data[spot + 2 : spot + 2 + size]
        spot += 2 + size
        if len(item) < size:
            break
        if number == 0x04 and size == 1:
            extras.battery = _share(item[0])
        elif (number in (0xE4, 0xD4) and size in (1, 2)) or (number == 0xFE and size == 1):
            extras.battery = _share(item[-1])
        elif number == 0xFE and item[:3] == b"\x7c\x01\x04" and size >= 7:
            bits = int.from_bytes(item[3:7], "big")
            extras.words += [word for bit, word in enumerate(DRIVING) if bits >> bit & 1]
        elif number == 0xEB and size > 4:
            _extension(item, extras)
        elif number == 0xE8 and size >= 2:
            word = CAMERA_EVENTS.get(int.from_bytes(item[:2], "big"))
            extras.words += [word] if word else []
    return extras


def _share(percent: int) -> float | None:
    return percent / 100 if percent <= 100 else None


def _extension(item: bytes, extras: Extras) -> None:
    """EB: blocks of length 2 (of number and content), number 2, content."""
    spot = 0
    while spot + 4 <= len(item):
        size, number = int.from_bytes(item[spot : spot + 2], "big"), int.from_bytes(item[spot + 2 : spot + 4], "big")
        if size < 2:
            return
        content = item[spot + 4 : spot + 2 + size]
        spot += 2 + size
        if number in EXTENDED_BITS and len(content) == 4:
            clear = ~int.from_bytes(content, "big")
            extras.words += [word for bit, word in EXTENDED_BITS[number].items() if clear >> bit & 1]
