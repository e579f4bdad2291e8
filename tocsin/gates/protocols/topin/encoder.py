"""A Topin locator, for the simulator: login, status, position 0x10, SOS 0x99 (which holds no place)."""

from datetime import UTC

from tocsin.gates.protocol import Moment, Request
from tocsin.gates.protocols.topin.frame import build

DEGREE, NORTH, WEST, VALID = 1_800_000, 0x0400, 0x0800, 0x1000


class Device:
    """A locator with 15 digits of IMEI."""

    def __init__(self, identifier: str) -> None:
        if not identifier.isdecimal() or len(identifier) > 15:
            raise ValueError("a Topin locator is known by the 15 digits of its IMEI")
        self.imei = identifier.zfill(15)

    def hello(self) -> bytes:
        return build(0x01, bytes.fromhex("0" + self.imei) + b"\x01")

    def heartbeat(self, moment: Moment) -> bytes:
        return build(0x13, bytes((round(moment.battery * 100), 0x4D, 0x02, 0x0A, 0x64)))

    def position(self, moment: Moment) -> bytes:
        t = moment.at.astimezone(UTC)
        bits = VALID | (NORTH if moment.lat >= 0 else 0) | (WEST if moment.lon < 0 else 0)
        content = (
            bytes((t.year % 100, t.month, t.day, t.hour, t.minute, t.second, 0x9C))
            + round(abs(moment.lat) * DEGREE).to_bytes(4, "big")
            + round(abs(moment.lon) * DEGREE).to_bytes(4, "big")
            + bytes((min(255, round(moment.speed * 3.6)),))
            + (round(moment.course) % 360 | bits).to_bytes(2, "big")
        )
        return build(0x10, content, length=len(content))

    def sos(self, moment: Moment) -> bytes:
        return build(0x99)

    def answered(self, sent: bytes | Request, got: bytes) -> bool:
        """Login, status and position are answered, each in its way; an SOS is not."""
        assert isinstance(sent, bytes)
        answers = {0x01: build(0x01), 0x13: sent, 0x10: sent[:10] + sent[-2:]}
        return answers.get(sent[3], b"") in got
