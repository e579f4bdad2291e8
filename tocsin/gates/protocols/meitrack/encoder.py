"""A Meitrack tracker, for the simulator: AAA reports with event 35 (by time) and 1 (SOS). Nothing is answered."""

from datetime import UTC

from tocsin.gates.protocol import Moment, Request
from tocsin.gates.protocols.meitrack.frame import build


class Device:
    """A tracker with an IMEI; a running letter counts its frames."""

    def __init__(self, identifier: str) -> None:
        if not identifier.isdigit() or len(identifier) > 15:
            raise ValueError("a Meitrack tracker is known by its IMEI: up to 15 digits")
        self.imei = identifier.zfill(15).encode()
        self.count = -1

    def hello(self) -> None:
        return None

    def heartbeat(self, moment: Moment) -> bytes:
        return self._report(31, moment)

    def position(self, moment: Moment) -> bytes:
        return self._report(35, moment)

    def sos(self, moment: Moment) -> bytes:
        return self._report(1, moment)

    def _report(self, event: int, moment: Moment) -> bytes:
        self.count = (self.count + 1) % 58
        time = moment.at.astimezone(UTC).strftime("%y%m%d%H%M%S")
        inputs = "0100" if event == 1 else "0000"
        data = (
            f"AAA,{event},{moment.lat:.6f},{moment.lon:.6f},{time},A,9,20,{moment.speed * 3.6:.0f},"
            f"{round(moment.course) % 360},0.9,0,0,0,655|1|0BB8|006A,{inputs},0000|0000|0000|018D|04F0,,"
        )
        return build(b"$$", bytes((65 + self.count,)), self.imei, data.encode())

    def answered(self, sent: bytes | Request, got: bytes) -> bool:
        return True  # AAA waits for nothing
