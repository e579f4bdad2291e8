"""/callbacks/… through the real door: what providers report, whose word counts, and what one bad request can do."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from tests.edge.test_answer_page import again, told
from tests.world import Desk, Process, Town, a_client, free_port, proven, until

OURS = "https://alarm.example.org"
TWILIO, SECRET, VERIFY = "twilio-token", "app-secret", "verify-word"
CHANNELS = {
    "SMS_PROVIDER": "bulksms", "SMS_TWILIO_TOKEN": TWILIO, "VOICE_TOKEN": TWILIO, "WHATSAPP_SECRET": SECRET,
    "WHATSAPP_VERIFY": VERIFY,
}  # fmt: skip


@pytest.fixture(scope="module")
def door(town: Town) -> Iterator[str]:
    """A web process with channels that are set up."""
    port = free_port()
    env = {f"TOCSIN_CHANNEL_{name}": value for name, value in CHANNELS.items()}
    process = Process("web", TOCSIN_PORT=str(port), TOCSIN_PUBLIC_URL=OURS, **env)
    process.start()

    def answers() -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    until(answers, 30, "the web process")
    yield f"http://127.0.0.1:{port}"
    process.stop()


def at(door: str, channel: str, body: bytes | None = None, key: str = "", **more: Any) -> httpx.Response:
    """What comes to the channel's own address: a GET without a body."""
    from tocsin.notifications.callbacks import key_of

    url = f"{door}/callbacks/{channel}/report/{key or key_of(channel)}"
    with a_client() as client:
        return client.get(url, **more) if body is None else client.post(url, content=body, **more)


def delivery(world: Town, place: str, **more: Any) -> Any:
    return told(world.button(place).press("robbery").incident, world.desk(place), **more)


def number() -> str:
    return f"+2771{time.monotonic_ns() % 10**7:07d}"


def bulksms(ref: str, state: str, subtype: str = "") -> bytes:
    status = {"type": state, "subtype": subtype or None}
    return json.dumps([{"id": ref, "type": "SENT", "to": "27", "status": status}]).encode()


