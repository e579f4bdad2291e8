"""(d) Frames stored a second by each gate: of 200 devices, each of which hears the answer before it sends the next."""

import asyncio
import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvloop

from bench import load, server
from tocsin.gates.protocol import HttpGate, Moment, Request, Session, StreamGate
from tocsin.gates.registry import encoder, of_kind, pairings

DEVICES, FRAMES = 200, 50


@contextmanager
def opened(data: Path, **environment: str) -> Iterator[tuple[int, dict[str, int]]]:
    """A gates process on free ports; yields (pid, port by protocol)."""
    (data / "gates.json").unlink(missing_ok=True)
    with server.process("-m", "tocsin", "gates", ready=None, TOCSIN_GATES_PORTS="any", **environment) as (pid, _):
        while not (data / "gates.json").exists():
            time.sleep(0.05)
        yield pid, json.loads((data / "gates.json").read_text())


def identifiers(protocol: str, count: int) -> list[str]:
    """Different ones, made from the example of the pairing page: its last digits count."""
    pairing = pairings()[protocol]
    head, tail = re.fullmatch(r"(.*?)(\d{1,5})", pairing.example).groups()  # type: ignore[union-attr]
    found = [f"{head}{n:0{len(tail)}d}" for n in range(10 ** min(len(tail), 5))][-count:]
    assert len(found) == count and all(re.fullmatch(pairing.pattern, identifier) for identifier in found), protocol
    return found


def register(protocol: str, names: list[str], **fields: Any) -> None:
    from tocsin.devices.models import Device

    Device.objects.bulk_create(
        [Device(protocol=protocol, identifier=name, **fields) for name in names], ignore_conflicts=True
    )


def reports(device: Any, count: int, start: datetime) -> list[Any]:
    """What a device says, a second apart: positions; of a panel tests, since it has no positions."""
    moments = [Moment(start + timedelta(seconds=n), -25.75 + n / 1e5, 28.22, 12.0, 90.0, 0.7) for n in range(count)]
    panel = device.position(moments[0]) is None
    return [device.report("1602 00 000", moment) if panel else device.position(moment) for moment in moments]


class Line(asyncio.Protocol):
    """A device's connection: says hello, waits for `go`, then says all that it has, in order."""

    def __init__(self, device: Any, frames: list[bytes], took: list[float], done: "asyncio.Future[None]") -> None:
        self.device, self.took, self.done = device, took, done
        self.frames, self.sent, self.got = iter(frames), b"", b""
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        self.sent = self.device.hello() or b""
        if self.sent:
            self.at = time.perf_counter()
            transport.write(self.sent)  # type: ignore[attr-defined]
        if not self.sent or self.device.answered(self.sent, b""):
            self.ready.set_result(None)

    def go(self) -> None:
        """All that needs no answer at once, else one."""
        for frame in self.frames:
            self.sent, self.got, self.at = frame, b"", time.perf_counter()
            self.transport.write(frame)
            if not self.device.answered(frame, b""):
                return
        if (
            not self.done.done()
        ):  # the line stays open: who hangs up while an answer comes makes the system drop the rest
            self.done.set_result(None)

    def data_received(self, data: bytes) -> None:
        self.got += data
        if not self.device.answered(self.sent, self.got):
            return
        if not self.ready.done():
            self.ready.set_result(None)
            return
        if not self.done.done():
            self.took.append(time.perf_counter() - self.at)
            self.go()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.ready.done():
            self.ready.set_exception(ConnectionError("hung up at hello"))
        if not self.done.done():
            self.done.set_result(None)


async def _run(protocol: str, port: int, names: list[str]) -> tuple[list[float], float, int]:
    """Seconds until each answer, seconds until all is stored, and how many signals are."""
    loop, took, now = asyncio.get_running_loop(), list[float](), datetime.now(UTC)
    lines: list[Line] = []
    for name in names:
        device: Any = encoder(protocol)(name)
        done = loop.create_future()
        frames = reports(device, FRAMES, now)
        _, line = await loop.create_connection(
            lambda d=device, f=frames, e=done: Line(d, f, took, e), "127.0.0.1", port
        )  # type: ignore[misc]
        lines.append(line)
    await asyncio.gather(*(line.ready for line in lines))
    started = time.perf_counter()
    for line in lines:
        line.go()
    await asyncio.gather(*(line.done for line in lines))
    want, deadline = expected(protocol, names[0]) * len(names), started + 60
    while (stored := await asyncio.to_thread(_stored, protocol)) < want and time.perf_counter() < deadline:
        await asyncio.sleep(0.02)
    seconds = time.perf_counter() - started
    for line in lines:
        line.transport.close()
    return sorted(took), seconds, stored


def _stored(protocol: str) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM gates_signal s JOIN devices_device d ON d.id = s.device_id WHERE d.protocol = %s"
            " AND s.kind <> 'heartbeat'",
            [protocol],
        )
        return int(cursor.fetchone()[0])


def expected(protocol: str, name: str) -> int:
    """How many signals the frames of one device hold."""
    device: Any = encoder(protocol)(name)
    gate, session = of_kind(StreamGate)[protocol], Session(device=name)
    now = datetime.now(UTC)
    device.hello()
    found = [gate.decode(gate.split(frame).frame or b"", session, now) for frame in reports(device, FRAMES, now)]
    return sum(signal.kind != "heartbeat" for decoded in found for signal in decoded.signals)


def _stream(protocol: str, port: int, pid: int) -> str:
    took, seconds, stored = uvloop.run(_run(protocol, port, identifiers(protocol, DEVICES)))
    return _row(protocol, DEVICES * FRAMES / seconds, took, stored, pid)


def _web(protocol: str, port: int, pid: int) -> str:
    """Over HTTP, with kept connections."""
    now = datetime.now(UTC)
    said: list[Request] = [
        r for n in identifiers(protocol, DEVICES) for r in reports(encoder(protocol)(n), FRAMES, now)
    ]
    made = (f"{r.method} {r.path}?{r.query} HTTP/1.1\r\nhost: bench\r\n\r\n".encode() for r in said)
    result = uvloop.run(load.run("127.0.0.1", port, made, DEVICES))
    return _row(protocol, result.rate, sorted(result.latencies), _stored(protocol), pid)


def _row(name: str, rate: float, took: list[float], stored: int, pid: int) -> str:
    p50, p99 = (f"{took[int(len(took) * share)] * 1000:.1f}" if took else "-" for share in (0.5, 0.99))
    return f"| {name} | {rate:,.0f} | {p50} | {p99} | {stored:,} | {server.footprint(pid)} |"


def run(data: Path) -> None:
    streams = list(of_kind(StreamGate))
    webs = [name for name, gate in of_kind(HttpGate).items() if gate.port]
    for protocol in (*streams, *webs):
        register(protocol, identifiers(protocol, DEVICES))
    print(f"\n## (d) Frames stored a second, {DEVICES} devices with {FRAMES} frames each\n")
    print("| gate | frames/s | p50 ms | p99 ms | signals stored | gates |\n|---|---|---|---|---|---|")
    with opened(data) as (pid, ports):
        for protocol in streams:
            print(_stream(protocol, ports[protocol], pid), flush=True)
        for protocol in webs:
            print(_web(protocol, ports[protocol], pid), flush=True)
