"""What somebody who is called can rely on. `Exchange` behaves as Twilio does: it checks who asks, calls, fetches what
to say, presses keys, follows where they lead, and signs each request with Twilio's own library.
"""

import asyncio
import base64
import re
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from urllib.request import Request, urlopen

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from tocsin.lib.words import Language
from tocsin.notifications.channel import Answer, Callback, Outgoing, Receipt, Text
from tocsin.notifications.channels.server import Asked, Reply, Server
from tocsin.notifications.channels.voice import twiml
from tocsin.notifications.channels.voice.channel import CHANNEL, callback, check, send
from tocsin.notifications.texts import MESSAGES, render

ACCOUNT, TOKEN = "AC00000000000000000000000000000001", "0123456789abcdef0123456789abcdef"
FROM, TO = "+27110000000", "+27821234567"
FACTS = {
    "number": 7,
    "alarm": "robbery",
    "who": "示例商店 Example Shop",
    "where": "12 Main Rd",
    "link": "https://x/a/t",
}


class Desk:
    """Our side of the call: one delivery at `/callbacks/voice/token`, judged as the view of the lead judges it."""

    def __init__(self, text: Text | None, language: Language = "en", claimable: bool = True) -> None:
        self.text, self.language, self.claimable = text, language, claimable
        self.taken = False  # by somebody else
        self.answers = list[str]()
        self.receipts = list[Receipt]()
        self.server = Server(self._answer)
        self.callback = f"{self.server.url}/callbacks/voice/token"
        self.settings = {"account": ACCOUNT, "token": TOKEN, "from": FROM}

    def _answer(self, asked: Asked) -> Reply:
        got = Callback(
            method=asked.method, url=self.server.url + asked.target, form={**asked.query, **asked.form},
            headers=asked.headers, body=asked.body, language=self.language, text=self.text, claimable=self.claimable,
        )  # fmt: skip
        told = callback(got, self.settings)
        if told.receipt:
            self.receipts.append(told.receipt)
        if told.answer == "claim" and self.taken:
            told = callback(replace(got, claimable=False), self.settings)
        elif told.answer:
            self.answers.append(told.answer)
        return Reply(told.status, told.body, {"Content-Type": told.media})


class Exchange:
    """A server of Twilio's Calls API whose callee presses `keys` and hangs up, or does not answer at all."""

    def __init__(self) -> None:
        self.keys = list[str]()
        self.ends = "completed"
        self.answered_by = ""
        self.sip = ""
        self.heard = list[tuple[str, str]]()  # language, words
        self.fault: Exception | None = None
        self.calls = list[threading.Thread]()
        self.server = Server(self._calls)

    def _calls(self, asked: Asked) -> Reply:
        user = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        if asked.headers.get("authorization") != f"Basic {user}":
            return Reply.json({"code": 20003, "message": "Authenticate", "status": 401}, 401)
        if asked.path != f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json" or asked.method != "POST":
            return Reply.json({"code": 20404, "message": "not found", "status": 404}, 404)
        fields = asked.form
        if not fields["To"].startswith("+"):
            return Reply.json({"code": 21211, "message": f"Invalid 'To' Phone Number: {fields['To']}"}, 400)
        sid = "CA00000000000000000000000000000001"
        thread = threading.Thread(target=self._call, args=(sid, fields))
        self.calls.append(thread)
        thread.start()
        return Reply.json({"sid": sid, "status": "queued", "to": fields["To"], "from": fields["From"]}, 201)

    def _call(self, sid: str, fields: dict[str, str]) -> None:
        try:
            common = {"CallSid": sid, "AccountSid": ACCOUNT, "From": fields["From"], "To": fields["To"]}
            detected = self.answered_by if fields.get("MachineDetection") == "Enable" else ""
            if self.ends == "completed":
                now = {**common, "CallStatus": "in-progress", "Direction": "outbound-api"}
                if detected:
                    now["AnsweredBy"] = detected
                self._follow(fields["Url"], now, now)
            over = {**common, "CallStatus": self.ends, "Timestamp": "Mon, 23 Nov 2026 10:30:00 +0000"}
            over |= {"AnsweredBy": detected} if detected else {}
            over |= {"SipResponseCode": self.sip} if self.sip else {}
            self._post(fields["StatusCallback"], over)
        except Exception as error:
            self.fault = error

    def _follow(self, url: str, fields: dict[str, str], common: dict[str, str]) -> None:
        response = ET.fromstring(self._post(url, fields))
        assert response.tag == "Response"
        for verb in response:
            if verb.tag == "Gather":
                assert verb.get("numDigits") == "1"
                for inner in verb:
                    self._hear(inner)
                    if self.keys and inner.tag == "Say":
                        return self._follow(verb.attrib["action"], {**common, "Digits": self.keys.pop(0)}, common)
            elif verb.tag == "Hangup":
                return None
            else:
                self._hear(verb)
        return None

    def _hear(self, verb: ET.Element) -> None:
        assert verb.tag in ("Say", "Pause")
        if verb.tag == "Say":
            self.heard.append((verb.attrib["language"], verb.text or ""))

    def _post(self, url: str, fields: dict[str, str]) -> bytes:
        signed = RequestValidator(TOKEN).compute_signature(url, fields)
        request = Request(url, urlencode(fields).encode(), {"X-Twilio-Signature": signed})
        with urlopen(request, timeout=5) as response:
            return bytes(response.read())

    @property
    def words(self) -> list[str]:
        return [words for _, words in self.heard]


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    exchange = Exchange()
    yield exchange
    exchange.server.close()


