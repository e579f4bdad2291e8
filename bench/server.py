"""Installations to measure: our own PostgreSQL in a folder of its own, and processes that end with the run."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def installation() -> Iterator[Path]:
    """A database with the demo network and many members; settings point there. Yields the data folder."""
    from tocsin import database

    data = Path(tempfile.mkdtemp(prefix="tocsin-bench-"))
    os.environ.update(TOCSIN_DATA=str(data), TOCSIN_DEMO="1", DJANGO_SETTINGS_MODULE="tocsin.settings")
    os.environ.pop("DATABASE_URL", None)
    server = database.Server(data)
    server.start()
    try:
        import django

        django.setup()
        from django.core.management import call_command

        from tocsin.demo.seed import seed

        call_command("migrate", verbosity=0)
        (data / "seed.json").write_text(json.dumps(seed()))
        yield data
    finally:
        server.stop()
        shutil.rmtree(data, ignore_errors=True)


@contextmanager
def process(*command: str, ready: str | None = "/health", **environment: str) -> Iterator[tuple[int, int]]:
    """A process of ours with a web port; yields (pid, port) when it answers."""
    port = free_port()
    child = subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, "TOCSIN_PORT": str(port), "BENCH_PORT": str(port), **environment},
    )
    try:
        deadline = time.monotonic() + 30
        while ready:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}{ready}", timeout=1):
                    break
            except OSError as error:
                if child.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{command} did not come up") from error
                time.sleep(0.05)
        yield child.pid, port
    finally:
        child.terminate()
        try:
            child.wait(5)
        except subprocess.TimeoutExpired:
            child.kill()


def footprint(pid: int) -> str:
    """Resident memory and threads of a process, as the kernel counts them."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return "-"
    lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
    return f"{int(lines['VmRSS'].split()[0]) // 1024} MB, {lines['Threads'].strip()} threads"


def members(count: int) -> list[str]:
    """Tokens of so many new members, spread over the cities."""
    from tocsin.centers.models import Center
    from tocsin.devices.models import Device
    from tocsin.lib.secrets import digest, new_token
    from tocsin.people.models import Person

    centers = list(Center.objects.filter(code__in=("PTA", "JNB", "CPT", "DUR")))
    people = Person.objects.bulk_create(
        [Person(name=f"Member {n}", center=centers[n % len(centers)], password="!") for n in range(count)]
    )
    tokens = [new_token() for _ in people]
    Device.objects.bulk_create(
        [
            Device(protocol="app", identifier=f"bench-{p.pk}", person=p, token_digest=digest(t))
            for p, t in zip(people, tokens, strict=True)
        ]
    )
    return tokens


def seeded(data: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((data / "seed.json").read_text())
    return found
