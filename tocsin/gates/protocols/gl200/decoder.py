"""Queclink @Track (GL, GV, GB, GMT, WR series): bytes to signals and replies.

Sources: @Track air interface protocols of GL200, GL300, GL500, GV300, GV600. The time of a fix is UTC; the time of
sending is in the time zone of the device (TMZ), which is UTC unless set otherwise. km/h, metres.
"""

import re
from datetime import datetime, timedelta

from msgspec.structs import replace

from tocsin.gates.protocol import Decoded, Malformed, Session, StreamGate
from tocsin.gates.protocols.fields import digits_time, earlier, meaning, place, plausible, verdict
from tocsin.gates.protocols.gl200 import binary
from tocsin.gates.protocols.gl200.codes import PLACES, REPORTS, TYPED
from tocsin.gates.protocols.gl200.frame import LONGEST, split
from tocsin.gates.signal import Position, Signal

_HEAD = re.compile(r"\+(RESP|BUFF|ACK|BACK|RES|TEST):GT([A-Z]{3})")
_DEGREES = re.compile(r"-?\d{1,3}\.\d{4,7}")
_TIME = re.compile(r"\d{14}")
_IDENTITY = re.compile(r"[0-9A-Fa-f]{14,15}")
_NEAR = timedelta(minutes=10)
_QUARTER = 900.0  # seconds: time zones are whole quarters of an hour


def decode(frame: bytes, session: Session, now: datetime) -> Decoded:
    """One frame, text or binary."""
    if len(frame) < 8 or frame[:1] != b"+":
        raise Malformed("no + at the start")
    text = frame.rstrip(b"$\0\r\n").decode("latin-1")
    head = _HEAD.match(text)
    if head:
        return _text(head.group(1), head.group(2), text, session, now)
    if frame[4:5] == b":" or frame[5:6] == b":" or len(frame) < 20:
        raise Malformed("a report without a name")
    return _binary(frame, session, now)


def _text(mark: str, name: str, text: str, session: Session, now: datetime) -> Decoded:
    words = text.split(",")
    identity = next((word for word in (words[2:3] + words[1:2]) if _IDENTITY.fullmatch(word)), "")
    if len(words) > 1 and _IDENTITY.fullmatch(words[1]) and len(words[1]) == 15:
        identity = words[1]  # the oldest: no version before the IMEI
    if not identity:
        raise Malformed("a report that names no device")
    session.device = identity
    answer = mark in ("ACK", "BACK")
    signals = (Signal(kind="heartbeat", at=_sent(words)),) if answer else _report(name, words, session, now)
    if mark in ("BUFF", "BACK"):
        signals = tuple(replace(signal, flags=(*signal.flags, "buffered")) for signal in signals)
    signals = _zoned(name, signals, session)
    heartbeat = mark == "ACK" and name == "HBD"
    reply = None
    if heartbeat:
        reply = f"+SACK:GTHBD,{words[1]},{words[-1]}$".encode()
    elif session.setting("sack") and not answer and re.fullmatch(r"[0-9A-Fa-f]{4}", words[-1]):
        reply = f"+SACK:{words[-1]}$".encode()
    told = any(signal.kind != "heartbeat" for signal in signals)
    return Decoded(
        device=identity,
        signals=signals,
        reply=reply,
        stranger=reply if heartbeat else None,
        key=((b"" if plausible(signals, now) else session.nonce) + text.encode("latin-1")) if told else None,
    )


def _zoned(name: str, signals: tuple[Signal, ...], session: Session) -> tuple[Signal, ...]:
    """The device's setting `time_zone` (hours east) is that of its time of sending; a fix is always in UTC."""
    east = session.setting("time_zone")
    if name in PLACES or not isinstance(east, int | float) or isinstance(east, bool) or abs(east) > 14:
        return signals
    return tuple(replace(signal, at=earlier(signal, timedelta(hours=east)).at) for signal in signals)


def _sent(words: list[str]) -> datetime | None:
    """The time of sending, before the count."""
    return digits_time(words[-2]) if len(words) > 3 and len(words[-2]) == 14 else None