def meta(secret: str = SECRET, **value: Any) -> tuple[bytes, dict[str, str]]:
    change = {"field": "messages", "value": {"messaging_product": "whatsapp", **value}}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}).encode()
    return body, {"X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def wrote(phone: str, text: str, id_: str, about: str = "", ago: float = 0) -> dict[str, Any]:
    more = {"context": {"id": about}} if about else {}
    moment = str(int(time.time() - ago))
    return {"id": id_, "from": phone[1:], "timestamp": moment, "type": "text", "text": {"body": text}, **more}


def whatsapp(door: str, *, secret: str = SECRET, **value: Any) -> httpx.Response:
    body, headers = meta(secret, **value)
    return at(door, "whatsapp", body, headers=headers)


# Receipts at the one address of a provider


def test_a_provider_that_looks_finds_us(door: str) -> None:
    assert at(door, "sms").status_code == 200
    assert at(door, "sms", b"[]").status_code == 200, "BulkSMS's test of the address"
    assert at(door, "sms", b"\xff\x00 no report at all").status_code == 200


def test_without_the_key_there_is_nothing(door: str, world: Town, place: str) -> None:
    from tocsin.gates.keys import key_of as key_of_gate
    from tocsin.notifications.callbacks import key_of

    ref = token_urlsafe(8)
    sent = delivery(world, place, ref=f"bulksms:{ref}")
    keys = ("x", "é", key_of_gate("sms"), key_of("whatsapp"), key_of("sms")[:-1], key_of("sms").upper())
    assert {at(door, "sms", bulksms(ref, "DELIVERED"), key=key).status_code for key in keys} == {404}
    assert at(door, "email", b"", key=key_of("email")).status_code == 404, "a channel without such an address"
    assert at(door, "none", b"", key=key_of("none")).status_code == 404
    with a_client() as client:
        assert client.post(f"{door}/callbacks/sms/report", content=b"[]").status_code == 404
    assert again(sent).state == "sent"
    assert at(door, "sms", bulksms(ref, "DELIVERED")).status_code == 200
    assert again(sent).state == "delivered" and sent.delivered_at


def test_who_guesses_is_slowed_down_and_who_has_the_key_is_not(door: str) -> None:
    from tocsin.notifications.callbacks import key_of

    with a_client() as client:
        for path in ("callbacks/sms/report/", "callbacks/sms/", "a/"):
            seen = [client.get(f"{door}/{path}{token_urlsafe(16)}").status_code for _ in range(80)]
            assert 429 in seen and set(seen) <= {404, 429}, path
        assert client.get(f"{door}/callbacks/sms/report/{key_of('sms')}").status_code == 200


def test_a_receipt_by_our_key_before_its_ref(door: str, world: Town, place: str) -> None:
    mine, other = delivery(world, place), delivery(world, place, ref="clickatell:c-1")
    update = {"messageId": "c-1", "clientMessageId": mine.token, "status": "DEVICE_ACK"}
    body = json.dumps({"integrationId": "i", "event": {"messageStatusUpdate": [update]}}).encode()
    assert at(door, "sms", body).status_code == 200
    assert (again(mine).state, again(other).state) == ("delivered", "sent")


def test_a_ref_belongs_to_its_channel(door: str, world: Town, place: str) -> None:
    ref = token_urlsafe(8)
    called = delivery(world, place, channel="voice", ref=f"bulksms:{ref}")
    assert at(door, "sms", bulksms(ref, "DELIVERED")).status_code == 200
    assert again(called).state == "sent"


def test_a_receipt_that_is_quicker_than_our_own_note_is_not_lost(door: str, world: Town, place: str) -> None:
    ref = token_urlsafe(8)
    sent = delivery(world, place, state="sending", sent_at=None)
    begun = time.monotonic()
    assert at(door, "sms", bulksms(ref, "DELIVERED")).status_code == 200
    assert time.monotonic() - begun < 1, "and nobody waits for it"
    time.sleep(0.4)
    world.rows("UPDATE notifications_delivery SET ref = %s, state = 'sent' WHERE id = %s", f"bulksms:{ref}", sent.pk)
    until(lambda: again(sent).state == "delivered", 4, "the receipt")


def test_chunks_are_read_too_and_no_more_than_a_report_holds(door: str, world: Town, place: str) -> None:
    ref = token_urlsafe(8)
    sent = delivery(world, place, ref=f"bulksms:{ref}")

    def pieces(body: bytes) -> Iterator[bytes]:
        yield from (body[n : n + 40] for n in range(0, len(body), 40))

    from tocsin.notifications.callbacks import key_of

    with a_client() as client:
        url = f"{door}/callbacks/sms/report/{key_of('sms')}"
        assert client.post(url, content=pieces(bulksms(ref, "DELIVERED"))).status_code == 200
    assert again(sent).state == "delivered"
    assert at(door, "sms", b"[" + b" " * (3 << 20)).status_code == 413
    asked = f"{door}/callbacks/sms/{sent.token}?by=kannel&dlr=1"
    with a_client() as client:
        assert client.post(asked, content=b"x" * 70_000).status_code == 413


# What a receipt means


def failed(ref: str, **more: Any) -> Any:
    from tocsin.notifications.channel import Receipt

    return Receipt("failed", ref, "undelivered", **more)


def test_a_failure_of_an_older_try_is_none_of_the_present_one(world: Town, place: str) -> None:
    from tocsin.notifications import actions

    now = datetime.now(UTC)
    sent = delivery(world, place, ref="twilio:SM2", tried=2)
    assert actions.receipt(failed("twilio:SM1", permanent=False), now, token=sent.token)
    assert (again(sent).state, sent.error) == ("sent", "")
    assert actions.receipt(failed("twilio:SM2", permanent=False), now, token=sent.token)
    assert (again(sent).state, sent.error) == ("queued", "undelivered")
    from tocsin.notifications.channel import Receipt

    assert actions.receipt(Receipt("sent", "twilio:SM2"), now, token=sent.token)
    assert again(sent).state == "queued", "one that comes late does not undo the next try"


def test_a_failure_during_the_next_try_waits_for_its_ref(door: str, world: Town, place: str) -> None:
    """Twilio says again that SM1 failed, while SM2 is being sent."""
    sent = delivery(world, place, state="sending", ref="twilio:SM1", tried=2)
    late = delivery(world, place, state="sending", sent_at=None, tried=1)
    for each, sid in ((sent, "SM1"), (late, "SM7")):
        assert twilio(door, each.token, MessageSid=sid, MessageStatus="undelivered").status_code == 200
        assert again(each).state == "sending"
    note = "UPDATE notifications_delivery SET ref = %s, state = 'sent' WHERE id = %s"
    world.rows(note, "twilio:SM2", sent.pk)
    world.rows(note, "twilio:SM7", late.pk)
    until(lambda: again(late).state == "queued", 4, "the failure of the present try")
    time.sleep(2.2)
    assert again(sent).state == "sent"


def twilio(door: str, token: str, signed_with: str = TWILIO, **fields: str) -> httpx.Response:
    path = f"/callbacks/sms/{token}?by=twilio"
    signature = RequestValidator(signed_with).compute_signature(OURS + path, fields)
    headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
    with a_client() as client:
        return client.post(door + path, content=urlencode(fields).encode(), headers=headers)


def test_at_a_deliverys_own_address_the_provider_must_have_signed(door: str, world: Town, place: str) -> None:
    sent = delivery(world, place, ref="twilio:SM1")
    refused = twilio(door, sent.token, "another", MessageSid="SM1", MessageStatus="delivered")
    assert refused.status_code == 403 and TWILIO not in refused.text and sent.token not in refused.text
    assert again(sent).state == "sent"
    assert twilio(door, sent.token, MessageSid="SM1", MessageStatus="delivered").status_code == 200
    assert again(sent).state == "delivered"
    with a_client() as client:
        assert client.post(f"{door}/callbacks/voice/{sent.token}").status_code == 404, "the delivery is a text"


def test_a_number_that_is_none_ends_the_contact(door: str, world: Town, place: str) -> None:
    from tocsin.notifications.models import Contact

    desk = world.desk(place)
    contact = Contact.objects.create(person_id=desk.person, channel="sms", address=number())
    incident = world.button(place).press("robbery").incident
    sent = told(incident, desk, contact=contact, address=contact.address, ref="twilio:SM1")
    twilio(door, sent.token, MessageSid="SM1", MessageStatus="undelivered", ErrorCode="30005")
    assert (again(sent).state, again(contact).dead_why) == ("failed", "undelivered 30005")
    assert contact.dead_at


def test_a_partner_whose_system_is_gone_is_switched_off_and_named(world: Town, place: str) -> None:
    from django.test import Client

    from tocsin import doctor
    from tocsin.centers.models import Center
    from tocsin.notifications import actions
    from tocsin.notifications.channel import Result
    from tocsin.notifications.models import Partner
    from tocsin.people.models import Person

    desk, now = world.desk(place, "administrator"), datetime.now(UTC)
    center = Center.objects.get(code=place)
    dead, moved = (
        Partner.objects.create(center=center, name=f"{name} {place}", url=f"https://{name}.example.org/", secret="s")
        for name in ("dead", "moved")
    )
    incident = world.button(place).press("robbery").incident
    for partner, url in ((dead, dead.url), (moved, "https://before.example.org/")):
        more = {"person_id": None, "partner": partner, "channel": "webhook", "address": url, "state": "sending"}
        sent = told(incident, desk, **more)
        actions.finish(sent.pk, Result("failed", error="410 Gone", gone=True), now)
        assert again(sent).state == "failed" and ("switched off" in sent.error) is (partner is dead)
    assert (again(dead).active, again(moved).active) == (False, True), "it has another address by now"
    assert any(dead.name in f.en and dead.name in f.zh for f in doctor.examine(now) if f.check == "partners")
    session = Client()
    proven(session, Person.objects.get(pk=desk.person))
    page = session.get("/desk/channels/?lang=en", HTTP_HOST="localhost").content.decode()
    assert dead.name in page and moved.name not in page
    Partner.objects.filter(pk__in=(dead.pk, moved.pk)).delete()


def test_the_address_to_enter_is_shown_to_administrators_alone(world: Town, place: str) -> None:
    from django.test import Client

    from tocsin.notifications.callbacks import key_of
    from tocsin.people.models import Person

    for role, shown in (("administrator", True), ("director", False)):
        session = Client()
        proven(session, Person.objects.get(pk=world.desk(place, role).person))
        page = session.get("/desk/channels/", HTTP_HOST="localhost").content.decode()
        for channel in ("sms", "whatsapp"):
            assert (f"/callbacks/{channel}/report/{key_of(channel)}" in page) is shown
        assert key_of("email") not in page


# WhatsApp


def test_meta_enters_the_address(door: str) -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "115<b>"}
    right = at(door, "whatsapp", params=asked)
    assert (right.status_code, right.text) == (200, "115<b>")
    assert right.headers["Content-Type"].startswith("text/plain")
    wrong = at(door, "whatsapp", params={**asked, "hub.verify_token": "x"})
    assert wrong.status_code == 403 and VERIFY not in wrong.text


