"""LISTEN on PostgreSQL channels for as long as the process lives, through every loss of the connection."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg

log = logging.getLogger(__name__)
STALE = 3.0  # seconds

Connected = Callable[[psycopg.AsyncConnection[Any]], Awaitable[None]]


class Listener:
    """Calls `heard(channel, payload)` for each notification, and `tick` at every (re)connection and each second.

    `tick` gets the connection: what it reads there makes up for whatever was announced while nobody listened.
    """

    def __init__(self, database: str, channels: tuple[str, ...], heard: Callable[[str, str], None], tick: Connected):
        self.database, self.channels, self.heard, self.tick = database, channels, heard, tick
        self.connected = False
        self.answered_at = 0.0  # monotonic time of the database's last answer
        self.wanted = asyncio.Event()  # set: tick soon, do not wait for the second to pass

    @property
    def alive(self) -> bool:
        """Whether the database answers; a frozen one does not, though the connection stays open."""
        return self.connected and time.monotonic() - self.answered_at < STALE

    async def run(self) -> None:
        while True:
            try:
                await self._listen()
            except (psycopg.Error, OSError) as error:
                if self.connected:
                    log.warning("not listening to the database: %s", error)
            self.connected = False
            await asyncio.sleep(0.25)

    async def _listen(self) -> None:
        connection = await psycopg.AsyncConnection.connect(self.database, autocommit=True, connect_timeout=3)
        async with connection:
            for channel in self.channels:
                await connection.execute(f"LISTEN {channel}".encode())
            await self._tick(connection)
            self.connected = True
            while True:
                self.wanted.clear()
                async for note in connection.notifies(timeout=1.0, stop_after=1):
                    self.heard(note.channel, note.payload)
                async for note in connection.notifies(timeout=0):  # the rest of what is there
                    self.heard(note.channel, note.payload)
                if self.wanted.is_set() or time.monotonic() - self.answered_at > 1:
                    await self._tick(connection)

    async def _tick(self, connection: psycopg.AsyncConnection[Any]) -> None:
        await self.tick(connection)
        self.answered_at = time.monotonic()
