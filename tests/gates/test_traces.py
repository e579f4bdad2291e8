"""The last frames of a device: gathered without a wait, written down by the process, shown decoded."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from tests.world import Town, a_client, proven, until
from tocsin.gates.masked import is_secret, masked
from tocsin.gates.traces import DEVICES, LAST, ROOM, Traces

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


def test_of_each_device_the_last_frames_are_gathered() -> None:
    traces = Traces()
    for n in range(50):
        for device in (1, 2):
            traces.add(device, "gt06", NOW + timedelta(seconds=n), "10.0.0.1", b"%d" % n, b"ok")
    taken = traces.take()
    assert [(f.device, f.frame) for f in taken] == [(d, b"%d" % n) for d in (1, 2) for n in range(50 - LAST, 50)]
    assert traces.take() == []


def test_a_flood_is_bounded_in_devices_and_in_bytes() -> None:
    traces = Traces()
    for device in range(DEVICES * 2):
        traces.add(device, "gt06", NOW, "", b"x")
    assert len(traces.take()) == DEVICES
    for n in range(10_000):
        traces.add(n % 100, "gt06", NOW, "", bytes(8_192), bytes(10))
    assert sum(len(f.frame) for f in traces.take()) <= ROOM
    for _ in range(1_000):
        traces.add(1, "gt06", NOW, "", bytes(100_000))
    assert len(traces.take()) == LAST, "one device's old frames make room for its new ones"


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        (b"GET /?id=7&password=hunter2&lat=1", b"GET /?id=7&password=***&lat=1"),
        (b"GET /?token=abc", b"GET /?token=***"),
        (b"POST / api_key=a%20b&text=key", b"POST / api_key=***&text=key"),
        (b'POST / {"Password": "a\\"b", "text": "a token"}', b'POST / {"Password": "***", "text": "a token"}'),
        (b'{"auth":12345,"lat":-26.1}', b'{"auth":"***","lat":-26.1}'),
        (b'{"session_key_id":"AXx=","keyword":"help"}', b'{"session_key_id":"AXx=","keyword":"help"}'),
        (b"[3G*8800000015*0002*LK]", b"[3G*8800000015*0002*LK]"),
        (b"POST /kannel?from=%2B27821&text=the+password=no", b"POST /kannel?from=%2B27821&text=the+password=no"),
    ],
)  # fmt: skip
def test_secrets_are_not_kept(raw: bytes, kept: bytes) -> None:
    assert masked(raw) == kept
    assert masked(kept) == kept, "what is masked stays as it is"


def test_names_of_secrets() -> None:
    assert all(map(is_secret, ("twilio_token", "password", "API_KEY", "webhook_secret")))
    assert not any(map(is_secret, ("words", "tokens", "keyword", "mqtt", "topics")))


def administrator(world: Town) -> Any:
    from django.test import Client

    client = Client(headers={"host": "127.0.0.1", "accept-language": "zh"})
    proven(client, world.member("PTA", login=f"admin{datetime.now(UTC).timestamp()}", is_superuser=True))
    return client


def traced(world: Town, identifier: str) -> list[tuple[Any, ...]]:
    return world.rows(
        "SELECT t.frame, t.reply, t.address, t.protocol FROM gates_trace t JOIN devices_device d ON d.id = t.device_id "
        "WHERE d.identifier = %s ORDER BY t.id",
        identifier,
    )


def test_what_a_device_said_is_shown_decoded(world: Town, place: str) -> None:
    tracker = world.tracker("gt06", place)
    tracker.press()
    tracker.hang_up()
    rows = until(lambda: traced(world, tracker.identifier)[1:2] and traced(world, tracker.identifier), 12, "the frames")
    assert [(bytes(frame)[3], bytes(reply)[3]) for frame, reply, *_ in rows] == [(0x01, 0x01), (0x16, 0x16)]
    assert rows[0][2:] == ("127.0.0.1", "gt06")
    ((pk,),) = world.rows("SELECT id FROM devices_device WHERE identifier = %s", tracker.identifier)
    client = administrator(world)
    page = client.get(f"/admin/gates/trace/device/{pk}/").content.decode()
    assert bytes(rows[1][0]).hex(" ") in page
    assert bytes(rows[1][1]).hex(" ") in page
    assert "&quot;kind&quot;: &quot;alarm&quot;" in page
    assert tracker.identifier in page
    listed = client.get("/admin/gates/trace/").content.decode()
    assert f"/admin/gates/trace/device/{pk}/" in listed
    found = client.get("/admin/gates/trace/", {"q": tracker.identifier}).content.decode()
    assert f"/admin/gates/trace/device/{pk}/" in found
    assert client.get("/admin/gates/trace/device/999999999/").status_code == 404
    gates = client.get("/admin/gates/meter/").content.decode()
    assert "gt06" in gates and "web:" in gates


def test_a_request_is_kept_without_its_password_and_only_the_last_twenty(world: Town, place: str) -> None:
    tracker = world.tracker("osmand", place)
    with a_client() as client:
        for n in range(LAST + 5):
            url = f"{world.doors[0]}/gates/osmand/?id={tracker.identifier}&lat=1&lon=2&speed={n}&password=hunter2"
            headers = {"Authorization": "Bearer hunter3"}
            assert client.get(url, headers=headers).status_code == 200
            if n == 10:
                until(lambda: traced(world, tracker.identifier), 12, "the first frames")
    rows = until(lambda: _through(world, tracker.identifier, LAST + 4), 12, "the last frames")
    assert len(rows) == LAST
    everything = b"".join(bytes(frame) for frame, *_ in rows)
    assert b"password=***" in everything
    assert b"hunter" not in everything


def _through(world: Town, identifier: str, speed: int) -> list[tuple[Any, ...]]:
    rows = traced(world, identifier)
    return rows if rows and f"speed={speed}&".encode() in bytes(rows[-1][0]) else []


def test_a_strangers_knock_is_shown_decoded(world: Town) -> None:
    from tocsin.gates.models import Knock
    from tocsin.gates.protocols.gt06.encoder import Device

    hello = Device("350000000000009").hello().hex()
    Knock.objects.create(protocol="gt06", identifier="350000000000009", raw=hello, first_at=NOW, last_at=NOW)
    Knock.objects.create(protocol="gone", identifier="x", address="", raw="00ff", first_at=NOW, last_at=NOW)
    client = administrator(world)
    for knock in Knock.objects.filter(identifier__in=("350000000000009", "x")):
        page = client.get(f"/admin/gates/knock/{knock.pk}/change/").content.decode()
        assert knock.raw in page
        assert ("&quot;device&quot;: &quot;350000000000009&quot;" in page) is (knock.protocol == "gt06")
        assert f"/admin/devices/device/add/?protocol={knock.protocol}" in page


def test_only_an_administrator_looks(world: Town) -> None:
    from django.test import Client

    client = Client(headers={"host": "127.0.0.1"})
    for signed_in in (False, True):
        if signed_in:
            proven(client, world.member("PTA", login=f"officer{datetime.now(UTC).timestamp()}"))
        for page in ("meter/", "trace/", "trace/device/1/", "knock/"):
            assert client.get(f"/admin/gates/{page}").status_code in (302, 403, 404)


def test_what_is_old_is_forgotten(world: Town) -> None:
    from tocsin.gates import forgetting
    from tocsin.gates.models import Knock, Meter, Trace
    from tocsin.privacy import keeping

    now = datetime.now(UTC)
    for days in (6, 8):
        Trace.objects.create(device_id=-1, protocol="gt06", at=now - timedelta(days=days), address="", frame=b"x")
        at = now - timedelta(hours=days * 4 - 6)
        Meter.objects.create(host="h", process=f"old {days}", gate="g", counts={}, at=at)
    past = now - timedelta(days=91)
    Knock.objects.create(protocol="gt06", identifier="long ago", address="", first_at=past, last_at=past)
    forgetting.forget(now)
    keeping.sweep_all(now)
    assert Trace.objects.filter(device_id=-1).count() == 1
    assert [m.process for m in Meter.objects.filter(host="h")] == ["old 6"]
    assert not Knock.objects.filter(identifier="long ago").exists()


def test_who_makes_up_identifiers_fills_no_disk(world: Town) -> None:
    from tocsin.edge.intake import GatesIntake
    from tocsin.gates import forgetting
    from tocsin.gates.models import Knock
    from tocsin.intake.registry import Registry

    intake = GatesIntake(Registry(), None)  # type: ignore[arg-type]
    for n in range(1_000):
        intake.knock("gt06", f"made up {n}", "203.0.113.66", b"\0")
        intake.knock("gt06", "the same", "203.0.113.66", b"\0")
    intake.knock("gt06", "another\0 \udcff", "203.0.113.67", b"\0")
    assert 150 < len(intake.knocks) < 300
    assert intake.knocks["gt06", "the same"].count == 1_000

    async def write() -> None:
        async with await psycopg.AsyncConnection.connect(world.dsn, autocommit=True) as connection:
            await intake.write_knocks(connection)

    asyncio.run(write())
    assert Knock.objects.filter(address="203.0.113.66").count() > 150
    assert Knock.objects.get(address="203.0.113.67").identifier == "another ?"
    forgetting.MOST_KNOCKS, most = 1, forgetting.MOST_KNOCKS
    try:
        forgetting.forget(datetime.now(UTC))
    finally:
        forgetting.MOST_KNOCKS = most
    assert Knock.objects.count() <= 1
