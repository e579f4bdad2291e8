"""What a Topin locator can rely on. Frames are made by hand from the protocol's document or by our encoder."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tocsin.gates.protocol import Malformed, Session
from tocsin.gates.protocols.checks import (
    HERE,
    NOW,
    chunking_changes_nothing,
    chunks,
    cut,
    no_bytes_make_it_fail,
    session,
    streams,
)
from tocsin.gates.protocols.topin.decoder import GATE, decode
from tocsin.gates.protocols.topin.encoder import Device
from tocsin.gates.protocols.topin.frame import END, build
from tocsin.gates.signal import Signal

IMEI = "356314041234567"
SCAN = bytes.fromhex("78780169" + "261123103000" + "c83a35214fe450" + "02028f01" + "0c4e2fa564" + "0c4e2fa66e" + "0d0a")
SCAN_4G = bytes.fromhex("78780018" + "261123103000" + "01028f01" + "000028660090df425f" + "00" + "0d0a")


def only(frame: bytes, **settings: Any) -> Signal:
    (signal,) = decode(frame, session(**settings), NOW).signals
    return signal


def position(kind: int = 0x10, status: int = 0x1000 | 271) -> bytes:
    content = bytes.fromhex("1a0b170a1e00" + "9c" + "02c37ac8" + "03079558" + "24") + status.to_bytes(2, "big")
    return build(kind, content, length=len(content))


def test_what_the_encoder_says_is_what_the_decoder_hears() -> None:
    device, some = Device(IMEI), Session()
    assert decode(device.hello(), some, NOW).device == some.device == IMEI
    (signal,) = decode(device.position(HERE), some, NOW).signals
    assert (signal.kind, signal.at, signal.flags) == ("position", NOW, ())
    assert signal.position is not None
    assert signal.position.lat == pytest.approx(-25.7479, abs=1e-6)
    assert (signal.position.speed, signal.position.course) == (10, 271)
    assert only(device.heartbeat(HERE)).battery == 0.5
    for sent in (device.hello(), device.heartbeat(HERE), device.position(HERE), device.sos(HERE)):
        assert device.answered(sent, decode(sent, some, NOW).reply or b"")


def test_a_press_holds_nothing_but_itself_and_each_is_one() -> None:
    decoded = decode(bytes.fromhex("787801990d0a"), session(), NOW)
    assert (decoded.reply, decoded.stranger, decoded.key) == (None, None, None)
    assert [signal.kind for signal in decoded.signals] == ["alarm"]


def test_each_frame_is_answered_in_its_way() -> None:
    login = bytes.fromhex("78780d01" + "0356314041234567" + "0100" + "0d0a")
    decoded = decode(login, Session(), NOW)
    assert (decoded.reply, decoded.stranger) == (bytes.fromhex("787801010d0a"),) * 2
    for kind in (0x10, 0x11):
        decoded = decode(position(kind), session(), NOW)
        assert decoded.reply == bytes.fromhex(f"787812{kind:02x}1a0b170a1e000d0a")
        assert decoded.stranger is None
    status = bytes.fromhex("78780713514d0819640d0a")
    assert decode(status, session(), NOW).reply == status
    assert decode(SCAN, session(), NOW).reply == bytes.fromhex("787801692611231030000d0a")
    assert decode(build(0x30), Session(), NOW).reply == bytes.fromhex("78780730" + "07ea0b170a1e00" + "0d0a")
    assert decode(build(0x08), session(), NOW).reply is None


def test_what_was_kept_without_network_is_marked() -> None:
    assert only(position(0x11)).flags == ("buffered",)
    assert only(position(0x10)).flags == ()
    assert only(position(0x10, 271)).flags == ("old_fix",)


@pytest.mark.parametrize(("kind", "flag"), [(0x94, "vibration"), (0x82, "charging"), (0x83, "unplugged")])
def test_other_events_are_flags(kind: int, flag: str) -> None:
    assert (only(build(kind)).kind, only(build(kind)).flags) == ("heartbeat", (flag,))


def test_scans_are_signs_of_life_with_their_time() -> None:
    for scan in (SCAN, SCAN_4G):
        assert (only(scan).kind, only(scan).at) == ("heartbeat", NOW)
        assert GATE.split(scan) == (scan, len(scan))


def test_a_heartbeat_with_a_place_in_degrees() -> None:
    frame = build(
        0x08, bytes.fromhex("1a0b170a1e00" + "19 0b6980 1c 037fb4 190b6980 1c037fb4 24 39 05 01".replace(" ", ""))
    )
    signal = only(frame)
    assert signal.position is not None
    assert (signal.position.lat, signal.position.lon) == pytest.approx((25.747904, 28.2293), abs=1e-6)
    assert (signal.position.speed, signal.position.course, signal.flags) == (10, 114, ())
    south = frame.replace(bytes.fromhex("190b6980"), bytes.fromhex("191b6980"))
    assert only(south).position == replace(signal.position, lat=-signal.position.lat)
    late = only(frame[:3] + b"\x09" + frame[4:])
    assert late.flags == ("old_fix", "buffered")


def test_alarm_bits_behind_a_place_and_a_scan() -> None:
    place = bytes.fromhex("1a0b170a1e00 9c 027ac836 0c4657b3 24 1000 0546 12".replace(" ", ""))
    signal = only(build(0x10, place))
    assert signal.flags == ("overspeed", "low_power")
    assert signal.position is not None
    assert signal.position.altitude == 1350
    scan = bytes.fromhex("261123103000") + bytes(7) + b"\x01\x02\x8f\x01" + bytes(5) + b"\x01"
    assert only(build(0x18, scan, length=1)).flags == ("vibration",)
    assert only(build(0x18, scan[:-1], length=1)).flags == ()


def test_a_time_zone_can_be_set_and_a_wrong_time_is_none() -> None:
    assert only(position(), time_zone=8).at == NOW - timedelta(hours=8)
    assert only(position().replace(bytes.fromhex("1a0b17"), bytes.fromhex("1a0d17"))).at is None


@pytest.mark.parametrize(
    "frame", ["", "7878", "787801990d0b", "78780d0103563140412345670d0a"[:20] + "0d0a", "7878010d0a"]
)
def test_what_is_no_frame_is_malformed(frame: str) -> None:
    with pytest.raises(Malformed):
        decode(bytes.fromhex(frame), session(), NOW)


A, B = build(0x99), position()
FRAMES = [A, B, SCAN, SCAN_4G, bytes.fromhex("78780713514d0819640d0a"), Device(IMEI).hello(), b"\x78", END, B[:20]]


@pytest.mark.parametrize("before", [b"GET / HTTP/1.1\r\n\r\n", b"\x78", b"\x78\x78\xff\x13", B[:12], SCAN[:14] + END])
def test_an_alarm_is_found_whatever_stands_before(before: bytes) -> None:
    assert cut(GATE.split, before + END + A + B)[0][-2:] == [A, B]


def test_lengths_that_count_otherwise() -> None:
    for length in (17, 18, 19):
        frame = bytearray(position())
        frame[2] = length
        assert cut(GATE.split, bytes(frame) + A)[0] == [bytes(frame), A]


@given(streams(FRAMES), chunks())
def test_chunks_change_nothing(data: bytes, sizes: list[int]) -> None:
    chunking_changes_nothing(GATE, data, sizes)


@given(st.one_of(st.sampled_from(FRAMES), streams(FRAMES), st.binary(max_size=60)))
def test_no_frame_makes_the_decoder_fail(frame: bytes) -> None:
    no_bytes_make_it_fail(GATE, frame, session(IMEI))


@given(st.integers(0, 255), st.binary(max_size=60))
def test_any_content_of_any_type_is_survived(kind: int, content: bytes) -> None:
    no_bytes_make_it_fail(GATE, build(kind, content), session(IMEI))
