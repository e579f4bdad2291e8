"""Traccar: what one server forwards of its devices, whichever of its protocols they speak.

Three forms, all with the same names: an event as JSON ({"event", "position"?, "device"}, event.forward.url), a position
as JSON ({"position", "device"}, forward.url with forward.type json) and a position in a query (forward.type url).
Sources: traccar.org/forward and the models Position, Event and Device of the server. Speed in knots, altitude and
accuracy in metres (0: not known), battery in percent.

One SOS comes twice, as a position and as an event: both have the same key, so that it is stored once.
"""

from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

import msgspec

from tocsin.gates.protocol import Decoded, HttpGate, Malformed, Request, Session
from tocsin.gates.protocols import fields, values
from tocsin.gates.protocols.traccar.codes import ALARMS, EVENTS, NO_LIFE, PLAIN
from tocsin.gates.signal import Position, Signal

PANIC = "0xF841"  # {statusCode} of a position with any alarm


def decode(request: Request, session: Session, now: datetime) -> Decoded:
    """One report of the server. It is content with any 2xx; what it is refused, it sends again up to ten times."""
    query = {name: found[-1] for name, found in parse_qs(request.query, errors="replace").items()}
    report = values.document(request.body) if request.body.strip() else _templated(query)
    name = values.text(values.inner(report.get("device")).get("uniqueId")) or query.get("uniqueId", "")
    session.device = values.identifier(name, "device.uniqueId: missing. Forward as json, or with {uniqueId} in the URL")
    event, position = values.inner(report.get("event")), values.inner(report.get("position"))
    if not event and not position:
        raise Malformed("neither an event nor a position")
    kind = values.text(event.get("type"))
    if kind in NO_LIFE:
        return Decoded(device=session.device, reply=b"", stranger_status=200)
    words, remark = _words(kind, event, position, session)
    signal = _signal(event, position, words, remark)
    # A stranger's report is accepted too: the server would only try again, and its retries have one limit for all.
    return Decoded(
        device=session.device,
        signals=(signal,),
        reply=b"",
        stranger=b"",
        stranger_status=200,
        key=_key(signal, kind, position, now),
    )


def _templated(query: dict[str, str]) -> dict[str, Any]:
    """The report that a URL of placeholders carries; one that the server did not fill says nothing."""
    filled = {name: found for name, found in query.items() if found != "null" and "{" + name + "}" not in found}
    try:
        attributes = values.inner(msgspec.json.decode(filled.get("attributes", "{}")))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        attributes = {}
    if "attributes" not in filled and filled.get("statusCode") == PANIC:
        attributes = {"alarm": "general"}  # which one, the server does not say so
    if "batteryLevel" in filled:
        attributes = {"batteryLevel": filled["batteryLevel"]} | attributes
    position = {**filled, "attributes": attributes, "valid": filled.get("valid", "true").lower() != "false"}
    return {"position": position, "device": {"uniqueId": filled.get("uniqueId", "")}}


def _words(
    kind: str, event: dict[str, Any], position: dict[str, Any], session: Session
) -> tuple[tuple[str, ...], str | None]:
    """What the report means in our words (see fields.verdict), and the server's word where we do not know it."""
    if event and kind != "alarm":
        return (EVENTS.get(kind, ""),), None
    attributes = values.inner((event or position).get("attributes"))
    alarms = [alarm.strip() for alarm in values.text(attributes.get("alarm")).split(",")]
    if event and not any(alarms):
        alarms = ["general"]
    words = [_meaning(alarm, session) for alarm in alarms if alarm]
    strange = [alarm for alarm, word in zip(filter(None, alarms), words, strict=True) if word == "unknown_kind"]
    return tuple(words), values.remark(", ".join(strange)) if strange else None


def _meaning(alarm: str, session: Session) -> str:
    """The device's setting `alarms`, {"general": "movement", "powerOff": "sos"}, goes first."""
    own = values.inner(session.setting("alarms")).get(alarm)
    if isinstance(own, str):
        return own
    return ALARMS.get(alarm, PLAIN.get(alarm.lower(), "unknown_kind"))


def _signal(event: dict[str, Any], position: dict[str, Any], words: tuple[str, ...], remark: str | None) -> Signal:
    found = fields.verdict(words)
    place, flags = _place(position)
    attributes = values.inner(position.get("attributes"))
    times = (position.get("deviceTime"), position.get("fixTime"), event.get("eventTime"))
    return Signal(
        kind="alarm" if found.press else "position" if place else "heartbeat",
        alarm=found.alarm,
        at=next((at for at in map(values.moment, times) if at), None),
        position=place,
        silent=found.silent,
        battery=values.share(attributes.get("batteryLevel")),
        text=remark,
        flags=tuple(dict.fromkeys((*found.flags, *flags))),
    )


def _place(position: dict[str, Any]) -> tuple[Position | None, tuple[str, ...]]:
    """`old_fix`: the tracker has no fix now and the server repeats the last. `buffered`: from the tracker's memory."""
    place = fields.place(
        values.number(position.get("latitude")),
        values.number(position.get("longitude")),
        values.moment(position.get("fixTime")),
        speed=values.not_negative(position.get("speed"), fields.KNOT),
        course=values.not_negative(position.get("course")),
        altitude=values.number(position.get("altitude")),
        accuracy=values.not_negative(position.get("accuracy")) or None,
    )
    old = place is not None and (position.get("valid") is False or position.get("outdated") is True)
    archived = values.inner(position.get("attributes")).get("archive") is True
    return place, ("old_fix",) * old + ("buffered",) * archived


def _key(signal: Signal, kind: str, position: dict[str, Any], now: datetime) -> bytes | None:
    """The same for one message of the device, as an event and as a position.

    A fresh press is known by the device's time. One with an old time (a wrong clock, a buffer, no fix) is known by the
    time at which the server had it, since trackers without fix may give the same old time to two presses.
    """
    fresh = signal.at is not None and abs(now - signal.at) < fields.PRESS_IS_FRESH
    stamp = signal.at.isoformat() if fresh and signal.at else values.text(position.get("serverTime"))
    if signal.kind == "heartbeat" or not stamp:
        return None
    if signal.kind == "alarm":
        return f"press {stamp}".encode()
    what = "" if kind == "alarm" else kind
    return " ".join((what or "position", stamp, *signal.flags)).encode()


GATE = HttpGate(decode=decode, keyed=True)
