"""SIA DC-09: alarm panels over TCP and UDP. Bytes to signals and answers.

Sources: ANSI/SIA DC-09 (2013 to 2026), DC-07 (what stands in the brackets), DC-05 (Contact ID), DC-03 (SIA codes).
One connection, or one address, may speak for many panels: each frame says whose it is.
"""

import re
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from tocsin.gates.protocol import Decoded, Malformed, Session, StreamGate
from tocsin.gates.protocols.dc09 import cipher, contact_id, extra, frame, reply, sia
from tocsin.gates.protocols.dc09.codes import Event
from tocsin.gates.protocols.dc09.frame import LONGEST, Content, Frame, split
from tocsin.gates.protocols.fields import CLOCK_IS_RIGHT, JUST_NOW, ahead
from tocsin.gates.signal import Position, Signal

PORT = 12128
REPORTS = ("ADM-CID", "SIA-DCS", "NULL")
BEHIND, AHEAD = timedelta(seconds=40), timedelta(seconds=20)  # how wrong a time stamp may be (DC-09, 5.5.1.9)
# A report sent again is the same within this time: long enough for a panel's repeats, and short because a panel may
# count anew after a power cut, and a second press must not be taken for the first.
SAME = timedelta(minutes=5)
LONGEST_TEXT = 400

_ACCOUNT = re.compile(r"(?:#([0-9A-Za-z]*)|([0-9A-Fa-f]*))\|")


def decode(raw: bytes, session: Session, now: datetime) -> Decoded:
    """One frame. Panels that nobody registered get no answer: they show that they are not heard.

    Of a frame that cannot be believed in full (CRC, clock, a key that was not used) only alarms are kept, flagged:
    a doubtful alarm is better than none, but no doubtful frame may say that all is well.
    """
    told = frame.parse(raw)
    if told.token in reply.TOKENS:
        return Decoded()  # what receivers say, not panels
    device = session.device = _device(told, session)
    opened = _open(told, session, device) if told.encrypted else None
    if told.encrypted and opened is None:
        return Decoded(device=device)
    report = _content(told, opened)
    clock = _clock(told, report, session, now)
    signals = _signals(told, report, session, clock)
    bare = not told.encrypted and bool(session.setting("key")) and _says_something(signals)
    if told.fault or clock.refused or bare:
        doubts = (("bad_crc",) if told.fault else ()) + (("not_encrypted",) if bare else ())
        signals = tuple(_marked(signal, doubts) for signal in signals if signal.kind == "alarm")
        if not signals and (told.fault or bare):
            raise Malformed(told.fault or "this account has a key: what it says must be encrypted")
    return Decoded(
        device=device,
        signals=signals,
        reply=_reply(told, opened, clock),
        key=_key(told, report, now) if _says_something(signals) else None,
    )


def _reply(told: Frame, opened: cipher.Opened | None, clock: "Clock") -> bytes | None:
    if told.fault:
        return None  # the panel sends again
    if clock.refused:
        return reply.nak(clock.panels_now)
    return reply.answer("ACK" if told.token in REPORTS else "DUH", told, opened, clock.panels_now)


def _device(told: Frame, session: Session) -> str:
    """The account, leading zeros and all. Where several customers have one number, the one that is registered with
    the prefix or receiver of the header before it: L2#1234, R1#1234, R1L2#1234.
    """
    account = told.account or _inner(frame.text(told.payload))
    if not account:
        raise Malformed("no account: neither before the bracket nor behind it")
    headers = ("", f"{told.line}#", f"{told.receiver}#", f"{told.receiver}{told.line}#")
    for name in (f"{header}{account}" for header in headers if header != "#"):
        for written in (name, name.upper()):
            if session.settings(written) is not None:
                return written
    return account


def _inner(data: str) -> str:
    """The account that stands before the data."""
    found = _ACCOUNT.match(data)
    return (found[1] or found[2] or "") if found else ""


def _open(told: Frame, session: Session, device: str) -> cipher.Opened | None:
    """An encrypted payload, opened; None where nobody knows the account. Raises Malformed where no key fits."""
    settings = session.settings(device)
    if settings is None:
        return None
    setting: Any = settings.get("key")
    keys = cipher.keys(setting)
    if not keys:
        raise Malformed(
            "encrypted, and the account has no key"
            if not setting
            else "the key of the account is none: 32, 48 or 64 hex digits, or 16, 24 or 32 characters"
        )
    try:
        opened = cipher.open_(told.payload, keys)
    except ValueError as error:
        raise Malformed(f"encrypted data that is none: {error}") from error
    if opened is None:
        raise Malformed(f"the key of the account does not open it: {', '.join(cipher.kind(k, setting) for k in keys)}")
    return opened