def call(exchange: Exchange, desk: Desk, to: str = TO, **settings: str) -> Any:
    """One call, until it has ended on both sides."""
    said = {**desk.settings, "url": exchange.server.url, **settings}
    text = desk.text or Text("", "", "", "")
    outgoing = Outgoing(key="token", address=to, language=desk.language, text=text, callback=desk.callback)
    try:
        result = asyncio.run(send(outgoing, said))
        for thread in exchange.calls:
            thread.join(10)
    finally:
        desk.server.close()
    if exchange.fault:
        raise exchange.fault
    return result


def alarm(language: Language = "en", **more: Any) -> Text:
    return render("alarm", {**FACTS, **more}, language)


# What is said, and what the keys do


def test_one_claims_and_is_told_so(exchange: Exchange) -> None:
    exchange.keys = ["1"]
    desk = Desk(alarm())
    result = call(exchange, desk)
    assert (result.state, result.ref) == ("sent", "CA00000000000000000000000000000001")
    assert desk.answers == ["claim"]
    assert "robbery" in exchange.words[0] and "示例商店" in exchange.words[0] and "12 Main Rd" in exchange.words[0]
    assert exchange.words[-1] == "It is yours. Please go on at the desk."


def test_somebody_was_quicker(exchange: Exchange) -> None:
    exchange.keys = ["1"]
    desk = Desk(alarm())
    desk.taken = True
    call(exchange, desk)
    assert desk.answers == []
    assert exchange.words[-1] == "Somebody else has claimed it. Thank you."


def test_two_passes(exchange: Exchange) -> None:
    exchange.keys = ["2"]
    desk = Desk(alarm())
    call(exchange, desk)
    assert desk.answers == ["cannot"]
    assert exchange.words[-1] == "Noted: you cannot come."


def test_one_is_coming_for_those_who_do_not_claim(exchange: Exchange) -> None:
    exchange.keys = ["1"]
    desk = Desk(render("sent", FACTS, "en"), claimable=False)
    call(exchange, desk)
    assert desk.answers == ["coming"]
    assert exchange.words[-1] == "Noted: you are coming. Please take care."


def test_without_a_key_it_is_said_three_times_and_nobody_has_heard_it(exchange: Exchange) -> None:
    desk = Desk(alarm())
    call(exchange, desk)
    assert exchange.words.count(exchange.words[0]) == 3
    assert exchange.words[-1] == "No key was pressed. Please look at your messages."
    assert desk.answers == []
    assert [receipt.state for receipt in desk.receipts] == ["sent"]  # not delivered, not read


def test_another_key_says_it_again(exchange: Exchange) -> None:
    exchange.keys = ["9", "1"]
    desk = Desk(alarm())
    call(exchange, desk)
    assert desk.answers == ["claim"]
    assert exchange.words[0] == exchange.words[1]


def test_what_asks_nothing_is_heard_by_any_key(exchange: Exchange) -> None:
    exchange.keys = ["5"]
    desk = Desk(render("unserved", FACTS, "en"))
    call(exchange, desk)
    assert desk.answers == ["heard"]
    assert exchange.words[0].endswith("Press any key to say that you have heard this.")


def test_chinese_is_spoken_in_chinese(exchange: Exchange) -> None:
    exchange.keys = ["1"]
    desk = Desk(alarm("zh-hans"), "zh-hans")
    call(exchange, desk)
    assert {language for language, _ in exchange.heard} == {"cmn-CN"}
    assert exchange.words[-1] == "已由您接警。请打开值班台继续处理。"


