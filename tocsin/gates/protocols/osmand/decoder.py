"""OsmAnd over HTTP (5055): the query form and the JSON of Traccar Client 9 and later.

Sources: traccar.org/osmand (query names; speed in knots, batt in percent) and the JSON of the transistorsoft location
library that Traccar Client sends (speed in m/s, battery level 0..1, -1 for unknown).
"""

import math
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import msgspec

from tocsin.gates.protocol import Decoded, HttpGate, Malformed, Request, Session
from tocsin.gates.protocols.fields import remark
from tocsin.gates.signal import ALARMS, Position, Signal

KNOT = 1852 / 3600  # m/s

# What trackers call an alarm that is no press (the words of traccar.org); all else in `alarm` is one.
STATES = frozenset(
    """
    accident bonnet door fatiguedriving fault footbrake fuelleak geofence geofenceenter geofenceexit gpsantennacut
    hardacceleration hardbraking hardcornering highrpm idle jamming lanechange lock lowbattery lowpower lowspeed
    movement overspeed parking powercut poweroff poweron powerrestored removing tampering temperature tow unlock
    vibration
    """.split()  # noqa: SIM905
)
PRESSES = frozenset(("sos", "panic", "help", "emergency", "general", "alarm", "1", "true"))
FRESH = timedelta(minutes=2)


def decode(request: Request, session: Session, now: datetime) -> Decoded:
    """One report. 400: no device named, or a place that is none; but an alarm is taken whatever else is wrong."""
    body = request.body.strip()
    if body.startswith((b"{", b"[")):
        device, signals = _json(body, now)
    else:
        form = body.decode("utf-8", "replace")
        device, signals = _query("&".join(part for part in (request.query, form) if part), now)
    session.device = device
    return Decoded(device=device, signals=signals, reply=b"", key=_key(request, signals, now))


def _key(request: Request, signals: tuple[Signal, ...], now: datetime) -> bytes | None:
    """A resent report is the same, byte by byte. But an app may put an old fix under a new press: there, none is."""
    if any(signal.at is None for signal in signals):
        return None
    if any(signal.kind == "alarm" and signal.at and abs(now - signal.at) > FRESH for signal in signals):
        return None
    return request.query.encode() + b"\n" + request.body


def _query(query: str, now: datetime) -> tuple[str, tuple[Signal, ...]]:
    """id|deviceid, timestamp, lat, lon | location, speed, bearing|heading, altitude, accuracy, batt, valid, alarm."""
    try:
        fields = {name: values[-1] for name, values in parse_qs(query, max_num_fields=200).items()}
    except ValueError as error:
        raise Malformed("too many fields") from error
    device = _device(fields.get("id") or fields.get("deviceid"))
    lat, lon = fields.get("lat"), fields.get("lon")
    if "location" in fields:
        lat, _, lon = fields["location"].partition(",")
    kmh = {
        "speed": _scaled(fields.get("speed"), KNOT),
        "course": fields.get("bearing", fields.get("heading")),
        "altitude": fields.get("altitude"),
        "accuracy": fields.get("accuracy"),
    }
    given = fields.get("timestamp")
    at, flags = _time(given, now) if given else (now, ())
    if fields.get("valid", "").lower() in ("false", "0"):
        flags += ("old_fix",)
    signal = _signal(lat, lon, kmh, at, flags, fields.get("alarm"), _percent(fields.get("batt")))
    return device, (msgspec.structs.replace(signal, at=signal.at if given else None),)


def _json(body: bytes, now: datetime) -> tuple[str, tuple[Signal, ...]]:
    """{"device_id", "location": {"timestamp", "coords": {…}, "battery": {…}, "extras": {"alarm"?}}}, or several."""
    try:
        report = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"no JSON: {error}") from error
    if not isinstance(report, dict):
        raise Malformed("a JSON object is expected")
    device = _device(report.get("device_id", report.get("deviceId", report.get("id"))))
    places = report.get("location")
    places = places if isinstance(places, list) else [places]
    signals = tuple(_location(place, report, now) for place in places if isinstance(place, dict))
    if not signals:
        raise Malformed("location: missing")
    return device, signals


