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
        self.pulses: dict[str, datetime] = {}

    async def look(self, connection: psycopg.AsyncConnection[Any]) -> None:
        found = await connection.execute("SELECT process, at FROM gates_pulse WHERE process IN ('clock', 'courier')")
        self.pulses = dict(await found.fetchall())
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
        return self.age("clock")

    def age(self, process: str) -> float | None:
        """Seconds since the last pulse of a clock or a courier; None: there was none."""
        at = self.pulses.get(process)
        return round((datetime.now(UTC) - at).total_seconds(), 3) if at else None

    def answer(self) -> tuple[int, bytes]:
        """200 or 503 and the JSON: ages in seconds, `queue` in signals. A silent clock or courier stops no storing."""
        well = self.well
        content = {
            "status": "ok" if well else "failing",
            "database": "ok" if self.database else "away",
            "writer": {"age": round(self.writer.age, 3)},
            "clock": {"age": self.age("clock")},
            "courier": {"age": self.age("courier")},
            "queue": self.writer.queued,
            "version": settings.VERSION,
        }
        return (200 if well else 503), msgspec.json.encode(content)
