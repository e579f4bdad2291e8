"""Texts through the door: the mounted address, Twilio's own validator as signer and as judge, and a real Kannel."""

import argparse
import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

import httpx
import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from tests.gates.conftest import FakeIntake, story
from tests.gates.kannel import Kannel, Phone, missing, wait
from tocsin.edge.hooks import Hooks
from tocsin.gates import simulate
from tocsin.gates.protocol import Request
from tocsin.gates.protocols.checks import HERE
from tocsin.gates.protocols.sms.encoder import Device
from tocsin.gates.protocols.sms.providers import twilio

NUMBER = "+27821234567"
KEY = "k3y"
PUBLIC = "https://alarm.example.org"
TOKEN = "the account's auth token"
TWILIO = {"MessageSid": "SM1", "From": NUMBER, "To": "+12025550100", "Body": "SOS 救命", "NumMedia": "0", "Empty": ""}
GET_URL = "http://127.0.0.1:{port}/gates/sms/{key}/kannel?from=%p&to=%P&text=%b&time=%T&id=%I&smsc=%i&charset=%C"


class Web:
    """The web's own address on a free port of 127.0.0.1."""

    def __init__(self, port: int, hooks: Hooks) -> None:
        self.port, self.counters = port, hooks.receptions["sms"].counters

    async def asks(self, path: str, key: str = KEY, **more: Any) -> httpx.Response:
        """GET; with `data` (a form) or `json` POST."""
        async with httpx.AsyncClient() as client:
            url = f"http://127.0.0.1:{self.port}/gates/sms/{key}/{path}"
            return await client.request("POST" if {"data", "json"} & more.keys() else "GET", url, **more)


@asynccontextmanager
async def web(intake: FakeIntake, **settings: str) -> AsyncIterator[Web]:
    """`settings`: TOCSIN_GATE_SMS_… of the environment."""
    with patch.dict(os.environ, {f"TOCSIN_GATE_SMS_{name.upper()}": value for name, value in settings.items()}):
        hooks = Hooks(intake, lambda _name: KEY, PUBLIC, lambda: True)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await hooks.take(scope, receive, send)

    sock = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None))
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign]
    task = asyncio.create_task(server.serve(sockets=[sock]))
    while not server.started:
        await asyncio.sleep(0.005)
    try:
        yield Web(sock.getsockname()[1], hooks)
    finally:
        server.should_exit = True
        await task


# The mounted address ------------------------------------------------------------------------------------------


@story
async def test_a_text_through_the_mounted_address_is_stored_before_it_is_answered_and_once(intake: FakeIntake) -> None:
    intake.know("sms", NUMBER)
    sent = Device(NUMBER).sos(HERE)
    async with web(intake) as door:
        for _ in range(20):
            answer = await door.asks(f"kannel?{sent.query}")
            assert (answer.status_code, answer.content) == (200, b"")
        (alarm,) = intake.alarms
        assert alarm.raw and alarm.text and alarm.text.startswith("help me!")
        assert alarm.position and alarm.position.lat == pytest.approx(HERE.lat)


@story
async def test_without_the_key_there_is_nothing(intake: FakeIntake) -> None:
    intake.know("sms", NUMBER)
    async with web(intake) as door:
        for key in ("other", "kannel", KEY.upper()):
            assert (await door.asks(f"kannel?{Device(NUMBER).sos(HERE).query}", key=key)).status_code == 404
        assert not intake.stored and not intake.knocks
        assert (await door.asks("carrier-pigeon")).status_code == 400
        assert (await door.asks("kannel")).status_code == 400


@story
async def test_a_stranger_is_acknowledged_and_knocks_with_its_words(intake: FakeIntake) -> None:
    async with web(intake) as door:
        answer = await door.asks("twilio", data=TWILIO)
        assert (answer.status_code, answer.text) == (200, '<?xml version="1.0" encoding="UTF-8"?><Response/>')
        assert answer.headers["content-type"].startswith("text/xml")
        ((protocol, number, _, raw),) = intake.knocks
        assert (protocol, number) == ("sms", NUMBER) and b"Body=SOS" in raw
        assert not intake.stored


@story
async def test_while_nothing_can_be_stored_the_provider_is_told_to_come_again(intake: FakeIntake) -> None:
    intake.know("sms", NUMBER)
    intake.away = True
    async with web(intake) as door:
        answer = await door.asks("twilio", data=TWILIO)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        intake.away = False
        for _ in range(2):
            assert (await door.asks("twilio", data=TWILIO)).status_code == 200
        assert len(intake.alarms) == 1


@story
async def test_any_other_text_is_a_message_that_keeps_its_words(intake: FakeIntake) -> None:
    intake.know("sms", NUMBER)
    async with web(intake, words="code red") as door:
        for n, text in enumerate(("yes in 2 hours", "cancel", "测试", "CODE RED")):
            fields = {"from": "082 123 4567", "text": text, "id": str(n)}
            assert (await door.asks("generic", json=fields)).status_code == 200
        said = [(signal.kind, signal.text) for _, signal in intake.stored]
        kinds = ("message", "cancel", "test", "alarm")
        assert said == list(zip(kinds, ("yes in 2 hours", "cancel", "测试", "CODE RED"), strict=True))


