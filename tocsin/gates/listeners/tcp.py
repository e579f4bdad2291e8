"""A stream of one gate over TCP. An idle connection costs an object, no task."""

import asyncio
import logging
import re
import socket
import time
from collections.abc import Sequence
from typing import cast

from tocsin.gates.listeners.port import Entry, Port
from tocsin.gates.listeners.reception import Reception, Visit, now
from tocsin.gates.protocol import Decoded, StreamGate, Unavailable

log = logging.getLogger("tocsin.gates")

# Whoever begins like this came to the wrong port: TLS, HTTP, SIP, RTSP, SMB, SSH, remote desktop.
SCANNER = re.compile(
    rb"\x16\x03[\x00-\x04]|[A-Z]{3,9} \S{1,80} (?:HTTP|SIP|RTSP)/\d"
    rb"|\x00...[\xfe\xff]SMB|SSH-\d|\x03\x00\x00.\x0e?.?\xe0",
    re.DOTALL,
)


class TcpListener:
    """A port of one gate and its connections."""

    def __init__(self, gate: StreamGate, reception: Reception) -> None:
        self.gate, self.reception = gate, reception
        self.connections: set[_Connection] = set()
        self.work: set[asyncio.Task[None]] = set()
        self.closing = False

    async def open(self, sock: socket.socket, entry: Entry | None = None) -> None:
        self.entrance = Port(sock, self.reception, entry or Entry(), lambda visit: _Connection(self, visit))
        self.entrance.open()
        self.port = self.entrance.number
        self.sweeper = asyncio.create_task(self._sweep())

    async def _sweep(self) -> None:
        """Close who says nothing, and who does not finish what was begun."""
        limits = self.reception.limits
        while True:
            await asyncio.sleep(min(5.0, limits.first / 4, limits.whole / 4, limits.idle / 4))
            tick = time.monotonic()
            for connection in list(self.connections):
                if tick - connection.since > connection.patience:
                    connection.close()

    async def close(self) -> None:
        """Take no more; what was read is stored and answered."""
        self.closing = True
        self.sweeper.cancel()
        await self.entrance.close()
        if self.work:
            await asyncio.wait(self.work, timeout=3)
        for connection in list(self.connections):
            connection.close()
        for task in list(self.work):
            task.cancel()


class _Connection(asyncio.Protocol):
    """One device's connection. Its frames are handled in order; its errors are its own.

    `since`: when what we wait for began (the first frame, the rest of one, the next); see `patience`.
    """

    __slots__ = (
        "buffer", "ended", "garbage", "gate", "listener", "paused", "reception", "session", "since", "spoke",
        "transport", "visit", "working", "__weakref__",
    )  # fmt: skip

    def __init__(self, listener: TcpListener, visit: Visit) -> None:
        self.listener, self.reception, self.gate, self.visit = listener, listener.reception, listener.gate, visit
        self.session = self.reception.session()
        self.buffer = bytearray()
        self.working = self.paused = self.spoke = self.ended = False
        self.garbage = 0
        self.since = time.monotonic()

    @property
    def address(self) -> str:
        return self.visit.address

    @property
    def patience(self) -> float:
        limits = self.reception.limits
        if not self.spoke:
            return limits.first
        return limits.whole if self.buffer and not self.working else limits.idle

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's are none by inheritance
        self.listener.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.listener.connections.discard(self)
        self.visit.end()

    def close(self) -> None:
        """After what is already written."""
        self.buffer.clear()
        self.transport.close()

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing() or self.listener.closing:
            return
        if self.spoke and not self.buffer:
            self.since = time.monotonic()
        self.buffer += data
        if len(self.buffer) > self.reception.limits.backlog and not self.paused:
            self.paused = True
            self.transport.pause_reading()
        if not self.working:
            self.working = True
            task = asyncio.get_running_loop().create_task(self._work())
            self.listener.work.add(task)
            task.add_done_callback(self.listener.work.discard)

    def eof_received(self) -> bool:
        """It says no more, but may still listen: what it said is stored and answered before we close.

        (Over TLS nobody can listen on: the connection closes, and what was said is stored.)
        """
        self.ended = True
        return self.working and self.transport.get_extra_info("sslcontext") is None

    async def _work(self) -> None:
        """Handle what was read, a turn at a time, so that a device with a full memory starves nobody."""
        try:
            more = True
            while more:
                frames, more = self._cut()
                if frames:
                    await self._handle(frames)
                    more = True  # what came in meanwhile started no work of its own
                if more:
                    await asyncio.sleep(0)
        except asyncio.CancelledError:
            raise
        except Exception:
            self.reception.counters.errors += 1
            log.exception("%s %s %s: closed", self.reception.name, self.address, self.session.device or "?")
            self.close()
        finally:
            self.working = False
            if self.ended:
                self.transport.close()
            if self.paused and not self.transport.is_closing():
                self.paused = False
                self.transport.resume_reading()

    def _cut(self) -> tuple[list[bytes], bool]:
        """The next whole frames, a turn of them, and whether there is more to look at."""
        frames: list[bytes] = []
        limits, size = self.reception.limits, 0
        if not self.spoke and not self.garbage and SCANNER.match(self.buffer):
            self._let_go("a scanner")
            return [], False
        for _ in range(limits.at_once):
            window = bytes(self.buffer[: self.gate.longest])
            frame, consumed = self.gate.split(window) if window else (None, 0)
            if not consumed and len(window) == self.gate.longest:
                consumed = 1  # no frame is that long: go on behind its first byte
            if not consumed:
                break
            del self.buffer[:consumed]
            self.garbage = 0 if frame else self.garbage + consumed
            size += consumed
            if frame:
                frames.append(frame)
            if size >= limits.turn:
                break
        if frames:
            self.spoke, self.since = True, time.monotonic()
        elif self.garbage > limits.garbage:
            self._let_go("no frames")
        return frames, bool(size and self.buffer)

    def _let_go(self, why: str) -> None:
        self.reception.counters.errors += 1
        log.info("%s %s: %s, closed: %s", self.reception.name, self.address, why, self.buffer[:64].hex())
        self.close()

    async def _handle(self, frames: Sequence[bytes]) -> None:
        """Decode in order, store together, answer in order and none before it is stored."""
        reception = self.reception
        read = [reception.read(lambda f=frame: self._decode(f), self.session, self.address, frame) for frame in frames]  # type: ignore[misc]
        told = [(decoded, frame) for decoded, frame in zip(read, frames, strict=True) if isinstance(decoded, Decoded)]
        results = await asyncio.gather(
            *(reception.store(decoded, self.address, frame) for decoded, frame in told), return_exceptions=True
        )
        for (decoded, _frame), result in zip(told, results, strict=True):
            if isinstance(result, BaseException):
                if not isinstance(result, Unavailable):
                    reception.counters.errors += 1
                    log.error("%s %s %s: not stored", reception.name, self.address, decoded.device, exc_info=result)
                self.close()  # so that the device connects anew and sends again what was not answered
                return
            reply = decoded.reply if result else decoded.stranger
            if reply and not self.transport.is_closing():
                self.transport.write(reply)
        if self.transport.get_write_buffer_size() > reception.limits.backlog:
            self.transport.abort()  # it sends and never reads

    def _decode(self, frame: bytes) -> Decoded:
        return self.gate.decode(frame, self.session, now())
