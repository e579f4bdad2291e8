"""A tracker that texts, as Kannel hands it over: Coban's "help me!" and position texts in a get-url."""

from urllib.parse import urlencode
from uuid import uuid4

from tocsin.gates.protocol import Moment, Request, Sent

KMH = 3.6  # km/h in a m/s
NUMBER = "+27600000000"  # whom it texts


class Device:
    """A SIM in a tracker; the identifier is its number."""

    def __init__(self, identifier: str) -> None:
        self.identifier = identifier

    def hello(self) -> None:
        return None

    def heartbeat(self, moment: Moment) -> None:
        return None

    def position(self, moment: Moment) -> Request:
        return self.text(_report(moment), moment)

    def sos(self, moment: Moment) -> Request:
        return self.text(f"help me!\n{_report(moment)}", moment)

    def text(self, words: str, moment: Moment) -> Request:
        """Any text of this number."""
        fields = {
            "from": self.identifier,
            "to": NUMBER,
            "text": words,
            "time": str(int(moment.at.timestamp())),
            "id": str(uuid4()),
            "smsc": "simulator",
            "charset": "UTF-8",
        }
        return Request(path="/kannel", query=urlencode(fields))

    def answered(self, sent: Sent, got: bytes) -> bool:
        return got == b""  # anything else would be texted to the tracker


def _report(moment: Moment) -> str:
    place = f"lat:{moment.lat:.6f} long:{moment.lon:.6f}\nspeed:{moment.speed * KMH:.2f} T:{moment.at:%y/%m/%d %H:%M}"
    link = f"http://maps.google.com/maps?f=q&q={moment.lat:.6f},{moment.lon:.6f}&z=16"
    return f"{place}\nbat:{moment.battery * 100:.0f}%\n{link}"
