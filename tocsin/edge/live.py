"""`GET /live?center=PTA`: a center's book as server-sent events (WHATWG HTML, 9.2), for as long as you may see it."""

import asyncio
import random
from datetime import UTC, datetime
from urllib.parse import parse_qs

from tocsin.book import read
from tocsin.edge.asgi import NOSNIFF, Receive, Scope, Send, trouble
from tocsin.edge.hub import REPLAY, Frame, Hub, Ring
from tocsin.incidents.models import Incident
from tocsin.incidents.standing import stand
from tocsin.intake.registry import Registry
from tocsin.lib.listen import Listener
from tocsin.lib.threads import in_thread
from tocsin.lib.words import Language, language_of
from tocsin.looks.write import Looked, note_all
from tocsin.people.keys import person_of

PING = 2.0  # seconds; the desk takes 5 s of silence for a lost line
LOOK = 1.0  # seconds until a watcher whose sign-in was ended, or whose role, is asked again
RECHECK = 60.0  # seconds after which the right to watch is looked up anew; a change is announced, an end of term not

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    NOSNIFF,
]


class Live:
    def __init__(self, hub: Hub, registry: Registry, listener: Listener) -> None:
        self.hub, self.registry, self.listener = hub, registry, listener
        self.rights = 0  # counts the changes of what somebody may see

    async def get(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {k.decode().lower(): v.decode("latin-1") for k, v in scope["headers"]}
        query = {k: v[-1] for k, v in parse_qs(scope["query_string"].decode("latin-1")).items()}
        language = language_of(query.get("lang") or headers.get("accept-language"))
        center = self.registry.network.by_code.get(query.get("center", ""))
        noted: set[int] = set()
        if center is None or not await in_thread(self._may, headers, center.id, noted):
            return await trouble(send, 404, language)
        after = headers.get("last-event-id") or query.get("after") or ""
        ring = await self.hub.ring(center.id)
        ring.watchers += 1
        gone = asyncio.create_task(_disconnected(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            seq = await self._catch_up(send, ring, center.id, after, language, headers, noted)
            await self._follow(send, ring, center.id, seq, language, headers, noted, gone)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except (OSError, RuntimeError):  # the watcher went away; the server will say so in a moment
            await asyncio.wait([gone], timeout=1)
        finally:
            ring.watchers -= 1
            gone.cancel()

    def _may(self, headers: dict[str, str], center: int, noted: set[int]) -> bool:
        """Whether the watcher sees this center; they stand before the wall from now on.

        Who watches sees where the alarms that run are: a look at each, as at a list of them. `noted`: incidents of
        which this watch wrote one already.
        """
        now = datetime.now(UTC)
        person = person_of(headers.get("authorization"), headers.get("cookie"), now)
        if person is None or center not in stand(person, now):
            return False
        here = dict(Incident.objects.open().filter(centers__contains=[center], drill=False).values_list("pk", "person"))
        note_all([Looked("list", of, person.pk, pk) for pk, of in here.items() if pk not in noted], now)
        noted.update(here)
        return True

    def _missed(self, headers: dict[str, str], center: int, after: int, noted: set[int]) -> list[read.Read]:
        return read.after(center, after, REPLAY + 1) if self._may(headers, center, noted) else []

    async def _catch_up(
        self,
        send: Send,
        ring: Ring,
        center: int,
        after: str,
        language: Language,
        headers: dict[str, str],
        noted: set[int],
    ) -> int:
        """Replay what the watcher missed; returns the place in the ring from which to go on."""
        seq, number = ring.seq, ring.number
        if not after.isdigit() or int(after) == number:
            await _chunk(send, b"retry: 1000\nid: %d\n\n" % number)
        elif int(after) > number + RING_AHEAD or number - int(after) > REPLAY:
            await _chunk(send, _reload(number))
        else:
            missed = await in_thread(self._missed, headers, center, int(after), noted)
            frames = [Frame(0, e.number, e).bytes(language) for e in missed if e.number <= number]
            await _chunk(send, b"retry: 1000\n\n" + b"".join(frames))
        return seq

    async def _follow(
        self,
        send: Send,
        ring: Ring,
        center: int,
        seq: int,
        language: Language,
        headers: dict[str, str],
        noted: set[int],
        gone: "asyncio.Task[None]",
    ) -> None:
        loop = asyncio.get_running_loop()
        recheck, rights = loop.time() + RECHECK * random.uniform(0.8, 1.2), self.rights
        said = loop.time()
        while not self.hub.closing and not gone.done():
            moved = ring.moved
            frames = ring.since(seq)
            if frames is None:
                await _chunk(send, _reload(ring.number))
            elif frames:
                await _chunk(send, b"".join(f.bytes(language) for f in frames))
            seq = ring.seq if frames is None else seq + len(frames)
            if seq != ring.seq:
                continue
            try:
                async with asyncio.timeout(LOOK):
                    await moved.wait()
            except TimeoutError:
                # without the database we know nothing: let the desk notice
                if loop.time() - said > PING - LOOK / 2 and self.listener.alive:
                    await _chunk(send, b":\n\n")
                    said = loop.time()
            if loop.time() > recheck or rights != self.rights:
                recheck, rights = loop.time() + RECHECK, self.rights
                if self.listener.connected and not await in_thread(self._may, headers, center, noted):
                    return


RING_AHEAD = 1000


def _reload(number: int) -> bytes:
    return b'retry: 1000\nid: %d\nevent: reload\ndata: {"head": %d}\n\n' % (number, number)


async def _chunk(send: Send, content: bytes) -> None:
    await send({"type": "http.response.body", "body": content, "more_body": True})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
