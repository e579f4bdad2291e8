"""H02 (Sinotrack ST-901 and its many kin): text and binary to signals and replies.

Source: "GPS tracker communication protocol" of the HQ/TH makers (messages V1, V4, status table). Speed in knots on the
wire, m/s here; latitude ddmm.mmmm; all times UTC unless a device is set otherwise.
"""

import re
from datetime import UTC, datetime

from msgspec.structs import replace

from tocsin.gates.protocol import Decoded, Malformed, Session, StreamGate
from tocsin.gates.protocols.fields import (
    KNOT,
    course,
    degrees,
    key,
    located,
    meaning,
    number,
    percent,
    remark,
    scaled,
    utc,
    verdict,
    when,
)
from tocsin.gates.protocols.h02.frame import LONGEST, long_identifier, split
from tocsin.gates.signal import Signal

SOS = 0x2  # bit 1 of the status; like all of its bits: 0 means yes
IGNITION = 0x400
STATES = {
    0: "vibration",
    2: "overspeed",
    3: "illegal_ignition",
    4: "geofence_enter",
    5: "gps_antenna_cut",
    6: "gps_antenna_cut",
    7: "geofence_exit",
    19: "power_cut",
}
ANSWERED = ("V1", "NBR")  # with V4 and the time
ECHOED = ("V0", "HTBT")  # with themselves
ALIVE = ("V0", "HTBT")  # answered to strangers too
_STATUS = re.compile(r"[0-9A-Fa-f]{8}", re.ASCII)
_VALID, _NORTH, _EAST = 2, 4, 8  # the lowest digit of a binary longitude


def decode(frame: bytes, session: Session, now: datetime) -> Decoded:
    """One frame, text or binary."""
    if frame[:1] == b"$":
        return _binary(frame, session, now)
    text = frame.decode("latin-1").strip()
    if not text.startswith("*") or not text.endswith("#") or text.count(",") < 2:
        raise Malformed("an H02 frame is *XX,identifier,type,…#")
    fields = text[1:-1].split(",")
    identifier, kind = fields[1].strip(), fields[2].strip().upper()
    if identifier:
        session.device = identifier
    signal = _in_utc(_message(kind, fields, session), session)
    if kind == "ALRM":
        signal = _alarm(signal, fields, session)
    elif kind == "BC":  # kept while there was no network
        signal = replace(signal, flags=(*signal.flags, "buffered"), pressed=signal.pressed or None)
    reply = _reply(text, identifier, kind, session, now)
    return Decoded(
        device=session.device,
        signals=(signal,),
        reply=reply,
        stranger=reply if kind in ALIVE else None,
        key=key(frame.strip(), (signal,), now),
    )


def _in_utc(signal: Signal, session: Session) -> Signal:
    at = utc(signal.at, session)
    return replace(signal, at=at, position=replace(signal.position, at=at) if signal.position else None)


def _alarm(signal: Signal, fields: list[str], session: Session) -> Signal:
    """ALRM of the pet trackers: a number. Which is what is not at hand: the device's setting `alarms` says, else it is
    an alarm that we do not know."""
    code = fields[3].strip() if len(fields) > 3 else ""
    known = code.isascii() and code.isdigit() and len(code) < 5
    found = verdict((meaning(session, int(code), "unknown_kind") if known else "unknown_kind",))
    return replace(
        signal,
        kind="alarm" if found.press else signal.kind,
        alarm=found.alarm,
        silent=found.silent,
        flags=(*signal.flags, *found.flags),
        text=remark(",".join(fields[3:])) if "unknown_kind" in found.flags else None,
    )


def _reply(text: str, identifier: str, kind: str, session: Session, now: datetime) -> bytes | None:
    """V4 confirms a message; R12 (device setting `ack`) every other, for the models that wait for it."""
    if not identifier or text.startswith("*hq"):  # the small letters are a pet tracker's, which waits for nothing
        return None
    if kind in ECHOED:
        return (",".join(text.rstrip("#").split(",")[:3]) + "#").encode("latin-1")
    time = now.astimezone(UTC)
    if kind in ANSWERED:
        return f"*HQ,{identifier},V4,{kind},{time:%Y%m%d%H%M%S}#".encode("latin-1")
    if session.setting("ack") is True:
        return f"*HQ,{identifier},R12,{time:%H%M%S}#".encode("latin-1")
    return None


def _message(kind: str, fields: list[str], session: Session) -> Signal:
    if (place := _place(fields)) is not None:
        return _report(fields, place, session)
    if kind in ("HTBT", "XT"):  # both end with the battery
        return Signal(kind="heartbeat", battery=percent(fields[-1]) if len(fields) > 3 else None)
    if kind == "SMS":  # the answer to a command
        return Signal(kind="heartbeat", text=",".join(fields[3:]).strip() or None)
    return _without_place(kind, fields, session)


def _place(fields: list[str]) -> int | None:
    """Which field says A or V (GPS or none), with a latitude, a longitude and their hemispheres behind it.

    Some say a number (of their coding) there, or nothing: then both hemispheres must be named.
    """
    for n in range(3, len(fields) - 4):
        says, north, east = (fields[n + k].strip().upper() for k in (0, 2, 4))
        if says in ("A", "V", "B"):
            if north in ("N", "S", "0", "") and east in ("E", "W", "0", ""):
                return n
        elif (not says or says.isdigit()) and north in ("N", "S") and east in ("E", "W") and number(fields[n + 1]):
            return n
    return None


