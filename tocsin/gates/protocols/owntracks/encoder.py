"""An OwnTracks app in HTTP mode, or (`over = Message`) in MQTT mode: locations, and a manual report as SOS.

A manual report is a press only for a device with the setting {"sos": {"t": "u"}}.
"""

from typing import Any

import msgspec

from tocsin.gates.protocol import Message, Moment, Request, Sent


class Device:
    """A phone. The identifier is user/device; `password` is sent over HTTP if there is one."""

    over: type[Request] | type[Message] = Request
    password = ""

    def __init__(self, identifier: str) -> None:
        self.user, _, self.name = identifier.partition("/")
        if not self.user or not self.name or "/" in self.name:
            raise ValueError("an OwnTracks device is known by user/device")

    def hello(self) -> None:
        return None

    def heartbeat(self, moment: Moment) -> None:
        return None

    def position(self, moment: Moment) -> Sent:
        return self._send({**self._location(moment), "t": "t"})

    def sos(self, moment: Moment) -> Sent:
        return self._send({**self._location(moment), "t": "u"})

    def transition(self, moment: Moment, event: str, region: str) -> Sent:
        """`enter` or `leave` of a region."""
        place = self._location(moment)
        kept = {name: place[name] for name in ("tid", "lat", "lon", "acc", "tst")}
        return self._send({"_type": "transition", "event": event, "desc": region, "t": "c"} | kept, "/event")

    def _location(self, moment: Moment) -> dict[str, Any]:
        return {
            "_type": "location",
            "tid": self.name[-2:],
            "lat": round(moment.lat, 7),
            "lon": round(moment.lon, 7),
            "acc": 12,
            "vel": round(moment.speed * 3.6),
            "cog": round(moment.course),
            "batt": round(moment.battery * 100),
            "conn": "m",
            "tst": int(moment.at.timestamp()),
            "created_at": int(moment.at.timestamp()),
        }

    def _send(self, report: dict[str, Any], suffix: str = "") -> Sent:
        topic = f"owntracks/{self.user}/{self.name}"
        if self.over is Message:
            return Message(topic=topic + suffix, payload=msgspec.json.encode(report))
        headers = {"content-type": "application/json", "x-limit-u": self.user, "x-limit-d": self.name}
        if self.password:
            headers["authorization"] = basic(self.user, self.password)
        return Request(method="POST", headers=headers, body=msgspec.json.encode(report | {"topic": topic}))

    def answered(self, sent: Sent, got: bytes) -> bool:
        """A list of messages to the app; over MQTT nobody answers."""
        return isinstance(sent, Message) or got.strip().startswith(b"[")


def basic(user: str, password: str) -> str:
    """The header of HTTP basic authentication."""
    from base64 import b64encode

    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()
