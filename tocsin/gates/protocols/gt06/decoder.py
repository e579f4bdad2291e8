"""GT06 (Concox, Jimi and their many kin): bytes to signals and replies.

Sources: GT06 GPS Tracker Communication Protocol (Concox), sections 5 and 6; JM-VL/GT 4G series protocol (types 0xA0 to
0xA7); AZ735; X1. km/h on the wire, m/s here.
"""

import re
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from tocsin.gates.protocol import Decoded, Malformed, Session, StreamGate
from tocsin.gates.protocols.gt06.codes import ALARM_FRAMES, EVENTS, MEANINGS, TERMINAL
from tocsin.gates.protocols.gt06.frame import (
    LONG,
    SHORT,
    WIFI_SCANS,
    build,
    sound,
    split,
    stated_length,
    wifi_length,
)
from tocsin.gates.signal import ALARMS, Position, Signal

LOGIN, STATUS, VOLTAGE_STATUS, LBS_ALARM, LBS_ALARM_4G = 0x01, 0x13, 0x23, 0x19, 0xA5
STRING, LONG_STRING, ADDRESS_REQUEST, ADDRESS, TIME = 0x15, 0x21, 0x2A, 0x97, 0x8A
X1, MODULES, INFO, EVENT, WIFI_4G = 0x34, 0x70, 0x94, 0x95, 0xA2
AZ735 = (0x32, 0x33)  # in long frames only; answered in long frames
STAMPED = (0xF1, 0xF2)  # begin with Unix seconds
CELLS = (0x18, 0x28, 0x2C, 0x2E, 0x69, 0xA1, 0xA7, 0xF3)  # a time and radio cells or access points, no GPS
SILENT = (0x21, 0x24, X1, 0x35, 0x66, 0x80, 0x81, 0x82, 0x8C, INFO, ADDRESS, 0x9B, 0xF3)  # wait for no reply
WELCOME = (LOGIN, STATUS, VOLTAGE_STATUS, TIME)  # answered to strangers too: they stay connected and are seen

NORTH, WEST, VALID = 0x0400, 0x0800, 0x1000
DEGREE = 1_800_000  # units a degree: minutes x 30,000
JUST_NOW = timedelta(minutes=10)

_TEXT_POSITION = re.compile(
    r"Lat:([NS])([\d.]+),Lon:([EW])([\d.]+),Course:([\d.]+),Speed:([\d.]+),DateTime:(\d+-\d+-\d+ +\d+:\d+:\d+)"
)


def decode(frame: bytes, session: Session, now: datetime) -> Decoded:
    """One frame. With a wrong CRC it is believed, marked `bad_crc` and not answered, so that the device repeats it."""
    long = frame[:2] == LONG
    if frame[:2] not in (SHORT, LONG) or len(frame) < (11 if long else 10):
        raise Malformed("no 7878 or 7979 at the start, or too short")
    kind = frame[4] if long else frame[3]
    if not long and kind in WIFI_SCANS and stated_length(frame) != len(frame) == wifi_length(frame, 0):
        return _wifi_scan(frame, session)
    odd = stated_length(frame) != len(frame)  # no serial and CRC can be told from the rest then
    content = frame[5 if long else 4 : -2 if odd and kind not in ALARM_FRAMES else -6]
    right = sound(frame)
    if kind == LOGIN:
        if not right:
            raise Malformed("login with a wrong CRC: the IMEI cannot be trusted")
        _login(content, session)
    signals = _read(kind, long, content, session, right)
    if kind not in (*STAMPED, MODULES, LONG_STRING):
        signals = _in_utc(signals, session, now)
    if not right:
        signals = tuple(_marked(signal, "bad_crc") for signal in signals)
    serial = int.from_bytes(frame[-6:-4], "big")
    reply = _reply(kind, long, content, serial, now) if right else None
    return Decoded(
        device=session.device,
        signals=signals,
        reply=reply,
        stranger=reply if kind in WELCOME else None,
        key=_key(frame, signals, session, now),
    )


def _marked(signal: Signal, flag: str) -> Signal:
    return replace(signal, flags=(*signal.flags, flag))


def _in_utc(signals: tuple[Signal, ...], session: Session, now: datetime) -> tuple[Signal, ...]:
    """Times in UTC. The protocol says they are, but some devices send local time.

    The device's setting `time_zone` (hours east) decides. Without it, the time zone of the login counts from the
    first frame on that is of just now if read as local time, and is not if read as UTC.
    """
    east = session.setting("time_zone")
    if isinstance(east, int | float) and abs(east) <= 14:
        return tuple(_earlier(signal, timedelta(hours=east)) for signal in signals)
    zone = timedelta(minutes=session.memory.get("zone", 0))
    stated = next((signal.at for signal in signals if signal.at), None)
    if stated and zone and not session.memory.get("local"):
        session.memory["local"] = abs(stated - zone - now) < JUST_NOW < abs(stated - now)
    return tuple(_earlier(signal, zone) for signal in signals) if session.memory.get("local") else signals


