"""The courier: a process that carries deliveries to the channels, as many at a time as each channel takes.

It holds nothing that the database does not know: a delivery is leased for a minute, and one whose courier died is
carried by the next. So a message is sent once or more, never not at all; the receiver knows a repeat by its key.
Any number of couriers may run.
"""

import asyncio
import logging
import signal
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import psycopg
from django.conf import settings as django
from django.db import OperationalError, connection

from tocsin import database
from tocsin.centers.network import load
from tocsin.lib.listen import Listener
from tocsin.lib.pulse import PULSE
from tocsin.lib.threads import in_thread
from tocsin.notifications import actions, asked, registry, rules
from tocsin.notifications.channel import Outgoing, Result
from tocsin.notifications.models import Delivery, Health
from tocsin.notifications.texts import render
from tocsin.notifications.watch import watch

log = logging.getLogger(__name__)
MOST = 400  # held at a time
MORE = 2  # times what a channel sends at once: the next wait here, the rest in the database
PATIENCE = 25.0  # seconds for one sending; below the lease


class Courier:
    """`run` until cancelled; `name` is the process's in gates_pulse."""

    def __init__(self, name: str = "courier") -> None:
        self.name = name
        self.wake = asyncio.Event()
        self.held: dict[int, asyncio.Task[None]] = {}
        self.gates = {name: asyncio.Semaphore(channel.at_once) for name, channel in registry.channels().items()}
        self.listener = Listener(database.url(), ("deliveries",), self._heard, self._tick)
        self.said: dict[str, tuple[bool, str, float]] = {}
        self.busy = Counter[str]()  # held, by channel
        self.results: asyncio.Queue[tuple[int, Result, asyncio.Future[None]]] = asyncio.Queue()
        self.looked = 0.0

    def _heard(self, _channel: str, _payload: str) -> None:
        self.wake.set()

    async def _tick(self, _connection: psycopg.AsyncConnection[Any]) -> None:
        self.wake.set()

    async def run(self) -> None:
        beside = [asyncio.create_task(task) for task in (self.listener.run(), self._note(), self._watch())]
        try:
            while True:
                self.wake.clear()
                try:
                    full = await self._round()
                except OperationalError as error:
                    log.warning("the database is away: %s", error)
                    await asyncio.sleep(0.5)
                    continue
                except Exception:
                    log.exception("a round failed; the courier goes on")
                    await asyncio.sleep(0.5)
                    continue
                if not full:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(0.5):
                            await self.wake.wait()
        finally:
            await self._leave()
            for task in beside:
                task.cancel()

    async def _round(self) -> bool:
        """Take what is due; True when there may be more."""
        rooms = {name: MORE * channel.at_once - self.busy[name] for name, channel in registry.channels().items()}
        if self.held and (max(rooms.values(), default=0) <= 0 or len(self.held) >= MOST):
            await asyncio.wait(self.held.values(), return_when=asyncio.FIRST_COMPLETED)
            return True
        taken = await in_thread(self._claim, {name: max(0, room) for name, room in rooms.items()})
        for delivery in taken:
            task = asyncio.create_task(self._carry(delivery))
            self.held[delivery.pk] = task
            self.busy[delivery.channel] += 1
            task.add_done_callback(lambda _, d=delivery: self._over(d))  # type: ignore[misc]
        return bool(taken)

    def _over(self, delivery: Delivery) -> None:
        self.held.pop(delivery.pk, None)
        self.busy[delivery.channel] -= 1

    def _claim(self, rooms: dict[str, int]) -> list[Delivery]:
        now = datetime.now(UTC)
        if time.monotonic() - self.looked > 0.4:
            with connection.cursor() as cursor:
                cursor.execute(PULSE, (self.name, now))
            actions.unread(now)
            self.looked = time.monotonic()
        return actions.claim(now, MOST, rooms)

    async def _carry(self, delivery: Delivery) -> None:
        """One delivery, through its channel; whatever goes wrong becomes its error and touches no other."""
        try:
            result = await self._send(delivery)
        except Exception as error:  # a fault of ours: told, tried again
            log.exception("delivery %s by %s failed", delivery.pk, delivery.channel)
            result = Result("failed", error=f"{type(error).__name__}: {error}")
        if result is None:
            return
        noted = asyncio.get_running_loop().create_future()
        self.results.put_nowait((delivery.pk, result, noted))
        await noted
        await self._tell_health(delivery.channel, result)

    async def _note(self) -> None:
        """Write results down, as many at once as have come meanwhile."""
        while True:
            said = [await self.results.get()]
            while not self.results.empty():
                said.append(self.results.get_nowait())
            try:
                await self._write([(pk, result) for pk, result, _ in said])
            finally:
                for *_, noted in said:
                    if not noted.done():
                        noted.set_result(None)

    async def _write(self, said: list[tuple[int, Result]]) -> None:
        try:
            return await in_thread(actions.finish_all, said, datetime.now(UTC))
        except OperationalError as error:
            log.warning("results were not written, the lease gives them back: %s", error)
        except Exception:
            log.exception("results were not written together; each alone")
            for pk, result in said:
                try:
                    await in_thread(actions.finish, pk, result, datetime.now(UTC))
                except Exception:
                    log.exception("the result of delivery %s was not written, the lease gives it back", pk)

    async def _watch(self) -> None:
        """The clock must not be its own only judge: see `watch`."""
        while True:
            await asyncio.sleep(5)
            try:
                await in_thread(lambda: watch(load(), datetime.now(UTC)))
            except Exception as error:
                log.warning("the watch failed: %s", error)

    async def _send(self, delivery: Delivery) -> Result | None:
        """None: it need not be sent any more, or another courier has it by now."""
        channel = registry.channels().get(delivery.channel)
        if channel is None:
            return Result("failed", error=f"there is no channel {delivery.channel}", permanent=True)
        if wrong := registry.problems(delivery.channel):
            return Result("failed", error="; ".join(wrong), permanent=True)
        came = time.monotonic()
        async with self.gates[delivery.channel]:
            if time.monotonic() - came > 1 and not await in_thread(actions.hold, delivery, datetime.now(UTC)):
                return None
            try:
                async with asyncio.timeout(PATIENCE):
                    return await channel.send(outgoing(delivery), registry.settings(delivery.channel))
            except TimeoutError:
                return Result("failed", error=f"no answer within {PATIENCE:g} s")

    async def _tell_health(self, channel: str, result: Result) -> None:
        """How the channel is doing, written down when it changes and once a minute. A dead address is not its fault."""
        ok = result.state != "failed" or result.gone
        before = self.said.get(channel)
        if before and before[:2] == (ok, result.error) and time.monotonic() - before[2] < 60:
            return
        self.said[channel] = ok, result.error, time.monotonic()
        await in_thread(_health, channel, ok, result.error)

    async def _leave(self) -> None:
        """What is being sent is finished; under 3 s."""
        if self.held:
            await asyncio.wait(self.held.values(), timeout=3)
        if self.held:
            await in_thread(actions.give_back, list(self.held))


