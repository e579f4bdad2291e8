"""Frames made wrong: bits flipped, cut, spliced, stretched, lengths and numbers changed, checksums made right again."""

import contextlib
import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from tocsin.gates.protocols.fields import crc_arc

# What number and text fields are known to break on.
WORDS = (
    b"", b"0", b"-1", b"-0", b"nan", b"inf", b"1e999", b"0x10", b"99999999999999999999", b"9" * 400, b".", b"-", b"+",
    b" ", b"1_0", b"\xd9\xa1\xd9\xa2", b"\xb2\xb3", b"\xff\xfe", b"\x00", b"A", b"V", b"S", b"000000", b"999999",
    b"316259", b"\xed\xa0\x80", b"%00", b"%", b"\\u0000", b"\\ud800", b"null", b"true", b"[]", b"{}", b"[" * 300, b'"',
    b"'", b"1e400", b"-1e400", b"1795429800", b"17954298000000", b"9999999999999", b"2026-11-23T10:30:00Z",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 255, 65536, 2**31, 2**63, -(2**63), 10**400, 1e308, -1e308, 1e-308, float("nan"),
    float("inf"), 0.5, 90.1, -180.5, 1795429800, 1795429800123, "", "0", "sos", "SOS", "-1", "1e999", "nan", "a" * 5000,
    "\0", "\ud800", "\u202e", "\n\r", "é", "求助", [], {}, [[]], [None], {"": None}, [1, 2, 3], {"lat": 1},
    "2026-11-23T10:30:00Z", "2026-11-23T10:30:00+99:99", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
)  # fmt: skip
SEPARATORS = b',;:|&=*#()[]"{} /?\r\n\t_-'
EDGES = (0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF, 0x7E, 0x7D, 0x0D, 0x0A, 0x2A, 0x23, 0x24)


def flip(some: Random, data: bytearray, _others: Sequence[bytes]) -> None:
    for _ in range(some.choice((1, 1, 1, 2, 4, 16))):
        data[some.randrange(len(data))] ^= 1 << some.randrange(8)


def edge(some: Random, data: bytearray, _others: Sequence[bytes]) -> None:
    data[some.randrange(len(data))] = some.choice(EDGES)


def cut(some: Random, data: bytearray, _others: Sequence[bytes]) -> None:
    start = some.randrange(len(data))
    if some.random() < 0.5:
        del data[start:]
    else:
        del data[start : start + some.choice((1, 1, 2, 4, 8, 32))]


def splice(some: Random, data: bytearray, others: Sequence[bytes]) -> None:
    other = some.choice(others)
    data[some.randrange(len(data)) :] = other[some.randrange(len(other) + 1) :]


def insert(some: Random, data: bytearray, _others: Sequence[bytes]) -> None:
    spot = some.randrange(len(data) + 1)
    data[spot:spot] = some.randbytes(some.choice((1, 1, 2, 3, 8, 24)))


def repeat(some: Random, data: bytearray, _others: Sequence[bytes]) -> None:
    start = some.randrange(len(data))
    end = min(len(data), start + some.choice((1, 2, 4, 16, 64)))
    data[end:end] = data[start:end] * some.choice((1, 2, 3, 40))


def length(some: Random, data: bytearray, _others: Sequence[bytes]) -> None:
    """Binary lengths stand early, in one, two or four bytes."""
    spot = some.randrange(min(len(data), 16))
    size = some.choice((1, 2, 2, 4))
    value = int.from_bytes(data[spot : spot + size], "big")
    value = some.choice((value + 1, value - 1, value * 2, 0, 1, len(data), 1 << 8 * size - 1, -1)) % (1 << 8 * size)
    data[spot : spot + size] = value.to_bytes(size, some.choice(("big", "little")))


def digit(some: Random, data: bytearray, _others: Sequence[bytes]) -> None:
    places = [n for n, byte in enumerate(data) if 0x30 <= byte <= 0x39]
    for _ in range(some.choice((1, 1, 2, 6))):
        if places:
            data[some.choice(places)] = some.choice(b"0123456789AF-. ")


