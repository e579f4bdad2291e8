"""Frames of Eview pendants, little endian. Source: EV-07B Protocol v1.2, section 2.

    AB | properties 1 | length 2 | CRC-16/XMODEM of the body 2 | sequence 2 | body: type 1, then entries

An entry: size 1 (of key and value), key 1, value. Properties: bit 4: an answer is wanted.
"""

from tocsin.gates.protocol import Cut
from tocsin.gates.protocols.fields import crc_xmodem, first

LONGEST = 4096
START, HEAD = b"\xab", 8
WANTS_ANSWER = 0x10


def build(body: bytes, sequence: int, properties: int = 0) -> bytes:
    return (
        START
        + bytes((properties,))
        + len(body).to_bytes(2, "little")
        + crc_xmodem(body).to_bytes(2, "little")
        + sequence.to_bytes(2, "little")
        + body
    )


def entry(key: int, value: bytes) -> bytes:
    return bytes((len(value) + 1, key)) + value


def sound(frame: bytes) -> bool:
    """Is the CRC right?"""
    return crc_xmodem(frame[HEAD:]) == int.from_bytes(frame[4:6], "little")


def entries_fit(body: bytes) -> bool:
    """Do its entries fill the body to the byte?"""
    spot = 1
    while spot < len(body) and body[spot]:
        spot += 1 + body[spot]
    return spot == len(body)


def split(buffer: bytes) -> Cut:
    """The first frame of a buffer: its CRC is right, or at least its entries fit. Torn ones must not hide it."""
    return first(buffer, lambda data, spot: data.find(START, spot), _size, sound, _fits)


def _fits(buffer: bytes, start: int, end: int) -> bool | None:
    """Do the entries fill a frame whose CRC is wrong, and is it not a torn one that a sound one follows?"""
    if not entries_fit(buffer[start + HEAD : end]):
        return False
    inner = _later(buffer, start + 1, end)
    return None if inner is None else inner < 0


def _size(buffer: bytes, start: int) -> int | None:
    """The whole length; 0: no frame begins here; None: more bytes must tell."""
    if len(buffer) < start + 4:
        return None
    size = int.from_bytes(buffer[start + 2 : start + 4], "little")
    return HEAD + size if 1 <= size <= LONGEST - HEAD else 0


def _later(buffer: bytes, start: int, stop: int) -> int | None:
    """A sound frame that begins inside one with a wrong CRC; -1: there is none; None: more bytes must tell."""
    begin = buffer.find(START, start, stop)
    while begin >= 0:
        size = _size(buffer, begin)
        if size is None or (size and len(buffer) < begin + size):
            return None
        if size and sound(buffer[begin : begin + size]):
            return begin
        begin = buffer.find(START, begin + 1, stop)
    return -1