def test_meta_must_have_signed(door: str, world: Town, place: str) -> None:
    ref = token_urlsafe(8)
    sent = delivery(world, place, channel="whatsapp", ref=ref)
    value = {"statuses": [{"id": ref, "status": "read"}], "messages": [wrote(sent.address, "1", ref, about=ref)]}
    refused = whatsapp(door, secret="another", **value)
    assert refused.status_code == 403 and SECRET not in refused.text
    assert (again(sent).state, sent.answer) == ("sent", "")
    assert whatsapp(door, **value).status_code == 200
    assert (again(sent).state, sent.answer) == ("answered", "coming")
    assert sent.read_at


def test_whatsapps_receipts_by_our_key_before_its_id(door: str, world: Town, place: str) -> None:
    mine, other = (delivery(world, place, channel="whatsapp", ref=ref) for ref in (None, token_urlsafe(8)))
    whatsapp(door, statuses=[{"id": other.ref, "status": "delivered", "biz_opaque_callback_data": mine.token}])
    assert (again(mine).state, again(other).state) == ("delivered", "sent")
    whatsapp(door, statuses=[{"id": other.ref, "status": "read"}])
    assert (again(mine).state, again(other).state) == ("delivered", "read")


@pytest.fixture
def officer(world: Town, place: str) -> Callable[..., Any]:
    """Somebody whose number it is, and a delivery that they were sent there."""
    from tocsin.people.models import Person

    def make(**more: Any) -> Any:
        desk, phone = world.desk(place), number()
        Person.objects.filter(pk=desk.person).update(phone=phone)
        incident = world.button(place).press("robbery").incident
        return told(incident, desk, channel="whatsapp", address=phone, **more)

    return make


