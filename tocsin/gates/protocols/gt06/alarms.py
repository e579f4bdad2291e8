"""GT06 packets that carry a status: where it stands and what it means.

Terminal information 1 | voltage 1 (0 to 6, or percent; some: 2 of 10 mV) | GSM 1 | alarm 1 | language 1. Sources: as in
codes.py; the layouts of single makers (VXT01, S5, LWxG, NT, OBD6, student cards) from their frames' lengths.
"""

from datetime import datetime
from typing import NamedTuple

from tocsin.gates.protocol import Session
from tocsin.gates.protocols.fields import meaning
from tocsin.gates.protocols.gt06 import codes, places
from tocsin.gates.protocols.gt06.places import Found
from tocsin.gates.signal import ALARMS, Position, Signal


class Status(NamedTuple):
    """Terminal information, alarm code (None: the packet has none), battery 0..1; who sent it, where it says so."""

    info: int
    code: int | None
    battery: float | None = None
    terminal: dict[int, str] = codes.TERMINAL
    family: str = ""


def alarm(kind: int, content: bytes, session: Session, *, right: bool) -> Signal:
    """An alarm packet. Only SOS is a press; the rest is told as a flag. With or without GPS."""
    if kind == codes.EVENT:
        return _event(content, session)
    at: datetime | None = None
    found: Found | None = None
    if kind == codes.WIFI_ALARM:
        at = places.time(content, 0)
        status = _wifi_alarm(content)
    elif kind in (codes.LBS_ALARM, codes.LBS_ALARM_4G):
        status = _cell_alarm(kind, content)
    elif len(content) < 18:
        status = _plain(content, 0)
    else:
        at, place = places.find_time(content)
        found = places.gps(content, place, at)
        status = _behind_cells(kind, content, place + places.BLOCK)
    if status is None:
        position, flags = found or (None, ())
        return Signal(kind="alarm", at=at, position=position, flags=(*flags, "unreadable" if right else "bad_crc"))
    return told(status, at, found, session, a_press_is="alarm")


def told(status: Status, at: datetime | None, found: Found | None, session: Session, *, a_press_is: str) -> Signal:
    """The signal for a status. Heartbeats and locations repeat it: there a press is a level (`pressed`) only."""
    position, flags = found or (None, ())
    level = status.info >> 3 & 7
    words = _words(status.code, session, status.family).split() if status.code else []
    if not words:
        words = [status.terminal.get(level, "")]
    kinds = [word for word in words if word in ALARMS]
    press = "sos" in words or bool(kinds)
    others = [word for word in words if not press] + [status.terminal.get(level, "")]
    return Signal(
        kind="alarm" if press and a_press_is == "alarm" else "position" if position else "heartbeat",
        alarm=kinds[0] if kinds else None,
        at=at,
        position=position,
        battery=status.battery,
        flags=tuple(dict.fromkeys((*flags, *(word for word in others if word not in ("", "sos"))))),
        pressed=press or level == 4,
    )


def in_location(kind: int, content: bytes, place: int) -> Status | None:
    """The status that some makers put behind the GPS block and the cell of a location."""
    cells = place + places.BLOCK
    if kind in (codes.LOCATION_LATE, codes.LOCATION_DRIVER) and places.own_block(content):
        tail = 13  # status 6, language 1, km 3, minutes 3; 0x25: and the driver, with its length before it
        spot = len(content) - tail
        if kind == codes.LOCATION_DRIVER:
            spot = next((n - tail for n in range(cells + tail, len(content)) if n + 1 + content[n] == len(content)), 0)
        return _long_voltage(content, spot, codes.BLOCK_FAMILY) if spot >= cells else None
    if kind == codes.TRUCK and len(content) >= 59:  # a cell of 4G (15 or 16) and one byte more
        return _long_voltage(content, cells + 15 + (content[cells] >> 7) + 1, "LW")
    if kind == codes.LOCATION and len(content) == 31:  # VXT01: its last byte is no alarm code
        return Status(content[26], None, terminal=codes.VXT01_TERMINAL)
    if kind == codes.LOCATION and len(content) == 38:  # S5
        return Status(content[26], content[30])
    return None


