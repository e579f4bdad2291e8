"""Several statements, one wait: PostgreSQL's pipeline mode (libpq, chapter "Pipeline Mode") on the event loop.

psycopg's own pipeline waits once for each statement; for a batch of ten statements that was measured to cost more
than the statements. Here `ask` sends all it is given and waits once. Parameters and results are text: give and take
JSON for whatever is more than a word. One task at a time; after an error or a cancelled wait, `close` and open anew.
"""

import asyncio
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import psycopg
from psycopg import pq

from tocsin.lib.sql import Statement

BEGIN: Statement = ("BEGIN", ())
COMMIT: Statement = ("COMMIT", ())
GOOD = (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK)


class Result:
    """What a statement gave: `rows` of text (None: NULL), and how many rows it touched."""

    def __init__(self, result: Any) -> None:
        self.result = result

    @property
    def count(self) -> int:
        return int(self.result.command_tuples or 0)

    def rows(self) -> list[tuple[bytes | None, ...]]:
        r = self.result
        return [tuple(r.get_value(n, c) for c in range(r.nfields)) for n in range(r.ntuples)]

    def value(self) -> bytes:
        """The only value of the only row; empty if it is NULL."""
        found: bytes | None = self.result.get_value(0, 0)
        return found or b""


class Pipeline:
    """A connection in pipeline mode. Errors are psycopg's; a lost connection is an OperationalError."""

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self.connection = connection
        self.pg = connection.pgconn
        self.pg.nonblocking = 1
        self.pg.enter_pipeline_mode()
        self.names: dict[str, bytes] = {}

    @classmethod
    async def connect(cls, database: str, name: str, options: str) -> "Pipeline":
        return cls(
            await psycopg.AsyncConnection.connect(
                database, autocommit=True, connect_timeout=3, application_name=name, options=options
            )
        )

    async def ask(self, *statements: Statement) -> list[Result]:
        """Send them all, wait once, and give their results in order. The first error is raised."""
        for sql, _ in statements:
            if sql not in self.names:
                await self._prepare(sql)
        texts = [(self.names[sql], [_text(p) for p in parameters]) for sql, parameters in statements]
        for name, parameters in texts:  # nothing is sent before all of it is known to be fit to send
            self.pg.send_query_prepared(name, parameters)
        return [Result(r) for r in await self._settle()]

    async def rollback(self) -> None:
        """Leave a transaction that failed."""
        await self.ask(("ROLLBACK", ()))

    async def close(self) -> None:
        await self.connection.close()

    async def _prepare(self, sql: str) -> None:
        name = f"s{len(self.names)}".encode()
        numbers = iter(range(1, 100))
        text = re.sub("%s", lambda _: f"${next(numbers)}", sql)
        self.pg.send_prepare(name, text.encode())
        await self._settle()
        self.names[sql] = name

    async def _settle(self) -> list[Any]:
        self.pg.pipeline_sync()
        results: list[Any] = []
        while True:
            unsent = self.pg.flush()
            self.pg.consume_input()
            while not self.pg.is_busy():
                result = self.pg.get_result()
                if result is None:
                    continue  # the end of one statement's results
                if result.status == pq.ExecStatus.PIPELINE_SYNC:
                    return _checked(results)
                results.append(result)
            await self._ready(bool(unsent))

    async def _ready(self, writing: bool) -> None:
        """Until the socket can be read (or written, while something is unsent)."""
        loop, socket = asyncio.get_running_loop(), self.pg.socket
        ready: asyncio.Future[None] = loop.create_future()

        def wake() -> None:
            if not ready.done():
                ready.set_result(None)

        loop.add_reader(socket, wake)
        if writing:
            loop.add_writer(socket, wake)
        try:
            await ready
        finally:
            loop.remove_reader(socket)
            if writing:
                loop.remove_writer(socket)


def _text(value: object) -> bytes | None:
    if value is None:
        return None
    if isinstance(value, bytes):
        return b"\\x" + value.hex().encode()
    if isinstance(value, datetime):
        return value.isoformat().encode()
    text = str(value).encode()
    if b"\0" in text:  # libpq would cut it off there without a word
        raise psycopg.DataError("PostgreSQL's text cannot hold a NUL")
    return text


def _checked(results: Sequence[Any]) -> list[Any]:
    for result in results:
        if result.status == pq.ExecStatus.FATAL_ERROR:
            raise psycopg.errors.error_from_result(result)
    for result in results:
        if result.status not in GOOD:
            raise psycopg.OperationalError(f"unexpected answer of the database: {result.status}")
    return list(results)