def _health(channel: str, ok: bool, detail: str) -> None:
    Health.objects.update_or_create(
        channel=channel, defaults={"ok": ok, "at": datetime.now(UTC), "detail": detail[:300]}
    )


def outgoing(delivery: Delivery) -> Outgoing:
    """The delivery as its channel gets it: rendered now, with its link."""
    link = f"{django.PUBLIC_URL}/a/{delivery.token}"
    language = "en" if delivery.language == "en" else "zh-hans"
    values = {**delivery.values, "link": link, "drill": delivery.drill}
    if delivery.message in asked.CODES:  # nobody has it but the text that leaves now
        values = {"code": asked.code_of(delivery) or ""}
    contact = delivery.contact if delivery.channel == "whatsapp" else None
    return Outgoing(
        key=delivery.token,
        address=delivery.address,
        language=language,  # type: ignore[arg-type]
        text=render(delivery.message, values, language),  # type: ignore[arg-type]
        urgent=delivery.urgent,
        drill=delivery.drill,
        repeats=delivery.urgent and delivery.message in ("alarm", "sent"),
        topic=f"{delivery.message}-{delivery.incident_id or delivery.pk}",
        life=int(rules.LIFE.total_seconds()) if delivery.urgent else 24 * 3600,
        values={
            **delivery.values,
            "message": delivery.message,
            "tried": delivery.tried,
            "wrote_at": contact.wrote_at.isoformat() if contact and contact.wrote_at else "",
            "secret": delivery.partner.secret if delivery.partner else "",
        },
        callback=f"{django.PUBLIC_URL}/callbacks/{delivery.channel}/{delivery.token}",
    )


async def _serve() -> None:
    courier = asyncio.create_task(Courier().run())
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({courier, stopping}, return_when=asyncio.FIRST_COMPLETED)
    courier.cancel()
    stopping.cancel()
    await asyncio.gather(courier, stopping, return_exceptions=True)


def serve() -> None:
    """Run the courier until SIGTERM or SIGINT."""
    import uvloop

    uvloop.run(_serve())
