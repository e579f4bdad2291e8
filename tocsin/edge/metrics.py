"""`GET /metrics`: what Prometheus watches (text format 0.0.4; names and units by its conventions).

The gates of all processes from the table they write, this web process's own numbers from memory, and what waits for
people from the database. Without the database the answer says so and tells the rest.
"""

import asyncio
import hmac
import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from ipaddress import ip_address
from typing import NamedTuple

import msgspec
import psycopg
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from tocsin.edge.asgi import Scope, Send, reply, trouble
from tocsin.edge.health import Health
from tocsin.edge.hub import Hub
from tocsin.edge.recorder import HOST
from tocsin.edge.signals import Door
from tocsin.gates.listeners import Counters, Reception
from tocsin.lib.durations import STEPS, Durations

log = logging.getLogger(__name__)
PATIENCE = 2.0  # seconds for the database
BROKER = "mqtt "  # a broker is counted among the gates of its process: "mqtt host:port" (`gates/run.py`)
FRESH = "interval '1 minute'"  # a process that wrote nothing for so long has no connections open any more

COUNTERS = {
    "connections": ("tocsin_gate_connections", "Connections taken"),
    "refused": ("tocsin_gate_refused", "Connections and datagrams beyond the limits"),
    "frames": ("tocsin_gate_frames", "Frames read"),
    "errors": ("tocsin_gate_errors", "Frames that could not be read, connections that held none"),
    "unknown": ("tocsin_gate_unknown", "Frames of devices that nobody registered"),
    "unavailable": ("tocsin_gate_unavailable", "Frames left unanswered because they could not be stored"),
    "stored": ("tocsin_gate_signals_stored", "Signals stored and answered for, resent ones again"),
    "alarms": ("tocsin_gate_alarms_stored", "Alarms stored and answered for, resent ones again"),
}
THROUGH_A_PROXY = frozenset({b"x-forwarded-for", b"x-forwarded-proto", b"x-real-ip", b"forwarded", b"via"})

METERS = f"SELECT host, process, gate, counts::text, at, at > now() - {FRESH} FROM gates_meter"
WAITING = """
SELECT (SELECT count(*) FROM incidents_incident WHERE merged_into_id IS NULL AND state <> 'closed'),
       (SELECT coalesce(extract(epoch FROM now() - min(opened_at)), 0)::float8 FROM incidents_incident
        WHERE merged_into_id IS NULL AND state = 'new'),
       (SELECT count(*) FROM escalation_step WHERE done_at IS NULL AND due < now()),
       (SELECT coalesce(extract(epoch FROM now() - min(due)), 0)::float8 FROM escalation_step
        WHERE done_at IS NULL AND due < now()),
       (SELECT count(*) FROM devices_vitals WHERE silent_since IS NOT NULL)
"""


class Gate(NamedTuple):
    """A gate of a process, as it counted."""

    host: str
    process: str
    name: str
    counters: Counters


class Seen(NamedTuple):
    """What the database says. `written`: when each process last wrote its counters."""

    gates: list[Gate]
    written: dict[tuple[str, str], datetime]
    waiting: tuple[float, ...]


class Metrics:
    """`process` names this web process; `receptions` are its own gates."""

    def __init__(
        self,
        database: str,
        process: str,
        key: str | None,
        receptions: Mapping[str, Reception],
        door: Door,
        health: Health,
        hub: Hub,
    ) -> None:
        self.database, self.process, self.key, self.receptions = database, process, key, receptions
        self.door, self.health, self.hub = door, health, hub
        self.answers: Counter[int] = Counter()  # of PUT /signals, by status
        self.one = asyncio.Lock()

    async def get(self, scope: Scope, send: Send) -> None:
        if not may_look(scope, self.key):
            return await trouble(send, 404, "en")
        async with self.one:  # a scraper that hurries waits for itself
            seen = await self._look()
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        registry.register(_Told(self._families(seen)))
        content = generate_latest(registry)
        await reply(send, 200, content, (b"content-type", CONTENT_TYPE_LATEST.encode()))

    async def _look(self) -> Seen | None:
        """None: the database does not answer."""
        try:
            async with asyncio.timeout(PATIENCE):
                connection = await psycopg.AsyncConnection.connect(
                    self.database, autocommit=True, connect_timeout=2, options="-c statement_timeout=2s"
                )
                async with connection:
                    rows = await (await connection.execute(METERS)).fetchall()
                    waiting = await (await connection.execute(WAITING)).fetchone()
        except (psycopg.Error, OSError, TimeoutError) as error:
            log.info("the metrics go without the database: %s", error)
            return None
        read = msgspec.json.Decoder(Counters).decode
        gates = [Gate(host, process, gate, read(counts)) for host, process, gate, counts, _, fresh in rows if fresh]
        return Seen(gates, {(host, process): at for host, process, _, _, at, _ in rows}, tuple(waiting or ()))

    def _families(self, seen: Seen | None) -> Iterator[Metric]:
        mine = [Gate(HOST, self.process, name, r.counters) for name, r in sorted(self.receptions.items())]
        others = [g for g in (seen.gates if seen else ()) if (g.host, g.process) != (HOST, self.process)]
        yield from _of_gates([g for g in mine + others if not g.name.startswith(BROKER)])
        yield from _of_brokers([g for g in others if g.name.startswith(BROKER)])
        yield from self._own()
        yield _gauge("tocsin_database_up", "Whether the database answered just now", float(seen is not None))
        if seen:
            yield from _of_others(seen)

    def _own(self) -> Iterator[Metric]:
        """Of this web process."""
        writer = self.health.writer
        answers = CounterMetricFamily("tocsin_door_answers", "Answers to PUT /signals", labels=["status"])
        for status, count in sorted(self.answers.items()):
            answers.add_metric([str(status)], count)
        yield answers
        stored = HistogramMetricFamily("tocsin_door_alarm_stored_seconds", "From an alarm at the door to the disk")
        stored.add_metric([], *_buckets(self.door.took))
        yield stored
        yield _gauge("tocsin_healthy", "Whether an alarm could be stored now (GET /health)", float(self.health.well))
        yield _gauge("tocsin_writer_queue_signals", "Signals that wait to be stored", writer.queued)
        yield _gauge("tocsin_writer_age_seconds", "Since the writer's last commit; idle, it commits each second",
                     writer.age if writer.committed_at else float("inf"))  # fmt: skip
        clock = self.health.clock_age
        yield _gauge(
            "tocsin_clock_age_seconds", "Since the clock's last pulse", float("inf") if clock is None else clock
        )
        readers = sum(ring.watchers for ring in self.hub.rings.values())
        yield _gauge("tocsin_live_readers", "Open live feeds", readers)


