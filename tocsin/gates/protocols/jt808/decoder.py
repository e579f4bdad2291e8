"""JT/T 808 (Chinese national standard) and what trackers made of it: bytes to signals and replies.

Sources: JT/T 808-2013 and JT/T 808-2019, sections 8.1 to 8.49. Times are Beijing's (UTC+8) by the standard, km/h x 10.
"""

import struct
from datetime import UTC, datetime

from msgspec.structs import replace

from tocsin.gates.protocol import Decoded, Malformed, Session, StreamGate
from tocsin.gates.protocols.fields import digits_time, in_utc, meaning, place, plausible, remark, verdict
from tocsin.gates.protocols.jt808 import codes, compact
from tocsin.gates.protocols.jt808.frame import LONGEST, PARTS, SHORT_SERIALS, Message, build, split, take_apart
from tocsin.gates.protocols.jt808.items import Extras, read_items
from tocsin.gates.signal import Signal

BEIJING = 8.0  # hours east of UTC
_LOCATION = struct.Struct(">IIIIhHH")
_SIZE = 28  # of a location without its items
_WELCOME = (
    codes.REGISTER,
    codes.AUTHENTICATE,
    codes.HEARTBEAT,
    codes.HEARTBEAT_2,
    codes.TIME_2019,
    codes.TIME_JIMI,
)
_LONGEST_REST = 2048  # of a location that goes on in the next part of its message


def decode(frame: bytes, session: Session, now: datetime) -> Decoded:
    """One frame. With a wrong checksum it is believed and marked `bad_crc`.

    It is answered if its message or its length is right: a device that reckons its checksum wrongly would else repeat
    it for ever and never come to what it has to say next.
    """
    if frame[:1] == b"(":
        return _text(frame, session, now)
    message = take_apart(frame)
    session.device = message.device
    zone = 0.0 if message.kind in (codes.REPORT, codes.BLIND) else BEIJING
    signals = in_utc(_read(message, session), session, now, zone)
    if not message.right:
        signals = tuple(replace(signal, flags=(*signal.flags, "bad_crc")) for signal in signals)
    sure = message.right or message.whole or message.kind in codes.KNOWN
    reply = _reply(message, now) if sure else None
    return Decoded(
        device=message.device,
        signals=signals,
        reply=reply,
        stranger=reply if message.kind in _WELCOME else None,
        key=_key(frame, message, signals, session, now),
    )


def _key(frame: bytes, message: Message, signals: tuple[Signal, ...], session: Session, now: datetime) -> bytes | None:
    """A resent frame is the same to the byte. Without a time that can be true only within the connection."""
    if all(signal.kind == "heartbeat" and not signal.pressed for signal in signals):
        return None
    return (b"" if plausible(signals, now) else session.nonce) + frame


def _reply(message: Message, now: datetime) -> bytes | None:
    """The general answer 8001: serial, message, 0 (done). Registration, time and compact reports have their own."""

    def answer(kind: int, body: bytes, serial: int = 0) -> bytes:
        return build(kind, message.terminal, serial, body, version=message.version, delimiter=message.delimiter)

    kind = message.kind
    if kind in codes.ANSWERS:
        return None
    if kind in (codes.REPORT, codes.BLIND):
        if not message.attributes & 0x8000:
            return None  # it does not ask for an answer
        return answer(codes.COMPACT_REPLY, kind.to_bytes(2, "big") + b"\0", serial=1)
    serial = message.serial.to_bytes(2, "big")
    if kind == codes.REGISTER:
        return answer(codes.REGISTERED, serial + b"\0" + message.identifier.encode())
    t = now.astimezone(UTC)
    if kind == codes.TIME_2019:
        return answer(codes.TIME_2019_REPLY, bytes.fromhex(t.strftime("%y%m%d%H%M%S")))
    if kind == codes.TIME_JIMI:
        body = t.year.to_bytes(2, "big") + bytes((t.month, t.day, t.hour, t.minute, t.second, 0))
        return answer(codes.TIME_JIMI_REPLY, body)
    if kind >= 0x1000 and kind not in codes.MAKERS_WAIT:
        return None  # not in the standard, and nothing is known to wait
    return answer(codes.REPLY, serial + kind.to_bytes(2, "big") + b"\0")


