"""ChirpStack v4: the JSON of its HTTP integration, `POST …?event=up`.

Source: chirpstack.io/docs, integrations: events, and integration.proto. Fields of value 0 or false are left out.
"""

from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from tocsin.gates.protocol import Decoded, HttpGate, Malformed, Request, Session
from tocsin.gates.protocols import lorawan, values
from tocsin.gates.signal import Signal

UP = ("rxInfo", "data", "object", "fPort")


def decode(request: Request, session: Session, now: datetime) -> Decoded:
    """One event of one device. `log`, `ack`, `txack` and `integration` are no signs of life of it."""
    if request.body and not request.body.lstrip().startswith(b"{"):
        raise Malformed("no JSON. Set the payload encoding of the HTTP integration to JSON")
    event = values.document(request.body)
    if "devEUI" in event:
        raise Malformed("this is ChirpStack v3. The gate speaks v4")
    info = values.inner(event.get("deviceInfo"))
    name = lorawan.eui(info.get("devEui"))
    session.device = values.identifier(name, "deviceInfo.devEui: missing. This is no event of ChirpStack v4")
    kind = parse_qs(request.query, errors="replace").get("event", [""])[-1]
    signals = _signals(kind or ("up" if any(field in event for field in UP) else ""), event, info, session)
    # A stranger is accepted too: a refusal would only be noise in the server's log.
    return Decoded(
        device=session.device,
        signals=signals,
        reply=b"",
        stranger=b"",
        stranger_status=200,
        key=values.text(event.get("deduplicationId")).encode() or None,
    )


def _signals(kind: str, event: dict[str, Any], info: dict[str, Any], session: Session) -> tuple[Signal, ...]:
    at = values.moment(event.get("time"))
    if kind == "up":
        uplink = lorawan.Uplink(
            at=at,
            port=int(values.number(event.get("fPort")) or 0),
            payload=lorawan.payload(event.get("data")),
            fields=values.inner(event.get("object")),
            model=values.text(values.inner(info.get("tags")).get("model")),
        )
        return (lorawan.signal(uplink, session),)
    if kind == "join":
        return (Signal(kind="heartbeat", at=at),)
    if kind == "status":
        return (Signal(kind="heartbeat", at=at, battery=_battery(event)),)
    if kind == "location":
        return lorawan.place(values.inner(event.get("location")), at)
    return ()


def _battery(event: dict[str, Any]) -> float | None:
    """Percent, unless the device hangs on a wire or does not know."""
    if event.get("externalPowerSource") is True or event.get("batteryLevelUnavailable") is True:
        return None
    return values.share(event.get("batteryLevel"))


GATE = HttpGate(decode=decode, keyed=True)
