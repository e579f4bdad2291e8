"""What a receiver by WhatsApp can rely on. `Graph` speaks the Cloud API as Meta documents it: the token, the fields of
a message, approved templates with three parameters, the 24 hours, ids; `signed` writes webhooks as Meta signs them.
"""

import asyncio
import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.lib.words import Language
from tocsin.notifications.channel import Outgoing, Result, Text
from tocsin.notifications.channels.server import Asked, Reply, Server
from tocsin.notifications.channels.whatsapp.channel import CHANNEL, check, send
from tocsin.notifications.channels.whatsapp.report import Forbidden, challenge, report, texts
from tocsin.notifications.texts import MESSAGES, render

PHONE_ID, TOKEN, SECRET, VERIFY = "106540352242922", "EAAG-token", "app-secret", "verify-me"
SETTINGS = {
    "phone_id": PHONE_ID, "token": TOKEN, "secret": SECRET, "verify": VERIFY,
    "template_zh": "tocsin_alarm", "template_en": "tocsin_alarm:en_GB",
}  # fmt: skip
TO = "+27821234567"
LINK = "https://x.example/a/token"
FACTS = {
    "number": 7,
    "alarm": "robbery",
    "who": "示例商店",
    "where": "12 Main Rd",
    "link": LINK,
    "center": ["中心", "Center"],
}


