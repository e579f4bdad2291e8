"""Eelink frames. Source: Eelink GPS Tracker Communication Protocol V2.0, sections 2 and 3.

67 67 | type 1 | length 2 | sequence 2 | content          the length counts from the sequence to the end
"EL" | length 2 | checksum 2 | IMEI, BCD 8 | packets      over UDP; length and checksum cover from the IMEI on
"""

from collections.abc import Iterator

from tocsin.gates.protocol import Cut

LONGEST = 4096
START, WRAPPER = b"\x67\x67", b"EL"
_HEAD, _WRAP = 5, 14
_TYPES = frozenset((*range(0x01, 0x08), *range(0x11, 0x20), 0x80, 0x81))


def build(kind: int, sequence: int, content: bytes = b"") -> bytes:
    size = (len(content) + 2).to_bytes(2, "big")
    return START + bytes((kind,)) + size + (sequence & 0xFFFF).to_bytes(2, "big") + content


def wrap(identity: bytes, inner: bytes) -> bytes:
    """Packets as they are sent over UDP. The checksum: each byte is added to the sum, which is turned left by a bit."""
    if not inner:
        return b""
    total = 0
    for byte in identity + inner:
        total = ((total << 1 | total >> 15) + byte) & 0xFFFF
    return WRAPPER + (len(identity + inner) + 2).to_bytes(2, "big") + total.to_bytes(2, "big") + identity + inner


def packets(frame: bytes) -> Iterator[bytes]:
    """The packets in a frame; the last may be cut off."""
    spot = _WRAP if frame[:2] == WRAPPER else 0
    while frame[spot : spot + 2] == START and len(frame) >= spot + 7:
        end = spot + _HEAD + int.from_bytes(frame[spot + 3 : spot + 5], "big")
        yield frame[spot:end]
        spot = max(end, spot + 7)


def split(buffer: bytes) -> Cut:
    """The first frame of a buffer."""
    start = _begin(buffer, 0)
    while start >= 0:
        size = _size(buffer, start)
        if size is None:
            return Cut(None, start)
        if size and len(buffer) >= start + size:
            return Cut(buffer[start : start + size], start + size)
        if size:
            return Cut(None, start)
        start = _begin(buffer, start + 1)
    return Cut(None, len(buffer) - (1 if buffer[-1:] in (b"\x67", b"E") else 0))


def _begin(buffer: bytes, start: int) -> int:
    """Where the next frame may begin, or -1."""
    found = [spot for mark in (START, WRAPPER) if (spot := buffer.find(mark, start)) >= 0]
    return min(found, default=-1)


def _size(buffer: bytes, start: int) -> int | None:
    """The whole length; 0: no frame begins here; None: more bytes must tell."""
    head = buffer[start : start + _WRAP + 3]
    if head[:2] == START:
        if len(head) > 2 and head[2] not in _TYPES:
            return 0
        size = _HEAD + int.from_bytes(head[3:5], "big")
        return None if len(head) < _HEAD else size if 7 <= size <= LONGEST else 0
    if len(head) > 6 and not head[6:14].hex().isdigit():
        return 0
    if head[14:16] != START[: len(head[14:16])]:
        return 0
    size = 4 + int.from_bytes(head[2:4], "big")
    return None if len(head) < 16 else size if _WRAP + 7 <= size <= LONGEST else 0
