"""An SOS watch, for the simulator: LK, UD, and AL with bit 16 of the state."""

from datetime import UTC

from tocsin.gates.protocol import Moment, Request
from tocsin.gates.protocols.watch.frame import build

CALM, PRESSED = "00000000", "00010000"


class Device:
    """A watch with the 10 digits of its label (digits 5 to 14 of the IMEI), or an IMEI."""

    def __init__(self, identifier: str) -> None:
        if not identifier.isdecimal() or len(identifier) > 15:
            raise ValueError("a watch is known by the 10 digits of its registration code, or its IMEI")
        self.identifier = identifier

    def _frame(self, content: str) -> bytes:
        return build(b"3G", self.identifier.encode(), None, content.encode())

    def hello(self) -> bytes | None:
        return None

    def heartbeat(self, moment: Moment) -> bytes:
        return self._frame(f"LK,0,0,{round(moment.battery * 100)}")

    def position(self, moment: Moment) -> bytes:
        return self._frame(f"UD,{_report(moment, CALM)}")

    def sos(self, moment: Moment) -> bytes:
        return self._frame(f"AL,{_report(moment, PRESSED)}")

    def answered(self, sent: bytes | Request, got: bytes) -> bool:
        """LK and AL come back; a position waits for nothing."""
        assert isinstance(sent, bytes)
        return b"*UD," in sent or self._frame("AL" if b"*AL," in sent else "LK") in got


def _report(moment: Moment, state: str) -> str:
    t = moment.at.astimezone(UTC)
    place = f"{abs(moment.lat):.6f},{'NS'[moment.lat < 0]},{abs(moment.lon):.6f},{'EW'[moment.lon < 0]}"
    motion = f"{moment.speed * 3.6:.2f},{moment.course % 360:.1f},1350"
    battery = round(moment.battery * 100)
    return f"{t:%d%m%y},{t:%H%M%S},A,{place},{motion},9,100,{battery},0,0,{state},1,1,655,1,10006,65799,14"
