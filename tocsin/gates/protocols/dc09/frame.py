"""DC-09 frames: how they are cut out of a stream, checked, taken apart and made. Source: ANSI/SIA DC-09, 5.5.1.

    LF | CRC, 4 hex | 0LLL, 4 hex | "ID" seq Rreceiver Lprefix #account [ data ] [xdata]... _HH:MM:SS,MM-DD-YYYY | CR

The CRC-16/ARC and the length LLL cover what stands from the first quote up to, not including, CR. With "*ID" all that
follows the first bracket is encrypted and written in hex (see cipher.py).

What panels do otherwise, and is taken as well: Eldes counts CR in CRC and length; OPAX sends the CRC as two raw bytes;
LF or CR is missing; hex in small letters; a NUL behind CR; L without digits.
"""

import re
from datetime import UTC, datetime

import msgspec

from tocsin.gates.protocol import Cut, Malformed
from tocsin.gates.protocols.fields import crc_arc

LONGEST = 4200  # LLL is at most 4095

_HEAD = re.compile(rb'(?:([0-9A-Fa-f]{4})|(..))([0-9A-Fa-f]{4})("(\*?)([0-9A-Za-z-]{2,12})")', re.DOTALL)
_HEAD_LONGEST = 24  # LF included
_ENVELOPE = re.compile(rb"([0-9A-Fa-f]{4})?(R[0-9A-Fa-f]{0,6})?(L[0-9A-Fa-f]{0,6}?)?(?:#([0-9A-Za-z]{0,32})|A(0))?\[")
_CONTENT = re.compile(r"([^\]]*)\]?((?:\[[^\]]*\])*)\s*(?:_(\d\d:\d\d:\d\d,\d\d-\d\d-\d{4}))?", re.ASCII)
_STAMP = "%H:%M:%S,%m-%d-%Y"


class Frame(msgspec.Struct, frozen=True):
    """A frame, taken apart.

    `fault` says what is wrong with CRC or length. `echo` is sequence, receiver, prefix and account exactly as they
    were sent: what an answer repeats. `receiver` and `line` are with their letters, R1 and L0. `payload` is what
    follows the first bracket.
    """

    token: str
    encrypted: bool
    echo: bytes
    sequence: str
    receiver: str
    line: str
    account: str
    payload: bytes
    fault: str | None = None


class Content(msgspec.Struct, frozen=True):
    """What stands behind the first bracket, readable: `extra` are the texts of the [xdata], `stamp` as it was sent."""

    data: str
    extra: tuple[str, ...] = ()
    stamp: str | None = None


def build(body: bytes) -> bytes:
    """The frame of a body, whole: everything from the first quote on."""
    return b"\n%04X%04X%b\r" % (crc_arc(body), len(body), body)


def stamp(at: datetime) -> str:
    """A time as it ends a body."""
    return f"_{at.astimezone(UTC):{_STAMP}}"


def time(text: str | None) -> datetime | None:
    """A time of a body or of [H], read as UTC; None where it is no time."""
    try:
        return datetime.strptime(text or "", _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None


def split(buffer: bytes) -> Cut:
    """The first frame of a buffer, without its CR. Whatever stands before it is garbage."""
    spot = 0
    while head := _HEAD.search(buffer, spot):
        start = head.start() - (buffer[head.start() - 1 : head.start()] == b"\n")
        end = _end(buffer, head)
        if end is None:
            return Cut(None, start)
        torn = _fault(head, buffer[head.start(4) : end]) is not None
        heads = [inner.start() for inner in _HEAD.finditer(buffer, head.end(), end)] if torn else []
        if not heads:
            return Cut(buffer[start:end], end)
        spot = heads[-1]  # another frame began before this one ended
    return Cut(None, max(spot, len(buffer) - _HEAD_LONGEST))


def _end(buffer: bytes, head: re.Match[bytes]) -> int | None:
    """Where the body ends: at the CR (or LF), or without one after as many bytes as it says. None: not there yet."""
    stop = head.start(4) + int(head[3], 16)
    ends = [place for place in (buffer.find(end, head.end()) for end in (b"\r", b"\n")) if place >= 0]
    if ends and min(ends) <= stop:
        return min(ends)
    if len(buffer) < stop:
        return None
    if stop > head.end() and _fault(head, buffer[head.start(4) : stop]) is None:
        return stop
    return min(ends) if ends else None


def _fault(head: re.Match[bytes], body: bytes) -> str | None:
    """What is wrong with CRC or length, in words."""
    size = int(head[3], 16)
    for counted in (body, body + b"\r"):
        if len(counted) == size and crc_arc(counted) in _sums(head):
            return None
    if len(body) != size:
        return f"wrong length: it says {size}, it is {len(body)}"
    return f"wrong CRC: it says {(head[1] or head[2].hex().encode()).decode()}, it is {crc_arc(body):04X}"


def _sums(head: re.Match[bytes]) -> tuple[int, ...]:
    if head[1]:
        return (int(head[1], 16),)
    return int.from_bytes(head[2], "big"), int.from_bytes(head[2], "little")


def parse(frame: bytes) -> Frame:
    """A frame with or without LF before and CR behind it. Raises Malformed where it is none."""
    head = (_HEAD.match(frame, 1) if frame[:1] == b"\n" else None) or _HEAD.match(frame)
    if head is None:
        raise Malformed('no DC-09: a frame begins with CRC, length and a name in quotes, as in 1234002A"ADM-CID"')
    body = frame[head.start(4) :].rstrip(b"\r\n\0")
    envelope = _ENVELOPE.match(body, len(head[4]))
    if envelope is None:
        raise Malformed("no DC-09: sequence, receiver, prefix, account and a bracket must follow the name")
    sequence, receiver, line, account, none = (part.decode() if part else "" for part in envelope.groups())
    return Frame(
        token=head[6].decode().upper(),
        encrypted=bool(head[5]),
        echo=envelope[0][:-1],
        sequence=sequence,
        receiver=receiver,
        line=line,
        account=account or none,
        payload=body[envelope.end() :],
        fault=_fault(head, body),
    )


def content(text: str) -> Content:
    """Data, [xdata] and time stamp of a readable payload. Anything gives some content."""
    found = _CONTENT.match(text)
    assert found  # each of its parts may be empty
    extra = tuple(part.rstrip("]") for part in found[2].split("[")[1:])
    return Content(found[1], extra, found[3])


def text(data: bytes) -> str:
    """UTF-8, or else the Windows-1252 that DC-09 names for texts. Only what can be printed."""
    try:
        decoded = data.decode()
    except UnicodeDecodeError:
        decoded = data.decode("cp1252", "replace")
    return "".join(filter(str.isprintable, decoded))
