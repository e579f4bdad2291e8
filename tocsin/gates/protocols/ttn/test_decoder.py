"""What a button on The Things Stack can rely on, and what LoRaWAN payloads mean (for ChirpStack too).

Payloads are the examples of the makers' documents where they give one.
"""

import re
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.gates.protocol import Decoded, Malformed, Request, Session
from tocsin.gates.protocols import buttons, lorawan
from tocsin.gates.protocols.checks import HERE, NOW
from tocsin.gates.protocols.ttn.decoder import GATE, decode
from tocsin.gates.protocols.ttn.encoder import Device
from tocsin.gates.protocols.ttn.pairing import PAIRING
from tocsin.gates.signal import Signal

EUI = "24E124535B123456"
IDS = {"device_id": "button-1", "application_ids": {"application_id": "panic"}, "dev_eui": EUI}
AT = "2026-11-23T10:30:00.123456789Z"


def known(**settings: Any) -> Session:
    return Session(settings=lambda _: settings)


def hear(message: Any, **settings: Any) -> Decoded:
    body = message.body if isinstance(message, Request) else msgspec.json.encode({"end_device_ids": IDS} | message)
    return decode(Request(method="POST", body=body), known(**settings), NOW)


def only(message: Any, **settings: Any) -> Signal:
    (signal,) = hear(message, **settings).signals
    return signal


def uplink(decoded: Any = None, port: int = 1, payload: str = "01", **more: Any) -> dict[str, Any]:
    """An uplink; `payload` in hex."""
    message = {
        "session_key_id": "AXA50tHUGUucuzS/bCGMNw==",
        "f_port": port,
        "f_cnt": 7,
        "frm_payload": b64encode(bytes.fromhex(payload)).decode(),
        "received_at": AT,
    }
    fields = {} if decoded is None else {"decoded_payload": decoded}
    return {"received_at": AT, "uplink_message": message | fields | more}


def says(decoded: dict[str, Any], **settings: Any) -> Signal:
    return only(uplink(decoded), **settings)


# The webhook


def test_what_the_encoder_says_is_what_the_decoder_hears() -> None:
    device = Device(EUI)
    join, beat, here, sos = device.hello(), device.heartbeat(HERE), device.position(HERE), device.sos(HERE)
    assert [only(sent).kind for sent in (join, beat, here, sos)] == ["heartbeat", "heartbeat", "position", "alarm"]
    assert {hear(sent).device for sent in (join, beat, here, sos)} == {EUI}
    assert (only(beat).battery, only(sos).at, only(here).at) == (0.5, NOW, NOW)
    fix = only(sos).position
    assert fix is not None and (fix.lat, fix.lon) == (-25.7479, 28.2293)
    assert b"f_cnt" not in beat.body, "the first of a session: 0 is left out"


@pytest.mark.parametrize(
    ("ids", "who"),
    [
        ({"dev_eui": "24e124535b123456", "device_id": "x"}, EUI),
        ({"dev_eui": "24-E1-24-53-5B-12-34-56"}, EUI),
        ({"dev_eui": "0000000000000000", "device_id": "button-1"}, "button-1"),
        ({"device_id": "button-1"}, "button-1"),
    ],
)
def test_who_speaks(ids: dict[str, str], who: str) -> None:
    assert hear(uplink({"sos": True}) | {"end_device_ids": ids}).device == who


def test_the_same_uplink_again_is_the_same_and_after_a_join_it_is_not() -> None:
    device = Device(EUI)
    device.hello()
    first = device.sos(HERE)
    second = device.sos(HERE)
    device.hello()
    third = device.sos(HERE)
    assert hear(first).key == hear(first).key is not None
    assert len({hear(sent).key for sent in (first, second, third)}) == 3


def test_a_counter_that_begins_anew_without_a_join_is_another_uplink() -> None:
    later = "2026-11-23T12:00:00Z"
    assert hear(uplink({"sos": 1})).key != hear(uplink({"sos": 1}, received_at=later)).key
    bare = uplink({"sos": 1}, session_key_id="")
    assert hear(bare).key != hear(uplink({"sos": 1}, session_key_id="", received_at="2026-11-23T10:30:09Z")).key
    nowhen = uplink({"sos": 1}, received_at="") | {"received_at": ""}
    assert hear(nowhen).key is None and only(nowhen).kind == "alarm"


