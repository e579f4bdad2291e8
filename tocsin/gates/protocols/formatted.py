"""The fields that a payload formatter made of a LoRaWAN uplink, read by well-known names.

A name counts in any spelling (`ALARM_status` and `alarmStatus` are one) and at any depth. Where a device's fields are
called otherwise, its settings say so, as for every other button that speaks JSON (actions.py, mqttjson): `action_path`
what happened, `level_path` what stands in every uplink while the alarm is on, `lat_path`, `lon_path`, `battery_path` …
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from tocsin.gates.protocol import Session
from tocsin.gates.protocols import actions, fields, values
from tocsin.gates.signal import ALARMS, Signal

NODES, ITEMS, ACTS = 200, 20, 50  # objects of a document, values of a list, and acts that are looked at

# Each of these, if it is anything but a no, is a press …
PRESSES = frozenset(
    """
    sos sosalarm sosbutton sosevent sosstatus panic panicalarm panicbutton emergency help alarm alarmbutton
    button buttonevent buttonpress buttonpressed buttonstate buttonstatus pressed presstype pushbutton click
    """.split()  # noqa: SIM905
)
# … this one is a level …
LEVELS = ("alarmstatus",)
# … these say what happened, which is a press only if it is called so …
EVENTS = frozenset(("event", "events", "eventname", "eventtype", "messagetype", "alarmtype", "alarmevent", "trigger"))
# … and these are words of their own, some of them a press (fields.verdict).
WORDS = {
    "falldown": "fall_down",
    "falldetected": "fall_down",
    "fall": "fall_down",
    "mandown": "man_down",
    "duress": "duress",
    "tamper": "tampering",
    "tampering": "tampering",
    "tamperalarm": "tampering",
    "tamperstatus": "tampering",
    "lowbattery": "low_battery",
    "batterylow": "low_battery",
}
NO = frozenset(
    """
    false no none null off 0 normal ok idle released release inactive clear cleared open unpressed notpressed
    nopress noalarm nosos nopanic notactive undefined unknown
    """.split()  # noqa: SIM905
)
YES = frozenset("true yes on 1 active closed triggered singleclick doubleclick longclick".split())  # noqa: SIM905
CRIES = frozenset("sos panic emergency help sosevent sosalarm panicalarm panicbutton sosbutton alarm".split())  # noqa: SIM905

_MARKS = re.compile(r"[\W_]+")


class Field(NamedTuple):
    """A field: its name without case and marks, as it is written, and what it says."""

    name: str
    written: str
    value: Any


class Act(NamedTuple):
    """Something that happened: our word for it, and the formatter's words, by which settings may name it."""

    ours: str
    theirs: tuple[str, ...] = ()


def plain(name: str) -> str:
    return _MARKS.sub("", name).lower()


def nodes(document: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each object with the name under which it stands, outer ones first."""
    waiting: list[tuple[str, Any]] = [("", document)]
    for _ in range(NODES):
        if not waiting:
            return
        name, value = waiting.pop(0)
        if isinstance(value, dict):
            yield name, value
            waiting += [(key, inner) for key, inner in value.items() if isinstance(inner, dict | list)]
        elif isinstance(value, list):
            waiting += [(name, inner) for inner in value if isinstance(inner, dict | list)]


def every(document: dict[str, Any]) -> Iterator[Field]:
    """Every field. What is only called status goes by the name of its object: button_event.status."""
    for parent, node in nodes(document):
        for key, value in node.items():
            written = parent if parent and plain(key) in ("status", "state", "value", "type", "action") else key
            for one in value[:ITEMS] if isinstance(value, list) else [value]:
                if isinstance(one, str | int | float):
                    yield Field(plain(written), written, one)


def at_path(documents: list[dict[str, Any]], path: Any) -> Any:
    """What stands at a path of the settings, in the first document that has it."""
    found = (values.at_path(document, path) for document in documents if isinstance(path, str) and path)
    return next((value for value in found if value is not None), None)


def said(documents: list[dict[str, Any]], session: Session) -> Signal:
    """What happened: an alarm, a test, a cancel, or only a sign of life; with its flags, text and level."""
    words: list[str] = []
    heard: list[tuple[Act, Signal]] = []
    for act in islice(_acts(documents, session), ACTS):
        if not fields.verdict([act.ours]).press:
            words.append(act.ours)
            continue
        heard.append((act, actions.said(session, act.ours, *act.theirs, push=True)))
        words += [act.ours] if heard[-1][1].kind == "alarm" else []
    found = fields.verdict(words)
    named = next((s.kind for _, s in heard if s.kind in ("cancel", "test")), None)  # the settings name it
    alarms = [s for _, s in heard if s.kind == "alarm"]
    level = _level(documents, session)
    strange = [act.theirs[0] for act, s in heard if s.kind == "alarm" and act.ours == "unknown_kind" and act.theirs]
    return Signal(
        kind=named or ("alarm" if found.press else "heartbeat"),
        alarm=next((s.alarm for s in alarms if s.alarm), found.alarm) if not named else None,
        silent=found.silent or any(s.silent for s in alarms) or bool(level and level.silent),
        text=values.remark(strange[0]) if strange and not named else None,
        flags=found.flags,
        pressed=level.pressed if level else None,
    )


def _acts(documents: list[dict[str, Any]], session: Session) -> Iterator[Act]:
    mapped = session.setting("action_path")
    if mapped and yes(value := at_path(documents, mapped)):
        yield _act("", value)
    named = frozenset[str]().union(*(actions.words(session.setting(kind)) for kind in ("press", "cancel", "test")))
    for name, written, value in (field for document in documents for field in every(document)):
        if name in WORDS and yes(value):
            yield Act(WORDS[name], (written,))
        elif mapped:
            continue
        elif name in EVENTS and (word := _called(value)):
            yield Act(word, _spoken(value))
        elif (name in PRESSES or written.casefold() in named) and yes(value):
            yield _act(written, value)


def _act(name: str, value: Any) -> Act:
    if not isinstance(value, str):
        number = values.number(value)
        return Act("sos", (name or "true", str(int(number)) if number is not None else "true"))
    ours = _called(value) or ("sos" if plain(value) in YES or actions.is_push(value) else "unknown_kind")
    return Act(ours, (value, *_spoken(value), name))


def _level(documents: list[dict[str, Any]], session: Session) -> Signal | None:
    """An alarm that stands in every uplink until it is over; intake finds its beginning."""
    value = at_path(documents, session.setting("level_path"))
    if value is None:
        found = (field.value for document in documents for field in every(document) if field.name in LEVELS)
        value = next(found, None)
    if value is None:
        return None
    press = actions.words(session.setting("press"))
    return None if press and "alarm_status" not in press else actions.state(session, yes(value))


def yes(value: Any) -> bool:
    """Is it said? True, a number that is not 0, and every word that is neither a no nor the end of something."""
    if isinstance(value, str):
        word = plain(value)
        return bool(word) and word not in NO and actions.ENDS.isdisjoint(_MARKS.split(value.casefold()))
    return value is True or bool(values.number(value))


def _called(value: Any) -> str:
    """Our word for what a formatter calls so: a press, a kind of alarm, a trouble. "" for anything else."""
    word = plain(value) if isinstance(value, str) else ""
    if word in CRIES:
        return "sos"
    return word if word in ALARMS else WORDS.get(word, "")


def _spoken(value: str) -> tuple[str, ...]:
    """A phrase as settings can name it: "short press" is short_press, short and press."""
    parts = [part for part in _MARKS.split(value) if part]
    return ("_".join(parts), *parts)
