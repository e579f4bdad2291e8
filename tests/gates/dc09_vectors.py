"""Judge DC-09 frames that nobody here wrote (../shared/vectors beside the project), by what the standard says of them.

Each row is accepted (acknowledged exactly), refused (not acknowledged), or decrypted and then accepted. The opinions of
the two libraries that are quoted in the rows do not count: both have faults.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tocsin.gates.protocol import Decoded, Malformed, Session
from tocsin.gates.protocols.dc09 import cipher, contact_id, frame, reply, sia
from tocsin.gates.protocols.dc09.decoder import GATE

VECTORS = Path(__file__).parents[3] / "shared" / "vectors"
FILES = ("sia_dc09", "sia_dc09_generated")


def judged() -> Iterable[tuple[str, bool, str]]:
    """(row id, is our verdict right, why) of every row there is; none where the folder is absent."""
    for name in FILES:
        path = VECTORS / f"{name}.jsonl"
        for line in path.read_text("utf-8").splitlines() if path.exists() else ():
            row = json.loads(line)
            wrong = list(_wrong(row))
            yield row["id"], not wrong, "; ".join(wrong) or _verdict(row)


def _raw(row: dict[str, Any]) -> bytes:
    return bytes.fromhex(row["raw_hex"]) if "raw_hex" in row else row["raw"].encode()


def _key(row: dict[str, Any]) -> str | None:
    return row.get("key_hex") or row.get("key_text")


def _sound(row: dict[str, Any]) -> bool:
    """Are CRC and length right, as the row computed them? What was generated is right."""
    computed = row.get("computed", {"crc_ok": "raw_hex" in row, "length_ok": True})
    with_cr = computed.get("crc_ok_if_CR_counted") and computed.get("length_ok_if_CR_counted")
    return bool(with_cr or (computed["crc_ok"] and computed["length_ok"]))


def _decode(row: dict[str, Any], now: datetime, **settings: Any) -> Decoded | Malformed:
    settings |= {"key": _key(row)} if _key(row) else {}
    try:
        return GATE.decode(_raw(row), Session(settings=lambda _: settings), now)
    except Malformed as error:
        return error


def _parsed(row: dict[str, Any]) -> tuple[frame.Frame, frame.Content | None] | None:
    """The frame and, where it can be read, its content."""
    try:
        told = frame.parse(_raw(row))
    except Malformed:
        return None
    if not told.encrypted:
        return told, frame.content(frame.text(told.payload))
    opened = cipher.open_(told.payload, cipher.keys(_key(row)))
    return told, frame.content(frame.text((opened.data or b"") + opened.rest)) if opened else None


def _verdict(row: dict[str, Any]) -> str:
    found = _parsed(row)
    if found is None:
        return "refused: no frame"
    told, content = found
    if told.fault:
        return f"refused: {told.fault}"
    if content is None:
        return "refused: no key opens it"
    how = "decrypted and accepted" if told.encrypted else "accepted"
    return f"{how}: {told.token}" + (", which nobody answers" if told.token in reply.TOKENS else "")


def _wrong(row: dict[str, Any]) -> Iterator[str]:
    now, expect = datetime.now(UTC), row.get("expect", row.get("expected", {}))
    decoded, found = _decode(row, now, clock="any"), _parsed(row)
    answer = decoded.reply if isinstance(decoded, Decoded) else None
    refuse = row.get("unusable") or not _sound(row) or expect.get("ok") is False
    if refuse or found is None:
        if answer is not None:
            yield f"answered {answer!r}, though it must be refused"
        if not refuse:
            yield f"not read: {decoded}"
        return
    told, content = found
    if content is None:
        if answer is not None or _key(row):
            yield f"encrypted and not opened, answered {answer!r}"
        return
    yield from _unlike(expect, told, content)
    if told.token in reply.TOKENS:
        if decoded != Decoded():
            yield f"an answer of a receiver was answered: {decoded}"
        return
    if not isinstance(decoded, Decoded) or answer is None:
        yield f"not acknowledged: {decoded}"
        return
    yield from _badly_acknowledged(row, told, answer)
    yield from _misread(expect, decoded, content)
    late = _decode(row, now + timedelta(days=400))
    if told.encrypted and (not isinstance(late, Decoded) or b'"NAK"0000R0L0A0[]_' not in (late.reply or b"")):
        yield f"long after its time stamp it is not refused: {late}"


def _unlike(expect: dict[str, Any], told: frame.Frame, content: frame.Content) -> Iterator[str]:
    """The envelope against the row."""
    pairs = {
        "protocol": told.token,
        "seq": told.sequence,
        "receiver": told.receiver[1:],
        "line": told.line[1:],
        "account": told.account,
        "encrypted": told.encrypted,
        "data": content.data,
        "body": content.data,
    }
    for name, ours in pairs.items():
        if name in expect and expect[name] != ours:
            yield f"{name} {ours!r} for {expect[name]!r}"
    if "xdata" in expect:
        wanted = [each if isinstance(each, str) else "".join(each) for each in expect["xdata"]]
        if wanted != list(content.extra):
            yield f"xdata {content.extra} for {wanted}"
    if "timestamp" in expect and frame.time(content.stamp) != datetime.fromisoformat(expect["timestamp"]):
        yield f"time {content.stamp} for {expect['timestamp']}"


def _badly_acknowledged(row: dict[str, Any], told: frame.Frame, answer: bytes) -> Iterator[str]:
    """An ACK repeats what it answers exactly; to an encrypted frame it is encrypted, with a pad and the time."""
    if not told.encrypted:
        if answer != frame.build(b'"ACK"' + told.echo + b"[]"):
            yield f"acknowledged by {answer!r}"
        return
    ours = frame.parse(answer)
    opened = cipher.open_(ours.payload, cipher.keys(_key(row)))
    if (ours.token, ours.encrypted, ours.echo, ours.fault) != ("ACK", True, told.echo, None):
        yield f"acknowledged by {answer!r}"
    elif opened is None or opened.data != b"" or frame.time(opened.rest.decode()[2:]) is None:
        yield f"the acknowledgement cannot be opened: {answer!r}"


def _misread(expect: dict[str, Any], decoded: Decoded, content: frame.Content) -> Iterator[str]:
    """The signals against the row, and against the tables."""
    if not decoded.signals:
        yield "nothing was stored"
        return
    first = decoded.signals[0]
    code = {"1": "E", "3": "R", "6": "P"}.get(expect.get("qualifier", ""), "") + expect.get("code", "")
    for name, ours, wanted in (
        ("code", first.code, code or None),
        ("zone", first.zone, expect.get("zone", expect.get("address"))),
        ("text", first.text, expect.get("text")),
        ("device", decoded.device, expect.get("account")),
    ):
        if wanted is not None and ours != wanted:
            yield f"{name} {ours!r} for {wanted!r}"
    if expect.get("unknown_code") and "unknown_kind" not in first.flags:
        yield "an unknown code was not flagged"
    for signal in decoded.signals:
        meaning = (sia if len(signal.code or "") == 2 else contact_id).meaning(signal.code) if signal.code else None
        if meaning and (signal.kind, signal.alarm, signal.silent) != meaning[:3]:
            yield f"{signal.code} became {signal.kind} {signal.alarm}"
    if {"X", "Y"} <= {text[:1] for text in content.extra} and not first.position:
        yield "the place was not read"
