"""GT06 frames: how they begin, end and are checked. Source: GT06 GPS Tracker Communication Protocol (Concox), 4 and 5.

    78 78 | length, 1 byte  | type | content | serial, 2 | CRC, 2 | 0D 0A
    79 79 | length, 2 bytes | type | content | serial, 2 | CRC, 2 | 0D 0A

The length counts from the type to the CRC; the CRC-16/X.25 covers the length to the serial; all big endian.
"""

from binascii import crc_hqx

from tocsin.gates.protocol import Cut

SHORT, LONG, END = b"\x78\x78", b"\x79\x79", b"\x0d\x0a"
LONGEST = 4096  # the longest frame we take: far beyond any alarm, room for long OBD texts
ODD_LONGEST = 300  # how far the end of a frame is looked for when its length is wrong

WIFI_SCANS = (0x17, 0x69)  # sent without serial and CRC by some: see wifi_length

_MIRROR = bytes(int(f"{n:08b}"[::-1], 2) for n in range(256))


def crc16(data: bytes) -> int:
    """CRC-16/X.25: 0x1021 mirrored, initial value and final xor 0xFFFF. crc_hqx is the same unmirrored, in C."""
    crc = crc_hqx(data.translate(_MIRROR), 0xFFFF)
    return (_MIRROR[crc & 0xFF] << 8 | _MIRROR[crc >> 8]) ^ 0xFFFF


def build(kind: int, serial: int, content: bytes = b"", *, long: bool = False) -> bytes:
    """A frame, whole."""
    size = len(content) + 5
    head = size.to_bytes(2 if long else 1, "big")
    body = head + bytes((kind,)) + content + (serial & 0xFFFF).to_bytes(2, "big")
    return (LONG if long else SHORT) + body + crc16(body).to_bytes(2, "big") + END


def stated_length(data: bytes, start: int = 0) -> int | None:
    """Bytes from marker to tail as the length field says; None when the field is not there yet."""
    if data[start] == SHORT[0]:
        return data[start + 2] + 5 if len(data) > start + 2 else None
    return int.from_bytes(data[start + 2 : start + 4], "big") + 6 if len(data) > start + 3 else None


def sound(frame: bytes) -> bool:
    """Is the CRC right?"""
    return len(frame) >= 10 and crc16(frame[2:-4]) == int.from_bytes(frame[-4:-2], "big")


def wifi_length(data: bytes, start: int) -> int | None:
    """Bytes of the odd scan packet whose third byte counts access points instead of bytes; None: not known yet.

    78 78 | points n | type | BCD date, 6 | n x (MAC 6, signal 1) | cells k | MCC 2, MNC 1 | k x 5 | 0D 0A
    """
    cells = start + 10 + 7 * data[start + 2]
    return cells - start + 4 + 5 * data[cells] + 2 if len(data) > cells else None


def split(buffer: bytes) -> Cut:
    """The first frame of a buffer.

    Whatever stands before it, a whole frame with a right CRC is found: wrong lengths and torn frames cannot hide
    an alarm. The answer depends on the bytes alone, never on how they were chunked.
    """
    start = _marker(buffer, 0)
    while start >= 0:
        whole = stated_length(buffer, start)
        if whole is None:
            return Cut(None, start)
        if whole > LONGEST or (whole < 10 and not _scan(buffer, start)):
            start = _marker(buffer, start + 1)
            continue
        end: int | None = start + whole
        inner = _frame_within(buffer, start, start + whole)
        if inner < 0:
            if len(buffer) < start + max(whole, 10):
                return Cut(None, start)
            if whole < 10 or buffer[start + whole - 2 : start + whole] != END:
                end = _odd_end(buffer, start)
                inner = _frame_within(buffer, start, _reach(buffer, start, end))
        if inner >= 0:
            start = inner
        elif end is None:
            return Cut(None, start)
        elif end:
            return Cut(buffer[start:end], end)
        else:
            start = _marker(buffer, start + 1)
    return Cut(None, len(buffer) - (1 if buffer[-1:] in (b"\x78", b"\x79") else 0))


def _marker(buffer: bytes, start: int, stop: int | None = None) -> int:
    """Where the next frame may begin, or -1."""
    short = buffer.find(SHORT, start, stop)
    long = buffer.find(LONG, start, stop if short < 0 else short)
    return long if long >= 0 else short


def _scan(buffer: bytes, start: int) -> bool:
    """May this be the odd scan packet?"""
    return buffer[start] == SHORT[0] and (len(buffer) < start + 4 or buffer[start + 3] in WIFI_SCANS)


def _frame_within(buffer: bytes, start: int, stop: int) -> int:
    """Where a whole and sound frame begins after `start` and ends before or at `stop`; -1: nowhere."""
    last = buffer.rfind(END, start + 9, stop)
    begin = _marker(buffer, start + 1, last) if last >= 0 else -1
    while begin >= 0:
        end = begin + (stated_length(buffer, begin) or 0)
        if end <= last + 2 and buffer[end - 2 : end] == END and sound(buffer[begin:end]):
            return begin
        begin = _marker(buffer, begin + 1, last)
    return -1


def _reach(buffer: bytes, start: int, end: int | None) -> int:
    """How far the frame at `start` made us wait: a sound frame up to there would have been found meanwhile."""
    if end is None:
        return len(buffer)
    scanned = wifi_length(buffer, start) if _scan(buffer, start) else None
    return max(end, start + (scanned or 0))


def _odd_end(buffer: bytes, start: int) -> int | None:
    """The end of a frame whose length field is wrong: 0 when there is none, None when more bytes may tell."""
    if _scan(buffer, start):
        whole = wifi_length(buffer, start)
        if whole is None or len(buffer) < start + whole:
            return None
        if buffer[start + whole - 2 : start + whole] == END:
            return start + whole
    end = buffer.find(END, start + 8, start + ODD_LONGEST)
    if end >= 0:
        return end + 2
    return None if len(buffer) < start + ODD_LONGEST else 0
