"""What whoever sends texts can rely on. Each provider is a server that behaves as its documentation says: it checks who
asks and what for, and answers with what the test has it be: well, busy, down, hanging …
"""

import asyncio
import base64
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from tocsin.notifications.channel import Answer, Callback, Outgoing, Receipt, Reported, Result, Text
from tocsin.notifications.channels.server import Asked, Reply, Server
from tocsin.notifications.channels.sms import channel
from tocsin.notifications.channels.sms.channel import CHANNEL, callback, check, possible, send, troubles
from tocsin.notifications.channels.sms.providers import PROVIDERS
from tocsin.notifications.channels.sms.report import report

TO = "+27821234567"
CALLBACK = "https://alarm.example.org/callbacks/sms/our-key_-4567890123456"
LINK = "https://alarm.example.org/a/our-key_-4567890123456"
ENGLISH = Text("t", "b", f"Alarm: robbery Example Shop 12 Main Rd [#7] Claim {LINK}", "s", LINK)
CHINESE = Text("t", "b", f"报警：抢劫 示例超市 12 Main Rd #7 接警 {LINK}", "s", LINK)
SETTINGS = {
    "kannel_user": "tocsin", "kannel_password": "k-secret", "kannel_from": "40404",
    "twilio_account": "AC01", "twilio_token": "t-secret", "twilio_from": "+27110000000",
    "africastalking_user": "tocsin", "africastalking_key": "a-secret", "africastalking_from": "TOCSIN",
    "clickatell_key": "c-secret", "clickatell_from": "27110000000",
    "bulksms_id": "b-id", "bulksms_secret": "b-secret", "bulksms_from": "+27110000000",
}  # fmt: skip


def basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def words(sms: str) -> str:
    """Alphabet and words of what arrived."""
    return f"{'ucs2' if '报警' in sms else 'gsm'} {sms}"


