"""GT06 (Concox, Jimi and their many kin): bytes to signals and replies.

Sources: GT06 GPS Tracker Communication Protocol (Concox), sections 5 and 6; those named in codes.py. km/h on the wire,
m/s here; times UTC unless the device says otherwise. places.py, alarms.py and parts.py read what is inside.
"""

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from tocsin.gates.protocol import Decoded, Malformed, Session, StreamGate
from tocsin.gates.protocols.fields import JUST_NOW, ahead, earlier, plausible, unix
from tocsin.gates.protocols.gt06 import alarms, codes, parts, places
from tocsin.gates.protocols.gt06.frame import (
    END,
    LONG,
    SHORT,
    WIFI_SCANS,
    build,
    sound,
    split,
    stated_length,
    wifi_length,
)
from tocsin.gates.signal import Signal

_SR411, _SL4X_CELLS, _SL4X = 41, 50, (36, 37)  # lengths of content by which makers' packets are told apart


def decode(frame: bytes, session: Session, now: datetime) -> Decoded:
    """One frame. With a wrong CRC it is believed, marked `bad_crc` and answered.

    TCP has checked the bytes already: a wrong CRC is a device that reckons otherwise. Unanswered it would send the same
    for ever, and never come to its next alarm.
    """
    long = frame[:2] == LONG
    if frame[:2] not in (SHORT, LONG) or len(frame) < (11 if long else 10):
        raise Malformed("no 7878 or 7979 at the start, or too short")
    kind = frame[4] if long else frame[3]
    if not long and kind in WIFI_SCANS and stated_length(frame) != len(frame) == wifi_length(frame, 0):
        return parts.wifi_scan(frame, session)
    odd = stated_length(frame) != len(frame)  # no serial and CRC can be told from the rest then
    content = frame[5 if long else 4 : -2 if odd and kind not in codes.ALARM_FRAMES else -6]
    right = sound(frame)
    if kind == codes.LOGIN:
        _login(content, session)
    signals = _read(kind, long, content, session, right)
    if kind not in (*codes.STAMPED, codes.MODULES, codes.LONG_STRING, codes.BATTERY):
        signals = _in_utc(signals, session, now)
    if not right:
        signals = tuple(_marked(signal, "bad_crc") for signal in signals)
    serial = int.from_bytes(frame[-6:-4], "big")
    reply = _reply(kind, long, content, serial, now) if frame[-2:] == END else None  # else its end is lost
    return Decoded(
        device=session.device,
        signals=signals,
        reply=reply,
        stranger=reply if kind in codes.WELCOME else None,
        key=_key(frame, signals, session, now),
    )


def _marked(signal: Signal, flag: str) -> Signal:
    return signal if flag in signal.flags else replace(signal, flags=(*signal.flags, flag))


def _in_utc(signals: tuple[Signal, ...], session: Session, now: datetime) -> tuple[Signal, ...]:
    """Times in UTC. The protocol says they are, but some devices send local time.

    The device's settings decide. Without them, the time zone of the login counts from the first frame on that is of
    just now if read as local time, and is not if read as UTC.
    """
    zone = ahead(session)
    if zone is None:
        zone = timedelta(minutes=session.memory.get("zone", 0))
        stated = next((signal.at for signal in signals if signal.at), None)
        if stated and zone and not session.memory.get("local"):
            session.memory["local"] = abs(stated - zone - now) < JUST_NOW < abs(stated - now)
        if not session.memory.get("local"):
            return signals
    return tuple(earlier(signal, zone) for signal in signals)


def _key(frame: bytes, signals: tuple[Signal, ...], session: Session, now: datetime) -> bytes | None:
    """What makes a resent frame known: type, content and serial, if a time that can be true is in it.

    A tracker that starts anew counts from 1 again, and one without fix may give the same wrong time at each start:
    there only a resend within the connection counts as the same, so that a second press is never taken for the first.
    """
    if all(signal.kind == "heartbeat" for signal in signals):
        return None
    return (b"" if plausible(signals, now) else session.nonce) + frame[2:-4]


def _reply(kind: int, long: bool, content: bytes, serial: int, now: datetime) -> bytes | None:
    if not (content or kind in (codes.TIME, codes.STATUS)) or not _waits(kind, long, content):
        return None
    if kind == codes.TIME:
        t = now.astimezone(UTC)
        return build(codes.TIME, serial, bytes((t.year % 100, t.month, t.day, t.hour, t.minute, t.second)))
    if kind == codes.ADDRESS_REQUEST:  # the street of a point for an SMS to the owner: we have none, and say so
        text = b"NA&&NA&&0##"
        return build(codes.ADDRESS, 0, bytes((len(text), 0, 0, 0, 0)) + text, long=True)
    return build(kind, serial, long=long and kind in (*codes.AZ735, codes.MEDIA))


