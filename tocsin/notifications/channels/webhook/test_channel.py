"""What a partner can rely on, against a receiver that checks the signature from the specification alone."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tocsin.notifications.channel import Outgoing, Result
from tocsin.notifications.channels.server import Asked, Reply, Server
from tocsin.notifications.channels.webhook.channel import CHANNEL, send
from tocsin.notifications.channels.webhook.signature import signature
from tocsin.notifications.texts import render

SECRET = "whsec_" + base64.b64encode(b"twenty-four bytes or more").decode()
PRIVATE = {"private": "1"}
LINK = "https://tocsin.example/a/tok"
VALUES: dict[str, Any] = {
    "number": 7, "alarm": "robbery", "silent": True, "who": "李伟", "where": "12 Main Rd",
    "center": ["比勒陀利亚警民中心", "Pretoria center"], "repeat": 1, "message": "alarm", "secret": SECRET,
}  # fmt: skip


class Partner:
    """A control room: believes only what is signed, fresh, and not seen before."""

    def __init__(self, secret: str = SECRET) -> None:
        self.key = base64.b64decode(secret[6:]) if secret.startswith("whsec_") else secret.encode()
        self.seen: set[str] = set()
        self.believed: list[Any] = []
        self.answer: Reply | None = None
        self.server = Server(self._take)

    def _take(self, asked: Asked) -> Reply:
        if self.answer:
            return self.answer
        id_, moment = asked.headers["webhook-id"], asked.headers["webhook-timestamp"]
        signed = id_.encode() + b"." + moment.encode() + b"." + asked.body
        expected = base64.b64encode(hmac.digest(self.key, signed, hashlib.sha256)).decode()
        offered = [each.partition(",") for each in asked.headers["webhook-signature"].split(" ")]
        good = any(version == "v1" and hmac.compare_digest(said, expected) for version, _, said in offered)
        if not good or abs(time.time() - int(moment)) > 300 or asked.headers["content-type"] != "application/json":
            return Reply(401)
        if id_ not in self.seen:
            self.believed.append(asked.json)
        self.seen.add(id_)
        return Reply(200, b"taken")


@pytest.fixture
def partner() -> Iterator[Partner]:
    partner = Partner()
    with partner.server:
        yield partner


def outgoing(address: str, drill: bool = False, key: str = "tok", **values: Any) -> Outgoing:
    facts = {**VALUES, **values}
    text = render("alarm", {**{k: v for k, v in facts.items() if k not in ("message", "secret")}, "link": LINK}, "en")
    return Outgoing(key=key, address=address, language="en", text=text, urgent=True, drill=drill, values=facts)


def told(out: Outgoing, settings: dict[str, str] = PRIVATE) -> Result:
    return asyncio.run(send(out, settings))


def test_a_partner_hears_what_where_and_how_to_answer_and_no_more(partner: Partner) -> None:
    assert told(outgoing(f"{partner.server.url}/hook?center=PTA")) == Result("delivered")
    assert partner.believed == [
        {
            "version": 1,
            "type": "incident.alarm",
            "data": {
                "number": 7,
                "alarm": "robbery",
                "silent": True,
                "place": "12 Main Rd",
                "center": {"zh": "比勒陀利亚警民中心", "en": "Pretoria center"},
                "link": LINK,
                "repeat": 1,
            },
        }
    ]
    (asked,) = partner.server.asked
    assert asked.target == "/hook?center=PTA"
    assert asked.headers["webhook-id"] == "tok"
    whole = asked.body + json.dumps(asked.headers).encode()
    assert SECRET[6:].encode() not in whole
    assert "李伟".encode() not in asked.body, "who called is told to those who come, on our own page"


def test_a_repeat_is_known_by_its_id_and_signed_anew(partner: Partner) -> None:
    for key in ("tok", "tok", "other"):
        assert told(outgoing(partner.server.url, key=key)).state == "delivered"
    assert len(partner.believed) == 2
    assert partner.server.asked[0].body == partner.server.asked[1].body


def test_the_example_of_the_standards_own_libraries() -> None:
    """The vector that their test suites share."""
    said = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )
    assert said == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_secret_that_is_plain_text() -> None:
    partner = Partner("what the partner chose")
    with partner.server:
        assert told(outgoing(partner.server.url, secret="what the partner chose")).state == "delivered"
        assert told(outgoing(partner.server.url, secret="another")).error == "the partner's system says 401"


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_no base64!"])
def test_nothing_goes_out_unsigned(partner: Partner, secret: str) -> None:
    result = told(outgoing(partner.server.url, secret=secret))
    assert (result.state, result.permanent) == ("failed", True)
    assert partner.server.asked == []


def test_a_drill_reaches_no_partner(partner: Partner) -> None:
    result = told(outgoing(partner.server.url, drill=True))
    assert (result.state, result.permanent) == ("failed", True)
    assert partner.server.asked == []


def test_a_redirect_leads_nowhere(partner: Partner) -> None:
    partner.answer = Reply(307, b"", {"Location": f"{partner.server.url}/elsewhere"})
    result = told(outgoing(partner.server.url))
    assert (result.state, result.permanent, result.gone) == ("failed", True, False)
    assert "/elsewhere" in result.error
    assert len(partner.server.asked) == 1


@pytest.mark.parametrize(
    ("status", "headers", "gone", "wait"),
    [
        (410, {}, True, None), (404, {}, False, None), (400, {}, False, None), (500, {}, False, None),
        (429, {"Retry-After": "7"}, False, 7), (503, {"Retry-After": "60"}, False, 60),
    ],
)  # fmt: skip
def test_what_a_partner_answers(
    partner: Partner, status: int, headers: dict[str, str], gone: bool, wait: float | None
) -> None:
    partner.answer = Reply(status, b"no\r\nthanks", headers)
    result = told(outgoing(partner.server.url))
    expected = Result("failed", error=f"the partner's system says {status} no thanks", gone=gone, wait=wait)
    assert result == expected


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433"])
def test_an_address_in_our_own_network_is_refused(partner: Partner, host: str) -> None:
    port = partner.server.url.rpartition(":")[2]
    result = told(outgoing(f"https://{host}:{port}/"), {})
    assert result.state == "failed"
    assert partner.server.asked == []


def test_plain_http_is_refused(partner: Partner) -> None:
    result = told(outgoing(partner.server.url), {})
    assert (result.error, result.permanent) == ("the address must begin with https://", True)


def test_a_partner_who_is_away(partner: Partner) -> None:
    partner.server.close()
    result = told(outgoing(partner.server.url))
    assert (result.state, result.permanent, result.gone) == ("failed", False, False)
    assert CHANNEL.needs == ()