class Far:
    """The far end of one provider. `mood`: how it answers; `shown`: what the phone shows of what it took."""

    def __init__(self, name: str) -> None:
        self.name, self.mood = name, "well"
        self.shown = list[str]()
        self.go_on = threading.Event()
        self.server = Server(self._answer)

    @property
    def settings(self) -> dict[str, str]:
        return {f"{self.name}_url": self.server.url}

    def close(self) -> None:
        self.go_on.set()
        self.server.close()

    def _answer(self, asked: Asked) -> Reply:
        if self.mood == "hangs":
            self.go_on.wait(10)
        elif self.mood == "down":
            return Reply(503, b"<html>Service Unavailable</html>", {"Retry-After": "3"})
        elif self.mood == "throttles":
            return Reply.json({"message": "Too Many Requests"}, 429, **{"Retry-After": "9"})
        elif self.mood == "garbage":
            return Reply(200, b"\xff<html>Welcome to the hotel's network</html>", {"Content-Encoding": "identity"})
        elif self.mood == "broken":
            return Reply(200, b"this is not gzip", {"Content-Encoding": "gzip"})
        elif self.mood == "elsewhere":
            return Reply(302, b"", {"Location": "https://example.org/login"})
        reply: Reply = getattr(self, f"_{self.name}")(asked)
        return reply

    def _kannel(self, asked: Asked) -> Reply:
        head = asked.headers
        assert (asked.method, asked.target) == ("POST", "/cgi-bin/sendsms")
        if (head["x-kannel-username"], head["x-kannel-password"]) != ("tocsin", "k-secret"):
            return Reply(403, b"Authorization failed for sendsms")
        if self.mood == "refuses":
            return Reply(403, b"Not routable. Do not try again.")
        if self.mood == "queues":
            return Reply(202, b"3: Queued for later delivery")
        assert head["x-kannel-to"] == TO and head["x-kannel-from"] == "40404"
        assert head["x-kannel-dlr-mask"] == "19"
        assert head["x-kannel-dlr-url"] == f"{CALLBACK}?by=kannel&dlr=%d&answer=%A"
        assert (head["x-kannel-validity"], head["x-kannel-priority"]) == ("30", "3")
        text = asked.body.decode()
        assert head["x-kannel-coding"] == ("2" if "报警" in text else "0")
        self.shown.append(words(text))
        return Reply(202, b"0: Accepted for delivery")

    def _twilio(self, asked: Asked) -> Reply:
        def fault(status: int, code: int, message: str) -> Reply:
            return Reply.json({"code": code, "message": message, "more_info": "https://…", "status": status}, status)

        if asked.headers.get("authorization") != basic("AC01", "t-secret"):
            return fault(401, 20003, "Authenticate")
        assert (asked.method, asked.target) == ("POST", "/2010-04-01/Accounts/AC01/Messages.json")
        if self.mood == "number":
            return fault(400, 21211, "Invalid 'To' Phone Number: +2782XXXXXXX")
        if self.mood == "stopped":
            return fault(400, 21610, "Attempt to send to unsubscribed recipient")
        if self.mood == "refuses":
            return fault(400, 21408, "Permission to send an SMS has not been enabled for the region")
        form = asked.form
        assert (form["To"], form["From"], form["ValidityPeriod"]) == (TO, "+27110000000", "1800")
        assert form["StatusCallback"] == f"{CALLBACK}?by=twilio"
        self.shown.append(words(form["Body"]))
        return Reply.json({"sid": "SM1", "status": "queued", "error_code": None, "num_segments": "1"}, 201)

    def _africastalking(self, asked: Asked) -> Reply:
        def said(code: int, status: str, ref: str = "None") -> Reply:
            one = {"statusCode": code, "number": TO, "status": status, "cost": "0", "messageId": ref}
            return Reply.json({"SMSMessageData": {"Message": "Sent to 1/1", "Recipients": [one]}}, 201)

        if asked.headers.get("apikey") != "a-secret":
            return Reply(401, b"The supplied authentication is invalid")
        assert (asked.method, asked.target) == ("POST", "/version1/messaging")
        assert asked.headers["accept"] == "application/json"
        if self.mood == "number":
            return said(403, "InvalidPhoneNumber")
        if self.mood == "stopped":
            return said(406, "UserInBlacklist")
        if self.mood == "refuses":
            return said(407, "CouldNotRoute")
        if self.mood == "no credit":
            return said(405, "InsufficientBalance")
        if self.mood == "wrong sender":
            return Reply.json({"SMSMessageData": {"Message": "InvalidSenderId", "Recipients": []}}, 201)
        form = asked.form
        assert (form["username"], form["to"], form["from"]) == ("tocsin", TO, "TOCSIN")
        self.shown.append(words(form["message"]))
        return said(101, "Success", "ATXid_1")

    def _clickatell(self, asked: Asked) -> Reply:
        def said(status: int, code: int, description: str) -> Reply:
            error = {"code": code, "description": description}
            one = {"apiMessageId": None, "accepted": False, "to": TO[1:], "error": error}
            return Reply.json({"messages": [one], "error": None}, status)

        if asked.headers.get("authorization") != "c-secret":
            error = {"code": 1, "description": "Invalid or missing integration API Key"}
            return Reply.json({"messages": None, "error": error}, 401)
        assert (asked.method, asked.target) == ("POST", "/v1/message")
        if self.mood == "number":
            return said(400, 25, "Invalid recipient address: (MSISDN)")
        if self.mood == "stopped":
            return said(207, 26, "Recipient opted out")
        if self.mood == "refuses":
            return said(207, 101, "Destination does not support two-way messaging")
        if self.mood == "no credit":
            return said(402, 20, "Insufficient account balance")
        (message,) = asked.json["messages"]
        assert (message["channel"], message["to"], message["from"]) == ("sms", TO[1:], "27110000000")
        assert message["clientMessageId"] == "our-key_-4567890123456"
        self.shown.append(words(message["content"]))
        one = {"apiMessageId": "fd496", "accepted": True, "to": TO[1:], "error": None}
        return Reply.json({"messages": [one], "error": None}, 202)

    def _bulksms(self, asked: Asked) -> Reply:
        def fault(status: int, title: str, detail: str) -> Reply:
            return Reply.json({"type": "…/errors", "title": title, "status": status, "detail": detail}, status)

        def made(kind: str, subtype: str | None) -> Reply:
            status = {"id": f"{kind}.{subtype}", "type": kind, "subtype": subtype}
            return Reply.json([{"id": "402", "type": "SENT", "to": TO[1:], "body": "…", "status": status}], 201)

        if asked.headers.get("authorization") != basic("b-id", "b-secret"):
            return fault(401, "Not Authenticated", "")
        assert (asked.method, asked.target) == ("POST", "/v1/messages")
        if self.mood == "refuses":
            return fault(400, "Bad Request", "Invalid recipient")
        if self.mood == "stopped":
            return made("FAILED", "BLOCKED")
        if self.mood == "no credit":
            return fault(403, "Insufficient Credits", "")
        (message,) = asked.json
        assert (message["to"], message["from"], message["deliveryReports"]) == (TO, "+27110000000", "ALL")
        assert message["encoding"] == ("UNICODE" if "报警" in message["body"] else "TEXT")
        assert message["longMessageMaxParts"] >= 3
        self.shown.append(words(message["body"]))
        return made("ACCEPTED", None)


