"""Xexun (TK102, TK103, XT-009): NMEA sentences with words behind them. No replies: the device waits for none.

Source: Xexun "TK102 protocol" (serial number, phone, GPRMC, signal, keyword, imei). NMEA's time is UTC, speed in knots
on the wire, m/s here; altitude in metres.
"""

import re
from datetime import datetime

from tocsin.gates.protocol import Cut, Decoded, Malformed, Session, StreamGate
from tocsin.gates.protocols.fields import KNOT, course, degrees, key, located, number, remark, scaled, utc, when
from tocsin.gates.signal import Position, Signal

LONGEST = 1024
WORDS = {
    "lowbattery": "low_battery",
    "batterylow": "low_battery",
    "move": "movement",
    "speed": "overspeed",
    "stockade": "geofence",
    "accstart": "ignition_on",
    "accon": "ignition_on",
    "accstop": "ignition_off",
    "accoff": "ignition_off",
    "poweroff": "power_cut",
    "sensor": "vibration",
}
PRESSES = ("helpme", "sos", "help")

_IMEI = re.compile(rb"imei:\s*(\d{6,20})([^\d])")
_GPRMC = re.compile(rb"GPRMC,")
_LINE = re.compile(rb"[\r\n]")


def split(buffer: bytes) -> Cut:
    """From GPRMC (or, without a fix, the beginning of its line) to the comma behind the IMEI.

    What follows (satellites, volts, radio cell) has no end of its own in the short mode; it is skipped.
    """
    match = _IMEI.search(buffer)
    if not match:
        return Cut(None, max(0, len(buffer) - LONGEST))
    end = match.end() if match.group(2) == b"," else match.start(2)
    first = max(0, match.end() - LONGEST)
    starts = [found.start() for found in _GPRMC.finditer(buffer, first, match.start())]
    if not starts:
        starts = [first] + [found.end() for found in _LINE.finditer(buffer, first, match.start())]
    return Cut(buffer[starts[-1] : end], end)


def decode(frame: bytes, session: Session, now: datetime) -> Decoded:
    """One line."""
    text = frame.decode("latin-1").strip()
    before, found, after = text.rpartition("imei:")
    imei = re.match(r"\s*(\d{6,20})", after, re.ASCII)
    if not found or not imei:
        raise Malformed("no imei: with digits in the line")
    session.device = imei.group(1)
    sentence, words = _parts(before)
    press, flags, said = _words(words)
    position, fix_flags, at = _fix(sentence, after.split(","), session)
    flags = (fix_flags if position or press else ()) + flags
    signal = Signal(
        kind="alarm" if press else "position" if position else "heartbeat",
        alarm="other" if "unknown_kind" in flags else None,
        at=at,
        position=position,
        flags=flags,
        text=remark(said),
    )
    return Decoded(device=session.device, signals=(signal,), key=key(frame.strip(), (signal,), now))


def _parts(before: str) -> tuple[list[str], list[str]]:
    """The fields of the GPRMC sentence, and the words behind it (signal F or L, keyword)."""
    _, found, sentence = before.rpartition("GPRMC,")
    if not found:
        return [], before.split(",")[2:]
    inner, _, behind = sentence.partition("*")
    return inner.split(","), behind.split(",")[1:]


def _words(words: list[str]) -> tuple[bool, tuple[str, ...], str | None]:
    """Is it a press; flags; the word itself if we do not know it."""
    for word in words:
        said = word.strip()
        plain = re.sub(r"[^a-z]", "", said.lower())
        if plain in ("", "f", "l"):
            continue
        if plain in PRESSES:
            return True, (), None
        if plain in WORDS:
            return False, (WORDS[plain],), None
        if re.search(r"sos|help|panic|alarm|emergency", plain):
            return True, ("unknown_kind",), said
    return False, (), None


def _fix(rmc: list[str], rest: list[str], session: Session) -> tuple[Position | None, tuple[str, ...], datetime | None]:
    """hhmmss.sss, A or V, lat, N, lon, E, knots, course, ddmmyy; behind the IMEI satellites and altitude."""
    if not rmc:
        return None, ("no_fix",), None
    rmc = rmc + [""] * (9 - len(rmc))
    at = utc(when(rmc[8], rmc[0].partition(".")[0]), session)
    altitude = number(rest[2]) if len(rest) > 3 else None
    position, flags = located(
        degrees(number(rmc[2]), rmc[3]),
        degrees(number(rmc[4]), rmc[5]),
        at,
        valid=rmc[1].strip() != "V",
        speed=scaled(rmc[6], KNOT),
        course=course(rmc[7]),
        altitude=altitude,
    )
    return position, flags, at


GATE = StreamGate(port=5006, split=split, decode=decode, longest=LONGEST * 2)