class Graph:
    """Meta's side: templates approved in zh_CN and en_GB; `open_for` holds numbers within their 24 hours."""

    TEMPLATES = frozenset({("tocsin_alarm", "zh_CN"), ("tocsin_alarm", "en_GB")})

    def __init__(self) -> None:
        self.open_for = set[str]()
        self.taken = list[dict[str, Any]]()
        self.server = Server(self._answer)
        self.settings = {**SETTINGS, "url": self.server.url}

    def _answer(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return fault(401, 190, "Error validating access token")
        if (asked.method, asked.path) != ("POST", f"/v25.0/{PHONE_ID}/messages"):
            return fault(400, 100, f"Unknown path: {asked.path}")
        message = asked.json
        if message.get("messaging_product") != "whatsapp" or not re.fullmatch(r"\+?\d{8,15}", message.get("to", "")):
            return fault(400, 131009, "Parameter value is not valid")
        if message["type"] == "text":
            if not message["text"]["body"]:
                return fault(400, 131008, "Required parameter is missing")
            if message["to"] not in self.open_for:
                return fault(400, 131047, "Re-engagement message")
        else:
            wrong = self._template(message["template"])
            if wrong:
                return wrong
        self.taken.append(message)
        ref = f"wamid.{len(self.taken)}"
        wa_id = message["to"].lstrip("+")
        return Reply.json(
            {
                "messaging_product": "whatsapp",
                "contacts": [{"input": message["to"], "wa_id": wa_id}],
                "messages": [{"id": ref, "message_status": "accepted"}],
            }
        )

    def _template(self, template: dict[str, Any]) -> Reply | None:
        if (template["name"], template["language"]["code"]) not in self.TEMPLATES:
            return fault(404, 132001, "Template name does not exist in the translation")
        (body,) = template["components"]
        values = [parameter["text"] for parameter in body["parameters"] if parameter["type"] == "text"]
        if body["type"] != "body" or len(values) != 3:
            return fault(400, 132000, "Number of parameters does not match")
        if any(not value or re.search(r"[\n\t]| {5}", value) for value in values):
            return fault(400, 132018, "Template parameter format is invalid")
        return None


def fault(status: int, code: int, message: str) -> Reply:
    return Reply.json(
        {"error": {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A"}}, status
    )


@pytest.fixture
def graph() -> Iterator[Graph]:
    graph = Graph()
    yield graph
    graph.server.close()


def outgoing(text: Text | None = None, language: Language = "en", to: str = TO, **values: object) -> Outgoing:
    said = text or render("alarm", FACTS, language)
    return Outgoing(key="our-key", address=to, language=language, text=said, urgent=True, values=values)


def sending(graph: Graph, message: Outgoing, **settings: str) -> Result:
    return asyncio.run(send(message, {**graph.settings, **settings}))


# Sending


@pytest.mark.parametrize(("language", "code"), [("zh-hans", "zh_CN"), ("en", "en_GB")])
def test_an_alarm_is_the_approved_template_of_the_language(graph: Graph, language: Language, code: str) -> None:
    result = sending(graph, outgoing(language=language))
    assert result == Result("sent", ref="wamid.1")
    (message,) = graph.taken
    assert message["to"] == TO and message["biz_opaque_callback_data"] == "our-key"
    assert message["template"]["language"] == {"code": code}
    title, body, link = (p["text"] for p in message["template"]["components"][0]["parameters"])
    text = render("alarm", FACTS, language)
    assert (title, body, link) == (text.title, text.body, "https://x.example/a/token")


@pytest.mark.parametrize("message", MESSAGES)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_message_fits_the_template(graph: Graph, message: str, language: Language) -> None:
    facts = {**FACTS, "duty": "responder", "words": "one\ntwo\t     three"}
    assert sending(graph, outgoing(render(message, facts, language), language)).state == "sent"


@given(st.text(), st.text(), st.one_of(st.none(), st.text()))
def test_any_words_are_three_parameters(title: str, body: str, link: str | None) -> None:
    from tocsin.notifications.channels.whatsapp.channel import _template

    made = _template(outgoing(Text(title, body, "", "", link)), SETTINGS)
    assert Graph._template(Graph.__new__(Graph), made["template"]) is None


def test_within_the_24_hours_it_is_text(graph: Graph) -> None:
    graph.open_for.add(TO)
    wrote = datetime.now(UTC) - timedelta(hours=3)
    assert sending(graph, outgoing(wrote_at=wrote.isoformat())).state == "sent"
    (message,) = graph.taken
    assert message["type"] == "text"
    assert (
        message["text"]["body"].startswith("*Alarm: robbery") and "https://x.example/a/token" in message["text"]["body"]
    )


@pytest.mark.parametrize("hours", [23.5, 48, -1])
def test_outside_of_them_text_is_not_even_tried(graph: Graph, hours: float) -> None:
    wrote = datetime.now(UTC) - timedelta(hours=hours)
    sending(graph, outgoing(wrote_at=wrote.isoformat()))
    assert len(graph.server.asked) == 1 and graph.taken[0]["type"] == "template"


def test_when_whatsapp_says_that_they_are_over_the_template_follows_at_once(graph: Graph) -> None:
    wrote = datetime.now(UTC) - timedelta(hours=3)
    assert sending(graph, outgoing(wrote_at=wrote.isoformat())) == Result("sent", ref="wamid.1")
    assert [asked.json["type"] for asked in graph.server.asked] == ["text", "template"]


@pytest.mark.parametrize("wrote", ["", "yesterday", "2026-11-23T10:00:00", 7, None])
def test_a_time_that_is_none_is_outside(graph: Graph, wrote: object) -> None:
    sending(graph, outgoing(wrote_at=wrote))
    assert [message["type"] for message in graph.taken] == ["template"]


def test_a_wrong_token_or_template_is_no_use_trying_again(graph: Graph) -> None:
    for settings, code in (({"token": "old"}, "190"), ({"template_en": "other"}, "132001")):
        result = sending(graph, outgoing(), **settings)
        assert (result.state, result.permanent, result.gone) == ("failed", True, False)
        assert code in result.error and TOKEN not in result.error


@pytest.mark.parametrize(
    ("status", "code", "permanent", "gone", "wait"),
    [
        (400, 131026, True, True, None),
        (400, 131050, True, False, None),
        (403, 131031, True, False, None),
        (400, 130429, False, False, 5),
        (400, 131056, False, False, 10),
        (429, 0, False, False, 5),
        (500, 131000, False, False, None),
        (503, 2, False, False, None),
        (400, 131016, False, False, None),
    ],
)
def test_what_a_refusal_means(status: int, code: int, permanent: bool, gone: bool, wait: float | None) -> None:
    with Server(lambda _: fault(status, code, "because")) as server:
        result = asyncio.run(send(outgoing(), {**SETTINGS, "url": server.url}))
    assert (result.state, result.permanent, result.gone, result.wait) == ("failed", permanent, gone, wait)


def test_a_paused_template_is_a_failure() -> None:
    with Server(lambda _: Reply.json({"messages": [{"id": "wamid.1", "message_status": "paused"}]})) as server:
        result = asyncio.run(send(outgoing(), {**SETTINGS, "url": server.url}))
    assert (result.state, result.permanent) == ("failed", True)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"error": "no"}', b'{"error": {"code": "x"}}'])
def test_answers_of_any_shape(body: bytes) -> None:
    for status in (200, 400, 502):
        with Server(lambda _, s=status: Reply(s, body)) as server:  # type: ignore[misc]
            result = asyncio.run(send(outgoing(), {**SETTINGS, "url": server.url}))
        assert result.state == ("sent" if status == 200 else "failed")


def test_meta_away_is_tried_again() -> None:
    with Server(lambda _: Reply()) as server:
        settings = {**SETTINGS, "url": server.url}
    result = asyncio.run(send(outgoing(), settings))
    assert (result.state, result.permanent) == ("failed", False) and "127.0.0.1" in result.error


# The webhook


def webhook(**value: Any) -> bytes:
    common = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": PHONE_ID}}
    change = {"field": "messages", "value": {**common, **value}}
    return json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}).encode()


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def status(state: str, **more: Any) -> dict[str, Any]:
    return {"id": "wamid.1", "status": state, "timestamp": "1795430000", "recipient_id": "27821234567", **more}


def test_receipts_in_any_order_by_their_id_and_by_our_key() -> None:
    body = webhook(statuses=[status(s, biz_opaque_callback_data="our-key") for s in ("read", "sent", "delivered")])
    reported = report(body, signed(body), SETTINGS)
    assert [(r.ref, r.receipt.state, r.key) for r in reported] == [
        ("wamid.1", "read", "our-key"), ("wamid.1", "sent", "our-key"), ("wamid.1", "delivered", "our-key"),
    ]  # fmt: skip


