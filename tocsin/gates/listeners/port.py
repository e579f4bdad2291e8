"""A TCP port of a gate: takes connections, learns whose they are, speaks TLS, and hands them to the gate."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable
from typing import Protocol

import msgspec

from tocsin.gates.listeners.proxy import Balancers, real_address
from tocsin.gates.listeners.reception import Reception, Visit, plain
from tocsin.gates.listeners.tls import Certificate
from tocsin.gates.protocol import Malformed

log = logging.getLogger("tocsin.gates")
AT_ONCE = 64  # connections taken in one turn


class Listener(Protocol):
    """One open port."""

    port: int

    async def close(self) -> None: ...


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """How one comes in: through which balancers; with `certificate`, over TLS and not otherwise."""

    balancers: Balancers = msgspec.field(default_factory=Balancers)
    certificate: Certificate | None = None


class Port:
    """`make` gives the protocol that serves a visit; the protocol ends the visit when its connection is lost."""

    def __init__(
        self, sock: socket.socket, reception: Reception, entry: Entry, make: Callable[[Visit], asyncio.Protocol]
    ) -> None:
        self.sock, self.reception, self.entry, self.make = sock, reception, entry, make
        self.number: int = sock.getsockname()[1]
        self.entering: set[asyncio.Task[None]] = set()
        self.closed = False

    def open(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.sock.listen(1024)
        self._listen()

    def _listen(self) -> None:
        if not self.closed:
            self.loop.add_reader(self.sock, self._take)

    def _take(self) -> None:
        for _ in range(AT_ONCE):
            try:
                sock, peer = self.sock.accept()
            except (BlockingIOError, InterruptedError, ConnectionError):
                return
            except OSError as error:  # no descriptors left: those who are there go on, and some of them will leave
                log.error("%s: a connection could not be taken: %s", self.reception.name, error)
                self.loop.remove_reader(self.sock)
                self.loop.call_later(0.5, self._listen)
                return
            sock.setblocking(False)
            address = plain(str(peer[0]))
            if len(self.entering) >= self.reception.limits.connections:
                self.reception.counters.refused += 1
                sock.close()
                continue
            task = self.loop.create_task(self._enter(sock, address))
            self.entering.add(task)
            task.add_done_callback(self.entering.discard)

    async def _enter(self, sock: socket.socket, address: str) -> None:
        limits, certificate, visit = self.reception.limits, self.entry.certificate, None
        try:
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if address in self.entry.balancers:
                async with asyncio.timeout(limits.handshake):
                    address = await real_address(sock) or address
            visit = self.reception.admit(plain(address))
            if visit is None or (certificate and not certificate.context):
                raise ConnectionError
            protocol = self.make(visit)
            if certificate is None:
                await self.loop.connect_accepted_socket(lambda: protocol, sock)
                return
            await self.loop.connect_accepted_socket(
                lambda: protocol, sock, ssl=certificate.context,
                ssl_handshake_timeout=limits.handshake, ssl_shutdown_timeout=limits.handshake,
            )  # fmt: skip
        except (Malformed, OSError, TimeoutError, asyncio.CancelledError) as error:
            if isinstance(error, Malformed):
                self.reception.counters.errors += 1
            if str(error):
                log.info("%s %s: %s", self.reception.name, address, error)
            if visit:
                visit.end()
            sock.close()

    async def close(self) -> None:
        """Take no more; who is in stays."""
        self.closed = True
        self.loop.remove_reader(self.sock)
        self.sock.close()
        entering = list(self.entering)
        for task in entering:
            task.cancel()
        if entering:
            await asyncio.wait(entering, timeout=1)
