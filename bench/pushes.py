"""(m) Web pushes: encrypted, signed, handed over to a push service of this machine that takes all and reads none."""

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from bench import server

PUSHES, PHONES, AT_ONCE = 10_000, 500, 50

SERVICE = """
import asyncio, sys
async def take(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\\r\\n\\r\\n")
            size = next(int(l.split(b":")[1]) for l in head.lower().split(b"\\r\\n") if l.startswith(b"content-length"))
            await reader.readexactly(size)
            writer.write(b"HTTP/1.1 201 Created\\r\\nLocation: /message/1\\r\\nContent-Length: 0\\r\\n\\r\\n")
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()
async def main():
    async with await asyncio.start_server(take, "127.0.0.1", int(sys.argv[1])) as there:
        await there.serve_forever()
asyncio.run(main())
"""


def run(_data: Path) -> None:
    port = server.free_port()
    child = subprocess.Popen([sys.executable, "-c", SERVICE, str(port)])
    try:
        time.sleep(1)
        took, cpu = asyncio.run(_push(port))
    finally:
        child.terminate()
        child.wait()
    print("\n## (m) Web pushes\n\n| pushes | a second | a second and core |\n|---|---|---|")
    print(f"| {PUSHES:,} to {PHONES} phones | {PUSHES / took:,.0f} | {PUSHES / cpu:,.0f} |", flush=True)


async def _push(port: int) -> tuple[float, float]:
    """(seconds, seconds of CPU of this process)."""
    from tocsin.notifications.channel import Outgoing, Text
    from tocsin.notifications.channels.webpush import keys
    from tocsin.notifications.channels.webpush.channel import send
    from tocsin.notifications.channels.webpush.push_service import Browser

    os.environ["TOCSIN_VAPID_KEY"] = keys.unpadded(os.urandom(31) + b"1")
    text = Text(
        "报警：抢劫 · 李伟", "中央大街 12 号。#7。尚无人接警，点开接警。", "", "", "https://tocsin.example/a/token"
    )
    phones = [
        json.dumps({"endpoint": f"http://127.0.0.1:{port}/push/{n}", "keys": Browser().keys}) for n in range(PHONES)
    ]
    outgoing = [Outgoing(key=f"t{n}", address=a, language="zh-hans", text=text, urgent=True, topic="alarm-7")
                for n, a in enumerate(phones)]  # fmt: skip
    room, settings = asyncio.Semaphore(AT_ONCE), {"subject": "mailto:duty@example.org", "private": "1"}

    async def one(n: int) -> None:
        async with room:
            result = await send(outgoing[n % PHONES], settings)
            assert result.state == "sent", result

    await asyncio.gather(*(one(n) for n in range(100)))
    started, used = time.perf_counter(), time.process_time()
    await asyncio.gather(*(one(n) for n in range(PUSHES)))
    return time.perf_counter() - started, time.process_time() - used