LOOP = asyncio.Runner()  # one for all: a client for each would read the list of authorities each time


@pytest.fixture(scope="module", autouse=True)
def _loop() -> Iterator[None]:
    yield
    LOOP.close()


Start = Callable[..., dict[str, Far]]


@pytest.fixture
def start() -> Iterator[Start]:
    """The far ends of these providers; what they are asked wrongly fails the test."""
    with ExitStack() as stack:

        def started(*names: str) -> dict[str, Far]:
            fars = {name: Far(name) for name in names}
            for far in fars.values():
                stack.callback(far.close)
            return fars

        yield started


def outgoing(text: Text = ENGLISH, to: str = TO, **values: object) -> Outgoing:
    return Outgoing(
        key="our-key_-4567890123456", address=to, language="en", text=text, urgent=True, life=1800, values=values,
        callback=CALLBACK,
    )  # fmt: skip


def sending(fars: dict[str, Far], message: Outgoing | None = None, **settings: str) -> Result:
    said = {**SETTINGS, "provider": ",".join(fars)}
    for far in fars.values():
        said |= far.settings
    return LOOP.run(send(message or outgoing(), {**said, **settings}))


REFS = {
    "kannel": "kannel:our-key_-4567890123456", "twilio": "twilio:SM1", "africastalking": "africastalking:ATXid_1",
    "clickatell": "clickatell:fd496", "bulksms": "bulksms:402",
}  # fmt: skip
every = pytest.mark.parametrize("name", PROVIDERS)


# Each provider


@every
@pytest.mark.parametrize("text", [ENGLISH, CHINESE])
def test_a_text_is_taken(start: Start, name: str, text: Text) -> None:
    fars = start(name)
    assert sending(fars, outgoing(text)) == Result("sent", ref=REFS[name])
    assert fars[name].shown == [words(text.short)]


@every
def test_wrong_credentials_can_be_put_right(start: Start, name: str) -> None:
    secret = {"kannel": "password", "twilio": "token", "bulksms": "secret"}.get(name, "key")
    result = sending(start(name), None, **{f"{name}_{secret}": "old-one"})
    assert (result.state, result.permanent, result.gone) == ("failed", False, False)
    assert result.error.startswith(f"{name}: ") and "old-one" not in result.error


@pytest.mark.parametrize("name", ["twilio", "africastalking", "clickatell"])
def test_a_number_that_is_none_is_gone(start: Start, name: str) -> None:
    fars = start(name, "kannel")
    fars[name].mood = "number"
    result = sending(fars)
    assert (result.state, result.permanent, result.gone) == ("failed", True, True)
    assert fars["kannel"].server.asked == [], "and is not tried elsewhere"