@pytest.mark.parametrize(
    "message",
    [
        {"downlink_ack": {"f_cnt": 1}},
        {"downlink_queued": {"f_port": 15}},
        {"downlink_failed": {"error": {}}},
        {"uplink_normalized": {"normalized_payload": {}}},
        {"service_data": {}},
        {},
    ],
)
def test_messages_that_are_not_the_devices_are_accepted(message: dict[str, Any]) -> None:
    decoded = hear(message)
    assert (decoded.device, decoded.signals, decoded.status, decoded.stranger_status) == (EUI, (), 200, 200)


def test_a_stranger_is_accepted_so_that_the_webhook_is_not_switched_off() -> None:
    assert hear(uplink({"sos": True})).stranger_status == 200
    assert GATE.keyed and GATE.port is None


def test_a_solved_place_has_its_accuracy_and_one_typed_in_is_none() -> None:
    place = {"latitude": -26.1, "longitude": 28.05, "accuracy": 15, "source": "SOURCE_WIFI_RSSI_GEOLOCATION"}
    signal = only({"received_at": AT, "location_solved": {"service": "x", "location": place}})
    assert signal.kind == "position" and signal.position is not None
    assert (signal.position.lat, signal.position.accuracy) == (-26.1, 15)
    assert not hear({"location_solved": {"location": place | {"source": "SOURCE_REGISTRY"}}}).signals
    assert not hear({"location_solved": {"location": {}}}).signals


def test_neither_the_gateways_place_nor_the_consoles_is_the_devices() -> None:
    place = {"latitude": -26.1, "longitude": 28.05, "source": "SOURCE_REGISTRY"}
    signal = only(uplink({"sos": True}, rx_metadata=[{"location": place}], locations={"user": place}))
    assert (signal.kind, signal.position) == ("alarm", None)


def test_a_press_simulated_in_the_console_is_a_test() -> None:
    assert only(uplink({"sos": True}) | {"simulated": True}).kind == "test"


def test_the_battery_that_the_network_knows() -> None:
    assert says({}, x=1).battery is None
    assert only(uplink({}, last_battery_percentage={"f_cnt": 3, "value": 85.8})).battery == pytest.approx(0.858)


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b"{}", b'{"end_device_ids":{}}', b"\xff", b"", b"[" * 5000])
def test_what_is_no_message_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        decode(Request(method="POST", body=body), Session(), NOW)


# The formatter's fields


@pytest.mark.parametrize(
    "decoded",
    [
        {"sos": True},
        {"SOS": 1},
        {"panic_button": "pressed"},
        {"panicButton": "TRUE"},
        {"emergency": "yes"},
        {"alarm": 1.0},
        {"alarm": "sos"},
        {"button": "short"},
        {"button": 2},
        {"button_event": {"status": "long press", "msgid": 3}},
        {"pressed": True},
        {"data": {"inner": [{"sos": True}]}},
        {"event": "SOS event."},
        {"events": ["Motionless event.", "SOS event."]},
        {"messages": [[{"type": "Event Status", "measurementValue": [{"id": 7, "eventName": "SOS event."}]}]]},
    ],
)
def test_well_known_names_are_a_press(decoded: dict[str, Any]) -> None:
    assert (says(decoded).kind, says(decoded).alarm, says(decoded).flags) == ("alarm", None, ())


@pytest.mark.parametrize(
    "decoded",
    [
        {"sos": False},
        {"alarm": 0},
        {"alarm": "normal"},
        {"alarm": "None"},
        {"button": "released"},
        {"button": ""},
        {"button": "long_release"},
        {"alarm": "SOS off"},
        {"button_count": 4},
        {"press": 1013.2},
        {"event": "motion"},
        {"temperature": 21.5, "status": 1},
        {"sos": None},
        {},
    ],
)
def test_what_says_no_is_a_sign_of_life(decoded: dict[str, Any]) -> None:
    assert (says(decoded).kind, says(decoded).pressed) == ("heartbeat", None)