def replies(sent: Any) -> list[str]:
    from tocsin.notifications.models import Reply

    return list(Reply.objects.filter(person_id=sent.person_id).values_list("text", flat=True))


def test_what_somebody_writes_is_an_answer_once(door: str, officer: Callable[..., Any]) -> None:
    from tocsin.notifications import inbox
    from tocsin.notifications.models import Reply

    sent, id_ = officer(), token_urlsafe(8)
    first, second = wrote(sent.address, "1 20 min", id_), wrote(sent.address, "gate is open", token_urlsafe(8))
    assert whatsapp(door, messages=[first, second]).status_code == 200
    assert replies(sent) == ["1 20 min", "gate is open"]
    assert whatsapp(door, messages=[first]).status_code == 200
    assert replies(sent) == ["1 20 min", "gate is open"], "Meta hands it over again"
    inbox.read(datetime.now(UTC), 1000)
    assert (again(sent).answer, sent.eta, sent.words) == ("coming", 20, "gate is open")
    assert whatsapp(door, messages=[first, second]).status_code == 200
    assert replies(sent) == [] and not Reply.objects.filter(person_id=sent.person_id).exists(), "nor when it was read"


def test_a_button_answers_the_message_that_it_belongs_to(door: str, world: Town, officer: Callable[..., Any]) -> None:
    older = officer(ref=token_urlsafe(8))
    incident = world.button("PTA").press("medical").incident
    desk = Desk(world.doors, "PTA", "", "", older.person_id)
    newer = told(incident, desk, channel="whatsapp", address=older.address, ref=token_urlsafe(8))
    stranger = wrote(number(), "2", token_urlsafe(8), about=newer.ref)
    button = wrote(older.address, "2 Cannot", token_urlsafe(8), about=older.ref)
    assert whatsapp(door, messages=[stranger, button, button]).status_code == 200
    assert (again(older).answer, again(newer).answer, replies(older)) == ("cannot", "", [])