@pytest.mark.parametrize("name", ["twilio", "africastalking", "clickatell", "bulksms"])
def test_who_told_us_to_stop_is_not_sent_to_by_another(start: Start, name: str) -> None:
    fars = start(name, "kannel")
    fars[name].mood = "stopped"
    result = sending(fars)
    assert result.gone and fars["kannel"].server.asked == []


@every
def test_a_message_that_it_will_never_take_is_permanent(start: Start, name: str) -> None:
    fars = start(name)
    fars[name].mood = "refuses"
    result = sending(fars)
    assert (result.state, result.permanent, result.gone) == ("failed", True, False)


@pytest.mark.parametrize(
    ("name", "mood"),
    [
        ("africastalking", "no credit"),
        ("africastalking", "wrong sender"),
        ("clickatell", "no credit"),
        ("bulksms", "no credit"),
    ],
)
def test_credit_can_be_put_right(start: Start, name: str, mood: str) -> None:
    fars = start(name)
    fars[name].mood = mood
    result = sending(fars)
    assert (result.state, result.permanent) == ("failed", False) and result.error


@every
@pytest.mark.parametrize(
    ("mood", "wait"),
    [("throttles", 9.0), ("down", 3.0), ("garbage", None), ("broken", None), ("elsewhere", None)],
)
def test_trouble_of_its_own_passes(start: Start, name: str, mood: str, wait: float | None) -> None:
    fars = start(name)
    fars[name].mood = mood
    result = sending(fars)
    assert (result.state, result.permanent, result.gone, result.wait) == ("failed", False, False, wait)
    assert result.error


@every
def test_away_is_tried_again_and_no_secret_is_told(name: str) -> None:
    far = Far(name)
    far.close()
    result = sending({name: far})
    assert (result.state, result.permanent) == ("failed", False)
    assert "secret" not in result.error and "127.0.0.1" in result.error


JUNK = [
    b"", b"null", b"[]", b"[{}]", b"[[]]", b"{}", b'{"sid": 7}', b'{"sid": ""}', b'{"messages": [{"accepted": true}]}',
    b'{"messages": {}}', b'{"messages": [7], "error": 7}', b'{"error": {"code": "x"}}', b'{"SMSMessageData": 7}',
    b'{"SMSMessageData": {"Recipients": [7]}}', b'{"SMSMessageData": {"Recipients": [{"statusCode": "x"}]}}',
    b'[{"id": 7}]', b'[{"status": {"type": "SENT"}}]', b"0", b'{"code": true}',
]  # fmt: skip


@every
@pytest.mark.parametrize("body", JUNK)
def test_answers_of_any_shape_are_failures_that_pass(name: str, body: bytes) -> None:
    statuses = [200, 201, 202, 207, 500]
    left = list(statuses)

    async def each(server: Server) -> list[Result]:
        said = {**SETTINGS, "provider": name, f"{name}_url": server.url}
        return [await send(outgoing(), said) for _ in statuses]

    with Server(lambda _: Reply(left.pop(0), body)) as server:
        results = LOOP.run(each(server))
    assert {(r.state, r.permanent, r.gone) for r in results} == {("failed", False, False)}


def test_kannels_own_address_may_be_another(start: Start) -> None:
    with Server(lambda _: Reply(202, b"0: Accepted for delivery")) as server:
        said = {**SETTINGS, "provider": "kannel", "kannel_url": f"{server.url}/sms/send", "kannel_from": ""}
        assert LOOP.run(send(outgoing(), said)).state == "sent"
        (asked,) = server.asked
    assert asked.target == "/sms/send" and "x-kannel-from" not in asked.headers


def test_twilio_sends_by_a_messaging_service() -> None:
    with Server(lambda _: Reply.json({"sid": "SM1"}, 201)) as server:
        said = {**SETTINGS, "provider": "twilio", "twilio_url": server.url, "twilio_from": "MG01"}
        LOOP.run(send(outgoing(), said))
        form = server.asked[0].form
    assert form["MessagingServiceSid"] == "MG01" and "From" not in form


