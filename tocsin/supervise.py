"""The process tree: starts PostgreSQL and our processes, starts again what dies, stops all in order.

The tree reads all code once and forks: a process that died is back in a third of a second, where reading it all again
takes two seconds of a busy core. Hence the tree has no threads, no open line to the database and no state of its own.
A child dies with its parent (Linux: PR_SET_PDEATHSIG), so that a killed tree leaves no half of itself behind.
"""

import ctypes
import gc
import logging
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from tocsin import database

log = logging.getLogger(__name__)
PATIENCE = 3.0  # seconds between "please stop" and kill -9
LINUX = sys.platform == "linux"
#: Elsewhere the system's own libraries do not live through a fork.
processes: Any = multiprocessing.get_context("fork" if LINUX else "spawn")
CODE = ("tocsin.urls", "tocsin.edge.app", "tocsin.edge.gates", "tocsin.clock", "tocsin.notifications.courier")


class Child:
    """One of our processes. It is started again at once; if it keeps dying within seconds, ever more slowly."""

    def __init__(self, *arguments: str) -> None:
        self.name, self.arguments = arguments[0], arguments
        self.process: Any = None
        self.started_at = 0.0
        self.wait = 0.0
        self.again_at = 0.0

    def look(self) -> None:
        now = time.monotonic()
        if self.process is not None and self.process.is_alive():
            return
        if self.process is not None:
            log.warning("%s ended with %s; it is started again", self.name, self.process.exitcode)
            self.wait = min(2.0, self.wait * 2 + 0.1) if now - self.started_at < 5 else 0.0
            self.process, self.again_at = None, now + self.wait
        if now >= self.again_at:
            self.process = processes.Process(target=become, args=(os.getpid(), *self.arguments), daemon=True)
            self.process.start()
            self.started_at = now

    def ask_to_stop(self) -> None:
        if self.process and self.process.is_alive():
            self.process.terminate()

    def stop(self, until: float) -> None:
        if self.process:
            self.process.join(max(0.05, until - time.monotonic()))
            if self.process.is_alive():
                self.process.kill()
                self.process.join()


def become(parent: int, *arguments: str) -> None:
    """In the child: `tocsin …`."""
    with_parent(parent)
    if LINUX:
        ctypes.CDLL(None).prctl(15, f"tocsin {arguments[0]}".encode())  # its name in `ps -e` and `top`
    from tocsin.__main__ import main

    main(arguments)


def with_parent(parent: int) -> None:
    """In the child: no Ctrl-C from the terminal; SIGTERM, by which the tree stops it, also comes when the tree dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    if LINUX:
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
        if os.getppid() != parent:
            sys.exit(1)


def read_all_code() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tocsin.settings")
    import django
    from django.db import connections

    django.setup()
    for name in CODE:
        import_module(name)
    connections.close_all()
    gc.collect()
    gc.freeze()  # so that the children share what is read


class Tree:
    """Runs until SIGTERM or SIGINT."""

    def __init__(self, children: Sequence[Child], server: database.Server | None) -> None:
        self.children, self.server = children, server
        self.stopping = False  # a plain word: an Event set by two signals in a row waits for itself for ever

    def run(self) -> None:
        if LINUX:
            read_all_code()
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
    os.register_at_fork(after_in_child=held.close)  # not by its children
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise database.DatabaseError(
            f"Tocsin runs on {data} already; stop it first, or choose another TOCSIN_DATA"
        ) from None
    return held
