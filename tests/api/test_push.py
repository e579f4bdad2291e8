"""Browsers that want pushes, by the door of the app and of the API: turned on, sent to, turned off, and by whom."""

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from tests.world import Town, proven
from tocsin.notifications.channel import Outgoing, Text
from tocsin.notifications.channels.webpush import keys
from tocsin.notifications.channels.webpush.channel import send
from tocsin.notifications.channels.webpush.push_service import Browser, PushService

ANDROID = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Mobile Safari/537.36"


@pytest.fixture
def ready(world: Town, monkeypatch: pytest.MonkeyPatch) -> Iterator[PushService]:
    """An installation that can send pushes, and a push service."""
    monkeypatch.setenv("TOCSIN_CHANNEL_WEBPUSH_SUBJECT", "mailto:duty@example.org")
    monkeypatch.setenv("TOCSIN_CHANNEL_WEBPUSH_PRIVATE", "1")
    with PushService(keys.public_key()) as service:
        yield service


class Door:
    """Requests as one person: a member's phone (`app/push`) or an officer's desk (`api/v1/push`)."""

    def __init__(self, path: str, token: str) -> None:
        self.path, self.client = path, Client(headers={"Authorization": f"Bearer {token}", "Accept-Language": "en"})

    def ask(self, method: str, body: Any = None, more: str = "", **headers: str) -> Any:
        content = json.dumps(body) if body is not None else ""
        return self.client.generic(
            method, f"/{self.path}{more}", content, "application/json", headers=headers, HTTP_HOST="localhost"
        )

    def on(self, subscription: Any, agent: str = ANDROID) -> Any:
        return self.ask("POST", subscription, **{"User-Agent": agent})


@pytest.fixture(params=["app", "desk"])
def door(request: pytest.FixtureRequest, world: Town) -> Door:
    return phone(world) if request.param == "app" else desk(world)


def phone(world: Town) -> Door:
    return Door("app/push", world.button().token)


def desk(world: Town) -> Door:
    return Door("api/v1/push", world.desk().key)


def contacts(address: str = "") -> list[Any]:
    from tocsin.notifications.models import Contact

    return list(Contact.objects.filter(channel="webpush", address__contains=address).order_by("pk"))


def test_a_browser_is_added_and_an_alarm_reaches_it(door: Door, ready: PushService) -> None:
    assert door.ask("GET").json() == {"key": keys.public_key(), "ready": True}
    subscription = ready.subscribe()
    made = door.on(subscription)
    assert made.status_code == 201, made.content
    assert made.json()["label"] == "Chrome · Android"
    assert door.on(subscription).status_code == 200, "the page says it again at each start"
    (contact,) = contacts(subscription["endpoint"])
    out = Outgoing("tok", contact.address, "en", Text("Alarm", "Place", "", ""), urgent=True)
    sent = asyncio.run(send(out, {"subject": "mailto:duty@example.org", "private": "1"}))
    assert sent.state == "sent", sent
    assert ready.pushed[0].said["title"] == "Alarm"
    assert door.ask("DELETE", {"endpoint": subscription["endpoint"]}).json() == {"removed": True}
    assert door.ask("DELETE", {"endpoint": subscription["endpoint"]}).json() == {"removed": False}
    assert contacts(subscription["endpoint"]) == []


def test_a_subscription_that_ended_is_not_taken_again(door: Door, ready: PushService) -> None:
    subscription = ready.subscribe()
    door.on(subscription)
    (contact,) = contacts(subscription["endpoint"])
    contact.dead_at, contact.dead_why = datetime.now(UTC), "410"
    contact.save()
    again = door.on(subscription)
    assert again.status_code == 409
    assert "turn it on anew" in again.json()["detail"]
    renewed = {**subscription, "keys": Browser().keys}
    assert door.on(renewed).status_code == 201
    assert len(contacts(subscription["endpoint"])) == 1, "the dead one is gone"


def test_a_browser_belongs_to_whoever_subscribed_on_it_last(world: Town, ready: PushService) -> None:
    one, other, subscription = phone(world), phone(world), ready.subscribe()
    assert one.on(subscription).status_code == 201
    assert other.on(subscription).status_code == 201
    (contact,) = contacts(subscription["endpoint"])
    assert one.ask("DELETE", {"endpoint": subscription["endpoint"]}).json() == {"removed": False}
    assert contacts(subscription["endpoint"]) == [contact]


def test_nobody_has_more_browsers_than_ten(world: Town, ready: PushService) -> None:
    mine, subscriptions = phone(world), [ready.subscribe() for _ in range(12)]
    person = {mine.on(each).json()["id"] for each in subscriptions}
    assert len(person) == 12
    assert [bool(contacts(each["endpoint"])) for each in subscriptions] == [False] * 2 + [True] * 10


