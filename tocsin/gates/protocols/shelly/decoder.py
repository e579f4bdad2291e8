"""Shelly over MQTT: Gen1 (Button1, i3, Smoke, Flood, inputs of relays), Gen2 and later (Plus, Pro, Gen3), BLU buttons.

Sources: Shelly's API references. Gen1 (shelly-api-docs.shelly.cloud/gen1): `shellies/<id>/input_event/<n>` is
{"event": "S", "event_cnt": 4}: S, SS, SSS for one to three short pushes, L for a long one, SL and LS on the i3, "" for
none; a mains device repeats it every `mqtt_update_period` seconds (30). Gen2 (…/gen2): `<topic prefix>/events/rpc`
carries NotifyEvent and NotifyStatus, `<topic prefix>/online` true or false.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import msgspec

from tocsin.gates.protocol import Decoded, Malformed, Message, MqttGate, Session
from tocsin.gates.protocols import actions, values
from tocsin.gates.signal import Signal

TOPICS = (
    "shellies/announce", "shellies/+/announce", "shellies/+/online", "shellies/+/input_event/+",
    "shellies/+/input/+", "shellies/+/sensor/+", "+/events/rpc", "+/online",
)  # fmt: skip
PUSHES = {"S": "single", "SS": "double", "SSS": "triple", "L": "long", "SL": "short_long", "LS": "long_short"}
SENSORS = {"smoke": "fire", "flood": "other"}  # and the alarm that they are
REPEATS = timedelta(seconds=60)  # twice the time in which a mains device has said everything once more

_MARKS = UUID("5a7c2a0e-5bb0-4f7e-a7ce-6a2a1d1c0f55")  # the namespace of ids made from a device's own counter


def decode(message: Message, session: Session, now: datetime) -> Decoded:
    """One message. What is none of a Shelly says nothing."""
    levels = message.topic.split("/")
    if levels[-2:] == ["events", "rpc"] and len(levels) > 2:
        return _rpc(message, "/".join(levels[:-2]), session, now)
    if levels[0] != "shellies":
        return _online(message, "/".join(levels[:-1]), session) if levels[-1] == "online" else Decoded()
    if levels[1:] == ["announce"]:
        return _announced(message, session)
    device = actions.known(session, levels[1])
    match levels[2:]:
        case ["announce"]:
            return actions.decoded(session, [Signal(kind="heartbeat")])
        case ["online"]:
            return _online(message, device, session)
        case ["input_event", place]:
            return actions.decoded(session, _input_event(message, session, device, place, now))
        case ["input", _]:
            level = actions.level(session, message.payload.strip() == b"1")
            return actions.decoded(session, [level] if level else [])
        case ["sensor", what]:
            return actions.decoded(session, _sensor(message, session, what))
    return Decoded()


def _announced(message: Message, session: Session) -> Decoded:
    """{"id": "shellybutton1-…", "mac", "ip", "fw_ver"}: it has joined the broker."""
    body = actions.parsed(message.payload, session)
    if not isinstance(body, dict) or not isinstance(body.get("id"), str):
        return Decoded()
    actions.known(session, body["id"])
    return actions.decoded(session, [Signal(kind="heartbeat")])


def _online(message: Message, device: str, session: Session) -> Decoded:
    """A Button1 sleeps between two pushes, and is offline then: that is no fault."""
    word = message.payload.strip().lower()
    device = actions.known(session, device)
    if word not in (b"true", b"false") or (word == b"false" and _sleeps(device)):
        return Decoded()
    return actions.decoded(session, [actions.there(word == b"true")])


def _sleeps(device: str) -> bool:
    return device.lower().startswith("shellybutton")


def _sensor(message: Message, session: Session, what: str) -> Iterator[Signal]:
    word = message.payload.strip().lower().decode("latin-1")
    if what in SENSORS and word in ("true", "false"):
        yield actions.state(session, word == "true", SENSORS[what])
    elif what == "battery":
        yield Signal(kind="heartbeat", **actions.battery(word))


def _input_event(message: Message, session: Session, device: str, place: str, now: datetime) -> Iterator[Signal]:
    """A push, unless it was told before: only another count is another push.

    The count begins anew after a power cut, so "lower" is another as well. What was said before this process began to
    listen is not known. So where a device may still be telling everything once more (see REPEATS; one that sleeps tells
    its last push when it wakes), the alarm takes an id made from its count, which each push also leaves behind as a
    mark: a push that is stored is not stored again.
    """
    body = actions.parsed(message.payload, session)
    if not isinstance(body, dict) or not isinstance(body.get("event"), str):
        if not actions.stranger(session):
            raise Malformed('input_event: {"event": "S", "event_cnt": 1} is expected')
        return
    event: str = body["event"]
    count, word = body.get("event_cnt"), PUSHES.get(event, event)
    push = actions.said(session, word, event, f"{word}_push", push=bool(event), zone=place[:8])
    if push.kind == "heartbeat" or actions.stranger(session) or not isinstance(count, int):
        if not actions.stranger(session):
            actions.remember(session, "counts", (device, place), count)
        yield push
        return
    last = actions.remember(session, "counts", (device, place), count)
    since = session.memory.get("since")  # when the listener subscribed
    repeating = _sleeps(device) or (since is not None and now - since < REPEATS)
    mark = uuid5(_MARKS, f"{device}/{place}/{count}/{event}")
    if last == count:
        yield Signal(kind="heartbeat")
    elif last is None and repeating:
        yield msgspec.structs.replace(push, id=mark)
    else:
        yield push
        yield Signal(kind="heartbeat", id=mark)


def _rpc(message: Message, prefix: str, session: Session, now: datetime) -> Decoded:
    """{"src": id, "method": "NotifyEvent" | "NotifyStatus" | "NotifyFullStatus", "params": {"ts", …}}.

    Registered by its id or by the topic prefix that it was given.
    """
    session.device = prefix
    body = actions.parsed(message.payload, session)
    if not isinstance(body, dict) or not isinstance(params := body.get("params"), dict):
        return Decoded()
    source = body.get("src")
    actions.known(session, *([source, prefix] if isinstance(source, str) and source else [prefix]))
    if body.get("method") == "NotifyEvent":
        events = params.get("events")
        signals = list(_events(events if isinstance(events, list) else [], session))
        fresh = all(actions.plausible(signal.at, now) for signal in signals)
        return actions.decoded(session, signals, message.payload if fresh else None)
    return actions.decoded(session, _status(params, session))


def _events(events: list[Any], session: Session) -> Iterator[Signal]:
    """{"component": "input:0" | "bthomedevice:200", "event": "single_push", "ts": …}.

    A BLU button tells each push twice, as the device and as its sensor (`bthomesensor`): the device's is taken.
    """
    for event in events:
        if not isinstance(event, dict):
            continue
        component, _, number = str(event.get("component")).partition(":")
        word, at = event.get("event"), values.moment(event.get("ts"))
        if component in ("input", "bthomedevice") and isinstance(word, str):
            yield actions.said(session, word, word.removesuffix("_push"), zone=number[:8], at=at)
        else:
            yield Signal(kind="heartbeat", at=at)


def _status(params: dict[str, Any], session: Session) -> Iterator[Signal]:
    """{"devicepower:0": {"battery": {"percent": 80}}, "bthomedevice:200": {"battery": 80}, "input:0": {"state": …}}."""
    told: list[dict[str, Any]] = []
    for name, part in params.items():
        component = name.partition(":")[0]
        if not isinstance(part, dict):
            continue
        if component == "devicepower" and isinstance(part.get("battery"), dict):
            told.append(actions.battery(part["battery"].get("percent")))
        elif component == "bthomedevice":
            told.append(actions.battery(part.get("battery")))
        elif component == "input" and isinstance(part.get("state"), bool):
            level = actions.level(session, part["state"])
            if level:
                yield level
    lowest = min(filter(None, told), key=lambda fields: fields["battery"], default={})
    yield Signal(kind="heartbeat", **lowest)


GATE = MqttGate(topics=TOPICS, decode=decode)
