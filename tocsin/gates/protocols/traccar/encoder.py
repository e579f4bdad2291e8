"""A Traccar server that forwards the reports of one device as JSON: positions, events, and an SOS as both."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from tocsin.gates.protocol import Moment, Request, Sent

KNOT = 1852 / 3600  # m/s


class Device:
    """A tracker known to the server by its uniqueId."""

    def __init__(self, identifier: str) -> None:
        self.identifier = identifier

    def hello(self) -> Request:
        return self.event("deviceOnline", None)

    def heartbeat(self, moment: Moment) -> None:
        return None

    def position(self, moment: Moment, **attributes: Any) -> Request:
        return self._send({"position": self._position(moment, 0, attributes)})

    def sos(self, moment: Moment) -> Request:
        """The event. The same press as a position is `position(moment, alarm="sos")`."""
        return self.event("alarm", moment, alarm="sos")

    def event(self, kind: str, moment: Moment | None, **attributes: Any) -> Request:
        """An event; without a moment it has no position, as those about the connection have none."""
        event = {
            "id": 500,
            "attributes": attributes,
            "deviceId": 10,
            "type": kind,
            "eventTime": _time(moment.at if moment else datetime.now(UTC)),
            "positionId": 12345 if moment else 0,
            "geofenceId": 0,
            "maintenanceId": 0,
        }
        report: dict[str, Any] = {"event": event}
        if moment:
            report["position"] = self._position(moment, 12345, attributes)
        return self._send(report)

    def _position(self, moment: Moment, number: int, attributes: dict[str, Any]) -> dict[str, Any]:
        """A position has its number only once it is stored, after it was forwarded."""
        return {
            "id": number,
            "attributes": {"batteryLevel": round(moment.battery * 100), "motion": moment.speed > 0} | attributes,
            "deviceId": 10,
            "protocol": "gt06",
            "serverTime": _time(moment.at),
            "deviceTime": _time(moment.at),
            "fixTime": _time(moment.at),
            "outdated": False,
            "valid": True,
            "latitude": moment.lat,
            "longitude": moment.lon,
            "altitude": 0.0,
            "speed": moment.speed / KNOT,
            "course": moment.course,
            "address": None,
            "accuracy": 0.0,
            "network": None,
            "geofenceIds": None,
        }

    def _send(self, report: dict[str, Any]) -> Request:
        device = {"id": 10, "attributes": {}, "name": "car", "uniqueId": self.identifier, "status": "online"}
        return Request(
            method="POST",
            headers={"content-type": "application/json"},
            body=msgspec.json.encode(report | {"device": device}),
        )

    def answered(self, sent: Sent, got: bytes) -> bool:
        return True  # the 2xx alone is the answer


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")
