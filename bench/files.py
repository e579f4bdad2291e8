"""(o) Files: 20 phones upload 8 MB each in pieces of 128 KiB; what that does to presses, and to memory."""

import asyncio
import hashlib
import os
import time
from pathlib import Path
from uuid import uuid4

import uvloop

from bench import server
from bench.load import Result
from bench.presses import requests

PHONES, SIZE, PIECE = 20, 8 * 2**20, 128 * 2**10
PRESSES = 50  # a second


def film() -> bytes:
    """An MP4 of noise that can be blanked: its copy is made and sealed, too."""
    ftyp = (24).to_bytes(4, "big") + b"ftypisom\0\0\2\0isommp41"
    return ftyp + (SIZE - len(ftyp)).to_bytes(4, "big") + b"mdat" + os.urandom(SIZE - len(ftyp) - 8)


async def _ask(line: tuple[asyncio.StreamReader, asyncio.StreamWriter], request: bytes) -> tuple[int, bytes]:
    reader, writer = line
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    at = head.find(b"content-length: ")
    body = await reader.readexactly(int(head[at + 16 : head.find(b"\r", at)]))
    return int(head[9:12]), body


async def _upload(port: int, token: str) -> int:
    """All of one file, by one phone; returns how often it was told to wait."""
    line = await asyncio.open_connection("127.0.0.1", port)
    await _ask(line, next(requests([token])))
    content, id_, offset, waits = film(), uuid4(), 0, 0
    digest = hashlib.sha256(content).hexdigest()
    while True:
        piece = content[offset : offset + PIECE]
        head = (
            f"PUT /files/{id_} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\nupload-length: {SIZE}\r\n"
            f"upload-offset: {offset}\r\nupload-digest: {digest}\r\ncontent-length: {len(piece)}\r\n\r\n"
        )
        status, body = await _ask(line, head.encode() + piece)
        if status == 200 and b'"attached"' in body:
            line[1].close()
            return waits
        if status == 200:
            offset = min(offset + PIECE, SIZE)
        elif status in (429, 503):
            waits += 1
            await asyncio.sleep(1)
        else:
            raise RuntimeError(f"{status} {body!r}")


async def _press(port: int, tokens: list[str], until: "asyncio.Task[float] | None", seconds: float) -> Result:
    """Presses at a steady rate, until the task is done (None: for so many seconds)."""
    result, made = Result(), requests(tokens)
    lines = [await asyncio.open_connection("127.0.0.1", port) for _ in range(8)]
    free = asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]]()
    for line in lines:
        free.put_nowait(line)
    begun = time.perf_counter()

    async def one(request: bytes) -> None:
        sent = time.perf_counter()
        line = await free.get()
        status, _ = await _ask(line, request)
        result.latencies.append(time.perf_counter() - sent)
        result.statuses[status] = result.statuses.get(status, 0) + 1
        free.put_nowait(line)

    running = set[asyncio.Task[None]]()
    for n, request in enumerate(made):
        if until.done() if until else time.perf_counter() - begun > seconds:
            break
        await asyncio.sleep(max(0.0, begun + n / PRESSES - time.perf_counter()))
        running.add(asyncio.create_task(one(request)))
    await asyncio.gather(*running)
    result.seconds = time.perf_counter() - begun
    for line in lines:
        line[1].close()
    return result


async def _memory(pid: int, most: list[int]) -> None:
    while True:
        status = Path(f"/proc/{pid}/status").read_text()
        most.append(int(status.split("VmRSS:")[1].split()[0]) // 1024)
        await asyncio.sleep(0.1)


async def _beside(port: int, pid: int, phones: list[str], tokens: list[str]) -> tuple[Result, float, int, int]:
    async def all_of_them() -> float:
        begun = time.perf_counter()
        waits = await asyncio.gather(*(_upload(port, token) for token in phones))
        waited.append(sum(waits))
        return time.perf_counter() - begun

    waited, most = list[int](), [0]
    watching = asyncio.create_task(_memory(pid, most))
    uploading = asyncio.create_task(all_of_them())
    result = await _press(port, tokens, uploading, 0)
    watching.cancel()
    return result, await uploading, max(most), waited[0]


def run(_data: Path) -> None:
    print(f"\n## (o) {PHONES} phones upload {SIZE // 2**20} MB each, beside {PRESSES} presses a second\n")
    print("| | MB/s | told to wait | presses | p50 ms | p99 ms | web |\n|---|---|---|---|---|---|---|")
    phones, tokens = server.members(PHONES), server.members(8000)
    with server.process("-m", "tocsin", "web") as (pid, port):
        time.sleep(6)
        alone = uvloop.run(_press(port, tokens[:500], None, 9))
        weight = server.footprint(pid)
        print(
            f"| nothing beside | | | {len(alone.latencies)} | {alone.at(0.5):.1f} | {alone.at(0.99):.1f} | {weight} |"
        )
        result, seconds, most, waits = uvloop.run(_beside(port, pid, phones, tokens[500:]))
        rate = PHONES * SIZE / 2**20 / seconds
        print(
            f"| uploads beside | {rate:.1f} | {waits} | {len(result.latencies)} | {result.at(0.5):.1f} "
            f"| {result.at(0.99):.1f} | {most} MB at most; {server.footprint(pid)} |",
            flush=True,
        )
