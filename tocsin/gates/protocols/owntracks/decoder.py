"""OwnTracks over HTTP and MQTT: the JSON of the apps (iOS, Android) and of trackers that write the same.

Sources: the OwnTracks booklet, tech/json, tech/http and tech/mqtt. Speed in km/h, battery in percent, Unix seconds.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from tocsin.gates.protocol import Decoded, HttpGate, Malformed, Message, MqttGate, Request, Session
from tocsin.gates.protocols import fields, values
from tocsin.gates.signal import Signal

JSON = "application/json"
NOTHING = b"[]"  # the app waits for a list of messages to it

# What follows user and device in a topic.
SUFFIXES = frozenset(("event", "waypoint", "waypoints", "status", "step", "beacon", "dump", "cmd", "info"))
# Why a tracker sends its position (`t`), where that is more than a position. The apps use other letters.
TRIGGERS = {
    "9": "low_battery",
    "1": "power_on",
    "e": "power_cut",
    "E": "power_restored",
    "i": "ignition_on",
    "I": "ignition_off",
    "!": "tow",
    "s": "overspeed",
}
HARSH = {0: "hard_braking", 3: "hard_braking", 1: "hard_acceleration", 4: "hard_acceleration"} | {
    2: "hard_cornering",
    5: "hard_cornering",
}
FENCE = {"enter": "geofence_enter", "leave": "geofence_exit"}
# Other messages of a device that is alive. `lwt` is none of them: the broker sends it for a device that is gone.
SIGNS_OF_LIFE = frozenset(
    ("status", "steps", "beacon", "waypoint", "waypoints", "card", "configuration", "dump", "request", "response")
)


def decode_request(request: Request, session: Session, now: datetime) -> Decoded:
    """A message over HTTP. The answer is a list of messages to the app, an empty one."""
    if not request.body.strip():
        return Decoded(reply=NOTHING, media=JSON)  # a friend was deleted in the app
    report = values.document(request.body)
    user, password = _basic(request.headers.get("authorization", ""))
    session.device = _named(request, report, user)
    if not _welcome(session.setting("password"), password):  # a stranger, whatever name it says
        return Decoded(signals=(Signal(kind="heartbeat"),), stranger=NOTHING, media=JSON)
    return _decoded(report, request.body, session, now)


def decode_message(message: Message, session: Session, now: datetime) -> Decoded:
    """A message over MQTT. Who may publish to a topic is the broker's to decide; the topic says who speaks."""
    user, device = _of_topic(message.topic)
    session.device = _identifier(user, device)
    if not message.payload.strip():
        return Decoded(device=session.device)
    return _decoded(values.document(message.payload), message.payload, session, now)


def _decoded(report: dict[str, Any], raw: bytes, session: Session, now: datetime) -> Decoded:
    signals = _signals(report, session)
    return Decoded(
        device=session.device,
        signals=signals,
        reply=NOTHING,
        stranger=NOTHING,
        media=JSON,
        key=fields.key(raw, signals, now) if signals else None,
    )


# Who speaks


def _named(request: Request, report: dict[str, Any], signed_in: str) -> str:
    """user/device: from the headers, the URL, the topic; the user also from the sign-in, the device also from `tid`."""
    query = {name: found[-1] for name, found in parse_qs(request.query, errors="replace").items()}
    topic = _of_topic(values.text(report.get("topic")))
    user = request.headers.get("x-limit-u") or query.get("u") or signed_in or topic[0]
    device = request.headers.get("x-limit-d") or query.get("d") or topic[1] or values.text(report.get("tid"))
    return _identifier(user, device)


def _of_topic(topic: str) -> tuple[str, str]:
    """User and device of owntracks/user/device/…, or of another base that ends so."""
    parts = [part for part in topic.split("/") if part]
    if "owntracks" in parts:
        parts = parts[parts.index("owntracks") + 1 :][:2]
    elif len(parts) > 2 and parts[-1] in SUFFIXES:
        parts = parts[:-1]
    return (parts[-2], parts[-1]) if len(parts) >= 2 else ("", "")


