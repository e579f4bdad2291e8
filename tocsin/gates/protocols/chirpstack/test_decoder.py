"""What a button on ChirpStack can rely on; what its payload means is told in ttn/test_decoder.py."""

import re
from base64 import b64encode
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.gates.protocol import Decoded, Malformed, Request, Session
from tocsin.gates.protocols.checks import HERE, NOW
from tocsin.gates.protocols.chirpstack.decoder import GATE, decode
from tocsin.gates.protocols.chirpstack.encoder import Device
from tocsin.gates.protocols.chirpstack.pairing import PAIRING
from tocsin.gates.signal import Signal

EUI = "24E124535B123456"
INFO = {"tenantId": "52f14cd4", "applicationName": "Panic", "deviceName": "button", "devEui": EUI.lower()}
AT = "2026-11-23T10:30:00.000000242+00:00"


def hear(kind: str, event: dict[str, Any], **settings: Any) -> Decoded:
    about = {"deduplicationId": "3ac7e3c4-4401-4b8d-9386-a5c902f9202d", "time": AT, "deviceInfo": INFO}
    request = Request(method="POST", query=kind and f"event={kind}", body=msgspec.json.encode(about | event))
    return decode(request, Session(settings=lambda _: settings), NOW)


def only(kind: str, event: dict[str, Any], **settings: Any) -> Signal:
    (signal,) = hear(kind, event, **settings).signals
    return signal


def data(payload: str) -> str:
    return b64encode(bytes.fromhex(payload)).decode()


def test_what_the_encoder_says_is_what_the_decoder_hears() -> None:
    device = Device(EUI)
    sent = [device.hello(), device.heartbeat(HERE), device.position(HERE), device.sos(HERE)]
    heard = [decode(request, Session(), NOW) for request in sent]
    assert {decoded.device for decoded in heard} == {EUI}
    signals = [decoded.signals[0] for decoded in heard]
    assert [signal.kind for signal in signals] == ["heartbeat", "heartbeat", "position", "alarm"]
    assert (signals[1].battery, signals[3].at) == (0.5, NOW)
    assert signals[3].position is not None and signals[3].position.lat == -25.7479


def test_bytes_and_codec_are_read_as_from_any_network_server() -> None:
    assert only("up", {"fPort": 85, "data": data("ff2e01")}).kind == "alarm"
    assert only("up", {"fPort": 1, "data": "qg==", "object": {"panic": True}}).kind == "alarm"
    assert only("up", {"fPort": 1, "data": "qg=="}).kind == "heartbeat"
    assert only("up", {}).kind == "heartbeat"
    assert only("up", {"object": {"key": "2"}}, action_path="key", press="2").kind == "alarm"


def test_a_tag_names_the_model() -> None:
    tagged = {"deviceInfo": INFO | {"tags": {"model": "TrackerD"}}, "fPort": 7, "data": data("4fa230")}
    assert only("up", tagged).pressed is True
    assert only("up", {"fPort": 7, "data": data("4fa230")}, model="trackerd").pressed is True
    assert only("up", {"fPort": 7, "data": data("4fa230")}).pressed is None


@pytest.mark.parametrize(
    ("event", "battery"),
    [
        ({"margin": 10, "batteryLevel": 88.3}, 0.883),
        ({"margin": 10, "batteryLevelUnavailable": True}, None),
        ({"externalPowerSource": True, "batteryLevel": 0}, None),
        ({"margin": 10}, None),
    ],
)
def test_a_status_tells_the_battery(event: dict[str, Any], battery: float | None) -> None:
    signal = only("status", event)
    assert (signal.kind, signal.battery) == ("heartbeat", battery and pytest.approx(battery))


def test_a_location_is_the_devices_and_a_gateways_is_not() -> None:
    place = {"latitude": 37.344214, "longitude": -8.839375, "altitude": 2}
    signal = only("location", {"location": place})
    assert signal.kind == "position" and signal.position is not None
    assert (signal.position.lat, signal.position.accuracy, signal.at) == (37.344214, None, NOW)
    assert not hear("location", {"location": {}}).signals
    up = only("up", {"object": {"sos": True}, "rxInfo": [{"gatewayId": "0016c001f153a14c", "location": place}]})
    assert (up.kind, up.position) == ("alarm", None)


@pytest.mark.parametrize("kind", ["log", "ack", "txack", "integration", "something"])
def test_events_that_are_not_the_devices_are_accepted(kind: str) -> None:
    decoded = hear(kind, {"object": {"sos": True}, "level": "ERROR", "code": "UPLINK_MIC"})
    assert (decoded.device, decoded.signals, decoded.status, decoded.stranger_status) == (EUI, (), 200, 200)


def test_an_uplink_is_known_without_the_name_of_the_event() -> None:
    assert only("", {"object": {"sos": True}}).kind == "alarm"
    assert not hear("", {"margin": 3}).signals


def test_the_same_event_again_is_the_same() -> None:
    assert hear("up", {}).key == hear("up", {}).key is not None
    assert hear("up", {}).key != hear("up", {"deduplicationId": "bf2a9746-1c8b-49be-a92e-f0b89c8534e4"}).key
    assert hear("up", {"deduplicationId": None}).key is None


def test_who_holds_the_key_speaks_for_all() -> None:
    assert GATE.keyed and GATE.port is None


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"\n\x24e0f74068-2bb1", "JSON"),
        (b"[]", "JSON"),
        (b"", "JSON"),
        (b"{}", "devEui"),
        (b'{"devEUI":"AQEBAQEBAQE=","applicationID":"1"}', "v3"),
        (b'{"deviceInfo":{"devEui":"1"}}', "devEui"),
    ],
)
def test_what_is_no_event_is_refused_with_the_reason(body: bytes, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        decode(Request(method="POST", query="event=up", body=body), Session(), NOW)


def test_the_pages_describe_a_device_that_can_be_registered() -> None:
    assert re.fullmatch(PAIRING.pattern, PAIRING.example)
    assert not re.fullmatch(PAIRING.pattern, PAIRING.example.lower())


numbers = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
NAMES = ["data", "object", "fPort", "time", "deduplicationId", "location", "batteryLevel", "tags", "model", "latitude"]
anything = st.recursive(
    st.none() | st.booleans() | numbers | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(), inner),
)
kinds = st.sampled_from(["up", "join", "status", "location", "log", ""]) | st.text()


@given(kinds, st.binary() | anything.map(msgspec.json.encode))
def test_nothing_makes_the_decoder_fail(kind: str, body: bytes) -> None:
    survive(lambda: decode(Request(method="POST", query=f"event={kind}", body=body), Session(), NOW))


@given(kinds, st.dictionaries(st.sampled_from(NAMES), anything), anything)
def test_no_event_makes_the_decoder_fail(kind: str, event: Any, tags: Any) -> None:
    survive(lambda: hear(kind, event))
    survive(lambda: hear(kind, event | {"deviceInfo": INFO | {"tags": tags}}))


def survive(decode: Any) -> None:
    """Malformed or a sane answer, nothing else."""
    try:
        decoded: Decoded = decode()
    except Malformed:
        return
    assert decoded.device
    for signal in decoded.signals:
        fix = signal.position
        assert fix is None or (abs(fix.lat) <= 90 and abs(fix.lon) <= 180)
        assert signal.battery is None or 0 <= signal.battery <= 1
        msgspec.json.encode(signal)
