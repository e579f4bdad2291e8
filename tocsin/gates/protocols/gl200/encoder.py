"""A Queclink tracker (GL300), for the simulator: heartbeat +ACK:GTHBD, +RESP:GTFRI, +RESP:GTSOS."""

from datetime import UTC

from tocsin.gates.protocol import Moment, Request

_VERSION = "1A0800"


class Device:
    """A tracker with an IMEI and a count in four hex digits."""

    def __init__(self, identifier: str) -> None:
        if not identifier.isdigit() or len(identifier) > 15:
            raise ValueError("a Queclink tracker is known by its IMEI: up to 15 digits")
        self.imei = identifier.zfill(15)
        self.count = 0

    def _count(self) -> str:
        self.count = (self.count + 1) & 0xFFFF
        return f"{self.count:04X}"

    def hello(self) -> None:
        return None

    def heartbeat(self, moment: Moment) -> bytes:
        sent = moment.at.astimezone(UTC).strftime("%Y%m%d%H%M%S")
        return f"+ACK:GTHBD,{_VERSION},{self.imei},GL300,{sent},{self._count()}$".encode()

    def position(self, moment: Moment) -> bytes:
        return self._report("GTFRI", moment)

    def sos(self, moment: Moment) -> bytes:
        return self._report("GTSOS", moment)

    def _report(self, name: str, moment: Moment) -> bytes:
        time = moment.at.astimezone(UTC).strftime("%Y%m%d%H%M%S")
        place = f"1,{moment.speed * 3.6:.1f},{round(moment.course) % 360},0.0,{moment.lon:.6f},{moment.lat:.6f},{time}"
        rest = f"0655,0001,0BB8,006A,,{round(moment.battery * 100)},{time},{self._count()}$"
        return f"+RESP:{name},{_VERSION},{self.imei},GL300,0,0,1,{place},{rest}".encode()

    def answered(self, sent: bytes | Request, got: bytes) -> bool:
        """A heartbeat is answered; a report only if its device has the setting `sack`."""
        assert isinstance(sent, bytes)
        return not sent.startswith(b"+ACK:GTHBD") or b"+SACK:GTHBD," + _VERSION.encode() + b"," + sent[-5:] in got