def test_a_word_that_nobody_knows_rings_and_is_kept() -> None:
    signal = says({"alarm": "au secours\x00"})
    assert (signal.kind, signal.alarm, signal.flags, signal.text) == ("alarm", "other", ("unknown_kind",), "au secours")
    assert says({"alarm": "求助"}).flags == (), "a cry in our other language"


@pytest.mark.parametrize(
    ("decoded", "kind", "alarm", "flags"),
    [
        ({"alarm": "fire"}, "alarm", "fire", ()),
        ({"alarm": "low battery"}, "heartbeat", None, ("low_battery",)),
        ({"fall_detected": True}, "alarm", "medical", ("fall_down",)),
        ({"duress": 1}, "alarm", None, ("duress",)),
        ({"tamper": True, "sos": False}, "heartbeat", None, ("tampering",)),
        ({"lowBattery": True}, "heartbeat", None, ("low_battery",)),
        ({"tamper": "normal"}, "heartbeat", None, ()),
    ],
)
def test_words_of_their_own(decoded: dict[str, Any], kind: str, alarm: str | None, flags: tuple[str, ...]) -> None:
    signal = says(decoded)
    assert (signal.kind, signal.alarm, signal.flags) == (kind, alarm, flags)
    assert signal.silent is ("duress" in flags)


def test_an_alarm_status_is_a_level() -> None:
    assert (says({"ALARM_status": "TRUE"}).kind, says({"ALARM_status": "TRUE"}).pressed) == ("heartbeat", True)
    assert says({"ALARM_status": "FALSE"}).pressed is False


@pytest.mark.parametrize(
    "decoded",
    [
        {"latitude": -26.1, "longitude": 28.05, "altitude": 1400, "speed": 10, "heading": 90},
        {"Latitude": "-26.1", "Longitud": "28.05", "alt": 1400, "speed": "10", "course": 90},
        {"gps_1": {"lat": -26.1, "lng": 28.05, "altitude": 1400, "speed": 10, "cog": 90}},
        {"position": {"gps": [{"lat": -26.1, "lon": 28.05, "altitude": 1400, "speed": 10, "bearing": 90}]}},
    ],
)
def test_a_place_is_found_by_its_names(decoded: dict[str, Any]) -> None:
    fix = says(decoded).position
    assert fix is not None
    assert (fix.lat, fix.lon, fix.altitude, fix.course) == (-26.1, 28.05, 1400, 90)
    assert fix.speed == pytest.approx(5.1444, abs=1e-4)
    fast = says(decoded, speed_unit="km/h").position
    assert fast is not None and fast.speed == pytest.approx(2.7778, abs=1e-4)


def test_a_place_has_the_payloads_time_and_a_press_the_networks() -> None:
    place = {"latitude": -26.1, "longitude": 28.05, "time": "2026-11-23T10:10:00.000Z"}
    earlier = NOW - timedelta(minutes=20)
    here, press = says(place), says(place | {"sos": True})
    assert (here.at, here.position and here.position.at) == (earlier, earlier)
    heard = datetime(2026, 11, 23, 10, 30, 0, 123456, UTC)
    assert (press.at, press.position and press.position.at) == (heard, earlier)


@pytest.mark.parametrize(
    "place",
    [{"latitude": 95, "longitude": 0}, {"latitude": "x", "longitude": 1}, {"latitude": 1}, {"lat": None, "lon": 1}],
)
def test_a_place_that_is_none_takes_nothing_from_the_press(place: dict[str, Any]) -> None:
    signal = says(place | {"sos": True})
    assert (signal.kind, signal.position) == ("alarm", None)
    zero = says({"sos": True, "latitude": 0, "longitude": 0})
    assert (zero.kind, zero.position is not None) == ("alarm", True)


@pytest.mark.parametrize(
    ("decoded", "settings", "battery"),
    [
        ({"battery_level": 87}, {}, 0.87),
        ({"battery": 87}, {}, 0.87),
        ({"battery": 5}, {}, 0.05),
        ({"battery": 3.6}, {}, None),
        ({"battery": 2.5}, {"battery_volts": [2.0, 3.0]}, 0.5),
        ({"BatV": 3.3}, {"battery_volts": [2.0, 3.0]}, 1.0),
        ({"battery": 2500}, {"battery_volts": [2.0, 3.0]}, 0.5),
        ({"BatV": 3.3}, {"battery_volts": [3.0, 2.0]}, None),
        ({"battery_level": 255}, {}, None),
    ],
)
def test_a_battery_in_percent_or_volts(
    decoded: dict[str, Any], settings: dict[str, Any], battery: float | None
) -> None:
    signal = says(decoded, **settings)
    assert signal.battery == battery
    assert ("low_battery" in signal.flags) is (battery is not None and battery < 0.15)


