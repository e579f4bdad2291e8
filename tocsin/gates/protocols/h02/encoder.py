"""An H02 device, for the simulator: position V1 in text, heartbeat HTBT, SOS as bit 1 of the status (0 means yes)."""

from datetime import UTC

from tocsin.gates.protocol import Moment, Request
from tocsin.gates.protocols.fields import KNOT, nmea

CALM, PRESSED = 0xFFFFFBFF, 0xFFFFFBFD


class Device:
    """A tracker with the 10 digits of its label, or an IMEI."""

    def __init__(self, identifier: str) -> None:
        if not identifier.isdecimal() or len(identifier) > 15:
            raise ValueError("an H02 device is known by the 10 digits on its label, or its IMEI")
        self.identifier = identifier
        self.alarmed = False

    def hello(self) -> bytes | None:
        return None

    def heartbeat(self, moment: Moment) -> bytes:
        return f"*HQ,{self.identifier},HTBT,{round(moment.battery * 100)}#".encode()

    def position(self, moment: Moment) -> bytes:
        t = moment.at.astimezone(UTC)
        status = PRESSED if self.alarmed else CALM
        place = f"{nmea(moment.lat, 2)},{'NS'[moment.lat < 0]},{nmea(moment.lon, 3)},{'EW'[moment.lon < 0]}"
        return (
            f"*HQ,{self.identifier},V1,{t:%H%M%S},A,{place},"
            f"{moment.speed / KNOT:06.2f},{round(moment.course) % 360:03d},{t:%d%m%y},{status:08X}#"
        ).encode()

    def sos(self, moment: Moment) -> bytes:
        self.alarmed = True
        return self.position(moment)

    def answered(self, sent: bytes | Request, got: bytes) -> bool:
        """HTBT comes back as it is, V1 is confirmed by V4."""
        assert isinstance(sent, bytes)
        wanted = f"*HQ,{self.identifier}," + ("HTBT#" if b",HTBT," in sent else "V4,V1,")
        return wanted.encode() in got
