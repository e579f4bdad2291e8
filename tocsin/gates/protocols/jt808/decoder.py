"""JT/T 808 (Chinese national standard) and what trackers made of it: bytes to signals and replies.

Sources: JT/T 808-2013 and JT/T 808-2019, sections 8.1 to 8.49. Times are Beijing's (UTC+8) by the standard, km/h x 10.
"""

import struct
from datetime import UTC, datetime

from msgspec.structs import replace

from tocsin.gates.protocol import Decoded, Malformed, Session, StreamGate
from tocsin.gates.protocols.jt808 import codes, compact
from tocsin.gates.protocols.jt808.frame import LONGEST, Message, build, split, take_apart
from tocsin.gates.protocols.jt808.items import Extras, read_items
from tocsin.gates.protocols.wire import bcd_time, in_utc, meaning, place, plausible, verdict
from tocsin.gates.signal import Signal

BEIJING = 8.0  # hours east of UTC
_LOCATION = struct.Struct(">IIIIhHH")
_SIZE = 28  # of a location without its items
_WELCOME = (codes.REGISTER, codes.AUTHENTICATE, codes.HEARTBEAT, codes.TIME_2019, codes.TIME_JIMI, 0x0506)


def decode(frame: bytes, session: Session, now: datetime) -> Decoded:
    """One frame. With a wrong checksum it is believed and marked `bad_crc`.

    It is answered only if its length is right: a device that reckons its checksum wrongly would else repeat it for
    ever and never come to what it has to say next.
    """
    if frame[:1] == b"(":
        return _text(frame, session, now)
    message = take_apart(frame)
    if not message.right and message.kind in _WELCOME:
        raise Malformed("a wrong checksum: the number of the terminal cannot be trusted")
    session.device = message.device
    zone = 0.0 if message.kind in (codes.REPORT, codes.BLIND) else BEIJING
    signals = in_utc(_read(message, session), session, now, zone)
    if not message.right:
        signals = tuple(replace(signal, flags=(*signal.flags, "bad_crc")) for signal in signals)
    reply = _reply(message, now) if message.right or message.whole else None
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
        body = t.year.to_bytes(2, "big") + bytes((t.month, t.day, t.hour, t.minute, t.second))
        return answer(codes.TIME_JIMI_REPLY, body)
    if kind >= 0x1000:
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
    if message.parts[1] > 1 and message.parts[0] > 1:
        return (Signal(kind="heartbeat"),)  # a later part of a long message; no alarm needs one
    if kind == codes.LOCATION:
        return (location(body, session),)
    if kind == codes.BATCH:
        return _batch(body, session)
    if kind == codes.SHORT_BATCH:
        return _short_batch(body, session)
    if kind in (codes.REPORT, codes.BLIND):
        return (compact.report(body, blind=kind == codes.BLIND),)
    if kind == codes.TRANSPARENT:
        return (_transparent(body, session),)
    return (Signal(kind="heartbeat"),)


def _batch(body: bytes, session: Session) -> tuple[Signal, ...]:
    """0704: how many (2), why (0 a plain batch, 1 sent late), each with its length (2)."""
    if len(body) < 3:
        return (Signal(kind="heartbeat"),)
    signals, spot = [], 3
    while spot + 2 <= len(body):
        size = int.from_bytes(body[spot : spot + 2], "big")
        if size >= _SIZE - 6:
            signals.append(_late(location(body[spot + 2 : spot + 2 + size], session)))
        spot += 2 + size
    return tuple(signals) or (Signal(kind="heartbeat"),)


def _short_batch(body: bytes, session: Session) -> tuple[Signal, ...]:
    """0210: locations of a few seconds, each with its length in one byte."""
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
        return _signal([*_alarm_words(bits, session), "unreadable"], bits, None, Extras())
    _, status, lat, lon, altitude, speed, course = _LOCATION.unpack_from(body)
    at = bcd_time(body[22:28].hex()) if len(body) >= _SIZE else None
    extras = read_items(body[_SIZE:])
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
    return replace(_signal(words, bits, at, extras), position=fix, kind="position" if fix else "heartbeat")


def _alarm_words(bits: int, session: Session) -> list[str]:
    """The words for the set bits; bit 0 is `pressed`, not a word, unless the device's setting `alarms` says else."""
    return [meaning(session, bit, word) for bit, word in codes.ALARM_BITS.items() if bits >> bit & 1]


def _signal(words: list[str], bits: int, at: datetime | None, extras: Extras) -> Signal:
    """Alarm bits are levels: all that is a press is one level, and intake finds the edge."""
    found = verdict(words)
    return Signal(
        kind="heartbeat",
        alarm=found.alarm,
        at=at,
        battery=extras.battery,
        silent=found.silent,
        flags=found.flags,
        pressed=bool(bits & 1) or found.press,
    )


def _transparent(body: bytes, session: Session) -> Signal:
    """0900: what a sensor or the vehicle said. F0 begins with a time; 54 is a location without alarm bits."""
    if body[:1] == b"\xf0":
        return Signal(kind="heartbeat", at=bcd_time(body[1:7].hex()))
    if body[:1] == b"\x54" and bcd_time(body[19:25].hex()):
        return replace(location(bytes(4) + body[1:25], session), pressed=None)
    return Signal(kind="heartbeat")


GATE = StreamGate(port=5015, split=split, decode=decode, transports=("tcp", "udp"), longest=LONGEST)
