"""The compact reports 5501 and 5502 (sent late) of small trackers and locks. Source: makers' notes to JT/T 808 (JT600,
JT701).

time DDMMYYhhmmss 6 | lat DDMM.MMMM 4 | lon DDDMM.MMMM and a half byte: bit 1 north, bit 2 east 5 | knots, BCD 1 |
course / 2 1 | signal 1 | satellites 1 | km 4 | battery % 1 | cell 6 | product 1 | status 2 | alarms 2 | items: number,
length, content (02: metres)
"""

from tocsin.gates.protocols.fields import KNOT, digits_time, place
from tocsin.gates.protocols.jt808.codes import COMPACT_ALARMS
from tocsin.gates.protocols.jt808.items import items
from tocsin.gates.signal import Position, Signal


def report(body: bytes, *, blind: bool) -> Signal:
    """A place, a battery and alarm bits. It knows no SOS."""
    at = digits_time(body[:6].hex(), "dmy")
    alarms = int.from_bytes(body[33:35], "big")
    known = COMPACT_ALARMS.get(body[30], {}) if len(body) > 30 else {}
    flags = [word for bit, word in known.items() if alarms >> bit & 1] + (["buffered"] if blind else [])
    digits = body[6:15].hex()
    position: Position | None = None
    if len(body) > 16 and digits[:17].isdigit():
        bits = int(digits[17], 16)
        lat = int(digits[:2]) + int(digits[2:8]) / 600_000
        lon = int(digits[8:11]) + int(digits[11:17]) / 600_000
        knots = body[15:16].hex()
        metres = next((item for number, item in items(body[35:]) if number == 0x02 and len(item) == 2), None)
        position = place(
            lat if bits & 2 else -lat,
            lon if bits & 4 else -lon,
            at,
            speed=int(knots) * KNOT if knots.isdigit() else None,
            course=body[16] * 2.0 if body[16] <= 180 else None,
            altitude=None if metres is None else float(int.from_bytes(metres, "big", signed=True)),
        )
        flags += [] if lat or lon else ["no_fix"]
    return Signal(
        kind="position" if position else "heartbeat",
        at=at,
        position=position,
        battery=body[23] / 100 if len(body) > 23 and body[23] <= 100 else None,
        flags=tuple(flags),
    )