def _earlier(signal: Signal, zone: timedelta) -> Signal:
    if signal.at is None:
        return signal
    at = signal.at - zone
    return replace(signal, at=at, position=replace(signal.position, at=at) if signal.position else None)


def _key(frame: bytes, signals: tuple[Signal, ...], session: Session, now: datetime) -> bytes | None:
    """What makes a resent frame known: type, content and serial, if a time that can be true is in it.

    A tracker that starts anew counts from 1 again, and one without fix may give the same wrong time at each start:
    there only a resend within the connection counts as the same, so that a second press is never taken for the first.
    """
    if all(signal.kind == "heartbeat" for signal in signals):
        return None
    timed = all(signal.at and abs(signal.at - now) < timedelta(days=366) for signal in signals)
    return (b"" if timed else session.nonce) + frame[2:-4]


def _reply(kind: int, long: bool, content: bytes, serial: int, now: datetime) -> bytes | None:
    if kind in SILENT or not (content or kind in (TIME, STATUS)):
        return None
    if kind == TIME:
        t = now.astimezone(UTC)
        return build(TIME, serial, bytes((t.year % 100, t.month, t.day, t.hour, t.minute, t.second)))
    if kind == ADDRESS_REQUEST:  # the street of a point for an SMS to the owner: we have none, and say so
        text = b"NA&&NA&&0##"
        return build(ADDRESS, 0, bytes((len(text), 0, 0, 0, 0)) + text, long=True)
    if long and kind in AZ735:
        return build(kind, serial, long=True)
    return build(kind, serial)


def _login(content: bytes, session: Session) -> None:
    """IMEI as 8 BCD bytes; newer devices add their model (2) and a time zone (2: hours x 100 << 4, bit 3 west)."""
    if len(content) < 8:
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
    if kind in (STATUS, VOLTAGE_STATUS):
        return (_heartbeat(kind, content),)
    if kind == MODULES and long:
        return (_modules(content),)
    if kind in (STRING, LONG_STRING):
        return (_text(kind, content),)
    if kind in ALARM_FRAMES and not long:
        return (_alarm(kind, content, session, right),)
    if not content:
        return ()
    return (_report(kind, long, content, session),)


def _report(kind: int, long: bool, content: bytes, session: Session) -> Signal:
    """A place and a time, or only a time, or only a sign of life."""
    if kind in STAMPED and len(content) >= 4:
        return Signal(kind="heartbeat", at=datetime.fromtimestamp(int.from_bytes(content[:4], "big"), UTC))
    if kind == INFO:  # its sub-type 5 (door) is the one with a time
        return Signal(kind="heartbeat", at=_time(content, 1) if content[0] == 5 else None)
    if kind == LOGIN:
        return Signal(kind="heartbeat")
    at, place = _find_time(kind, content, session)
    cells_only = (
        kind in CELLS
        or kind == ADDRESS_REQUEST
        or (kind == WIFI_4G and place < len(content) and content[place] >> 4 != 0xC)
        or (long and kind in AZ735 and place < len(content) and content[place] == 0)
    )
    if at is None or cells_only:
        return Signal(kind="heartbeat", at=at)
    if long and kind in AZ735:
        place += 1  # the length of the GPS block
    found = _gps(content, place, at)
    if found is None:
        return Signal(kind="heartbeat", at=at)
    position, flags = found
    return Signal(kind="position", at=at, position=position, flags=flags + _buffered(kind, content))


def _buffered(kind: int, content: bytes) -> tuple[str, ...]:
    """0x22: after GPS (18) and cell (8) come ignition, why it was sent, and 1 for 'sent late, from the memory'."""
    return ("buffered",) if kind == 0x22 and len(content) in (29, 33) and content[28] == 1 else ()