def test_voices_can_be_set(exchange: Exchange) -> None:
    desk = Desk(alarm())
    desk.settings |= {"language_en": "en-GB", "voice_en": "Polly.Amy"}
    call(exchange, desk)
    assert {language for language, _ in exchange.heard} == {"en-GB"}


@pytest.mark.parametrize(("language", "first"), [("zh-hans", "这是演练。"), ("en", "This is a drill.")])
def test_a_drill_says_so_first(exchange: Exchange, language: Language, first: str) -> None:
    desk = Desk(alarm(language, drill=True), language)
    call(exchange, desk)
    assert exchange.words[0].startswith(first)


def test_a_code_is_said_digit_by_digit(exchange: Exchange) -> None:
    desk = Desk(render("code", {"code": "482913"}, "en"))
    call(exchange, desk)
    assert "4 8 2 9 1 3" in exchange.words[0] and "482913" not in exchange.words[0]


def test_what_is_over_says_so(exchange: Exchange) -> None:
    desk = Desk(None)
    call(exchange, desk)
    assert exchange.words == ["This needs no answer any more."]


# How it ended


def test_an_answering_machine_has_not_heard_it(exchange: Exchange) -> None:
    exchange.answered_by = "machine_start"
    exchange.keys = ["1"]
    desk = Desk(alarm())
    call(exchange, desk, machines="detect")
    assert exchange.words == [] and desk.answers == []
    (receipt,) = desk.receipts
    assert (receipt.state, receipt.permanent) == ("failed", False)


@pytest.mark.parametrize(
    ("status", "sip", "permanent"),
    [
        ("busy", "", False),
        ("no-answer", "", False),
        ("canceled", "", False),
        ("failed", "", True),
        ("failed", "404", True),
        ("failed", "503", False),
    ],
)
def test_a_call_that_did_not_come_about(exchange: Exchange, status: str, sip: str, permanent: bool) -> None:
    exchange.ends, exchange.sip = status, sip
    desk = Desk(alarm())
    call(exchange, desk)
    (receipt,) = desk.receipts
    assert (receipt.state, receipt.permanent, receipt.gone) == ("failed", permanent, sip == "404")
    assert exchange.heard == []


@pytest.mark.parametrize("status", ["initiated", "ringing", "in-progress", "queued", ""])
def test_a_call_under_way_is_no_receipt(status: str) -> None:
    assert answer({"CallStatus": status, "CallSid": "CA1"}, "?about=end").receipt is None


# Who may ask


def answer(fields: dict[str, str], query: str = "", token: str = TOKEN, **changed: Any) -> Answer:
    """What is told to a request signed with `token`."""
    url = f"https://alarm.example.org/callbacks/voice/token{query}"
    signed = RequestValidator(token).compute_signature(url, fields)
    asked = Callback(
        method="POST", url=url, form={**dict(parse_qsl(query[1:])), **fields}, headers={"x-twilio-signature": signed},
        body=urlencode(fields).encode(), language="en", text=alarm(), claimable=True,
    )  # fmt: skip
    settings = {"account": ACCOUNT, "token": TOKEN, "from": FROM, **changed.pop("settings", {})}
    return callback(replace(asked, **changed), settings)


def test_only_the_provider_may_ask() -> None:
    pressed = {"CallSid": "CA1", "Digits": "1"}
    query = "?about=key&claim=1"
    assert answer(pressed, query).answer == "claim"
    for refused in (
        answer(pressed, query, token="another"),
        answer(pressed, query, headers={}),
        answer(pressed, query, headers={"x-twilio-signature": "é"}),
        answer(pressed, query, body=urlencode({**pressed, "Digits": "2"}).encode()),
        answer(pressed, query, url="https://alarm.example.org/callbacks/voice/other?about=key&claim=1"),
        answer({"CallStatus": "busy"}, "?about=end", token="another"),
        answer(pressed, query, token="", settings={"token": ""}),
    ):
        assert (refused.status, refused.answer, refused.receipt) == (403, None, None)


def test_the_standard_port_may_stand_in_the_address() -> None:
    fields = {"CallSid": "CA1", "Digits": "2"}
    path = "/callbacks/voice/token?about=key"
    for one, other in (("", ":443"), (":443", "")):
        signed = RequestValidator(TOKEN).compute_signature(f"https://alarm.example.org{one}{path}", fields)
        url = f"https://alarm.example.org{other}{path}"
        assert answer(fields, "?about=key", url=url, headers={"x-twilio-signature": signed}).answer == "cannot"


