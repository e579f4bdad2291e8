"""TCP, UDP and HTTP. No protocol is known here: bytes to a decoder, signals to intake, and only then a reply."""

import asyncio
import contextlib
import logging
import os
import socket
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, MutableMapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol, cast

import msgspec
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tocsin.gates.protocol import (
    Decoded,
    HttpGate,
    Malformed,
    Request,
    Session,
    Settings,
    StreamGate,
    Unavailable,
    identified,
)
from tocsin.gates.signal import Signal

log = logging.getLogger("tocsin.gates")


class Device(Protocol):
    """A registered device, as intake knows it in memory."""

    @property
    def settings(self) -> Settings: ...


class Directory(Protocol):
    def find(self, protocol: str, identifier: str) -> Any | None:
        """The device (see Device), or None. In memory: called for every frame."""


class Intake(Protocol):
    """Where signals become durable."""

    @property
    def devices(self) -> Directory: ...

    def submit(self, device: Any, signal: Signal) -> Awaitable[object]:
        """Returns after the commit; raises Unavailable."""

    def knock(self, protocol: str, identifier: str, address: str, raw: bytes) -> None:
        """A device that nobody registered spoke."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of one gate; times in seconds, sizes in bytes. Many trackers share one address of a mobile network."""

    connections: int = 20_000
    per_address: int = 4_096
    first: float = 60.0  # for the first frame
    idle: float = 1_800.0  # between frames: trackers asleep send a heartbeat every 3 to 30 minutes
    backlog: int = 65_536  # read and not yet handled, per connection
    garbage: int = 4_096  # in a row without a frame, per connection
    at_once: int = 64  # frames of one connection in one turn
    datagrams: int = 2_000  # in work at the same time
    peers: int = 20_000  # UDP addresses remembered
    body: int = 65_536  # of an HTTP request
    patience: float = 20.0  # for an HTTP request to arrive in full


class Counters(msgspec.Struct):
    """Since start, but `open`: connections now."""

    connections: int = 0
    open: int = 0
    refused: int = 0
    frames: int = 0
    errors: int = 0
    unknown: int = 0
    unavailable: int = 0


class Reception:
    """What all transports share: decode, find the device, store, and say what may be answered."""

    def __init__(self, name: str, intake: Intake, limits: Limits) -> None:
        self.name, self.intake, self.limits = name, intake, limits
        self.counters = Counters()
        self.addresses: dict[str, int] = {}

    def session(self) -> Session:
        return Session(settings=self._settings, nonce=os.urandom(8))

    def _settings(self, identifier: str) -> Settings | None:
        device = self.intake.devices.find(self.name, identifier)
        return None if device is None else device.settings

    def read(self, decode: Callable[[], Decoded], session: Session, address: str, raw: bytes) -> Decoded | Malformed:
        """Decode. What the decoder cannot read is counted and logged, and an administrator can see it as a knock."""
        self.counters.frames += 1
        try:
            return decode()
        except Malformed as error:
            self.counters.errors += 1
            log.info("%s %s %s: %s: %s", self.name, address, session.device or "?", error, raw[:64].hex())
            return error
        except Exception:
            self.counters.errors += 1
            log.exception("%s %s %s: the decoder failed: %s", self.name, address, session.device or "?", raw.hex())
            self._knock(session.device or "", address, raw)
            return Malformed("the decoder failed")

    async def store(self, decoded: Decoded, address: str, raw: bytes) -> bool:
        """True once every signal is durable, False when nobody knows the device. Raises Unavailable, or what failed."""
        device = self.intake.devices.find(self.name, decoded.device) if decoded.device else None
        if device is None:
            if decoded.device is None and not decoded.signals:
                return True  # nothing to store and nobody to know: a question of the protocol itself
            self.counters.unknown += 1
            self._knock(decoded.device or "", address, raw)
            return False
        signals = identified(self.name, decoded)
        results = await asyncio.gather(
            *(self.intake.submit(device, _with_raw(signal, raw)) for signal in signals), return_exceptions=True
        )
        failures = [result for result in results if isinstance(result, BaseException)]
        for failure in sorted(failures, key=lambda failure: not isinstance(failure, Unavailable)):
            self.counters.unavailable += isinstance(failure, Unavailable)
            raise failure
        return True

    def _knock(self, identifier: str, address: str, raw: bytes) -> None:
        try:
            self.intake.knock(self.name, identifier, address, raw)
        except Exception:
            log.exception("%s %s: knock failed", self.name, address)

    def admit(self, address: str) -> bool:
        """Count a new connection in, or refuse it."""
        here = self.addresses.get(address, 0)
        if self.counters.open >= self.limits.connections or here >= self.limits.per_address:
            self.counters.refused += 1
            return False
        self.addresses[address] = here + 1
        self.counters.connections += 1
        self.counters.open += 1
        return True

    def dismiss(self, address: str) -> None:
        self.counters.open -= 1
        self.addresses[address] -= 1
        if not self.addresses[address]:
            del self.addresses[address]


