"""A GT06 device, for the simulator: login, heartbeat 0x13, location 0x12, SOS as alarm packet 0x16."""

from datetime import UTC

from tocsin.gates.protocol import Moment, Request
from tocsin.gates.protocols.gt06.frame import build
from tocsin.gates.protocols.gt06.places import DEGREE, NORTH, VALID, WEST

_CELL = bytes.fromhex("028f010bb800006a")  # MCC 655 (South Africa), MNC 1, area, cell


class Device:
    """A tracker with 15 digits of IMEI and a running serial."""

    def __init__(self, identifier: str) -> None:
        if not identifier.isdigit() or len(identifier) > 15:
            raise ValueError("a GT06 device is known by its IMEI: up to 15 digits")
        self.imei = identifier.zfill(16)
        self.serial = 0
        self.alarmed = False

    def _frame(self, kind: int, content: bytes) -> bytes:
        self.serial = self.serial % 0xFFFF + 1
        return build(kind, self.serial, content)

    def hello(self) -> bytes:
        return self._frame(0x01, bytes.fromhex(self.imei))

    def heartbeat(self, moment: Moment) -> bytes:
        return self._frame(0x13, self._status(moment, 0))

    def position(self, moment: Moment) -> bytes:
        return self._frame(0x12, _gps(moment) + _CELL)

    def sos(self, moment: Moment) -> bytes:
        self.alarmed = True
        return self._frame(0x16, _gps(moment) + bytes((len(_CELL) + 1,)) + _CELL + self._status(moment, 1))

    def _status(self, moment: Moment, alarm: int) -> bytes:
        """GPS on, ignition on; bits 3 to 5 say SOS while the alarm stands. Alarm byte, language 2 (English)."""
        return bytes((0x42 | (0x20 if self.alarmed else 0), round(moment.battery * 6), 4, alarm, 2))

    def answered(self, sent: bytes | Request, got: bytes) -> bool:
        """The answer repeats type and serial."""
        assert isinstance(sent, bytes)
        return build(sent[3], int.from_bytes(sent[-6:-4], "big")) in got


def _gps(moment: Moment) -> bytes:
    t = moment.at.astimezone(UTC)
    status = round(moment.course) % 360 | VALID | (NORTH if moment.lat >= 0 else 0) | (WEST if moment.lon < 0 else 0)
    return (
        bytes((t.year % 100, t.month, t.day, t.hour, t.minute, t.second, 0xC9))
        + round(abs(moment.lat) * DEGREE).to_bytes(4, "big")
        + round(abs(moment.lon) * DEGREE).to_bytes(4, "big")
        + bytes((min(255, round(moment.speed * 3.6)),))
        + status.to_bytes(2, "big")
    )
