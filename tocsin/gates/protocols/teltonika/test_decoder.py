"""What a Teltonika tracker can rely on. Frames are made by hand from the protocol's document or by our encoder."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.gates.protocol import Malformed, Moment, Session
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
from tocsin.gates.protocols.fields import crc_arc
from tocsin.gates.protocols.teltonika.decoder import GATE, decode
from tocsin.gates.protocols.teltonika.encoder import Device, packet, record
from tocsin.gates.protocols.teltonika.frame import build, datagram, split

IMEI = b"356314041234567"
# The example of the document: Codec 8, one record of 2019-06-10 10:04:46, event 1, its CRC 0xC7CF.
EXAMPLE = bytes.fromhex(
    "000000000000003608010000016B40D8EA30010000000000000000000000000000000105021503010101425E0F01F10000601A014E0000000000"
    "000000010000C7CF"
)


def extended(event: int, value: int) -> bytes:
    """A record of Codec 8 Extended: one value of one byte, one of any length."""
    two = (2).to_bytes(2, "big")
    one = (1).to_bytes(2, "big")
    key = event.to_bytes(2, "big")
    values = one + key + bytes((value,)) + bytes(6) + one + b"\x01\x19\0\x03abc"
    return record(HERE)[:24] + key + two + values


def sixteen(event: int, value: int) -> bytes:
    key = event.to_bytes(2, "big")
    return record(HERE)[:24] + key + b"\x03\x01\x01" + key + bytes((value,)) + bytes(3)


def only(payload: bytes, some: Session | None = None):  # type: ignore[no-untyped-def]
    (signal,) = decode(build(payload), some or session(), NOW).signals
    return signal


def test_the_checksum_is_crc_16_ibm() -> None:
    assert crc_arc(b"123456789") == 0xBB3D


def test_login_names_the_device() -> None:
    some = Session()
    decoded = decode(b"\0\x0f" + IMEI, some, NOW)
    assert some.device == decoded.device == IMEI.decode()
    assert decoded.reply == decoded.stranger == b"\x01", "a stranger stays connected and is seen"


def test_the_example_of_the_document() -> None:
    decoded = decode(EXAMPLE, session(), NOW)
    (signal,) = decoded.signals
    assert signal.at and signal.at.isoformat() == "2019-06-10T10:04:46+00:00"
    assert (signal.flags, decoded.reply, decoded.stranger) == (("no_fix",), bytes((0, 0, 0, 1)), None)


@pytest.mark.parametrize(
    "payload",
    [
        packet(record(HERE, 236, {236: 1})),
        packet(record(HERE, 222, {222: 1})),
        packet(extended(236, 1), codec=0x8E),
        packet(sixteen(236, 1), codec=16),
    ],
)
def test_the_alarm_button_is_an_alarm(payload: bytes) -> None:
    signal = only(payload)
    assert (signal.kind, signal.alarm, signal.pressed, signal.at) == ("alarm", None, True, NOW)
    assert signal.position.speed == 10.0


def test_a_repeated_value_is_a_level() -> None:
    assert (only(packet(record(HERE, 0, {236: 1}))).kind, only(packet(record(HERE, 0, {236: 1}))).pressed) == (
        "position",
        True,
    )
    assert only(packet(record(HERE, 0, {236: 0}))).pressed is False
    assert only(packet(record(HERE))).pressed is None


def test_an_input_is_an_sos_only_if_it_is_set_so() -> None:
    press = packet(record(HERE, 1, {1: 1}))
    assert only(press).kind == "position"
    assert only(press, session(sos=[1])).kind == "alarm"
    assert only(packet(record(HERE, 236, {236: 1})), session(sos=[1])).kind == "position"
    assert only(packet(record(HERE, 2, {2: 1})), session(alarms={"2": "fire"})).alarm == "fire"


def test_man_down_is_medical_and_the_rest_are_flags() -> None:
    down = only(packet(record(HERE, 242, {242: 1})))
    assert (down.kind, down.alarm, down.flags) == ("alarm", "medical", ("man_down",))
    assert only(packet(record(HERE, 252, {252: 1}))).flags == ("power_cut",)
    assert only(packet(record(HERE, 253, {253: 2}))).flags == ("hard_braking",)


def test_an_alarm_without_fix_or_time_is_an_alarm() -> None:
    lost = bytearray(packet(record(HERE, 236, {236: 1})))
    lost[2:10], lost[11:19] = bytes(8), bytes(8)
    signal = only(bytes(lost))
    assert (signal.kind, signal.at, signal.flags) == ("alarm", None, ("no_fix",))


def test_records_are_counted_only_if_all_could_be_read() -> None:
    many = build(packet(record(HERE), record(HERE), record(HERE)))
    assert decode(many, session(), NOW).reply == bytes((0, 0, 0, 3))
    short = build(b"\x08\x03" + record(HERE) + record(HERE) + b"\x03")
    assert decode(short, session(), NOW).reply is None
    assert len(decode(short, session(), NOW).signals) == 2


def test_udp_is_answered_with_its_packet() -> None:
    frame = datagram(b"\xca\xfe", 0xDD, IMEI, packet(record(HERE, 236, {236: 1})))
    some = Session()
    decoded = decode(split(frame).frame or b"", some, NOW)
    assert (some.device, decoded.signals[0].kind) == (IMEI.decode(), "alarm")
    assert decoded.reply == bytes.fromhex("0005cafe01dd01")
    again = datagram(b"\xca\xff", 0xDD, IMEI, packet(record(HERE, 236, {236: 1})))
    assert decode(again, Session(), NOW).key == decoded.key, "only the number of the datagram is another"


def test_texts_are_a_sign_of_life() -> None:
    body = b"\x0c\x01\x06\0\0\0\x02OK\x01"
    (signal,) = decode(build(body), session(), NOW).signals
    assert (signal.kind, signal.text) == ("heartbeat", "OK")


def test_a_time_zone_can_be_set() -> None:
    assert only(packet(record(HERE)), session(time_zone=2)).at == NOW - timedelta(hours=2)


def test_what_the_encoder_says_is_what_the_decoder_hears() -> None:
    device, some = Device(IMEI.decode()), Session()
    for sent in (device.hello(), device.position(HERE), device.sos(HERE)):
        decoded = decode(split(sent).frame or b"", some, NOW)
        assert decoded.reply
        assert device.answered(sent, decoded.reply)
    assert (decoded.signals[0].kind, decoded.signals[0].battery) == ("alarm", 0.5)


def test_the_same_records_have_the_same_key() -> None:
    later = Moment(NOW + timedelta(seconds=1), HERE.lat, HERE.lon)
    device = Device(IMEI.decode())
    first, again, second = (decode(device.sos(m), session(), NOW).key for m in (HERE, HERE, later))
    assert first == again != second


def test_the_speed_of_the_moment_counts_where_the_model_has_it() -> None:
    frame = build(packet(record(HERE, 0, {24: 9})))
    fixes = [decode(frame, some, NOW).signals[0].position for some in (session(), session(model="FMB130"))]
    assert [fix and fix.speed for fix in fixes] == [10.0, 2.5]


def test_garbage_is_refused() -> None:
    with pytest.raises(Malformed):
        decode(b"GET / HTTP/1.1", session(), NOW)


def test_a_torn_frame_does_not_hide_the_next() -> None:
    whole = build(packet(record(HERE, 236, {236: 1})))
    for size in range(1, len(whole)):
        assert cut(split, whole[:size] + whole)[0][-1] == whole, size


WIRE = [
    b"\0\x0f" + IMEI,
    EXAMPLE,
    build(packet(record(HERE, 236, {236: 1}), record(HERE))),
    build(packet(extended(1, 1), codec=0x8E)),
    datagram(b"\xca\xfe", 1, IMEI, packet(record(HERE))),
    b"\xff",
    b"\0\0\0",
]


@given(streams(WIRE), chunks())
def test_chunks_change_nothing(data: bytes, sizes: list[int]) -> None:
    chunking_changes_nothing(GATE, data, sizes)


@given(st.one_of(streams(WIRE), st.binary(), st.sampled_from(WIRE)))
def test_no_bytes_make_the_decoder_fail(data: bytes) -> None:
    no_bytes_make_it_fail(GATE, data, session())


@given(st.sampled_from([7, 8, 0x8E, 16, 12, 13, 14]), st.binary(max_size=160))
def test_any_content_is_survived(codec: int, body: bytes) -> None:
    no_bytes_make_it_fail(GATE, build(bytes((codec,)) + body), session())
