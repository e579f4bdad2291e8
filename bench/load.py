"""A load generator light enough to share two cores with what it measures: raw HTTP/1.1 on asyncio protocols."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Result:
    """Latencies in seconds, one for each answer; `statuses` counts answers by HTTP status."""

    latencies: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    def at(self, share: float) -> float:
        """The latency in milliseconds that `share` of the answers stayed below."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000


class _Client(asyncio.Protocol):
    def __init__(self, requests: Iterator[bytes], result: Result, done: asyncio.Future[None]) -> None:
        self.requests, self.result, self.done = requests, result, done
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.next()

    def next(self) -> None:
        request = next(self.requests, None)
        if request is None:
            self.transport.close()
            return
        self.sent = time.perf_counter()
        self.transport.write(request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        at = self.buffer.find(b"content-length: ")
        length = int(self.buffer[at + 16 : self.buffer.find(b"\r", at)])
        if len(self.buffer) < end + 4 + length:
            return
        status = int(self.buffer[9:12])
        self.result.statuses[status] = self.result.statuses.get(status, 0) + 1
        self.result.latencies.append(time.perf_counter() - self.sent)
        self.buffer = b""
        self.next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


async def run(host: str, port: int, requests: Iterator[bytes], connections: int) -> Result:
    """Send the requests over so many keep-alive connections, each waiting for its answer before the next."""
    result = Result()
    loop = asyncio.get_running_loop()
    ends = []
    started = time.perf_counter()
    for _ in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        await loop.create_connection(lambda done=done: _Client(requests, result, done), host, port)
        ends.append(done)
    await asyncio.gather(*ends)
    result.seconds = time.perf_counter() - started
    return result


class Paced(asyncio.Protocol):
    """A connection that waits in `idle` for its next request, for a load of a chosen rate."""

    def __init__(self, result: Result, idle: "list[Paced]") -> None:
        self.result, self.idle = result, idle

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.idle.append(self)

    def send(self, request: bytes) -> None:
        self.sent = time.perf_counter()
        self.transport.write(request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.result.latencies.append(time.perf_counter() - self.sent)
        self.idle.append(self)
