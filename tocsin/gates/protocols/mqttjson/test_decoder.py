"""What who builds a button can rely on."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.gates.protocol import Decoded, Malformed, Message, Moment, Session
from tocsin.gates.protocols.mqttjson.decoder import FIELDS, decode
from tocsin.gates.protocols.mqttjson.encoder import Device

NOW = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
NAME = "gate-7"


def session(memory: dict[str, Any] | None = None, topics: str = "", **settings: Any) -> Session:
    return Session(
        settings=lambda name: settings if name == NAME else None,
        gate={"topics": topics},
        memory={} if memory is None else memory,
    )


def hear(payload: Any, some: Session | None = None, topic: str = f"tocsin/{NAME}", now: datetime = NOW) -> Decoded:
    content = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return decode(Message(topic, content), some or session(), now)


def only(payload: Any, topic: str = f"tocsin/{NAME}", **settings: Any) -> Any:
    (signal,) = hear(payload, session(**settings), topic).signals
    return signal


@pytest.mark.parametrize(
    "payload",
    [{"event": "sos"}, {"action": "panic"}, {"button": "1_long_press"}, {"event": "HELP"}, {"sos": True}, {"panic": 1},
     {"emergency": "yes"}, {"alarm": True}, {"alarm": "1"}, {"event": "position", "sos": "true"}, b"SOS", b'"panic"',
     "求助"],
)  # fmt: skip
def test_a_press_in_the_usual_words(payload: Any) -> None:
    signal = only(payload)
    assert (signal.kind, signal.alarm) == ("alarm", None)


@pytest.mark.parametrize(
    "payload",
    [{"event": "alive"}, {"event": "release"}, {"sos": False}, {"panic": 0}, {"alarm": "none"}, {"alarm": ""},
     {"alarm": None}, {"event": 1}, {"sos": []}, {}, b"", b"hello", b"17"],
)  # fmt: skip
def test_what_is_none_is_a_sign_of_life(payload: Any) -> None:
    assert only(payload).kind == "heartbeat"


def test_a_field_in_a_topic_of_its_own() -> None:
    assert only(b"1", f"tocsin/{NAME}/sos").kind == "alarm"
    assert only(b"88", f"tocsin/{NAME}/status/battery").battery == 0.88
    assert only({"event": "sos"}, f"tocsin/{NAME}/what/ever").kind == "alarm"


def test_kinds_of_alarm_ours_and_unknown_ones() -> None:
    fire, other = only({"alarm": "Fire"}), only({"alarm": "glass broken"})
    assert (fire.alarm, fire.flags, fire.text) == ("fire", (), None)
    assert (other.kind, other.alarm, other.flags, other.text) == ("alarm", "other", ("unknown_kind",), "glass broken")
    assert only({"event": "sos", "alarm": "medical"}).alarm == "medical"
    assert only({"alarm": "glass broken"}, alarm="burglary").alarm == "burglary"


def test_silent_and_test_are_said_in_the_message_too() -> None:
    assert only({"event": "sos", "silent": True}).silent
    assert not only({"event": "sos", "silent": "false"}).silent
    assert only({"event": "sos", "test": 1}).kind == "test"


def test_a_tracker() -> None:
    signal = only(
        {"lat": -26.1, "lon": 28.05, "acc": 8, "speed": 3.5, "heading": 90, "alt": 1700, "batt": 0.5, "ts": 1795429798}
    )
    assert (signal.kind, signal.battery, signal.at) == ("position", 0.5, NOW - timedelta(seconds=2))
    p = signal.position
    assert (p.lat, p.lon, p.accuracy, p.speed, p.course, p.altitude) == (-26.1, 28.05, 8, 3.5, 90, 1700)
    assert only({"gps": {"lat": "-26.1", "lon": "28.05"}}).position.lon == 28.05


@pytest.mark.parametrize("said", ["2026-11-23T10:29:58Z", "2026-11-23T12:29:58+02:00", 1795429798, 1795429798000.0])
def test_every_form_of_time(said: Any) -> None:
    assert only({"event": "sos", "time": said}).at == NOW - timedelta(seconds=2)


def test_a_wrong_clock_and_a_wrong_place_lose_no_alarm() -> None:
    signal = only({"event": "sos", "time": "yesterday", "lat": 95, "lon": "x"})
    assert (signal.kind, signal.at, signal.position, signal.flags) == ("alarm", None, None, ("wrong_clock",))
    with pytest.raises(Malformed, match="lat, lon: 95, x is no place on Earth"):
        hear({"lat": 95, "lon": "x"})


@pytest.mark.parametrize(
    ("said", "level"),
    [(87, 0.87), (0.87, 0.87), ("87%", 0.87), (100, 1), (1, 0.01), (1.0, 1), (3700, None), ("x", None)],
)
def test_battery_in_percent_or_as_a_share(said: Any, level: float | None) -> None:
    assert only({"battery": said}).battery == level


def test_low_battery_is_flagged() -> None:
    assert only({"battery": 12}).flags == ("low_battery",)


def test_words_are_kept() -> None:
    assert (only({"text": "yes, in 2 hours"}).kind, only({"text": "yes"}).text) == ("message", "yes")
    assert only({"event": "sos", "message": "three men"}).text == "three men"


def test_settings_say_where_things_are_and_what_they_mean() -> None:
    own = {"action_path": "data.keys.0.state", "press": "down", "silent": "long", "test": "t", "cancel": "c",
           "lat_path": "fix.1", "lon_path": "fix.0", "battery_path": "data.volt.percent", "at_path": "meta.when",
           "alarm": "robbery"}  # fmt: skip

    def state(word: Any) -> Any:
        data = {"keys": [{"state": word}], "volt": {"percent": 40}}
        return only({"data": data, "fix": [28.05, -26.1], "meta": {"when": 1795429798}, "lat": 1, "lon": 1}, **own)

    assert [state(w).kind for w in ("down", "long", "t", "c", "single", 5)] == [
        "alarm", "alarm", "test", "cancel", "position", "position",
    ]  # fmt: skip
    signal = state("DOWN")
    assert (signal.position.lat, signal.position.lon, signal.battery, signal.alarm) == (-26.1, 28.05, 0.4, "robbery")
    assert (signal.at, signal.silent, state("long").silent) == (NOW - timedelta(seconds=2), False, True)


@pytest.mark.parametrize("word", [True, 1, "1", "on"])
def test_where_the_settings_name_the_field_true_is_a_press(word: Any) -> None:
    assert only({"in": {"1": word}}, action_path="in.1").kind == "alarm"
    assert only({"event": word}).kind == "heartbeat"


def test_settings_that_fit_nothing_lose_no_alarm() -> None:
    for path in (5, "", "no.such.thing", "sos.x.y", "0", "²"):
        assert only({"sos": True}, action_path=path, lat_path=path, at_path=path).kind == "alarm"


def test_the_same_counter_is_the_same_press() -> None:
    some = session()

    def kinds(counter: Any, minutes: int = 0, event: str = "sos") -> str:
        message = {"event": event, "counter": counter}
        return hear(message, some, now=NOW + timedelta(minutes=minutes)).signals[0].kind

    assert [kinds(n) for n in (7, 7, 8, 8, 1, 7)] == ["alarm", "heartbeat", "alarm", "heartbeat", "alarm", "alarm"]
    assert [kinds(7, event="alive"), kinds(7)] == ["heartbeat", "heartbeat"]
    assert [kinds(0, 1), kinds(0, 5), kinds(0, 12), kinds(0, 30)] == ["alarm", "heartbeat", "alarm", "alarm"]


def test_the_same_message_with_a_time_is_the_same_and_without_one_it_is_not() -> None:
    timed = {"event": "sos", "time": 1795429798}
    assert hear(timed).key == hear(timed).key is not None
    assert hear({"event": "sos"}).key is None
    assert hear(timed, now=NOW + timedelta(minutes=9)).key is None, "its clock may stand still"


def test_topics_of_the_setting() -> None:
    some = session(topics="home/{device}/event farm/+/{device}/# {bad")
    for topic in (f"home/{NAME}/event", f"farm/north/{NAME}", f"farm/north/{NAME}/a/b"):
        assert hear({"event": "sos"}, some, topic).device == NAME
    for topic in (f"home/{NAME}", f"home/{NAME}/event/x", f"farm/{NAME}", "elsewhere", "tocsin", "tocsin/"):
        assert hear({"event": "sos"}, some, topic) == Decoded()


def test_of_strangers_a_press_and_a_tracker_are_told_and_at_our_own_topic_everything() -> None:
    some = session(topics="home/{device}/event")
    assert hear({"event": "alive"}, some, "tocsin/new").device == "new"
    assert hear({"event": "sos"}, some, "home/new/event").device == "new"
    assert hear({"lat": -26.1, "lon": 28.05}, some, "home/new/event").device == "new"
    for payload in ({"temperature": 21}, b"on", {"lat": 95, "lon": 1}):
        assert hear(payload, some, "home/new/event") == Decoded()
    assert some.memory == {}


def test_what_the_encoder_says_is_what_the_decoder_hears() -> None:
    device, here, some = Device(NAME), Moment(NOW, -25.7479, 28.2293, 12.5, 90, 0.66), session()
    sent = (device.heartbeat(here), device.position(here), device.sos(here), device.sos(here))
    heard = [decode(message, some, NOW).signals[0] for message in sent]
    assert [signal.kind for signal in heard] == ["heartbeat", "position", "alarm", "alarm"]
    assert (heard[2].at, heard[2].battery, heard[2].position.lat) == (NOW, 0.66, -25.7479)  # type: ignore[union-attr]
    assert heard[1].position.speed == 12.5  # type: ignore[union-attr]


NAMES = sorted({name.split(".")[0] for usual in FIELDS.values() for name in usual} | {"sos", "lat", "lon"})
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
leaves = (
    st.none() | st.booleans() | numbers | st.text() | st.sampled_from(["sos", "2026-11-23T10:30:00Z", "fire", "9%"])
)
anything = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=3), inner),
)
bodies = st.dictionaries(st.sampled_from(NAMES), anything) | anything
topics = st.sampled_from([f"tocsin/{NAME}", f"tocsin/{NAME}/lat", "home/x/event", "tocsin/x"]) | st.text()


own = [f"{name}_path" for name in FIELDS] + ["press", "silent", "test", "cancel", "alarm"]
settings_of_a_device = st.dictionaries(st.sampled_from(own), anything | st.sampled_from(NAMES))


@given(topics, bodies.map(msgspec.json.encode) | st.binary(), settings_of_a_device)
def test_no_message_and_no_setting_makes_the_decoder_fail(topic: str, payload: bytes, settings: dict[str, Any]) -> None:
    try:
        decoded = decode(Message(topic, payload), session(topics="home/{device}/event", **settings), NOW)
    except Malformed:
        return
    for signal in decoded.signals:
        assert signal.battery is None or 0 <= signal.battery <= 1
        assert signal.at is None or signal.at.tzinfo is UTC
        assert signal.position is None or (abs(signal.position.lat) <= 90 and abs(signal.position.lon) <= 180)
