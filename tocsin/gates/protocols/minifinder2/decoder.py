"""Eview pendants and watches (EV-07B, EV-04, EV-05, MiniFinder, many brands): bytes to signals and replies.

Source: EV-07B Protocol v1.2 (2020-05-08), sections 2 and 3. Unix time, UTC; km/h.
"""

from datetime import UTC, datetime

from msgspec.structs import replace

from tocsin.gates.protocol import Decoded, Malformed, Session, StreamGate
from tocsin.gates.protocols.fields import in_utc, meaning, place, plausible, unix, verdict
from tocsin.gates.protocols.minifinder2 import codes
from tocsin.gates.protocols.minifinder2.frame import (
    HEAD,
    LONGEST,
    START,
    WANTS_ANSWER,
    build,
    entries_fit,
    entry,
    sound,
    split,
)
from tocsin.gates.signal import Position, Signal

Entries = dict[int, bytes]


def decode(frame: bytes, session: Session, now: datetime) -> Decoded:
    """One frame. With a wrong CRC it is believed and marked `bad_crc`.

    It is answered if its entries fill it to the byte: a device that reckons its CRC wrongly would else repeat it
    for ever and never come to what it has to say next.
    """
    if frame[:1] != START or len(frame) <= HEAD:
        raise Malformed("no AB at the start, or no body")
    kind, right = frame[HEAD], sound(frame)
    groups = _groups(frame[HEAD + 1 :])
    imei = next((group[codes.IMEI] for group in groups if codes.IMEI in group), b"")
    if imei:
        if not imei.isalnum() or not imei.isascii():
            raise Malformed("its IMEI is no number")
        session.device = imei.decode()
    if kind in (codes.DATA, codes.SERVICE):
        signals = in_utc(tuple(_signal(group, session) for group in groups), session, now)
    else:
        signals = (Signal(kind="heartbeat"),)
    if not right:
        signals = tuple(replace(signal, flags=(*signal.flags, "bad_crc")) for signal in signals)
    reply = _reply(frame, kind, groups, now) if right or entries_fit(frame[HEAD:]) else None
    told = any(signal.kind != "heartbeat" for signal in signals)
    return Decoded(
        device=session.device,
        signals=signals,
        reply=reply,
        stranger=reply if kind == codes.SERVICE else None,
        key=((b"" if plausible(signals, now) else session.nonce) + frame[6:]) if told else None,
    )


def _reply(frame: bytes, kind: int, groups: list[Entries], now: datetime) -> bytes | None:
    """7F 01 00 (understood) with the same sequence, if an answer is wanted; or what it asks for: the time, the place
    of radio cells or access points (we know none: 0, 0 and no address)."""
    if not frame[1] & WANTS_ANSWER or kind == codes.ANSWER:
        return None
    sequence = int.from_bytes(frame[6:8], "little")
    told = b""
    for key in (key for group in groups for key in group if kind == codes.SERVICE):
        if key == codes.TIMESTAMP:
            told += entry(key, int(now.astimezone(UTC).timestamp()).to_bytes(4, "little"))
        elif key in (codes.ASK_PLACE, codes.GSM, codes.WIFI):
            told += entry(key, bytes(9))
    return build(bytes((codes.SERVICE,)) + told if told else bytes((codes.ANSWER,)) + entry(0, b""), sequence)


def _groups(body: bytes) -> list[Entries]:
    """Reports one behind the other: a key that was there already begins the next."""
    groups: list[Entries] = [{}]
    spot = 0
    while spot + 2 <= len(body) and body[spot]:
        size, key = body[spot], body[spot + 1]
        if key in groups[-1]:
            groups.append({})
        groups[-1][key] = body[spot + 2 : spot + 1 + size]
        spot += 1 + size
    return groups


def _signal(group: Entries, session: Session) -> Signal:
    """One report. Alarm bits are told with the report they caused, once: an alarm and no level."""
    words: list[str] = []
    alarm = group.get(codes.ALARM)
    if alarm is not None:
        bits = int.from_bytes(alarm[:4], "little")
        words = [
            meaning(session, bit, codes.ALARM_BITS.get(bit, codes.UNKNOWN)) for bit in range(32) if bits >> bit & 1
        ]
        words += [] if len(alarm) >= 4 else ["unreadable"]
    found = verdict(words)
    at, battery, flags = _status(group.get(codes.STATUS, b""))
    if alarm is not None and len(alarm) >= 8:  # newer firmware says when it was pressed
        at = unix(int.from_bytes(alarm[4:8], "little")) or at
    if at is None and len(group.get(codes.STEPS, b"")) >= 4 and codes.STATUS not in group:
        at = unix(int.from_bytes(group[codes.STEPS][:4], "little"))
    if battery is None and codes.BATTERY in group:
        battery = group[codes.BATTERY][0] / 100 if b"" < group[codes.BATTERY][:1] <= b"\x64" else None
    position = next((fix for key in reversed(group) if (fix := _place(key, group[key], at))), None)
    kind = "alarm" if found.press else "position" if position else "heartbeat"
    if position and not (position.lat or position.lon):
        flags = (*flags, "no_fix")
    return Signal(
        kind=kind,  # type: ignore[arg-type]
        alarm=found.alarm,
        at=at,
        position=position,
        battery=battery,
        silent=found.silent,
        flags=found.flags + flags,
    )


def _status(value: bytes) -> tuple[datetime | None, float | None, tuple[str, ...]]:
    """24: time 4, status 4: bit 7: from the memory, sent late; bits 24 to 31: battery in percent."""
    if len(value) < 8:
        return unix(int.from_bytes(value[:4], "little")) if len(value) >= 4 else None, None, ()
    status = int.from_bytes(value[4:8], "little")
    percent = status >> 24
    late = ("buffered",) if status & 0x80 else ()
    return unix(int.from_bytes(value[:4], "little")), percent / 100 if percent <= 100 else None, late


def _gps(value: bytes, at: datetime | None) -> Position | None:
    """20: lat and lon x 10^7 4 each, km/h 2, degrees 2, metres 2, hdop x 10 2, odometer 4, satellites 1."""
    if len(value) < 14:
        return None

    def number(spot: int, size: int, signed: bool = False) -> int:
        return int.from_bytes(value[spot : spot + size], "little", signed=signed)

    return place(
        number(0, 4, True) / 1e7,
        number(4, 4, True) / 1e7,
        at,
        speed=number(8, 2) / 3.6,
        course=float(number(10, 2)),
        altitude=float(number(12, 2, True)),
    )


def _place(key: int, value: bytes, at: datetime | None) -> Position | None:
    """Its own GPS, or a beacon (23; 28, if its bit 7 is set) or access point (2A) whose place it knows."""
    if key == codes.GPS:
        return _gps(value, at)
    spot = {codes.BEACON: 6, codes.KNOWN_BEACON: 9, codes.WIFI_NAMED: 8}.get(key)
    if spot is None or len(value) < spot + 8 or (key == codes.KNOWN_BEACON and not value[0] & 0x80):
        return None
    lat, lon = (int.from_bytes(value[n : n + 4], "little", signed=True) / 1e7 for n in (spot, spot + 4))
    return place(lat, lon, at)


GATE = StreamGate(port=5187, split=split, decode=decode, transports=("tcp", "udp"), longest=LONGEST)