def test_bulksms_takes_no_word_for_a_template(start: Start) -> None:
    fars = start("bulksms")
    sending(fars, outgoing(Text("", "", "Alarm at {fn}'s", "")))
    assert fars["bulksms"].shown == ["gsm Alarm at (fn)'s"]


# The next one


@pytest.fixture
def haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "HASTE", 0.3)
    monkeypatch.setattr(channel, "PATIENCE", 0.6)


@pytest.mark.usefixtures("haste")
@every
@pytest.mark.parametrize("mood", ["throttles", "down", "garbage", "broken", "elsewhere", "hangs", "refuses", "away"])
def test_what_one_refuses_the_next_sends_at_once(start: Start, name: str, mood: str) -> None:
    second = "twilio" if name == "kannel" else "kannel"
    fars = start(name, second)
    fars[name].mood = mood
    if mood == "away":
        fars[name].server.close()
    begun = time.monotonic()
    result = sending(fars)
    assert (result.state, result.ref) == ("sent", REFS[second])
    assert result.error.startswith(f"{name}: "), "the channel's health knows of the first one's trouble"
    assert time.monotonic() - begun < 2
    assert len(fars[second].shown) == 1


@pytest.mark.usefixtures("haste")
def test_when_nobody_sends_it_all_are_told_and_it_is_tried_again(start: Start) -> None:
    fars = start("kannel", "twilio", "bulksms")
    fars["kannel"].mood, fars["twilio"].mood, fars["bulksms"].mood = "hangs", "refuses", "down"
    result = sending(fars)
    assert (result.state, result.permanent, result.wait) == ("failed", False, None)
    assert [part.partition(":")[0] for part in result.error.split("; ")] == ["kannel", "twilio", "bulksms"]


def test_when_all_will_never_take_it_it_is_permanent(start: Start) -> None:
    fars = start("kannel", "twilio")
    fars["kannel"].mood = fars["twilio"].mood = "refuses"
    assert sending(fars).permanent


def test_when_all_are_busy_the_first_that_is_free_decides(start: Start) -> None:
    fars = start("clickatell", "twilio")
    fars["clickatell"].mood, fars["twilio"].mood = "throttles", "down"
    assert sending(fars).wait == 3


def test_what_waits_for_a_network_is_sent_by_the_next_as_well(start: Start) -> None:
    fars = start("kannel", "twilio")
    fars["kannel"].mood = "queues"
    assert sending(fars).ref == REFS["twilio"]
    fars["twilio"].mood = "down"
    result = sending(fars)
    assert (result.state, result.ref) == ("sent", REFS["kannel"]), "it is kept, and need not be told again"
    assert "no network" in result.error and "503" in result.error


def test_each_try_begins_with_another(start: Start) -> None:
    fars = start("kannel", "twilio")
    tries = [sending(fars, outgoing(tried=tried)).ref for tried in (1, 2, 3, "x", None)]
    assert tries == [REFS[name] for name in ("kannel", "twilio", "kannel", "kannel", "kannel")]


@pytest.mark.parametrize(
    "address", ["", "0821234567", "27821234567", "+27 82 123 4567", "+27", "+278212345678901234", "+999123456789", "x"]
)
def test_what_cannot_be_a_number_is_asked_of_nobody(start: Start, address: str) -> None:
    fars = start("kannel")
    result = sending(fars, outgoing(to=address))
    assert (result.permanent, result.gone) == (True, True) and fars["kannel"].server.asked == []


def test_numbers_of_the_network_s_countries() -> None:
    assert all(map(possible, (TO, "+8613800138000", "+26771234567", "+258841234567", "+442071838750")))


def test_a_long_text_is_shortened_and_its_link_whole(start: Start) -> None:
    fars = start("twilio")
    where = "Corner of Derrick Avenue and Marcia Street, " * 20
    text = Text("", "", f"Alarm: robbery Example Shop {where} #7 Claim {LINK}", "", LINK)
    sending(fars, outgoing(text, where=where), segments="2")
    (shown,) = fars["twilio"].shown
    assert shown.startswith("gsm Alarm: robbery Example Shop Corner of") and shown.endswith(f"... #7 Claim {LINK}")
    assert len(shown) <= len("gsm ") + 306


