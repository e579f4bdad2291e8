"""Zigbee2MQTT's side, with one SOS button behind it; the identifier is the button's friendly name."""

import json
from typing import Any

from tocsin.gates.protocol import Message, Moment, Sent


class Device:
    """A button that says "emergency"."""

    def __init__(self, identifier: str) -> None:
        self.identifier = identifier

    def hello(self) -> Message:
        return self._message("/availability", {"state": "online"})

    def heartbeat(self, moment: Moment) -> Message:
        return self._message("", self._state(moment))

    def position(self, moment: Moment) -> None:
        return None  # it does not know where it is

    def sos(self, moment: Moment) -> Message:
        return self._message("", self._state(moment) | {"action": "emergency"})

    def answered(self, sent: Sent, got: bytes) -> bool:
        return True

    def _state(self, moment: Moment) -> dict[str, Any]:
        return {"battery": round(moment.battery * 100), "battery_low": False, "linkquality": 120, "tamper": False}

    def _message(self, below: str, value: Any) -> Message:
        return Message(f"zigbee2mqtt/{self.identifier}{below}", json.dumps(value).encode())
