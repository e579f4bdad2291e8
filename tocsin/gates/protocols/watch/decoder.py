"""SOS watches of Setracker's family (3G*, SG*, CS*, ZJ*): to signals and replies.

Source: "GPS watch communication protocol" (LK, UD, UD2, AL, TKQ; table of the terminal state). km/h on the wire, m/s
here; degrees with decimals; altitude in metres; times UTC unless a watch is set otherwise.
"""

from datetime import datetime

from tocsin.gates.protocol import Decoded, Malformed, Session, StreamGate
from tocsin.gates.protocols.fields import KMH, course, key, located, number, percent, scaled, signed, utc, when
from tocsin.gates.protocols.watch.frame import LONGEST, build, head, split
from tocsin.gates.signal import Position, Signal

SOS = 16  # bit of the state
FALLS = (21, 22)
STATES = {
    0: "low_battery",
    1: "geofence_exit",
    2: "geofence_enter",
    14: "power_cut",
    17: "low_battery",
    18: "geofence_exit",
    19: "geofence_enter",
    20: "removing",
    21: "fall_down",
    22: "fall_down",
}
FIELDS = ("date", "time", "valid", "lat", "north", "lon", "east", "speed", "course", "altitude")
ECHOED = ("LK", "TKQ", "TKQ2")
ANSWERS = {"INIT": b"INIT,1", "TK": b"TK,1", "JXTK": b"JXTKR,1", "CONFIG": b"CONFIG,1"}
ALIVE = (*ECHOED, "INIT", "CONFIG")  # answered to strangers too: they stay connected and are seen


def decode(frame: bytes, session: Session, now: datetime) -> Decoded:
    """One frame."""
    frame = frame.strip()
    found = head(frame)
    if found is None or not frame.endswith(b"]"):
        raise Malformed("a frame of a watch is [XX*identifier*length*content]")
    session.device = found.identifier.decode()
    kind_bytes, _, rest = frame[found.size : -1].partition(b",")
    kind = kind_bytes.decode("latin-1").strip()
    plain = kind.partition("_")[0]  # AL_LTE, UD_WCDMA: how it was sent
    fields = rest.decode("latin-1").split(",")
    signal = _signal(plain, fields, session)
    content = b"AL" if plain == "AL" else plain.encode("latin-1") if plain in ECHOED else ANSWERS.get(plain)
    reply = None if content is None else build(found.maker, found.identifier, found.serial, content)
    return Decoded(
        device=session.device,
        signals=(signal,),
        reply=reply,
        stranger=reply if plain in ALIVE else None,
        key=key(frame[found.size :], (signal,), now),
    )


def _signal(kind: str, fields: list[str], session: Session) -> Signal:
    if kind == "LK":  # steps, rolls, battery; or nothing
        return Signal(kind="heartbeat", battery=percent(fields[2]) if len(fields) > 2 else None)
    if kind == "AL" or (kind.startswith(("UD", "WT")) and len(fields) > 9):
        return _report(kind, fields, session)
    return Signal(kind="heartbeat")


def _report(kind: str, fields: list[str], session: Session) -> Signal:
    """ddmmyy, hhmmss, A or V, lat, N, lon, E, km/h, course, altitude, satellites, GSM, battery, steps, rolls, state."""
    position, flags, at = _fix(dict(zip(FIELDS, fields, strict=False)), session)
    state = _state(fields)
    words = [word for bit, word in STATES.items() if state is not None and state >> bit & 1]
    sos, fall = (state is not None and any(state >> bit & 1 for bit in bits) for bits in ((SOS,), FALLS))
    alarm, press = None, fall or (kind == "AL" and sos)
    if fall and not sos:
        alarm = "medical"
    if kind == "AL" and not sos and not words:  # an alarm of which we do not know what it means is one
        alarm, press = "other", True
        words.append("unreadable" if state is None else "unknown_kind")
    late = kind == "UD2"
    pressed = None if state is None or (late and not sos) else sos
    return Signal(
        kind="alarm" if press else "position" if position else "heartbeat",
        alarm=alarm,
        at=at,
        position=position,
        battery=percent(fields[12]) if len(fields) > 12 else None,
        flags=(*(flags if position or press or sos else ()), *dict.fromkeys(words), *(("buffered",) if late else ())),
        pressed=pressed,
    )


def _fix(fix: dict[str, str], session: Session) -> tuple[Position | None, tuple[str, ...], datetime | None]:
    at = utc(when(fix.get("date", ""), fix.get("time", "")), session)
    position, flags = located(
        signed(number(fix.get("lat", "")), fix.get("north", "")),
        signed(number(fix.get("lon", "")), fix.get("east", "")),
        at,
        valid=fix.get("valid", "").strip() == "A",
        speed=scaled(fix.get("speed", ""), KMH),
        course=course(fix.get("course", "")),
        altitude=number(fix.get("altitude", "")),
    )
    return position, flags, at


def _state(fields: list[str]) -> int | None:
    """The terminal state: eight hex digits, four in old watches."""
    text = fields[15].strip() if len(fields) > 15 else ""
    try:
        return int(text, 16) if text.isalnum() and len(text) <= 8 else None
    except ValueError:
        return None


GATE = StreamGate(port=5093, split=split, decode=decode, longest=LONGEST + 64)