# Settings


def test_settings() -> None:
    assert check({**SETTINGS, "provider": "twilio, Africastalking,twilio"}) == []
    assert CHANNEL.needs == ("provider",)
    assert check({"provider": "twilio", "twilio_account": "AC01"}) == [
        "not set: TOCSIN_CHANNEL_SMS_TWILIO_TOKEN", "not set: TOCSIN_CHANNEL_SMS_TWILIO_FROM",
    ]  # fmt: skip
    assert check({"provider": "nexmo"})[0].startswith("TOCSIN_CHANNEL_SMS_PROVIDER: there is no nexmo")
    assert len(check({"provider": " , "})) == 1
    kannel = {**SETTINGS, "provider": "kannel", "kannel_url": "localhost:13013", "kannel_from": "守望"}
    assert [line.partition(":")[0] for line in check(kannel)] == [
        "TOCSIN_CHANNEL_SMS_KANNEL_URL", "TOCSIN_CHANNEL_SMS_KANNEL_FROM",
    ]  # fmt: skip


def test_one_that_is_not_ready_hinders_no_other_and_is_told(start: Start) -> None:
    fars = start("twilio")
    settings = {**SETTINGS, **fars["twilio"].settings, "provider": "kannel,twilio,nexmo,bulksms", "segments": "x"}
    assert check(settings) == []
    assert [line.partition(":")[0] for line in troubles(settings)] == [
        "not set", "TOCSIN_CHANNEL_SMS_PROVIDER", "TOCSIN_CHANNEL_SMS_PROVIDER", "TOCSIN_CHANNEL_SMS_SEGMENTS",
    ]  # fmt: skip
    result = LOOP.run(send(outgoing(), settings))
    assert (result.state, result.ref) == ("sent", "twilio:SM1")
    assert "not set: TOCSIN_CHANNEL_SMS_KANNEL_URL" in result.error


def test_nobody_ready_is_no_success() -> None:
    result = LOOP.run(send(outgoing(), {"provider": "twilio"}))
    assert (result.state, result.permanent) == ("failed", False) and "not set" in result.error


def test_all_seconds_together_are_fewer_than_the_courier_s() -> None:
    courier = (Path(channel.__file__).parents[2] / "courier.py").read_text()  # importing it wants a database
    patience = re.search(r"^PATIENCE = ([\d.]+)", courier, re.MULTILINE)
    assert patience and float(patience[1]) - 1 > channel.HASTE * (channel.MOST - 1) + channel.PATIENCE


# Receipts at the delivery's own address


def told(fields: dict[str, str], query: str, token: str = "t-secret", **changed: Any) -> Answer:
    """What is answered to a callback, signed as Twilio signs."""
    url = f"{CALLBACK}?{query}"
    form = {**dict(pair.split("=", 1) for pair in query.split("&")), **fields}
    asked = Callback(
        method="POST", url=url, form=form, language="en", body=urlencode(fields).encode(),
        headers={"x-twilio-signature": RequestValidator(token).compute_signature(url, fields)},
    )  # fmt: skip
    settings = {**SETTINGS, "provider": "kannel", **changed.pop("settings", {})}
    return callback(replace(asked, **changed), settings)


@pytest.mark.parametrize(
    ("dlr", "answer", "receipt"),
    [
        ("1", "", ("delivered", True)),
        ("2", "id:1 stat:EXPIRED err:000", ("failed", False)),
        ("16", "NACK/0x0000000b/Invalid Destination Address", ("failed", True)),
        ("16", "NACK/0x00000045/Submit failed", ("failed", False)),
        ("4", "", None),
        ("8", "ACK/", None),
        ("", "", None),
        ("x", "", None),
    ],
)
def test_kannels_receipts(dlr: str, answer: str, receipt: tuple[str, bool] | None) -> None:
    got = told({}, f"by=kannel&dlr={dlr}&answer={answer}")
    assert got.status == 200
    if receipt is None:
        assert got.receipt is None
        return
    assert got.receipt and (got.receipt.state, got.receipt.permanent) == receipt
    assert got.receipt.gone is ("0x0000000b" in answer)
    assert got.receipt.ref == REFS["kannel"]


