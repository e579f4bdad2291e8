"""GPS103 (Coban TK102, TK103, GPS103, GPS303): lines with imei: to signals and replies.

Source: Coban "GPS103 protocol" (login, heartbeat, message keywords). Speed in knots on the wire, m/s here; latitude
ddmm.mmmm. A line has the local date and minute and, with a fix, the UTC time of day: both together give UTC.
"""

import re
from datetime import datetime, timedelta

from msgspec.structs import replace

from tocsin.gates.protocol import Cut, Decoded, Malformed, Session, StreamGate
from tocsin.gates.protocols.fields import (
    KMH,
    KNOT,
    between,
    course,
    degrees,
    key,
    located,
    number,
    remark,
    scaled,
    utc,
    when,
)
from tocsin.gates.signal import Signal

LONGEST = 4096
PRESSES = ("help me", "help me!", "sos", "help", "panic")
WORDS = {
    "low battery": "low_battery",
    "stockade": "geofence",
    "move": "movement",
    "speed": "overspeed",
    "door alarm": "door",
    "ac alarm": "power_cut",
    "accident alarm": "crash",
    "sensor alarm": "vibration",
    "bonnet alarm": "bonnet",
    "footbrake alarm": "foot_brake",
    "acc alarm": "ignition",
    "acc on": "ignition_on",
    "acc off": "ignition_off",
    "no gps": "gps_lost",
    "dtc": "fault",
    "oil": "fuel_leak",
    "oil1": "fuel_leak",
    "oil2": "fuel_leak",
}
_UNKNOWN_PRESS = re.compile(r"\b(?:sos|help|panic|alarm|emergency|rob)\w*\b")

_HEAD = re.compile(rb"##,?\s*imei:|imei:|\d{10,20}")
_END = re.compile(rb"[;\r\n*]")
_IMEI = re.compile(r"\s*(\d{6,20})", re.ASCII)
_LOCAL = re.compile(r"(\d\d)/?(\d\d)/?(\d\d) ?(\d\d):?(\d\d)(?:\d\d)?", re.ASCII)
_UTC = re.compile(r"(\d\d)(\d\d)(\d\d)(?:\.\d*)?", re.ASCII)


def split(buffer: bytes) -> Cut:
    """The first line that names a device. A heartbeat may be glued to the line behind it: decode reads both."""
    return between(buffer, _HEAD, _END, LONGEST, last=False)


def decode(frame: bytes, session: Session, now: datetime) -> Decoded:
    """One line: login, heartbeat, or a message; or some of them glued together."""
    text = frame.decode("latin-1").strip().rstrip(";*").strip()
    before, *messages = text.split("imei:")
    reply, stranger, signals = b"", b"", list[Signal]()
    if before.startswith("##"):
        session.device = _imei(messages[0]) if messages else None
        if session.device is None:
            raise Malformed("a login without an IMEI: ##,imei:…,A;")
        reply = stranger = b"LOAD"
        if messages[0].count(",") < 3:  # else a message behind a torn login
            del messages[0]
            signals.append(Signal(kind="heartbeat"))
    elif heartbeat := _IMEI.fullmatch(before):
        session.device = heartbeat.group(1)
        reply = stranger = b"ON"
        if not messages:
            signals.append(Signal(kind="heartbeat"))
    elif not messages:
        raise Malformed("no imei: in the line, and no heartbeat")
    for message in messages:
        imei = _imei(message)
        if imei is None:
            raise Malformed("imei: without digits")
        session.device = imei
        fields = message.rstrip(";*").split(",")
        if fields[1:2] == ["A"] and not any(fields[2:]):  # a login that lost its ##
            reply = stranger = reply + b"LOAD"
        signal = _message(fields, session)
        signals.append(signal)
        if signal.kind == "alarm":
            reply += f"**,imei:{imei},E;".encode()
    told = tuple(signals)
    return Decoded(
        device=session.device,
        signals=told,
        reply=reply or None,
        stranger=stranger or None,
        key=key(frame.strip(), told, now),
    )


def _imei(message: str) -> str | None:
    match = _IMEI.match(message)
    return match.group(1) if match else None


def _message(fields: list[str], session: Session) -> Signal:
    """imei, keyword, local time, phone, F or L (GPS or none), UTC time, A or V, lat, N, lon, E, knots, course, …"""
    keyword = fields[1].strip().lower() if len(fields) > 1 else ""
    press, flags, unknown = _meaning(keyword)
    if (signal := _other_form(fields, session)) is None:
        signal = _report(fields, session)
    return replace(
        signal,
        kind="alarm" if press else signal.kind,
        alarm="other" if unknown else None,
        flags=(signal.flags if signal.position or press else ()) + flags,
        text=remark(fields[1]) if unknown else None,
    )