def _identifier(user: str, device: str) -> str:
    name = "/".join(part for part in (user.strip(), device.strip()) if part)
    return values.identifier(name, "who speaks? Set user and device in the app (or ?u=user&d=device in the URL)")


def _basic(header: str) -> tuple[str, str]:
    """User and password of HTTP basic authentication (RFC 7617); empty where there is none."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        user, _, password = base64.b64decode(encoded.strip()).decode("utf-8", "replace").partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return user, password


def _welcome(expected: Any, given: str) -> bool:
    """Is the password that of the device? A device without one is known by its name alone."""
    if not isinstance(expected, str) or not expected:
        return True
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))


# What it says


def _signals(report: dict[str, Any], session: Session) -> tuple[Signal, ...]:
    kind = report.get("_type")
    if kind == "encrypted":
        raise Malformed("_type encrypted: we have no key. Clear the encryption key in the app and use https:// instead")
    if not isinstance(kind, str) or not kind:
        raise Malformed("_type: missing")
    if kind in ("location", "transition"):
        return (_location(report, session),)
    return (Signal(kind="heartbeat"),) if kind in SIGNS_OF_LIFE else ()


def _location(report: dict[str, Any], session: Session) -> Signal:
    """A position, or a press where a rule of the device's settings says so. The place may be older than the press."""
    fixed_at = values.moment(report.get("tst"))
    sent_at = values.moment(report.get("sent"))
    position = fields.place(
        values.number(report.get("lat")),
        values.number(report.get("lon")),
        fixed_at,
        speed=values.not_negative(report.get("vel"), fields.KMH),
        course=values.not_negative(report.get("cog")),
        altitude=values.number(report.get("alt")),
        accuracy=values.not_negative(report.get("acc")),
    )
    press = pressed(report, session.setting("sos"))
    return Signal(
        kind="alarm" if press else "position" if position else "heartbeat",
        at=sent_at or (values.moment(report.get("created_at")) if press else None) or fixed_at,
        position=position,
        battery=values.share(report.get("batt")),
        flags=tuple(word for word in (_fence(report), _trigger(report)) if word),
    )


def _fence(report: dict[str, Any]) -> str:
    return FENCE.get(values.text(report.get("event")), "")


def _trigger(report: dict[str, Any]) -> str:
    trigger = values.text(report.get("t"))
    return HARSH.get(int(values.number(report.get("rty")) or 0), "") if trigger == "h" else TRIGGERS.get(trigger, "")


def pressed(report: Mapping[str, Any], rules: Any) -> bool:
    """Is it a press? By the device's setting `sos`, a rule or a list: {"event": "enter", "desc": "SOS"}, or "t=u".

    All fields of a rule must be there and equal; a rule may give several values, a report too (`inregions`).
    """
    for rule in rules if isinstance(rules, list) else [rules]:
        wanted = _written(rule) if isinstance(rule, str) else rule
        if isinstance(wanted, dict) and wanted and all(_meets(report.get(name), want) for name, want in wanted.items()):
            return True
    return False


def _written(rule: str) -> dict[str, str]:
    """A rule as a person enters it: "event=enter, desc=SOS"."""
    pairs = (part.partition("=") for part in rule.split(","))
    return {name.strip(): value.strip() for name, equals, value in pairs if equals}


def _meets(value: Any, want: Any) -> bool:
    have, wanted = (v if isinstance(v, list) else [v] for v in (value, want))
    return any(_same(one, other) for one in have for other in wanted)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.strip().casefold() == other.strip().casefold()
    return one is not None and bool(one == other)


GATE = (
    HttpGate(decode=decode_request),
    MqttGate(topics=("owntracks/+/+", "owntracks/+/+/event", "owntracks/+/+/status"), decode=decode_message),
)
