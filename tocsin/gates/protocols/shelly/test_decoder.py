"""What an installer of Shelly buttons can rely on."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.gates.protocol import Decoded, Malformed, Message, Moment, Session, identified
from tocsin.gates.protocols.shelly.decoder import TOPICS, decode
from tocsin.gates.protocols.shelly.encoder import Device

NOW = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
BUTTON, I3, I4 = "shellybutton1-A4CF12F45174", "shellyix3-A4CF12F474C7", "shellyplusi4-a8032abe54dc"
BELL = "counter-bell"


def session(memory: dict[str, Any] | None = None, **settings: Any) -> Session:
    """Somebody registered these four; `memory` is what a process remembers."""
    known = dict.fromkeys((BUTTON, I3, I4, BELL), settings)
    return Session(settings=known.get, memory={} if memory is None else memory)


def hear(topic: str, payload: Any, some: Session | None = None, now: datetime = NOW) -> Decoded:
    content = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return decode(Message(topic, content), some or session(), now)


def push(device: str, event: str, count: int, some: Session, now: datetime = NOW) -> Decoded:
    return hear(f"shellies/{device}/input_event/0", {"event": event, "event_cnt": count}, some, now)


def rpc(*events: dict[str, Any], some: Session | None = None, src: str = I4, prefix: str = I4) -> Decoded:
    frame = {"src": src, "dst": f"{src}/events", "method": "NotifyEvent", "params": {"ts": 1, "events": list(events)}}
    return hear(f"{prefix}/events/rpc", frame, some)


def event(word: str, component: str = "input:0", ts: Any = 1795429799.44) -> dict[str, Any]:
    return {"component": component, "id": 0, "event": word, "ts": ts}


def kinds(decoded: Decoded) -> list[str]:
    return [signal.kind for signal in decoded.signals if signal.kind != "heartbeat"]


@pytest.mark.parametrize("word", ["S", "SS", "SSS", "L", "SL", "LS"])
def test_every_push_alarms_for_who_is_afraid_pushes_again(word: str) -> None:
    assert kinds(push(BUTTON, word, 4, session())) == ["alarm"]


def test_no_push_is_a_sign_of_life() -> None:
    decoded = push(I3, "", 21, session())
    assert (decoded.device, [signal.kind for signal in decoded.signals]) == (I3, ["heartbeat"])


def test_a_mains_device_tells_its_last_push_every_half_minute_and_that_is_one() -> None:
    memory: dict[str, Any] = {}
    told = [kinds(push(I3, "SSS", 4, session(memory))) for _ in range(5)]
    assert told == [["alarm"], [], [], [], []]
    assert kinds(push(I3, "S", 5, session(memory))) == ["alarm"]
    assert kinds(push(I3, "S", 5, session(memory))) == []


def test_after_a_power_cut_the_count_begins_anew_and_the_push_is_new() -> None:
    memory: dict[str, Any] = {}
    some = session(memory)
    assert [kinds(push(I3, "S", count, some)) for count in (7, 8, 1)] == [["alarm"]] * 3
    assert [kinds(push(I3, event, count, some)) for event, count in (("", 0), ("S", 1))] == [[], ["alarm"]]


@pytest.mark.parametrize(("device", "since"), [(BUTTON, timedelta(hours=3)), (I3, timedelta(seconds=20))])
def test_a_new_process_knows_a_push_that_is_stored(device: str, since: timedelta) -> None:
    """A button tells its last push when it wakes, a mains device soon after we have begun to listen."""
    stored = {signal.id for signal in identified("shelly", push(device, "S", 8, session()))}
    again = identified("shelly", push(device, "S", 8, session({"since": NOW - since})))
    assert {signal.id for signal in again} <= stored
    fresh = identified("shelly", push(device, "S", 9, session({"since": NOW - since})))
    assert not {signal.id for signal in fresh} & stored


def test_of_a_mains_device_that_was_quiet_a_push_is_new_whatever_its_count() -> None:
    stored = {signal.id for signal in identified("shelly", push(I3, "S", 8, session()))}
    later = identified("shelly", push(I3, "S", 8, session({"since": NOW - timedelta(minutes=5)})))
    assert later[0].kind == "alarm"
    assert later[0].id not in stored


def test_the_input_is_the_zone() -> None:
    decoded = hear(f"shellies/{I3}/input_event/2", {"event": "S", "event_cnt": 1})
    assert decoded.signals[0].zone == "2"
    assert rpc(event("single_push", "input:3")).signals[0].zone == "3"


@pytest.mark.parametrize("word", ["single_push", "double_push", "triple_push", "long_push"])
def test_a_push_of_gen2_alarms_at_its_own_time(word: str) -> None:
    (signal,) = rpc(event(word)).signals
    assert (signal.kind, signal.at) == ("alarm", datetime(2026, 11, 23, 10, 29, 59, 440000, UTC))


@pytest.mark.parametrize("word", ["btn_down", "btn_up", "config_changed", "scheduled_restart"])
def test_half_a_push_and_the_devices_own_affairs_are_signs_of_life(word: str) -> None:
    assert [signal.kind for signal in rpc(event(word, "input:0")).signals] == ["heartbeat"]
    assert kinds(rpc(event("single_push", "sys"))) == []


def test_the_same_frame_is_the_same_push_and_without_a_clock_none_is() -> None:
    assert rpc(event("single_push")).key == rpc(event("single_push")).key is not None
    assert rpc(event("single_push")).key != rpc(event("single_push", ts=1795429801.0)).key
    assert rpc(event("single_push", ts=12.4)).key is None
    assert rpc(event("single_push", ts=None)).key is None


def test_a_blu_button_is_heard_once_through_its_gateway() -> None:
    decoded = rpc(event("single_push", "bthomedevice:202"), event("single_push", "bthomesensor:200"))
    assert (kinds(decoded), decoded.signals[0].zone) == (["alarm"], "202")


def test_a_device_is_known_by_its_id_or_by_its_own_prefix() -> None:
    assert rpc(event("single_push"), prefix="shop/till").device == I4
    assert rpc(event("single_push"), src="shellyplus1-001122334455", prefix=BELL).device == BELL


def test_settings_say_what_a_push_means() -> None:
    own = session(press="triple long", silent=["SSS"], test="double", cancel="S", alarm="robbery")
    meant = [push(BUTTON, word, count, own).signals[0] for count, word in enumerate(("SSS", "L", "SS", "S", "SL"))]
    assert [signal.kind for signal in meant] == ["alarm", "alarm", "test", "cancel", "heartbeat"]
    assert [(signal.silent, signal.alarm) for signal in meant[:2]] == [(True, "robbery"), (False, "robbery")]
    (signal,) = rpc(event("long_push"), some=own).signals
    assert (signal.kind, signal.silent) == ("alarm", False)
    assert rpc(event("single_push"), some=session(silent=True)).signals[0].silent


def test_battery_and_low_battery() -> None:
    (signal,) = hear(f"shellies/{BUTTON}/sensor/battery", b"77").signals
    assert (signal.kind, signal.battery, signal.flags) == ("heartbeat", 0.77, ())
    (signal,) = hear(f"shellies/{BUTTON}/sensor/battery", b"9").signals
    assert (signal.battery, signal.flags) == (0.09, ("low_battery",))
    status = {"ts": 1, "devicepower:0": {"battery": {"V": 5.1, "percent": 60}}, "bthomedevice:200": {"battery": 12}}
    (signal,) = hear(f"{I4}/events/rpc", {"src": I4, "method": "NotifyStatus", "params": status}).signals
    assert (signal.battery, signal.flags) == (0.12, ("low_battery",))


def test_who_is_gone_is_in_trouble_but_for_a_button_that_sleeps() -> None:
    assert hear(f"{I4}/online", b"false").signals[0].flags == ("fault",)
    assert hear(f"shellies/{I3}/online", b"true").signals[0].flags == ("fault_restored",)
    assert hear(f"shellies/{BUTTON}/online", b"false") == Decoded()
    assert hear(f"shellies/{BUTTON}/online", b"true").device == BUTTON


def test_smoke_and_water_are_states() -> None:
    (smoke,) = hear(f"shellies/{BELL}/sensor/smoke", b"true").signals
    (water,) = hear(f"shellies/{BELL}/sensor/flood", b"false").signals
    assert (smoke.pressed, smoke.alarm, water.pressed, water.alarm) == (True, "fire", False, None)


def test_a_latching_switch_alarms_if_its_state_is_a_press() -> None:
    def states(**settings: Any) -> list[bool | None]:
        some = session(**settings)
        heard = [hear(f"shellies/{I3}/input/0", word, some) for word in (b"1", b"0")]
        status = {"ts": 1, "input:0": {"id": 0, "state": True}}
        heard.append(hear(f"{I4}/events/rpc", {"src": I4, "method": "NotifyStatus", "params": status}, some))
        return [decoded.signals[0].pressed if decoded.signals else None for decoded in heard]

    assert states() == [None, None, None]
    assert states(press="on") == [True, False, True]
    assert states(press="off") == [False, True, False], "normally closed"


def test_joining_the_broker_is_a_sign_of_life() -> None:
    for topic in ("shellies/announce", f"shellies/{BUTTON}/announce"):
        assert hear(topic, {"id": BUTTON, "ip": "192.168.8.20"}).device == BUTTON


def test_of_strangers_only_a_push_is_told() -> None:
    nobody = Session()
    assert push(BUTTON, "S", 4, nobody).device == BUTTON
    assert rpc(event("single_push"), some=nobody).device == I4
    for topic, payload in (
        (f"shellies/{BUTTON}/sensor/battery", b"70"),
        (f"shellies/{I3}/input_event/0", {"event": "", "event_cnt": 1}),
        (f"{I4}/online", b"true"),
        ("something/online", b"online"),
        ("lamp/events/rpc", b"no json"),
        ("shellies/announce", {"id": BUTTON}),
    ):
        assert hear(topic, payload, nobody) == Decoded()
    assert nobody.memory == {}


def test_a_registered_device_is_told_what_is_wrong() -> None:
    for payload in (b"S", b"[]", b'{"event_cnt":1}', b'{"event":5}'):
        with pytest.raises(Malformed):
            hear(f"shellies/{BUTTON}/input_event/0", payload)


@pytest.mark.parametrize("name", [BUTTON, I3, I4])
def test_what_the_encoder_says_is_what_the_decoder_hears(name: str) -> None:
    device, here, some = Device(name), Moment(NOW, -26.1, 28.05, battery=0.66), session()
    for sent, kind in (
        (device.hello(), "heartbeat"),
        (device.heartbeat(here), "heartbeat"),
        (device.sos(here), "alarm"),
        (device.sos(here), "alarm"),
    ):
        decoded = decode(sent, some, NOW)
        assert (decoded.device, decoded.signals[0].kind) == (name, kind)
    assert decode(device.heartbeat(here), some, NOW).signals[0].battery == 0.66


WORDS = ["src", "method", "params", "events", "event", "event_cnt", "component", "ts", "id", "input:0", "state"]
leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
values = leaves | st.sampled_from(["NotifyEvent", "NotifyStatus", "S", "single_push", "input:0", "bthomedevice:1", I4])
anything = st.recursive(
    values,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=3), inner),
)
topics = st.sampled_from([topic.replace("+", BUTTON) for topic in TOPICS] + [f"{I4}/events/rpc"]) | st.text()


@given(topics, anything.map(msgspec.json.encode) | st.binary(), st.booleans())
def test_no_message_makes_the_decoder_fail(topic: str, payload: bytes, registered: bool) -> None:
    try:
        decoded = decode(Message(topic, payload), session(press="on") if registered else Session(), NOW)
    except Malformed:
        return
    for signal in decoded.signals:
        assert signal.battery is None or 0 <= signal.battery <= 1
        assert signal.at is None or signal.at.tzinfo is UTC
