"""Meitrack (MVT, T, MT, TC, P series): bytes to signals and replies.

Sources: MEITRACK GPRS Protocol V1.7 (AAA, CCC) and MEITRACK T1/T333/T366 GPRS Protocol V1.4 (CCE). Times are UTC
unless the tracker was given a time zone; speed is km/h.
"""

import re
from datetime import datetime

from msgspec.structs import replace

from tocsin.gates.protocol import Decoded, Malformed, Session, StreamGate
from tocsin.gates.protocols.fields import digits_time, in_utc, meaning, place, plausible, verdict
from tocsin.gates.protocols.meitrack import binary
from tocsin.gates.protocols.meitrack.codes import EVENTS
from tocsin.gates.protocols.meitrack.frame import LONGEST, build, sound, split
from tocsin.gates.signal import Signal

_HEAD = re.compile(rb"\$\$(.)(\d+),(\d{1,15}|[0-9A-Fa-f]{14,16}),([A-Z0-9]{3})(?:,|\*)", re.DOTALL)
_REPORTS = (b"AAA", b"CCC", b"CCE")


def decode(frame: bytes, session: Session, now: datetime) -> Decoded:
    """One frame. With a wrong checksum it is believed, marked `bad_crc` and answered: TCP has checked the bytes."""
    head = _HEAD.match(frame)
    if not head:
        raise Malformed("no $$, length, IMEI and command at the start")
    counter, _, imei, command = head.groups()
    session.device = imei.decode()
    star = frame.rfind(b"*")
    data = frame[head.end() : star if star >= head.end() - 1 else None]
    right = sound(frame.rstrip() + b"\r\n")
    count = 1
    if command == b"AAA":
        signals: tuple[Signal, ...] = (_text(data, session),)
    elif command == b"CCC":
        signals = tuple(_signal(r, session) for r in binary.fixed(data))
        count = len(signals)
    elif command == b"CCE":
        signals = tuple(_signal(r, session) for r in binary.tagged(data))
    else:
        signals = (Signal(kind="heartbeat"),)
    if not signals:
        signals = (Signal(kind="heartbeat", flags=("unreadable",)),)
    signals = in_utc(signals, session, now)
    if not right:
        signals = tuple(replace(signal, flags=(*signal.flags, "bad_crc")) for signal in signals)
    reply = None
    if command == b"CCC":  # it sends what it has stored, and waits
        reply = build(b"@@", counter, imei, b"CCC,%d" % count)
    elif command == b"AAC":  # it asks whether somebody is there
        reply = build(b"@@", counter, imei, b"AAC,1")
    return Decoded(
        device=session.device,
        signals=signals,
        reply=reply,
        stranger=reply if command == b"AAC" else None,
        key=(b"" if plausible(signals, now) else session.nonce) + frame[2:] if command in _REPORTS else None,
    )


def _text(data: bytes, session: Session) -> Signal:
    """AAA: event, lat, lon, yymmddhhmmss, A or V, satellites, signal, km/h, course, hdop, metres, …"""
    words = [word.decode("ascii", "replace") for word in data.split(b",")]
    event = int(words[0]) if words[0].isdigit() and len(words[0]) < 5 else -1
    numbers = [_number(word) for word in words]
    get = dict(enumerate(numbers)).get
    at = digits_time(words[3]) if len(words) > 3 else None
    fix = binary.Fix(event, get(1), get(2), at, words[4:5] == ["A"], get(7), get(8), get(10), None)
    return _signal(fix, session)


def _number(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None


def _signal(fix: binary.Fix, session: Session) -> Signal:
    """Events are told once each, so the SOS is an alarm and no level."""
    found = verdict([meaning(session, fix.event, EVENTS.get(fix.event, ""))])
    position = None
    if fix.lat is not None and fix.lon is not None:
        position = place(
            fix.lat,
            fix.lon,
            fix.at,
            speed=None if fix.kmh is None else fix.kmh / 3.6,
            course=fix.course,
            altitude=fix.altitude,
        )
    flags = list(found.flags)
    if position is None or not (position.lat or position.lon):
        flags.append("no_fix")
    elif not fix.valid:
        flags.append("old_fix")
    return Signal(
        kind="alarm" if found.press else "position" if position else "heartbeat",
        alarm=found.alarm,
        at=fix.at,
        position=position,
        battery=fix.battery,
        silent=found.silent,
        flags=tuple(flags),
    )


GATE = StreamGate(port=5020, split=split, decode=decode, transports=("tcp", "udp"), longest=LONGEST)