def _report(fields: list[str], place: int, session: Session) -> Signal:
    """…,hhmmss,A,lat,N,lon,E,knots,course[,satellites],ddmmyy[,hhmmss],status,… ; anything may be missing."""
    valid, lat, north, lon, east, *rest = fields[place:]
    rest += [""] * (6 - len(rest))
    speed, heading = rest[0], rest[1]
    day = 3 if len(rest[3].strip()) == 6 and len(rest[2].strip()) not in (0, 6) else 2
    clock = fields[place - 1] if place > 3 else rest[day + 1]
    at = when(rest[day], clock)
    position, flags = located(
        degrees(_minutes(lat), north),
        degrees(_minutes(lon), east),
        at,
        valid=valid.strip() != "V",
        speed=scaled(speed, KNOT),
        course=course(heading),
    )
    flagged, pressed = _status(_status_field(rest, day), session)
    return Signal(
        kind="position" if position else "heartbeat", at=at, position=position, flags=flags + flagged, pressed=pressed
    )


def _minutes(text: str) -> float | None:
    """ddmm.mmmm; ddmmmmmm without its point; or -dd-mm.mmmm."""
    text = text.strip()
    if "-" in text:
        text = text.lstrip("-")
        whole, _, minutes = text.rpartition("-")
        degree, minute = number(whole or "0"), number(minutes)
        return degree * 100 + minute if whole and degree is not None and minute is not None else minute
    value = number(text)
    return value / 10_000 if value is not None and "." not in text and len(text) in (8, 9) else value


def _status_field(rest: list[str], day: int) -> str:
    """Eight hex digits behind the date; V19 puts phone numbers between and ends with them."""
    for n in (day + 1, day + 2, len(rest) - 1):
        if n < len(rest) and _STATUS.fullmatch(rest[n].strip()):
            return rest[n].strip()
    return ""


def _without_place(kind: str, fields: list[str], session: Session) -> Signal:
    """LINK (sign of life with battery), NBR and V3 (radio cells): hhmmss first, ddmmyy and the status at the end."""
    at, pressed, flags = None, None, tuple[str, ...]()
    for n in range(len(fields) - 1, 3, -1):
        if _STATUS.fullmatch(fields[n].strip()) and (at := when(fields[n - 1], fields[3])):
            flags, pressed = _status(fields[n].strip(), session)
            break
    battery = percent(fields[6]) if kind == "LINK" and len(fields) > 6 else None
    return Signal(kind="heartbeat", at=at, battery=battery, flags=flags, pressed=pressed)


def _status(text: str, session: Session) -> tuple[tuple[str, ...], bool | None]:
    """Flags, and whether the SOS bit is set: a level. Setting `sos_mask`: any of its bits, 0 on the wire, is SOS."""
    if not text:
        return (), None
    status, mask = int(text, 16), session.setting("sos_mask", SOS)
    mask = mask if isinstance(mask, int) else SOS
    states = (word for bit, word in STATES.items() if not (status | mask) >> bit & 1)
    return tuple(dict.fromkeys(states)), (~status & mask & 0xFFFFFFFF) != 0


def _binary(frame: bytes, session: Session, now: datetime) -> Decoded:
    """$ id 5 or 8, hhmmss 3, ddmmyy 3, ddmmmmmm 4, battery 1, dddmmmmmm and bits 5, knots and course 3, status 4."""
    size = 8 if long_identifier(frame) or len(frame) == 43 else 5
    if len(frame) < 24 + size:
        raise Malformed("a binary H02 frame has 32 bytes at least")
    session.device = frame[1 : 1 + size].hex()[: 15 if size == 8 else 10]
    rest = frame[1 + size :].hex()
    lat, lon, bits = rest[12:20], rest[22:31], int(rest[31], 16)
    at = when(rest[6:12], rest[0:6])
    position, flags = located(
        degrees(_scaled(lat), "N" if bits & _NORTH else "S"),
        degrees(_scaled(lon), "E" if bits & _EAST else "W"),
        at,
        valid=bool(bits & _VALID),
        speed=scaled(rest[32:35], KNOT),
        course=course(rest[35:38]),
    )
    flagged, pressed = _status(rest[38:46], session)
    signal = _in_utc(
        Signal(
            kind="position" if position else "heartbeat",
            at=at,
            position=position,
            battery=_battery(int(rest[20:22], 16)),
            flags=flags + flagged,
            pressed=pressed,
        ),
        session,
    )
    reply = None
    if session.setting("ack") is True:
        reply = f"*HQ,{session.device},R12,{now.astimezone(UTC):%H%M%S}#".encode()
    return Decoded(device=session.device, signals=(signal,), reply=reply, key=key(frame[: 24 + size], (signal,), now))


def _scaled(digits: str) -> float | None:
    value = number(digits)
    return None if value is None else value / 10_000


def _battery(level: int) -> float | None:
    """1 to 6 is a scale of steps, above it percent."""
    if 1 <= level <= 6:
        return (0.0, 0.1, 0.2, 0.6, 0.8, 1.0)[level - 1]
    return level / 100 if 6 < level <= 100 else None


GATE = StreamGate(port=5013, split=split, decode=decode, transports=("tcp", "udp"), longest=LONGEST)