def test_a_server_that_does_not_sign_can_be_allowed() -> None:
    assert answer({"CallSid": "CA1"}, headers={}, settings={"signed": "no"}).status == 200


@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=6))
def test_twilio_s_own_library_is_the_judge(fields: dict[str, str]) -> None:
    fields = {_whole(k): _whole(v) for k, v in fields.items()}
    assert answer({**fields, "CallStatus": "ringing"}, "?about=end").status == 200


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


# What the provider says


@pytest.mark.parametrize(
    ("status", "body", "permanent", "gone", "wait"),
    [
        (400, {"code": 21211, "message": "Invalid 'To' Phone Number"}, True, True, None),
        (400, {"code": 21215, "message": "Account not authorized to call +8613800000000"}, True, False, None),
        (401, {"code": 20003, "message": "Authenticate"}, True, False, None),
        (429, {"code": 20429, "message": "Too Many Requests"}, False, False, 7),
        (503, {}, False, False, 7),
    ],
)
def test_what_the_provider_refuses(
    status: int, body: dict[str, Any], permanent: bool, gone: bool, wait: float | None
) -> None:
    with Server(lambda _: Reply.json(body, status, **({"Retry-After": "7"} if wait else {}))) as server:
        result = asyncio.run(send(_outgoing(), _settings(server.url)))
    assert (result.state, result.permanent, result.gone, result.wait) == ("failed", permanent, gone, wait)
    assert str(status) in result.error


def test_a_number_that_is_none(exchange: Exchange) -> None:
    result = call(exchange, Desk(alarm()), to="12345")
    assert result.gone and "21211" in result.error


def test_a_provider_that_is_away() -> None:
    with Server(lambda _: Reply()) as server:
        settings = _settings(server.url)
    result = asyncio.run(send(_outgoing(), settings))
    assert (result.state, result.permanent) == ("failed", False)
    assert TOKEN not in result.error and ACCOUNT not in result.error


def _outgoing() -> Outgoing:
    return Outgoing(key="token", address=TO, language="en", text=alarm(), callback="https://alarm.example.org/c")


def _settings(url: str) -> dict[str, str]:
    return {"account": ACCOUNT, "token": TOKEN, "from": FROM, "url": url}


def test_wrong_settings_are_named() -> None:
    good = {"account": ACCOUNT, "token": TOKEN, "from": FROM}
    assert check(good) == []
    bad = check({**good, "from": "0110000000", "ring": "1", "machines": "yes", "url": "api.twilio.com"})
    assert [re.sub(":.*", "", line) for line in bad] == [
        f"TOCSIN_CHANNEL_VOICE_{name}" for name in ("FROM", "URL", "RING", "MACHINES")
    ]
    assert CHANNEL.needs == ("account", "token", "from")


# Words


@given(st.text())
def test_any_words_make_a_whole_document(words: str) -> None:
    body = twiml.question(words, "https://alarm.example.org/c?about=key&claim=1", "en", {})
    gather = ET.fromstring(body).find("Gather")
    assert gather is not None and gather.get("action") == "https://alarm.example.org/c?about=key&claim=1"


def test_markup_in_a_name_stays_words() -> None:
    document = ET.fromstring(twiml.last('</Say><Dial>+27</Dial> & "x"\x00', "en", {}))
    assert [verb.tag for verb in document] == ["Say", "Hangup"]
    assert document[0].text == '</Say><Dial>+27</Dial> & "x"'


@pytest.mark.parametrize("message", MESSAGES)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_each_message_can_be_asked_in_one_language(message: str, language: Language) -> None:
    facts = {"number": 7, "alarm": "fire", "who": "1", "where": "2", "duty": "responder", "link": "https://x/a/t"}
    body = answer({"CallSid": "CA1"}, text=render(message, facts, language), language=language).body.decode()
    said = " ".join(re.findall(r"<Say[^>]*>(.*?)</Say>", body)).replace("https://x/a/t", "")
    foreign = "[A-Za-z]" if language == "zh-hans" else "[\u4e00-\u9fff]"
    assert said and not re.search(foreign, said)


def test_the_addresses_of_one_call_are_all_ours(exchange: Exchange) -> None:
    desk = Desk(alarm())
    call(exchange, desk)
    (asked,) = exchange.server.asked
    addresses = [asked.form[name] for name in ("Url", "FallbackUrl", "StatusCallback")]
    assert {urlsplit(address).path for address in addresses} == {"/callbacks/voice/token"}
    assert asked.form["Timeout"] == "30" and "MachineDetection" not in asked.form
