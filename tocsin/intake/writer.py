"""The batch writer: durable before acknowledged.

One task takes what is there (up to 500, alarms first) and stores it in one transaction; after the commit each waiter
is answered. Alone, a press waits for nobody; under load the batches grow by themselves. A batch that fails is halved
until the poisoned signal stands alone; that one is kept raw and still alarms.

It lives in the event loop, not in a thread: at each of its waits for the database a thread would have to win the
interpreter back from the loop, which was measured to double the time of a batch.
"""

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import msgspec
import psycopg

from tocsin.centers.network import Network
from tocsin.gates.protocol import Unavailable
from tocsin.gates.signal import Signal
from tocsin.intake.registry import Device
from tocsin.intake.store import RACED, Again, Arrived, Following, Stored, store
from tocsin.lib.pipeline import Pipeline
from tocsin.lib.pulse import PULSE

log = logging.getLogger(__name__)

BATCH = 500
PATIENCE = 6.0  # seconds for a commit; then the client is told to try again, which is harmless
QUEUE = 20_000  # beyond this the door says 503: better the client keeps it than that we promise what we cannot hold
LOST = (psycopg.OperationalError, psycopg.InterfaceError, TimeoutError, OSError)
AGAIN = (*RACED, Again)
Answer = Stored | Exception


class Waiting(msgspec.Struct):
    arrived: Arrived
    future: "asyncio.Future[Stored]"


class Writer:
    """The queue and its task. `submit` answers after the commit; `stop` stores what is left."""

    def __init__(self, database: str, network: Callable[[], Network], following: Following, name: str) -> None:
        self.database, self.network, self.following, self.name = database, network, following, name
        self.alarms: deque[Waiting] = deque()
        self.others: deque[Waiting] = deque()
        self.waits: deque[tuple[float, asyncio.Future[Stored]]] = deque()
        self.wake = asyncio.Event()
        self.stopping = self.failing = False
        self.committed_at = 0.0  # monotonic time of the last commit
        self.connection: Pipeline | None = None
        self.task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.task = asyncio.create_task(self._run())
        self._sweep()

    async def stop(self) -> None:
        self.stopping = True
        self.wake.set()
        if self.task:
            await asyncio.wait([self.task], timeout=3)

    @property
    def queued(self) -> int:
        return len(self.alarms) + len(self.others)

    @property
    def age(self) -> float:
        """Seconds since the last commit; an idle writer commits a pulse each second."""
        return time.monotonic() - self.committed_at

    def submit(self, device: Device, signal: Signal, id_: UUID, digest: bytes) -> "asyncio.Future[Stored]":
        """The answer comes after the commit. Raises Unavailable at once when the queue is full."""
        urgent = signal.kind in ("alarm", "cancel") or signal.pressed
        full = len(self.alarms) >= QUEUE if urgent else self.queued >= QUEUE  # positions take no alarm's place
        if full or self.stopping or self.task is None:
            raise Unavailable
        future: asyncio.Future[Stored] = self.loop.create_future()
        (self.alarms if urgent else self.others).append(Waiting(Arrived(device, signal, id_, digest), future))
        self.waits.append((self.loop.time() + PATIENCE, future))
        self.wake.set()
        return future

    def _sweep(self) -> None:
        """Let nobody wait longer than PATIENCE for a database that hangs; what is stored after all is stored once."""
        while self.waits and (self.waits[0][1].done() or self.waits[0][0] < self.loop.time()):
            future = self.waits.popleft()[1]
            if not future.done():
                future.set_exception(Unavailable())
        if not self.stopping:
            self.loop.call_later(0.25, self._sweep)

    async def _run(self) -> None:
        while not (self.stopping and not self.queued):
            try:
                await self._cycle()
            except Exception:
                log.exception("intake goes on after an error of its own")
                await asyncio.sleep(0.1)
        await self._disconnect()

    async def _cycle(self) -> None:
        if not self.queued and not self.stopping:
            self.wake.clear()
            try:
                async with asyncio.timeout(max(0.05, 1 - self.age)):
                    await self.wake.wait()
            except TimeoutError:
                pass
        batch: list[Waiting] = []
        for lane in (self.alarms, self.others):
            while lane and len(batch) < BATCH:
                batch.append(lane.popleft())
            if batch:
                break  # an alarm waits for no position
        answers: list[Answer] = [Unavailable()] * len(batch)
        try:
            async with asyncio.timeout(PATIENCE + 1):
                if batch:
                    answers = await self._store(await self._connected(), [w.arrived for w in batch])
                    self.committed_at = time.monotonic()
                elif self.age >= 1:
                    await self._pulse(await self._connected())
            self.failing = False
        except LOST as error:
            log.warning("the database is away: %s", str(error) or type(error).__name__)
            self.failing = True
            await self._disconnect()
            await asyncio.sleep(0.1)
        finally:
            for waiting, answer in zip(batch, answers, strict=True):
                _tell(waiting.future, answer)

    async def _store(self, connection: Pipeline, batch: list[Arrived]) -> list[Answer]:
        now = datetime.now(UTC)
        for _ in range(5):
            try:
                return list(await store(connection, batch, self.network(), self.following, now))
            except AGAIN:
                continue  # another process was there first; now we see what it did
            except LOST:
                raise
            except Exception as error:
                if len(batch) > 1:
                    half = len(batch) // 2
                    return await self._store(connection, batch[:half]) + await self._store(connection, batch[half:])
                return [await self._unreadable(connection, batch[0], now, error)]
        raise psycopg.OperationalError("the batch did not get through in five tries")

    async def _unreadable(self, connection: Pipeline, a: Arrived, now: datetime, error: Exception) -> Answer:
        """The poisoned signal alone: kept raw, with nothing in it that could fail; an alarm still alarms."""
        log.error("signal %s of device %s could not be read and is kept raw: %r", a.id, a.device.id, error)
        plain = Signal(
            kind="alarm" if a.signal.kind == "alarm" or a.signal.pressed else "heartbeat",
            flags=("unreadable",),
            silent=a.signal.silent is True,
            raw=ascii(a.signal)[:8000],
        )
        try:
            alone = [Arrived(a.device, plain, a.id, a.digest)]
            return (await store(connection, alone, self.network(), self.following, now))[0]
        except LOST:
            raise
        except Exception:
            log.exception("signal %s could not even be kept raw", a.id)
            return Unavailable()

    async def _connected(self) -> Pipeline:
        if self.connection is None:
            # All look-ups here are by key. Without the last option a plan made while a table was small, and kept with
            # its prepared statement, would go on reading the whole table as it grows.
            options = "-c statement_timeout=5s -c lock_timeout=4s -c TimeZone=UTC -c enable_seqscan=off"
            self.connection = await Pipeline.connect(self.database, f"tocsin {self.name} intake", options)
        return self.connection

    async def _disconnect(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            with contextlib.suppress(*LOST):
                await connection.close()

    async def _pulse(self, connection: Pipeline) -> None:
        await connection.ask((PULSE, (self.name, datetime.now(UTC))))
        self.committed_at = time.monotonic()


def _tell(future: "asyncio.Future[Stored]", answer: Answer) -> None:
    if future.done():
        return  # the caller went away; the signal is stored all the same
    if isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)
