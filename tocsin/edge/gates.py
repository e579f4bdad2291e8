"""The gates process: protocols in front, the same writer behind."""

import asyncio
import json
import logging
import os
import signal
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from tocsin import database
from tocsin.edge.intake import GatesIntake
from tocsin.edge.recorder import Recorder
from tocsin.gates import environment, mqtt
from tocsin.gates import run as gates
from tocsin.gates.listeners.proxy import Balancers
from tocsin.gates.listeners.tls import Certificate
from tocsin.intake.registry import Registry
from tocsin.intake.store import Following
from tocsin.intake.writer import Writer
from tocsin.lib.descriptors import all_descriptors
from tocsin.lib.listen import Listener
from tocsin.lib.secrets import digest, secret_in

log = logging.getLogger(__name__)
TLS = "+tls"  # gates.json: {"gt06": 5023, "gt06+tls": 6023}


class Behind:
    """What stands behind the gates of this process."""

    def __init__(self, following: Following, name: str = "gates") -> None:
        url = database.url()
        self.devices = Registry()
        self.writer = Writer(url, lambda: self.devices.network, following, name)
        self.listener = Listener(url, ("registry",), self._heard, self._tick)
        self.intake = GatesIntake(self.devices, self.writer)

    async def start(self) -> "asyncio.Task[None]":
        """Returns when it knows the devices; gates opened earlier would send good devices away."""
        self.writer.start()
        task = asyncio.create_task(self.listener.run())
        while not self.listener.connected:
            await asyncio.sleep(0.02)
        return task

    def _heard(self, _channel: str, payload: str) -> None:
        self.devices.heard(payload)
        self.listener.wanted.set()

    async def _tick(self, connection: psycopg.AsyncConnection[Any]) -> None:
        await self.devices.refresh(connection, fresh=not self.listener.connected)


def _kept(data: Path) -> dict[str, int]:
    """The ports of the last time: a device that was told a free port must find it there again."""
    path = data / "gates.json"
    kept: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
    return kept


def ports(data: Path) -> dict[str, int]:
    """Each gate's port: its own variable, else the protocol's default; with TOCSIN_GATES_PORTS=any free ones."""
    anyhow = os.environ.get("TOCSIN_GATES_PORTS") == "any"
    kept = _kept(data) if anyhow else {}
    chosen = {name: kept.get(name, 0 if anyhow else gate.port or 0) for name, gate in gates.listening().items()}
    for name in chosen:
        own = environment.port(name)
        if own is not None:
            chosen[name] = own
    return chosen


def tls_ports(data: Path) -> dict[str, int]:
    """The ports at which gates speak TLS, by their own variable; 0 is a free one, the same each time."""
    wanted = {name: environment.port(name, "tls_port") for name in gates.listening()}
    kept = _kept(data)
    return {name: number or kept.get(name + TLS, 0) for name, number in wanted.items() if number is not None}


def certificate(wanted: dict[str, int]) -> Certificate | None:
    """What the TLS ports show. Trouble with it closes them, and no other gate."""
    try:
        found = environment.certificate()
        if wanted and found is None:
            raise ValueError("TOCSIN_GATES_TLS_CERT and TOCSIN_GATES_TLS_KEY are not set")
    except ValueError as error:
        log.error("%s: the gates do not speak TLS (%s)", error, ", ".join(wanted) or "none was to")
        return None
    return found


class Openings(NamedTuple):
    """Where the gates of this process listen, as the settings say."""

    host: str
    ports: dict[str, int]
    tls_ports: dict[str, int]
    balancers: Balancers


async def _run(following: Following, openings: Openings, data: Path) -> None:
    host, plain, over_tls, balancers = openings
    behind = Behind(following)
    task = await behind.start()
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    opening = gates.serve(
        behind.intake, plain, host, tls_ports=over_tls, certificate=certificate(over_tls), balancers=balancers,
        brokers=mqtt.brokers(f"tocsin-{digest(secret_in(data / 'secret_key')).hex()[:16]}"),
    )  # fmt: skip
    async with await opening as opened:
        process = os.environ.get("TOCSIN_PROCESS", "gates")
        recorder = Recorder(database.url(), process, behind.intake, opened.receptions, opened.traces)
        recorder.start()
        part = data / "gates.json.part"
        part.write_text(json.dumps(opened.ports | {name + TLS: port for name, port in opened.tls_ports.items()}))
        os.replace(part, data / "gates.json")
        await stop.wait()
    await recorder.stop()
    await behind.writer.stop()
    task.cancel()


def serve(following: Following, host: str, data: Path) -> None:
    """Run the gates until SIGTERM or SIGINT. Raises LookupError for a setting that cannot be followed."""
    import uvloop

    try:
        openings = Openings(host, ports(data), tls_ports(data), environment.balancers())
    except ValueError as error:
        raise LookupError(f"gates: {error}") from None
    all_descriptors()
    uvloop.run(_run(following, openings, data))
