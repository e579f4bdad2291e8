"""A Tasmota module with a button, full topic as it comes: %prefix%/%topic%/."""

import json

from tocsin.gates.protocol import Message, Moment, Sent


class Device:
    """`identifier` is its topic."""

    def __init__(self, identifier: str) -> None:
        self.identifier = identifier

    def hello(self) -> Message:
        return Message(f"tele/{self.identifier}/LWT", b"Online")

    def heartbeat(self, moment: Moment) -> Message:
        state = {"Time": f"{moment.at:%Y-%m-%dT%H:%M:%S}", "UptimeSec": 300, "Wifi": {"RSSI": 72}}
        return Message(f"tele/{self.identifier}/STATE", json.dumps(state).encode())

    def position(self, moment: Moment) -> None:
        return None  # it does not know where it is

    def sos(self, moment: Moment) -> Message:
        return Message(f"stat/{self.identifier}/RESULT", b'{"Button1":{"Action":"SINGLE"}}')

    def answered(self, sent: Sent, got: bytes) -> bool:
        return True