def _meaning(keyword: str) -> tuple[bool, tuple[str, ...], bool]:
    """Is it a press; flags; is it an alarm that we do not know."""
    if keyword in PRESSES:
        return True, (), False
    first = keyword.split(" ", maxsplit=1)[0]
    if word := WORDS.get(keyword) or WORDS.get(first):
        return False, (word,), False
    if keyword.startswith("t:"):
        return False, ("temperature",), False
    if _UNKNOWN_PRESS.search(keyword):
        return True, ("unknown_kind",), True
    return False, (), False


def _report(fields: list[str], session: Session) -> Signal:
    fields = fields + [""] * (13 - len(fields))
    local, fixed, clock, valid = (fields[n].strip() for n in (2, 4, 5, 6))
    if fields[1].strip().upper() == "OBD":
        return Signal(kind="heartbeat", at=utc(when(local[:6], local[6:], "ymd"), session))
    at = _time(local, clock, session)
    lat, lon, (speed, heading, altitude) = _place([field.strip() for field in fields[7:]])
    position, flags = located(
        lat,
        lon,
        at,
        valid=fixed != "L" and valid != "V",
        speed=scaled(speed, KNOT),
        course=course(heading),
        altitude=number(altitude),
    )
    return Signal(kind="position" if position else "heartbeat", at=at, position=position, flags=flags)


def _place(fields: list[str]) -> tuple[float | None, float | None, list[str]]:
    """Latitude, longitude (each with its letter before it, behind it, or none), and the three fields behind them."""
    found: list[float | None] = []
    spot = 0
    for letters in (("N", "S"), ("E", "W")):
        letter = ""
        if fields[spot : spot + 1] and fields[spot].upper() in letters:
            letter, spot = fields[spot], spot + 1
        value = number("".join(fields[spot : spot + 1]))
        spot += 1
        if not letter and fields[spot : spot + 1] and (fields[spot].upper() in letters or not fields[spot]):
            letter, spot = fields[spot], spot + 1
        found.append(degrees(value, letter))
    return found[0], found[1], (fields[spot:] + ["", "", ""])[:3]


def _time(local: str, clock: str, session: Session) -> datetime | None:
    """UTC: the time of day of the fix, on the day that is nearest to the local time.

    Without a fix there is only the local time, which counts if its zone is known: by the device's setting
    `time_zone`, or from an earlier line of this connection that had both. Else the line is of now.
    """
    day = _LOCAL.fullmatch(local)
    if not day:
        return None
    there = when("".join(day.groups()[:3]), "".join(day.groups()[3:]) + "00", "ymd")
    if there is None:
        return None
    time = _UTC.fullmatch(clock)
    if time and int(time.group(1)) < 24:
        hour, minute, second = map(int, time.groups())
        ahead = (there.hour - hour) * 60 + there.minute - minute
        ahead = (ahead + 719) % 1440 - 719  # minutes, from -719 to 720
        session.memory["ahead"] = ahead
        return there - timedelta(minutes=ahead) + timedelta(seconds=second)
    if session.setting("time_zone") is not None or session.setting("clock_offset") is not None:
        return utc(there, session)
    if "ahead" in session.memory:
        return there - timedelta(minutes=session.memory["ahead"])
    return there if clock else None


def _other_form(fields: list[str], session: Session) -> Signal | None:
    """imei, name, event, sensor, volts, hhmmss, ddmmyy, GSM, fix 0/1, lat, lon (degrees), km/h, course, altitude, …"""
    if len(fields) < 14 or not ("." in fields[9] and "." in fields[10]):
        return None
    lat, lon, at = number(fields[9]), number(fields[10]), utc(when(fields[6], fields[5]), session)
    if lat is None or lon is None or at is None:
        return None
    position, flags = located(
        lat,
        lon,
        at,
        valid=fields[8].strip() != "0",
        speed=scaled(fields[11], KMH),
        course=course(fields[12]),
        altitude=number(fields[13]),
    )
    press, words, unknown = _meaning(fields[2].strip().lower())
    return Signal(
        kind="alarm" if press else "position" if position else "heartbeat",
        alarm="other" if unknown else None,
        at=at,
        position=position,
        flags=flags + words,
    )


GATE = StreamGate(port=5001, split=split, decode=decode, transports=("tcp", "udp"), longest=LONGEST)
