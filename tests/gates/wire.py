"""The other end of a gate's wire."""

import asyncio
import contextlib
import ssl
from typing import Any

import pytest


class Line:
    """A device's TCP connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def to(cls, port: int, tls: ssl.SSLContext | None = None, **more: Any) -> "Line":
        return cls(*await asyncio.open_connection("127.0.0.1", port, ssl=tls, **more))

    async def says(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def hears(self, data: bytes) -> None:
        assert await asyncio.wait_for(self.reader.readexactly(len(data)), 5) == data

    async def hears_nothing(self, seconds: float = 0.15) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(self.reader.read(1), seconds)

    async def is_closed(self, within: float = 5) -> None:
        with contextlib.suppress(ConnectionResetError):
            assert await asyncio.wait_for(self.reader.read(1), within) == b""

    def close(self) -> None:
        self.writer.close()


async def request(port: int, raw: str, tls: ssl.SSLContext | None = None) -> tuple[int, dict[str, str], bytes]:
    """One HTTP request as it is; the answer's status, headers and body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls)
    writer.write(raw.encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers["content-length"]))
    writer.close()
    return int(head[0].split()[1]), headers, body


async def get(port: int, target: str, tls: ssl.SSLContext | None = None) -> tuple[int, dict[str, str], bytes]:
    return await request(port, f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n", tls)
