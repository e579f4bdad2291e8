"""What an installer with Zigbee2MQTT can rely on."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.gates.protocol import Decoded, Malformed, Message, Moment, Session
from tocsin.gates.protocols.zigbee2mqtt.decoder import decode
from tocsin.gates.protocols.zigbee2mqtt.encoder import Device

NOW = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
BELL, TILL = "bell", "shop/till 2"


def session(memory: dict[str, Any] | None = None, topics: str = "", **settings: Any) -> Session:
    known = dict.fromkeys((BELL, TILL), settings)
    return Session(settings=known.get, gate={"topics": topics}, memory={} if memory is None else memory)


def hear(below: str, payload: Any, some: Session | None = None, now: datetime = NOW) -> Decoded:
    content = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return decode(Message(f"zigbee2mqtt/{below}", content), some or session(), now)


def act(word: str, **settings: Any) -> Any:
    return hear(BELL, {"action": word}, session(**settings)).signals[0]


@pytest.mark.parametrize(
    "word",
    ["emergency", "panic", "sos", "single", "double", "triple", "quadruple", "many", "hold", "long", "press",
     "on_press", "1_single", "button_2_hold", "single_left", "1_initial_press", "long_press", "arrow_left_click"],
)  # fmt: skip
def test_pushes_and_cries_for_help_alarm(word: str) -> None:
    assert act(word).kind == "alarm"


@pytest.mark.parametrize(
    "word",
    ["release", "hold_release", "1_long_release", "on_press_release", "on", "off", "toggle", "brightness_move_up",
     "brightness_stop", "disarm", "arm_all_zones", "arm_day_zones", "exit_delay", "recall_1", "shake", ""],
)  # fmt: skip
def test_the_end_of_a_push_and_the_words_of_remotes_and_keypads_do_not(word: str) -> None:
    assert act(word).kind == "heartbeat"


def test_a_keypad_says_what_kind_of_alarm_it_is() -> None:
    assert [act(word).alarm for word in ("fire", "medical", "police", "emergency")] == ["fire", "medical", None, None]
    assert act("emergency", alarm="robbery").alarm == "robbery"


def test_settings_say_which_actions_alarm() -> None:
    words = ("on", "brightness_move_up", "single", "off", "double")
    own: dict[str, Any] = {"press": "on, single", "silent": "brightness_move_up", "test": ["off"], "cancel": "double"}
    assert [act(word, **own).kind for word in words] == ["alarm", "alarm", "alarm", "test", "cancel"]
    assert [act(word, **own).silent for word in words] == [False, True, False, False, False]
    assert act("hold", **own).kind == "heartbeat"
    assert act("hold", silent="true").silent


def test_the_number_of_the_button_is_the_zone() -> None:
    assert [act(word).zone for word in ("2_single", "button_3_hold", "single", "1_2_single")] == ["2", "3", None, None]


def test_a_name_may_hold_slashes() -> None:
    assert hear(TILL, {"action": "single"}).device == TILL


def test_battery_tamper_and_their_ends() -> None:
    state: dict[str, Any] = {"battery": 81, "battery_low": False, "tamper": False, "linkquality": 90}
    (signal,) = hear(BELL, state).signals
    assert (signal.kind, signal.battery) == ("heartbeat", 0.81)
    assert signal.flags == ("tamper_restored", "battery_restored")
    (signal,) = hear(BELL, {"battery": 10, "battery_low": False, "tamper": True}).signals
    assert (signal.battery, signal.flags) == (0.1, ("low_battery", "tampering"))
    alarm, rest = hear(BELL, state | {"action": "single"}).signals
    assert (alarm.kind, alarm.battery, alarm.flags) == ("alarm", 0.81, ())
    assert rest.flags == ("tamper_restored", "battery_restored")


def test_a_button_of_the_old_kind_says_sos_true() -> None:
    alarm, _ = hear(BELL, {"sos": True, "battery_low": False, "tamper": False}).signals
    assert alarm.kind == "alarm"
    assert [signal.kind for signal in hear(BELL, {"sos": False}).signals] == ["heartbeat"]


def test_sensors_alarm_only_if_the_settings_say_so() -> None:
    assert [s.pressed for s in hear(BELL, {"smoke": True}).signals] == [None]
    own = session(states="smoke contact")
    for state, pressed, alarm in (
        ({"smoke": True, "battery": 50}, True, "fire"),
        ({"smoke": False}, False, None),
        ({"contact": False}, True, "burglary"),
        ({"contact": True, "smoke": False}, False, None),
    ):
        level = hear(BELL, state, own).signals[0]
        assert (level.kind, level.pressed, level.alarm) == ("heartbeat", pressed, alarm)
    assert [s.pressed for s in hear(BELL, {"battery": 50}, own).signals] == [None], "nothing is said of it"


@pytest.mark.parametrize(("said", "flag"), [("online", "fault_restored"), ("offline", "fault")])
def test_availability_in_both_forms(said: str, flag: str) -> None:
    for payload in (said.encode(), {"state": said}):
        decoded = hear(f"{TILL}/availability", payload)
        assert (decoded.device, decoded.signals[0].flags) == (TILL, (flag,))


def test_attributes_in_topics_of_their_own() -> None:
    assert hear(f"{TILL}/action", b"hold").signals[0].kind == "alarm"
    assert hear(f"{TILL}/battery", b"42").signals[0].battery == 0.42
    assert hear(f"{TILL}/sos", b"true").signals[0].kind == "alarm"
    assert hear(f"{TILL}/linkquality", b"90").device == TILL


def test_a_push_that_is_told_in_both_ways_is_one_and_two_pushes_are_two() -> None:
    some = session()

    def alarms(below: str, payload: Any, ms: int) -> int:
        told = hear(below, payload, some, NOW + timedelta(milliseconds=ms)).signals
        return sum(signal.kind == "alarm" for signal in told)

    def pair(ms: int) -> int:
        return alarms(BELL, {"action": "single"}, ms) + alarms(f"{BELL}/action", b"single", ms + 5)

    assert [pair(ms) for ms in (0, 900, 1500, 9000)] == [1, 1, 1, 1]
    assert alarms(f"{BELL}/action", b"double", 9100) == 1
    assert alarms(BELL, {"action": "double"}, 9105) == 0, "the other order"


def test_when_it_was_last_seen_is_the_time() -> None:
    for said in ("2026-11-23T10:29:58Z", "2026-11-23T12:29:58+02:00", 1795429798000):
        (alarm, _) = hear(BELL, {"action": "single", "last_seen": said}).signals
        assert alarm.at == datetime(2026, 11, 23, 10, 29, 58, tzinfo=UTC)


def test_the_bridge_and_commands_are_nobodys_business() -> None:
    for below in ("bridge/state", "bridge/devices", "bridge", f"{BELL}/set", f"{BELL}/set/action", f"{BELL}/get", ""):
        assert hear(below, {"action": "emergency"}) == Decoded()
    assert decode(Message("elsewhere/bell", b'{"action":"single"}'), session(), NOW) == Decoded()


def test_of_strangers_only_a_push_is_told() -> None:
    nobody = Session()
    assert hear("remote", {"action": "single"}, nobody).device == "remote"
    for payload in ({"state": "ON", "brightness": 9}, {"battery": 5, "tamper": True}, {"action": "off"}, b"x", [1]):
        assert hear("lamp", payload, nobody) == Decoded()
    assert nobody.memory == {}


def test_another_base_topic() -> None:
    message = Message("home/zigbee/bell", b'{"action":"single"}')
    assert decode(message, session(topics="home/zigbee/#"), NOW).device == BELL


def test_a_registered_device_is_told_what_is_wrong() -> None:
    with pytest.raises(Malformed, match="JSON"):
        hear(BELL, b"hello")


def test_what_the_encoder_says_is_what_the_decoder_hears() -> None:
    device, here, some = Device(TILL), Moment(NOW, -26.1, 28.05, battery=0.66), session()
    kinds = [decode(m, some, NOW).signals[0].kind for m in (device.hello(), device.heartbeat(here), device.sos(here))]
    assert kinds == ["heartbeat", "heartbeat", "alarm"]
    assert decode(device.sos(here), some, NOW).signals[0].battery == 0.66


NAMES = ["action", "battery", "sos", "tamper", "battery_low", "contact", "smoke", "last_seen", "state", "water_leak"]
leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
anything = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner))
states = st.dictionaries(
    st.sampled_from(NAMES), anything | st.sampled_from(["single", "1_hold", "2026-11-23T10:30:00Z"])
)
topics = st.sampled_from([BELL, f"{BELL}/action", f"{TILL}/availability", f"{BELL}/sos", "x", "/", "//"]) | st.text()


@given(topics, states.map(msgspec.json.encode) | anything.map(msgspec.json.encode) | st.binary(), st.booleans())
def test_no_message_makes_the_decoder_fail(below: str, payload: bytes, registered: bool) -> None:
    some = session(states="contact smoke water_leak") if registered else Session()
    try:
        decoded = decode(Message(f"zigbee2mqtt/{below}", payload), some, NOW)
    except Malformed:
        return
    for signal in decoded.signals:
        assert signal.battery is None or 0 <= signal.battery <= 1
        assert signal.at is None or signal.at.tzinfo is UTC
