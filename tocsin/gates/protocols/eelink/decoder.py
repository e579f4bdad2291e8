"""Eelink (TK116, TK119, GOT08, GPT18, Keelin K-series and others): bytes to signals and replies.

Source: Eelink GPS Tracker Communication Protocol V2.0, sections 4 (packets) and 5 (position). Unix time, UTC; degrees
x 1,800,000; km/h.
"""

import re
from datetime import UTC, datetime
from typing import NamedTuple

from tocsin.gates.protocol import Decoded, Malformed, Session, StreamGate
from tocsin.gates.protocols.eelink import codes
from tocsin.gates.protocols.eelink.frame import LONGEST, WRAPPER, build, packets, split, wrap
from tocsin.gates.protocols.fields import digits_time, in_utc, meaning, place, plausible, remark, unix, verdict
from tocsin.gates.signal import Position, Signal

DEGREE = 1_800_000
_CELLS = ((2, 11), (4, 7), (8, 7), (16, 7), (32, 7), (64, 7))  # bits of the mask, and bytes of what follows
_TEXT_POSITION = re.compile(
    r"Lat:([NS])([\d.]+),Lon:([EW])([\d.]+),Course:([\d.]+),Speed:([\d.]+) ?km/h,DateTime:([\d-]+ [\d:]+)"
)


class Found(NamedTuple):
    """A time, a place, and where in the content the rest begins."""

    at: datetime | None
    position: Position | None
    flags: tuple[str, ...]
    rest: int


def decode(frame: bytes, session: Session, now: datetime) -> Decoded:
    """One packet, or a datagram with several. Each is answered."""
    wrapped = frame[:2] == WRAPPER
    if wrapped and len(frame) > 14:
        digits = frame[6:14].hex()
        session.device = digits[1:] if digits[0] == "0" else digits
    found = list(packets(frame))
    if not found:
        raise Malformed("no packet that begins with 67 67 and is long enough")
    signals: tuple[Signal, ...] = ()
    replies, welcome = b"", True
    for packet in found:
        kind = packet[2]
        if kind == codes.LOGIN:
            _login(packet[7:], session)
        signals += _read(kind, packet[7:], session)
        replies += _reply(kind, packet, now)
        welcome &= kind in (codes.LOGIN, codes.HEARTBEAT)
    signals = in_utc(signals, session, now)
    over_udp = wrapped and session.transport == "udp"
    reply = (wrap(frame[6:14], replies) if over_udp else replies) or None
    told = any(signal.kind != "heartbeat" for signal in signals)
    return Decoded(
        device=session.device,
        signals=signals,
        reply=reply,
        stranger=reply if welcome else None,
        key=((b"" if plausible(signals, now) else session.nonce) + frame) if told else None,
    )


def _reply(kind: int, packet: bytes, now: datetime) -> bytes:
    if kind in codes.SILENT:
        return b""
    sequence = int.from_bytes(packet[5:7], "big")
    if kind == codes.LOGIN:  # time, version of the protocol, no parameters
        seconds = int(now.astimezone(UTC).timestamp()) & 0xFFFFFFFF
        return build(kind, sequence, seconds.to_bytes(4, "big") + b"\0\x01\0")
    return build(kind, sequence)


def _login(content: bytes, session: Session) -> None:
    digits = content[:8].hex()
    if len(content) < 8 or not digits.isdigit():
        raise Malformed("login without an IMEI")
    session.device = digits[1:] if digits[0] == "0" else digits


def _read(kind: int, content: bytes, session: Session) -> tuple[Signal, ...]:
    if kind in codes.OLD:
        return (_signal(kind, content, _old(content), session),)
    if kind in codes.NEW:
        return (_signal(kind, content, _new(content), session),)
    if kind == codes.ANSWER:
        return (_text(content),)
    if kind == codes.OBD:
        return (Signal(kind="heartbeat", at=unix(int.from_bytes(content[:4], "big"))),)
    return (Signal(kind="heartbeat"),)


