"""JT/T 808 frames: how they begin, end, are escaped and checked. Source: JT/T 808-2013 and 2019, section 4.4.

    7E | message 2 | attributes 2 | [2019: version 1] | terminal 6 (2019: 10) BCD | serial 2 | [parts 2, part 2] |
    body | xor of all | 7E

Inside, 7E is written 7D 02 and 7D is written 7D 01. Attributes: bits 0-9 length, 10-12 encryption, 13 parts, 14 2019.
Some trackers use E7 with 3E 02 and 3E 01 instead, and 7 bytes of terminal; and "(id,…)" in text for locks and time.
"""

import msgspec

from tocsin.gates.protocol import Cut, Malformed
from tocsin.gates.protocols.fields import luhn

LONGEST = 4096
_LONGEST_TEXT = 200
_PRINTABLE = bytes(range(0x20, 0x7E))
_SHORTEST = 14  # a header without a body
PARTS, YEAR_2019 = 0x2000, 0x4000
_ESCAPES = {0x7E: 0x7D, 0xE7: 0x3E}
SHORT_SERIALS = (0x5501, 0x5502)


class Message(msgspec.Struct, frozen=True):
    """A frame, taken apart. `terminal` as on the wire; `right`: the checksum is."""

    delimiter: int
    kind: int
    attributes: int
    version: bytes
    terminal: bytes
    serial: int
    parts: tuple[int, int]
    body: bytes
    right: bool

    @property
    def whole(self) -> bool:
        """Is the body as long as the header says?"""
        return len(self.body) == self.attributes & 0x3FF

    @property
    def identifier(self) -> str:
        """Digits as they are on the wire; an IMEI packed in 6 bytes gets its check digit."""
        digits = self.terminal.hex()
        if digits.isdigit():
            return digits
        number = str(int.from_bytes(self.terminal[:6], "big"))
        return number + luhn(number)

    @property
    def device(self) -> str:
        return self.identifier.lstrip("0") or "0"


def escape(data: bytes, delimiter: int = 0x7E) -> bytes:
    mark = _ESCAPES[delimiter]
    return data.replace(bytes((mark,)), bytes((mark, 1))).replace(bytes((delimiter,)), bytes((mark, 2)))


def unescape(data: bytes, delimiter: int = 0x7E) -> bytes:
    mark = _ESCAPES[delimiter]
    return data.replace(bytes((mark, 2)), bytes((delimiter,))).replace(bytes((mark, 1)), bytes((mark,)))


def xor(data: bytes) -> int:
    check = 0
    for byte in data:
        check ^= byte
    return check


def build(
    kind: int,
    terminal: bytes,
    serial: int,
    body: bytes = b"",
    *,
    version: bytes = b"",
    delimiter: int = 0x7E,
    parts: tuple[int, int] | None = None,
) -> bytes:
    """A frame, whole. A version makes it one of 2019."""
    attributes = len(body) | (YEAR_2019 if version else 0) | (PARTS if parts else 0)
    counted = serial.to_bytes(1 if kind in SHORT_SERIALS or kind == 0x4401 else 2, "big")
    if parts:
        counted += parts[0].to_bytes(2, "big") + parts[1].to_bytes(2, "big")
    data = kind.to_bytes(2, "big") + attributes.to_bytes(2, "big") + version + terminal + counted + body
    return bytes((delimiter,)) + escape(data + bytes((xor(data),)), delimiter) + bytes((delimiter,))


def take_apart(frame: bytes) -> Message:
    """The header read, of an unescaped frame. A wrong checksum is told, not refused."""
    if len(frame) < 2 or frame[0] not in _ESCAPES or frame[-1] != frame[0]:
        raise Malformed("no 7E at the start or the end")
    data = frame[1:-1]
    if len(data) < 12:
        raise Malformed("shorter than a header")
    kind, attributes = int.from_bytes(data[:2], "big"), int.from_bytes(data[2:4], "big")
    compact = kind in SHORT_SERIALS
    new = bool(attributes & YEAR_2019) and not compact
    start = 5 if new else 4
    width = 1 if compact else 2
    seven = frame[0] == 0xE7 and not new and len(data) != start + 6 + width + (attributes & 0x3FF) + 1
    place = start + (10 if new else 7 if seven else 6)
    body = place + width + (4 if attributes & PARTS and not compact else 0)
    if len(data) < body + 1:
        raise Malformed("shorter than its header")
    split_up = body - place - width == 4
    return Message(
        delimiter=frame[0],
        kind=kind,
        attributes=attributes,
        version=data[4:5] if new else b"",
        terminal=data[start:place],
        serial=int.from_bytes(data[place : place + width], "big"),
        parts=(
            (int.from_bytes(data[body - 4 : body - 2], "big"), int.from_bytes(data[body - 2 : body], "big"))
            if split_up
            else (1, 1)
        ),
        body=data[body:-1],
        right=xor(data[:-1]) == data[-1],
    )


def split(buffer: bytes) -> Cut:
    """The first frame of a buffer, unescaped; in text as it is.

    A frame with a wrong checksum may be a torn one that ended in the start of the next: its last byte is kept.
    """
    start = buffer.find(b"\x7e")
    end = buffer.find(b"\x7e", start + 1) if start >= 0 else -1
    while 0 <= end < start + 5:  # an end whose start is lost, and the start of the next
        start, end = end, buffer.find(b"\x7e", end + 1)
    before = buffer if start < 0 else buffer[:start]
    odd = [found for found in (_odd(buffer, before), _text(buffer, before)) if found]
    whole = min((o for o in odd if o[1] >= 0), key=lambda o: o[1], default=None)
    if end >= 0 and (whole is None or end < whole[1]):
        frame = unescape(buffer[start : end + 1])
        right = len(frame) >= _SHORTEST and xor(frame[1:-2]) == frame[-2]
        if right or not odd:
            return Cut(frame, end + right)
    if whole is not None:
        begin, stop = whole
        frame = buffer[begin : stop + 1]
        return Cut(frame if frame[:1] == b"(" else unescape(frame, 0xE7), stop + 1)
    waiting = [begin for begin, _stop in odd] + ([start] if start >= 0 else [])
    return Cut(None, min(waiting, default=len(buffer)))


def _odd(buffer: bytes, before: bytes) -> tuple[int, int] | None:
    """A sound frame between two E7 that begins in `before`; an end of -1: it may still come."""
    start = before.find(b"\xe7")
    while start >= 0:
        end = buffer.find(b"\xe7", start + 1)
        if end < 0:
            return start, -1
        frame = unescape(buffer[start : end + 1], 0xE7)
        if len(frame) >= _SHORTEST and xor(frame[1:-2]) == frame[-2]:
            return start, end
        start = end if end < len(before) else -1
    return None


def _text(buffer: bytes, before: bytes) -> tuple[int, int] | None:
    """A text in brackets that begins in `before`; an end of -1: it may still come."""
    start = before.find(b"(")
    while start >= 0:
        end = buffer.find(b")", start + 1, start + _LONGEST_TEXT)
        inside = buffer[start + 1 : start + _LONGEST_TEXT if end < 0 else end]
        if not inside.translate(None, _PRINTABLE) and (end >= 0 or len(buffer) < start + _LONGEST_TEXT):
            return start, end
        start = before.find(b"(", start + 1)
    return None