def heartbeat(kind: int, content: bytes, session: Session) -> Signal:
    """0x13: terminal information, voltage 0 to 6, GSM 0 to 4, alarm, language. 0x23: voltage in 2 bytes of 10 mV.

    Some send a voltage in two bytes in 0x13 too; a GSM strength must not be read as an alarm then, so the alarm byte
    counts as SOS only where the frame is as the standard says, or long as OBD6 (14 bytes) and asset trackers (16)
    send it. The terminal information says SOS in any case.
    """
    if not content:
        return Signal(kind="heartbeat")
    size = len(content)
    code: int | None = None
    battery: float | None = None
    if kind == codes.VOLTAGE_STATUS:
        code = content[4] if size > 4 else None
    elif size in (14, 16):
        code, battery = content[3], content[5] / 100 if content[5] <= 100 else None
    elif size > 1 and content[1] <= 6:
        battery = _battery(content[1])
        code = content[3] if size > 3 else None
        if code == 1 and kind == codes.STATUS and not (size == 5 and content[2] <= 31):
            code = None
    return told(Status(content[0], code, battery), None, None, session, a_press_is="level")


def module_status(content: bytes, session: Session) -> Signal | None:
    """0x36: a status and modules of number (2), length (1), data up to the end. None: it is something else."""
    place = 5
    while place + 3 <= len(content):
        place += 3 + content[place + 2]
    status = _plain(content, 0)
    if status is None or place != len(content):
        return None
    return told(status, None, None, session, a_press_is="level")


def _words(code: int, session: Session, family: str) -> str:
    """What an alarm code means: the device's own mapping, then its family's, then the table's."""
    model = session.setting("model")
    name = model.upper() if isinstance(model, str) else family
    own = next((table for names, table in codes.FAMILIES.items() if name.startswith(names)), {})
    return meaning(session, code, own.get(code) or codes.MEANINGS.get(code, f"alarm_{code:02x}"))


def _battery(level: int) -> float | None:
    """0 to 6 is a scale of steps, anything to 100 a percentage; 0..1."""
    return round(level / 6, 2) if level <= 6 else level / 100 if level <= 100 else None


def _plain(content: bytes, spot: int, *, two: bool = False) -> Status | None:
    """A status at `spot`. `two`: the half byte over the language is the code's high digit, where that is a code."""
    part = content[spot : spot + 5]
    if len(part) < 4:
        return None
    code = part[3]
    if two and len(part) > 4 and (part[4] >> 4 << 8 | code) in codes.MEANINGS:
        code |= part[4] >> 4 << 8
    return Status(part[0], code, _battery(part[1]))


def _long_voltage(content: bytes, spot: int, family: str) -> Status | None:
    """Terminal information, external voltage 2, battery 1 (volts x 10, or percent), GSM 1, alarm 1."""
    part = content[spot : spot + 6]
    return None if len(part) < 6 else Status(part[0], part[5], family=family)