# The device's settings


def test_paths_say_where_the_fields_stand() -> None:
    paths = {"action": "in.key1", "lat": "in.gps.0", "lon": "in.gps.1", "battery": "in.v", "at": "in.t"}
    settings = {f"{name}_path": path for name, path in paths.items()}
    signal = says({"in": {"key1": 1, "gps": [-26.1, 28.05], "v": 40, "t": 1795429740}, "button": 1}, **settings)
    assert (signal.kind, signal.battery) == ("alarm", 0.4)
    assert signal.position is not None
    assert (signal.position.lat, signal.position.at) == (-26.1, NOW - timedelta(minutes=1))
    assert says({"in": {"key1": 0}, "button": 1}, **settings).kind == "heartbeat", "names are no press any more"


@pytest.mark.parametrize(
    ("settings", "decoded", "kind"),
    [
        ({"press": "long double"}, {"button": "Long press"}, "alarm"),
        ({"press": "long, double"}, {"button": "short press"}, "heartbeat"),
        ({"press": ["long_press"]}, {"button": "long press"}, "alarm"),
        ({"press": "3", "action_path": "b"}, {"b": 3.0}, "alarm"),
        ({"press": "3", "action_path": "b"}, {"b": 2}, "heartbeat"),
        ({"press": "panic_button"}, {"panic_button": True, "button": True}, "alarm"),
        ({"press": "panic_button"}, {"button": True}, "heartbeat"),
        ({"press": "long"}, {"fall": True}, "heartbeat"),
        ({"press": "Key_2"}, {"in": {"key_2": 1}}, "alarm"),
        ({"press": "key_2", "cancel": "key_3"}, {"key_2": 0, "key_3": 1}, "cancel"),
        ({"cancel": "double", "test": "triple"}, {"button": "short"}, "alarm"),
        ({"cancel": "double", "test": "triple"}, {"button": "double"}, "cancel"),
        ({"cancel": "double", "test": "triple"}, {"button": "triple"}, "test"),
        ({"action_path": "b"}, {"b": "key B"}, "alarm"),
        ({"action_path": "b"}, {"b": "long_release"}, "heartbeat"),
        ({"action_path": "b"}, {}, "heartbeat"),
        ({"action_path": 7}, {"button": 1}, "heartbeat"),
    ],
)
def test_settings_say_which_press_is_what(settings: dict[str, Any], decoded: dict[str, Any], kind: str) -> None:
    assert says(decoded, **settings).kind == kind


def test_settings_say_what_kind_of_alarm_it_is_and_whether_it_is_silent() -> None:
    assert (says({"sos": 1}, alarm="medical").alarm, says({"button": "long"}, silent="long").silent) == (
        "medical",
        True,
    )
    assert says({"sos": 1}, silent=True).silent


@pytest.mark.parametrize(("value", "pressed"), [(True, True), (0, False), (None, None)])
def test_a_level_may_stand_anywhere(value: Any, pressed: bool | None) -> None:
    signal = says({"in": {"alarm_on": value}}, level_path="in.alarm_on")
    assert (signal.kind, signal.pressed) == ("heartbeat", pressed)
    assert says({"ALARM_status": True}, press="long").pressed is None


def test_which_press_of_a_ws101_counts_can_be_set() -> None:
    assert only(uplink(port=85, payload="ff2e01"), press="long").kind == "heartbeat"
    assert only(uplink(port=85, payload="ff2e02"), press="long").kind == "alarm"


# The payload's bytes


