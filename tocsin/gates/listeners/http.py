"""Requests of one gate, on a port of its own. `answer` serves the web's own address too (`tocsin/edge/hooks.py`)."""

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from email.utils import formatdate
from typing import Any, NamedTuple

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from tocsin.gates.listeners.port import Entry, Port
from tocsin.gates.listeners.reception import Limits, Reception, Visit, now
from tocsin.gates.masked import masked
from tocsin.gates.protocol import Decoded, HttpGate, Request, Unavailable

log = logging.getLogger("tocsin.gates")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Header = tuple[bytes, bytes]


class Answer(NamedTuple):
    """`known`: it came from a device of ours, or was a fair question."""

    status: int
    body: bytes = b""
    headers: tuple[Header, ...] = ()
    known: bool = True


async def answer(gate: HttpGate, reception: Reception, request: Request, address: str) -> Answer:
    """Decode, store, and only then answer. 400 malformed, 503 not stored; else what the protocol says."""
    session, raw = reception.session(), masked(request.raw())
    decoded = reception.read(lambda: gate.decode(request, session, now()), session, address, raw)
    if not isinstance(decoded, Decoded):
        return Answer(400, str(decoded).encode() + b"\n", known=False)
    try:
        known = await reception.store(decoded, address, raw)
    except Exception as error:
        if not isinstance(error, Unavailable):
            reception.counters.errors += 1
            log.exception("%s %s %s: not stored", reception.name, address, decoded.device)
        return Answer(503, headers=((b"retry-after", b"5"),))
    media = ((b"content-type", decoded.media.encode()),)
    if known:
        return Answer(decoded.status, decoded.reply or b"", media)
    return Answer(decoded.stranger_status, decoded.stranger or b"", media, known=False)


async def read(scope: Scope, receive: Receive, path: str, origin: str, limits: Limits) -> Request | Answer:
    """The request in full; `path` is what the gate sees of it. 408 too slow, 413 too large."""
    body = b""
    try:
        async with asyncio.timeout(limits.patience):
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return Answer(400, b"the request is not whole\n", known=False)
                body += message.get("body", b"")
                if len(body) > limits.body:
                    return Answer(413)
                more = message.get("more_body", False)
    except TimeoutError:
        return Answer(408)
    target = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    return Request(
        method=scope["method"],
        path=path,
        query=query.decode("latin-1"),
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
        body=body,
        url=origin + (target + (b"?" + query if query else b"")).decode("latin-1"),
    )


async def respond(send: Send, answer: Answer) -> None:
    length = (b"content-length", str(len(answer.body)).encode())
    said = [length, (b"x-content-type-options", b"nosniff"), *answer.headers]
    try:
        await send({"type": "http.response.start", "status": answer.status, "headers": said})
        await send({"type": "http.response.body", "body": answer.body})
    except (OSError, RuntimeError):  # uvloop's word for a closed connection is RuntimeError
        log.info("the caller hung up before the answer; what was said is stored all the same")


class HttpListener:
    """A small ASGI application on a port of its own: uvicorn's protocol behind our own entrance."""

    def __init__(self, gate: HttpGate, reception: Reception) -> None:
        self.gate, self.reception = gate, reception
        self.state = ServerState()

    async def open(self, sock: socket.socket, entry: Entry | None = None) -> None:
        self.config = uvicorn.Config(
            self, http=HttpToolsProtocol, ws="none", interface="asgi3", lifespan="off", log_config=None,
            access_log=False, proxy_headers=False, timeout_keep_alive=75,
        )  # fmt: skip
        self.config.load()
        self.entrance = Port(sock, self.reception, entry or Entry(), lambda visit: _Http(self, visit))
        self.entrance.open()
        self.port = self.entrance.number
        self._tell_the_time()

    def _tell_the_time(self) -> None:
        """Each second: the Date of every answer (RFC 9110, 6.6.1)."""
        self.state.default_headers = [(b"date", formatdate(usegmt=True).encode())]
        self.clock = asyncio.get_running_loop().call_later(1.0, self._tell_the_time)

    async def close(self) -> None:
        """Take no more; answer what was asked, for 3 s at most."""
        self.clock.cancel()
        await self.entrance.close()
        for connection in list(self.state.connections):
            connection.shutdown()
        if self.state.tasks:
            await asyncio.wait(self.state.tasks, timeout=3)
        for task in list(self.state.tasks):
            task.cancel()
        for connection in list(self.state.connections):
            connection.transport.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = next((value for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1")
        origin = f"{scope['scheme']}://{host}"
        request = await read(scope, receive, scope["path"], origin, self.reception.limits)
        if isinstance(request, Request):
            address = scope["client"][0] if scope.get("client") else ""
            request = await answer(self.gate, self.reception, request, address)
        await respond(send, request)


class _Http(HttpToolsProtocol):
    """uvicorn's, closed when a request is too large or too slow before its body (there `read` has the watch)."""

    def __init__(self, listener: HttpListener, visit: Visit) -> None:
        super().__init__(config=listener.config, server_state=listener.state, app_state={})
        self.visit, self.limits, self.counters = visit, listener.reception.limits, listener.reception.counters
        self.head = 0  # bytes of the request's head so far
        self.hurry: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        self.client = (self.visit.address, (self.client or ("", 0))[1])
        self._hurry(self.limits.first)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._calm()
        self.visit.end()

    def data_received(self, data: bytes) -> None:
        if self.hurry:
            self.head += len(data)
            if self.head > self.limits.head + self.limits.body:
                self.transport.close()
                return
        super().data_received(data)

    def send_400_response(self, msg: str) -> None:
        self.counters.errors += 1
        super().send_400_response(msg)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._hurry(self.limits.patience)

    def on_headers_complete(self) -> None:
        self._calm()
        super().on_headers_complete()

    def _hurry(self, seconds: float) -> None:
        self._calm()
        self.hurry = self.loop.call_later(seconds, self.transport.close)

    def _calm(self) -> None:
        if self.hurry:
            self.hurry.cancel()
            self.hurry = None
        self.head = 0
