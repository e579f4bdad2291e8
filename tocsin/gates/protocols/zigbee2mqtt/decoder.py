"""Zigbee2MQTT: the buttons, keypads and sensors of a Zigbee network.

Source: www.zigbee2mqtt.io, "MQTT topics and messages" and "Device availability" (2.x): `<base>/<friendly name>` carries
the whole state as JSON, `<base>/<friendly name>/availability` {"state": "online"} (before 2.0 the bare word),
`<base>/bridge/…` its own affairs. With `output: attribute` each attribute has a topic of its own, such as
`<base>/<friendly name>/action`, and for Home Assistant an action is told in both ways. A friendly name may hold
slashes. An action is told once, at the push; every other attribute is repeated with each message.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from tocsin.gates.protocol import Decoded, Malformed, Message, MqttGate, Session
from tocsin.gates.protocols import actions, values
from tocsin.gates.signal import Signal

BASE = "zigbee2mqtt"
COMMANDS = frozenset(("set", "get"))
CRIES = ("sos", "panic", "emergency")  # attributes that are true when somebody asks for help
#: Attributes that alarm if the setting `states` of the device names them, and the alarm that they are.
STATES = {
    "smoke": "fire",
    "gas": "fire",
    "carbon_monoxide": "medical",
    "contact": "burglary",
    "vibration": "burglary",
    "occupancy": "burglary",
    "presence": "burglary",
    "water_leak": "other",
}
BOTH_WAYS = timedelta(seconds=2)


def decode(message: Message, session: Session, now: datetime) -> Decoded:
    """One message of a device. Commands and the bridge say nothing."""
    found = _below(message.topic, session)
    name, _, last = found.rpartition("/")
    if not found or found == "bridge" or found.startswith("bridge/") or COMMANDS & set(found.split("/")[-2:]):
        return Decoded()
    body = actions.plain(message.payload)
    if last == "availability" and name:
        actions.known(session, name)
        word = body.get("state") if isinstance(body, dict) else body
        return actions.decoded(session, [actions.there(word == "online")] if word in ("online", "offline") else [])
    if isinstance(body, dict):
        actions.known(session, found)
        return actions.decoded(session, _signals(session, body, False, now))
    if name:
        actions.known(session, name)
        return actions.decoded(session, _signals(session, {last: body}, True, now))
    actions.known(session, found)
    if not actions.stranger(session):
        raise Malformed("a JSON object is expected")
    return Decoded()


def _below(topic: str, session: Session) -> str:
    """What follows the base topic. TOCSIN_GATE_ZIGBEE2MQTT_TOPICS may name other bases: `home/zigbee/#`."""
    further = (t.removesuffix("/#") for t in session.gate.get("topics", "").split() if t.endswith("/#"))
    return next((topic[len(base) + 1 :] for base in (BASE, *further) if topic.startswith(base + "/")), "")


def _signals(session: Session, fields: Mapping[str, Any], alone: bool, now: datetime) -> Iterator[Signal]:
    """`alone`: an attribute with a topic of its own."""
    at = values.moment(fields["last_seen"]) if "last_seen" in fields else None
    charge = actions.battery(fields.get("battery"))
    action = fields.get("action")
    said = [action] if isinstance(action, str) and action else []
    for word in (*said, *(name for name in CRIES if fields.get(name) is True)):
        if not _twice(session, word, alone, now):
            digits = re.findall(r"\d{1,8}", word)
            yield actions.said(session, word, at=at, zone=digits[0] if len(digits) == 1 else None, **charge)
    listed = [name for name in STATES if name in actions.words(session.setting("states")) and name in fields]
    if listed:
        raised = [name for name in listed if fields[name] is (name != "contact")]
        yield actions.state(session, bool(raised), STATES[raised[0]] if raised else None, at=at)
    flags = dict.fromkeys((*charge.get("flags", ()), *_flags(fields)))
    if "low_battery" in flags:
        flags.pop("battery_restored", None)
    yield Signal(kind="heartbeat", at=at, battery=charge.get("battery"), flags=tuple(flags))


def _twice(session: Session, word: str, alone: bool, now: datetime) -> bool:
    """Was it just told in the other way?"""
    if actions.stranger(session):
        return False
    last = actions.remember(session, "said", session.device, (word, alone, now))
    if last is None or last[0] != word or last[1] is alone or now - last[2] > BOTH_WAYS:
        return False
    actions.remember(session, "said", session.device, last)
    return True


def _flags(fields: Mapping[str, Any]) -> Iterator[str]:
    for name, begun, ended in (
        ("tamper", "tampering", "tamper_restored"),
        ("battery_low", "low_battery", "battery_restored"),
    ):
        if isinstance(fields.get(name), bool):
            yield begun if fields[name] else ended


GATE = MqttGate(topics=(f"{BASE}/#",), decode=decode)