def _signal(kind: int, content: bytes, found: Found, session: Session) -> Signal:
    """A report. Only a warning has an alarm code; it is told once and is an alarm, no level."""
    words: list[str] = []
    if kind in (codes.ALARM, codes.WARNING):
        code = content[found.rest] if found.rest < len(content) else None
        known = codes.ALARMS.get(code or 0, "unknown_kind")
        words = ["sos", "unreadable"] if code is None else [meaning(session, code, known)]
    told = verdict(words)
    fix = found.position
    kinds = "alarm" if told.press else "position" if fix else "heartbeat"
    return Signal(
        kind=kinds,  # type: ignore[arg-type]
        alarm=told.alarm,
        at=found.at,
        position=fix,
        silent=told.silent,
        flags=told.flags + found.flags,
    )


def _old(content: bytes) -> Found:
    """02, 04, 05, 06: time 4, lat 4, lon 4, km/h 1, degrees 2, cell 9, and 1: bit 0: the fix is good."""
    at = unix(int.from_bytes(content[:4], "big")) if len(content) >= 4 else None
    if len(content) < 15:
        return Found(at, None, (), len(content))
    fix = _place(content, 4, at, content[12], content[13:15], None)
    good = len(content) > 24 and content[24] & 1
    return Found(at, fix, _flags(fix, bool(good)), 25)


def _new(content: bytes) -> Found:
    """12, 14 to 19: time 4, mask 1, and what its bits say: 0 GPS (lat 4, lon 4, metres 2, km/h 2, degrees 2,
    satellites 1), 1 to 3 cells, 4 to 6 access points, 7 more of both."""
    at = unix(int.from_bytes(content[:4], "big")) if len(content) >= 4 else None
    mask = content[4] if len(content) > 4 else 0
    spot = 5
    fix: Position | None = None
    flags: tuple[str, ...] = ()
    if mask & 1 and len(content) >= 20:
        metres = float(int.from_bytes(content[13:15], "big", signed=True))
        kmh = int.from_bytes(content[15:17], "big")
        fix = _place(content, 5, at, kmh, content[17:19], metres)
        flags = _flags(fix, True)
    spot += 15 if mask & 1 else 0
    spot += sum(size for bit, size in _CELLS if mask & bit)
    if mask & 0x80 and spot + 1 < len(content):  # kind of network 1, how many 1, the first cell 19, others 5, points 7
        cells, points = content[spot + 1] & 7, content[spot + 1] >> 3 & 15
        spot += 2 + (19 + 5 * (cells - 1) if cells else 0) + 7 * points
    return Found(at, fix, flags, spot)


def _flags(fix: Position | None, good: bool) -> tuple[str, ...]:
    if fix is None or not (fix.lat or fix.lon):
        return ("no_fix",)
    return () if good else ("old_fix",)


def _place(
    content: bytes, spot: int, at: datetime | None, kmh: int, course: bytes, metres: float | None
) -> Position | None:
    lat = int.from_bytes(content[spot : spot + 4], "big", signed=True) / DEGREE
    lon = int.from_bytes(content[spot + 4 : spot + 8], "big", signed=True) / DEGREE
    return place(lat, lon, at, speed=kmh / 3.6, course=float(int.from_bytes(course, "big")), altitude=metres)


def _text(content: bytes) -> Signal:
    """80: what a command gave, after its type 1 and number 4; a place in words is read."""
    text = content[5:].decode("utf-8", "replace").strip("\0\r\n ")
    match = _TEXT_POSITION.search(text)
    if match:
        south, lat, west, lon, course, speed, when = match.groups()
        at = digits_time(re.sub(r"\D", "", when))
        try:
            fix = place(
                float(lat) * (-1 if south == "S" else 1),
                float(lon) * (-1 if west == "W" else 1),
                at,
                speed=float(speed) / 3.6,
                course=float(course),
            )
        except ValueError:
            fix = None
        if fix:
            return Signal(kind="position", at=at, position=fix, text=remark(text))
    return Signal(kind="heartbeat", text=remark(text))


GATE = StreamGate(port=5064, split=split, decode=decode, transports=("tcp", "udp"), longest=LONGEST)
