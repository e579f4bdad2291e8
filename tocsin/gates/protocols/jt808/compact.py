"""The compact reports 5501 and 5502 (sent late) of small trackers and locks. Source: makers' notes to JT/T 808.

time DDMMYYhhmmss 6 | lat DDMM.MMMM 4 | lon DDDMM.MMMM and a half byte: bit 1 north, bit 2 east 5 | speed (knots) 1 |
course / 10 1 | signal 1 | satellites 1 | km 4 | battery % 1 | cell 6 | product 1 | status 2
"""

from tocsin.gates.protocols.wire import bcd_time, place
from tocsin.gates.signal import Position, Signal

KNOT = 1852 / 3600  # m/s
STATUS = {1: "low_power"}


def report(body: bytes, *, blind: bool) -> Signal:
    """A place, a battery and a status word. It knows no SOS."""
    at = bcd_time(body[:6].hex(), "%d%m%y%H%M%S")
    status = int.from_bytes(body[31:33], "big")
    flags = [word for bit, word in STATUS.items() if status >> bit & 1] + (["buffered"] if blind else [])
    digits = body[6:15].hex()
    position: Position | None = None
    if len(body) > 16 and digits[:17].isdigit():
        bits = int(digits[17], 16)
        lat = int(digits[:2]) + int(digits[2:8]) / 600_000
        lon = int(digits[8:11]) + int(digits[11:17]) / 600_000
        position = place(
            lat if bits & 2 else -lat,
            lon if bits & 4 else -lon,
            at,
            speed=body[15] * KNOT,
            course=body[16] * 10.0,
        )
        flags += [] if lat or lon else ["no_fix"]
    return Signal(
        kind="position" if position else "heartbeat",
        at=at,
        position=position,
        battery=body[23] / 100 if len(body) > 23 and body[23] <= 100 else None,
        flags=tuple(flags),
    )