def _with_raw(signal: Signal, raw: bytes) -> Signal:
    """An alarm keeps the bytes that it came in."""
    if signal.kind != "alarm" or signal.raw is not None:
        return signal
    return msgspec.structs.replace(signal, raw=raw.hex())


def _now() -> datetime:
    return datetime.now(UTC)


def _address(transport: asyncio.BaseTransport) -> str:
    peer = transport.get_extra_info("peername")
    return str(peer[0]) if peer else ""


class Listener(Protocol):
    """One open port."""

    port: int

    async def close(self) -> None: ...


class TcpListener:
    """A TCP server of one gate. An idle connection costs an object, no task."""

    def __init__(self, gate: StreamGate, reception: Reception) -> None:
        self.gate, self.reception = gate, reception
        self.connections: set[_Connection] = set()
        self.work: set[asyncio.Task[None]] = set()
        self.closing = False
        self.port = 0

    async def open(self, sock: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        self.server = await loop.create_server(lambda: _Connection(self), sock=sock, backlog=1024)
        self.port = sock.getsockname()[1]
        self.sweeper = asyncio.create_task(self._sweep())

    async def _sweep(self) -> None:
        """Close who says nothing."""
        limits = self.reception.limits
        while True:
            await asyncio.sleep(min(5.0, limits.first / 4, limits.idle / 4))
            now = time.monotonic()
            for connection in list(self.connections):
                if now - connection.heard_at > (limits.idle if connection.spoke else limits.first):
                    connection.close()

    async def close(self) -> None:
        """Take no more; what was read is stored and answered."""
        self.closing = True
        self.sweeper.cancel()
        self.server.close()
        if self.work:
            await asyncio.wait(self.work, timeout=3)
        for connection in list(self.connections):
            connection.close()
        for task in list(self.work):
            task.cancel()


class _Connection(asyncio.Protocol):
    """One device's connection. Its frames are handled in order; its errors are its own."""

    def __init__(self, listener: TcpListener) -> None:
        self.listener, self.reception, self.gate = listener, listener.reception, listener.gate
        self.session = self.reception.session()
        self.buffer = bytearray()
        self.working = self.paused = self.admitted = self.spoke = self.ended = False
        self.garbage = 0
        self.heard_at = time.monotonic()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's are none by inheritance
        self.address = _address(transport)
        self.admitted = self.reception.admit(self.address)
        if self.admitted:
            self.listener.connections.add(self)
        else:
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self.listener.connections.discard(self)
        if self.admitted:
            self.reception.dismiss(self.address)

    def close(self) -> None:
        """After what is already written."""
        self.buffer.clear()
        self.transport.close()

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing() or self.listener.closing:
            return
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
        """It says no more, but may still listen: what it said is stored and answered before we close."""
        self.ended = True
        return self.working

    async def _work(self) -> None:
        """Handle what was read, a turn at a time, so that a device with a full memory starves nobody."""
        try:
            while frames := self._cut():
                await self._handle(frames)
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

    def _cut(self) -> list[bytes]:
        """The next whole frames; closes the connection where only garbage comes."""
        frames: list[bytes] = []
        limits = self.reception.limits
        while len(frames) < limits.at_once and self.buffer:
            window = bytes(self.buffer[: self.gate.longest])
            frame, consumed = self.gate.split(window)
            if not consumed and len(window) == self.gate.longest:
                consumed = 1  # no frame is that long: go on behind its first byte
            del self.buffer[:consumed]
            self.garbage = 0 if frame else self.garbage + consumed
            if frame:
                frames.append(frame)
            elif self.garbage > limits.garbage:
                self.reception.counters.errors += 1
                log.info("%s %s: no frames in %d bytes, closed", self.reception.name, self.address, self.garbage)
                self.close()
            elif not consumed:
                break
        if frames:
            self.spoke, self.heard_at = True, time.monotonic()
        return frames

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
        return self.gate.decode(frame, self.session, _now())


class UdpListener:
    """A UDP endpoint of one gate. A datagram may hold several frames; an address keeps its session for a while."""

    def __init__(self, gate: StreamGate, reception: Reception) -> None:
        self.gate, self.reception = gate, reception
        self.sessions: OrderedDict[Any, Session] = OrderedDict()
        self.work: set[asyncio.Task[None]] = set()
        self.port = 0

    async def open(self, sock: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        self.transport, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(self), sock=sock)
        self.port = sock.getsockname()[1]

    def take(self, data: bytes, peer: Any) -> None:
        if len(self.work) >= self.reception.limits.datagrams:
            self.reception.counters.refused += 1  # unanswered: the device sends again
            return
        task = asyncio.get_running_loop().create_task(self._handle(data, peer))
        self.work.add(task)
        task.add_done_callback(self.work.discard)

    async def _handle(self, data: bytes, peer: Any) -> None:
        session = self.sessions.get(peer) or self.reception.session()
        self.sessions[peer] = session
        self.sessions.move_to_end(peer)
        if len(self.sessions) > self.reception.limits.peers:
            self.sessions.popitem(last=False)
        while data:
            frame, consumed = self.gate.split(data[: self.gate.longest])
            if not consumed:
                return
            data = data[consumed:]
            if frame and not await self._answer(frame, session, peer):
                return

    async def _answer(self, frame: bytes, session: Session, peer: Any) -> bool:
        reception = self.reception
        decoded = reception.read(lambda: self.gate.decode(frame, session, _now()), session, str(peer[0]), frame)
        if not isinstance(decoded, Decoded):
            return True
        try:
            known = await reception.store(decoded, str(peer[0]), frame)
        except Unavailable:
            return False
        except Exception:
            reception.counters.errors += 1
            log.exception("%s %s %s: not stored", reception.name, peer[0], decoded.device)
            return False
        reply = decoded.reply if known else decoded.stranger
        if reply:
            self.transport.sendto(reply, peer)
        return True

    async def close(self) -> None:
        if self.work:
            await asyncio.wait(self.work, timeout=3)
        self.transport.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, listener: UdpListener) -> None:
        self.listener = listener

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.listener.take(data, addr)


