"""A UDP endpoint of one gate. A datagram may hold several frames; an address keeps its session for a while."""

import asyncio
import logging
import socket
from collections import Counter, OrderedDict
from typing import Any

from tocsin.gates.listeners.reception import Reception, now, plain
from tocsin.gates.protocol import Decoded, Session, StreamGate, Unavailable

log = logging.getLogger("tocsin.gates")


class UdpListener:
    """What does not fit into the bounds stays unanswered: the device sends it again."""

    def __init__(self, gate: StreamGate, reception: Reception) -> None:
        self.gate, self.reception = gate, reception
        self.sessions: OrderedDict[Any, Session] = OrderedDict()
        self.work: set[asyncio.Task[None]] = set()
        self.busy: Counter[Any] = Counter()  # datagrams in work of each peer
        self.port = 0

    async def open(self, sock: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        self.transport, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(self), sock=sock)
        self.port = sock.getsockname()[1]

    def take(self, data: bytes, peer: Any) -> None:
        limits = self.reception.limits
        if len(self.work) >= limits.datagrams or self.busy[peer] >= limits.per_peer:
            self.reception.counters.refused += 1
            return
        self.busy[peer] += 1
        task = asyncio.get_running_loop().create_task(self._handle(data, peer))
        self.work.add(task)
        task.add_done_callback(lambda task: self._done(task, peer))

    def _done(self, task: asyncio.Task[None], peer: Any) -> None:
        self.work.discard(task)
        self.busy[peer] -= 1
        if not self.busy[peer]:
            del self.busy[peer]

    async def _handle(self, data: bytes, peer: Any) -> None:
        session = self.sessions.get(peer) or self.reception.session("udp")
        for _ in range(self.reception.limits.at_once):
            frame, consumed = self.gate.split(data[: self.gate.longest])
            if not consumed:
                break
            data = data[consumed:]
            if frame and not await self._answer(frame, session, peer):
                break

    async def _answer(self, frame: bytes, session: Session, peer: Any) -> bool:
        reception, address = self.reception, plain(str(peer[0]))
        decoded = reception.read(lambda: self.gate.decode(frame, session, now()), session, address, frame)
        if not isinstance(decoded, Decoded):
            return True
        self._remember(peer, session)
        try:
            known = await reception.store(decoded, address, frame)
        except Unavailable:
            return False
        except Exception:
            reception.counters.errors += 1
            log.exception("%s %s %s: not stored", reception.name, address, decoded.device)
            return False
        reply = decoded.reply if known else decoded.stranger
        if reply:
            self.transport.sendto(reply, peer)
        return True

    def _remember(self, peer: Any, session: Session) -> None:
        """Only who said something: addresses can be forged, and must not push out those of devices."""
        self.sessions[peer] = session
        self.sessions.move_to_end(peer)
        if len(self.sessions) > self.reception.limits.peers:
            self.sessions.popitem(last=False)

    async def close(self) -> None:
        if self.work:
            await asyncio.wait(self.work, timeout=3)
        self.transport.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, listener: UdpListener) -> None:
        self.listener = listener

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.listener.take(data, addr)
