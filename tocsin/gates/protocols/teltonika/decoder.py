"""Teltonika: FMB, FMC, FMT, TMT250, GH5200, TAT and the rest. Bytes to signals and replies.

Source: Teltonika Data Sending Protocols (Codec 8, 8 Extended, 16, 12, 13; TCP and UDP). Times are UTC.
"""

from datetime import datetime

from msgspec.structs import replace

from tocsin.gates.protocol import Decoded, Malformed, Session, StreamGate
from tocsin.gates.protocols.fields import KMH, in_utc, meaning, plausible, unix, verdict
from tocsin.gates.protocols.teltonika import codes
from tocsin.gates.protocols.teltonika.frame import IDLE, LONGEST, is_datagram, is_login, sound, split
from tocsin.gates.protocols.teltonika.records import Reader, Record, records
from tocsin.gates.signal import Signal

AVL, TEXT = (7, 8, 16, 0x8E), (12, 13, 14)
ALIVE = (Signal(kind="heartbeat"),)


def decode(frame: bytes, session: Session, now: datetime) -> Decoded:
    """One frame: an IMEI, a sign of life, AVL records or a text."""
    if frame == IDLE:
        return Decoded(device=session.device, signals=ALIVE if session.device else ())
    if is_login(frame, 0):
        session.device = frame[2 : 2 + int.from_bytes(frame[:2], "big")].decode()
        return Decoded(device=session.device, signals=ALIVE, reply=b"\x01", stranger=b"\x01")
    if is_datagram(frame, 0):
        session.device = frame[8:23].decode()
        signals, count = _read(frame[23:], session, now)
        answer = b"\0\x05" + frame[2:6] + bytes((count or 0,))
        return _decoded(signals, session, now, frame[5:], None if count is None else answer)
    if len(frame) < 12 or any(frame[:4]):
        raise Malformed("neither an IMEI nor a packet that begins with four zeros")
    end = 8 + int.from_bytes(frame[4:8], "big")
    signals, count = _read(frame[8 : end if 10 < end < len(frame) else -4], session, now)
    if not sound(frame):
        if not signals:
            raise Malformed("a wrong CRC, and nothing in it can be read")
        signals = tuple(replace(signal, flags=(*signal.flags, "bad_crc")) for signal in signals)
    return _decoded(signals, session, now, frame[8:], None if count is None else count.to_bytes(4, "big"))


def _decoded(
    signals: tuple[Signal, ...], session: Session, now: datetime, content: bytes, reply: bytes | None
) -> Decoded:
    """To strangers nothing: they keep their records. The same content sent again is the same."""
    told = any(signal.kind != "heartbeat" or signal.pressed for signal in signals)
    key = (b"" if plausible(signals, now) else session.nonce) + content if told else None
    return Decoded(device=session.device, signals=signals, reply=reply, key=key)


def _read(payload: bytes, session: Session, now: datetime) -> tuple[tuple[Signal, ...], int | None]:
    """The signals, and how many records may be confirmed: all, if each was read and both counts agree.

    Where they do not, nothing is confirmed and the device sends again; what can be read is kept.
    """
    if len(payload) < 3:
        raise Malformed("a packet without content")
    codec, count = payload[0], payload[1]
    if codec in TEXT:
        return (_text(codec, payload),), None
    if codec not in AVL:
        raise Malformed(f"codec {codec:#04x} is not known")
    reader = Reader(payload[2:])
    found = list(records(codec, count, reader))
    signals = in_utc(tuple(_signal(record, session) for record in found), session, now)
    whole = len(found) == count and not reader.short() and reader.data[reader.spot :] == payload[1:2]
    return signals or ALIVE, count if whole else None


def _text(codec: int, payload: bytes) -> Signal:
    """Codec 12 (an answer, or what a serial port said), 13 (with a time before the text), 14 (with an IMEI)."""
    size = int.from_bytes(payload[3:7], "big")
    content = payload[7 : 7 + size]
    at = None
    if codec == 13 and len(content) >= 4:
        at, content = unix(int.from_bytes(content[:4], "big")), content[4:]
    text = content.decode("ascii", "replace").strip("\0\r\n ")
    return Signal(kind="heartbeat", at=at, text=text[:400] if text.isprintable() and text else None)


def _signal(record: Record, session: Session) -> Signal:
    """A record. The id that caused it is an alarm each time; where it is only repeated, it is a level."""
    own = session.setting("sos")
    sos = set(own) if isinstance(own, list | tuple) else set(codes.SOS_IDS)
    words, level = [], None
    for key, value in record.values.items():
        word = "sos" if key in sos else meaning(session, key, codes.ALARMS.get(key, ""))
        if word and verdict((word,)).press and not (word != "sos" and not value):
            if record.event == key and value:
                words.append(word)
            else:
                level = bool(value) or bool(level)
        elif value:
            words.append(word or codes.FLAGS.get(key, ""))
    if (how := record.values.get(codes.GREEN_ID)) is not None:
        words.append(codes.GREEN.get(how, ""))
    found = verdict(words)
    percent = record.values.get(codes.BATTERY_PERCENT)
    flags = list(found.flags)
    position = record.position
    model, kmh = session.setting("model"), record.values.get(codes.SPEED)
    if position and kmh is not None and isinstance(model, str) and model.upper().startswith(codes.SPEED_MODELS):
        position = replace(position, speed=kmh * KMH)
    if position is None or not (position.lat or position.lon):
        flags.append("no_fix")
    elif not record.fixed:
        flags.append("old_fix")
    return Signal(
        kind="alarm" if found.press else "position" if position else "heartbeat",
        alarm=found.alarm,
        at=record.at,
        position=position,
        battery=percent / 100 if percent is not None and percent <= 100 else None,
        silent=found.silent,
        flags=tuple(flags),
        pressed=True if found.press else level,
    )


GATE = StreamGate(port=5027, split=split, decode=decode, transports=("tcp", "udp"), longest=LONGEST)
