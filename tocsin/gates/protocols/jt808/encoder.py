"""A JT/T 808-2013 terminal, for the simulator: registration, heartbeat 0002, location 0200 with the SOS bit."""

from datetime import timedelta

from tocsin.gates.protocol import Moment, Request
from tocsin.gates.protocols.jt808.codes import HEARTBEAT, LOCATION, REGISTER
from tocsin.gates.protocols.jt808.frame import build, escape, take_apart, unescape


class Device:
    """A terminal with 12 digits (its phone number, or the last 12 of its IMEI) and a running serial."""

    def __init__(self, identifier: str) -> None:
        if not identifier.isdigit() or len(identifier) > 12:
            raise ValueError("a JT/T 808 terminal is known by up to 12 digits")
        self.terminal = bytes.fromhex(identifier.zfill(12))
        self.serial = 0
        self.alarmed = False

    def _frame(self, kind: int, body: bytes) -> bytes:
        self.serial = (self.serial + 1) & 0xFFFF
        return build(kind, self.terminal, self.serial, body)

    def hello(self) -> bytes:
        """Province, county, maker, model, terminal, colour of the plate: as a tracker without a plate sends it."""
        return self._frame(REGISTER, bytes(4) + b"70111" + b"SIM".ljust(20, b"\0") + b"0000001" + b"\0")

    def heartbeat(self, moment: Moment) -> bytes:
        return self._frame(HEARTBEAT, b"")

    def position(self, moment: Moment) -> bytes:
        return self._frame(LOCATION, self._location(moment))

    def sos(self, moment: Moment) -> bytes:
        self.alarmed = True
        return self._frame(LOCATION, self._location(moment))

    def _location(self, moment: Moment) -> bytes:
        status = 0x03 | (4 if moment.lat < 0 else 0) | (8 if moment.lon < 0 else 0)
        beijing = (moment.at + timedelta(hours=8)).strftime("%y%m%d%H%M%S")
        return (
            int(self.alarmed).to_bytes(4, "big")
            + status.to_bytes(4, "big")
            + round(abs(moment.lat) * 1e6).to_bytes(4, "big")
            + round(abs(moment.lon) * 1e6).to_bytes(4, "big")
            + bytes(2)
            + min(0xFFFF, round(moment.speed * 36)).to_bytes(2, "big")
            + (round(moment.course) % 360).to_bytes(2, "big")
            + bytes.fromhex(beijing)
            + bytes((0x04, 1, round(moment.battery * 100)))
        )

    def answered(self, sent: bytes | Request, got: bytes) -> bool:
        """8100 to a registration, else 8001, with the serial of what was sent."""
        assert isinstance(sent, bytes)
        mine = take_apart(unescape(sent))
        serial = mine.serial.to_bytes(2, "big")
        if mine.kind == REGISTER:
            return b"\x81\x00" in got and escape(serial + b"\0") in got
        return escape(serial + mine.kind.to_bytes(2, "big") + b"\0") in got
