"""OsmAnd over HTTP GET, as the query form has it."""

from urllib.parse import urlencode

from tocsin.gates.protocol import Moment, Request

KNOT = 1852 / 3600  # m/s


class Device:
    """An app that reports by URL."""

    def __init__(self, identifier: str) -> None:
        self.identifier = identifier

    def hello(self) -> None:
        return None

    def heartbeat(self, moment: Moment) -> None:
        return None

    def position(self, moment: Moment, **more: str) -> Request:
        fields = {
            "id": self.identifier,
            "lat": f"{moment.lat:.6f}",
            "lon": f"{moment.lon:.6f}",
            "timestamp": str(int(moment.at.timestamp())),
            "speed": f"{moment.speed / KNOT:.2f}",
            "bearing": f"{moment.course:.0f}",
            "accuracy": "12",
            "batt": f"{moment.battery * 100:.0f}",
        }
        return Request(query=urlencode(fields | more))

    def sos(self, moment: Moment) -> Request:
        return self.position(moment, alarm="sos")

    def answered(self, sent: bytes | Request, got: bytes) -> bool:
        return True  # the 2xx alone is the answer
