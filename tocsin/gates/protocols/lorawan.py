"""What a LoRaWAN uplink says, whichever network server passes it on: TTN and ChirpStack differ only around it.

The fields come from the payload's bytes (buttons.py) and from the network server's formatter, and are read by name
(formatted.py). Settings of a device, beside those: `model`, whose payload it is; `battery_volts` [empty, full], to make
a share of a voltage; `speed_unit` "kn" (as receivers say it), "km/h" or "m/s", of a field that is only called speed.
"""

import base64
import binascii
import re
from datetime import datetime
from typing import Any

import msgspec

from tocsin.gates.protocol import Field, Session
from tocsin.gates.protocols import actions, buttons, fields, formatted, values
from tocsin.gates.signal import Position, Signal

UNITS = {"kn": fields.KNOT, "km/h": fields.KMH, "m/s": 1.0}
# The names of a place and its company, as mqttjson calls them in settings (`lat_path`), and as formatters do.
PLACE = {
    "lat": ("latitude", "lat", "gpslatitude", "gpslat"),
    "lon": ("longitude", "lon", "lng", "long", "longitud", "gpslongitude", "gpslon", "gpslng"),
    "altitude": ("altitude", "alt", "gpsaltitude"),
    "accuracy": ("accuracy", "acc", "gpsaccuracy", "horizontalaccuracy"),
    "speed": ("speed",),
    "course": ("heading", "course", "bearing", "cog"),
    "at": ("time", "timestamp", "datetime", "gpstime", "fixtime", "utctime"),
}
PERCENT = ("batterypercent", "batterypercentage", "batterylevel", "battpercent", "battlevel", "batpercent", "batlevel")
VOLTS = ("batteryvolts", "batteryvoltage", "batvoltage", "batv", "vbat")
EITHER = ("battery", "batt", "bat")

# For the pairing pages of every network server.
DEVICES = "Milesight WS101, Browan/Tabs, SenseCAP T1000, Dragino TrackerD, LGT-92, PB01"
PRESS = ("按一下按钮。", "Press the button once.")
FIELDS = (
    Field(
        "model",
        "型号（ws101、tbpb100、t1000、trackerd、lgt92、pb01；控制台里已有解码器的可不填）",
        "model (ws101, tbpb100, t1000, trackerd, lgt92, pb01; not needed if the console has a formatter)",
        r"(?:ws101|tbpb100|t1000|trackerd|lgt92|pb01)?",
    ),
    Field(
        "press",
        "哪种按法算报警（如 long double；不填：任何一种）",
        "which presses alarm (such as: long double; empty: every one)",
        r"[\w ,]*",
    ),
)

_EUI = re.compile(r"[0-9A-F]{16}")


class Uplink(msgspec.Struct, frozen=True, kw_only=True):
    """One uplink. `fields`: what the server's formatter made of `payload`; `battery`: 0..1, what the network knows."""

    at: datetime | None
    port: int = 0
    payload: bytes = b""
    fields: dict[str, Any] = {}
    model: str = ""
    battery: float | None = None


def eui(value: Any) -> str:
    """A DevEUI as on labels: 16 hexadecimal digits, upper case. Empty where there is none; all zeros are none."""
    written = re.sub(r"[\s:-]", "", values.text(value)).upper()
    return written if _EUI.fullmatch(written) and written.strip("0") else ""


def payload(encoded: Any) -> bytes:
    """Bytes from base64; none where it is not: the formatter's fields may hold a press all the same."""
    try:
        return base64.b64decode(values.text(encoded), validate=True)
    except (binascii.Error, ValueError):
        return b""


def signal(uplink: Uplink, session: Session) -> Signal:
    """The uplink as a signal: a press, a place, or a sign of life.

    A press is of the moment at which the network heard it; the time in a payload is that of the fix.
    """
    own = buttons.read(values.text(session.setting("model")) or uplink.model, uplink.port, uplink.payload)
    seen = own.pop("words", [])
    documents = [part for part in (own, uplink.fields) if part]
    said = formatted.said(documents, session)
    position, fixed_at = _place(documents, session)
    here = said.kind == "heartbeat" and position is not None
    battery = _battery(documents, session)
    battery = uplink.battery if battery is None else battery
    low = ("low_battery",) if battery is not None and battery <= actions.LOW else ()
    return msgspec.structs.replace(
        said,
        kind="position" if here else said.kind,
        at=fixed_at if here and fixed_at else uplink.at,
        position=position,
        battery=battery,
        flags=tuple(dict.fromkeys((*said.flags, *seen, *low))),
    )


def place(location: dict[str, Any], at: datetime | None) -> tuple[Signal, ...]:
    """A place that the network computed from what gateways or the device measured, with its accuracy."""
    position = fields.place(
        values.number(location.get("latitude")),
        values.number(location.get("longitude")),
        at,
        altitude=values.number(location.get("altitude")),
        accuracy=values.not_negative(location.get("accuracy")) or None,
    )
    return (Signal(kind="position", at=at, position=position),) if position else ()


def _place(documents: list[dict[str, Any]], session: Session) -> tuple[Position | None, datetime | None]:
    """The first object that has a latitude and a longitude; the time stands beside them or on the outside."""
    unit = UNITS.get(values.text(session.setting("speed_unit")), fields.KNOT)
    mapped = {name: formatted.at_path(documents, session.setting(f"{name}_path")) for name in PLACE}
    for document in documents:
        outside = _named(document)
        for node in (mapped, *(_named(inner) for _, inner in formatted.nodes(document))):
            at = values.moment(node["at"]) or values.moment(outside["at"])
            position = fields.place(
                values.number(node["lat"]),
                values.number(node["lon"]),
                at,
                speed=values.not_negative(node["speed"], unit),
                course=values.not_negative(node["course"]),
                altitude=values.number(node["altitude"]),
                accuracy=values.not_negative(node["accuracy"]),
            )
            if position is not None:
                return position, at
    return None, None


def _named(node: dict[str, Any]) -> dict[str, Any]:
    said = {formatted.plain(key): value for key, value in node.items()}
    return {name: _first(said, known) for name, known in PLACE.items()}


def _first(said: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next((said[name] for name in names if said.get(name) is not None), None)


def _battery(documents: list[dict[str, Any]], session: Session) -> float | None:
    """0..1. What is only called battery is a voltage from 1.5 to 4.5 (or in mV) and a percentage otherwise."""
    said: dict[str, Any] = {}
    for document in documents:
        for field in formatted.every(document):
            said.setdefault(field.name, field.value)
    if (mapped := formatted.at_path(documents, session.setting("battery_path"))) is not None:
        said = {"battery": mapped}
    percent, volts, either = (values.number(_first(said, known)) for known in (PERCENT, VOLTS, EITHER))
    if either is not None:
        voltage = 1.5 <= either <= 4.5 or 1500 <= either <= 4500
        percent, volts = (percent, either) if voltage else (either, volts)
    if percent is not None:
        return values.share(percent)
    ends = session.setting("battery_volts")
    if volts is None or not isinstance(ends, list) or len(ends) != 2:
        return None
    empty, full = (values.number(end) for end in ends)
    if empty is None or full is None or full <= empty:
        return None
    volts = volts / 1000 if volts > 100 else volts
    return round(min(1.0, max(0.0, (volts - empty) / (full - empty))), 2)
