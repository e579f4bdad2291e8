"""GT06 packets made of parts: modules (0x70), locks (AZ735), texts, scans and student cards."""

import re
from datetime import UTC, datetime

from tocsin.gates.protocol import Decoded, Session
from tocsin.gates.protocols.fields import KMH, meaning, place, remark, unix
from tocsin.gates.protocols.gt06 import codes, places
from tocsin.gates.protocols.gt06.frame import SHORT
from tocsin.gates.protocols.gt06.places import Found
from tocsin.gates.signal import Signal

_TEXT_POSITION = re.compile(
    r"Lat:([NS])([\d.]+),Lon:([EW])([\d.]+),Course:([\d.]+),Speed:([\d.]+),DateTime:(\d+-\d+-\d+ +\d+:\d+:\d+)"
)


def modules(content: bytes) -> Signal:
    """0x70: modules of type (2), length (2), data. 0x33: Unix time, satellites, altitude, lat, lon, speed, course.
    0x34: an event (1), its time (4), more. 0x2C: a Unix time."""
    spot, at, found = 0, None, None
    flags: list[str] = []
    while spot + 4 <= len(content):
        module, size = (int.from_bytes(content[spot + n : spot + n + 2], "big") for n in (0, 2))
        data = content[spot + 4 : spot + 4 + size]
        spot += 4 + size
        if module == 0x2C and len(data) >= 4:
            at = unix(int.from_bytes(data[:4], "big"))
        elif module == 0x34 and data:
            flags += [codes.MODULE_EVENTS[data[0]]] if data[0] in codes.MODULE_EVENTS else []
        elif module == 0x33 and len(data) >= 18 and not found:
            fixed = datetime.fromtimestamp(int.from_bytes(data[:4], "big"), UTC)
            found = places.fix(data, 7, fixed, altitude=float(int.from_bytes(data[5:7], "big", signed=True)))
            at = fixed
    position, more = found or (None, ())
    return Signal(
        kind="position" if position else "heartbeat",
        at=position.at if position else at,
        position=position,
        flags=(*more, *flags),
    )


def lock(kind: int, content: bytes, at: datetime | None) -> Signal:
    """AZ735, long 0x32 and 0x33: time 6, then GPS block, cell, more cells, access points, each with its length before
    it (0: none), then a state."""
    found: Found | None = places.gps(content, 7, at) if content[6:7] > b"\0" else None
    spot = 6
    for _ in range(4):
        spot += 1 + (content[spot] if spot < len(content) else 0)
    word = codes.LOCK_STATES.get(content[spot]) if kind == codes.AZ735[1] and spot < len(content) else None
    position, flags = found or (None, ())
    return Signal(
        kind="position" if position else "heartbeat",
        at=at,
        position=position,
        flags=(*flags, word) if word else flags,
    )


def card_alarm(content: bytes, session: Session) -> tuple[str, ...]:
    """0x12 of a student card (36 bytes): GPS and cell 26, metres 4, the card with its length before it, alarm 1."""
    spot = 31 + content[30] if len(content) == 36 else len(content)
    code = content[spot] if spot < len(content) else 0
    return (meaning(session, code, "general"),) if code else ()


def text(kind: int, content: bytes) -> Signal:
    """The answer to a command; `WHERE#` gives a position in words. 0x21 holds an encoding (1 ASCII, 2 UTF-16)."""
    body = content[5:-2] if kind == codes.STRING else content[5:]
    utf16 = kind == codes.LONG_STRING and content[4:5] == b"\x02"
    said = body.decode("utf-16-be" if utf16 else "utf-8", "replace").strip("\0 \r\n")
    match = _TEXT_POSITION.search(said)
    if match:
        south, lat, west, lon, course, speed, when = match.groups()
        try:
            at = datetime.strptime(when, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
            position = place(
                float(lat) * (-1 if south == "S" else 1),
                float(lon) * (-1 if west == "W" else 1),
                at,
                speed=float(speed) * KMH,
                course=float(course),
            )
        except ValueError:
            position = None
        if position:
            return Signal(kind="position", at=at, position=position, text=remark(said))
    return Signal(kind="heartbeat", text=remark(said))


def wifi_scan(frame: bytes, session: Session) -> Decoded:
    """A list of access points and cells, without serial and CRC. The answer repeats the time that came."""
    try:
        at = datetime.strptime(frame[4:10].hex(), "%y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        at = None
    reply = SHORT + b"\0" + frame[3:10] + frame[-2:]
    return Decoded(device=session.device, signals=(Signal(kind="heartbeat", at=at),), reply=reply)
