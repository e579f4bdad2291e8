"""(n) A page of the desk with 500 open incidents: the queue, and one incident with all that hangs on it."""

import json
import time
from pathlib import Path
from uuid import uuid4

import httpx

from bench import server

OPEN = 500
PTA = {"lat": -25.7479, "lon": 28.2293, "accuracy": 12}


def _row(name: str, latencies: list[float], size: int, weight: str) -> None:
    ordered = sorted(latencies)
    p50, p95 = (ordered[int(len(ordered) * share)] * 1000 for share in (0.5, 0.95))
    print(f"| {name} | {len(ordered)} | {p50:.1f} | {p95:.1f} | {size // 1024} kB | {weight} |", flush=True)


def run(data: Path) -> None:
    print(f"\n## (n) The desk, {OPEN} open incidents of its center\n\n| | reads | p50 ms | p95 ms | size | web |")
    print("|---|---|---|---|---|---|")
    tokens = server.members(OPEN)
    staff = next(s for s in server.seeded(data)["staff"] if s["center"] == "PTA" and s["role"] == "duty_officer")
    with server.process("-m", "tocsin", "web") as (pid, port), httpx.Client(base_url=f"http://127.0.0.1:{port}") as web:
        time.sleep(6)  # until the registry knows the members
        for token in tokens:
            body = json.dumps({"kind": "alarm", "alarm": "robbery", "position": PTA})
            told = web.put(f"/signals/{uuid4()}", content=body, headers={"Authorization": f"Bearer {token}"})
            assert told.status_code == 201, told.text
        me = {"Authorization": f"Bearer {staff['key']}"}
        queue = web.get("/api/v1/incidents", params={"open": True}, headers=me).json()["items"]
        assert len(queue) == OPEN, len(queue)
        for path, name, times in (
            ("/api/v1/incidents?open=true", "the queue", 150),
            ("/api/v1/incidents/{}", "one incident", 400),
        ):
            latencies, size = list[float](), 0
            for n in range(times + 5):
                started = time.perf_counter()
                answer = web.get(path.format(queue[n % OPEN]["id"]), headers=me, timeout=30)
                latencies.append(time.perf_counter() - started)
                assert answer.status_code == 200, answer.text
                size = len(answer.content)
            _row(name, latencies[5:], size, server.footprint(pid))
