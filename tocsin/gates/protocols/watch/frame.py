"""Frames of SOS watches: [maker*identifier*length*content], some with a serial number before the length.

The length is of four hex digits. The content may hold brackets (names of Wi-Fi), and some watches count wrong: a frame
ends where its brackets are closed, or where its length says, whichever comes first, so that an alarm never waits.
"""

import re
from typing import NamedTuple

from tocsin.gates.protocol import Cut

LONGEST = 16_384  # room for a spoken message
HEAD_LONGEST = 40

_HEAD = re.compile(rb"\[([A-Za-z0-9]{2})\*(\d{1,20})\*(?:([0-9A-Fa-f]{4})\*)?([0-9A-Fa-f]{4})\*")
_BRACKET = re.compile(rb"[\[\]]")


class Head(NamedTuple):
    """Who speaks, and how long what it says is."""

    maker: bytes
    identifier: bytes
    serial: bytes | None
    length: int
    size: int


def head(data: bytes, start: int = 0) -> Head | None:
    """The head of a frame at `start`, or None."""
    match = _HEAD.match(data, start)
    if not match:
        return None
    maker, identifier, serial, length = match.groups()
    return Head(maker, identifier, serial, int(length, 16), match.end() - start)


def split(buffer: bytes) -> Cut:
    """The first frame of a buffer."""
    start = buffer.find(b"[")
    while start >= 0:
        found = head(buffer, start)
        end = _end(buffer, start, found) if found else _no_head(buffer, start)
        if end is None:
            return Cut(None, start)
        if end:
            return Cut(buffer[start:end], end)
        start = buffer.find(b"[", start + 1)
    return Cut(None, len(buffer))


def _no_head(buffer: bytes, start: int) -> int | None:
    """None while the head may still come, else 0."""
    return 0 if len(buffer) >= start + HEAD_LONGEST or _BRACKET.search(buffer, start + 1) else None


def _end(buffer: bytes, start: int, found: Head) -> int | None:
    """Where the frame ends; None: more bytes will tell; 0: it is torn or too long."""
    content, limit, depth = start + found.size, start + LONGEST, 1
    for bracket in _BRACKET.finditer(buffer, content):
        at = bracket.start()
        if at >= limit:
            return 0
        if bracket.group() == b"[":
            depth += 1
            if inner := head(buffer, at):
                before = at - 1 if buffer[at - 1] == ord("]") else 0
                return before + 1 if before >= content and at + inner.size < limit else 0
        else:
            depth -= 1
            if depth == 0 or at == content + found.length:
                return at + 1
    return None if len(buffer) < limit else 0


def build(maker: bytes, identifier: bytes, serial: bytes | None, content: bytes) -> bytes:
    """A frame, whole."""
    between = b"" if serial is None else serial + b"*"
    return b"[" + b"*".join((maker, identifier, between + b"%04x" % len(content), content)) + b"]"
