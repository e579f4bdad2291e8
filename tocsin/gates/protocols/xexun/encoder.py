"""A Xexun device, for the simulator: lines with a GPRMC sentence; SOS says `help me!`."""

from datetime import UTC
from functools import reduce

from tocsin.gates.protocol import Moment, Request
from tocsin.gates.protocols.fields import KNOT, nmea


class Device:
    """A tracker with 15 digits of IMEI."""

    def __init__(self, identifier: str) -> None:
        if not identifier.isdecimal() or len(identifier) > 15:
            raise ValueError("a Xexun device is known by the 15 digits of its IMEI")
        self.imei = identifier.zfill(15)

    def hello(self) -> bytes | None:
        return None

    def heartbeat(self, moment: Moment) -> bytes | None:
        return None

    def position(self, moment: Moment) -> bytes:
        return self._line("", moment)

    def sos(self, moment: Moment) -> bytes:
        return self._line("help me!", moment)

    def _line(self, keyword: str, moment: Moment) -> bytes:
        t = moment.at.astimezone(UTC)
        place = f"{nmea(moment.lat, 2)},{'NS'[moment.lat < 0]},{nmea(moment.lon, 3)},{'EW'[moment.lon < 0]}"
        sentence = (
            f"GPRMC,{t:%H%M%S}.000,A,{place},{moment.speed / KNOT:.2f},{moment.course % 360:.2f},{t:%d%m%y},00,0000.0,A"
        )
        check = reduce(lambda a, b: a ^ b, sentence.encode(), 0)
        behind = f"F,{keyword}, imei:{self.imei},08,1350.0,F:4.05V,0,139,2689,655,01,2725,0576"
        return f"{t:%y%m%d%H%M%S},,{sentence}*{check:02X},{behind}\r\n".encode()

    def answered(self, sent: bytes | Request, got: bytes) -> bool:
        """Nothing is answered."""
        return True
