"""(g) Memory of 20,000 idle connections in one gates process: trackers that signed in and now say nothing."""

import asyncio
import multiprocessing
import resource
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import uvloop

from bench import server
from bench.gates import identifiers, opened, register
from tocsin.gates.registry import encoder

PROTOCOL, WANTED, EACH = "gt06", 20_000, 4_000  # EACH: from one address, below the limit per address
SPARE = 200  # files that the process needs besides


def _memory(pid: int) -> int:
    """Resident bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))


class _Idle(asyncio.Protocol):
    def __init__(self, hello: bytes, welcomed: "asyncio.Future[None]") -> None:
        self.hello, self.welcomed = hello, welcomed

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.write(self.hello)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        if not self.welcomed.done():
            self.welcomed.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.welcomed.done():
            self.welcomed.set_exception(ConnectionError("not let in"))


async def _connect(port: int, names: list[str], address: str, control: Connection) -> None:
    """From one address, 200 at a time; then silence until we are told to go."""
    loop = asyncio.get_running_loop()
    for start in range(0, len(names), 200):
        waiting = []
        for name in names[start : start + 200]:
            device: Any = encoder(PROTOCOL)(name)
            welcomed: asyncio.Future[None] = loop.create_future()
            waiting.append(welcomed)
            await loop.create_connection(
                lambda d=device, w=welcomed: _Idle(d.hello(), w),  # type: ignore[misc]
                "127.0.0.1",
                port,
                local_addr=(address, 0),
            )
        await asyncio.gather(*waiting)
    control.send(len(names))
    await asyncio.to_thread(control.recv)


def _caller(port: int, names: list[str], address: str, control: Connection) -> None:
    uvloop.run(_connect(port, names, address, control))


def run(data: Path) -> None:
    count = min(WANTED, resource.getrlimit(resource.RLIMIT_NOFILE)[1] - SPARE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    names = identifiers(PROTOCOL, count)
    register(PROTOCOL, names)
    print("\n## (g) Idle connections\n\n| connections | before | after | bytes each | signed in a second | gates |")
    print("|---|---|---|---|---|---|")
    spawn = multiprocessing.get_context("spawn")
    with opened(data) as (pid, ports):
        time.sleep(3)
        before, started, callers = _memory(pid), time.perf_counter(), []
        for n, start in enumerate(range(0, count, EACH)):
            ours, theirs = spawn.Pipe()
            part = names[start : start + EACH]
            caller = spawn.Process(
                target=_caller, args=(ports[PROTOCOL], part, f"127.0.0.{n + 2}", theirs), daemon=True
            )
            caller.start()
            callers.append((caller, ours))
        there = sum(control.recv() for _, control in callers)
        seconds = time.perf_counter() - started
        time.sleep(5)
        after = _memory(pid)
        print(
            f"| {there:,} | {before / 2**20:.0f} MB | {after / 2**20:.0f} MB | {(after - before) / there:,.0f} "
            f"| {there / seconds:,.0f} | {server.footprint(pid)} |",
            flush=True,
        )
        for caller, control in callers:
            control.send(None)
            caller.join(10)
