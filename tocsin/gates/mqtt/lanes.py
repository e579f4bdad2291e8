"""What was read and is not stored yet. Each device has a lane of its own: its messages are stored in order, one after
the other, and whoever floods us waits behind himself only.

While the database is away what is in the lanes stays there and is tried again. They are bounded: beyond that what may
be lost (it was sent "at most once") is dropped, and an alarm later than anything else.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from tocsin.gates.listeners import Reception
from tocsin.gates.protocol import Decoded, Unavailable

log = logging.getLogger("tocsin.gates")
LANE = 100  # messages of one device; of alarms four times as many
ALL = 10_000  # messages of all devices, alarms not counted
AGAIN = (0.5, 10.0)  # seconds between two tries, at first and at most
TRIES = 5  # for what fails without the database being away


class Read(NamedTuple):
    """A message on its way to the disk. `done` is called when it is there, or lost for good."""

    reception: Reception
    decoded: Decoded
    raw: bytes
    done: Callable[[], None]


class Lanes:
    def __init__(self, address: str) -> None:
        self.address = address
        self.lanes: dict[tuple[str, str | None], deque[Read]] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.waiting = 0

    def put(self, read: Read, droppable: bool) -> bool:
        """False: there is no room, and it was dropped. What is not `droppable` is taken in any case."""
        key = read.reception.name, read.decoded.device
        lane = self.lanes.get(key)
        here = len(lane) if lane else 0
        if droppable and (here >= LANE * 4 or (not urgent(read.decoded) and (here >= LANE or self.waiting >= ALL))):
            read.reception.counters.refused += 1
            return False
        if lane is None:
            lane = self.lanes[key] = deque()
            task = asyncio.get_running_loop().create_task(self._serve(key, lane))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        lane.append(read)
        self.waiting += 1
        return True

    async def _serve(self, key: tuple[str, str | None], lane: deque[Read]) -> None:
        while lane:
            try:
                await self._store(lane[0])
                lane[0].done()
            except Exception:
                log.exception("%s %s: the lane goes on after an error of its own", *key)
            lane.popleft()
            self.waiting -= 1
        del self.lanes[key]

    async def _store(self, read: Read) -> None:
        wait, failed = AGAIN[0], 0
        while True:
            try:
                await read.reception.store(read.decoded, self.address, read.raw)
                return
            except Unavailable:
                pass
            except Exception:
                read.reception.counters.errors += 1
                failed += 1
                log.exception("%s %s: not stored: %s", read.reception.name, read.decoded.device, read.raw[:1000].hex())
                if failed == TRIES:
                    return
            await asyncio.sleep(wait)
            wait = min(AGAIN[1], wait * 2)

    async def close(self, patience: float) -> None:
        """Wait for what can be stored; the rest is the broker's still, if it has to be acknowledged."""
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=patience)
        for task in list(self.tasks):
            task.cancel()


def urgent(decoded: Decoded) -> bool:
    return any(signal.kind in ("alarm", "cancel") or signal.pressed for signal in decoded.signals)
