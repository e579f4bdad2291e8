"""Queclink frames, text and binary. Source: @Track air interface protocols (ASCII and HEX report formats).

Text: +RESP:GTxxx,…,send time,count$   +BUFF: (sent late) +ACK: (answers)   ends with $ or, from some, with 00.
Binary: four letters, then a length at a place that depends on them (counts everything), ends with 0D 0A.
"""

import re

from tocsin.gates.protocol import Cut

LONGEST = 8192
_TEXT = re.compile(rb"\+(?:RESP|BUFF|ACK|BACK|RES|TEST):[A-Z]")
_ANY = re.compile(rb"\+(?:(?:RESP|BUFF|ACK|BACK|RES|TEST):[A-Z]|(?:RSP|BSP|EVT|BVT|INF|BNF|ACK|HBD|CRD|BRD)[^:A-Z]|\0)")
_TEXT_END = re.compile(rb"[$\0]")
_MARKS = (b"+RESP:", b"+BUFF:", b"+ACK:", b"+BACK:", b"+RES:", b"+TEST:")
_BINARY = (b"+RSP", b"+BSP", b"+EVT", b"+BVT", b"+INF", b"+BNF", b"+ACK", b"+HBD", b"+CRD", b"+BRD")
# Where the length stands, and in how many bytes.
_LENGTHS = {b"+ACK": (6, 1), b"+HBD": (5, 1), b"+INF": (7, 2), b"+BNF": (7, 2), b"+CRD": (6, 2), b"+BRD": (6, 2)}
_SHORTEST = 20


def split(buffer: bytes) -> Cut:
    """The first frame of a buffer. A text whose end is lost ends where the next begins."""
    start = 0
    while (found := _ANY.search(buffer, start)) is not None:
        start = found.start()
        if _TEXT.match(buffer, start):
            following = _TEXT.search(buffer, start + 4)
            end = _TEXT_END.search(buffer, start)
            if following and (end is None or following.start() < end.start()):
                return Cut(buffer[start : following.start()], following.start())
            return Cut(None, start) if end is None else Cut(buffer[start : end.end()], end.end())
        size = binary_length(buffer, start)
        stop = len(buffer) if size is None else min(len(buffer), start + size)
        # A text that is whole before it: what looked binary was torn.
        if (later := _TEXT.search(buffer, start + 1, stop)) and (end := _TEXT_END.search(buffer, later.start(), stop)):
            return Cut(buffer[later.start() : end.end()], end.end())
        if size is None or len(buffer) < start + size:
            return Cut(None, start)
        if size and (buffer[start + 1] == 0 or buffer[start + size - 2 : start + size] == b"\r\n"):
            return Cut(buffer[start : start + size], start + size)
        start += 1
    return Cut(None, len(buffer) - _tail(buffer))


def _tail(buffer: bytes) -> int:
    """How many of the last bytes may be the beginning of a mark."""
    spot = buffer.rfind(b"+", max(0, len(buffer) - 7))
    rest = buffer[spot:] if spot >= 0 else b""
    return len(rest) if rest and any(mark.startswith(rest) for mark in (*_MARKS, *_BINARY)) or rest in _MARKS else 0


def binary_length(buffer: bytes, start: int) -> int | None:
    """The whole length; 0: no frame begins here; None: more bytes must tell."""
    if buffer[start + 1] == 0:
        spot, width = 2, 2
    else:
        spot, width = _LENGTHS.get(buffer[start : start + 4], (9, 2))
    digits = buffer[start + spot : start + spot + width]
    if len(digits) < width:
        return None
    size = int.from_bytes(digits, "big")
    return size if _SHORTEST <= size <= LONGEST else 0
