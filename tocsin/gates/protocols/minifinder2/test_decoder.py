"""What an Eview pendant can rely on. Frames are made by hand from the protocol's document or by our encoder."""

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
from tocsin.gates.protocols.minifinder2.decoder import GATE, decode
from tocsin.gates.protocols.minifinder2.encoder import Device
from tocsin.gates.protocols.minifinder2.frame import build, entry, split

IMEI = entry(1, b"356314041234567")
TIME = int(NOW.timestamp()).to_bytes(4, "little")
STATUS = entry(0x24, TIME + b"\x01\0\0\x32")


def data(*entries: bytes, properties: int = 0x10) -> bytes:
    return build(b"\x01" + IMEI + b"".join(entries), 0x2C6, properties)


def alarm(bit: int) -> bytes:
    return entry(2, (1 << bit).to_bytes(4, "little"))


def only(frame: bytes, some: Session | None = None):  # type: ignore[no-untyped-def]
    (signal,) = decode(frame, some or session(), NOW).signals
    return signal


@pytest.mark.parametrize(
    ("bit", "kind", "alarm_kind", "flags"),
    [
        (12, "alarm", None, ()),
        (2, "alarm", "medical", ("fall_down",)),
        (0, "heartbeat", None, ("low_battery",)),
        (8, "heartbeat", None, ("power_off",)),
        (17, "heartbeat", None, ("sos_ended",)),
        (29, "alarm", "other", ("unknown_kind",)),
    ],
)
def test_each_alarm_bit(bit: int, kind: str, alarm_kind: str | None, flags: tuple[str, ...]) -> None:
    signal = only(data(alarm(bit), STATUS))
    assert (signal.kind, signal.alarm, signal.flags, signal.battery) == (kind, alarm_kind, flags, 0.5)
    assert signal.at == NOW


def test_an_alarm_without_time_or_place_is_an_alarm() -> None:
    signal = only(data(alarm(12)))
    assert (signal.kind, signal.at, signal.position) == ("alarm", None, None)
    assert only(data(entry(2, b"\0\x10"))).flags == ("unreadable",)


def test_a_side_button_can_be_an_sos() -> None:
    assert only(data(alarm(13), STATUS)).kind == "heartbeat"
    assert only(data(alarm(13), STATUS), session(alarms={"13": "sos"})).kind == "alarm"


def test_the_answer_repeats_the_sequence() -> None:
    decoded = decode(data(STATUS), session(), NOW)
    assert decoded.reply == bytes.fromhex("ab00030008c7c6027f0100")
    assert decoded.stranger is None
    assert decode(data(STATUS, properties=0), session(), NOW).reply is None
    alive = decode(build(b"\x03" + IMEI + entry(0x10, b"\x5a"), 0x2C6, 0x10), session(), NOW)
    assert alive.reply == alive.stranger == bytes.fromhex("ab00030008c7c6027f0100")


def test_the_time_is_told_who_asks() -> None:
    asked = decode(build(b"\x03" + IMEI + entry(0x12, b""), 9, 0x10), session(), NOW)
    assert asked.reply == build(b"\x03" + entry(0x12, TIME), 9)


def test_the_place_of_cells_is_not_known_and_said_so() -> None:
    asked = decode(build(b"\x03" + IMEI + entry(0x21, bytes(8)) + entry(0x12, b""), 9, 0x10), session(), NOW)
    assert asked.reply == build(b"\x03" + entry(0x21, bytes(9)) + entry(0x12, TIME), 9)


@pytest.mark.parametrize(("key", "before"), [(0x23, bytes(6)), (0x28, b"\x80" + bytes(8)), (0x2A, bytes(8))])
def test_a_known_beacon_is_a_place(key: int, before: bytes) -> None:
    where = b"".join(round(x * 1e7).to_bytes(4, "little", signed=True) for x in (HERE.lat, HERE.lon))
    fix = only(data(STATUS, entry(key, before + where))).position
    assert (round(fix.lat, 5), round(fix.lon, 5)) == (HERE.lat, HERE.lon)
    if key == 0x28:
        assert only(data(STATUS, entry(key, bytes(9) + b"a name of some length"))).position is None


def test_reports_behind_each_other_are_told_apart() -> None:
    late = entry(0x24, TIME + b"\x80\0\0\x32")
    first, second = decode(data(alarm(12), late, STATUS), session(), NOW).signals
    assert (first.kind, first.flags, second.kind, second.flags) == ("alarm", ("buffered",), "heartbeat", ())


def test_a_wrong_crc_is_flagged_and_answered_only_if_the_entries_fill_it() -> None:
    frame = bytearray(data(alarm(12), STATUS))
    frame[4] ^= 1
    decoded = decode(bytes(frame), session(), NOW)
    assert (decoded.signals[0].kind, decoded.signals[0].flags) == ("alarm", ("bad_crc",))
    assert decoded.reply
    assert decode(bytes(frame[:-1]), session(), NOW).reply is None


def test_garbage_is_refused() -> None:
    with pytest.raises(Malformed):
        decode(b"\xab\x10\0\0\0\0\0\0", session(), NOW)


def test_a_time_zone_can_be_set() -> None:
    assert only(data(alarm(12), STATUS), session(time_zone=2)).at == NOW - timedelta(hours=2)


def test_what_the_encoder_says_is_what_the_decoder_hears() -> None:
    device, some = Device("356314041234567"), Session()
    for sent in (device.heartbeat(HERE), device.position(HERE), device.sos(HERE)):
        decoded = decode(split(sent).frame or b"", some, NOW)
        assert decoded.reply
        assert device.answered(sent, decoded.reply)
    (signal,) = decoded.signals
    assert (some.device, signal.kind, signal.at, signal.battery) == ("356314041234567", "alarm", NOW, 0.5)
    assert signal.position and (signal.position.lat, signal.position.speed) == (-25.7479, 10.0)


def test_the_same_frame_has_the_same_key() -> None:
    device = Device("356314041234567")
    one, other = device.sos(HERE), device.sos(HERE)
    assert decode(one, session(), NOW).key == decode(one, session(), NOW).key != decode(other, session(), NOW).key


def test_a_torn_frame_does_not_hide_the_next() -> None:
    whole = Device("356314041234567").sos(HERE)
    for size in range(1, len(whole)):
        assert cut(split, whole[:size] + whole)[0][-1] == whole, size


WIRE = [data(alarm(12), STATUS), data(STATUS, STATUS), build(b"\x03" + IMEI, 1), b"\xab", b"\xab\x10\x10\0"]


@given(streams(WIRE), chunks())
def test_chunks_change_nothing(stream: bytes, sizes: list[int]) -> None:
    chunking_changes_nothing(GATE, stream, sizes)


@given(st.one_of(streams(WIRE), st.binary(), st.sampled_from(WIRE)))
def test_no_bytes_make_the_decoder_fail(stream: bytes) -> None:
    no_bytes_make_it_fail(GATE, stream, session())


@given(st.integers(0, 255), st.binary(max_size=120))
def test_any_content_is_survived(kind: int, body: bytes) -> None:
    no_bytes_make_it_fail(GATE, build(bytes((kind,)) + body, 1, 0x10), session())