@pytest.mark.parametrize(
    ("status", "code", "receipt"),
    [
        ("accepted", "", None),
        ("queued", "", None),
        ("sending", "", None),
        ("sent", "", ("sent", True)),
        ("delivered", "", ("delivered", True)),
        ("undelivered", "30003", ("failed", False)),
        ("undelivered", "30005", ("failed", True)),
        ("undelivered", "30008", ("failed", False)),
        ("failed", "30007", ("failed", True)),
        ("failed", "", ("failed", False)),
        ("canceled", "", ("failed", False)),
        ("", "", None),
    ],
)
def test_twilios_receipts(status: str, code: str, receipt: tuple[str, bool] | None) -> None:
    got = told({"MessageSid": "SM1", "MessageStatus": status, "ErrorCode": code}, "by=twilio")
    assert got.status == 200
    assert (got.receipt and (got.receipt.state, got.receipt.permanent)) == receipt
    if got.receipt:
        assert got.receipt.ref == "twilio:SM1" and code in got.receipt.error
        assert got.receipt.gone is (code == "30005")


def test_only_twilio_may_report_for_twilio() -> None:
    fields = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    for refused in (
        told(fields, "by=twilio", token="another"),
        told(fields, "by=twilio", headers={}),
        told(fields, "by=twilio", headers={"x-twilio-signature": "é"}),
        told(fields, "by=twilio", body=urlencode({**fields, "MessageStatus": "failed"}).encode()),
        told(fields, "by=twilio", url=f"{CALLBACK}x?by=twilio"),
        told(fields, "by=twilio", token="", settings={"twilio_token": ""}),
    ):
        assert (refused.status, refused.receipt) == (403, None)


@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=6))
def test_twilio_s_own_library_is_the_judge(fields: dict[str, str]) -> None:
    assert told(fields, "by=twilio").status == 200


@pytest.mark.parametrize("by", ["", "bulksms", "nexmo", "__init__"])
def test_others_report_elsewhere(by: str) -> None:
    got = told({}, f"by={by}&dlr=1")
    assert (got.status, got.receipt) == (404, None)


# Reports at one address


def reported(body: bytes) -> list[Reported]:
    return report(body, {}, {**SETTINGS, "provider": "kannel"})


@pytest.mark.parametrize(
    ("status", "reason", "state", "permanent"),
    [
        ("Sent", "", "sent", True),
        ("Submitted", "", "sent", True),
        ("Buffered", "", "sent", True),
        ("Success", "", "delivered", True),
        ("Failed", "UserDoesNotExist", "failed", True),
        ("Failed", "DeliveryFailure", "failed", False),
        ("Rejected", "UserInBlackList", "failed", True),
        ("AbsentSubscriber", "", "failed", False),
        ("Expired", "", "failed", False),
    ],
)
def test_africas_talking_reports_by_its_id(status: str, reason: str, state: str, permanent: bool) -> None:
    fields = {"id": "ATXid_1", "status": status, "phoneNumber": TO, "networkCode": "65501"}
    fields |= {"failureReason": reason} if reason else {}
    (one,) = reported(urlencode(fields).encode())
    assert (one.ref, one.key) == (REFS["africastalking"], "") and one.receipt.ref == one.ref
    assert (one.receipt.state, one.receipt.permanent) == (state, permanent)
    assert one.receipt.gone is (reason in ("UserDoesNotExist", "UserInBlackList"))
    assert reason in one.receipt.error


