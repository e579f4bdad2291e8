"""The process tree: starts PostgreSQL and our processes, starts again what dies, stops all in order.

A child dies with its parent (Linux: PR_SET_PDEATHSIG), so that a killed tree leaves no half of itself behind.
"""

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

from tocsin import database

log = logging.getLogger(__name__)
PATIENCE = 3.0  # seconds between "please stop" and kill -9


class Child:
    """One of our processes. It is started again at once; if it keeps dying within seconds, ever more slowly.

    `after`: seconds by which its first start gives way to those that must be up first.
    """

    def __init__(self, *arguments: str, after: float = 0.0) -> None:
        self.name = arguments[0]
        self.command = [sys.executable, "-m", "tocsin", *arguments]
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.wait = 0.0
        self.again_at = time.monotonic() + after

    def look(self) -> None:
        now = time.monotonic()
        if self.process is not None and self.process.poll() is None:
            return
        if self.process is not None:
            log.warning("%s ended with %s; it is started again", self.name, self.process.returncode)
            self.wait = min(2.0, self.wait * 2 + 0.1) if now - self.started_at < 5 else 0.0
            self.process, self.again_at = None, now + self.wait
        if now >= self.again_at:
            self.process = subprocess.Popen(self.command, preexec_fn=_die_with_parent, stdin=subprocess.DEVNULL)  # noqa: PLW1509 - the tree has no threads of its own
            self.started_at = now

    def ask_to_stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def stop(self, until: float) -> None:
        if self.process:
            try:
                self.process.wait(max(0.05, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def _die_with_parent() -> None:
    """In the child: no Ctrl-C from the terminal (the tree stops it), and SIGTERM when the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


class Tree:
    """Runs until SIGTERM or SIGINT."""

    def __init__(self, children: Sequence[Child], server: database.Server | None) -> None:
        self.children, self.server = children, server
        self.stopping = False  # a plain word: an Event set by two signals in a row waits for itself for ever

    def run(self) -> None:
        while not self.stopping:
            if self.server and not self.server.alive():
                log.warning("PostgreSQL ended; it is started again")
                try:
                    self.server.start()
                except database.DatabaseError as error:
                    log.error("%s", error)
            for child in self.children:
                child.look()
            time.sleep(0.1)
        self.stop()

    def stop(self) -> None:
        until = time.monotonic() + PATIENCE
        for child in self.children:
            child.ask_to_stop()
        for child in self.children:
            child.stop(until)
        if self.server:
            self.server.stop()

    def listen_for_the_end(self) -> None:
        for sign in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(sign, self._end)

    def _end(self, *_: object) -> None:
        self.stopping = True


def single(data: "os.PathLike[str]") -> object:
    """Hold the data folder: a second tree on it is refused. Released by the system when we end, however that is."""
    import fcntl

    held = open(os.path.join(data, "lock"), "w")  # noqa: SIM115 - held for as long as the process lives
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise database.DatabaseError(
            f"Tocsin runs on {data} already; stop it first, or choose another TOCSIN_DATA"
        ) from None
    return held