Scope = MutableMapping[str, Any]


class HttpListener:
    """A small ASGI application on a port of its own."""

    def __init__(self, gate: HttpGate, reception: Reception) -> None:
        self.gate, self.reception = gate, reception
        self.port = 0

    async def open(self, sock: socket.socket) -> None:
        reception = self.reception

        class Http(_Http):
            door = reception

        config = uvicorn.Config(
            self, http=Http, ws="none", lifespan="off", log_config=None, access_log=False, server_header=False,
            proxy_headers=False, timeout_keep_alive=75, timeout_graceful_shutdown=3,
        )  # fmt: skip
        self.port = sock.getsockname()[1]
        self.server = _Server(config)
        self.task = asyncio.create_task(self.server.serve(sockets=[sock]))
        while not self.server.started:
            if self.task.done():
                self.task.result()
                raise OSError(f"{reception.name}: the HTTP server did not start")
            await asyncio.sleep(0.005)

    async def close(self) -> None:
        self.server.should_exit = True
        await self.task

    async def __call__(
        self,
        scope: Scope,
        receive: Callable[[], Awaitable[Scope]],
        send: Callable[[Scope], Awaitable[None]],
    ) -> None:
        if scope["type"] != "http":
            return
        try:
            async with asyncio.timeout(self.reception.limits.patience):
                body = await self._body(receive)
        except TimeoutError:
            return await _respond(send, 408)
        if body is None:
            return await _respond(send, 413)
        request = Request(
            method=scope["method"],
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
            body=body,
        )
        address = scope["client"][0] if scope.get("client") else ""
        await self._answer(request, address, send)

    async def _body(self, receive: Callable[[], Awaitable[Scope]]) -> bytes | None:
        body: bytes = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if len(body) > self.reception.limits.body:
                return None
            if not message.get("more_body"):
                return body

    async def _answer(self, request: Request, address: str, send: Callable[[Scope], Awaitable[None]]) -> None:
        reception, session = self.reception, self.reception.session()
        raw = request.raw()
        decoded = reception.read(lambda: self.gate.decode(request, session, _now()), session, address, raw)
        if not isinstance(decoded, Decoded):
            return await _respond(send, 400, str(decoded).encode() + b"\n")
        try:
            known = await reception.store(decoded, address, raw)
        except Exception as error:
            if not isinstance(error, Unavailable):
                reception.counters.errors += 1
                log.exception("%s %s %s: not stored", reception.name, address, decoded.device)
            return await _respond(send, 503, b"", (b"retry-after", b"5"))
        media = (b"content-type", decoded.media.encode())
        if known:
            await _respond(send, decoded.status, decoded.reply or b"", media)
        else:
            await _respond(send, decoded.stranger_status, decoded.stranger or b"", media)


async def _respond(
    send: Callable[[Scope], Awaitable[None]], status: int, body: bytes = b"", *headers: tuple[bytes, bytes]
) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [length, *headers]})
    await send({"type": "http.response.body", "body": body})


class _Http(HttpToolsProtocol):
    """uvicorn's, with our limits of connections, and closed when no request has come in time."""

    door: Reception

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        self.address = _address(transport)
        self.admitted = self.door.admit(self.address)
        self.hurry: asyncio.TimerHandle | None = None
        if not self.admitted:
            transport.abort()  # type: ignore[attr-defined]
            return
        self.hurry = self.loop.call_later(self.door.limits.first, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._calm()
        if self.admitted:
            self.door.dismiss(self.address)

    def on_headers_complete(self) -> None:
        self._calm()
        super().on_headers_complete()

    def _calm(self) -> None:
        if self.hurry:
            self.hurry.cancel()
            self.hurry = None


class _Server(uvicorn.Server):
    """Signals belong to the process, not to one of its gates."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
