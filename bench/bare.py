"""The bare limit of the machine: the same server, the same thread that groups commits, one insert, nothing else."""

import asyncio
import os
import sys
import threading
from collections import deque
from typing import Any

import psycopg
import uvicorn

from tocsin import database


class Bare:
    def __init__(self) -> None:
        self.queue: deque[tuple[bytes, asyncio.Future[None]]] = deque()
        self.wake = threading.Condition()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            self.loop = asyncio.get_running_loop()
            threading.Thread(target=self.write, daemon=True).start()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            return await send({"type": "lifespan.shutdown.complete"})
        body = (await receive()).get("body", b"")
        if scope["method"] == "PUT":
            future: asyncio.Future[None] = self.loop.create_future()
            self.queue.append((body, future))
            with self.wake:
                self.wake.notify()
            await future
        headers = [(b"content-type", b"application/json"), (b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 201, "headers": headers})
        return await send({"type": "http.response.body", "body": b"{}"})

    def write(self) -> None:
        with psycopg.connect(database.url(), autocommit=True) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS bare (id bigserial PRIMARY KEY, body text)")
            while True:
                with self.wake:
                    while not self.queue:
                        self.wake.wait()
                batch = [self.queue.popleft() for _ in range(min(len(self.queue), 500))]
                connection.execute(
                    "INSERT INTO bare (body) SELECT unnest(%s::text[])", ([b.decode() for b, _ in batch],)
                )
                self.loop.call_soon_threadsafe(self.answer, [f for _, f in batch])

    @staticmethod
    def answer(futures: list[asyncio.Future[None]]) -> None:
        for future in futures:
            future.set_result(None)


if __name__ == "__main__":
    sys.setswitchinterval(0.001)
    uvicorn.run(
        Bare(),
        port=int(os.environ["BENCH_PORT"]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="error",
        backlog=4096,
    )
