"""Writes down, every few seconds, what people want to see of the gates and what no alarm must wait for.

On a connection of its own, beside the writer and the live feed. What cannot be written is lost: it is about the past.
"""

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import Mapping
from typing import Any

import msgspec
import psycopg

from tocsin.edge.intake import GatesIntake
from tocsin.gates.listeners import Reception
from tocsin.gates.masked import masked
from tocsin.gates.traces import LAST, Frame, Traces

log = logging.getLogger(__name__)
HOST = socket.gethostname()
EVERY = 5.0  # seconds; knocks each second, for somebody waits for the first sign of life of a new device
SLICE = 200  # frames in one statement: between two of them the event loop is free

METERS = """
INSERT INTO gates_meter (host, process, gate, counts, at)
SELECT %s, %s, gate, counts, now() FROM unnest(%s::text[], %s::jsonb[]) AS seen(gate, counts)
ON CONFLICT (host, process, gate) DO UPDATE SET counts = excluded.counts, at = excluded.at
"""
TRACES = """
INSERT INTO gates_trace (device_id, protocol, at, address, frame, reply)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::text[], %s::bytea[], %s::bytea[])
"""
OLD_TRACES = f"""
DELETE FROM gates_trace AS trace USING unnest(%s::bigint[]) AS spoke(device) CROSS JOIN LATERAL
    (SELECT id FROM gates_trace WHERE device_id = spoke.device ORDER BY id DESC OFFSET {LAST} LIMIT 1) AS last
WHERE trace.device_id = spoke.device AND trace.id <= last.id
"""


class Recorder:
    """`process` names this process among those of its host; `receptions` are its gates, those opened later too."""

    def __init__(
        self, database: str, process: str, intake: GatesIntake, receptions: Mapping[str, Reception], traces: Traces
    ) -> None:
        self.database, self.process, self.intake = database, process, intake
        self.receptions, self.traces = receptions, traces

        self.stopping = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self.task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Write down the rest, if that can be done within a second."""
        self.stopping.set()
        if self.task:
            await asyncio.wait([self.task], timeout=1)
            self.task.cancel()

    async def _run(self) -> None:
        while not self.stopping.is_set():
            try:
                await self._record()
            except (psycopg.Error, OSError) as error:
                log.info("what the gates saw could not be written down: %s", error)
            except Exception:
                log.exception("what the gates saw could not be written down; the next will be")
            if not self.stopping.is_set():
                await self._pause()

    async def _record(self) -> None:
        connection = await psycopg.AsyncConnection.connect(
            self.database, autocommit=True, connect_timeout=3, options="-c statement_timeout=5s -c TimeZone=UTC"
        )
        async with connection:
            due = time.monotonic()
            while True:
                last = self.stopping.is_set()
                await self.intake.write_knocks(connection)
                if last or time.monotonic() >= due:
                    due = time.monotonic() + EVERY
                    await self.write_meters(connection)
                    await self.write_traces(connection)
                if last:
                    return
                await self._pause()

    async def _pause(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await self.stopping.wait()

    async def write_meters(self, connection: psycopg.AsyncConnection[Any]) -> None:
        names = sorted(self.receptions)
        counts = [msgspec.json.encode(self.receptions[name].counters).decode() for name in names]
        if names:
            await connection.execute(METERS, (HOST, self.process, names, counts))

    async def write_traces(self, connection: psycopg.AsyncConnection[Any]) -> None:
        frames = self.traces.take()
        if not frames:
            return
        async with connection.transaction():
            for start in range(0, len(frames), SLICE):
                await connection.execute(TRACES, _columns(frames[start : start + SLICE]))
            await connection.execute(OLD_TRACES, (sorted({frame.device for frame in frames}),))


def _columns(frames: list[Frame]) -> tuple[list[Any], ...]:
    return (
        [frame.device for frame in frames],
        [frame.protocol for frame in frames],
        [frame.at for frame in frames],
        [frame.address for frame in frames],
        [masked(frame.frame) for frame in frames],
        [frame.reply for frame in frames],
    )