def _alarm(kind: int, content: bytes, session: Session, right: bool) -> Signal:
    """An alarm packet. Only SOS is a press; the rest is told as a flag. With or without GPS."""
    if kind in (LBS_ALARM, LBS_ALARM_4G):
        status, at, found = content[-5:], None, None
        status = status if len(content) >= 5 else b""
    elif len(content) < 18 and kind != EVENT:
        status, at, found = content[:5], None, None
    else:
        at, place = _find_time(kind, content, session)
        if kind == EVENT:
            found = _event_gps(content, at)
            status = b"\0\0\0" + (content[16:17] if found else content[6:7])
        else:
            found = _gps(content, place, at)
            status = _status_of(kind, content, place + 12)
    position, flags = found if found else (None, ())
    if len(status) < 4:
        if not right:
            raise Malformed("an alarm packet that holds no alarm")
        return Signal(kind="alarm", at=at, position=position, flags=(*flags, "unreadable"))
    code, level = status[3], (status[0] >> 3) & 7
    meaning = _meaning(kind, code, session)
    if code == 0 and level:
        meaning = TERMINAL.get(level, "")
    press = meaning == "sos" or meaning in ALARMS
    level_flag = TERMINAL.get(level, "")
    extra = tuple(dict.fromkeys(flag for flag in ("" if press else meaning, level_flag) if flag not in ("", "sos")))
    return Signal(
        kind="alarm" if press else "position" if position else "heartbeat",
        alarm=meaning if meaning in ALARMS else None,
        at=at,
        position=position,
        battery=None if kind == EVENT else _battery(status[1]),
        flags=(*flags, *extra),
        pressed=None if kind == EVENT and not press else press or level == 4,
    )


def _meaning(kind: int, code: int, session: Session) -> str:
    """The word for an alarm code: the device's own mapping (setting `alarms`, {"0x19": "sos"}) goes first."""
    own = session.setting("alarms")
    if isinstance(own, dict):
        for key in (f"0x{code:02x}", str(code)):
            if isinstance(own.get(key), str):
                return str(own[key])
    if code >= 0x80 and kind == EVENT:
        return EVENTS.get(code, f"event_{code:02x}")
    return MEANINGS.get(code, f"alarm_{code:02x}" if code else "")


def _status_of(kind: int, content: bytes, cells: int) -> bytes:
    """Terminal information, voltage, GSM, alarm, language: they follow a cell block that states its length.

    Some count the length byte itself and some do not, some add a fence number or a card: the reading that ends where
    the packet ends goes first, since a wrong shift would read a signal strength of 1 as SOS.
    """
    size = len(content)
    stated = [cells + content[cells], cells + content[cells] + 1] if cells < size else []
    rests = (6, 5) if kind in (0x27, 0xA4) else (5, 6)
    fits = [place for rest in rests for place in stated if size - place == rest] + stated
    for place in fits:
        if size - place >= 5 and content[place + 1] <= 6 and content[place + 2] <= 4:
            return content[place : place + 5]
    return content[-rests[0] :][:5] if size >= cells + 5 else b""


def _heartbeat(kind: int, content: bytes) -> Signal:
    """0x13: terminal information, voltage 0 to 6, GSM 0 to 4, alarm, language. 0x23: voltage in 2 bytes of 10 mV.

    Some send a voltage in two bytes in 0x13 too; a GSM strength must not be read as an alarm then, so the alarm byte
    counts as SOS only where the frame is as the standard says. The terminal information says SOS in any case.
    """
    if not content:
        return Signal(kind="heartbeat")
    level = (content[0] >> 3) & 7
    alarm = content[4:5] if kind == VOLTAGE_STATUS else content[3:4]
    standard = kind == VOLTAGE_STATUS or (len(content) == 5 and content[1] <= 6 and content[2] <= 31)
    code = alarm[0] if alarm and (kind == VOLTAGE_STATUS or content[1] <= 6) else 0
    words = (TERMINAL.get(level, ""), MEANINGS.get(code, "") if code != 1 else "")
    return Signal(
        kind="heartbeat",
        battery=_battery(content[1]) if kind == STATUS and len(content) >= 2 and content[1] <= 6 else None,
        flags=tuple(dict.fromkeys(word for word in words if word not in ("", "sos"))),
        pressed=level == 4 or (standard and code == 1),
    )


def _battery(level: int) -> float | None:
    """0 to 6 is a scale of steps, anything to 100 a percentage; 0..1."""
    return round(level / 6, 2) if level <= 6 else level / 100 if level <= 100 else None


