"""What the holder of a phone can rely on, against a push service that decrypts and checks our signature."""

import asyncio
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tocsin.notifications.channel import Callback, Outgoing, Receipt, Result, Text
from tocsin.notifications.channels.webpush import keys, subscription
from tocsin.notifications.channels.webpush.channel import CHANNEL, callback, check, send
from tocsin.notifications.channels.webpush.message import MOST, payload
from tocsin.notifications.channels.webpush.push_service import Browser, PushService, plain

VECTOR = Path(__file__).parents[5] / "shared" / "vectors" / "webpush" / "rfc8291.json"
SETTINGS = {"subject": "mailto:duty@example.org", "private": "1"}
TEXT = Text("报警：抢劫 · 李伟", "中央大街 12 号。#7。尚无人接警，点开接警。", "", "", "https://tocsin.example/a/tok")


@pytest.fixture(autouse=True)
def _a_key_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_VAPID_KEY", keys.unpadded(os.urandom(31) + b"1"))


@pytest.fixture
def service(_a_key_of_its_own: None) -> Iterator[PushService]:
    with PushService(keys.public_key()) as service:
        yield service


def outgoing(address: Any, text: Text = TEXT, **more: Any) -> Outgoing:
    written = address if isinstance(address, str) else json.dumps(address)
    said = {"urgent": True, "repeats": True, "topic": "alarm-7", "life": 1800, **more}
    return Outgoing(key="tok", address=written, language="zh-hans", text=text, **said)


def told(out: Outgoing, settings: dict[str, str] = SETTINGS) -> Result:
    return asyncio.run(send(out, settings))


def test_an_alarm_arrives_whole_signed_and_in_a_hurry(service: PushService) -> None:
    assert told(outgoing(service.subscribe())) == Result("sent", ref="1")
    (pushed,) = service.pushed
    assert pushed.said == {
        "title": TEXT.title,
        "body": TEXT.body,
        "link": TEXT.link,
        "key": "tok",
        "urgent": True,
        "repeats": True,
        "drill": False,
        "topic": "alarm-7",
        "language": "zh-hans",
    }
    assert (pushed.headers["ttl"], pushed.headers["urgency"]) == ("1800", "high")
    assert pushed.claims["sub"] == "mailto:duty@example.org"
    assert service.refused == []


def test_what_waits_for_a_sleeping_phone_is_replaced_and_its_name_tells_nothing(service: PushService) -> None:
    to = service.subscribe()
    for topic in ("alarm-7", "alarm-7", "alarm-8", ""):
        assert told(outgoing(to, topic=topic, urgent=False)).state == "sent"
    names = [each.headers.get("topic", "") for each in service.pushed]
    assert names[0] == names[1] != names[2]
    assert names[3] == ""
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{32}", name) for name in names[:3])
    assert {each.headers["urgency"] for each in service.pushed} == {"normal"}


def test_the_same_token_serves_many_messages_and_each_has_its_own_key(service: PushService) -> None:
    to = service.subscribe()

    async def story() -> None:
        for _ in range(5):  # four at once: the little server of these tests has a short queue
            results = await asyncio.gather(*(send(outgoing(to), SETTINGS) for _ in range(4)))
            assert {(r.state, r.error) for r in results} == {("sent", "")}

    asyncio.run(story())
    assert len({each.headers["authorization"] for each in service.pushed}) == 1
    assert len({asked.body[:16] for asked in service.server.asked}) == 20, "a salt is never used twice"
    assert len({asked.body[21:86] for asked in service.server.asked}) == 20, "nor is a key"


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_ended_is_dead(service: PushService, status: int) -> None:
    service.answer = lambda _: (status, {})
    result = told(outgoing(service.subscribe()))
    assert (result.state, result.gone) == ("failed", True)
    assert str(status) in result.error


