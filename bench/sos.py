"""(h) From an SOS to its event at an open /live, beneath positions of 2,000 connected trackers (promise 4)."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvloop

from bench import server
from bench.gates import identifiers, opened, register
from bench.live import Reader, watch
from tocsin.gates.protocol import Moment
from tocsin.gates.registry import encoder

PROTOCOL, TRACKERS, PRESSES = "gt06", 2_000, 200
HERE = (-25.7479, 28.2293)


class Tracker(asyncio.Protocol):
    """Signs in; then a position every `every` seconds at most, each after the answer to the one before."""

    def __init__(self, name: str, answers: list[float], every: float, delay: float) -> None:
        self.device: Any = encoder(PROTOCOL)(name)
        self.answers, self.every, self.delay, self.told = answers, every, delay, 0
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.timer: asyncio.TimerHandle | None = None
        self.start = datetime.now(UTC)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        transport.write(self.device.hello())  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        if not self.ready.done():
            return self.ready.set_result(None)
        now = asyncio.get_running_loop().time()
        self.answers.append(now - self.sent)
        self._later(max(0.0, self.sent + self.every - now))
        return None

    def begin(self) -> None:
        self._later(self.delay)

    def _later(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        if seconds:
            self.timer = loop.call_later(seconds, self._report)
        else:
            loop.call_soon(self._report)

    def _report(self) -> None:
        self.told += 1
        self.sent = asyncio.get_running_loop().time()
        moment = Moment(self.start + timedelta(seconds=self.told), -26.2041 + self.told / 1e5, 28.0473, 15.0, 90.0)
        self.transport.write(self.device.position(moment))

    def connection_lost(self, error: Exception | None) -> None:
        if self.timer:
            self.timer.cancel()


@asynccontextmanager
async def flood(port: int, names: list[str], every: float) -> AsyncIterator[list[float]]:
    """Connected and reporting trackers; yields the seconds until each answer."""
    loop, answers = asyncio.get_running_loop(), list[float]()
    trackers = []
    for n, name in enumerate(names):
        delay = every * n / len(names)
        made = lambda name=name, delay=delay: Tracker(name, answers, every, delay)  # noqa: E731
        trackers.append((await loop.create_connection(made, "127.0.0.1", port))[1])
    await asyncio.gather(*(tracker.ready for tracker in trackers))
    for tracker in trackers:
        tracker.begin()
    try:
        yield answers
    finally:
        for tracker in trackers:
            tracker.transport.abort()


async def _presses(
    gate: int, web: int, key: str, callers: list[str], names: list[str], every: float
) -> tuple[Any, ...]:
    """Seconds from press to answer, and to event; positions answered a second meanwhile."""
    heard: asyncio.Queue[float] = asyncio.Queue()
    pending = b""

    def hear(data: bytes) -> None:
        nonlocal pending
        pending += data
        *lines, pending = pending.split(b"\n")
        for line in lines:
            if line.startswith(b"data: ") and json.loads(line[6:]).get("kind") == "opened":
                heard.put_nowait(time.perf_counter())

    loop = asyncio.get_running_loop()
    stream, _ = await loop.create_connection(lambda: Reader(watch(key), hear), "127.0.0.1", web)
    answered, seen = [], []
    async with flood(gate, names, every) as answers:
        await asyncio.sleep(3)
        started, before = time.perf_counter(), len(answers)
        for name in callers:
            reader, writer = await asyncio.open_connection("127.0.0.1", gate)
            device: Any = encoder(PROTOCOL)(name)
            writer.write(device.hello())
            await reader.read(64)
            await asyncio.sleep(0.02)
            pressed = time.perf_counter()
            writer.write(device.sos(Moment(datetime.now(UTC), *HERE)))
            await reader.read(64)
            answered.append(time.perf_counter() - pressed)
            seen.append(await asyncio.wait_for(heard.get(), 30) - pressed)
            writer.close()
        rate = (len(answers) - before) / (time.perf_counter() - started)
    stream.abort()
    return sorted(answered), sorted(seen), rate


def _ms(took: list[float]) -> str:
    return f"{took[len(took) // 2] * 1000:.1f} | {took[int(len(took) * 0.99)] * 1000:.1f}"


def run(data: Path) -> None:
    from tocsin.centers.models import Center

    officer = next(s for s in server.seeded(data)["staff"] if s["center"] == "PTA")
    loads = (("none", 0, 60.0), ("one position in 10 s each", TRACKERS, 10.0), ("one a second each", TRACKERS, 1.0))
    loads += (("as fast as they are answered", TRACKERS, 0.0),)
    names = identifiers(PROTOCOL, TRACKERS + PRESSES * len(loads))
    register(PROTOCOL, names, center=Center.objects.get(code="PTA"))
    print(f"\n## (h) SOS beneath positions of {TRACKERS:,} trackers\n")
    print("| positions | answered a second | SOS | answered p50 ms | p99 ms | at the desk p50 ms | p99 ms | gates |")
    print("|---|---|---|---|---|---|---|---|")
    with server.process("-m", "tocsin", "web") as (_, web), opened(data) as (pid, ports):
        time.sleep(6)
        for n, (said, trackers, every) in enumerate(loads):
            callers = names[TRACKERS + n * PRESSES :][:PRESSES]
            made = _presses(ports[PROTOCOL], web, officer["key"], callers, names[:trackers], every)
            answered, seen, rate = uvloop.run(made)
            print(
                f"| {said} | {rate:,.0f} | {len(seen)} | {_ms(answered)} | {_ms(seen)} | {server.footprint(pid)} |",
                flush=True,
            )