@pytest.mark.parametrize(
    "wrong",
    [
        {}, {"endpoint": "https://p.example/1"}, {"endpoint": 5, "keys": Browser().keys},
        {"endpoint": "https://p.example/1", "keys": {"p256dh": "AAAA", "auth": "AAAA"}},
        {"endpoint": "javascript:alert(1)", "keys": Browser().keys},
    ],
)  # fmt: skip
def test_what_is_no_subscription(door: Door, ready: PushService, wrong: Any) -> None:
    answer = door.on(wrong)
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "endpoint",
    ["http://p.example/1", "https://127.0.0.1/1", "https://[::1]:8/1", "https://localhost/1", "https://db/1",
     "https://10.1.2.3:8443/1", "https://metadata.internal/1", "https://2130706433/1"],
)  # fmt: skip
def test_an_endpoint_in_our_own_network_is_refused(
    door: Door, ready: PushService, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TOCSIN_CHANNEL_WEBPUSH_PRIVATE")
    assert door.on({"endpoint": endpoint, "keys": Browser().keys}).status_code == 422
    assert door.on({"endpoint": f"https://push.example/{endpoint[-6:]}", "keys": Browser().keys}).status_code == 201


def test_where_nothing_is_set_up_it_says_so(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOCSIN_CHANNEL_WEBPUSH_SUBJECT", raising=False)
    assert door.ask("GET").json() == {"key": "", "ready": False}
    refused = door.on({"endpoint": "https://push.example/1", "keys": Browser().keys})
    assert refused.status_code == 409
    assert refused.json()["detail"] == "Push notifications are not set up on this system"


def test_a_test_goes_to_each_of_ones_own_browsers(door: Door, ready: PushService) -> None:
    from tocsin.notifications.models import Delivery

    refused = door.ask("POST", {}, "/test")
    assert (refused.status_code, refused.json()["detail"]) == (409, "Turn on notifications first")
    addresses = {ready.subscribe()["endpoint"] for _ in range(2)}
    for endpoint in addresses:
        door.on({"endpoint": endpoint, "keys": Browser().keys})
    assert door.ask("POST", {}, "/test").json() == {"sent": 2}
    owed = Delivery.objects.filter(message="trial", address__contains=ready.server.url)
    assert {json.loads(each.address)["endpoint"] for each in owed} == addresses
    assert not owed.filter(urgent=True).exists()


def carried(true: Callable[[], bool], within: float = 15) -> None:
    """A courier of this process at work until that is true."""
    from tocsin.lib.threads import in_thread
    from tocsin.notifications.courier import Courier

    async def story() -> None:
        working = asyncio.create_task(Courier("courier of a test").run())
        try:
            async with asyncio.timeout(within):
                while not await in_thread(true):
                    await asyncio.sleep(0.05)
                    assert not working.done(), working
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)

    asyncio.run(story())


def test_a_push_is_carried_reported_and_opened(world: Town, ready: PushService) -> None:
    from tocsin.notifications.models import Contact, Delivery

    mine, subscription = phone(world), ready.subscribe()
    contact = mine.on(subscription).json()["id"]
    mine.ask("POST", {}, "/test")
    carried(lambda: Delivery.objects.filter(contact=contact, state="sent").exists())
    (pushed,) = ready.pushed
    assert pushed.said["title"] == "Test"
    key = pushed.said["key"]
    assert urlsplit(pushed.said["link"]).path == f"/a/{key}"
    page = Client(headers={"Accept-Language": "en", "User-Agent": "Mozilla/5.0 (Linux; Android 14)"})
    assert page.generic("POST", f"/callbacks/webpush/{key}", HTTP_HOST="localhost").status_code == 204
    delivery = Delivery.objects.get(token=key)
    assert (delivery.state, delivery.ref) == ("delivered", "1")
    assert delivery.delivered_at is not None
    assert Contact.objects.get(pk=contact).confirmed_at is None
    assert page.get(f"/a/{key}", HTTP_HOST="localhost").status_code == 200
    assert Contact.objects.get(pk=contact).confirmed_at is not None


def test_a_browser_that_is_gone_is_not_told_again(world: Town, ready: PushService) -> None:
    from tocsin.notifications.models import Contact, Delivery

    mine, subscription = phone(world), ready.subscribe()
    contact = mine.on(subscription).json()["id"]
    ready.answer = lambda _: (410, {})
    mine.ask("POST", {}, "/test")
    carried(lambda: Delivery.objects.filter(contact=contact, state="failed").exists())
    dead = Contact.objects.get(pk=contact)
    assert dead.dead_at is not None
    assert "410" in dead.dead_why
    assert mine.ask("POST", {}, "/test").status_code == 409
    assert mine.on(subscription).status_code == 409, "the page makes a new one"


def test_a_stranger_hears_nothing(world: Town) -> None:
    for path in ("app/push", "api/v1/push"):
        stranger = Door(path, "nobody")
        for method, body, more in (
            ("GET", None, ""), ("POST", {}, ""), ("DELETE", {"endpoint": "x"}, ""), ("POST", {}, "/test"),
        ):  # fmt: skip
            assert stranger.ask(method, body, more).status_code == 401, (method, path)


def test_the_desk_needs_its_token_against_forged_requests(world: Town, ready: PushService) -> None:
    from tocsin.people.models import Person

    officer = Person.objects.get(pk=world.desk().person)
    page = Client(enforce_csrf_checks=True, headers={"Accept-Language": "en"})
    proven(page, officer)
    content = json.dumps(ready.subscribe())
    forged = page.generic("POST", "/api/v1/push", content, "application/json", HTTP_HOST="localhost")
    assert forged.status_code == 403
    assert contacts(json.loads(content)["endpoint"]) == []


def test_the_desks_worker_is_served_without_a_sign_in(world: Town) -> None:
    answer = Client().get("/desk/worker.js", HTTP_HOST="localhost")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/javascript")
    assert b"pushsubscriptionchange" in answer.content