def test_words_that_come_hours_later_answer_nothing_new(door: str, officer: Callable[..., Any]) -> None:
    sent = officer()
    assert whatsapp(door, messages=[wrote(sent.address, "1", token_urlsafe(8), ago=7200)]).status_code == 200
    assert replies(sent) == []


def test_whoever_wrote_may_be_sent_plain_text(door: str, world: Town, place: str) -> None:
    from tocsin.notifications.actions import claim
    from tocsin.notifications.channels.whatsapp.channel import inside
    from tocsin.notifications.courier import outgoing
    from tocsin.notifications.models import Contact

    desk, now = world.desk(place), datetime.now(UTC)
    contact = Contact.objects.create(person_id=desk.person, channel="whatsapp", address=number())
    incident = world.button(place).press("robbery").incident
    sent = told(
        incident, desk, channel="whatsapp", address=contact.address, contact=contact, state="queued", sent_at=None,
        due=now - timedelta(days=1),
    )  # fmt: skip
    assert not inside(outgoing(sent), now)
    whatsapp(door, messages=[wrote(contact.address, "hello", token_urlsafe(8), ago=60)])
    whatsapp(door, messages=[wrote(contact.address, "before", token_urlsafe(8), ago=600)])
    assert abs((now - again(contact).wrote_at).total_seconds() - 60) < 20, "the newest counts"
    assert replies(sent) == ["hello", "before"], "by a number that is not their own"
    (taken,) = [d for d in claim(now, 400, {"whatsapp": 400}) if d.pk == sent.pk]
    assert "contact" in taken._state.fields_cache, "the courier's loop must not ask the database"
    out = outgoing(taken)
    assert inside(out, datetime.now(UTC)) and out.values["tried"] == 1


# What goes wrong stays where it is


def test_a_fault_of_one_channel_is_one_line_and_says_nothing_more(
    world: Town, place: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from django.db import OperationalError
    from django.test import Client
    from msgspec.structs import replace

    from tocsin.notifications import registry
    from tocsin.notifications.callbacks import key_of

    sent = delivery(world, place, ref="kannel:x")
    error: list[Exception] = []

    def broken(*_: Any) -> Any:
        raise error[0]

    whole = registry.channels()
    monkeypatch.setitem(whole, "sms", replace(whole["sms"], callback=broken, report=broken))
    here = Client(raise_request_exception=False, REMOTE_ADDR="127.9.9.9", HTTP_HOST="localhost")
    for fault, status in (
        (ValueError(f"secret {sent.token}"), 400),
        (KeyError(f"secret {sent.token}"), 500),
        (OperationalError(f"secret {sent.token}"), 503),
    ):
        error[:] = [fault]
        for path in (f"/callbacks/sms/{sent.token}", f"/callbacks/sms/report/{key_of('sms')}"):
            caplog.clear()
            answer = here.post(path, data=b"x", content_type="application/octet-stream")
            assert answer.status_code == status
            assert answer.content.count(b"\n") == 1
            told_all = answer.content.decode() + caplog.text
            assert caplog.text, "it stands in the log"
            for secret in ("secret", sent.token, key_of("sms")):
                assert secret not in told_all
    assert again(sent).state == "sent"


def test_one_receipt_that_fails_holds_up_no_other(world: Town, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.test import Client

    from tocsin.notifications import actions
    from tocsin.notifications.callbacks import key_of

    good, real = delivery(world, place, ref=f"bulksms:{token_urlsafe(8)}"), actions.receipt

    def some(receipt: Any, *args: Any, **named: Any) -> bool:
        if receipt.ref == "bulksms:bad":
            raise RuntimeError
        return real(receipt, *args, **named)

    monkeypatch.setattr(actions, "receipt", some)
    bad = json.loads(bulksms("bad", "DELIVERED"))
    body = json.dumps(bad + json.loads(bulksms(good.ref.removeprefix("bulksms:"), "DELIVERED"))).encode()
    here = Client(HTTP_HOST="localhost")
    answer = here.post(f"/callbacks/sms/report/{key_of('sms')}", data=body, content_type="application/json")
    assert answer.status_code == 500, "so that it is told again"
    assert again(good).state == "delivered"