@pytest.mark.parametrize(("code", "permanent"), [(131026, True), (131049, True), (131047, True), (131000, False)])
def test_a_failure_says_why_and_whether_for_good(code: int, permanent: bool) -> None:
    body = webhook(statuses=[status("failed", errors=[{"code": code, "title": "Message undeliverable"}])])
    ((_, receipt, _),) = report(body, signed(body), SETTINGS)
    assert (receipt.state, receipt.permanent, receipt.gone) == ("failed", permanent, code == 131026)
    assert receipt.error == f"{code} Message undeliverable"


def test_what_people_write_and_touch() -> None:
    common = {"from": "27821234567", "timestamp": "1795430000"}
    body = webhook(
        messages=[
            {**common, "id": "a", "type": "text", "text": {"body": " 1 20 min "}},
            {**common, "id": "b", "type": "button", "button": {"payload": "2 Cannot", "text": "2 Cannot"},
             "context": {"from": "27110000000", "id": "wamid.1"}},
            {**common, "id": "c", "type": "interactive",
             "interactive": {"type": "button_reply", "button_reply": {"id": "x", "title": "1 来"}}},
            {**common, "id": "d", "type": "reaction", "reaction": {"message_id": "wamid.1", "emoji": "\U0001f44d"}},
            {**common, "id": "e", "type": "image", "image": {"id": "9"}},
        ]
    )  # fmt: skip
    written = texts(body, signed(body), SETTINGS)
    assert [(w.phone, w.text, w.id) for w in written] == [
        (TO, "1 20 min", "a"), (TO, "2 Cannot", "b"), (TO, "1 来", "c"), (TO, "\U0001f44d", "d"),
    ]  # fmt: skip
    assert written[1].about == "wamid.1" and written[0].at == datetime.fromtimestamp(1795430000, UTC)


def test_only_the_app_may_report() -> None:
    body = webhook(statuses=[status("read")])
    respaced = json.dumps(json.loads(body), indent=1).encode()
    for given_body, headers, settings in (
        (body, {}, SETTINGS),
        (body, signed(body, "another"), SETTINGS),
        (respaced, signed(body), SETTINGS),
        (body, {"X-Hub-Signature-256": "é"}, SETTINGS),
        (body, signed(body, ""), {**SETTINGS, "secret": ""}),
    ):
        with pytest.raises(Forbidden):
            report(given_body, headers, settings)
        with pytest.raises(Forbidden):
            texts(given_body, headers, settings)
    lower = {"x-hub-signature-256": signed(body)["X-Hub-Signature-256"]}
    assert len(report(body, lower, SETTINGS)) == 1


NAMES = st.sampled_from(["entry", "changes", "value", "statuses", "messages", "id", "status", "errors", "from", "text"])
PLAIN = st.none() | st.booleans() | st.integers() | st.text()


@given(st.recursive(PLAIN, lambda inside: st.lists(inside) | st.dictionaries(NAMES, inside)))
def test_any_signed_document_is_read_or_passed_over(value: object) -> None:
    for body in (
        json.dumps(value).encode(),
        webhook(statuses=value, messages=value),
        webhook(statuses=[value, status("read")]),
    ):
        report(body, signed(body), SETTINGS)
        texts(body, signed(body), SETTINGS)


def test_one_of_another_shape_does_not_hide_the_others() -> None:
    body = webhook(statuses=[{"id": 7}, status("read")])
    assert [r.receipt.state for r in report(body, signed(body), SETTINGS)] == ["read"]


def test_other_news_of_the_app_are_nothing() -> None:
    change = {"field": "message_template_status_update", "value": {"event": "APPROVED", "statuses": [status("read")]}}
    body = json.dumps({"entry": [{"changes": [change]}]}).encode()
    assert report(body, signed(body), SETTINGS) == [] and texts(body, signed(body), SETTINGS) == []


def test_the_challenge() -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "1158201444"}
    assert challenge(query, SETTINGS) == "1158201444"
    for wrong in ({"hub.verify_token": "x"}, {"hub.mode": "unsubscribe"}):
        assert challenge({**query, **wrong}, SETTINGS) is None
    assert challenge({**query, "hub.verify_token": ""}, {**SETTINGS, "verify": ""}) is None


def test_wrong_settings_are_named() -> None:
    assert check(SETTINGS) == []
    bad = check({**SETTINGS, "phone_id": "+2711", "version": "25", "template_zh": "Tocsin Alarm", "url": "graph"})
    assert [re.sub(":.*", "", line) for line in bad] == [
        f"TOCSIN_CHANNEL_WHATSAPP_{name}" for name in ("PHONE_ID", "VERSION", "TEMPLATE_ZH", "URL")
    ]
    assert CHANNEL.callback is None and CHANNEL.report  # one address for the whole app
