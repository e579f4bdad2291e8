"""What a Meitrack tracker can rely on. Frames are made by hand from the protocol's document or by our encoder."""

import struct
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
from tocsin.gates.protocols.meitrack.decoder import GATE, decode
from tocsin.gates.protocols.meitrack.encoder import Device
from tocsin.gates.protocols.meitrack.frame import build, split

IMEI = b"356314041234567"
SECONDS = int(NOW.timestamp()) - 946_684_800


def aaa(event: int = 35, valid: str = "A", time: str = "261123103000") -> bytes:
    data = f"AAA,{event},-25.747900,28.229300,{time},{valid},9,20,36,271,0.9,1350,0,0,655|1|BB8|6A,0000,0|0|0|18D|4F0,,"
    return build(b"$$", b"A", IMEI, data.encode())


def cce(*records: bytes) -> bytes:
    count = len(records).to_bytes(2, "little")
    body = b"".join(len(r).to_bytes(2, "little") + r for r in records)
    return build(b"$$", b"B", IMEI, b"CCE," + bytes(4) + count + body)


def record(event: int = 35, fixed: int = 1) -> bytes:
    ones = b"\x04" + bytes((0x01, event, 0x05, fixed, 0x06, 9)) + b"\xfe\x69\x60"
    twos = b"\x03\x08" + struct.pack("<H", 36) + b"\x09" + struct.pack("<H", 271) + b"\x0b" + struct.pack("<h", 1350)
    fours = b"\x03\x02" + struct.pack("<i", -25_747_900) + b"\x03" + struct.pack("<i", 28_229_300) + b"\x04"
    return b"\x0b\0" + ones + twos + fours + struct.pack("<I", SECONDS) + b"\x01\x0e\x02ab"


def only(frame: bytes, some: Session | None = None):  # type: ignore[no-untyped-def]
    (signal,) = decode(frame, some or session(), NOW).signals
    return signal


@pytest.mark.parametrize("frame", [aaa(), cce(record())])
def test_a_report_is_read_in_si_units_and_utc(frame: bytes) -> None:
    signal = only(frame)
    assert (signal.kind, signal.at, signal.flags) == ("position", NOW, ())
    fix = signal.position
    assert (fix.lat, fix.lon, fix.altitude, fix.speed, fix.course) == (-25.7479, 28.2293, 1350.0, 10.0, 271.0)
    assert decode(frame, Session(), NOW).device == IMEI.decode()


@pytest.mark.parametrize("frame", [aaa(1), aaa(65), cce(record(1)), aaa(1, "V"), aaa(1, time="999999999999")])
def test_event_1_is_an_alarm_whatever_else_is_broken(frame: bytes) -> None:
    assert only(frame).kind == "alarm"


def test_other_events_are_flags() -> None:
    assert (only(aaa(23)).kind, only(aaa(23)).flags) == ("position", ("power_cut",))
    assert (only(aaa(79)).alarm, only(aaa(79)).flags) == ("medical", ("fall_down",))
    assert only(aaa(35, "V")).flags == ("old_fix",)
    assert only(cce(record(fixed=0))).flags == ("old_fix",)
    assert only(cce(record())).battery == 0.96


def test_an_input_can_be_given_a_meaning() -> None:
    assert only(aaa(2), session(alarms={"2": "medical"})).alarm == "medical"


def test_a_time_zone_can_be_set() -> None:
    assert only(aaa(), session(time_zone=2)).at == NOW - timedelta(hours=2)


def test_ccc_is_answered_with_the_number_of_its_records() -> None:
    row = struct.pack("<BiiIBBBHHHh", 1, -25_747_900, 28_229_300, SECONDS, 1, 9, 20, 36, 271, 9, 1350).ljust(52, b"\0")
    frame = build(b"$$", b"X", IMEI, b"CCC,\x02\x01" + struct.pack("<HI", 52, 0) + row + row)
    decoded = decode(frame, session(), NOW)
    assert [signal.kind for signal in decoded.signals] == ["alarm", "alarm"]
    assert decoded.reply == build(b"@@", b"X", IMEI, b"CCC,2")
    assert decoded.stranger is None


def test_the_checksum_is_the_sum_of_the_bytes() -> None:
    assert build(b"@@", b"D", b"353358017784062", b"A14,1000") == b"@@D30,353358017784062,A14,1000*4A\r\n"


def test_a_wrong_checksum_is_flagged() -> None:
    broken = aaa(1).replace(b"*", b"*0", 1)[:-3] + b"\r\n"
    assert "bad_crc" in only(broken).flags
    assert only(broken).kind == "alarm"
    asks = build(b"$$", b"z", b"353358017784062", b"AAC").replace(b"*", b"*0")[:-3] + b"\r\n"
    assert decode(asks, session(), NOW).reply == build(b"@@", b"z", b"353358017784062", b"AAC,1")


def test_a_number_of_any_length_is_no_number() -> None:
    long = b"\x0b\0" + bytes(3) + b"\x01\x08\xff" + b"\xff" * 255
    assert only(cce(long)).flags == ("no_fix",)


def test_garbage_is_refused() -> None:
    with pytest.raises(Malformed):
        decode(b"$$A999,nobody", session(), NOW)


def test_the_same_frame_has_the_same_key() -> None:
    assert decode(aaa(1), session(), NOW).key == decode(aaa(1), session(), NOW).key
    assert decode(aaa(1), session(), NOW).key != decode(aaa(35), session(), NOW).key


def test_what_the_encoder_says_is_what_the_decoder_hears() -> None:
    device = Device(IMEI.decode())
    sos = device.sos(HERE)
    assert split(sos).frame == sos
    assert (only(sos).kind, only(sos).at, only(device.position(HERE)).position.speed) == ("alarm", NOW, 10.0)
    assert only(device.heartbeat(HERE)).kind == "position"


def test_a_torn_frame_does_not_hide_the_next() -> None:
    whole = cce(record(1))
    for size in range(1, len(whole)):
        assert cut(split, whole[:size] + whole)[0][-1] == whole, size


NOTHING = build(b"$$", b"X", IMEI, b"CCC,\x02\x01\x34\0\x01\0\0\0" + bytes(52))
WIRE = [aaa(1), cce(record(), record(1)), NOTHING, b"$$", b"$$A9"]


@given(streams(WIRE), chunks())
def test_chunks_change_nothing(data: bytes, sizes: list[int]) -> None:
    chunking_changes_nothing(GATE, data, sizes)


@given(st.one_of(streams(WIRE), st.binary(), st.sampled_from(WIRE)))
def test_no_bytes_make_the_decoder_fail(data: bytes) -> None:
    no_bytes_make_it_fail(GATE, data, session())


@given(st.sampled_from([b"AAA,", b"CCC,", b"CCE,", b"AAC,"]), st.binary(max_size=120))
def test_any_content_is_survived(command: bytes, body: bytes) -> None:
    assert no_bytes_make_it_fail(GATE, build(b"$$", b"A", IMEI, command + body), session())
