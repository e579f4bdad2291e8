"""A Shelly as a device: a Button1 (Gen1) by its name, anything else as a Plus (Gen2)."""

import json
from typing import Any

from tocsin.gates.protocol import Message, Moment, Sent


class Device:
    """`pushes` counts in one process; a real Button1 keeps its count."""

    def __init__(self, identifier: str) -> None:
        self.identifier = identifier
        self.old = identifier.startswith(("shellybutton1-", "shellyix3-"))
        self.pushes = 0

    def hello(self) -> Message:
        if not self.old:
            return Message(f"{self.identifier}/online", b"true")
        return self._gen1("announce", {"id": self.identifier, "mac": self.identifier[-12:], "new_fw": False})

    def heartbeat(self, moment: Moment) -> Message:
        percent = round(moment.battery * 100)
        if self.old:
            return self._gen1("sensor/battery", percent)
        return self._rpc(
            "NotifyStatus", moment, {"devicepower:0": {"id": 0, "battery": {"V": 3.0, "percent": percent}}}
        )

    def position(self, moment: Moment) -> None:
        return None  # it does not know where it is

    def sos(self, moment: Moment) -> Message:
        self.pushes += 1
        if self.old:
            return self._gen1("input_event/0", {"event": "L", "event_cnt": self.pushes})
        stamp = round(moment.at.timestamp(), 2)
        event = {"component": "input:0", "id": 0, "event": "single_push", "ts": stamp}
        return self._rpc("NotifyEvent", moment, {"events": [event]})

    def answered(self, sent: Sent, got: bytes) -> bool:
        return True

    def _gen1(self, what: str, value: Any) -> Message:
        return Message(f"shellies/{self.identifier}/{what}", json.dumps(value).encode())

    def _rpc(self, method: str, moment: Moment, params: dict[str, Any]) -> Message:
        frame = {
            "src": self.identifier,
            "dst": f"{self.identifier}/events",
            "method": method,
            "params": {"ts": round(moment.at.timestamp(), 2)} | params,
        }
        return Message(f"{self.identifier}/events/rpc", json.dumps(frame).encode())
