"""A Teltonika TMT250 over TCP, for the simulator: IMEI, then Codec 8 records; its alarm button is AVL id 236."""

import struct

from tocsin.gates.protocol import Moment, Request
from tocsin.gates.protocols.teltonika.frame import build


def record(moment: Moment, event: int = 0, values: dict[int, int] | None = None, priority: int = 0) -> bytes:
    """A record of Codec 8 with values of one byte."""
    values = {113: round(moment.battery * 100)} | (values or {})
    gps = struct.pack(
        ">QBiihHBH",
        round(moment.at.timestamp() * 1000),
        priority,
        round(moment.lon * 1e7),
        round(moment.lat * 1e7),
        0,
        round(moment.course) % 360,
        9,
        min(0xFFFF, round(moment.speed * 3.6)),
    )
    ids = b"".join(bytes(pair) for pair in values.items())
    return gps + bytes((event, len(values), len(values))) + ids + bytes(3)


def packet(*records: bytes, codec: int = 8) -> bytes:
    return bytes((codec, len(records))) + b"".join(records) + bytes((len(records),))


class Device:
    """A tracker with an IMEI."""

    def __init__(self, identifier: str) -> None:
        if not identifier.isdigit() or len(identifier) > 15:
            raise ValueError("a Teltonika tracker is known by its IMEI: up to 15 digits")
        self.imei = identifier.zfill(15).encode()

    def hello(self) -> bytes:
        return len(self.imei).to_bytes(2, "big") + self.imei

    def heartbeat(self, moment: Moment) -> None:
        return None

    def position(self, moment: Moment) -> bytes:
        return build(packet(record(moment)))

    def sos(self, moment: Moment) -> bytes:
        return build(packet(record(moment, 236, {236: 1}, priority=2)))

    def answered(self, sent: bytes | Request, got: bytes) -> bool:
        assert isinstance(sent, bytes)
        return got == b"\x01" if sent == self.hello() else got == (1).to_bytes(4, "big")