def _location(place: dict[str, Any], report: dict[str, Any], now: datetime) -> Signal:
    coords, battery, extras = (_dict(place.get(name)) for name in ("coords", "battery", "extras"))
    details = {
        "speed": _not_below_zero(coords.get("speed")),
        "course": _not_below_zero(coords.get("heading")),
        "altitude": coords.get("altitude"),
        "accuracy": _not_below_zero(coords.get("accuracy")),
    }
    at, flags = _time(place.get("timestamp"), now)
    if place.get("mock") is True:
        flags += ("mock",)
    alarm = place.get("alarm") or extras.get("alarm") or report.get("alarm")
    level = _number(battery.get("level"))
    battery_level = level if level is not None and 0 <= level <= 1 else None
    return _signal(coords.get("latitude"), coords.get("longitude"), details, at, flags, alarm, battery_level)


def _signal(
    lat: Any,
    lon: Any,
    details: dict[str, Any],
    at: datetime | None,
    flags: tuple[str, ...],
    alarm: Any,
    battery: float | None,
) -> Signal:
    kind, words, text = _alarm(alarm)
    position = None
    if lat is not None or lon is not None:
        where = _number(lat), _number(lon)
        if where[0] is not None and where[1] is not None and abs(where[0]) <= 90 and abs(where[1]) <= 180:
            numbers = {name: _number(value) for name, value in details.items()}
            position = Position(lat=where[0], lon=where[1], at=at, **numbers)
        elif kind is None:
            raise Malformed(f"lat, lon: {lat}, {lon} is no place on Earth")
    if kind is None:
        return Signal(
            kind="position" if position else "heartbeat", at=at, position=position, battery=battery, flags=flags + words
        )
    return Signal(
        kind="alarm",
        alarm=kind or None,
        at=at,
        position=position,
        battery=battery,
        text=remark(text),
        flags=flags + words + (() if position else ("no_fix",)),
    )


def _alarm(value: Any) -> tuple[str | None, tuple[str, ...], str | None]:
    """Kind ("" for a press that says no more, None for no alarm), flags, text. An unknown word is an alarm."""
    if value is None or value is False or value == "":
        return None, (), None
    word = str(value).strip()
    plain = word.lower().replace("_", "").replace("-", "").replace(" ", "")
    if plain in ("", "false", "0", "none", "null"):
        return None, (), None
    if plain in STATES:
        return None, (re.sub(r"(?<=[a-z])([A-Z])", r"_\1", word).lower(),), None
    if plain in ALARMS:
        return plain, (), None
    if plain == "falldown":
        return "medical", ("fall_down",), None
    if plain in PRESSES:
        return "", (), None
    return "other", ("unknown_kind",), word[:200]


def _time(value: Any, now: datetime) -> tuple[datetime | None, tuple[str, ...]]:
    """Unix seconds or milliseconds, ISO 8601, or "YYYY-MM-DD HH:MM:SS" (UTC where no offset is said)."""
    if value is None:
        return None, ()
    number = _number(value)
    try:
        if number is not None:
            return datetime.fromtimestamp(number if abs(number) < 1e11 else number / 1000, UTC), ()
        text = str(value).strip()
        if "T" in text:
            text = text.replace(" ", "+")  # the plus of an offset, unescaped, arrives as a space
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC), ()
    except (ValueError, OverflowError, OSError):
        return None, ("wrong_clock",)


def _device(value: Any) -> str:
    name = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not name:
        raise Malformed("id: missing. Set the device identifier in the app.")
    if len(name) > 64:
        raise Malformed("id: longer than 64 characters")
    return name


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _scaled(value: Any, factor: float) -> float | None:
    number = _number(value)
    return None if number is None or number < 0 else number * factor


def _not_below_zero(value: Any) -> float | None:
    return _scaled(value, 1.0)


def _percent(value: Any) -> float | None:
    number = _number(value)
    return number / 100 if number is not None and 0 <= number <= 100 else None


GATE = HttpGate(port=5055, decode=decode)