def _text(frame: bytes, session: Session, now: datetime) -> Decoded:
    """Electronic locks: (id,1,001,BASE,2,TIME) asks for the time in UTC."""
    words = frame[1:-1].decode("ascii", "replace").split(",")
    if len(words) < 4 or not words[0].isdigit():
        raise Malformed("a text in brackets that names no device")
    session.device = words[0].lstrip("0") or "0"
    reply = None
    if words[3:] == ["BASE", "2", "TIME"]:
        time = now.astimezone(UTC).strftime("%Y%m%d%H%M%S")
        reply = f"({','.join(words[:5])},{time})".encode()
    return Decoded(device=session.device, signals=(Signal(kind="heartbeat"),), reply=reply, stranger=reply)


def _read(message: Message, session: Session) -> tuple[Signal, ...]:
    kind, body = message.kind, message.body
    parts, part = message.parts if message.attributes & PARTS and kind not in SHORT_SERIALS else (1, 1)
    if kind == codes.BATCH:
        return _batch(body, session, part, parts)
    if part > 1:
        return (Signal(kind="heartbeat"),)  # a later part of another long message: a picture, parameters
    if kind == codes.LOCATION:
        return (location(body, session),)
    if kind == codes.SHORT_BATCH:
        return _short_batch(body, session)
    if kind in (codes.REPORT, codes.BLIND):
        return (compact.report(body, blind=kind == codes.BLIND),)
    if kind == codes.TRANSPARENT:
        return (_transparent(body, session),)
    if kind == codes.DRIVER:
        return (Signal(kind="heartbeat", at=digits_time(body[1:7].hex())),)
    if kind in codes.TEXTS:
        start, encoding = codes.TEXTS[kind]
        return (Signal(kind="heartbeat", text=remark(body[start:].decode(encoding, "replace"))),)
    if kind == codes.HEARTBEAT and len(body) >= 3 and body[0] <= 100:  # battery, signal, status of some
        return (Signal(kind="heartbeat", battery=body[0] / 100),)
    return (Signal(kind="heartbeat"),)


def _batch(body: bytes, session: Session, part: int, parts: int) -> tuple[Signal, ...]:
    """0704: how many (2), why (0 a plain batch, 1 sent late), each with its length (2).

    A batch in several parts is read as they come: what is whole at once, a torn end with the next part.
    """
    if part > 1:
        awaited, rest = session.memory.pop("rest", (0, b""))
        if awaited != part:
            return (Signal(kind="heartbeat"),)  # the part before it is missing: where a location begins is unknown
        body = rest + body
    else:
        session.memory.pop("rest", None)
        body = body[3:]
    signals, spot = [], 0
    while spot + 2 <= len(body):
        size = int.from_bytes(body[spot : spot + 2], "big")
        whole = spot + 2 + size <= len(body)
        if not whole and part < parts and size < _LONGEST_REST:
            break
        if size >= _SIZE - 6:
            signals.append(_late(location(body[spot + 2 : spot + 2 + size], session)))
        spot += 2 + size
    if part < parts:
        session.memory["rest"] = (part + 1, body[spot : spot + _LONGEST_REST])
    return tuple(signals) or (Signal(kind="heartbeat"),)


def _short_batch(body: bytes, session: Session) -> tuple[Signal, ...]:
    """0210: locations of a few seconds, each with its length in one byte; or 7 bytes: battery and time."""
    if len(body) == 7:
        return (
            Signal(
                kind="heartbeat", at=digits_time(body[1:7].hex()), battery=body[0] / 100 if body[0] <= 100 else None
            ),
        )
    signals, spot = [], 0
    while spot < len(body):
        size = body[spot]
        if size >= _SIZE - 6:
            signals.append(_late(location(body[spot + 1 : spot + 1 + size], session)))
        spot += 1 + size
    return tuple(signals) or (Signal(kind="heartbeat"),)


def _late(signal: Signal) -> Signal:
    """A record from the memory: it may tell of a press, but not that the button is free now."""
    return replace(signal, flags=(*signal.flags, "buffered"), pressed=signal.pressed or None)


