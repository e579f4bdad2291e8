"""(b) Press → event at an open /live, alone and beneath 1,000 presses a second; (c) one event to 2,000 readers."""

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import uvloop

from bench import load, server
from bench.presses import requests


class Reader(asyncio.Protocol):
    """An open stream; `heard(bytes)` gets what arrives."""

    def __init__(self, request: bytes, heard: Callable[[bytes], None]) -> None:
        self.request, self.heard = request, heard

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        transport.write(self.request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.heard(data)


def watch(key: str) -> bytes:
    return f"GET /live?center=PTA&lang=en HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {key}\r\n\r\n".encode()


def _press(token: str) -> tuple[str, bytes]:
    signal = str(uuid4())
    body = json.dumps({"kind": "alarm", "position": {"lat": -25.7479, "lon": 28.2293}}).encode()
    return signal, (
        f"PUT /signals/{signal} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n"
        f"content-length: {len(body)}\r\n\r\n".encode()
        + body
    )


async def _latency(port: int, key: str, tokens: list[str], every: float) -> list[float]:
    """Seconds from sending a press to its event at one open stream."""
    sent: dict[bytes, float] = {}
    took: list[float] = []
    pending = b""

    def heard(data: bytes) -> None:
        nonlocal pending
        now = time.perf_counter()
        pending += data
        *lines, pending = pending.split(b"\n")
        for line in lines:
            if line.startswith(b"data: "):
                signal = json.loads(line[6:]).get("facts", {}).get("signal", "").encode()
                if signal in sent:
                    took.append(now - sent.pop(signal))

    loop = asyncio.get_running_loop()
    await loop.create_connection(lambda: Reader(watch(key), heard), "127.0.0.1", port)
    await asyncio.sleep(0.5)
    transport, _ = await loop.create_connection(lambda: Reader(b"", lambda _: None), "127.0.0.1", port)
    for token in tokens:
        signal, request = _press(token)
        sent[signal.encode()] = time.perf_counter()
        transport.write(request)
        await asyncio.sleep(every)
    await asyncio.sleep(1)
    return sorted(took)


async def _beneath(port: int, key: str, tokens: list[str], flood: list[str]) -> tuple[list[float], float]:
    """The same while others press, 1,000 a second."""
    made = requests(flood)
    sent = 0

    async def steady() -> None:
        nonlocal sent
        result = load.Result()
        loop = asyncio.get_running_loop()
        started = loop.time()
        idle: list[load.Paced] = []
        for _ in range(32):
            _, client = await loop.create_connection(lambda: load.Paced(result, idle), "127.0.0.1", port)
        for request in made:
            while not idle or loop.time() < started + sent / 1000:
                await asyncio.sleep(0.001)
            idle.pop().send(request)
            sent += 1

    started = time.perf_counter()
    others = asyncio.create_task(steady())
    took = await _latency(port, key, tokens, 0.02)
    others.cancel()
    return took, sent / (time.perf_counter() - started)


async def _fan_out(port: int, key: str, tokens: list[str], readers: int) -> list[float]:
    """For each press, the seconds until each of many readers has its event."""
    loop = asyncio.get_running_loop()
    took: list[float] = []
    sent_at = 0.0

    def heard(data: bytes) -> None:
        if b"data: " in data and sent_at:
            took.append(time.perf_counter() - sent_at)

    for n in range(readers):
        await loop.create_connection(lambda: Reader(watch(key), heard), "127.0.0.1", port)
        if n % 100 == 99:
            await asyncio.sleep(0.1)
    await asyncio.sleep(8)
    transport, _ = await loop.create_connection(lambda: Reader(b"", lambda _: None), "127.0.0.1", port)
    for token in tokens:
        sent_at = time.perf_counter()
        transport.write(_press(token)[1])
        await asyncio.sleep(1.5)
    return sorted(took)


def _row(name: str, took: list[float], weight: str, more: str = "") -> str:
    p50, p99 = took[len(took) // 2] * 1000, took[int(len(took) * 0.99)] * 1000
    return f"| {name} | {len(took)} | {p50:.1f} | {p99:.1f} | {more} | {weight} |"


def run(data: Path) -> None:
    officer = next(s for s in server.seeded(data)["staff"] if s["center"] == "PTA")
    print("\n## (b, c) Press → event at /live\n\n| | events | p50 ms | p99 ms | | web |\n|---|---|---|---|---|---|")
    with server.process("-m", "tocsin", "web") as (pid, port):
        tokens = server.members(300)
        time.sleep(7)
        took = uvloop.run(_latency(port, officer["key"], tokens, 0.03))
        print(_row("alone", took, server.footprint(pid)), flush=True)
        tokens, flood = server.members(400), server.members(12_000)
        time.sleep(7)  # until the registry is done with the members that were just made
        took, rate = uvloop.run(_beneath(port, officer["key"], tokens, flood))
        print(_row("beneath a load", took, server.footprint(pid), f"{rate:,.0f} presses/s beside"), flush=True)
    with server.process("-m", "tocsin", "web") as (pid, port):
        tokens = server.members(10)
        time.sleep(1.5)
        took = uvloop.run(_fan_out(port, officer["key"], tokens, 2000))
        print(_row("2,000 readers", took, server.footprint(pid), f"{len(took) // 10} readers an event"), flush=True)
