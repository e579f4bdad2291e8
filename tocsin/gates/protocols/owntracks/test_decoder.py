"""What a phone with OwnTracks can rely on. Messages are made from the OwnTracks booklet or by our encoder."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.gates.protocol import Decoded, Malformed, Message, Request, Session
from tocsin.gates.protocols.checks import HERE, NOW
from tocsin.gates.protocols.owntracks.decoder import decode_message, decode_request
from tocsin.gates.protocols.owntracks.encoder import Device, basic
from tocsin.gates.protocols.owntracks.pairing import PAIRING
from tocsin.gates.signal import Signal

WHO = "mei/phone"
TST = int(NOW.timestamp())
PLACE: dict[str, Any] = {"_type": "location", "lat": -26.1, "lon": 28.05, "tst": TST, "tid": "ne"}


def known(**settings: Any) -> Session:
    """A session in which mei/phone is registered, and nobody else."""
    return Session(settings=lambda name: settings if name == WHO else None)


def post(report: Any, session: Session | None = None, query: str = "", **headers: str) -> Decoded:
    body = report if isinstance(report, bytes) else msgspec.json.encode(report)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return decode_request(Request(method="POST", query=query, headers=named, body=body), session or Session(), NOW)


def only(decoded: Decoded) -> Signal:
    (signal,) = decoded.signals
    return signal


def said(report: dict[str, Any], **settings: Any) -> Signal:
    return only(post(PLACE | report, known(**settings), x_limit_u="mei", x_limit_d="phone"))


def test_what_the_encoder_says_is_what_the_decoder_hears() -> None:
    device = Device(WHO)
    for sent in (device.position(HERE), device.sos(HERE)):
        assert isinstance(sent, Request)
        decoded = decode_request(sent, Session(), NOW)
        signal = only(decoded)
        assert (decoded.device, decoded.reply, decoded.media) == (WHO, b"[]", "application/json")
        assert (signal.kind, signal.at, signal.battery) == ("position", NOW, 0.5)
        assert signal.position is not None
        assert (signal.position.lat, signal.position.lon, signal.position.course) == (-25.7479, 28.2293, 271)
        assert signal.position.speed == pytest.approx(10)
        assert device.answered(sent, decoded.reply or b"")


def test_over_mqtt_it_is_the_same_and_the_topic_says_who_speaks() -> None:
    device = Device(WHO)
    device.over = Message
    there = device.transition(HERE, "leave", "home")
    assert isinstance(there, Message) and there.topic == "owntracks/mei/phone/event"
    decoded = decode_message(there, Session(), NOW)
    assert (decoded.device, only(decoded).kind, only(decoded).flags) == (WHO, "position", ("geofence_exit",))
    sos = device.sos(HERE)
    assert isinstance(sos, Message)
    assert only(decode_message(sos, known(sos={"t": "u"}), NOW)).kind == "alarm"
    lying = Message(topic="owntracks/mei/phone", payload=msgspec.json.encode(PLACE | {"topic": "owntracks/a/b"}))
    assert decode_message(lying, Session(), NOW).device == WHO


@pytest.mark.parametrize(
    ("headers", "query", "more", "who"),
    [
        ({"x_limit_u": "mei", "x_limit_d": "phone"}, "u=a&d=b", {"topic": "owntracks/c/d"}, "mei/phone"),
        ({}, "u=mei&d=phone", {"topic": "owntracks/c/d"}, "mei/phone"),
        ({}, "", {"topic": "owntracks/mei/phone"}, "mei/phone"),
        ({}, "", {"topic": "owntracks/mei/phone/event"}, "mei/phone"),
        ({}, "", {"topic": "family/mei/phone/event"}, "mei/phone"),
        ({"authorization": basic("mei", "x")}, "", {}, "mei/ne"),
        ({"x_limit_d": "phone"}, "", {}, "phone"),
        ({}, "", {}, "ne"),
    ],
)
def test_who_speaks(headers: dict[str, str], query: str, more: dict[str, Any], who: str) -> None:
    assert post(PLACE | more, None, query, **headers).device == who


def test_who_does_not_say_so_is_told_how() -> None:
    with pytest.raises(Malformed, match="user and device"):
        post({"_type": "location", "lat": 1, "lon": 2, "tst": TST})
    with pytest.raises(Malformed, match="64"):
        post(PLACE | {"tid": "x" * 65})
    with pytest.raises(Malformed, match="printable"):
        post(PLACE | {"tid": "\x00"})


@pytest.mark.parametrize(
    ("password", "welcome"), [("s3cret-s3cret", True), ("guess", False), ("", False), (None, False)]
)
def test_a_wrong_password_is_answered_as_a_stranger(password: str | None, welcome: bool) -> None:
    headers = {"x_limit_u": "mei", "x_limit_d": "phone"}
    if password is not None:
        headers["authorization"] = basic("mei", password)
    session = known(password="s3cret-s3cret")
    decoded = post(PLACE, session, **headers)
    stranger = post(PLACE, known(), x_limit_u="nobody")
    assert (decoded.stranger, decoded.stranger_status) == (stranger.stranger, stranger.stranger_status) == (b"[]", 404)
    assert (decoded.device == WHO) is welcome
    assert welcome or (decoded.signals and decoded.device is None), "so the listener takes it for a stranger's"


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic bWVp", "Bearer x", "basic " + "é" * 3])
def test_a_broken_sign_in_is_none(header: str) -> None:
    decoded = post(PLACE, known(password="s3cret-s3cret"), x_limit_u="mei", x_limit_d="phone", authorization=header)
    assert decoded.device is None


def test_nothing_is_a_press_by_default() -> None:
    for trigger in ("u", "p", "c", "b", "r", "t", "v", None):
        assert said({"t": trigger}).kind == "position"
    assert said({"_type": "transition", "event": "enter", "desc": "SOS"}).kind == "position"


@pytest.mark.parametrize(
    ("rule", "report", "press"),
    [
        ({"t": "u"}, {"t": "u"}, True),
        ({"t": "u"}, {"t": "p"}, False),
        ({"t": "u"}, {}, False),
        ({"tag": "SOS"}, {"tag": " sos "}, True),
        ({"event": "enter", "desc": "SOS"}, {"_type": "transition", "event": "enter", "desc": "SOS"}, True),
        ({"event": "enter", "desc": "SOS"}, {"_type": "transition", "event": "leave", "desc": "SOS"}, False),
        ({"t": ["u", "b"]}, {"t": "b"}, True),
        ({"inregions": "Panic"}, {"inregions": ["Home", "panic"]}, True),
        ([{"t": "b"}, {"t": "u"}], {"t": "u"}, True),
        ("t=u", {"t": "u"}, True),
        ("event=enter, desc=SOS", {"_type": "transition", "event": "enter", "desc": "SOS"}, True),
        ("event=enter, desc=SOS", {"_type": "transition", "event": "enter", "desc": "Home"}, False),
        ({}, {"t": "u"}, False),
        ("u", {"t": "u"}, False),
        (True, {"t": "u"}, False),
    ],
)
def test_a_rule_of_the_device_makes_a_press(rule: Any, report: dict[str, Any], press: bool) -> None:
    assert (said(report, sos=rule).kind == "alarm") is press


def test_a_press_is_of_the_moment_it_was_made_even_with_an_old_fix_or_none() -> None:
    old = {"t": "u", "tst": TST - 900, "created_at": TST}
    signal = said(old, sos={"t": "u"})
    assert (signal.at, signal.position and signal.position.at) == (NOW, NOW - timedelta(minutes=15))
    blind = said({"t": "u", "lat": None, "lon": None}, sos={"t": "u"})
    assert (blind.kind, blind.position) == ("alarm", None)
    assert said({"t": "u", "lat": 0, "lon": 0, "tst": 0}, sos={"t": "u"}).kind == "alarm"


@pytest.mark.parametrize(
    ("report", "flag"),
    [
        ({"t": "9"}, "low_battery"),
        ({"t": "e"}, "power_cut"),
        ({"t": "E"}, "power_restored"),
        ({"t": "!"}, "tow"),
        ({"t": "s"}, "overspeed"),
        ({"t": "i"}, "ignition_on"),
        ({"t": "h", "rty": 0}, "hard_braking"),
        ({"t": "h", "rty": 4}, "hard_acceleration"),
        ({"t": "h", "rty": 5}, "hard_cornering"),
        ({"_type": "transition", "event": "enter"}, "geofence_enter"),
    ],
)
def test_what_trackers_and_fences_tell_is_a_flag(report: dict[str, Any], flag: str) -> None:
    assert (said(report).kind, said(report).flags) == ("position", (flag,))


def test_the_sender_of_a_tracker_says_when_it_sent() -> None:
    assert said({"sent": TST - 60, "tst": TST - 120}).at == NOW - timedelta(minutes=1)


@pytest.mark.parametrize("kind", ["status", "steps", "card", "waypoint", "waypoints", "beacon"])
def test_other_messages_are_signs_of_life(kind: str) -> None:
    assert only(post({"_type": kind, "tid": "ne"})).kind == "heartbeat"


@pytest.mark.parametrize("kind", ["lwt", "cmd", "something"])
def test_a_phone_that_is_gone_gives_no_sign_of_life(kind: str) -> None:
    decoded = post({"_type": kind, "tst": TST, "tid": "ne"})
    assert (decoded.device, decoded.signals, decoded.reply, decoded.status) == ("ne", (), b"[]", 200)


def test_a_message_of_no_length_is_nobodys_and_fine() -> None:
    decoded = post(b"")
    assert (decoded.device, decoded.signals, decoded.reply, decoded.status) == (None, (), b"[]", 200)
    assert decode_message(Message(topic="owntracks/mei/phone"), Session(), NOW).signals == ()


def test_what_is_encrypted_is_refused_with_a_way_out() -> None:
    with pytest.raises(Malformed, match="encryption key"):
        post({"_type": "encrypted", "data": "AAAA", "tid": "ne"})


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b'"location"', b"\xff", b'{"tid":"ne"}', b"[" * 5000])
def test_what_is_no_message_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        post(body)


def test_the_same_message_again_is_the_same_and_an_old_press_is_not() -> None:
    assert post(PLACE).key == post(PLACE).key is not None
    assert post(PLACE).key != post(PLACE | {"tst": TST + 1}).key
    rule = known(sos={"t": "u"})
    press = PLACE | {"t": "u", "tst": TST - 900}
    assert post(press, rule, x_limit_u="mei", x_limit_d="phone").key is None
    assert post(press | {"created_at": TST}, rule, x_limit_u="mei", x_limit_d="phone").key is not None


def test_the_pages_describe_a_device_that_can_be_registered() -> None:
    import re

    assert re.fullmatch(PAIRING.pattern, PAIRING.example)
    Device(PAIRING.example)
    _password, rule = PAIRING.fields
    assert all(re.fullmatch(rule.pattern, text) for text in ("", "t=u", "event=enter, desc=SOS button"))
    assert not re.fullmatch(rule.pattern, "u")


numbers = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
NAMES = ["_type", "lat", "lon", "tst", "t", "acc", "batt", "event", "topic", "tid", "created_at", "sent", "rty", "desc"]
words = st.sampled_from(["location", "transition", "status", "encrypted", "u", "h", "owntracks/a/b"]) | st.text()
anything = st.recursive(
    st.none() | st.booleans() | numbers | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(), inner),
)
rules = st.none() | anything


@given(st.binary() | anything.map(msgspec.json.encode), st.text(), st.text(), rules)
def test_nothing_makes_the_decoder_fail(body: bytes, query: str, header: str, rule: Any) -> None:
    session = Session(settings=lambda _: {"sos": rule, "password": rule})
    headers = {"authorization": header, "x-limit-u": header}
    survive(lambda: decode_request(Request(method="POST", query=query, headers=headers, body=body), session, NOW))
    survive(lambda: decode_message(Message(topic=query, payload=body), session, NOW))


@given(st.fixed_dictionaries({"_type": st.sampled_from(["location", "transition"]), "tid": st.just("ne")}, optional={
    name: anything for name in NAMES[1:] if name != "tid"
}))  # fmt: skip
def test_no_location_makes_the_decoder_fail(report: Any) -> None:
    assert survive(lambda: post(report, known(sos={"t": "u"}), x_limit_u="mei", x_limit_d="phone")) is not None


def survive(decode: Any) -> Decoded | None:
    """Malformed or a sane answer, nothing else."""
    try:
        decoded: Decoded = decode()
    except Malformed:
        return None
    for signal in decoded.signals:
        fix = signal.position
        assert fix is None or (abs(fix.lat) <= 90 and abs(fix.lon) <= 180)
        assert signal.battery is None or 0 <= signal.battery <= 1
        msgspec.json.encode(signal)
    return decoded
