"""Any device that publishes JSON, or a bare word, over MQTT: self-made buttons, bridges, modems, gateways.

Topics `tocsin/<device>` and whatever lies below, and those of TOCSIN_GATE_MQTTJSON_TOPICS, where `{device}` is the
level that names the device: `home/{device}/event`. What the fields are called is looked up by the usual names (FIELDS),
or by the device's own settings: `<field>_path`, dots between levels, numbers for places in a list ("data.gps.0").
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from tocsin.gates.protocol import Decoded, Malformed, Message, MqttGate, Session
from tocsin.gates.protocols import actions, fields, values
from tocsin.gates.signal import ALARMS, Position, Signal

OWN = "tocsin"
FIELDS: dict[str, tuple[str, ...]] = {
    "action": ("event", "action", "button"),
    "alarm": ("alarm",),
    "lat": ("lat", "latitude", "location.lat", "location.latitude", "position.lat", "gps.lat", "coords.latitude"),
    "lon": ("lon", "lng", "longitude", "location.lon", "location.lng", "location.longitude", "position.lon", "gps.lon",
            "coords.longitude"),
    "accuracy": ("accuracy", "acc"),
    "altitude": ("altitude", "alt"),
    "speed": ("speed",),
    "course": ("course", "heading", "bearing"),
    "battery": ("battery", "batt", "battery_level"),
    "at": ("at", "time", "timestamp", "ts", "tst"),
    "counter": ("counter", "seq", "event_cnt"),
    "silent": ("silent",),
    "test": ("test",),
    "text": ("text", "message"),
}  # fmt: skip
CRIES = ("sos", "panic", "emergency", "help")  # fields that are true when somebody asks for help
NO = frozenset(("", "false", "0", "none", "null", "no", "off", "ok", "clear", "cleared", "normal"))
RESENT = timedelta(minutes=10)  # a counter that stands still for longer counts no presses


def decode(message: Message, session: Session, now: datetime) -> Decoded:
    """One message. An alarm is taken whatever else in it is wrong."""
    device, below = _named(message.topic, session)
    if not device:
        return Decoded()
    actions.known(session, device)
    body = actions.plain(message.payload)
    if not isinstance(body, dict):
        body = {below or "action": body}  # a bare word, at tocsin/<device>/sos or at tocsin/<device>
    signal = _signal(body, session)
    if actions.stranger(session):
        ours = message.topic.startswith(f"{OWN}/") or signal.kind == "alarm" or signal.position
        return Decoded(device=device, signals=(signal,)) if ours else Decoded()
    signal = _once(signal, _field(body, session, "counter"), session, now)
    return Decoded(device=device, signals=(signal,), key=fields.key(message.raw(), (signal,), now))


def _named(topic: str, session: Session) -> tuple[str, str]:
    """The device that a topic names, and the last level below it."""
    levels = topic.split("/")
    for pattern in (f"{OWN}/{{device}}/#", *session.gate.get("topics", "").split()):
        parts = pattern.split("/")
        if "{device}" in parts and _matches(parts, levels):
            place = parts.index("{device}")
            return levels[place], levels[-1] if len(levels) > place + 1 else ""
    return "", ""


def _matches(parts: list[str], levels: list[str]) -> bool:
    if parts[-1] == "#":
        parts, levels = parts[:-1], levels[: len(parts) - 1]
    return len(parts) == len(levels) and all(p in (x, "+", "{device}") for p, x in zip(parts, levels, strict=True))


def _signal(body: Mapping[str, Any], session: Session) -> Signal:
    signal, flags = _meaning(body, session), list[str]()
    said_at = _field(body, session, "at")
    at = None if said_at is None else values.moment(said_at)
    if said_at is not None and at is None:
        flags.append("wrong_clock")
    position = _position(body, session, at, strict=signal.kind == "heartbeat" and not actions.stranger(session))
    charge = actions.battery(_percent(_field(body, session, "battery")))
    text = signal.text or _word(_field(body, session, "text"))[:1000] or None
    kind = signal.kind
    if kind == "heartbeat":
        kind = "position" if position else "message" if text else "heartbeat"
    return msgspec.structs.replace(
        signal,
        kind=kind,
        at=at,
        position=position,
        battery=charge.get("battery"),
        text=text,
        flags=(*signal.flags, *flags, *charge.get("flags", ())),
    )


def _meaning(body: Mapping[str, Any], session: Session) -> Signal:
    """Kind of signal and of alarm. A kind of alarm that we do not know still alarms, and its word is kept."""
    alarm = _word(_field(body, session, "alarm"))
    for word, push in _words(body, alarm, session):
        signal = actions.said(session, word, push=push)
        if signal.kind == "heartbeat":
            continue
        if _yes(_field(body, session, "test")):
            return Signal(kind="test")
        if signal.kind == "alarm":
            silent = signal.silent or _yes(_field(body, session, "silent"))
            kind = signal.alarm or (alarm.casefold() if alarm.casefold() in ALARMS else None)
            signal = msgspec.structs.replace(signal, silent=silent, alarm=kind)
            if word is alarm and not kind and word.casefold() not in actions.YES and not actions.is_push(word):
                signal = msgspec.structs.replace(signal, alarm="other", flags=("unknown_kind",), text=word[:200])
        return signal
    return Signal(kind="heartbeat")


def _words(body: Mapping[str, Any], alarm: str, session: Session) -> Iterator[tuple[str, bool]]:
    """What may be a press, and whether it is one where the settings do not say."""
    action = _word(_field(body, session, "action"))
    mapped = bool(session.setting("action_path"))
    yield action, actions.is_push(action) or (mapped and action.casefold() in actions.YES)
    for cry in CRIES:
        if _yes(body.get(cry)):
            yield cry, True
    if alarm.casefold() not in NO:
        yield alarm, True


def _once(signal: Signal, counter: Any, session: Session, now: datetime) -> Signal:
    """A press that is sent again under the same counter is a sign of life."""
    if signal.kind not in ("alarm", "test", "cancel") or counter is None:
        return signal
    counter = str(counter)[:64]
    last = actions.remember(session, "counters", session.device, (counter, now))
    if last is None or last[0] != counter or now - last[1] > RESENT:
        return signal
    actions.remember(session, "counters", session.device, last)
    return Signal(kind="heartbeat", battery=signal.battery)


def _position(body: Mapping[str, Any], session: Session, at: datetime | None, strict: bool) -> Position | None:
    """Degrees, metres, m/s. `strict`: a place that is none is an error."""
    lat, lon = _field(body, session, "lat"), _field(body, session, "lon")
    y, x = values.number(lat), values.number(lon)
    if y is None or x is None or abs(y) > 90 or abs(x) > 180:
        if strict and (lat is not None or lon is not None):
            raise Malformed(f"lat, lon: {str(lat)[:40]}, {str(lon)[:40]} is no place on Earth")
        return None
    accuracy, altitude, speed, course = (
        values.number(_field(body, session, name)) for name in ("accuracy", "altitude", "speed", "course")
    )
    return Position(lat=y, lon=x, accuracy=accuracy, altitude=altitude, speed=speed, course=course, at=at)


def _field(body: Any, session: Session, name: str) -> Any:
    path = session.setting(f"{name}_path")
    if isinstance(path, str) and path:
        return values.at_path(body, path)
    found = (values.at_path(body, usual) for usual in FIELDS[name])
    return next((value for value in found if value is not None), None)


def _word(value: Any) -> str:
    """A value as a word: true and false as JSON writes them; of lists and objects none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip() if isinstance(value, str | int | float) else ""


def _yes(value: Any) -> bool:
    return _word(value).casefold() not in NO


def _percent(value: Any) -> float | None:
    """A battery in percent, or as a share where it is a fraction of one. A plain 1 is one percent: better too low."""
    level = values.number(value.rstrip("% ") if isinstance(value, str) else value)
    return level * 100 if isinstance(value, float) and level is not None and level <= 1 else level


GATE = MqttGate(topics=(f"{OWN}/+/#",), decode=decode)
