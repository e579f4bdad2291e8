"""A button whose uplinks ChirpStack passes on: joins, status, presses and places, read by a codec of its profile."""

from base64 import b64encode
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import msgspec

from tocsin.gates.protocol import Moment, Request, Sent


class Device:
    """A device with a DevEUI."""

    def __init__(self, identifier: str) -> None:
        if len(identifier) != 16:
            raise ValueError("a LoRaWAN device is known by its DevEUI: 16 hexadecimal digits")
        self.eui = identifier.lower()
        self.counter = 0

    def hello(self) -> Request:
        return self._send("join", datetime.now(UTC), {"devAddr": "00189440"})

    def heartbeat(self, moment: Moment) -> Request:
        return self._send("status", moment.at, {"margin": 10, "batteryLevel": moment.battery * 100})

    def position(self, moment: Moment) -> Request:
        return self.uplink(moment, {"latitude": moment.lat, "longitude": moment.lon})

    def sos(self, moment: Moment) -> Request:
        return self.uplink(moment, {"sos": True, "latitude": moment.lat, "longitude": moment.lon})

    def uplink(self, moment: Moment, decoded: dict[str, Any], port: int = 1, payload: bytes = b"\x01") -> Request:
        """An uplink. Without a codec there is no `object`."""
        self.counter += 1
        event: dict[str, Any] = {
            "devAddr": "00189440",
            "dr": 1,
            "fCnt": self.counter,
            "fPort": port,
            "data": b64encode(payload).decode(),
            "rxInfo": [{"gatewayId": "0016c001f153a14c", "uplinkId": 4217106255, "rssi": -36, "snr": 10.5}],
        }
        return self._send("up", moment.at, event | ({"object": decoded} if decoded else {}))

    def _send(self, kind: str, at: datetime, event: dict[str, Any]) -> Request:
        info = {"deviceName": "button", "deviceProfileName": "buttons", "devEui": self.eui, "tags": {}}
        about = {
            "deduplicationId": str(uuid4()),
            "time": at.astimezone(UTC).isoformat(timespec="microseconds"),
            "deviceInfo": info,
        }
        return Request(
            method="POST",
            query=f"event={kind}",
            headers={"content-type": "application/json"},
            body=msgspec.json.encode(about | event),
        )

    def answered(self, sent: Sent, got: bytes) -> bool:
        return True  # the 2xx alone is the answer
