"""H02 frames: where they begin and end.

    *XX,identifier,type,…#          text; XX is the maker (HQ, TH, …)
    $ id time date …                binary coded decimals, 32 bytes, in newer devices 45; no end mark, no length

The second half of a long binary frame (bytes 33 to 45: radio cell, mileage) holds nothing we need and nothing by which
it could be told from a new frame's first bytes without waiting. So 32 bytes are a frame at once, an alarm waits for
nothing, and the rest is taken along when it is there already. An identifier of 15 digits makes both 3 bytes longer.
"""

import re

from tocsin.gates.protocol import Cut

LONGEST = 2048
SHORT, LONG, MORE_ID = 32, 45, 3

_HEAD = re.compile(rb"\*[A-Za-z]{2},")
_MARK = re.compile(rb"[*$]")
_TEXT_END = re.compile(rb"[^\x09\x0a\x0d\x20-\x7e]|#")


def split(buffer: bytes) -> Cut:
    """The first frame of a buffer. A text that begins anew, or turns binary, before its end is torn."""
    place = 0
    while mark := _MARK.search(buffer, place):
        start = mark.start()
        begins = _begins(buffer, start)
        if begins is None:
            return Cut(None, start)
        if not begins:
            place = start + 1
        elif buffer[start] == ord("$"):
            size = SHORT + (MORE_ID if long_identifier(buffer[start:]) else 0)
            if len(buffer) < start + size:
                return Cut(None, start)
            if text := _HEAD.search(buffer, start, start + size):
                place = text.start()  # torn
                continue
            end = start + _whole(buffer, start, size)
            return Cut(buffer[start:end], end)
        else:
            end_mark = _TEXT_END.search(buffer, start, start + LONGEST)
            if end_mark is None and len(buffer) < start + LONGEST:
                return Cut(None, start)
            if end_mark and end_mark.group() == b"#":
                end = end_mark.end()
                start = [head.start() for head in _HEAD.finditer(buffer, start, end)][-1]
                return Cut(buffer[start:end], end)
            place = start + 1
    return Cut(None, len(buffer))


def _whole(buffer: bytes, start: int, size: int) -> int:
    """32 or 45: the long form if all of it is there and no frame can begin within its second half."""
    end = start + size + LONG - SHORT
    if len(buffer) < end:
        return size
    marks = _MARK.finditer(buffer, start + size, end)
    return size if any(_begins(buffer, mark.start()) is not False for mark in marks) else size + LONG - SHORT


def _begins(buffer: bytes, start: int) -> bool | None:
    """Does a frame begin here? None: more bytes will tell."""
    if buffer[start] == ord("*"):
        head = buffer[start : start + 4]
        if _HEAD.match(head):
            return True
        return None if len(head) < 4 and _HEAD.match(head + b"*HQ,"[len(head) :]) else False
    answers = [_stamped(buffer, start, start + 1 + size) for size in (5, 8)]
    return True if answers[0] else None if None in answers else any(answers)


def _stamped(buffer: bytes, start: int, place: int) -> bool | None:
    """Are there decimals up to a clock and a date at `place`? None: cannot be told yet."""
    digits = buffer[start + 1 : place + 6].hex()
    if not digits.isdecimal() and digits:
        return False
    limits = ((0, 23), (0, 99), (0, 99), (1, 31), (1, 12), (0, 99))
    for n, (least, most) in enumerate(limits):
        byte = buffer[place + n : place + n + 1].hex()
        if not byte:
            return None
        if not least <= int(byte) <= most:
            return False
    return True


def long_identifier(frame: bytes) -> bool:
    """Has this binary frame an identifier of 15 digits (8 bytes) and not of 10 (5 bytes)?"""
    return not _stamped(frame, 0, 6) and bool(_stamped(frame, 0, 9))
