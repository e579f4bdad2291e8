"""Tasmota: buttons and switches on modules with the Tasmota firmware.

Source: tasmota.github.io, "MQTT", "Buttons and Switches" and "Commands" (SetOption4, 73, 114). The full topic is
`%prefix%/%topic%/` unless changed: `stat/<name>/RESULT` {"Button1": {"Action": "SINGLE"}} (before 9.1
`stat/<name>/BUTTON1` {"ACTION": "SINGLE"}), `tele/<name>/LWT` Online or Offline, `tele/<name>/STATE` every TelePeriod
(300 s), `tele/<name>/SENSOR` with the state of switches {"Switch1": "ON"}.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from tocsin.gates.protocol import Decoded, Message, MqttGate, Session
from tocsin.gates.protocols import actions
from tocsin.gates.signal import Signal

PREFIXES = ("stat", "tele")
INPUT = re.compile(r"(button|switch)(\d*)", re.IGNORECASE | re.ASCII)


def decode(message: Message, session: Session, now: datetime) -> Decoded:
    """One message; what remains of the topic without its prefix and its last level is the name of the device."""
    levels = message.topic.split("/")
    prefix = next((level for level in PREFIXES if level in levels[:-1]), None)
    if prefix is None or len(levels) < 3:
        return Decoded()
    what = levels.pop()
    levels.remove(prefix)
    actions.known(session, "/".join(levels))
    if what == "LWT":
        word = message.payload.strip().lower()
        return actions.decoded(session, [actions.there(word == b"online")] if word in (b"online", b"offline") else [])
    if what not in ("RESULT", "STATE", "SENSOR") and not INPUT.fullmatch(what):
        return Decoded()
    body = actions.parsed(message.payload, session)
    if not isinstance(body, dict):
        return Decoded()
    if INPUT.fullmatch(what):
        body = {what: body}
    return actions.decoded(session, (*_inputs(session, body), Signal(kind="heartbeat")))


def _inputs(session: Session, body: Mapping[str, Any]) -> Iterator[Signal]:
    """{"Button1": {"Action": "SINGLE"}}; {"Switch1": {"Action": "ON"}} or {"Switch1": "ON"}, a state."""
    for name, said in body.items():
        place = INPUT.fullmatch(name)
        if place is None:
            continue
        word = said if isinstance(said, str) else _action(said)
        if not isinstance(word, str):
            continue
        if word.upper() in ("ON", "OFF"):
            level = actions.level(session, word.upper() == "ON")
            if level:
                yield level
        else:
            yield actions.said(session, word, push=_pushed(word, session), zone=place[2][:8] or None)


def _action(said: Any) -> Any:
    return said.get("Action", said.get("ACTION")) if isinstance(said, dict) else None


def _pushed(word: str, session: Session) -> bool:
    """A push-button that is wired as a switch says TOGGLE; so does every light switch that nobody registered."""
    return actions.is_push(word) or (word.upper() == "TOGGLE" and not actions.stranger(session))


GATE = MqttGate(topics=("stat/+/+", "tele/+/LWT", "tele/+/STATE", "tele/+/SENSOR"), decode=decode)
