"""Mutated frames against the decoders: `python -m bench mutate [--gate NAME …] [--count N]`; a million for each gate.

Each round makes a handful of frames wrong and gives them to a gate twice: each alone to `decode`, and glued to a stream
that is cut into frames as a listener does it, in one piece and in random chunks. A failure is

    an exception other than Malformed; a result that cannot be stored (a latitude of 91, half a character);
    a `split` that does not get on, keeps more than `longest`, or finds other frames in other chunks;
    more than a quarter of a second for one frame; a session that grows without end.

Frames are those of the encoders and, where the folder is there, ../shared/vectors.
"""

import argparse
import contextlib
import json
import math
import multiprocessing
import os
import random
import re
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from paho.mqtt.client import topic_matches_sub

from bench.mutations import mutated
from tocsin.gates.protocol import (
    Decoded,
    Gate,
    HttpGate,
    Malformed,
    Message,
    Moment,
    MqttGate,
    Request,
    Session,
    StreamGate,
    identified,
)
from tocsin.gates.registry import encoder, gates
from tocsin.gates.signal import ALARMS, KINDS

VECTORS = Path(__file__).parents[2] / "shared" / "vectors"
NOW = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
DEVICE = "356314041234567"
ROUND = 6  # frames glued to one stream
TASK = 5_000  # frames a process takes at once
PATIENCE = 0.25  # seconds of processor for one frame
MEMORY = 65_536  # bytes, written out, that a session may remember

# Settings of a device, right ones and wrong ones: they are typed in by people.
SETTINGS: tuple[Mapping[str, Any] | None, ...] = (
    {}, {}, {}, None,
    {"time_zone": 8, "clock_offset": -30, "alarms": {"0x19": "medical", "1": "fire"}, "sos": [1, 236], "sos_mask": 6},
    {"time_zone": "east", "clock_offset": [], "alarms": 7, "sos": "1", "sos_mask": None, "password": 5, "key": "zz"},
    {"time_zone": 1e308, "clock_offset": float("nan"), "alarms": {"1": 5}, "sos": [None], "sos_mask": -1},
    {"key": "0123456789ABCDEF0123456789ABCDEF", "alarm_reply": True, "panic_input": True, "secret": "s"},
)  # fmt: skip


class Failure(Exception):
    """Something that a gate must not do."""


@dataclass
class Result:
    frames: int = 0
    read: int = 0
    refused: int = 0
    slowest: float = 0.0
    seconds: float = 0.0
    failures: dict[str, str] = field(default_factory=dict)  # what: the first frame that did it, in hex
    failed: int = 0

    def add(self, other: "Result") -> None:
        self.frames += other.frames
        self.read += other.read
        self.refused += other.refused
        self.failed += other.failed
        self.seconds += other.seconds
        self.slowest = max(self.slowest, other.slowest)
        self.failures = {**other.failures, **self.failures}


# Frames to begin with


