"""What providers, and who texts by them, can rely on."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.gates.protocol import Decoded, Malformed, Request, Session, identified
from tocsin.gates.protocols.checks import HERE, NOW
from tocsin.gates.protocols.sms.decoder import GATE, PROVIDERS, decode
from tocsin.gates.protocols.sms.encoder import Device
from tocsin.gates.protocols.sms.message import LONGEST
from tocsin.gates.protocols.sms.sender import identifier
from tocsin.gates.signal import Signal

NUMBER = "+27821234567"


def get(provider: str, /, **fields: str) -> Decoded:
    return decode(Request(path=f"/{provider}", query=urlencode(fields)), Session(), NOW)


def post(provider: str, fields: Any, headers: dict[str, str] | None = None, **gate: str) -> Decoded:
    body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
    request = Request(method="POST", path=f"/{provider}", body=body, headers=headers or {})
    return decode(request, Session(gate=gate), NOW)


def post_json(provider: str, value: Any, headers: dict[str, str] | None = None) -> Decoded:
    return post(provider, msgspec.json.encode(value), headers)


def only(decoded: Decoded) -> Signal:
    (said,) = decoded.signals
    return said


def spot(said: Signal) -> tuple[float, float]:
    assert said.position
    return round(said.position.lat, 5), round(said.position.lon, 5)


# Who sent it --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sender", "device"),
    [
        ("+27821234567", NUMBER),
        (" 27821234567", NUMBER),  # a plus that nobody escaped
        ("27821234567", NUMBER),
        ("0821234567", NUMBER),
        ("082 123-4567", NUMBER),
        ("(082) 123 4567", NUMBER),
        ("0027821234567", NUMBER),
        ("＋２７８２１２３４５６７", NUMBER),
        ("whatsapp:+27821234567", NUMBER),
        ("+8613800138000", "+8613800138000"),
        ("8613800138000", "+8613800138000"),
        ("008613800138000", "+8613800138000"),
        ("447911123456", "+447911123456"),
        ("40404", "40404"),
        ("10111", "10111"),
        ("BANK", "BANK"),
        ("Bank 24", "Bank 24"),
        ("", ""),
        ("+", "+"),
    ],
)
def test_numbers_are_written_in_one_way(sender: str, device: str) -> None:
    assert identifier(sender) == device


@given(st.text(max_size=80))
def test_any_sender_is_somebody_of_bounded_length(sender: str) -> None:
    assert len(identifier(sender)) <= 64
    assert identifier(identifier(sender)) == identifier(sender)


# Providers ----------------------------------------------------------------------------------------------------

AT = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
ONE_API = {
    "channel": "sms",
    "messageId": "3a89",
    "from": "27821234567",
    "to": "27600000000",
    "timestamp": 1795429800000,
    "content": "SOS",
    "charset": "UTF-8",
}
BULK = {
    "id": "312123871239124",
    "type": "RECEIVED",
    "from": {"type": "INTERNATIONAL", "address": "27821234567"},
    "to": {"type": "INTERNATIONAL", "address": "+27600000000"},
    "body": {"value": "SOS", "encoding": {"type": "TEXT"}},
    "submission": {"id": "56", "date": "2026-11-23T10:30:00Z"},
    "status": {"condition": "SENT", "final": False},
}


def requests() -> dict[str, tuple[Decoded, datetime | None]]:
    """SOS of one number at one time, as each provider's documents say it."""
    kannel = {"from": NUMBER, "to": "40404", "text": "SOS", "time": "1795429800", "id": "21edaf2b", "charset": "UTF-8"}
    headers = {"x-kannel-from": NUMBER, "x-kannel-time": "2026-11-23 10:30:00", "content-type": "text/plain"}
    twilio = {"MessageSid": "SM1", "From": NUMBER, "To": "+1", "Body": "SOS", "NumMedia": "0", "SmsStatus": "received"}
    africa = {
        "from": NUMBER,
        "to": "40404",
        "text": "SOS",
        "id": "28a9",
        "linkId": "28a9",
        "date": "2026-11-23T10:30:00Z",
    }
    older = {"api_id": "1", "moMsgId": "99", "from": "27821234567", "to": "1", "timestamp": "2026-11-23 12:30:00"}
    push = {"msisdn": "27600000000", "sender": "27821234567", "message": "SOS", "msg_id": "1", "dca": "7bit"}
    rest = {"messageId": "1", "fromNumber": "27821234567", "toNumber": "1", "timestamp": 1795429800000, "text": "SOS"}
    other = {"From": "0821234567", "Message": "SOS", "ID": 7, "time": 1795429800}
    return {
        "kannel get-url": (get("kannel", **kannel), AT),
        "kannel post-url": (post("kannel", b"SOS", headers), AT),
        "twilio": (post("twilio", twilio), None),
        "africastalking": (post("africastalking", africa), AT),
        "clickatell one api": (post_json("clickatell", {"integrationId": "f", "event": {"moText": [ONE_API]}}), AT),
        "clickatell platform": (post_json("clickatell", rest), AT),
        "clickatell older": (get("clickatell", text="SOS", **older), AT),
        "bulksms": (post_json("bulksms", [BULK]), AT),
        "bulksms plain": (post_json("bulksms", {**BULK, "from": "27821234567", "body": "SOS"}), AT),
        "bulksms push": (get("bulksms", received_time="26-11-23 12:30:00", **push), None),
        "generic json": (post_json("generic", other), AT),
        "generic query": (get("generic", msisdn="27821234567", body="SOS", at="2026-11-23T12:30:00+02:00"), AT),
        "generic form": (post("generic", {"sender": NUMBER, "text": "SOS", "id": "1"}), None),
    }