def _behind_cells(kind: int, content: bytes, cells: int) -> Status | None:
    """The status behind a cell block that states its length.

    Some count the length byte itself and some do not, some add a fence number, a card or an altitude: the reading that
    ends where the packet ends goes first, since a wrong shift would read a signal strength of 1 as SOS.
    """
    size, two = len(content), kind in codes.TWO_DIGITS
    if kind == 0x16 and size == 31:  # VXT01: a cell without its length, and no alarm code
        return Status(content[26], None, _battery(content[27]), codes.VXT01_TERMINAL)
    if kind == codes.MODULE_ALARM:  # a cell of 2G (type 0 to 2, 10 bytes with its strength) or 4G (18); MNC of 1 or 2
        size = 18 if content[cells : cells + 1] >= b"\x03" else 10
        return _plain(content, cells + size + (content[cells + 1 : cells + 2] > b"\x7f"), two=two)
    rests = (6, 5) if kind in (0x27, 0xA4) else (7, 5) if kind == 0x32 else (5, 6)
    stated = [cells + content[cells], cells + content[cells] + 1] if cells < size else []
    for place in [place for rest in rests for place in stated if size - place == rest]:
        if kind == 0x32 or (content[place + 1] <= 6 and content[place + 2] <= 4):
            return _plain(content, place, two=two)
    for place in stated:
        if size - place >= 5 and content[place + 1] <= 6 and content[place + 2] <= 4:
            return _plain(content, place, two=two)
    return _plain(content, size - rests[0], two=two) if size >= cells + 5 else None


def _cell_alarm(kind: int, content: bytes) -> Status | None:
    """0x19, 0xA5: MCC 2 (its highest bit: MNC has 2), MNC, LAC 2 or 4, cell 3 or 8, then the status."""
    size = len(content)
    whole = (2 + 4 + 8 if kind == codes.LBS_ALARM_4G else 2 + 2 + 3) + 1 + (content[0] >> 7 if content else 0)
    exact = size in (whole + 4, whole + 5)
    return _plain(content, whole if exact else size - 5) if size >= 5 else None


def cell_list(content: bytes) -> bool:
    """0x19 of SPACE10X is a list of cells: it begins with a time, an alarm begins with a country (MCC)."""
    return len(content) >= 18 and places.time(content, 0) is not None


def _wifi_alarm(content: bytes) -> Status | None:
    """0xA9: time 6, MCC 2, MNC 1 or 2, 4G? 1, cells 1 and so many of 6 (4G: 13), advance 1, points 1 and so many of 7,
    alarm 1, language 1."""
    spot = 9 + (content[6] >> 7 if len(content) > 6 else 0)
    if len(content) < spot + 2:
        return None
    spot += 2 + content[spot + 1] * (13 if content[spot] else 6) + 1
    if len(content) <= spot:
        return None
    spot += 1 + 7 * content[spot]
    part = content[spot : spot + 2]
    return _plain(b"\0\xff\0" + part, 0, two=True) if len(part) == 2 else None


def _event(content: bytes, session: Session) -> Signal:
    """0x95: time, latitude, longitude, course and status, event (satellites and speed are left out), or without place.

    JC400: FF FF, version, time, satellites, latitude, longitude, course and status, km/h 2, voltage 2, event.
    """
    found: Found | None = None
    if content[:2] == b"\xff\xff":
        at, spot = places.time(content, 3), 24
        if len(content) >= 22:
            status, kmh = (int.from_bytes(content[n : n + 2], "big") for n in (18, 20))
            found = places.position(content, 10, status, at, kmh)
    elif len(content) >= 17:
        at, spot = places.time(content, 0), 16
        found = places.position(content, 6, int.from_bytes(content[14:16], "big"), at, None)
    else:
        at, spot = places.time(content, 0), 6
    position: Position | None = None
    flags: tuple[str, ...] = ()
    if found:
        position, flags = found
    if len(content) <= spot:
        return Signal(kind="alarm", at=at, position=position, flags=(*flags, "unreadable"))
    code = content[spot]
    usual = codes.MEANINGS.get(code) if code < 0x76 else None
    words = meaning(session, code, codes.EVENTS.get(code) or usual or f"event_{code:02x}").split()
    kinds = [word for word in words if word in ALARMS]
    press = "sos" in words or bool(kinds)
    return Signal(
        kind="alarm" if press else "position" if position else "heartbeat",
        alarm=kinds[0] if kinds else None,
        at=at,
        position=position,
        flags=flags if press else (*flags, *words),
        pressed=True if press else None,
    )
