"""TK103 (KX402, TLT-2H, Megastek kin): frames in round brackets to signals and replies.

Source: "GPS tracker communication protocol" TK103/KX402 1.5 (BP, BR, BO messages), TLT/Amber Alert series (ZC, DW).
Speed in km/h on the wire, m/s here; latitude ddmm.mmmm; times UTC unless a device is set otherwise.
"""

import re
from datetime import datetime
from typing import NamedTuple

from tocsin.gates.protocol import Cut, Decoded, Malformed, Session, StreamGate
from tocsin.gates.protocols.fields import KMH, between, course, degrees, key, located, number, scaled, utc, when
from tocsin.gates.signal import Position, Signal

LONGEST = 2048
ALARMS = {  # the digit of BO01
    "0": "power_cut",
    "1": "crash",
    "2": "sos",
    "3": "vibration",
    "4": "low_speed",
    "5": "overspeed",
    "6": "geofence_exit",
}
EVENTS = {  # the last two digits of ZC, DW (from 31) and DW (from 51) messages
    ("11", "31", "51"): "movement",
    ("12", "32", "52"): "low_battery",
    ("13", "33", "53"): "power_cut",
    ("15", "35", "55"): "ignition_on",
    ("16", "36", "56"): "ignition_off",
    ("17", "37", "57"): "removing",
    ("25", "3E", "5E"): "sos",
    ("26", "3F", "5F"): "tampering",
    ("27", "40", "60"): "low_power",
    ("29", "42", "62"): "ignition_on",
}
DRIVING = {  # the digit of BQ81
    "0": "low_battery",
    "1": "overspeed",
    "2": "idle",
    "3": "hard_acceleration",
    "4": "hard_braking",
    "5": "temperature",
}
BATTERY = (0.0, 0.05, 0.1, 0.2, 0.6, 0.8, 1.0)
_FAMILIES = ("ZC", "DW", "DW")
_WORDS = {family + code: word for codes, word in EVENTS.items() for family, code in zip(_FAMILIES, codes, strict=True)}

_HEAD = re.compile(rb"\(\d{9,16},?[A-Z]{2}[0-9A-Z]{2}")
_END = re.compile(rb"\)")
_FRAME = re.compile(r"\((\d{9,16})(,?)([A-Z]{2}[0-9A-Z]{2}),?(.*)\)", re.ASCII | re.DOTALL)
_PLACE = re.compile(r"(\d{6})(,?)([AV]),?([ \d]*\.\d+)([NS]),?([ \d]*\.\d+)([EW]),?(.*)", re.ASCII | re.DOTALL)
_FIXED = re.compile(r"([ \d]{3}\.\d)(\d{6})([ \d.]{6})([0-9A-Z]{8})?", re.ASCII)
_LOOSE = re.compile(r"([ \d]{0,4}\.\d),?(\d{6}),?(?:([ \d.]{6})|\d\d)?,?([01]{2}[0-9A-F]{6})?", re.ASCII)
_ALARM = re.compile(r"(?:ALARM,)?(\d)", re.ASCII)
_COMMAS = re.compile(r"([\d.]+),(\d{6}),([\d.]*)", re.ASCII)
_CLOCK_FIRST = re.compile(r"(\d{6}),(\d{6}),", re.ASCII)
_CLOCK_LAST = re.compile(r"(?:^|,)(\d{6}),(\d{6})$", re.ASCII)


class Report(NamedTuple):
    """Where and when, and the input bits behind it."""

    position: Position | None
    flags: tuple[str, ...]
    at: datetime | None
    inputs: str


def split(buffer: bytes) -> Cut:
    """The first (identifier command …); one that begins anew before its end is torn."""
    return between(buffer, _HEAD, _END, LONGEST)


def decode(frame: bytes, session: Session, now: datetime) -> Decoded:
    """One frame."""
    match = _FRAME.fullmatch(frame.decode("latin-1").strip())
    if not match:
        raise Malformed("a TK103 frame is (identifier, command, content)")
    identifier, comma, command, content = match.groups()
    session.device = identifier
    signal = _signal(command, content, session)
    reply = None
    if command == "BP00":
        reply = f"({identifier}AP01HSO)".encode()
    elif command == "BP05" and not comma:  # the form with commas is another family's, which waits for nothing
        reply = f"({identifier}AP05)".encode()
    acked = f"({identifier}AS01{content[:1]})".encode("latin-1") if _acks(command, session) else None
    return Decoded(
        device=identifier,
        signals=(signal,),
        reply=reply or acked,
        stranger=reply,
        key=key(frame.strip(), (signal,), now),
    )


def _acks(command: str, session: Session) -> bool:
    """Setting `alarm_reply`: answer BO01 with AS01, for models that repeat the alarm until they hear it."""
    return command == "BO01" and session.setting("alarm_reply") is True


def _signal(command: str, content: str, session: Session) -> Signal:
    report = _report(content, session)
    word = _word(command, content)
    press, unknown = word in ("sos", "unknown_kind"), word == "unknown_kind"
    flags = (report.flags if report.position or press else ()) + ((word,) if word and word != "sos" else ())
    return Signal(
        kind="alarm" if press else "position" if report.position else "heartbeat",
        alarm="other" if unknown else None,
        at=report.at,
        position=report.position,
        battery=_battery(content) if command == "ZC20" else None,
        flags=flags,
        pressed=_panic(report.inputs) if session.setting("panic_input") is True and not press else None,
    )


def _word(command: str, content: str) -> str:
    """What an alarm command says: `sos`, a flag, "" for no alarm, `unknown_kind` for an alarm that we do not know."""
    digit = _ALARM.match(content)
    if command == "BO01":
        return ALARMS.get(digit.group(1) if digit else "", "unknown_kind")
    if command == "BQ81" and digit:
        return DRIVING.get(digit.group(1), "")
    if command.startswith("BO"):
        return "unknown_kind"
    return _WORDS.get(command, "")


def _report(content: str, session: Session) -> Report:
    """Date, A or V, latitude, longitude, km/h, time, course. Without commas the year is first, with them the day."""
    match = _PLACE.search(content)
    if not match:
        clock = _CLOCK_FIRST.match(content) or _CLOCK_LAST.search(content)
        return Report(None, ("no_fix",), utc(when(*clock.groups()), session) if clock else None, "")
    date, comma, valid, lat, north, lon, east, rest = match.groups()
    tail = _COMMAS.match(rest) if comma else _FIXED.match(rest) or _LOOSE.match(rest)
    speed, clock_digits, heading = tail.groups("")[:3] if tail else ("", "", "")
    at = utc(when(date, clock_digits, "dmy" if comma else "ymd"), session)
    position, flags = located(
        degrees(number(lat.replace(" ", "0")), north),
        degrees(number(lon.replace(" ", "0")), east),
        at,
        valid=valid == "A",
        speed=scaled(speed, KMH),
        course=course(heading),
    )
    return Report(position, flags, at, tail.group(4) or "" if tail and not comma else "")


def _panic(inputs: str) -> bool | None:
    """Bit 1 of the third digit of the inputs (power, ignition, then four bits a digit)."""
    try:
        return bool(int(inputs[2:3], 16) & 2)
    except ValueError:
        return None


def _battery(content: str) -> float | None:
    """ZC20: date, time, level 0 to 6, volts x 100, …"""
    fields = content.split(",")
    level = fields[2].strip() if len(fields) > 2 else ""
    return BATTERY[int(level)] if level in ("0", "1", "2", "3", "4", "5", "6") else None


GATE = StreamGate(port=5002, split=split, decode=decode, transports=("tcp", "udp"), longest=LONGEST)
