"""What an installer of Tasmota modules can rely on."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.gates.protocol import Decoded, Malformed, Message, Moment, Session
from tocsin.gates.protocols.tasmota.decoder import decode
from tocsin.gates.protocols.tasmota.encoder import Device

NOW = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
NAME = "stall-3"


def hear(topic: str, payload: Any, known: tuple[str, ...] = (NAME,), **settings: Any) -> Decoded:
    content = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    some = Session(settings=lambda name: settings if name in known else None)
    return decode(Message(topic, content), some, NOW)


def result(said: Any, **settings: Any) -> Any:
    return hear(f"stat/{NAME}/RESULT", said, **settings).signals[0]


@pytest.mark.parametrize("word", ["SINGLE", "DOUBLE", "TRIPLE", "QUAD", "PENTA", "HOLD", "TOGGLE"])
def test_every_push_alarms(word: str) -> None:
    signal = result({"Button2": {"Action": word}})
    assert (signal.kind, signal.zone) == ("alarm", "2")


def test_its_end_does_not() -> None:
    assert result({"Button1": {"Action": "CLEAR"}}).kind == "heartbeat"
    assert result({"POWER": "ON"}).kind == "heartbeat"


def test_firmware_before_9_1_names_the_button_in_the_topic() -> None:
    decoded = hear(f"stat/{NAME}/BUTTON1", {"ACTION": "SINGLE"})
    assert (decoded.device, decoded.signals[0].kind, decoded.signals[0].zone) == (NAME, "alarm", "1")


def test_settings_say_which_alarm() -> None:
    words = ("SINGLE", "HOLD", "DOUBLE", "TRIPLE", "QUAD")
    own: dict[str, Any] = {"press": "hold", "silent": "double", "test": "triple", "cancel": "quad", "alarm": "fire"}
    signals = [result({"Button1": {"Action": word}}, **own) for word in words]
    assert [signal.kind for signal in signals] == ["heartbeat", "alarm", "alarm", "test", "cancel"]
    assert [(signal.silent, signal.alarm) for signal in signals[1:3]] == [(False, "fire"), (True, "fire")]


def test_a_latching_switch_alarms_if_its_state_is_a_press() -> None:
    said = [{"Switch1": {"Action": "ON"}}, {"Switch1": {"Action": "OFF"}}]
    assert [result(one).pressed for one in said] == [None, None]
    assert [result(one, press="on").pressed for one in said] == [True, False]
    assert [result(one, press="off").pressed for one in said] == [False, True]
    state = {"Time": "2026-11-23T10:30:00", "Switch1": "ON"}
    assert hear(f"tele/{NAME}/SENSOR", state, press="on").signals[0].pressed


def test_telemetry_and_the_last_will_tell_that_it_is_there_or_gone() -> None:
    assert hear(f"tele/{NAME}/STATE", {"Uptime": "0T10:00:00"}).signals[0].kind == "heartbeat"
    assert hear(f"tele/{NAME}/LWT", b"Online").signals[0].flags == ("fault_restored",)
    assert hear(f"tele/{NAME}/LWT", b"Offline").signals[0].flags == ("fault",)
    assert hear(f"tele/{NAME}/LWT", b"what") == Decoded()


@pytest.mark.parametrize(
    ("topic", "name"),
    [("stall-3/stat/RESULT", "stall-3"), ("tasmota/stat/stall-3/RESULT", "tasmota/stall-3"),
     ("tasmota/stall-3/stat/RESULT", "tasmota/stall-3")],
)  # fmt: skip
def test_the_full_topic_can_be_another(topic: str, name: str) -> None:
    assert hear(topic, {"Button1": {"Action": "SINGLE"}}, known=(name,)).device == name


def test_of_strangers_only_a_push_is_told() -> None:
    def stranger(topic: str, payload: Any) -> Decoded:
        return hear(topic, payload, known=())

    assert stranger("stat/x/RESULT", {"Button1": {"Action": "SINGLE"}}).device == "x"
    for topic, payload in (
        ("stat/x/RESULT", {"POWER": "ON"}),
        ("stat/x/RESULT", {"Switch1": {"Action": "TOGGLE"}}),
        ("stat/x/RESULT", b"OK"),
        ("stat/x/POWER", b"ON"),
        ("tele/x/LWT", b"Online"),
        ("tele/x/STATE", {"Uptime": 1}),
        ("stat/RESULT", {"Button1": {"Action": "SINGLE"}}),
    ):
        assert stranger(topic, payload) == Decoded()


def test_a_registered_device_is_told_what_is_wrong() -> None:
    with pytest.raises(Malformed, match="JSON"):
        hear(f"stat/{NAME}/RESULT", b"OK")


def test_what_the_encoder_says_is_what_the_decoder_hears() -> None:
    device, here = Device(NAME), Moment(NOW, -26.1, 28.05)
    some = Session(settings=lambda _: {})
    kinds = [decode(m, some, NOW).signals[0].kind for m in (device.hello(), device.heartbeat(here), device.sos(here))]
    assert kinds == ["heartbeat", "heartbeat", "alarm"]


leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
anything = st.recursive(
    leaves | st.sampled_from(["SINGLE", "ON", "OFF", "HOLD"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["Button1", "Switch", "Action", "ACTION"]) | st.text(max_size=3), inner)
    ),
)
topics = (
    st.sampled_from(["stat/x/RESULT", "tele/x/SENSOR", "stat/x/BUTTON1", "tele/x/LWT", "stat", "a/stat/"]) | st.text()
)


@given(topics, anything.map(msgspec.json.encode) | st.binary(), st.booleans())
def test_no_message_makes_the_decoder_fail(topic: str, payload: bytes, registered: bool) -> None:
    some = Session(settings=lambda _: {"press": "on"} if registered else None)
    try:
        decode(Message(topic, payload), some, NOW)
    except Malformed:
        assert registered
