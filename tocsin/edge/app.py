"""The front door: press, live feed, HTTP gates, health and metrics answered here; everything else is Django.

One ASGI application per web process. Its parts live as long as the process: the registry (who may press), the writer
(what was pressed), the hub (what is new) and one listening connection.
"""

import asyncio
import logging
import os
from collections.abc import Awaitable
from types import FrameType
from typing import Any
from uuid import UUID

import psycopg
import uvicorn
from a2wsgi import WSGIMiddleware
from django.conf import settings
from django.core.wsgi import get_wsgi_application

from tocsin import database, journey
from tocsin.edge.asgi import Receive, Scope, Send, reply, trouble
from tocsin.edge.health import Health
from tocsin.edge.hooks import PREFIX, Hooks
from tocsin.edge.hub import Hub
from tocsin.edge.intake import GatesIntake
from tocsin.edge.live import Live
from tocsin.edge.metrics import Metrics
from tocsin.edge.mine import state_of
from tocsin.edge.recorder import Recorder
from tocsin.edge.signals import Door
from tocsin.edge.uploads import Uploads
from tocsin.gates.keys import key_of
from tocsin.intake.registry import Registry
from tocsin.intake.writer import Writer
from tocsin.lib.descriptors import all_descriptors
from tocsin.lib.listen import Listener
from tocsin.lib.threads import in_thread

log = logging.getLogger(__name__)


class Edge:
    def __init__(self, name: str = "web", port: int | None = None) -> None:
        url = database.url(database.SERVICE)  # intake and the like; Django stands behind the wall
        process = os.environ.get("TOCSIN_PROCESS") or f"{name}:{settings.PORT if port is None else port}"
        self.registry = Registry()
        self.writer = Writer(url, lambda: self.registry.network, journey.ON_SIGNAL, name)
        self.hub = Hub()
        self.health = Health(self.writer)
        self.listener = Listener(url, ("registry", "book", "positions", "rights"), self._heard, self._tick)
        self.door = Door(self.registry, self.writer)
        self.uploads = Uploads(self.door)
        self.live = Live(self.hub, self.registry, self.listener)
        self.intake = GatesIntake(self.registry, self.writer)
        self.hooks = Hooks(self.intake, key_of, settings.PUBLIC_URL, lambda: self.registry.loaded_at)
        gates = self.hooks.receptions
        self.recorder = Recorder(url, process, self.intake, gates, self.hooks.traces)
        self.metrics = Metrics(url, process, settings.METRICS_KEY, gates, self.door, self.health, self.hub)
        self.django = WSGIMiddleware(get_wsgi_application(), workers=8)  # type: ignore[arg-type]
        self.tasks: list[asyncio.Task[None]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._lifespan(receive, send)
        if scope["type"] != "http":
            return None
        path, method = scope["path"], scope["method"]
        if path.startswith("/signals/"):
            if method == "PUT":
                return await self.door.put(scope, receive, self._counted(send))
            if method == "GET":
                return await self._state(scope, send)
            return await trouble(send, 405, "en")
        if path == "/live" and method == "GET":
            return await self.live.get(scope, receive, send)
        if self.uploads.takes(path, method):
            return await self.uploads.take(scope, receive, send)
        if path.startswith(PREFIX):
            return await self.hooks.take(scope, receive, send)
        if path == "/health" and method in ("GET", "HEAD"):
            status, content = self.health.answer()
            return await reply(send, status, content)
        if path == "/metrics" and method == "GET":
            return await self.metrics.get(scope, send)
        return await self.django(scope, receive, send)  # type: ignore[arg-type]

    def _counted(self, send: Send) -> Send:
        """Counts the answers to presses by their status."""

        def counted(message: Scope) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                self.metrics.answers[message["status"]] += 1
            return send(message)

        return counted

    async def _state(self, scope: Scope, send: Send) -> None:
        device, language = self.door.who(dict(scope["headers"]))
        if device is None:
            return await self.door.stranger(scope, send, language)
        if not self.door.others.take(device.id):
            return await trouble(send, 429, language, retry=1)
        try:
            id_ = UUID(scope["path"].rpartition("/")[2])
        except ValueError:
            return await trouble(send, 404, language)
        try:
            found = await in_thread(state_of, id_, device, language)
        except Exception:
            log.exception("the state of a signal could not be read")
            return await trouble(send, 503, language, retry=2)
        if found is None:
            return await trouble(send, 404, language)
        stored, more = found
        return await reply(send, 200, self.door.answer(id_, stored, language, **more))

    def _heard(self, channel: str, payload: str) -> None:
        if channel == "registry":
            self.registry.heard(payload)
            self.listener.wanted.set()
        elif channel == "rights":
            self.live.rights += 1
        else:
            self.hub.heard(channel, payload)

    async def _tick(self, connection: psycopg.AsyncConnection[Any]) -> None:
        fresh = not self.listener.connected
        await self.registry.refresh(connection, fresh)
        await self.health.look(connection)
        if fresh:
            self.live.rights += 1
            self.hub.doubt()

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        self.writer.start()
        self.recorder.start()
        self.tasks = [asyncio.create_task(self.listener.run()), asyncio.create_task(self.hub.run())]
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self.hub.close()
        await asyncio.gather(self.writer.stop(), self.recorder.stop())
        for task in self.tasks:
            task.cancel()
        await send({"type": "lifespan.shutdown.complete"})


class Server(uvicorn.Server):
    """Ends the live streams as soon as it is asked to stop, so that stopping does not wait for them."""

    def __init__(self, config: uvicorn.Config, hub: Hub) -> None:
        super().__init__(config)
        self.hub = hub

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.hub.closing = True
        super().handle_exit(sig, frame)


def serve(port: int | None = None) -> None:
    """Run the web process until SIGTERM or SIGINT."""
    all_descriptors()
    edge = Edge(port=port)
    config = uvicorn.Config(
        edge,
        host=settings.HOST,
        port=settings.PORT if port is None else port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        server_header=False,
        backlog=4096,
        timeout_graceful_shutdown=2,
        proxy_headers=settings.SECURE_PROXY_SSL_HEADER is not None,
    )
    Server(config, edge.hub).run()
