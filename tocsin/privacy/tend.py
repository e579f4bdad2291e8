"""The clock's part: what is due to be forgotten, erased or handed out. It never stands in an alarm's way.

The clock calls `tend` each second and goes on at once: the work is done by a thread with a connection of its own, in
batches of 500 rows with a pause between them. What is killed in the middle was not done, and is done by the next clock.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from django.db import OperationalError, connection

from tocsin.privacy import erasure, export, keeping

log = logging.getLogger(__name__)

EVERY = 3600.0  # s between two looks at a kind of which nothing is left to do
ROUND = 5.0  # s that one round takes at most, unless a single batch takes longer
PAUSE = 0.02  # s between two batches: the disk belongs to the alarms
AGAIN = 60.0  # s after a failure

_due: dict[str, float] = {}
_thread: threading.Thread | None = None


def tend(_: datetime) -> None:
    """Begin a round, unless one is under way or nothing is due."""
    global _thread
    if (_thread is None or not _thread.is_alive()) and any(_due.get(n, 0) <= time.monotonic() for n in _jobs()):
        _thread = threading.Thread(target=_round, name="privacy", daemon=True)
        _thread.start()


def _jobs() -> dict[str, tuple[float, Callable[[datetime], bool]]]:
    """Name → how often, and what does one piece of it: True when there is more."""
    kinds = {name: (EVERY, lambda now, name=name: keeping.sweep(name, now) >= keeping.BATCH) for name in keeping.KINDS}
    return {"export": (1.0, export.make_next), "erasure": (10.0, erasure.erase_next), **kinds}


def _round() -> None:
    until = time.monotonic() + ROUND
    try:
        for name, (every, work) in _jobs().items():
            if _due.get(name, 0) <= time.monotonic():
                _due[name] = time.monotonic() + _some(name, work, until, every)
    finally:
        connection.close()


def _some(name: str, work: Callable[[datetime], bool], until: float, every: float) -> float:
    """Piece after piece, as long as there is time; returns in how many seconds to go on."""
    try:
        while work(datetime.now(UTC)):
            if time.monotonic() > until:
                return 0
            time.sleep(PAUSE)
        return every
    except OperationalError as error:
        log.warning("%s: the database is away or busy: %s", name, error)
        connection.close()
    except Exception:
        log.exception("%s failed; it is tried again", name)
    return AGAIN
