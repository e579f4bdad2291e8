"""Frames of Topin (ZhongXun) locators: 78 78 | length | type | content | 0D 0A. No checksum, no serial number.

The length should count type and content, but the makers counted otherwise here and there: by one less with a position,
by one more with a status. Scans (Wi-Fi and radio cells) have the number of access points in its place.

    78 78 | points n | type | time 6 | n x (MAC 6, signal 1) | cells k | MCC 2, MNC 1 | k x 5 (4G: 9) | [1] | 0D 0A
"""

from tocsin.gates.protocol import Cut

START, END = b"\x78\x78", b"\x0d\x0a"
SCANS = (0x17, 0x18, 0x19, 0x1A, 0x1B, 0x69)
LONGEST = 2048
ODD_LONGEST = 300  # how far the end is looked for when the length is wrong


def build(kind: int, content: bytes = b"", length: int | None = None) -> bytes:
    """A frame, whole."""
    return START + bytes((len(content) + 1 if length is None else length, kind)) + content + END


def split(buffer: bytes) -> Cut:
    """The first frame of a buffer. The answer depends on the bytes alone, never on how they were chunked."""
    start = buffer.find(START)
    while start >= 0:
        end = _end(buffer, start)
        if end is None:
            return Cut(None, start)
        if end:
            return Cut(buffer[start:end], end)
        start = buffer.find(START, start + 1)
    return Cut(None, len(buffer) - (1 if buffer[-1:] == b"\x78" else 0))


def _end(buffer: bytes, start: int) -> int | None:
    """Where the frame at `start` ends; None: more bytes will tell; 0: there is no frame."""
    if len(buffer) < start + 4:
        return None
    next_one = buffer.find(END + START, start + 4)
    for end in _ends(buffer, start):
        if next_one >= 0 and next_one + 4 < end:
            return next_one + 2
        if len(buffer) < end:
            return None
        if buffer[end - 2 : end] == END:
            return end
    found = buffer.find(END, start + 4, start + ODD_LONGEST)
    if found >= 0:
        return found + 2
    return None if len(buffer) < start + ODD_LONGEST else 0


def _ends(buffer: bytes, start: int) -> list[int]:
    """Where it may end, the nearest first."""
    length, kind = buffer[start + 2], buffer[start + 3]
    if kind not in SCANS:
        return [start + length + more for more in (4, 5, 6) if length + more >= 6]
    cells = start + 10 + 7 * length
    if len(buffer) < cells + 2:
        return [cells + 2]
    counts = [cells + 4 + size * buffer[cells] for size in (5, 9)]
    return sorted({cells + 2, *(count + more for count in counts for more in (2, 3))})
