"""A button whose uplinks The Things Stack passes on: joins, presses and places, read by a formatter in the console."""

from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import msgspec

from tocsin.gates.protocol import Moment, Request, Sent


class Device:
    """A device with a DevEUI, activated over the air. `joined` numbers its sessions."""

    def __init__(self, identifier: str) -> None:
        self.identifier = identifier
        self.joined = 0
        self.counter = 0

    def hello(self) -> Request:
        self.joined, self.counter = self.joined + 1, 0
        at = _time(datetime.now(UTC))
        return self._send({"received_at": at, "join_accept": {"session_key_id": self._session(), "received_at": at}})

    def heartbeat(self, moment: Moment) -> Request:
        return self.uplink(moment, {"battery_level": round(moment.battery * 100)})

    def position(self, moment: Moment) -> Request:
        return self.uplink(moment, {"latitude": moment.lat, "longitude": moment.lon, "time": _time(moment.at)})

    def sos(self, moment: Moment) -> Request:
        return self.uplink(moment, {"sos": True, "latitude": moment.lat, "longitude": moment.lon})

    def uplink(self, moment: Moment, decoded: dict[str, Any], port: int = 1, payload: bytes = b"\x01") -> Request:
        """An uplink; what is 0 is left out, as the server does."""
        uplink = {
            "session_key_id": self._session(),
            "f_port": port,
            "f_cnt": self.counter,
            "frm_payload": b64encode(payload).decode(),
            "decoded_payload": decoded,
            "rx_metadata": [{"gateway_ids": {"gateway_id": "roof"}, "time": _time(moment.at), "rssi": -58}],
            "settings": {"frequency": "868100000"},
            "received_at": _time(moment.at),
        }
        self.counter += 1
        return self._send(
            {
                "received_at": _time(moment.at),
                "uplink_message": {name: value for name, value in uplink.items() if value},
            }
        )

    def _session(self) -> str:
        return b64encode(f"session {self.joined}".encode()).decode()

    def _send(self, message: dict[str, Any]) -> Request:
        ids: dict[str, Any] = {"device_id": "button-1", "application_ids": {"application_id": "panic"}}
        ids["dev_eui" if len(self.identifier) == 16 else "device_id"] = self.identifier
        return Request(
            method="POST",
            headers={"content-type": "application/json"},
            body=msgspec.json.encode({"end_device_ids": ids} | message),
        )

    def answered(self, sent: Sent, got: bytes) -> bool:
        return True  # the 2xx alone is the answer


def _time(at: datetime) -> str:
    """With nanoseconds, as the server writes."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000Z")
