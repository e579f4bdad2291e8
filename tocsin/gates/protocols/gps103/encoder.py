"""A Coban device, for the simulator: login ##, heartbeat with the IMEI alone, `tracker` and `help me` lines."""

from datetime import UTC

from tocsin.gates.protocol import Moment, Request
from tocsin.gates.protocols.fields import KNOT, nmea


class Device:
    """A tracker with 15 digits of IMEI."""

    def __init__(self, identifier: str) -> None:
        if not identifier.isdecimal() or len(identifier) > 15:
            raise ValueError("a Coban device is known by the 15 digits of its IMEI")
        self.imei = identifier.zfill(15)

    def hello(self) -> bytes:
        return f"##,imei:{self.imei},A;".encode()

    def heartbeat(self, moment: Moment) -> bytes:
        return f"{self.imei};".encode()

    def position(self, moment: Moment) -> bytes:
        return self._line("tracker", moment)

    def sos(self, moment: Moment) -> bytes:
        return self._line("help me", moment)

    def _line(self, keyword: str, moment: Moment) -> bytes:
        t = moment.at.astimezone(UTC)
        place = f"{nmea(moment.lat, 2)},{'NS'[moment.lat < 0]},{nmea(moment.lon, 3)},{'EW'[moment.lon < 0]}"
        return (
            f"imei:{self.imei},{keyword},{t:%y%m%d%H%M},,F,{t:%H%M%S}.000,A,{place},"
            f"{moment.speed / KNOT:.2f},{moment.course % 360:.2f};"
        ).encode()

    def answered(self, sent: bytes | Request, got: bytes) -> bool:
        """LOAD, ON, and E to an alarm; a position waits for nothing."""
        assert isinstance(sent, bytes)
        if sent.startswith(b"##"):
            return b"LOAD" in got
        if b"help me" in sent:
            return f"**,imei:{self.imei},E;".encode() in got
        return b"tracker" in sent or b"ON" in got