def location(body: bytes, session: Session) -> Signal:
    """0200: alarm bits, status bits, lat and lon x 10^6, metres, km/h x 10, degrees, BCD time, and items."""
    if len(body) < 4:
        return Signal(kind="heartbeat")  # nothing is said; some send it empty as a sign of life
    bits = int.from_bytes(body[:4], "big")
    if len(body) < _LOCATION.size:
        return _signal([*_alarm_words(bits, session), "unreadable"], None, Extras())
    _, status, lat, lon, altitude, speed, course = _LOCATION.unpack_from(body)
    at = digits_time(body[22:28].hex()) if len(body) >= _SIZE else None
    extras = read_items(body[_SIZE:], _model(session))
    fix = place(
        (-lat if status & 4 else lat) / 1e6,
        (-lon if status & 8 else lon) / 1e6,
        at,
        speed=speed / 36,
        course=float(course),
        altitude=float(altitude),
    )
    words = [*_alarm_words(bits, session), *extras.words]
    if fix is None or not (lat or lon):
        words.append("no_fix")
    elif not status & 2:
        words.append("old_fix")
    return replace(_signal(words, at, extras), position=fix, kind="position" if fix else "heartbeat")


def _alarm_words(bits: int, session: Session) -> list[str]:
    """The words for the set bits: by the device's setting `alarms`, by its `model`, by the standard."""
    model = _model(session)
    own = next((table for names, table in codes.MODEL_BITS.items() if model.startswith(names)), {})
    words = codes.ALARM_BITS | own
    return " ".join(meaning(session, bit, word) for bit, word in words.items() if bits >> bit & 1).split()


def _model(session: Session) -> str:
    model = session.setting("model")
    return model.upper() if isinstance(model, str) else ""


def _signal(words: list[str], at: datetime | None, extras: Extras) -> Signal:
    """Alarm bits are levels: all that is a press is one level, and intake finds the edge."""
    found = verdict(words)
    return Signal(
        kind="heartbeat",
        alarm=found.alarm,
        at=at,
        battery=extras.battery,
        silent=found.silent,
        flags=found.flags,
        pressed=found.press,
    )


def _transparent(body: bytes, session: Session) -> Signal:
    """0900: what a sensor or the vehicle said. F0: an OBD box; FF: a crash; 54: a location without alarm bits; F3: a
    crash's strength (number 2, length 2, content; 6: its time); 40, 41: text."""
    kind = body[:1]
    if kind == b"\xf0":
        return _obd(body)
    if kind == b"\xff" and len(body) >= 21:
        lat, lon, altitude, speed, course = struct.unpack_from(">iihHH", body, 7)
        at = digits_time(body[1:7].hex())
        fix = place(lat / 1e6, lon / 1e6, at, speed=speed / 36, course=float(course), altitude=float(altitude))
        return Signal(kind="position" if fix else "heartbeat", at=at, position=fix)
    if kind == b"\x54" and digits_time(body[19:25].hex()):
        return replace(location(bytes(4) + body[1:25], session), pressed=None)
    if kind in (b"\x40", b"\x41"):
        return Signal(kind="heartbeat", text=remark(body[1:].decode("latin-1")))
    return Signal(kind="heartbeat")


def _obd(body: bytes) -> Signal:
    """F0: time 6, sent late 1, kind of vehicle 1, kind of data 1. 03: so many alarms (1), each number 1, length 1,
    content; 15: driving, 4."""
    words: list[str] = []
    if body[9:10] == b"\x03":
        count, spot = body[10] if len(body) > 10 else 0, 11
        for _ in range(count):
            if spot + 2 > len(body):
                break
            words += codes.OBD_ALARMS.get(body[spot], "").split()
            spot += 2 + body[spot + 1]
    elif body[9:10] == b"\x15":
        words += codes.OBD_DRIVING.get(int.from_bytes(body[10:14], "big"), "").split()
    found = verdict([*words, *(["buffered"] if body[7:8] > b"\0" else [])])
    return Signal(
        kind="alarm" if found.press else "heartbeat",
        alarm=found.alarm,
        at=digits_time(body[1:7].hex()),
        flags=found.flags,
        pressed=True if found.press else None,
    )


GATE = StreamGate(port=5015, split=split, decode=decode, transports=("tcp", "udp"), longest=LONGEST)