def test_a_push_service_that_is_busy_says_when(service: PushService) -> None:
    to = outgoing(service.subscribe())
    for status, headers, wait in (
        (429, {"Retry-After": "120"}, 120),
        (503, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
        (500, {}, None),
        (406, {}, None),
    ):
        service.answer = lambda _, said=(status, headers): said  # type: ignore[misc]
        result = told(to)
        assert (result.state, result.permanent, result.gone, result.wait) == ("failed", False, False, wait)


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refusal_is_final_for_the_message_and_says_nothing_of_the_phone(service: PushService, status: int) -> None:
    """401 and 403 are about our own key or clock: a fault here must not cost every phone its subscription."""
    service.answer = lambda _: (status, {})
    result = told(outgoing(service.subscribe()))
    assert (result.permanent, result.gone) == (True, False)


def test_where_it_is_too_long_a_shorter_one_goes(service: PushService) -> None:
    service.answer = lambda size: (413, {}) if size > 2000 else (201, {})
    long = Text("报警：抢劫", "很长的说明" * 2000, "", "", TEXT.link)
    assert told(outgoing(service.subscribe(), long)).state == "sent"
    (pushed,) = service.pushed
    assert pushed.said["title"] == long.title
    assert pushed.said["link"] == TEXT.link
    assert pushed.said["body"].startswith("很长的说明很长")
    assert pushed.said["body"].endswith("…")
    service.answer = lambda _: (413, {})
    assert told(outgoing(service.subscribe(), long)).permanent


def test_a_long_text_fills_what_every_push_service_takes(service: PushService) -> None:
    assert told(outgoing(service.subscribe(), replace(TEXT, body="说明" * 4000))).state == "sent"
    assert 4080 < service.pushed[0].size <= 4096


@given(st.text(max_size=6000), st.text(max_size=6000), st.integers(700, MOST))
def test_whatever_the_text_is_it_fits_and_keeps_the_link(title: str, body: str, most: int) -> None:
    out = Outgoing("k", "", "en", Text(title, body, "", "", TEXT.link), topic="alarm-1")
    written = payload(out, most)
    assert len(written) <= most
    said = json.loads(written)
    assert (said["link"], said["key"]) == (TEXT.link, "k")
    assert title.startswith(said["title"].removesuffix("…"))
    assert body.startswith(said["body"].removesuffix("…"))


def test_a_push_service_inside_our_network_is_not_asked(service: PushService) -> None:
    to = service.subscribe()
    for endpoint in (to["endpoint"], to["endpoint"].replace("http:", "https:"), "https://localhost/x"):
        result = told(outgoing({**to, "endpoint": endpoint}), {"subject": "mailto:duty@example.org"})
        assert (result.state, result.permanent) == ("failed", True), endpoint
    assert service.server.asked == []


def test_a_push_service_that_is_away(service: PushService) -> None:
    to = outgoing(service.subscribe())
    service.server.close()
    assert told(to) == Result("failed", error=told(to).error)


@pytest.mark.parametrize(
    "wrong",
    [
        "", "nonsense", "[]", "{}", {"endpoint": "https://p.example/1"},
        {"endpoint": "https://p.example/1", "keys": {"p256dh": "AAAA", "auth": "AAAA"}},
        {"endpoint": "javascript:alert(1)", "keys": Browser().keys},
        {"endpoint": "https://u:p@p.example/", "keys": Browser().keys},
        {"endpoint": "https://p.example/" + "x" * 1000, "keys": Browser().keys},
        {"endpoint": "https://p.example/1", "keys": {**Browser().keys, "auth": "AAAA"}},
        {"endpoint": "https://p.example/1", "keys": {**Browser().keys, "auth": "!!!"}},
        {"endpoint": "https://p.example/1", "keys": {**Browser().keys, "p256dh": "B" + "A" * 86}},
    ],
)  # fmt: skip
def test_an_address_that_is_no_subscription_is_dead(wrong: Any) -> None:
    assert told(outgoing(wrong)).gone


def test_a_subscription_is_written_in_one_way() -> None:
    browser = Browser()
    one = {"endpoint": "https://p.example/1", "expirationTime": None, "keys": browser.keys, "more": 1}
    other = {"keys": dict(reversed(browser.keys.items())), "endpoint": "https://p.example/1"}
    written = subscription.read(one).written()
    assert written == subscription.read(other).written() == subscription.read(written).written()
    assert written.startswith(subscription.read(one).start())
    longer = subscription.read({**one, "endpoint": "https://p.example/12"})
    assert not longer.written().startswith(subscription.read(one).start())


def test_the_worker_says_that_it_was_shown() -> None:
    asked = Callback("POST", "https://x/callbacks/webpush/tok", {}, {}, b"", "en")
    assert callback(asked, SETTINGS).receipt == Receipt("delivered")
    assert callback(replace(asked, method="GET"), SETTINGS).receipt is None


@pytest.mark.parametrize(
    ("subject", "good"),
    [
        ("mailto:duty@example.org", True), ("https://tocsin.example", True), ("", False), ("duty@example.org", False),
        ("mailto:", False), ("mailto:duty", False), ("mailto:root@localhost", False), ("https://localhost", False),
        ("https://127.0.0.1/", False), ("https://desk.local", False), ("http://tocsin.example", False),
    ],
)  # fmt: skip
def test_a_subject_that_apple_would_refuse_is_said_beforehand(subject: str, good: bool) -> None:
    assert (check({"subject": subject}) == []) is good
    assert "subject" in CHANNEL.needs


def test_our_key_is_made_once_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOCSIN_VAPID_KEY")
    monkeypatch.setenv("TOCSIN_DATA", str(tmp_path))
    keys._kept.cache_clear()
    try:
        made = keys.public_key()
        assert plain(made)[0] == 4
        assert len(plain(made)) == 65
        assert (tmp_path / "vapid_key").stat().st_mode & 0o777 == 0o600
        keys._kept.cache_clear()
        assert keys.public_key() == made
    finally:
        keys._kept.cache_clear()


def test_a_key_that_other_tools_made(monkeypatch: pytest.MonkeyPatch) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    number = private.private_numbers().private_value
    monkeypatch.setenv("TOCSIN_VAPID_KEY", keys.unpadded(number.to_bytes(32, "big")))
    assert keys.private_key().private_numbers().private_value == number
    for wrong in ("AAAA", "A" * 43, "_" * 43, "?" * 43):
        monkeypatch.setenv("TOCSIN_VAPID_KEY", wrong)
        assert check(SETTINGS) == ["TOCSIN_VAPID_KEY must be 32 bytes in base64url, a private key of P-256"]


@pytest.mark.skipif(not VECTOR.exists(), reason="the vectors lie beside the project")
def test_our_own_reader_reads_the_example_of_rfc_8291() -> None:
    """So that the push service of these tests is a judge and not an accomplice."""
    vector = json.loads(VECTOR.read_text())
    number = int.from_bytes(plain(vector["ua_private"]), "big")
    browser = Browser(ec.derive_private_key(number, ec.SECP256R1()), plain(vector["auth_secret"]))
    assert browser.keys["p256dh"] == vector["ua_public"]
    assert browser.read(plain(vector["body"])) == vector["plaintext"].encode()