@story
async def test_of_several_senders_in_one_request_each_is_stored_or_knocks(intake: FakeIntake) -> None:
    other = "+27837654321"
    texts = [{"id": str(n), "type": "RECEIVED", "from": who, "body": "SOS"} for n, who in enumerate((NUMBER, other))]
    intake.know("sms", other)
    async with web(intake) as door:
        assert (await door.asks("bulksms", json=texts)).status_code == 200
        assert len(intake.alarms) == 1
        assert [knock[1] for knock in intake.knocks] == [NUMBER]


@story
async def test_the_simulator_texts_through_the_mounted_address(intake: FakeIntake) -> None:
    intake.know("sms", NUMBER)
    async with web(intake) as door:
        parser = argparse.ArgumentParser()
        simulate.add_arguments(parser)
        url = f"http://127.0.0.1:{door.port}/gates/sms/{KEY}"
        args = parser.parse_args(["sms", "--url", url, "--device", NUMBER, "--sos", "--quiet"])
        assert await asyncio.to_thread(simulate.run, args) == 0
        assert [signal.kind for _, signal in intake.stored] == ["alarm", "position"]


# Twilio's signature -------------------------------------------------------------------------------------------


def signed(path: str = "twilio", scheme: str = "https", host: str = "alarm.example.org", **more: str) -> dict[str, str]:
    """The header that Twilio's own library computes for its address and form."""
    url = f"{scheme}://{host}/gates/sms/{KEY}/{path}"
    return {"X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(url, TWILIO | more)}


@story
async def test_what_twilio_signed_is_taken(intake: FakeIntake) -> None:
    intake.know("sms", NUMBER)
    async with web(intake, twilio_token=TOKEN) as door:
        assert (await door.asks("twilio", data=TWILIO, headers=signed())).status_code == 200
        assert len(intake.alarms) == 1 and intake.alarms[0].text == "SOS 救命"
        with_port = signed(host="alarm.example.org:443")
        assert (await door.asks("twilio", data=TWILIO, headers=with_port)).status_code == 200
        more = "twilio?center=PTA&x=a%20b%2B"
        assert (await door.asks(more, data=TWILIO, headers=signed(more))).status_code == 200


@story
async def test_what_twilio_did_not_sign_is_refused_and_leaves_nothing(intake: FakeIntake) -> None:
    intake.know("sms", NUMBER)
    tampered: list[tuple[str, dict[str, str], dict[str, Any]]] = [
        ("twilio", TWILIO, {}),
        ("twilio", TWILIO, {"X-Twilio-Signature": ""}),
        ("twilio", TWILIO, {"X-Twilio-Signature": "héllo".encode()}),
        ("twilio", TWILIO | {"Body": "cancel"}, signed()),
        ("twilio", TWILIO | {"From": "+27837654321"}, signed()),
        ("twilio", TWILIO | {"Extra": "1"}, signed()),
        ("twilio", {name: value for name, value in TWILIO.items() if name != "Empty"}, signed()),
        ("twilio", TWILIO, signed(scheme="http")),
        ("twilio", TWILIO, signed(host="alarm.example.org:8443")),
        ("twilio", TWILIO, signed(host="evil.example.org")),
        ("twilio?Body=cancel", TWILIO, signed()),
        ("twilio", TWILIO, signed("twilio?x=1")),
        ("twilio/", TWILIO, signed()),
    ]
    async with web(intake, twilio_token=TOKEN) as door:
        for path, fields, headers in tampered:
            answer = await door.asks(path, data=fields, headers=headers)
            assert (answer.status_code, "TOCSIN_GATE_SMS_TWILIO_TOKEN" in answer.text) == (403, True), (path, headers)
        assert not intake.stored and not intake.knocks
        query = urlencode(TWILIO)
        answer = await door.asks(f"twilio?{query}")
        assert answer.status_code == 403
        url = f"{PUBLIC}/gates/sms/{KEY}/twilio?{query}"
        headers = {"X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(url, {})}
        assert (await door.asks(f"twilio?{query}", headers=headers)).status_code == 200, "by GET, signed"


@story
async def test_without_a_token_the_key_alone_protects(intake: FakeIntake) -> None:
    intake.know("sms", NUMBER)
    async with web(intake) as door:
        assert (await door.asks("twilio", data=TWILIO, headers={"X-Twilio-Signature": "wrong"})).status_code == 200
        assert len(intake.alarms) == 1


forms = st.dictionaries(st.text(min_size=1, max_size=12), st.text(max_size=30), max_size=8)
hosts = st.sampled_from(["alarm.example.org", "alarm.example.org:443", "alarm.example.org:8443", "10.0.0.1"])


@given(forms, hosts, st.sampled_from(["https", "http"]), st.sampled_from(["", "?a=1&b=%E6%95%91"]), st.booleans())
def test_twilios_library_and_ours_judge_alike(form: Any, host: str, scheme: str, query: str, newer: bool) -> None:
    form = {name.encode("utf-8", "replace").decode(): v.encode("utf-8", "replace").decode() for name, v in form.items()}
    url = f"{scheme}://{host}/gates/sms/{KEY}/twilio{query}"
    body = urlencode(form).encode()
    theirs, algorithm = RequestValidator(TOKEN), "HMAC_SHA256" if newer else "HMAC_SHA1"
    ours = twilio.signature(url, body, TOKEN, twilio.ALGORITHMS[algorithm])
    assert ours == theirs.compute_signature(url, form, algorithm)
    assert theirs.validate(url, form, ours, algorithm)
    headers = (
        {"x-twilio-webhooks-signature-settings": f"key=webhooks_sharedkey_1,algorithm={algorithm}"} if newer else {}
    )
    for other in {url, url.replace(":443/", "/")} if scheme == "https" else {url}:
        given = theirs.compute_signature(other, form, algorithm)
        twilio.check(Request(body=body, url=url, headers={**headers, "x-twilio-signature": given}), TOKEN)
        for request in (
            Request(body=body + b"&a=b&a=c", url=url, headers={**headers, "x-twilio-signature": given}),
            Request(body=body, url=url + "/", headers={**headers, "x-twilio-signature": given}),
            Request(body=body, url="", headers={**headers, "x-twilio-signature": given}),
            Request(body=body, url="https://[", headers={**headers, "x-twilio-signature": given}),
        ):
            with pytest.raises(twilio.Forbidden):
                twilio.check(request, TOKEN)


# A real Kannel ------------------------------------------------------------------------------------------------

real = pytest.mark.skipif(missing() is not None, reason=missing() or "")


def with_kannel(intake: FakeIntake, folder: Path, tell: Callable[[Phone, Web], None]) -> None:
    """Kannel with our gate as its sms-service; `tell` has a phone in its network."""

    def live(door: Web) -> None:
        with Kannel(folder, GET_URL.format(port=door.port, key=KEY)) as kannel, kannel.phone(NUMBER) as phone:
            tell(phone, door)

    async def run() -> None:
        async with web(intake) as door:
            await asyncio.to_thread(live, door)

    asyncio.run(asyncio.wait_for(run(), 60))


@real
def test_kannel_brings_an_sos_a_chinese_text_a_trackers_and_a_long_one(intake: FakeIntake, tmp_path: Path) -> None:
    intake.know("sms", NUMBER)
    long = "HELP they came over the wall, " + "four men and a white bakkie, " * 8 + "end"

    def tell(phone: Phone, door: Web) -> None:
        phone.texts("SOS please, robbers + guns @ 12 Main Rd")
        wait(lambda: len(intake.stored) == 1, "SOS")
        phone.texts("救命，不要上来")
        wait(lambda: len(intake.stored) == 2, "救命")
        phone.texts("help+me!%0Alat:-26.107450+long:28.056010%0Abat:80%25", kind="data")
        wait(lambda: len(intake.stored) == 3, "help me!")
        for part, words in ((1, long[:140]), (2, long[140:])):
            phone.texts(f"%05%00%03%07%02%0{part} {words}", kind="udh-text")
        wait(lambda: len(intake.stored) == 4, "the long one")
        phone.texts("yes in 2 hours")
        wait(lambda: len(intake.stored) == 5, "the message")
        assert phone.heard == [], "nothing comes back to the caller's phone"

    with_kannel(intake, tmp_path, tell)
    sos, chinese, tracker, joined, message = (signal for _, signal in intake.stored)
    assert (sos.kind, sos.alarm, sos.text) == ("alarm", "robbery", "SOS please, robbers + guns @ 12 Main Rd")
    assert sos.at and abs((sos.at - datetime.now(UTC)).total_seconds()) < 60
    assert (chinese.kind, chinese.text) == ("alarm", "救命，不要上来")
    assert (tracker.kind, tracker.battery) == ("alarm", 0.8)
    assert tracker.position and tracker.position.lat == pytest.approx(-26.10745)
    assert (joined.kind, joined.text) == ("alarm", long)
    assert (message.kind, message.text) == ("message", "yes in 2 hours")


@real
def test_kannel_keeps_a_text_while_we_are_away_and_brings_it_once(intake: FakeIntake, tmp_path: Path) -> None:
    intake.know("sms", NUMBER)
    intake.away = True

    def tell(phone: Phone, door: Web) -> None:
        phone.texts("SOS")
        wait(lambda: door.counters.unavailable > 1, "tried again")
        intake.away = False
        wait(lambda: intake.stored, "SOS")
        phone.texts("SOS")
        wait(lambda: len(intake.stored) == 2, "a second press")
        assert phone.heard == []

    with_kannel(intake, tmp_path, tell)
    assert [signal.kind for _, signal in intake.stored] == ["alarm", "alarm"]


@real
def test_kannels_network_carries_texts_to_phones_too(intake: FakeIntake, tmp_path: Path) -> None:
    def tell(phone: Phone, door: Web) -> None:
        for text in ("we are coming", "我们来了"):
            phone.kannel.sends(NUMBER, text)
            phone.hears(text)

    with_kannel(intake, tmp_path, tell)
