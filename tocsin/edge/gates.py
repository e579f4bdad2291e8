"""The gates process: protocols in front, the same writer behind, and a list of those who knock unknown."""

import asyncio
import hashlib
import json
import logging
import os
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import psycopg

from tocsin import database
from tocsin.gates import run as gates
from tocsin.gates.registry import gates as protocols
from tocsin.gates.signal import Signal
from tocsin.intake.registry import Device, Registry
from tocsin.intake.store import Reaction, Stored
from tocsin.intake.writer import Writer
from tocsin.lib.listen import Listener

log = logging.getLogger(__name__)
KNOCKS = 1000  # different unknown devices held between two writes; more than that is a scan

KNOCK = """
INSERT INTO gates_knock (protocol, identifier, address, raw, count, first_at, last_at)
VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (protocol, identifier) DO UPDATE
SET address = excluded.address, raw = excluded.raw, count = gates_knock.count + excluded.count,
    last_at = excluded.last_at
"""


class Knocking(msgspec.Struct):
    address: str
    raw: str
    count: int = 0


class GatesIntake:
    """What the listeners hold on to: who a device is, where its signals go, where strangers are noted."""

    def __init__(self, on_opened: tuple[Reaction, ...], name: str = "gates") -> None:
        url = database.url()
        self.devices = Registry()
        self.writer = Writer(url, lambda: self.devices.network, on_opened, name)
        self.listener = Listener(url, ("registry",), self._heard, self._tick)
        self.knocks: dict[tuple[str, str], Knocking] = {}

    def submit(self, device: Device, signal: Signal) -> "asyncio.Future[Stored]":
        plain = msgspec.structs.replace(signal, id=None, raw=None)
        content = hashlib.blake2b(msgspec.json.encode(plain), digest_size=16, key=device.id.to_bytes(8, "big")).digest()
        return self.writer.submit(device, signal, signal.id or uuid4(), content)

    def knock(self, protocol: str, identifier: str, address: str, raw: bytes) -> None:
        key = protocol, identifier[:64]
        if key not in self.knocks and len(self.knocks) >= KNOCKS:
            return
        knocking = self.knocks.setdefault(key, Knocking(address, ""))
        knocking.address, knocking.raw, knocking.count = address, raw[:500].hex(), knocking.count + 1

    async def start(self) -> "asyncio.Task[None]":
        """Returns when it knows the devices; gates opened earlier would send good devices away."""
        self.writer.start()
        task = asyncio.create_task(self.listener.run())
        while not self.listener.connected:
            await asyncio.sleep(0.02)
        return task

    def _heard(self, _channel: str, payload: str) -> None:
        self.devices.heard(payload)
        self.listener.wanted.set()

    async def _tick(self, connection: psycopg.AsyncConnection[Any]) -> None:
        await self.devices.refresh(connection, fresh=not self.listener.connected)
        if self.knocks:
            knocks, self.knocks = self.knocks, {}
            now = datetime.now(UTC)
            rows = [(p, i.replace("\0", ""), k.address, k.raw, k.count, now, now) for (p, i), k in knocks.items()]
            async with connection.cursor() as cursor:
                await cursor.executemany(KNOCK, sorted(rows))


def ports(data: Path) -> dict[str, int]:
    """Each gate's port: its own variable, else the protocol's default; with TOCSIN_GATES_PORTS=any free ones.

    Free ports are taken once and kept in gates.json: a device that was told a port must find it there again.
    """
    anyhow = os.environ.get("TOCSIN_GATES_PORTS") == "any"
    kept: dict[str, int] = {}
    if anyhow and (data / "gates.json").exists():
        kept = json.loads((data / "gates.json").read_text())
    chosen = {name: kept.get(name, 0 if anyhow else gate.port) for name, gate in protocols().items()}
    for name in chosen:
        if own := os.environ.get(f"TOCSIN_GATE_{name.upper()}_PORT"):
            chosen[name] = int(own)
    return chosen


async def _run(on_opened: tuple[Reaction, ...], host: str, data: Path) -> None:
    intake = GatesIntake(on_opened)
    task = await intake.start()
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    async with await gates.serve(intake, ports(data), host) as opened:
        part = data / "gates.json.part"
        part.write_text(json.dumps(opened.ports))
        os.replace(part, data / "gates.json")
        await stop.wait()
    await intake.writer.stop()
    task.cancel()


def serve(on_opened: tuple[Reaction, ...], host: str, data: Path) -> None:
    """Run the gates until SIGTERM or SIGINT."""
    import uvloop

    uvloop.run(_run(on_opened, host, data))
