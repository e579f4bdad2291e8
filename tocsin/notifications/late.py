"""Receipts that overtook our own note of what was sent: tried again for a while, beside the requests.

A thread of its own, so that the few threads of the web do not stand and wait; it lives while there are any.
"""

import threading
import time
from collections.abc import Callable

from django.db import connections

WAIT, STEP, MOST = 2.0, 0.2, 1000  # seconds, seconds, receipts
Note = Callable[[bool], bool]  # (is this the last try?) → is it done?
_waiting = list[tuple[float, Note]]()
_lock = threading.Lock()


def add(note: Note) -> None:
    """Try `note` until it is done, for WAIT seconds. It raises nothing."""
    with _lock:
        if len(_waiting) >= MOST:
            return
        _waiting.append((time.monotonic() + WAIT, note))
        if len(_waiting) == 1:
            threading.Thread(target=_run, name="late receipts", daemon=True).start()


def _run() -> None:
    try:
        while True:
            time.sleep(STEP)
            with _lock:
                now = list(_waiting)
            kept = [(until, note) for until, note in now if not _over(until, note)]
            with _lock:
                _waiting[: len(now)] = kept
                if not _waiting:
                    return
    finally:
        connections.close_all()


def _over(until: float, note: Note) -> bool:
    last = time.monotonic() >= until
    return note(last) or last
