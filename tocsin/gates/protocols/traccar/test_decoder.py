"""What a Traccar server can rely on. Reports have the shapes of its models; an encoder of ours makes most of them."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.gates.protocol import Decoded, Malformed, Request, Session
from tocsin.gates.protocols.checks import HERE, NOW
from tocsin.gates.protocols.traccar.codes import ALARMS, EVENTS
from tocsin.gates.protocols.traccar.decoder import GATE, decode
from tocsin.gates.protocols.traccar.encoder import Device
from tocsin.gates.protocols.traccar.pairing import PAIRING
from tocsin.gates.signal import Signal

ID = "356314041234567"
SERVER = Device(ID)
EARLIER = HERE.__class__(NOW - timedelta(hours=3), HERE.lat, HERE.lon, HERE.speed, HERE.course, HERE.battery)


def known(**settings: Any) -> Session:
    return Session(settings=lambda _: settings)


def hear(request: Request, **settings: Any) -> Decoded:
    return decode(request, known(**settings), NOW)


def only(request: Request, **settings: Any) -> Signal:
    (signal,) = hear(request, **settings).signals
    return signal


def changed(request: Request, **position: Any) -> Request:
    report = msgspec.json.decode(request.body)
    report["position"] |= position
    return msgspec.structs.replace(request, body=msgspec.json.encode(report))


def templated(**more: str) -> Request:
    """A URL as the server fills it: times in ms, `null` for what it has not, what it does not know as it stood."""
    fields = {
        "uniqueId": ID,
        "deviceTime": str(int(NOW.timestamp() * 1000)),
        "fixTime": str(int(NOW.timestamp() * 1000)),
        "valid": "true",
        "latitude": "-25.7479",
        "longitude": "28.2293",
        "speed": "10.0",
        "course": "271.0",
        "accuracy": "0.0",
        "batteryLevel": "null",
        "charge": "{charge}",
        "statusCode": "0xF020",
    }
    return Request(query=urlencode(fields | more))


def test_what_the_encoder_says_is_what_the_decoder_hears() -> None:
    decoded = hear(SERVER.position(HERE))
    (signal,) = decoded.signals
    assert (decoded.device, decoded.status, signal.kind, signal.at, signal.battery) == (ID, 200, "position", NOW, 0.5)
    fix = signal.position
    assert fix is not None
    assert (fix.lat, fix.lon, fix.course, fix.accuracy, fix.at) == (-25.7479, 28.2293, 271, None, NOW)
    assert fix.speed == pytest.approx(10)
    assert (only(SERVER.sos(HERE)).kind, only(SERVER.sos(HERE)).alarm) == ("alarm", None)
    assert only(SERVER.hello()).kind == "heartbeat"


def test_speed_is_in_knots_and_times_come_in_both_spellings() -> None:
    signal = only(changed(SERVER.position(HERE), speed=10, fixTime="2026-11-23T10:30:00.000+0000", accuracy=25.5))
    assert signal.position is not None
    assert signal.position.speed == pytest.approx(5.1444, abs=1e-4)
    assert (signal.position.at, signal.position.accuracy) == (NOW, 25.5)


@pytest.mark.parametrize("moment", [HERE, EARLIER])
def test_one_press_comes_as_event_and_as_position_and_is_one_signal(moment: Any) -> None:
    event, position = SERVER.sos(moment), SERVER.position(moment, alarm="sos,lowBattery")
    assert only(event).kind == only(position).kind == "alarm"
    assert hear(event).key == hear(position).key is not None


def test_two_presses_are_two_even_if_the_tracker_gives_an_old_time_to_both() -> None:
    first = changed(SERVER.sos(EARLIER), serverTime="2026-11-23T10:29:00.001+00:00")
    second = changed(SERVER.sos(EARLIER), serverTime="2026-11-23T10:29:40.001+00:00")
    assert hear(first).key != hear(second).key
    later = HERE.__class__(NOW + timedelta(seconds=30), HERE.lat, HERE.lon)
    assert hear(SERVER.sos(HERE)).key != hear(SERVER.sos(later)).key
    assert hear(SERVER.sos(HERE)).key != hear(SERVER.position(HERE)).key
    assert hear(SERVER.event("ignitionOn", HERE)).key != hear(SERVER.position(HERE)).key
    assert hear(changed(SERVER.sos(EARLIER), serverTime=None)).key is None


def test_a_tracker_that_repeats_its_press_within_two_minutes_pressed_once() -> None:
    again = changed(SERVER.sos(HERE), serverTime="2026-11-23T10:30:09.000+00:00")
    assert hear(SERVER.sos(HERE)).key == hear(again).key


@pytest.mark.parametrize(("word", "meaning"), ALARMS.items())
def test_every_alarm_of_traccar_is_a_press_a_flag_or_nothing(word: str, meaning: str) -> None:
    for request in (SERVER.event("alarm", HERE, alarm=word), SERVER.position(HERE, alarm=word)):
        signal = only(request)
        if meaning in ("sos", "unknown_kind", "fall_down"):
            assert signal.kind == "alarm"
            assert signal.alarm == {"sos": None, "unknown_kind": "other", "fall_down": "medical"}[meaning]
        else:
            assert (signal.kind, signal.flags) == ("position", (meaning,) if meaning else ())


@pytest.mark.parametrize("word", ["loneWorker", "tuntun", "求助"])
def test_an_alarm_nobody_knows_rings_and_is_kept(word: str) -> None:
    signal = only(SERVER.event("alarm", HERE, alarm=word))
    assert (signal.kind, signal.alarm, signal.flags, signal.text) == ("alarm", "other", ("unknown_kind",), word)


def test_several_alarms_at_once_are_all_read() -> None:
    signal = only(SERVER.position(HERE, alarm="sos, lowBattery,powerCut"))
    assert (signal.kind, signal.flags) == ("alarm", ("low_battery", "power_cut"))
    assert only(SERVER.position(HERE, alarm="tow,lowBattery")).kind == "position"


def test_an_alarm_event_without_a_word_is_an_alarm() -> None:
    assert (only(SERVER.event("alarm", HERE)).kind, only(SERVER.event("alarm", None)).kind) == ("alarm", "alarm")


def test_what_an_alarm_means_can_be_set() -> None:
    settings = {"alarms": {"general": "movement", "powerOff": "sos", "door": "burglary"}}
    assert only(SERVER.event("alarm", HERE, alarm="general"), **settings).flags == ("movement",)
    assert only(SERVER.event("alarm", HERE, alarm="powerOff"), **settings).kind == "alarm"
    assert only(SERVER.event("alarm", HERE, alarm="door"), **settings).alarm == "burglary"


@pytest.mark.parametrize(("kind", "flag"), EVENTS.items())
def test_events_of_the_server_are_flags(kind: str, flag: str) -> None:
    assert (only(SERVER.event(kind, HERE)).kind, only(SERVER.event(kind, HERE)).flags) == ("position", (flag,))


def test_the_position_of_an_event_does_not_ring_again() -> None:
    """The SOS of that position came as an event of its own."""
    request = changed(SERVER.event("geofenceExit", HERE), attributes={"alarm": "sos"})
    assert only(request).kind == "position"


@pytest.mark.parametrize("kind", ["deviceOffline", "deviceUnknown", "deviceInactive"])
def test_a_device_that_the_server_misses_gives_no_sign_of_life(kind: str) -> None:
    decoded = hear(SERVER.event(kind, None))
    assert (decoded.device, decoded.signals, decoded.status, decoded.stranger_status) == (ID, (), 200, 200)


def test_events_nobody_knows_bring_their_position() -> None:
    assert only(SERVER.event("driverChanged", HERE)).kind == "position"
    assert only(SERVER.event("maintenance", None)).kind == "heartbeat"


def test_old_and_buffered_positions_are_marked() -> None:
    assert only(changed(SERVER.sos(HERE), outdated=True)).flags == ("old_fix",)
    assert only(changed(SERVER.position(HERE), valid=False)).flags == ("old_fix",)
    assert only(SERVER.position(EARLIER, archive=True)).flags == ("buffered",)
    assert only(SERVER.position(EARLIER, archive=True)).at == EARLIER.at


def test_no_place_is_an_alarm_all_the_same() -> None:
    for place in ({"latitude": None}, {"latitude": 95}, {"latitude": 0, "longitude": 0}, {"longitude": "x"}):
        assert only(changed(SERVER.sos(HERE), **place)).kind == "alarm"
    blind = only(SERVER.event("alarm", None, alarm="sos"))
    assert (blind.kind, blind.position) == ("alarm", None)
    assert only(changed(SERVER.sos(HERE), deviceTime="no time", fixTime=None)).kind == "alarm"


def test_a_url_of_placeholders_says_the_same() -> None:
    decoded = hear(templated())
    (signal,) = decoded.signals
    assert (decoded.device, signal.kind, signal.at, signal.battery) == (ID, "position", NOW, None)
    assert signal.position is not None and signal.position.speed == pytest.approx(5.1444, abs=1e-4)
    attributes = '{"alarm":"sos","batteryLevel":87}'
    press = only(templated(attributes=attributes, statusCode="0xF841"))
    assert (press.kind, press.alarm, press.battery) == ("alarm", None, 0.87)
    assert hear(templated(attributes=attributes)).key == hear(SERVER.sos(HERE)).key
    assert only(templated(attributes='{"alarm":"tow"}', statusCode="0xF841")).kind == "position"
    assert only(templated(valid="false", batteryLevel="50")).flags == ("old_fix",)


def test_a_url_that_hides_which_alarm_it_is_rings() -> None:
    assert only(templated(statusCode="0xF841")).flags == ("unknown_kind",)
    assert only(templated(statusCode="0xF841", attributes="{attributes}")).kind == "alarm"
    assert only(templated(attributes="{broken")).kind == "position"


def test_the_device_may_stand_in_the_url() -> None:
    report = msgspec.json.decode(SERVER.position(HERE).body)
    del report["device"]
    request = Request(method="POST", query=f"uniqueId={ID}", body=msgspec.json.encode(report))
    assert hear(request).device == ID


def test_a_stranger_is_accepted_so_that_the_server_does_not_try_again() -> None:
    assert hear(SERVER.sos(HERE)).stranger_status == 200
    assert GATE.keyed and GATE.port is None


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"null", b"{}", b'{"device":{"uniqueId":"1"}}', b'{"position":{"latitude":1}}', b"\xff", b" "]
)
def test_what_is_no_report_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        decode(Request(method="POST", body=body), Session(), NOW)


def test_the_pages_describe_a_device_that_can_be_registered() -> None:
    assert re.fullmatch(PAIRING.pattern, PAIRING.example)


NAMES = ["event", "position", "device", "uniqueId", "type", "attributes", "alarm", "latitude", "fixTime", "archive"]
numbers = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
words = st.sampled_from(["alarm", "sos", "general,tow", "2026-11-23T10:30:00+00:00", "0xF841"]) | st.text()
anything = st.recursive(
    st.none() | st.booleans() | numbers | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(), inner),
)


@given(st.binary() | anything.map(msgspec.json.encode), st.text(), anything)
def test_nothing_makes_the_decoder_fail(body: bytes, query: str, alarms: Any) -> None:
    survive(Request(method="POST", query=query, body=body), {"alarms": alarms})


@given(st.dictionaries(st.sampled_from(["event", "position"]), st.dictionaries(st.sampled_from(NAMES), anything)))
def test_no_report_makes_the_decoder_fail(report: Any) -> None:
    survive(Request(method="POST", body=msgspec.json.encode(report | {"device": {"uniqueId": ID}})), {})


@given(st.dictionaries(st.sampled_from(["uniqueId", "latitude", "attributes", "statusCode", "deviceTime"]), st.text()))
def test_no_url_makes_the_decoder_fail(query: dict[str, str]) -> None:
    survive(Request(query=urlencode({"uniqueId": ID} | query)), {})


def survive(request: Request, settings: dict[str, Any]) -> None:
    """Malformed or a sane answer, nothing else."""
    try:
        decoded = decode(request, known(**settings), NOW)
    except Malformed:
        return
    assert decoded.device
    for signal in decoded.signals:
        fix = signal.position
        assert fix is None or (abs(fix.lat) <= 90 and abs(fix.lon) <= 180)
        assert signal.battery is None or 0 <= signal.battery <= 1
        msgspec.json.encode(signal)
