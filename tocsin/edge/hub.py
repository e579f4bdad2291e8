"""The live feed's heart: reads each book once per process and holds what is new for everyone who watches it.

It reads lifted, for all at once; who may watch which book is asked of each (`live.py`).

A watcher takes frames from a ring at its own pace, so a slow one costs nothing; one that fell out of the ring is told
to load everything anew. The same ring carries positions, which have no number and are not replayed.
"""

import asyncio
import logging
from collections import deque
from typing import Any

import msgspec

from tocsin.book import read
from tocsin.lib import wall
from tocsin.lib.threads import in_thread
from tocsin.lib.words import Language

log = logging.getLogger(__name__)
RING = 2000
REPLAY = 500  # further behind than this: `reload`


class Frame:
    """One event, made into bytes once per language."""

    def __init__(self, seq: int, number: int | None, event: Any) -> None:
        self.seq, self.number, self.event = seq, number, event
        self._bytes: dict[Language, bytes] = {}

    def bytes(self, language: Language) -> bytes:
        if language not in self._bytes:
            if isinstance(self.event, read.Read):
                data = msgspec.json.encode(self.event.said(language))
                self._bytes[language] = b"id: %d\ndata: %b\n\n" % (self.number or 0, data)
            else:
                self._bytes[language] = b"event: position\ndata: %b\n\n" % msgspec.json.encode(self.event)
        return self._bytes[language]


class Ring:
    """What is new in one center's book."""

    def __init__(self, number: int) -> None:
        self.frames: deque[Frame] = deque(maxlen=RING)
        self.number, self.seq, self.watchers = number, 0, 0
        self.moved = asyncio.Event()

    def add(self, number: int | None, event: Any) -> None:
        self.seq += 1
        self.frames.append(Frame(self.seq, number, event))

    def wake(self) -> None:
        self.moved.set()
        self.moved = asyncio.Event()

    def since(self, seq: int) -> list[Frame] | None:
        """Frames behind `seq`; None if the watcher fell out of the ring."""
        behind = self.seq - seq
        if behind > len(self.frames):
            return None
        return [self.frames[i] for i in range(len(self.frames) - behind, len(self.frames))]


class Hub:
    def __init__(self) -> None:
        self.rings: dict[int, Ring] = {}
        self.dirty: set[int] = set()
        self.moving: set[int] = set()
        self.work = asyncio.Event()
        self.closing = False

    def heard(self, channel: str, payload: str) -> None:
        """A notification: `book` with "center:number,…" (empty: any center), `positions` with incident ids."""
        if channel == "book":
            centers = [int(pair.partition(":")[0]) for pair in payload.split(",") if pair] or list(self.rings)
            self.dirty.update(c for c in centers if c in self.rings)
        elif channel == "positions" and self.rings:
            self.moving.update(int(i) for i in payload.split(",") if i)
        if self.dirty or self.moving:
            self.work.set()

    def doubt(self) -> None:
        """We may have missed announcements: look at every book that is watched."""
        self.dirty.update(self.rings)
        self.work.set()

    def close(self) -> None:
        self.closing = True
        for ring in self.rings.values():
            ring.wake()

    async def run(self) -> None:
        while True:
            await self.work.wait()
            self.work.clear()
            dirty, self.dirty = self.dirty, set()
            moving, self.moving = self.moving, set()
            try:
                for center in dirty:
                    await self._read(center)
                if moving:
                    await self._move(moving)
            except Exception:
                log.exception("the live feed could not read; it tries again")
                self.dirty |= dirty
                await asyncio.sleep(0.5)
                self.work.set()

    async def ring(self, center: int) -> Ring:
        ring = self.rings.get(center)
        if ring is None:
            number = await in_thread(wall.lifting(read.head), center)
            ring = self.rings.setdefault(center, Ring(number))
            self.dirty.add(center)
            self.work.set()
        return ring

    async def _read(self, center: int) -> None:
        ring = self.rings[center]
        if ring.watchers == 0:
            del self.rings[center]
            return
        while entries := await in_thread(wall.lifting(read.after), center, ring.number, REPLAY):
            for entry in entries:
                ring.number = entry.number
                ring.add(entry.number, entry)
            ring.wake()
            if len(entries) < REPLAY:
                break

    async def _move(self, incidents: set[int]) -> None:
        for centers, event in await in_thread(wall.lifting(positions), sorted(incidents)):
            for center in centers:
                if ring := self.rings.get(center):
                    ring.add(None, event)
                    ring.wake()


def positions(incidents: list[int]) -> list[tuple[list[int], dict[str, Any]]]:
    """Where these incidents are now: the centers that see each, and the event for them."""
    from tocsin.incidents.models import Incident
    from tocsin.incidents.say import position

    return [(i.centers, {"incident": i.pk, "position": position(i)}) for i in Incident.objects.filter(pk__in=incidents)]
