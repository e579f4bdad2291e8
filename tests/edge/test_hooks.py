"""`/gates/<name>/…`: devices and providers at the web's own address."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from twilio.request_validator import RequestValidator

from tests.gates.conftest import FakeIntake
from tests.world import Town, a_client, until
from tocsin.gates.protocol import Moment, Request
from tocsin.gates.registry import encoder

EUI = "70B3D57ED005A1F4"


@pytest.fixture
def key(town: Town) -> Any:
    from tocsin.gates.keys import key_of

    return key_of


def send(world: Town, path: str, request: Request) -> httpx.Response:
    url = world.doors[0] + path + request.path.removeprefix("/") + (f"?{request.query}" if request.query else "")
    with a_client() as client:
        return client.request(request.method, url, content=request.body, headers=request.headers)


def test_a_press_of_a_button_behind_a_server_opens_an_incident(world: Town, place: str, key: Any) -> None:
    world.device("ttn", EUI, place)
    lat, lon = world.homes[place]
    device = encoder("ttn")(EUI)
    sos = device.sos(Moment(datetime.now(UTC), lat, lon))
    assert isinstance(sos, Request)
    for _ in range(2):
        assert send(world, f"/gates/ttn/{key('ttn')}/", sos).status_code == 200
    presses = world.rows(
        "SELECT i.presses, c.code FROM incidents_incident i JOIN devices_device d ON d.id = i.device_id "
        "JOIN centers_center c ON c.id = i.center_id WHERE d.identifier = %s",
        EUI,
    )
    assert presses == [(1, place)]


def test_without_the_key_there_is_nothing(world: Town, key: Any) -> None:
    body = Request(method="POST", body=b"{}")
    good = key("ttn")
    guesses = ("", good[:-1], good.upper(), key("sms"), "é")
    wrong = [f"/gates/ttn/{guess}/" for guess in guesses] + ["/gates/ttn", "/gates/ttn//"]
    wrong += [f"/gates/{good}/", "/gates/", "/gates/gt06/", "/gates/nothing/"]
    before = world.rows("SELECT count(*) FROM gates_knock WHERE protocol = 'ttn'")
    said = {send(world, path, body).content for path in wrong}
    assert {send(world, path, body).status_code for path in wrong} == {404}
    assert len(said) == 1, "who guesses learns nothing"
    assert world.rows("SELECT count(*) FROM gates_knock WHERE protocol = 'ttn'") == before
    assert send(world, f"/gates/ttn/{good}/", body).status_code == 400, "with the key it is decoded"


def test_keys_differ_and_are_the_same_at_every_door(world: Town, key: Any) -> None:
    from tocsin.gates.keys import url_of

    assert len({key(name) for name in ("ttn", "sms", "chirpstack")}) == 3
    assert key("ttn").isalnum() and len(key("ttn")) == 32
    assert url_of("ttn").endswith(f"/gates/ttn/{key('ttn')}/")
    assert url_of("osmand").endswith("/gates/osmand/")
    with pytest.raises(LookupError):
        url_of("gt06")
    for door in world.doors:
        with a_client() as client:
            assert client.post(f"{door}/gates/ttn/{key('ttn')}/", content=b"{}").status_code == 400


def test_who_guesses_is_slowed_down_and_who_has_the_key_is_not(world: Town, key: Any) -> None:
    with a_client() as guesser:
        url = f"{world.doors[0]}/gates/ttn/"
        statuses = [guesser.post(f"{url}guess{n}/", content=b"{}").status_code for n in range(80)]
        assert statuses[:50] == [404] * 50
        assert 429 in statuses
        assert guesser.post(f"{url}{key('ttn')}/", content=b"{}").status_code == 400


def test_a_phone_reports_through_the_webs_address(world: Town, place: str) -> None:
    tracker = world.tracker("osmand", place)
    lat, lon = world.homes[place]
    with a_client() as client:
        url = f"{world.doors[0]}/gates/osmand/?id={tracker.identifier}&lat={lat}&lon={lon}&alarm=sos"
        assert client.get(url).status_code == 200
        assert client.get(url.replace("/osmand/?", "/osmand?")).status_code == 200
        assert client.post(url.replace(tracker.identifier, "nobody-knows-it")).status_code == 404
        assert client.get(f"{world.doors[0]}/gates/osmand/?lat=1&lon=2").status_code == 400
    query = "SELECT address, raw FROM gates_knock WHERE protocol = 'osmand' AND identifier = 'nobody-knows-it'"
    ((address, raw),) = until(lambda: world.rows(query), 5, "the knock of the web process")
    assert address.startswith("127.")
    assert bytes.fromhex(raw).startswith(b"POST /?id=nobody-knows-it&")


def test_no_more_is_read_than_can_be_held(world: Town, key: Any) -> None:
    big = Request(method="POST", body=b" " * 70_000)
    assert send(world, f"/gates/ttn/{key('ttn')}/", big).status_code == 413


def test_a_text_of_twilio_is_known_by_its_signature(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over the edge itself, because the signature needs settings of its own: the address as Twilio calls it."""
    from tocsin.edge.hooks import Hooks

    monkeypatch.setenv("TOCSIN_GATE_SMS_TWILIO_TOKEN", "12345")
    intake = FakeIntake()
    intake.know("sms", "+27821234567")
    hooks = Hooks(intake, lambda name: f"key-of-{name}", "https://alarm.example.org/", lambda: True)
    path, query = "/gates/sms/key-of-sms/twilio", "a=%20b"
    fields = {"From": "+27821234567", "To": "+27600000000", "Body": "SOS 求助", "MessageSid": "SM1"}
    body = httpx.Request("POST", "http://x", data=fields).read()
    signature = RequestValidator("12345").compute_signature(f"https://alarm.example.org{path}?{query}", fields)

    def call(signed: str) -> int:
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        async def tell(message: Any) -> None:
            sent.append(message)

        headers = [
            (b"host", b"10.0.0.7:8000"),
            (b"content-type", b"application/x-www-form-urlencoded"),
            (b"x-twilio-signature", signed.encode()),
        ]
        scope = {
            "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "client": ("203.0.113.7", 1),
            "query_string": query.encode(), "headers": headers,
        }  # fmt: skip
        asyncio.run(hooks.take(scope, receive, tell))
        status: int = sent[0]["status"]
        return status

    assert call("forged") == 403
    assert not intake.stored
    assert call(signature) == 200
    assert [signal.kind for signal in intake.alarms] == ["alarm"]


def test_before_the_devices_are_known_nobody_is_sent_away() -> None:
    from tocsin.edge.hooks import Hooks

    hooks = Hooks(FakeIntake(), lambda name: "k", "http://127.0.0.1:8000", lambda: 0.0)
    sent: list[Any] = []

    async def tell(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/gates/osmand/",
        "query_string": b"id=7&alarm=sos",
        "headers": [],
    }
    asyncio.run(hooks.take(scope, receive, tell))
    assert sent[0]["status"] == 503
    assert (b"retry-after", b"5") in sent[0]["headers"]


def test_a_press_waits_for_the_disk_and_503_is_said_without_it(world: Town, place: str) -> None:
    tracker = world.tracker("osmand", place)
    with a_client() as client:
        url = f"{world.doors[0]}/gates/osmand/?id={tracker.identifier}&lat=1&lon=2&alarm=sos"
        with world.held_back(), pytest.raises(httpx.ReadTimeout):
            client.get(url, timeout=httpx.Timeout(5, read=0.5))
        world.database.stop()
        try:
            assert client.get(url, timeout=15).status_code == 503
        finally:
            world.database_back()
        assert client.get(url).status_code == 200
    assert json.dumps(world.health()[1]["database"]) == '"ok"'
