"""What an Eelink tracker can rely on. Frames are made by hand from the protocol's document or by our encoder."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from tocsin.gates.protocols.eelink.decoder import DEGREE, GATE, decode
from tocsin.gates.protocols.eelink.encoder import Device
from tocsin.gates.protocols.eelink.frame import build, split, wrap

TIME = int(NOW.timestamp()).to_bytes(4, "big")
PLACE = round(-25.7479 * DEGREE).to_bytes(4, "big", signed=True) + round(28.2293 * DEGREE).to_bytes(4, "big")
GPS = PLACE + bytes.fromhex("0546 0024 010f 09")  # 1,350 m, 36 km/h, 271 degrees, 9 satellites
CELL = bytes.fromhex("028f0001 0bb8 0000006a 2f")
OLD = TIME + PLACE + bytes.fromhex("24 010f 028f00010bb800006a 01")


def only(kind: int, content: bytes, some: Session | None = None):  # type: ignore[no-untyped-def]
    (signal,) = decode(build(kind, 7, content), some or session(), NOW).signals
    return signal


def test_login_names_the_device_and_tells_the_time() -> None:
    some = Session()
    decoded = decode(build(1, 0x1B, bytes.fromhex("03563140412345670108")), some, NOW)
    assert some.device == "356314041234567"
    assert decoded.reply == decoded.stranger == bytes.fromhex("6767010009001b") + TIME + b"\0\x01\0"


@pytest.mark.parametrize("signal", [only(0x12, TIME + b"\x01" + GPS + bytes(4)), only(0x02, OLD + bytes(2))])
def test_a_report_is_read_in_si_units_and_utc(signal) -> None:  # type: ignore[no-untyped-def]
    assert (signal.kind, signal.at, signal.flags, signal.pressed) == ("position", NOW, (), None)
    fix = signal.position
    assert (round(fix.lat, 5), round(fix.lon, 5), fix.speed, fix.course) == (-25.7479, 28.2293, 10.0, 271.0)
    assert fix.altitude in (None, 1350.0)


@pytest.mark.parametrize("mask", range(128))
def test_the_sos_is_found_behind_cells_and_access_points(mask: int) -> None:
    rest = (GPS if mask & 1 else b"") + (CELL if mask & 2 else b"") + b"\x07" * 7 * (mask >> 2).bit_count()
    signal = only(0x14, TIME + bytes((mask,)) + rest + b"\x02\0\x89")
    assert (signal.kind, signal.at, bool(signal.position)) == ("alarm", NOW, bool(mask & 1))


def test_the_sos_is_found_behind_the_cells_of_lte() -> None:
    for cells, points in ((0, 0), (1, 0), (3, 2), (0, 15)):
        more = (
            b"\x04"
            + bytes((cells | points << 3,))
            + bytes(19 if cells else 0)
            + bytes(5 * max(cells - 1, 0) + 7 * points)
        )
        signal = only(0x14, TIME + b"\x81" + GPS + more + b"\x02\0\x89")
        assert (signal.kind, signal.flags) == ("alarm", ())


def test_an_answer_over_udp_is_wrapped_as_the_packet_was() -> None:
    identity = bytes.fromhex("0356314041234567")
    answer = wrap(identity, build(0x03, 3))
    assert answer[:6] == b"EL\0\x11" + bytes.fromhex("796d")
    assert decode(answer, Session(), NOW).device == "356314041234567"


def test_the_old_warning() -> None:
    assert only(0x04, OLD + b"\x02").kind == "alarm"
    assert (only(0x04, OLD + b"\x83").kind, only(0x04, OLD + b"\x83").flags) == ("position", ("geofence_enter",))


def test_a_warning_that_is_unknown_or_cannot_be_read_is_an_alarm() -> None:
    unknown = only(0x14, TIME + b"\x01" + GPS + b"\x77\0\0")
    assert (unknown.kind, unknown.alarm, unknown.flags) == ("alarm", "other", ("unknown_kind",))
    assert only(0x14, b"\x01").flags[0] == "unreadable"
    assert only(0x14, bytes(4) + b"\0\x02\0\0").kind == "alarm", "without time and place"


def test_a_fall_is_medical_and_a_code_can_be_given_a_meaning() -> None:
    assert only(0x14, TIME + b"\0\x86\0\0").alarm == "medical"
    assert only(0x14, TIME + b"\0\x04\0\0", session(alarms={"0x04": "sos"})).kind == "alarm"


def test_type_and_sequence_come_back() -> None:
    for kind in (0x03, 0x05, 0x12, 0x14, 0x15, 0x80):
        assert decode(build(kind, 7, TIME), session(), NOW).reply == build(kind, 7)
    assert decode(build(0x02, 7, OLD), session(), NOW).reply is None
    assert decode(build(0x03, 7), session(), NOW).stranger == build(0x03, 7)
    assert decode(build(0x12, 7, TIME), session(), NOW).stranger is None


def test_a_datagram_holds_several_packets_and_names_the_device() -> None:
    inner = build(0x12, 1, TIME + b"\x01" + GPS) + build(0x14, 2, TIME + b"\0\x02\0\0")
    frame = b"EL" + (len(inner) + 10).to_bytes(2, "big") + bytes(2) + bytes.fromhex("0356314041234567") + inner
    assert split(frame).frame == frame
    some = Session()
    decoded = decode(frame, some, NOW)
    assert (some.device, [s.kind for s in decoded.signals]) == ("356314041234567", ["position", "alarm"])
    assert decoded.reply == build(0x12, 1) + build(0x14, 2)


def test_the_answer_to_where_is_read() -> None:
    text = b"Lat:S25.7479,Lon:E28.2293,Course:271.00,Speed:36.00km/h,DateTime:2026-11-23 10:30:00"
    signal = only(0x80, bytes(5) + text)
    assert (signal.kind, signal.at, signal.position.lat) == ("position", NOW, -25.7479)


def test_a_time_zone_can_be_set() -> None:
    assert only(0x12, TIME + b"\x01" + GPS, session(time_zone=2)).at == NOW - timedelta(hours=2)


def test_what_the_encoder_says_is_what_the_decoder_hears() -> None:
    device, some = Device("356314041234567"), Session()
    for sent in (device.hello(), device.heartbeat(HERE), device.position(HERE), device.sos(HERE)):
        decoded = decode(split(sent).frame or b"", some, NOW)
        assert decoded.reply
        assert device.answered(sent, decoded.reply)
    (signal,) = decoded.signals
    assert (signal.kind, signal.at, round(signal.position.lat, 5)) == ("alarm", NOW, -25.7479)  # type: ignore[union-attr]


def test_the_same_frame_has_the_same_key() -> None:
    device = Device("356314041234567")
    one, other = device.sos(HERE), device.sos(HERE)
    assert decode(one, session(), NOW).key == decode(one, session(), NOW).key != decode(other, session(), NOW).key


def test_garbage_is_refused() -> None:
    for frame in (b"gg", b"gg\x01\0\x02\0", build(1, 1, b"abc")):
        with pytest.raises(Malformed):
            decode(frame, Session(), NOW)


WIRE = [
    build(0x01, 1, bytes.fromhex("0356314041234567")),
    build(0x14, 2, TIME + b"\x03" + GPS + CELL + b"\x02\0\0"),
    build(0x04, 3, OLD + b"\x02"),
    b"EL\0\x11\0\0" + bytes.fromhex("0356314041234567") + build(0x03, 3),
    b"g",
    b"E",
]


@pytest.mark.parametrize(
    "before", [b"GET / HTTP/1.1\r\n\r\n", b"\x67", b"\x67\x67\xff", b"EL", b"E", b"EL\0\x11\0\0zzz"]
)
def test_a_frame_is_found_behind_garbage(before: bytes) -> None:
    assert cut(split, before + WIRE[1])[0] == [WIRE[1]]


@given(streams(WIRE), chunks())
def test_chunks_change_nothing(data: bytes, sizes: list[int]) -> None:
    chunking_changes_nothing(GATE, data, sizes)


@given(st.one_of(streams(WIRE), st.binary(), st.sampled_from(WIRE)))
def test_no_bytes_make_the_decoder_fail(data: bytes) -> None:
    no_bytes_make_it_fail(GATE, data, session())


@given(st.integers(0, 255), st.binary(max_size=120))
def test_any_content_is_survived(kind: int, body: bytes) -> None:
    no_bytes_make_it_fail(GATE, build(kind, 1, body), session())
