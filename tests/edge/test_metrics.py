"""`GET /metrics`: what Prometheus sees, and who may look."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.world import Town, a_client, until


def told(world: Town, door: int = 0, **headers: str) -> Callable[..., float]:
    """`value(name, **labels)` of one scrape: the sum of the samples that have these labels."""
    with a_client() as client:
        response = client.get(f"{world.doors[door]}/metrics", headers=headers)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain; version=")
    samples = [s for family in text_string_to_metric_families(response.text) for s in family.samples]

    def value(name: str, **labels: str) -> float:
        found = [s.value for s in samples if s.name == name and labels.items() <= s.labels.items()]
        assert found, f"there is no {name} {labels}"
        return sum(found)

    return value


def test_the_gates_of_the_other_process_are_told(world: Town, place: str) -> None:
    here = {"process": "gates", "gate": "gt06"}
    before = until(lambda: _with(told(world), "tocsin_gate_connections_open", here), 12, "the counters of the gates")
    alarms = before("tocsin_gate_alarms_stored_total", **here)
    tracker = world.tracker("gt06", place)
    tracker.press()

    def grown(door: int = 0) -> Any:
        now = told(world, door)
        return now if now("tocsin_gate_alarms_stored_total", **here) > alarms else None

    until(grown, 12, "the alarm in the counters")
    now = grown(door=1)
    assert now("tocsin_gate_connections_open", **here) >= 1
    assert now("tocsin_gate_frames_total", **here) >= 2
    assert now("tocsin_gate_stored_seconds_count", **here) >= 1
    assert now("tocsin_gate_stored_seconds_bucket", le="+Inf", **here) == now(
        "tocsin_gate_stored_seconds_count", **here
    )
    assert time.time() - now("tocsin_process_written_timestamp_seconds", process="gates") < 15
    assert now("tocsin_incidents_open") >= before("tocsin_incidents_open") + 1
    tracker.hang_up()


def _with(value: Any, name: str, labels: dict[str, str]) -> Any:
    try:
        value(name, **labels)
    except AssertionError:
        return None
    return value


def test_the_web_process_tells_its_own(world: Town, place: str) -> None:
    before, button = told(world), world.button(place)
    press = button.press()
    button.press(id_=press.id)
    button.send(kind="dance")
    now = told(world)
    for status, more in (("200", 1), ("201", 1), ("422", 1)):
        try:
            was = before("tocsin_door_answers_total", status=status)
        except AssertionError:
            was = 0
        assert now("tocsin_door_answers_total", status=status) == was + more
    grown = now("tocsin_door_alarm_stored_seconds_count") - before("tocsin_door_alarm_stored_seconds_count")
    assert grown == 2
    assert now("tocsin_healthy") == now("tocsin_database_up") == 1
    assert now("tocsin_writer_age_seconds") < 3
    assert now("tocsin_writer_queue_signals") == 0
    assert now("tocsin_incident_oldest_unclaimed_seconds") > 0
    assert now("process_resident_memory_bytes") > 1e7
    with world.desk(place).watching():
        assert told(world)("tocsin_live_readers") == now("tocsin_live_readers") + 1
    with a_client() as client:
        client.get(f"{world.doors[0]}/gates/osmand/?id=nobody-at-the-web&lat=1&lon=2")
    port = world.doors[0].rpartition(":")[2]
    assert told(world)("tocsin_gate_unknown_total", process=f"web:{port}", gate="osmand") >= 1


def test_overdue_steps_are_told(world: Town, place: str) -> None:
    press = world.button(place).press()
    world.rows("UPDATE escalation_step SET due = now() - interval '1 minute' WHERE incident_id = %s", press.incident)
    now = told(world)
    assert now("tocsin_escalations_overdue") >= 1
    assert now("tocsin_escalation_oldest_overdue_seconds") >= 60


def test_strangers_and_callers_through_a_proxy_find_nothing(world: Town) -> None:
    for headers in ({"X-Forwarded-For": "127.0.0.1"}, {"Forwarded": "for=127.0.0.1"}, {"Via": "1.1 proxy"}):
        with a_client() as client:
            assert client.get(f"{world.doors[0]}/metrics", headers=headers).status_code == 404


@pytest.mark.parametrize(
    ("key", "client", "headers", "may"),
    [
        (None, "127.0.0.1", {}, True),
        (None, "127.9.9.9", {}, True),
        (None, "::1", {}, True),
        (None, "10.0.0.1", {}, False),
        (None, "", {}, False),
        (None, "127.0.0.1", {"x-real-ip": "127.0.0.1"}, False),
        (None, "127.0.0.1", {"authorization": "Bearer "}, True),
        ("k", "127.0.0.1", {}, False),
        ("k", "203.0.113.7", {"authorization": "Bearer k", "x-forwarded-for": "203.0.113.7"}, True),
        ("k", "203.0.113.7", {"authorization": "Bearer kk"}, False),
        ("k", "203.0.113.7", {"authorization": "Bearer \u00e9"}, False),
    ],
)
def test_who_may_look(key: str | None, client: str, headers: dict[str, str], may: bool) -> None:
    from tocsin.edge.metrics import may_look

    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    assert may_look({"client": (client, 1), "headers": raw}, key) is may


def test_without_the_database_it_says_so_and_tells_the_rest(world: Town) -> None:
    world.database.stop()
    try:
        now = told(world)
    finally:
        world.database_back()
    assert now("tocsin_database_up") == 0
    assert now("tocsin_writer_queue_signals") == 0
    with pytest.raises(AssertionError):
        now("tocsin_incidents_open")


def test_brokers_are_told_apart_from_gates(world: Town) -> None:
    counts = '{"open": 1, "frames": 7, "errors": 2, "since": "2026-11-23T08:00:00Z", "error": ""}'
    world.rows(
        "INSERT INTO gates_meter (host, process, gate, counts, at) VALUES ('far', 'gates', 'mqtt b:1883', %s, now())",
        counts,
    )
    now, broker = told(world), {"host": "far", "broker": "b:1883"}
    assert now("tocsin_mqtt_connected", **broker) == 1
    assert now("tocsin_mqtt_messages_total", **broker) == 7
    with pytest.raises(AssertionError):
        now("tocsin_gate_frames_total", host="far")
    world.rows("UPDATE gates_meter SET at = now() - interval '2 minutes' WHERE host = 'far'")
    gone = told(world)
    with pytest.raises(AssertionError):
        gone("tocsin_mqtt_connected", **broker)
    assert gone("tocsin_process_written_timestamp_seconds", host="far") > 0
    world.rows("DELETE FROM gates_meter WHERE host = 'far'")
