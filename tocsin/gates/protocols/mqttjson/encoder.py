"""A self-made button with GPS: JSON at tocsin/<identifier>."""

import json
from typing import Any

from tocsin.gates.protocol import Message, Moment, Sent


class Device:
    """Counts its presses."""

    def __init__(self, identifier: str) -> None:
        self.identifier = identifier
        self.presses = 0

    def hello(self) -> None:
        return None

    def heartbeat(self, moment: Moment) -> Message:
        return self._message(moment, event="alive")

    def position(self, moment: Moment) -> Message:
        where = {"lat": round(moment.lat, 6), "lon": round(moment.lon, 6)}
        return self._message(moment, **where, speed=moment.speed, course=moment.course)

    def sos(self, moment: Moment) -> Message:
        self.presses += 1
        where = {"lat": round(moment.lat, 6), "lon": round(moment.lon, 6)}
        return self._message(moment, event="sos", counter=self.presses, **where)

    def answered(self, sent: Sent, got: bytes) -> bool:
        return True

    def _message(self, moment: Moment, **fields: Any) -> Message:
        fields |= {"battery": round(moment.battery * 100), "time": round(moment.at.timestamp(), 3)}
        return Message(f"tocsin/{self.identifier}", json.dumps(fields).encode())