def word(some: Random, data: bytearray, _others: Sequence[bytes]) -> None:
    """A field of a text becomes something else."""
    spots = [n for n, byte in enumerate(data) if byte in SEPARATORS]
    if not spots:
        return insert(some, data, _others)
    n = some.randrange(len(spots))
    end = spots[n + 1] if n + 1 < len(spots) else len(data)
    data[spots[n] + 1 : end] = some.choice(WORDS)
    return None


def value(some: Random, data: bytearray, _others: Sequence[bytes]) -> None:
    """A value somewhere in a JSON document becomes another, goes, or comes twice."""
    start = data.find(b"{")
    try:
        document = json.loads(bytes(data[start:])) if start >= 0 else None
    except (ValueError, RecursionError):
        document = None
    if document is None:
        return word(some, data, _others)
    places: list[tuple[Any, Any]] = []
    _places(document, places)
    if not places:
        return None
    for _ in range(some.choice((1, 1, 2, 5))):
        holder, key = some.choice(places)
        what = some.random()
        if what < 0.1 and isinstance(holder, dict):
            holder.pop(key, None)
        elif what < 0.2:
            holder[key] = some.choice(places)[0]
        elif isinstance(holder, dict) or key < len(holder):
            holder[key] = some.choice(VALUES)
    with contextlib.suppress(ValueError, RecursionError):  # a value within itself
        data[start:] = json.dumps(document, ensure_ascii=some.random() < 0.5).encode("utf-8", "surrogatepass")
    return None


def _places(document: Any, found: list[tuple[Any, Any]]) -> None:
    for key, inner in document.items() if isinstance(document, dict) else enumerate(document):
        found.append((document, key))
        if isinstance(inner, dict | list):
            _places(inner, found)


MUTATIONS: tuple[Callable[[Random, bytearray, Sequence[bytes]], None], ...] = (
    flip, flip, edge, cut, splice, insert, repeat, length, digit, word, word, value, value,
)  # fmt: skip


def mutated(some: Random, frames: Sequence[bytes], protocol: str) -> bytes:
    """A frame with one to three things wrong; half of the time its checksum is right all the same."""
    data = bytearray(some.choice(frames))
    for _ in range(some.choice((1, 1, 2, 3))):
        if data:
            some.choice(MUTATIONS)(some, data, frames)
    whole = bytes(data)
    mend = MEND.get(protocol)
    return mend(whole) if mend and some.random() < 0.5 else whole


# Checksums made right, so that the mutation is read and not only refused.


def _gt06(frame: bytes) -> bytes:
    from tocsin.gates.protocols.gt06.frame import crc16

    start = 3 if frame[:2] == b"\x79\x79" else 2
    return frame[:-4] + crc16(frame[start - 1 : -4]).to_bytes(2, "big") + frame[-2:] if len(frame) > 8 else frame


def _teltonika(frame: bytes) -> bytes:
    return frame[:-4] + crc_arc(frame[8:-4]).to_bytes(4, "big") if len(frame) > 13 else frame


def _jt808(frame: bytes) -> bytes:
    if len(frame) < 5:
        return frame
    inner = frame[1:-2].replace(b"\x7d\x02", b"\x7e").replace(b"\x7d\x01", b"\x7d")
    total = 0
    for byte in inner:
        total ^= byte
    return frame[:-2] + bytes((total,)) + frame[-1:]


def _dc09(frame: bytes) -> bytes:
    """LF CRC 0LLL "… CR: both are reckoned anew from the first quotation mark to the CR."""
    start = frame.find(b'"')
    if start < 0:
        return frame
    end = frame.rfind(b"\r")
    content = frame[start : end if end > start else len(frame)]
    return b"\n%04X%04X%b\r" % (crc_arc(content), len(content) & 0xFFF, content)


MEND: dict[str, Callable[[bytes], bytes]] = {
    "gt06": _gt06,
    "teltonika": _teltonika,
    "jt808": _jt808,
    "dc09": _dc09,
}