def _content(told: Frame, opened: cipher.Opened | None) -> Content:
    if opened is None:
        return frame.content(frame.text(told.payload))
    data = opened.data
    if data is None:  # only a pad; a report without its | would look the same
        data = b"" if told.token == "NULL" else opened.pad
    return frame.content(frame.text(data + opened.rest))


class Clock(NamedTuple):
    """What a frame says of the time.

    `at`: when it happened, None where that is not to be believed (`wrong`); `refused`: the panel must set its clock
    and send again; `panels_now`: the time as its clock should show it.
    """

    at: datetime | None
    wrong: bool
    refused: bool
    panels_now: datetime


def _clock(told: Frame, report: Content, session: Session, now: datetime) -> Clock:
    """The stamp is of the sending, so one that is far from now is wrong, not late; [H] says when it happened."""
    zone = ahead(session) or timedelta()
    here = now + zone
    stamped, happened = frame.time(report.stamp), extra.happened(report.extra)
    in_time = stamped is not None and -BEHIND <= stamped - here <= AHEAD
    demanded = told.encrypted or session.setting("timestamps") is True
    refused = demanded and not in_time and session.setting("clock") != "any"
    if refused or (stamped and abs(stamped - here) > JUST_NOW):
        return Clock(None, True, refused, here)
    at = happened if happened and -CLOCK_IS_RIGHT < happened - here < JUST_NOW else stamped
    return Clock(at - zone if at else None, False, False, here)


def _signals(told: Frame, report: Content, session: Session, clock: Clock) -> tuple[Signal, ...]:
    """What a report says, event by event; of one that cannot be read, that it is an alarm."""
    if told.token not in REPORTS:
        return ()
    at, flags = clock.at, ("wrong_clock",) if clock.wrong else ()
    place, remark = extra.position(report.extra, at), extra.remark(report.extra)
    account = _ACCOUNT.match(report.data)
    data = report.data[account.end() :] if account else report.data
    events = _events(told.token, data)
    if events:
        overrides = session.setting("alarms")
        return tuple(_marked(_signal(event, overrides, at, place, remark), flags) for event in events)
    if told.token == "NULL" or not data.strip():
        return (Signal(kind="heartbeat", at=at),)
    words = sia.remark(data)
    if words and told.token == "SIA-DCS":
        return (Signal(kind="message", at=at, text=_joined(words, remark), flags=flags),)
    return (Signal(kind="alarm", alarm="other", at=at, position=place, text=remark, flags=("unreadable", *flags)),)


def _events(token: str, data: str) -> list[Event]:
    """Some panels write Contact ID in a NULL message or where SIA is announced, and the other way round."""
    found = sia.events(data) if token == "SIA-DCS" else []
    if not found and (single := contact_id.event(data)):
        return [single]
    return found or (sia.events(data) if token == "ADM-CID" else [])


def _signal(event: Event, overrides: object, at: datetime | None, place: Position | None, remark: str | None) -> Signal:
    meaning = (sia if len(event.code) == 2 else contact_id).meaning(event.code, overrides)
    text = _joined(event.text, remark)
    if meaning.kind == "message":
        text = " ".join(word for word in (event.code, event.zone, text) if word)
    return Signal(
        kind=meaning.kind,
        alarm=meaning.alarm,
        at=at,
        position=place,
        silent=meaning.silent,
        text=text,
        flags=meaning.flags + (("buffered",) if event.old else ()),
        code=event.code,
        zone=event.zone,
    )


def _joined(*texts: str | None) -> str | None:
    return " · ".join(text for text in texts if text)[:LONGEST_TEXT] or None


def _marked(signal: Signal, flags: tuple[str, ...]) -> Signal:
    return msgspec.structs.replace(signal, flags=signal.flags + flags) if flags else signal


def _says_something(signals: tuple[Signal, ...]) -> bool:
    """More than "I am here"?"""
    return any(signal.kind != "heartbeat" or signal.code for signal in signals)


def _key(told: Frame, report: Content, now: datetime) -> bytes:
    """Sequence, receiver, prefix, account and content. Pad and time stamp differ when a panel sends again."""
    period = now.timestamp() // SAME.total_seconds()
    return b"\n".join((told.echo, "]".join((report.data, *report.extra)).encode(), b"%d" % period))


GATE = StreamGate(port=PORT, transports=("tcp", "udp"), split=split, decode=decode, longest=LONGEST)
