"""`GET /health`: could an alarm be stored now? From memory: the answer never waits for what it is about."""

import time
from datetime import UTC, datetime
from typing import Any

import msgspec
import psycopg
from django.conf import settings

from tocsin.intake.writer import QUEUE, Writer

STALE = 3.0  # seconds


class Health:
    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.seen_at = 0.0
        self.clock_at: datetime | None = None

    async def look(self, connection: psycopg.AsyncConnection[Any]) -> None:
        row = await (await connection.execute("SELECT max(at) FROM gates_pulse WHERE process = 'clock'")).fetchone()
        self.clock_at = row[0] if row else None
        self.seen_at = time.monotonic()

    @property
    def database(self) -> bool:
        return time.monotonic() - self.seen_at < STALE

    @property
    def well(self) -> bool:
        writer = self.writer
        return self.database and writer.age < STALE and not writer.failing and writer.queued < QUEUE

    @property
    def clock_age(self) -> float | None:
        """Seconds since a clock's last pulse; None: there was none."""
        return (datetime.now(UTC) - self.clock_at).total_seconds() if self.clock_at else None

    def answer(self) -> tuple[int, bytes]:
        """200 or 503 and the JSON: ages in seconds, `queue` in signals."""
        well, clock = self.well, self.clock_age
        content = {
            "status": "ok" if well else "failing",
            "database": "ok" if self.database else "away",
            "writer": {"age": round(self.writer.age, 3)},
            "clock": {"age": round(clock, 3) if clock is not None else None},
            "queue": self.writer.queued,
            "version": settings.VERSION,
        }
        return (200 if well else 503), msgspec.json.encode(content)