@pytest.mark.parametrize("name", requests())
def test_each_providers_text_is_an_alarm_of_its_sender(name: str) -> None:
    decoded, at = requests()[name]
    said = only(decoded)
    assert (decoded.device, said.kind, said.text, said.at, decoded.status) == (NUMBER, "alarm", "SOS", at, 200)
    assert decoded.stranger == decoded.reply and decoded.stranger_status == 200


@pytest.mark.parametrize("name", requests())
def test_a_text_that_is_handed_over_again_has_the_same_id(name: str) -> None:
    first, again = (identified("sms", requests()[name][0])[0].id for _ in range(2))
    assert first == again


def test_another_text_has_another_id_even_under_the_same_number() -> None:
    keys = {get("kannel", **{"from": NUMBER, "text": text, "id": "1"}).key for text in ("SOS", "fire")}
    keys |= {get("generic", **{"from": NUMBER, "text": "SOS", "id": "1", "time": time}).key for time in ("1", "2")}
    assert len(keys) == 4
    assert get("generic", **{"from": NUMBER, "text": "SOS"}).key is None


def test_what_each_provider_waits_for_and_nothing_that_reaches_the_callers_phone() -> None:
    replies = {name: PROVIDERS[name].reply for name in PROVIDERS}
    assert replies.pop("bulksms") == b"OK"
    assert replies.pop("twilio") == b'<?xml version="1.0" encoding="UTF-8"?><Response/>'
    assert PROVIDERS["twilio"].media.startswith("text/xml")
    assert set(replies.values()) == {b""}


@pytest.mark.parametrize(
    "decoded",
    [
        lambda: get("kannel", dlr="1", id="7"),
        lambda: post("twilio", {"MessageSid": "SM1", "MessageStatus": "delivered", "From": "+1", "To": NUMBER}),
        lambda: post("africastalking", {"id": "1", "status": "Success", "phoneNumber": NUMBER, "networkCode": "65501"}),
        lambda: post_json("clickatell", {"integrationId": "1", "event": {"messageStatusUpdate": [{"messageId": "1"}]}}),
        lambda: post_json("clickatell", {"messageId": "1", "statusCode": 4}),
        lambda: get("clickatell", apiMsgId="1", status="004", to="27821234567", charge="0.3"),
        lambda: post_json("bulksms", []),
        lambda: post_json("bulksms", [{**BULK, "type": "SENT"}]),
        lambda: post_json("bulksms", [BULK], {"x-bulksms-event": "status-report"}),
        lambda: get("bulksms", batch_id="1", status="11", msisdn="27821234567"),
        lambda: post_json("generic", {"id": "1", "status": "delivered", "to": NUMBER}),
    ],
)
def test_a_delivery_receipt_is_answered_and_is_nothing(decoded: Any) -> None:
    assert (decoded().device, decoded().signals, decoded().status) == (None, (), 200)


def test_chinese_in_every_charset_that_providers_use() -> None:
    ucs2 = quote("上不要来救命".encode("utf-16-be"))
    for query in (
        f"from=27821234567&text={ucs2}&charset=UTF-16BE",
        f"from=27821234567&text={ucs2}&coding=2",
        f"from=27821234567&text={quote('上不要来救命')}&charset=UTF-8",
        f"from=27821234567&text={quote('上不要来救命')}",
    ):
        assert only(decode(Request(path="/kannel", query=query), Session(), NOW)).text == "上不要来救命"
    body = "救命".encode("utf-16-be")
    headers = {"x-kannel-from": NUMBER, "content-type": 'text/plain; charset="UTF-16BE"'}
    assert only(post("kannel", body, headers)).text == "救命"
    older = f"moMsgId=1&from=27821234567&text={quote(body)}&charset=UTF-16BE"
    assert only(decode(Request(path="/clickatell", query=older), Session(), NOW)).text == "救命"
    rest = {"messageId": "1", "fromNumber": NUMBER, "timestamp": 1, "text": quote(body), "charset": "UTF-16BE"}
    assert only(post_json("clickatell", rest)).text == "救命"
    assert only(get("bulksms", sender=NUMBER, message=body.hex(), dca="16bit", msg_id="1")).text == "救命"
    assert only(decode(Request(path="/kannel", query="from=1234567&text=caf%E9"), Session(), NOW)).text == "café"