def _text(kind: int, content: bytes) -> Signal:
    """The answer to a command; `WHERE#` gives a position in words. 0x21 holds an encoding (1 ASCII, 2 UTF-16)."""
    body = content[5:-2] if kind == STRING else content[5:]
    utf16 = kind == LONG_STRING and content[4:5] == b"\x02"
    text = body.decode("utf-16-be" if utf16 else "utf-8", "replace").strip("\0 \r\n")
    match = _TEXT_POSITION.search(text)
    if match:
        south, lat, west, lon, course, speed, when = match.groups()
        try:
            at = datetime.strptime(when, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
            position = Position(
                lat=float(lat) * (-1 if south == "S" else 1),
                lon=float(lon) * (-1 if west == "W" else 1),
                speed=float(speed) / 3.6,
                course=float(course),
                at=at,
            )
        except ValueError:
            return Signal(kind="heartbeat", text=text or None)
        if abs(position.lat) <= 90 and abs(position.lon) <= 180:
            return Signal(kind="position", at=at, position=position, text=text)
    return Signal(kind="heartbeat", text=text or None)


def _modules(content: bytes) -> Signal:
    """0x70: modules of type (2), length (2), data. 0x33: Unix time, satellites, altitude, lat, lon, speed, course."""
    place, at = 0, None
    while place + 4 <= len(content):
        module, size = (int.from_bytes(content[place + n : place + n + 2], "big") for n in (0, 2))
        data = content[place + 4 : place + 4 + size]
        place += 4 + size
        if module == 0x2C and len(data) >= 4:
            at = datetime.fromtimestamp(int.from_bytes(data[:4], "big"), UTC)
        if module == 0x33 and len(data) >= 18:
            fixed = datetime.fromtimestamp(int.from_bytes(data[:4], "big"), UTC)
            found = _place(data, 7, fixed, altitude=float(int.from_bytes(data[5:7], "big", signed=True)))
            if found:
                return Signal(kind="position", at=fixed, position=found[0], flags=found[1])
    return Signal(kind="heartbeat", at=at)


def _wifi_scan(frame: bytes, session: Session) -> Decoded:
    """A list of access points and cells, without serial and CRC. The answer repeats the time that came."""
    try:
        at = datetime.strptime(frame[4:10].hex(), "%y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        at = None
    reply = SHORT + b"\0" + frame[3:10] + frame[-2:]
    return Decoded(device=session.device, signals=(Signal(kind="heartbeat", at=at),), reply=reply)


def _find_time(kind: int, content: bytes, session: Session) -> tuple[datetime | None, int]:
    """When, and where the GPS block begins. Some put their IMEI before the time, or a byte, the IMEI and two times."""
    if kind == X1:
        return _time(content, 4), 10
    at = _time(content, 0)
    if at is not None:
        return at, 6
    if content[:1] == b"\x01" and len(content) >= 21 and (at := _time(content, 15)):
        return at, 21
    if len(content) >= 14 and content[:8].hex().isdigit() and (at := _time(content, 8)):
        session.device = session.device or _imei(content)
        return at, 14
    return None, 6


def _time(content: bytes, place: int) -> datetime | None:
    """Year from 2000, month, day, hour, minute, second: a byte each. None where they are no time."""
    part = content[place : place + 6]
    if len(part) < 6:
        return None
    try:
        return datetime(2000 + part[0], part[1], part[2], part[3], part[4], part[5], tzinfo=UTC)
    except ValueError:
        return None


def _gps(content: bytes, place: int, at: datetime | None) -> tuple[Position, tuple[str, ...]] | None:
    """The GPS block: satellites (low half of a byte), lat, lon (4 each), speed in km/h, course and status (2)."""
    return _place(content, place + 1, at)


def _place(
    content: bytes, place: int, at: datetime | None, altitude: float | None = None
) -> tuple[Position, tuple[str, ...]] | None:
    if len(content) < place + 11:
        return None
    status = int.from_bytes(content[place + 9 : place + 11], "big")
    return _position(content, place, status, at, content[place + 8], altitude)


def _event_gps(content: bytes, at: datetime | None) -> tuple[Position, tuple[str, ...]] | None:
    """0x95: lat, lon and course follow the time (satellites and speed are left out); the short form has no place."""
    if len(content) < 17:
        return None
    return _position(content, 6, int.from_bytes(content[14:16], "big"), at, None, None)


def _position(
    content: bytes, place: int, status: int, at: datetime | None, kmh: int | None, altitude: float | None
) -> tuple[Position, tuple[str, ...]] | None:
    """Flags: `no_fix` where the place is 0,0; `old_fix` where the device says that it is the last one it knew."""
    lat = int.from_bytes(content[place : place + 4], "big") / DEGREE
    lon = int.from_bytes(content[place + 4 : place + 8], "big") / DEGREE
    if lat > 90 or lon > 180:
        return None
    flags = () if status & VALID else ("old_fix",) if lat or lon else ("no_fix",)
    position = Position(
        lat=lat if status & NORTH or not lat else -lat,
        lon=-lon if status & WEST and lon else lon,
        altitude=altitude,
        speed=None if kmh is None else kmh / 3.6,
        course=float(status & 0x3FF),
        at=at,
    )
    return position, flags


GATE = StreamGate(port=5023, split=split, decode=decode)