def may_look(scope: Scope, key: str | None) -> bool:
    """With a key: who shows it. Without one: who sits on this machine, and no proxy in between."""
    headers = dict(scope["headers"])
    if key:
        return hmac.compare_digest(headers.get(b"authorization", b""), f"Bearer {key}".encode())
    try:
        local = ip_address((scope.get("client") or ("",))[0]).is_loopback
    except ValueError:
        return False
    return local and not THROUGH_A_PROXY & headers.keys()


class _Told(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self.families = list(families)

    def collect(self) -> Iterable[Metric]:
        return self.families


def _of_gates(gates: list[Gate]) -> Iterator[Metric]:
    labels = ["host", "process", "gate"]
    for field, (name, text) in COUNTERS.items():
        family = CounterMetricFamily(name, text, labels=labels)
        for gate in gates:
            family.add_metric([gate.host, gate.process, gate.name], getattr(gate.counters, field))
        yield family
    open_ = GaugeMetricFamily("tocsin_gate_connections_open", "Connections now", labels=labels)
    took = HistogramMetricFamily("tocsin_gate_stored_seconds", "From a frame to the disk", labels=labels)
    for gate in gates:
        open_.add_metric([gate.host, gate.process, gate.name], gate.counters.open)
        took.add_metric([gate.host, gate.process, gate.name], *_buckets(gate.counters.took))
    yield from (open_, took)


def _of_brokers(brokers: list[Gate]) -> Iterator[Metric]:
    labels = ["host", "process", "broker"]
    families = (
        (GaugeMetricFamily("tocsin_mqtt_connected", "Whether a broker is connected", labels=labels), "open"),
        (CounterMetricFamily("tocsin_mqtt_messages", "Messages that a broker handed over", labels=labels), "frames"),
        (CounterMetricFamily("tocsin_mqtt_errors", "Connections that failed or broke", labels=labels), "errors"),
    )
    for family, field in families:
        for gate in brokers:
            name = gate.name.removeprefix(BROKER)
            family.add_metric([gate.host, gate.process, name], getattr(gate.counters, field))
        yield family


def _of_others(seen: Seen) -> Iterator[Metric]:
    written = GaugeMetricFamily(
        "tocsin_process_written_timestamp_seconds", "When a process wrote its counters", labels=["host", "process"]
    )
    for who, at in sorted(seen.written.items()):
        written.add_metric(who, at.timestamp())
    yield written
    open_, unclaimed, overdue, late, silent = seen.waiting
    yield _gauge("tocsin_incidents_open", "Incidents that are not closed", open_)
    yield _gauge(
        "tocsin_incident_oldest_unclaimed_seconds", "Age of the oldest incident that nobody claimed", unclaimed
    )
    yield _gauge("tocsin_escalations_overdue", "Steps whose time has come and that no clock has done", overdue)
    yield _gauge("tocsin_escalation_oldest_overdue_seconds", "For how long the first of them", late)
    yield _gauge("tocsin_devices_silent", "Devices that were to be heard and are not", silent)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


def _buckets(took: Durations) -> tuple[list[tuple[str, float]], float]:
    """Prometheus counts each step together with all before it."""
    total, buckets = 0, list[tuple[str, float]]()
    for step, count in zip((*map(str, STEPS), "+Inf"), took.counts, strict=True):
        total += count
        buckets.append((step, total))
    return buckets, took.seconds