@pytest.mark.parametrize(
    ("code", "status", "receipt"),
    [
        (2, "QUEUED", ("sent", True)),
        (4, "SENT_TO_SUPPLIER", ("sent", True)),
        (5, "DEVICE_ACK", ("delivered", True)),
        (6, "READ", ("read", True)),
        (20, "EXPIRED", ("failed", False)),
        (21, "STOPPED_BY_USER", ("failed", True)),
        (23, "DELIVERY_FAILURE", ("failed", False)),
        (25, "INSUFFICIENT_ACCOUNT_BALANCE", ("failed", False)),
        (29, "RECIPIENT_DOES_NOT_EXIST", ("failed", True)),
        (100, "ROUTING_ERROR", ("failed", False)),
        (1, "UNKNOWN", None),
        (24, "EMULATED", None),
    ],
)
def test_clickatell_reports_with_our_key(code: int, status: str, receipt: tuple[str, bool] | None) -> None:
    update = {
        "channel": "sms", "messageId": "fd496", "clientMessageId": "our-key", "timestamp": 1506607698000,
        "statusCode": code, "status": status,
    }  # fmt: skip
    body = {"integrationId": "fa80", "integrationName": "Tocsin", "event": {"messageStatusUpdate": [update]}}
    found = reported(json.dumps(body).encode())
    assert [(one.ref, one.key) for one in found] == ([(REFS["clickatell"], "our-key")] if receipt else [])
    assert [(one.receipt.state, one.receipt.permanent) for one in found] == ([receipt] if receipt else [])
    assert all(one.receipt.gone is (status in ("STOPPED_BY_USER", "RECIPIENT_DOES_NOT_EXIST")) for one in found)


def test_a_reply_at_clickatells_address_is_no_report() -> None:
    reply = {"channel": "sms", "messageId": "3a89", "from": TO[1:], "to": "1", "timestamp": 1, "content": "1"}
    assert reported(json.dumps({"integrationId": "f", "event": {"moText": [reply]}}).encode()) == []


def test_bulksms_reports_many_at_once() -> None:
    def message(ref: str, kind: str, subtype: str | None = None, type_: str = "SENT") -> dict[str, Any]:
        status = {"id": f"{kind}.{subtype}", "type": kind, "subtype": subtype}
        return {"id": ref, "type": type_, "to": TO[1:], "body": "…", "status": status}

    body = [
        message("1", "SENT"), message("2", "DELIVERED"), message("3", "FAILED", "EXPIRED"), {"id": 7}, 8,
        message("4", "FAILED", "BLOCKED"), message("5", "UNKNOWN"), message("6", "RECEIVED", None, "RECEIVED"),
        message("7", "FAILED", "NOT_SENT"), message("8", "FAILED", "HANDSET_ERROR"),
    ]  # fmt: skip
    assert [(one.ref, one.receipt.state, one.receipt.permanent) for one in reported(json.dumps(body).encode())] == [
        ("bulksms:1", "sent", True), ("bulksms:2", "delivered", True), ("bulksms:3", "failed", False),
        ("bulksms:4", "failed", True), ("bulksms:7", "failed", False), ("bulksms:8", "failed", False),
    ]  # fmt: skip
    assert [one.ref for one in reported(json.dumps(body).encode()) if one.receipt.gone] == ["bulksms:4"]
    assert reported(b"[]") == [], "BulkSMS's test of the address"


PLAIN = st.none() | st.booleans() | st.integers() | st.text(max_size=20)
NAMES = st.sampled_from(["event", "messageStatusUpdate", "messageId", "status", "id", "type", "subtype"])


@given(st.recursive(PLAIN, lambda inside: st.lists(inside) | st.dictionaries(NAMES, inside)))
def test_any_document_is_read_or_passed_over(value: object) -> None:
    for body in (json.dumps(value), json.dumps({"event": {"x": value, "y": [value]}}), json.dumps([value])):
        reported(body.encode())


@given(st.binary() | st.binary().map(lambda raw: b"id=1&status=" + raw))
def test_any_bytes_are_read_or_passed_over(body: bytes) -> None:
    for one in reported(body):
        assert isinstance(one.receipt, Receipt)
