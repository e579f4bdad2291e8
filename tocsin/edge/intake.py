"""What the gates hold on to, in the gates process and in the web: who a device is, where its signals go, who knocks."""

import asyncio
import hashlib
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import msgspec
import psycopg

from tocsin.gates.masked import masked
from tocsin.gates.signal import Signal
from tocsin.intake.registry import Device, Registry
from tocsin.intake.store import Stored
from tocsin.intake.writer import Writer
from tocsin.lib.buckets import Buckets

KNOCKS = 1_000  # different unknown devices held between two writes; more than that is a scan
KEPT = 2_000  # bytes of what a stranger said

KNOCK = """
INSERT INTO gates_knock (protocol, identifier, address, raw, count, first_at, last_at)
VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (protocol, identifier) DO UPDATE
SET address = excluded.address, raw = excluded.raw, count = gates_knock.count + excluded.count,
    last_at = excluded.last_at
"""


class Knocking(msgspec.Struct):
    address: str
    raw: bytes
    count: int = 0


def _text(identifier: str) -> str:
    """What a stranger calls itself, as the database can hold it."""
    return identifier.replace("\0", "").encode(errors="replace").decode()


class GatesIntake:
    def __init__(self, devices: Registry, writer: Writer) -> None:
        self.devices, self.writer = devices, writer
        self.knocks: dict[tuple[str, str], Knocking] = {}
        self.strangers = Buckets(200, 2)  # new names by address: who makes up identifiers fills no disk

    def submit(self, device: Device, signal: Signal) -> "asyncio.Future[Stored]":
        plain = msgspec.structs.replace(signal, id=None, raw=None)
        content = hashlib.blake2b(msgspec.json.encode(plain), digest_size=16, key=device.id.to_bytes(8, "big")).digest()
        return self.writer.submit(device, signal, signal.id or uuid4(), content)

    def knock(self, protocol: str, identifier: str, address: str, raw: bytes) -> None:
        key = protocol, identifier[:64]
        knocking = self.knocks.get(key)
        if knocking is None:
            if len(self.knocks) >= KNOCKS or not self.strangers.take(address):
                return
            knocking = self.knocks[key] = Knocking(address, b"")
        knocking.address, knocking.raw, knocking.count = address, raw[:KEPT], knocking.count + 1

    async def write_knocks(self, connection: psycopg.AsyncConnection[Any]) -> None:
        """What was gathered since the last time; lost if the database goes away just now, for they knock again."""
        if not self.knocks:
            return
        knocks, self.knocks = self.knocks, {}
        now = datetime.now(UTC)
        rows = [
            (protocol, _text(identifier), k.address, masked(k.raw).hex(), k.count, now, now)
            for (protocol, identifier), k in sorted(knocks.items(), key=lambda item: item[0])
        ]
        async with connection.cursor() as cursor:
            await cursor.executemany(KNOCK, rows)
