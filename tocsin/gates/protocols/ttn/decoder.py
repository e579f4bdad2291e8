"""The Things Stack v3 (The Things Network, The Things Industries): the JSON of its webhooks.

Source: thethingsindustries.com/docs/integrations/data-formats. A field that is empty, 0 or false is left out: no f_cnt
is the first uplink of a session, no f_port is port 0.
"""

from datetime import datetime
from typing import Any

import msgspec

from tocsin.gates.protocol import Decoded, HttpGate, Request, Session
from tocsin.gates.protocols import lorawan, values
from tocsin.gates.signal import Signal

BY_HAND = "SOURCE_REGISTRY"  # a location that somebody typed into the console


def decode(request: Request, session: Session, now: datetime) -> Decoded:
    """One message about one device. Messages about downlinks and of the server's own services say nothing of it."""
    message = values.document(request.body)
    ids = values.inner(message.get("end_device_ids"))
    name = lorawan.eui(ids.get("dev_eui")) or values.text(ids.get("device_id"))
    session.device = values.identifier(name, "end_device_ids: missing. This is no webhook of The Things Stack v3")
    signals, key = _read(message, session)
    # A stranger is accepted too: a webhook that fails several times in a row is switched off, for every device of it.
    return Decoded(device=session.device, signals=signals, reply=b"", stranger=b"", stranger_status=200, key=key)


def _read(message: dict[str, Any], session: Session) -> tuple[tuple[Signal, ...], bytes | None]:
    if isinstance(uplink := message.get("uplink_message"), dict):
        heard = lorawan.signal(_uplink(uplink, message), session)
        if message.get("simulated") is True and (heard.kind == "alarm" or heard.pressed):
            heard = msgspec.structs.replace(heard, kind="test", pressed=None)  # sent from the console, to try the way
        return (heard,), _key(uplink, message)
    if isinstance(join := message.get("join_accept"), dict):
        at = values.moment(join.get("received_at") or message.get("received_at"))
        return (Signal(kind="heartbeat", at=at),), None
    if isinstance(solved := message.get("location_solved"), dict):
        location = values.inner(solved.get("location"))
        if location.get("source") != BY_HAND:
            return lorawan.place(location, values.moment(message.get("received_at"))), None
    return (), None


def _uplink(uplink: dict[str, Any], message: dict[str, Any]) -> lorawan.Uplink:
    return lorawan.Uplink(
        at=values.moment(uplink.get("received_at")) or values.moment(message.get("received_at")),
        port=int(values.number(uplink.get("f_port")) or 0),
        payload=lorawan.payload(uplink.get("frm_payload")),
        fields=values.inner(uplink.get("decoded_payload")),
        model=values.text(values.inner(uplink.get("version_ids")).get("model_id")),
        battery=values.share(values.inner(uplink.get("last_battery_percentage")).get("value")),
    )


def _key(uplink: dict[str, Any], message: dict[str, Any]) -> bytes | None:
    """Session and frame counter; the counter begins anew with each session. Without a session: the time of reception.

    The hour is in it because a device that was activated by hand keeps its session when its counter begins anew.
    """
    at = values.text(uplink.get("received_at") or message.get("received_at"))
    session = values.text(uplink.get("session_key_id"))
    counter = values.text(uplink.get("f_cnt") or 0)
    if not at:
        return None
    return f"{session} {counter} {at[:13] if session else at}".encode()


GATE = HttpGate(decode=decode, keyed=True)