def _report(name: str, words: list[str], session: Session, now: datetime) -> tuple[Signal, ...]:
    """A report: its places in turn, the last one with what it is about."""
    fixes = [fix for n in range(8, len(words)) if _TIME.fullmatch(words[n]) and (fix := _fix(words, n))]
    own = session.setting("alarms")
    field, kinds = TYPED.get(name, (0, {}))
    word = REPORTS.get(name, kinds.get("".join(words[field : field + 1])[-1:], ""))
    if isinstance(own, dict):
        word = str(own.get(f"GT{name}", own.get(name, word)))
    found = verdict((word,))
    last = fixes[-1] if fixes else None
    at = _sent(words)
    if at is None or (name in PLACES and last):
        at = last.at if last else at
    elif found.press and last and last.at and not session.setting("time_zone"):
        at = _pressed_at(at, last.at, now)
    flags = found.flags + (() if last else ("no_fix",) if found.press else ())
    signals = [Signal(kind="position", at=fix.at, position=fix) for fix in fixes[:-1]]
    signals.append(
        Signal(
            kind="alarm" if found.press else "position" if last else "heartbeat",
            alarm=found.alarm,
            at=at,
            position=last,
            battery=_battery(words),
            silent=found.silent,
            flags=flags,
        )
    )
    return tuple(signals)


def _pressed_at(sent: datetime, fixed: datetime, now: datetime) -> datetime:
    """When a press was sent. If its clock says local time, so that a press of now would look hours old, then in UTC:
    the fix is in UTC, and whole quarters of an hour between the two are a time zone, unless `sent` is of just now."""
    apart = (sent - fixed).total_seconds()
    zone = round(apart / _QUARTER) * _QUARTER
    if abs(sent - now) < _NEAR or not zone or abs(zone) > 14 * 3600 or not 0 <= apart - zone < 120:
        return sent
    return sent - timedelta(seconds=zone)


def _fix(words: list[str], n: int) -> Position | None:
    """km/h, degrees, metres, longitude, latitude before the time at `n`; before them the accuracy (hdop, no metres)."""
    if not (_DEGREES.fullmatch(words[n - 1]) and _DEGREES.fullmatch(words[n - 2])):
        return None
    kmh = _number(words[n - 5])
    return place(
        float(words[n - 1]),
        float(words[n - 2]),
        digits_time(words[n]),
        speed=None if kmh is None else kmh / 3.6,
        course=_number(words[n - 4]),
        altitude=_number(words[n - 3]),
    )


def _number(word: str) -> float | None:
    return float(word) if re.fullmatch(r"-?\d{1,7}(\.\d{1,7})?", word) else None


def _battery(words: list[str]) -> float | None:
    """Personal trackers: percent right before the time of sending, four of cell and one more after the fix."""
    if len(words) < 14 or not re.fullmatch(r"\d{1,3}", words[-3]):
        return None
    near = any(_TIME.fullmatch(words[n]) for n in (-8, -9))
    percent = int(words[-3])
    return percent / 100 if near and percent <= 100 else None


def _binary(frame: bytes, session: Session, now: datetime) -> Decoded:
    """A report in HEX format. The device's setting `alarms` says what an event ({"0x0d": "sos"}) or a report
    ({"RSP 0x05": "sos"}) means; else an event is a flag and a report a place."""
    report = binary.read(frame)
    if report.device:
        session.device = report.device
    words = [] if report.code is None else [meaning(session, report.code, f"event_{report.code:02x}")]
    own = session.setting("alarms")
    if report.number is not None and isinstance(own, dict):
        words.append(str(own.get(f"RSP 0x{report.number:02x}", "")))
    found = verdict(words)
    late = ("buffered",) if report.late else ()
    last = report.places[-1] if report.places else None
    signals = [Signal(kind="position", at=fix.at, position=fix, flags=late) for fix in report.places[:-1]]
    signals.append(
        Signal(
            kind="alarm" if found.press else "position" if last else "heartbeat",
            alarm=found.alarm,
            at=last.at if last else report.at,
            position=last,
            battery=report.battery,
            silent=found.silent,
            flags=found.flags + late,
        )
    )
    told = any(signal.kind != "heartbeat" for signal in signals)
    key = ((b"" if plausible(tuple(signals), now) else session.nonce) + frame) if told else None
    return Decoded(device=session.device, signals=tuple(signals), key=key)


GATE = StreamGate(port=5004, split=split, decode=decode, transports=("tcp", "udp"), longest=LONGEST)
