"""An Eelink tracker over TCP, for the simulator: login 01, heartbeat 03, location 12, warning 14 with code 02 (SOS)."""

from tocsin.gates.protocol import Moment, Request
from tocsin.gates.protocols.eelink.codes import HEARTBEAT, LOGIN, NORMAL, WARNING
from tocsin.gates.protocols.eelink.decoder import DEGREE
from tocsin.gates.protocols.eelink.frame import build


class Device:
    """A tracker with an IMEI and a running sequence."""

    def __init__(self, identifier: str) -> None:
        if not identifier.isdigit() or len(identifier) > 15:
            raise ValueError("an Eelink tracker is known by its IMEI: up to 15 digits")
        self.imei = bytes.fromhex(identifier.zfill(16))
        self.sequence = 0

    def _frame(self, kind: int, content: bytes) -> bytes:
        self.sequence = self.sequence % 0xFFFF + 1
        return build(kind, self.sequence, content)

    def hello(self) -> bytes:
        return self._frame(LOGIN, self.imei + b"\x01\x08")  # English, GMT+2

    def heartbeat(self, moment: Moment) -> bytes:
        return self._frame(HEARTBEAT, b"\0\x01")

    def position(self, moment: Moment) -> bytes:
        return self._frame(NORMAL, _place(moment) + b"\0\x01" + bytes(2))

    def sos(self, moment: Moment) -> bytes:
        return self._frame(WARNING, _place(moment) + b"\x02\0\x01")

    def answered(self, sent: bytes | Request, got: bytes) -> bool:
        """Type and sequence come back."""
        assert isinstance(sent, bytes)
        return any(got[n : n + 3] == sent[:3] and got[n + 5 : n + 7] == sent[5:7] for n in range(len(got)))


def _place(moment: Moment) -> bytes:
    return (
        round(moment.at.timestamp()).to_bytes(4, "big")
        + b"\x01"
        + round(moment.lat * DEGREE).to_bytes(4, "big", signed=True)
        + round(moment.lon * DEGREE).to_bytes(4, "big", signed=True)
        + bytes(2)
        + min(0xFFFF, round(moment.speed * 3.6)).to_bytes(2, "big")
        + (round(moment.course) % 360).to_bytes(2, "big")
        + b"\x09"
    )