def samples(name: str, gate: Gate) -> list[bytes]:
    """What the encoder says to this gate and what is in the vectors: bytes, or a request or message as one line."""
    found: list[bytes] = []
    device = _device(name)
    if isinstance(gate, MqttGate) and hasattr(device, "over"):
        device.over = Message
    for n in range(4 if device else 0):
        moment = Moment(
            NOW + timedelta(seconds=n), (-25.7, 25.7)[n % 2], (28.2, -28.2)[n // 2], 10.0 * n, 90.0 * n, 0.5
        )
        said = [device.hello(), device.heartbeat(moment), device.position(moment), device.sos(moment)]
        found += [s if isinstance(s, bytes) else s.raw() for s in said if s is not None]
    for path in {VECTORS / f"{name}.jsonl", VECTORS / f"{ALIAS.get(name, name)}.jsonl"}:
        if path.exists() and not isinstance(gate, MqttGate):
            found += [_row(json.loads(line)) for line in path.read_text().splitlines()]
    return list(dict.fromkeys(filter(None, found)))


ALIAS = {"ttn": "ttnhttp", "dc09": "sia_dc09_generated"}


def _row(row: dict[str, Any]) -> bytes:
    if "raw_hex" in row:
        return bytes.fromhex(row["raw_hex"])
    if "url" in row:
        url = urlsplit(row["url"])
        body = (row.get("body") or "").encode()
        return Request(method=row["method"], path=url.path or "/", query=url.query, body=body).raw()
    raw = row.get("raw") or ""
    try:
        return bytes.fromhex(raw) if row.get("encoding") == "hex" else str(raw).encode("latin-1")
    except ValueError:
        return str(raw).encode()


def _device(name: str) -> Any:
    """The protocol's encoder, named as the pairing page has it; None where there is none yet."""
    try:
        example = import_module(f"tocsin.gates.protocols.{name}.pairing").PAIRING.example
    except ImportError:
        example = None
    for identifier in filter(None, (example, DEVICE, "088048003342", "8800000015")):
        with contextlib.suppress(ImportError, ValueError):
            return encoder(name)(identifier)
    return None


# One gate


def attack(name: str, kind: int, count: int, seed: int) -> Result:
    """So many mutated frames to one gate of a protocol."""
    gate = gates()[name][kind]
    some, result, frames = random.Random(seed), Result(), samples(name, gate)
    started = time.perf_counter()
    while result.frames < count:
        wrong = [mutated(some, frames, name) for _ in range(ROUND)]
        session = _session(some)
        for frame in wrong:
            result.frames += 1
            _attempt(result, frame, partial(_decode, gate, frame, session, result))
        if isinstance(gate, StreamGate):
            stream = b"".join(wrong)[: gate.longest * 4]
            _attempt(result, stream, partial(_stream, gate, stream, some, result))
        if len(repr(session.memory)) > MEMORY:
            _note(result, "the session grows", b"".join(wrong))
    result.seconds = time.perf_counter() - started
    return result


def _session(some: random.Random) -> Session:
    settings = some.choice(SETTINGS)
    device = some.choice((DEVICE, None))
    return Session(device=device, settings=lambda _: settings, nonce=b"12345678", gate=some.choice(({}, AnyToken())))


class AnyToken(dict[str, str]):
    """Gate settings in which each is set."""

    def get(self, _name: str, _default: Any = None) -> Any:
        return "secret"

    def __missing__(self, _name: str) -> str:
        return "secret"


def _attempt(result: Result, frame: bytes, work: Callable[[], None]) -> None:
    try:
        work()
    except Failure as failure:
        _note(result, str(failure), frame)
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        _note(result, f"{type(error).__name__} at {'/'.join(Path(place.filename).parts[-2:])}:{place.lineno}", frame)


def _note(result: Result, what: str, frame: bytes) -> None:
    result.failed += 1
    if what not in result.failures or len(frame) * 2 < len(result.failures[what]):
        result.failures[what] = frame.hex()


def _decode(gate: Gate, frame: bytes, session: Session, result: Result) -> None:
    started = time.thread_time()
    try:
        if isinstance(gate, StreamGate):
            decoded = gate.decode(frame, session, NOW)
        elif isinstance(gate, HttpGate):
            decoded = gate.decode(_request(frame), session, NOW)
        else:
            decoded = gate.decode(_message(gate, frame), session, NOW)
    except Malformed:
        result.refused += 1
    else:
        result.read += 1
        sane(decoded)
    _in_time(result, started)


def _request(line: bytes) -> Request:
    """What an HTTP server makes of a line: a path and query in ASCII, any body."""
    target, _, body = line.partition(b" ")[2].partition(b" ")
    path, _, query = target.decode("latin-1").partition("?")
    kind = "application/json" if body[:1] in (b"{", b"[") else "application/x-www-form-urlencoded"
    return Request(
        method=line.partition(b" ")[0].decode("latin-1"),
        path=path or "/",
        query=query,
        headers={"content-type": kind},
        body=body,
        url=f"https://alarm.example.org{target.decode('latin-1')}",
    )


def _message(gate: MqttGate, line: bytes) -> Message:
    """What a broker hands on: topics without NUL and wildcards that a filter of the gate asks for."""
    topic, _, payload = line.partition(b" ")
    said = re.sub("[\0+#]", "", topic.decode("utf-8", "replace"))
    if not any(topic_matches_sub(wanted, said) for wanted in gate.topics):
        said = gate.topics[len(line) % len(gate.topics)].replace("+", "panic").replace("#", said or "state")
    return Message(said, payload)


def _in_time(result: Result, started: float) -> None:
    took = time.thread_time() - started
    result.slowest = max(result.slowest, took)
    if took > PATIENCE:
        raise Failure("slower than 0.25 s")


def sane(decoded: Decoded) -> None:
    """Can what was read be stored? Raises Failure."""
    for signal in identified("any", decoded):
        fix = signal.position
        if fix and not (abs(fix.lat) <= 90 and abs(fix.lon) <= 180):
            raise Failure("a place that is none")
        if fix and not all(math.isfinite(x or 0) for x in (fix.speed, fix.course, fix.altitude, fix.accuracy)):
            raise Failure("a number that is none")
        if signal.battery is not None and not 0 <= signal.battery <= 1:
            raise Failure("a battery beyond 0 to 1")
        if any(at is not None and at.utcoffset() is None for at in (signal.at, fix.at if fix else None)):
            raise Failure("a time without zone")
        if any("\0" in word for word in (signal.text or "", signal.code or "", signal.zone or "", *signal.flags)):
            raise Failure("a NUL, which no database keeps")
        if signal.kind not in KINDS or signal.alarm not in (None, *ALARMS):
            raise Failure(f"a kind of its own: {signal.kind} {signal.alarm}")
    try:
        msgspec.json.encode((decoded.device, decoded.signals))
    except UnicodeEncodeError as error:
        raise Failure("half a character") from error
    if not isinstance(decoded.reply, bytes | None) or not isinstance(decoded.stranger, bytes | None):
        raise Failure("a reply that is no bytes")


def _stream(gate: StreamGate, stream: bytes, some: random.Random, result: Result) -> None:
    """In one piece and in chunks the same frames, and each frame is decoded as it would be in the listener."""
    whole = Feed(gate)
    whole.take(stream)
    parts = Feed(gate)
    spot, most = 0, max(some.choice((1, 3, 12, 40, 40, 200, 200, 1000, 1500)), len(stream) // 100)
    while spot < len(stream):
        size = some.randint(1, most)
        parts.take(stream[spot : spot + size])
        spot += size
    result.slowest = max(result.slowest, whole.slowest, parts.slowest)
    session = Session(settings=lambda _: {}, nonce=b"12345678")
    for frame in whole.frames:
        _decode(gate, frame, session, Result())
    same = (whole.frames, whole.buffer) == (parts.frames, parts.buffer)
    if not same and _told(gate, whole.frames) != _told(gate, parts.frames):
        raise Failure("other frames in other chunks")


def _told(gate: StreamGate, frames: list[bytes]) -> list[Decoded]:
    """What frames say. Where a frame has a tail that holds nothing, it may be taken along or left as garbage."""
    session, told = Session(settings=lambda _: {}, nonce=b"12345678"), []
    for frame in frames:
        with contextlib.suppress(Malformed):
            told.append(gate.decode(frame, session, NOW))
    return told


class Feed:
    """What a listener does with bytes: cut off whole frames, drop a byte where the longest frame has no end."""

    def __init__(self, gate: StreamGate) -> None:
        self.gate, self.buffer, self.frames, self.slowest = gate, b"", list[bytes](), 0.0

    def take(self, data: bytes) -> None:
        self.buffer += data
        started = time.thread_time()
        while self.buffer:
            window = self.buffer[: self.gate.longest]
            frame, consumed = self.gate.split(window)
            if not 0 <= consumed <= len(window) or (frame is not None and not (frame and consumed)):
                raise Failure("split says what cannot be")
            if not consumed and len(window) == self.gate.longest:
                consumed = 1
            if not consumed:
                break
            self.buffer = self.buffer[consumed:]
            if frame:
                self.frames.append(frame)
        if len(self.buffer) >= self.gate.longest:
            raise Failure("keeps more than the longest frame")
        self.slowest = max(self.slowest, time.thread_time() - started)
        if self.slowest > PATIENCE:
            raise Failure("split is slower than 0.25 s")


# All gates


def _task(task: tuple[str, int, int, int]) -> tuple[str, int, Result]:
    name, kind, count, seed = task
    return name, kind, attack(name, kind, count, seed)


def _tasks(names: list[str], count: int, seed: int) -> Iterator[tuple[str, int, int, int]]:
    for name in names:
        for kind, gate in enumerate(gates()[name]):
            if not samples(name, gate):
                print(f"{name}: no frames to begin with", file=sys.stderr)
                continue
            for start in range(0, count, TASK):
                yield name, kind, min(TASK, count - start), seed + start


def _transport(name: str, kind: int) -> str:
    gate = gates()[name][kind]
    return (
        "/".join(gate.transports) if isinstance(gate, StreamGate) else "mqtt" if isinstance(gate, MqttGate) else "http"
    )


def main(arguments: list[str]) -> int:
    """Prints a table; 1 if anything failed."""
    parser = argparse.ArgumentParser(prog="python -m bench mutate")
    parser.add_argument("--gate", action="append", choices=list(gates()), help="only this one; may be repeated")
    parser.add_argument("--count", type=int, default=1_000_000, metavar="N", help="frames for each gate")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="the same again: the same frames")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    args = parser.parse_args(arguments)
    names = args.gate or list(gates())
    print(f"\n## (i) Mutated frames, seed {args.seed}\n")
    print("| gate | | frames | read | refused | failures | frames/s | slowest ms |\n|---|---|---|---|---|---|---|---|")
    results: dict[tuple[str, int], Result] = {}
    with multiprocessing.get_context("spawn").Pool(args.processes) as pool:
        for name, kind, result in pool.imap(_task, _tasks(names, args.count, args.seed)):
            total = results.setdefault((name, kind), Result())
            total.add(result)
            if sys.stderr.isatty():
                print(f"\r{name}: {total.frames:,}", end="\r", file=sys.stderr, flush=True)
            if total.frames >= args.count:
                print(
                    f"| {name} | {_transport(name, kind)} | {total.frames:,} | {total.read:,} | {total.refused:,} "
                    f"| {total.failed:,} | {total.frames / total.seconds:,.0f} | {total.slowest * 1000:.0f} |",
                    flush=True,
                )
    for (name, kind), total in results.items():
        for what, frame in total.failures.items():
            print(f"{name} {_transport(name, kind)}: {what}: {frame[:4000]}", file=sys.stderr)
    return 1 if any(total.failed for total in results.values()) else 0
