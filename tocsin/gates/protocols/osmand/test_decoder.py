"""What OsmAnd and Traccar Client can rely on."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.gates.protocol import Decoded, Malformed, Moment, Request, Session
from tocsin.gates.protocols.osmand.decoder import decode
from tocsin.gates.protocols.osmand.encoder import Device

NOW = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)


def ask(**fields: Any) -> Decoded:
    return decode(Request(query=urlencode({"id": "7", "lat": "-26.1", "lon": "28.05"} | fields)), Session(), NOW)


def post(location: Any, **report: Any) -> Decoded:
    body = msgspec.json.encode({"device_id": "7", "location": location} | report)
    return decode(Request(method="POST", body=body), Session(), NOW)


def only(decoded: Decoded):  # type: ignore[no-untyped-def]
    (signal,) = decoded.signals
    return signal


@pytest.mark.parametrize(
    "stamp",
    [
        "1795429800",
        "1795429800000",
        "2026-11-23T10:30:00Z",
        "2026-11-23T10:30:00.000Z",
        "2026-11-23T12:30:00+02:00",
        "2026-11-23 10:30:00",
    ],
)
def test_every_form_of_time_is_the_same_time(stamp: str) -> None:
    assert only(ask(timestamp=stamp)).at == NOW


def test_knots_and_percent_become_metres_a_second_and_a_share() -> None:
    signal = only(ask(speed="10", batt="87", bearing="90", altitude="1400", accuracy="5"))
    assert signal.position.speed == pytest.approx(5.1444, abs=1e-4)
    assert (signal.battery, signal.position.course, signal.position.altitude) == (0.87, 90.0, 1400.0)


def test_location_in_one_field_and_deviceid_do_as_well() -> None:
    decoded = decode(Request(query="deviceid=9&location=-26.1,28.05"), Session(), NOW)
    assert (decoded.device, only(decoded).position.lat) == ("9", -26.1)


def test_without_a_place_it_is_a_sign_of_life() -> None:
    assert only(decode(Request(query="id=7&timestamp=1795429800"), Session(), NOW)).kind == "heartbeat"


@pytest.mark.parametrize(
    ("word", "alarm"), [("sos", None), ("SOS", None), ("fire", "fire"), ("kidnapping", "kidnapping")]
)
def test_sos_and_our_own_words_are_alarms(word: str, alarm: str | None) -> None:
    assert (only(ask(alarm=word)).kind, only(ask(alarm=word)).alarm) == ("alarm", alarm)


def test_an_unknown_word_still_alarms_and_is_kept() -> None:
    signal = only(ask(alarm="救命"))
    assert (signal.kind, signal.alarm, signal.flags, signal.text) == ("alarm", "other", ("unknown_kind",), "救命")


@pytest.mark.parametrize(("word", "flag"), [("lowBattery", "low_battery"), ("overspeed", "overspeed"), ("tow", "tow")])
def test_states_of_a_vehicle_are_no_press(word: str, flag: str) -> None:
    assert (only(ask(alarm=word)).kind, only(ask(alarm=word)).flags) == ("position", (flag,))


@pytest.mark.parametrize("fields", [{"lat": "95"}, {"lat": "nan"}, {"lon": "x"}, {"lat": ""}])
def test_a_place_that_is_none_is_refused_but_never_an_alarm(fields: dict[str, str]) -> None:
    if fields["lat" if "lat" in fields else "lon"]:
        with pytest.raises(Malformed, match="no place"):
            ask(**fields)
    assert only(ask(alarm="sos", **fields)).flags == ("no_fix",)


def test_a_wrong_clock_is_marked() -> None:
    signal = only(ask(alarm="sos", timestamp="yesterday"))
    assert (signal.kind, signal.at, signal.flags) == ("alarm", None, ("wrong_clock",))


def test_who_names_no_device_is_told_what_is_missing() -> None:
    for request in (Request(query="lat=1&lon=2"), Request(), Request(body=b"{}"), Request(body=b"{")):
        with pytest.raises(Malformed):
            decode(request, Session(), NOW)


def test_the_json_of_traccar_client() -> None:
    coords = {"latitude": -26.1, "longitude": 28.05, "accuracy": 5, "speed": 3.5, "heading": -1, "altitude": 1400}
    decoded = post({"timestamp": "2026-11-23T10:30:00.000Z", "coords": coords, "battery": {"level": 0.5}})
    signal = only(decoded)
    assert (decoded.device, decoded.status, signal.kind, signal.at, signal.battery) == ("7", 200, "position", NOW, 0.5)
    assert (signal.position.speed, signal.position.course, signal.position.accuracy) == (3.5, None, 5.0)


@pytest.mark.parametrize("where", ["location", "extras", "report"])
def test_sos_in_the_json_is_an_alarm(where: str) -> None:
    alarm = {"alarm": "sos"}
    location: dict[str, Any] = {"timestamp": 1795429800, "coords": {"latitude": -26.1, "longitude": 28.05}}
    if where != "report":
        location |= alarm if where == "location" else {"extras": alarm}
    assert only(post(location, **(alarm if where == "report" else {}))).kind == "alarm"


def test_unknown_battery_speed_and_course_stay_unknown() -> None:
    coords = {"latitude": 0, "longitude": 0, "speed": -1, "heading": -1}
    signal = only(post({"coords": coords, "battery": {"level": -1}}))
    assert (signal.battery, signal.position.speed, signal.position.course) == (None, None, None)


def test_a_resent_report_is_the_same_and_a_press_on_an_old_fix_is_not() -> None:
    assert ask(timestamp="1795429800").key == ask(timestamp="1795429800").key is not None
    assert ask(alarm="sos", timestamp="1795429800").key is not None
    old = str(int((NOW - timedelta(minutes=9)).timestamp()))
    assert ask(alarm="sos", timestamp=old).key is None, "an app may send its last fix with two presses"
    assert ask().key is None, "no time, nothing to know it by"


def test_what_the_encoder_says_is_what_the_decoder_hears() -> None:
    device, here = Device("7"), Moment(NOW, -25.7479, 28.2293, 12.5, 90, 0.66)
    signal = only(decode(device.sos(here), Session(), NOW))
    assert (signal.kind, signal.at, signal.battery, signal.position.lat) == ("alarm", NOW, 0.66, -25.7479)
    assert signal.position.speed == pytest.approx(12.5, abs=0.01)


FIELDS = ["id", "lat", "lon", "location", "timestamp", "speed", "bearing", "altitude", "accuracy", "batt", "alarm", "x"]
NAMES = ["location", "coords", "latitude", "longitude", "timestamp", "battery", "level", "extras", "alarm", "device_id"]
values = st.one_of(st.text(max_size=20), st.floats().map(str), st.integers().map(str))
numbers = st.integers(-(2**62), 2**62) | st.floats(allow_nan=False, allow_infinity=False)
anything = st.recursive(
    st.none() | st.booleans() | numbers | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner),
)


@given(st.one_of(st.dictionaries(st.sampled_from(FIELDS), values).map(urlencode), st.text()), st.binary())
def test_no_query_makes_the_decoder_fail(query: str, body: bytes) -> None:
    survive(Request(query=query, body=body))


@given(st.dictionaries(st.sampled_from(["device_id", "location", "alarm"]), anything))
def test_no_json_makes_the_decoder_fail(report: Any) -> None:
    survive(Request(body=msgspec.json.encode({"device_id": "7"} | report)))


def survive(request: Request) -> None:
    try:
        decoded = decode(request, Session(), NOW)
    except Malformed:
        return
    assert decoded.device
    for signal in decoded.signals:
        assert signal.position is None or (abs(signal.position.lat) <= 90 and abs(signal.position.lon) <= 180)