def test_a_long_text_is_kept_to_its_bound_and_nothing_unstorable_stays() -> None:
    said = only(post("generic", {"from": NUMBER, "text": "SOS " + "x" * 9000}))
    assert said.text and len(said.text) == LONGEST and said.text.endswith("…")
    assert only(post_json("generic", {"from": NUMBER, "text": "SOS\0\x07 a\r\nb"})).text == "SOS a\nb"


def test_an_empty_text_is_a_sign_of_life() -> None:
    assert only(get("kannel", **{"from": NUMBER, "text": ""})).kind == "heartbeat"


def test_parts_of_a_text_are_each_kept() -> None:
    parts = [
        post("generic", {"from": NUMBER, "text": text, "id": id_}) for id_, text in (("1", "SOS they"), ("2", "are 4"))
    ]
    assert [only(part).kind for part in parts] == ["alarm", "message"]


def many(*texts: tuple[str, str]) -> Decoded:
    messages = [{"id": str(n), "type": "RECEIVED", "from": who, "body": text} for n, (who, text) in enumerate(texts)]
    return decode(Request(path="/bulksms", body=msgspec.json.encode(messages)), Session(), NOW)


def test_several_texts_in_one_request_are_each_for_themselves() -> None:
    decoded = many((NUMBER, "hello"), ("0837654321", "SOS"), (NUMBER, "cancel"))
    each = (decoded, *decoded.others)
    assert [(one.device, only(one).kind) for one in each] == [
        (NUMBER, "message"),
        ("+27837654321", "alarm"),
        (NUMBER, "cancel"),
    ]
    alone = post_json("bulksms", {"id": "1", "from": "0837654321", "body": "SOS"})
    assert identified("sms", each[1])[0].id == identified("sms", alone)[0].id, "by itself again, it is the same"


@pytest.mark.parametrize(
    "request_",
    [
        Request(path="/"),
        Request(path="/nobody", query="from=1&text=SOS"),
        Request(path="/kannel"),
        Request(path="/twilio", body=b"Body=SOS"),
        Request(path="/africastalking", body=b"text=SOS"),
        Request(path="/clickatell", body=b"[1]"),
        Request(path="/clickatell", body=b"{"),
        Request(path="/clickatell", body=b'{"event": {"moText": [{"content": "SOS"}]}}'),
        Request(path="/bulksms", body=b'[{"body": "SOS"}]'),
        Request(path="/generic", body=b"[[]]"),
        Request(path="/generic", query="a=1&" * 300),
    ],
)
def test_what_is_no_text_is_refused_in_words(request_: Request) -> None:
    with pytest.raises(Malformed, match=r"\w{4}"):
        decode(request_, Session(), NOW)


leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=30))
names = st.sampled_from(
    ["from", "text", "id", "date", "body", "value", "address", "event", "moText", "content", "timestamp"]
    + ["fromNumber", "sender", "message", "type", "status", "at", "From", "Body"]
)
values = st.recursive(leaves, lambda v: st.one_of(st.lists(v, max_size=3), st.dictionaries(names, v, max_size=5)))
bodies = st.one_of(
    st.binary(max_size=300),
    values.map(msgspec.json.encode),
    st.dictionaries(names, st.text(max_size=30), max_size=6).map(lambda d: urlencode(d).encode()),
)


@given(st.sampled_from(sorted(PROVIDERS)), bodies, st.text(max_size=200), st.sampled_from([None, "+27821234567", "X"]))
def test_no_request_makes_the_decoder_fail(provider: str, body: bytes, query: str, kannel: str | None) -> None:
    headers = {"x-kannel-from": kannel} if kannel else {}
    request = Request(method="POST", path=f"/{provider}", query=query, headers=headers, body=body)
    try:
        decoded = decode(request, Session(gate={"words": query[:20]}), NOW)
    except Malformed:
        return
    assert decoded.device or not decoded.signals
    for said in identified("sms", decoded):
        assert said.id and (said.text is None or len(said.text) <= LONGEST)
        assert said.at is None or said.at.tzinfo is UTC
        msgspec.json.encode(said)


def test_the_encoder_is_a_tracker_that_texts() -> None:
    device = Device(NUMBER)
    for request, kind in ((device.sos(HERE), "alarm"), (device.position(HERE), "position")):
        decoded = decode(request, Session(), NOW)
        said = only(decoded)
        assert (decoded.device, said.kind, said.battery, said.at) == (NUMBER, kind, 0.5, HERE.at)
        assert spot(said) == (-25.7479, 28.2293)
        assert said.position and said.position.speed == pytest.approx(10)
        assert device.answered(request, decoded.reply or b"")
    assert decode(device.sos(HERE), Session(), NOW).key != decode(device.sos(HERE), Session(), NOW).key


def test_the_gate_asks_for_its_key() -> None:
    assert GATE.keyed and GATE.port is None