@pytest.mark.parametrize(
    ("model", "port", "payload", "kind", "battery"),
    [
        ("", 85, "ff2e01", "alarm", None),
        ("ws101-sos", 85, "017510ff2e02", "alarm", 0.16),
        ("", 85, "ff2e09", "alarm", None),
        ("", 85, "017564", "heartbeat", 1.0),
        ("", 85, "ff0bffff0101ff086538b2232131ff090100ff0a0102ff0f00", "heartbeat", None),
        ("", 85, "ff0bffff0101ff086538b2232131ff090100ff0a0102ff0f00ff2e01", "alarm", None),
        ("", 1, "ff2e01", "heartbeat", None),
        ("", 147, "01fe370000040000", "alarm", None),
        ("", 147, "00fe370000040000", "heartbeat", None),
        ("", 147, "01fe", "heartbeat", None),
        ("", 5, "06000040006462248d06ca502801587ec600fe000057", "alarm", 0.87),
        ("", 5, "06000008006462248d06ca502801587ec600fe000057", "position", 0.87),
        ("", 5, "06000080006462248d06ca502801587ec600fe000057", "position", 0.87),
        ("", 5, "0a0000400064622472487397162234bb3ccd5798fd2ebc74cf002f3ad0a9ec26ca022958b957", "alarm", 0.87),
        ("", 5, "110100004064a763a0014100002f", "alarm", 0.47),
        ("", 5, "0564010001", "heartbeat", 1.0),
        ("", 5, "0564010001" + "09000040006463186806ca506801587e4c56", "alarm", 0.86),
        ("", 5, "06010040006462248d06ca502801587ec600fe000057", "heartbeat", None),
        ("pb01-l", 2, "0cf6010100fa01dd", "alarm", None),
        ("pb01-l", 2, "0cf6010000fa01dd", "heartbeat", None),
        ("", 2, "0cf6010100fa01dd", "heartbeat", None),
        ("t1000", 1, "06000040006462248d06ca502801587ec600fe000057", "heartbeat", None),
        ("something else", 85, "ff2e01", "alarm", None),
    ],
)
def test_buttons_are_read_from_their_bytes(model: str, port: int, payload: str, kind: str, battery: float) -> None:
    signal = only(uplink(None, port, payload), **({"model": model} if model else {}))
    assert (signal.kind, signal.battery) == (kind, battery)


def test_the_single_press_of_a_t1000_can_be_one() -> None:
    payload = "06000080006462248d06ca502801587ec600fe000057"
    assert only(uplink(None, 5, payload), press="sos press_once").kind == "alarm"
    assert only(uplink(None, 5, payload.replace("0080", "0040")), press="sos press_once").kind == "alarm"


def test_a_t1000_says_where_and_what() -> None:
    signal = only(uplink(None, 5, "0600004c006462248d06ca502801587ec600fe000057"))
    assert signal.position is not None
    assert (signal.position.lat, signal.position.lon) == (22.576838, 113.922088)
    assert signal.position.at == datetime(2023, 5, 15, 12, 24, 45, tzinfo=UTC)
    assert (signal.kind, signal.flags) == ("alarm", ("no_motion", "vibration"))


@pytest.mark.parametrize(
    ("port", "payload", "pressed", "place"),
    [
        (2, "015a706606cf3cf80fa23001ae00da", False, True),
        (2, "015a706606cf3cf84fa23001ae00da", True, True),
        (3, "015a706606cf3cf84fa230", True, True),
        (3, "015a706606cf3cf800000000000000004fa230", True, True),
        (3, "00000000000000004fa230", True, True),
        (3, "0fffffff0fffffff4fa230", True, False),
        (7, "4fa230", True, False),
        (7, "0fa230", False, False),
        (4, "015a706606cf3cf807e60a0d0a1e00", None, False),
        (2, "015a", None, False),
    ],
)
def test_a_dragino_tracker_repeats_its_alarm_in_a_bit(port: int, payload: str, pressed: bool, place: bool) -> None:
    for model in ("trackerd", "LGT-92"):
        signal = only(uplink(None, port, payload), model=model, battery_volts=[3.0, 4.0])
        assert (signal.pressed, signal.position is not None, signal.kind != "alarm") == (pressed, place, True)
        assert signal.battery == (None if pressed is None else 1.0)


def test_the_console_knows_the_model() -> None:
    known_there = {"version_ids": {"brand_id": "dragino", "model_id": "trackerd"}}
    assert only(uplink(None, 7, "4fa230", **known_there)).pressed is True


