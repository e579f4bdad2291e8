"""LISTEN on PostgreSQL channels for as long as the process lives, through every loss of the connection."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg

log = logging.getLogger(__name__)

Connected = Callable[[psycopg.AsyncConnection[Any]], Awaitable[None]]


class Listener:
    """Calls `heard(channel, payload)` for each notification, and `tick` at every (re)connection and each second.

    `tick` gets the connection: what it reads there makes up for whatever was announced while nobody listened.
    """

    def __init__(self, database: str, channels: tuple[str, ...], heard: Callable[[str, str], None], tick: Connected):
        self.database, self.channels, self.heard, self.tick = database, channels, heard, tick
        self.connected = False
        self.wanted = asyncio.Event()  # set: tick soon, do not wait for the second to pass

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
            await self.tick(connection)
            self.connected = True
            while True:
                self.wanted.clear()
                async for note in connection.notifies(timeout=1.0, stop_after=1):
                    self.heard(note.channel, note.payload)
                async for note in connection.notifies(timeout=0):  # the rest of what is there
                    self.heard(note.channel, note.payload)
                loop = asyncio.get_running_loop()
                if self.wanted.is_set() or loop.time() - self._ticked > 1:
                    self._ticked = loop.time()
                    await self.tick(connection)

    _ticked = 0.0