def _waits(kind: int, long: bool, content: bytes) -> bool:
    """Does the device wait for an answer?"""
    if long:
        return kind in codes.LONG_ANSWERED
    if kind == codes.CELLS_2:
        return len(content) != _SR411
    if kind == codes.X1:
        return len(content) == _SL4X_CELLS
    if kind == codes.LBS_ALARM:
        return not alarms.cell_list(content)
    return kind not in codes.SILENT


def _login(content: bytes, session: Session) -> None:
    """IMEI as 8 BCD bytes; newer devices add their model (2) and a time zone (2: hours x 100 << 4, bit 3 west)."""
    if len(content) < 8 or not content[:8].hex().isdigit():
        raise Malformed("login without an IMEI")
    session.device = _imei(content)
    session.memory.clear()
    if len(content) >= 12:
        word = int.from_bytes(content[10:12], "big")
        hours, minutes = divmod(word >> 4, 100)
        if hours <= 14 and minutes < 60:
            session.memory["zone"] = (hours * 60 + minutes) * (-1 if word & 8 else 1)


def _imei(content: bytes) -> str:
    digits = content[:8].hex()
    return digits[1:] if digits[0] == "0" else digits


def _read(kind: int, long: bool, content: bytes, session: Session, right: bool) -> tuple[Signal, ...]:
    """The signals of a frame: one, or none when it holds nothing at all."""
    if kind in (codes.STATUS, codes.VOLTAGE_STATUS):
        return (alarms.heartbeat(kind, content, session),)
    if kind == codes.MODULES and long:
        return (parts.modules(content),)
    if kind in (codes.STRING, codes.LONG_STRING):
        return (parts.text(kind, content),)
    if kind in codes.ALARM_FRAMES and not (long and kind in codes.AZ735):
        if kind == codes.LBS_ALARM and alarms.cell_list(content):
            return (Signal(kind="heartbeat", at=places.time(content, 0)),)
        return (alarms.alarm(kind, content, session, right=right),)
    if not content:
        return ()
    return (_report(kind, long, content, session),)


def _report(kind: int, long: bool, content: bytes, session: Session) -> Signal:
    """A place and a time, or only a time, or only a sign of life."""
    if kind in codes.STAMPED or kind == codes.BATTERY:
        start = 8 if kind == codes.BATTERY else 0  # behind a serial number
        return Signal(kind="heartbeat", at=unix(int.from_bytes(content[start : start + 4], "big")))
    if kind == codes.INFO:  # its sub-type 5 (door) is the one with a time
        return Signal(kind="heartbeat", at=places.time(content, 1) if content[0] == 5 and len(content) > 7 else None)
    if kind in (codes.LOGIN, *codes.OTHER) or (long and kind == codes.MODULE_STATUS):
        return Signal(kind="heartbeat")
    if kind == codes.MODULE_STATUS and (status := alarms.module_status(content, session)):
        return status
    if kind == codes.X1 and len(content) != _SL4X_CELLS:
        at, place = places.time(content, 4), 10
    else:
        at, place = places.find_time(content)
    if place == 14:
        session.device = session.device or _imei(content)
    if long and kind in codes.AZ735:
        return parts.lock(kind, content, at)
    found = None if at is None or _cells_only(kind, content, place) else places.gps(content, place, at)
    if found is None:
        return Signal(kind="heartbeat", at=at)
    if status_in := alarms.in_location(kind, content, place):
        return alarms.told(status_in, at, found, session, a_press_is="level")
    position, flags = found
    if kind == codes.LOCATION:
        flags += parts.card_alarm(content, session)
    return Signal(kind="position", at=at, position=position, flags=flags + _buffered(kind, content))


def _cells_only(kind: int, content: bytes, place: int) -> bool:
    """Is there no GPS block behind the time?"""
    if kind == codes.TRUCK:
        return place < len(content) and content[place] >> 4 != 0xC and len(content) != 59
    if kind == codes.CELLS_2:
        return len(content) != _SR411
    if kind in (codes.X1, codes.X1_PHOTO):
        return kind == codes.X1_PHOTO or len(content) == _SL4X_CELLS
    return kind in codes.CELLS or kind == codes.ADDRESS_REQUEST


def _buffered(kind: int, content: bytes) -> tuple[str, ...]:
    """0x22: after GPS (18) and cell (8) come ignition, why it was sent, and 1 for 'sent late, from the memory'."""
    return ("buffered",) if kind == codes.LOCATION_LATE and len(content) in (29, 33) and content[28] == 1 else ()


GATE = StreamGate(port=5023, split=split, decode=decode)