def test_bytes_and_fields_together() -> None:
    assert only(uplink({"button": "none"}, 85, "ff2e01")).kind == "alarm"
    assert only(uplink({"sos": True}, 85, "017564")).kind == "alarm"
    assert only(uplink({"sos": True}, 85, frm_payload="no base64")).kind == "alarm"


@given(st.sampled_from(["", *buttons.MODELS]), st.integers(0, 255), st.binary(max_size=80))
def test_no_payload_makes_a_button_fail(model: str, port: int, data: bytes) -> None:
    found = buttons.read(model, port, data)
    assert all(isinstance(name, str) for name in found)


@given(st.sampled_from([1, 2, 3, 5, 85, 147]), st.binary(max_size=60))
def test_no_bytes_alarm_by_a_level_and_an_event_at_once(port: int, data: bytes) -> None:
    signal = only(uplink(None, port, data.hex()))
    assert signal.pressed is None, "levels only of devices that are named"


@pytest.mark.parametrize(
    ("written", "eui"),
    [("0004a30b001c0530", "0004A30B001C0530"), ("00:04:A3:0B:00:1C:05:30", "0004A30B001C0530"), ("x", ""), (None, "")],
)
def test_an_eui_is_sixteen_digits_in_capitals(written: Any, eui: str) -> None:
    assert lorawan.eui(written) == eui


def test_the_pages_describe_devices_that_can_be_registered() -> None:
    assert re.fullmatch(PAIRING.pattern, PAIRING.example)
    assert re.fullmatch(PAIRING.pattern, "my-button-1")
    for wrong in ("24e124535b123456", "24E1", "-x", "x-"):
        assert not re.fullmatch(PAIRING.pattern, wrong), "would never be found"
    model, _press = PAIRING.fields
    assert all(re.fullmatch(model.pattern, name) for name in ("", *buttons.MODELS))


# Nothing makes it fail

NAMES = [
    "sos",
    "alarm",
    "button",
    "latitude",
    "longitude",
    "time",
    "battery",
    "event",
    "tamper",
    "ALARM_status",
    "speed",
]
numbers = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
words = st.sampled_from(["SOS event.", "pressed", "2026-11-23T10:30:00Z", "fire", "AQ=="]) | st.text()
anything = st.recursive(
    st.none() | st.booleans() | numbers | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(), inner),
)
OUTER = ["end_device_ids", "uplink_message", "join_accept", "location_solved", "received_at", "simulated"]
INNER = [
    "f_port",
    "f_cnt",
    "frm_payload",
    "decoded_payload",
    "received_at",
    "session_key_id",
    "last_battery_percentage",
]


SETTINGS = [
    "press",
    "silent",
    "test",
    "cancel",
    "alarm",
    "model",
    "battery_volts",
    "speed_unit",
    "action_path",
    "level_path",
]


@given(st.binary() | anything.map(msgspec.json.encode), anything)
def test_no_body_makes_the_decoder_fail(body: bytes, setting: Any) -> None:
    survive(body, dict.fromkeys(SETTINGS, setting))


@given(st.dictionaries(st.sampled_from(OUTER), anything), st.dictionaries(st.sampled_from(INNER), anything), anything)
def test_no_message_makes_the_decoder_fail(message: Any, inner: Any, rule: Any) -> None:
    settings = dict.fromkeys((*SETTINGS, "lat_path", "lon_path", "battery_path"), rule)
    survive(msgspec.json.encode(message), settings)
    survive(msgspec.json.encode(message | {"end_device_ids": IDS, "uplink_message": inner}), settings)
    survive(msgspec.json.encode(message | {"end_device_ids": IDS, "location_solved": {"location": inner}}), {})


def survive(body: bytes, settings: dict[str, Any]) -> None:
    """Malformed or a sane answer, nothing else."""
    try:
        decoded = decode(Request(method="POST", body=body), known(**settings), NOW)
    except Malformed:
        return
    assert decoded.device
    for signal in decoded.signals:
        fix = signal.position
        assert fix is None or (abs(fix.lat) <= 90 and abs(fix.lon) <= 180)
        assert signal.battery is None or 0 <= signal.battery <= 1
        msgspec.json.encode(signal)
