"""(d) GT06 frames stored a second, through the real gate, each answered before the next is sent."""

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvloop

from bench import server
from tocsin.gates.protocol import Moment
from tocsin.gates.protocols.gt06.encoder import Device


class _Tracker(asyncio.Protocol):
    def __init__(self, identifier: str, frames: int, took: list[float], done: asyncio.Future[None]) -> None:
        self.device, self.took, self.done = Device(identifier), took, done
        now = datetime.now(UTC)
        self.frames = [self.device.hello()] + [
            self.device.position(Moment(at=now + timedelta(seconds=n), lat=-25.75, lon=28.22)) for n in range(frames)
        ]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.next()

    def next(self) -> None:
        if not self.frames:
            self.transport.close()
            return
        self.sent = time.perf_counter()
        self.transport.write(self.frames.pop(0))  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.took.append(time.perf_counter() - self.sent)
        self.next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


async def _run(port: int, identifiers: list[str], frames: int) -> tuple[list[float], float]:
    loop = asyncio.get_running_loop()
    took: list[float] = []
    ends = []
    started = time.perf_counter()
    for identifier in identifiers:
        done: asyncio.Future[None] = loop.create_future()
        await loop.create_connection(
            lambda identifier=identifier, done=done: _Tracker(identifier, frames, took, done), "127.0.0.1", port
        )
        ends.append(done)
    await asyncio.gather(*ends)
    return sorted(took), time.perf_counter() - started


def run(data: Path) -> None:
    from tocsin.devices.models import Device as Known

    identifiers = [f"8690000000{n:05d}" for n in range(200)]
    Known.objects.bulk_create([Known(protocol="gt06", identifier=i) for i in identifiers])
    print("\n## (d) GT06 frames stored\n\n| trackers | frames/s | p50 ms | p99 ms | gates |\n|---|---|---|---|---|")
    with server.process("-m", "tocsin", "gates", ready=None, TOCSIN_GATES_PORTS="any") as (pid, _):
        while not (data / "gates.json").exists():
            time.sleep(0.05)
        port = json.loads((data / "gates.json").read_text())["gt06"]
        took, seconds = uvloop.run(_run(port, identifiers, 100))
        rate, p50, p99 = len(took) / seconds, took[len(took) // 2] * 1000, took[int(len(took) * 0.99)] * 1000
        print(f"| 200 | {rate:,.0f} | {p50:.1f} | {p99:.1f} | {server.footprint(pid)} |", flush=True)
