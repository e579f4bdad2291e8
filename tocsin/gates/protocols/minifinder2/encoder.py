"""An Eview pendant, for the simulator: data with IMEI, status and GPS; a press sets bit 12 of the alarm entry."""

from tocsin.gates.protocol import Moment, Request
from tocsin.gates.protocols.minifinder2 import codes
from tocsin.gates.protocols.minifinder2.frame import WANTS_ANSWER, build, entry


class Device:
    """A pendant with an IMEI and a running sequence."""

    def __init__(self, identifier: str) -> None:
        if not identifier.isdigit() or len(identifier) > 15:
            raise ValueError("a pendant is known by its IMEI: up to 15 digits")
        self.imei = identifier.zfill(15).encode()
        self.sequence = 0

    def _frame(self, kind: int, entries: bytes) -> bytes:
        self.sequence = (self.sequence + 1) & 0xFFFF
        return build(bytes((kind,)) + entry(codes.IMEI, self.imei) + entries, self.sequence, WANTS_ANSWER)

    def hello(self) -> None:
        return None

    def heartbeat(self, moment: Moment) -> bytes:
        return self._frame(codes.SERVICE, entry(codes.HEARTBEAT, bytes((round(moment.battery * 100),))))

    def position(self, moment: Moment) -> bytes:
        return self._frame(codes.DATA, _report(moment))

    def sos(self, moment: Moment) -> bytes:
        return self._frame(codes.DATA, entry(codes.ALARM, (1 << 12).to_bytes(4, "little")) + _report(moment))

    def answered(self, sent: bytes | Request, got: bytes) -> bool:
        """7F with the same sequence."""
        assert isinstance(sent, bytes)
        return build(bytes((codes.ANSWER,)) + entry(0, b""), int.from_bytes(sent[6:8], "little")) in got


def _report(moment: Moment) -> bytes:
    status = round(moment.at.timestamp()).to_bytes(4, "little") + bytes((1, 0, 0, round(moment.battery * 100)))
    gps = (
        round(moment.lat * 1e7).to_bytes(4, "little", signed=True)
        + round(moment.lon * 1e7).to_bytes(4, "little", signed=True)
        + min(0xFFFF, round(moment.speed * 3.6)).to_bytes(2, "little")
        + (round(moment.course) % 360).to_bytes(2, "little")
        + bytes(2)
        + (9).to_bytes(2, "little")
        + bytes(4)
        + b"\x09"
    )
    return entry(codes.STATUS, status) + entry(codes.GPS, gps)
