"""A TK103 device, for the simulator: login BP05, handshake BP00, position BR00, SOS as alarm 2 of BO01."""

from datetime import UTC

from tocsin.gates.protocol import Moment, Request
from tocsin.gates.protocols.fields import nmea


class Device:
    """A tracker with an identifier of 12 digits: of an IMEI the last ones, with a 0 before 11 digits of a number."""

    def __init__(self, identifier: str) -> None:
        if not identifier.isdecimal() or len(identifier) > 15:
            raise ValueError("a TK103 device is known by 12 digits (or 15)")
        self.identifier = identifier.zfill(12)
        self.greeted = False

    def hello(self) -> bytes:
        return f"({self.identifier}BP00{self.identifier.zfill(15)}HSO)".encode()

    def heartbeat(self, moment: Moment) -> bytes:
        return f"({self.identifier}BP05{self.identifier.zfill(15)}{_report(moment)})".encode()

    def position(self, moment: Moment) -> bytes:
        return f"({self.identifier}BR00{_report(moment)})".encode()

    def sos(self, moment: Moment) -> bytes:
        return f"({self.identifier}BO012{_report(moment)})".encode()

    def answered(self, sent: bytes | Request, got: bytes) -> bool:
        """Handshake and login are answered; positions and alarms are not."""
        assert isinstance(sent, bytes)
        for question, answer in ((b"BP00", b"AP01HSO"), (b"BP05", b"AP05")):
            if question in sent:
                return answer in got
        return True


def _report(moment: Moment) -> str:
    t = moment.at.astimezone(UTC)
    place = f"{nmea(moment.lat, 2)}{'NS'[moment.lat < 0]}{nmea(moment.lon, 3)}{'EW'[moment.lon < 0]}"
    return f"{t:%y%m%d}A{place}{moment.speed * 3.6:05.1f}{t:%H%M%S}{moment.course % 360:06.2f}01000000L00000000"
