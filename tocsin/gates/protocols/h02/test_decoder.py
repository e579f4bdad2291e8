"""What an H02 tracker can rely on. Frames are made by hand from the protocol's document or by our encoder."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.gates.protocol import Malformed, Session
from tocsin.gates.protocols.checks import HERE, NOW, chunks, cut, no_bytes_make_it_fail, session, streams
from tocsin.gates.protocols.fields import KNOT
from tocsin.gates.protocols.h02.decoder import GATE, decode
from tocsin.gates.protocols.h02.encoder import Device
from tocsin.gates.protocols.h02.frame import split
from tocsin.gates.signal import Signal

ID = "4109198974"


def text(content: str) -> bytes:
    return f"*HQ,{ID},{content}#".encode()


def v1(status: str = "FFFFFBFF", *, valid: str = "A", lat: str = "2544.8740", time: str = "103000") -> bytes:
    return text(f"V1,{time},{valid},{lat},S,02813.7580,E,019.44,271,231126,{status}")


def binary(status: str = "fffffbff", *, tail: str = "ff0000", identifier: str = ID) -> bytes:
    """25°44.8740' S, 28°13.7580' E, valid (2) and east (8): A."""
    return bytes.fromhex(
        "24" + identifier + "103000231126" + "25448740" + "06" + "028137580a" + "019271" + status + tail
    )


def only(frame: bytes, **settings: Any) -> Signal:
    (signal,) = decode(frame, session(**settings), NOW).signals
    return signal


def test_what_the_encoder_says_is_what_the_decoder_hears() -> None:
    device = Device(ID)
    signal = only(device.position(HERE))
    assert (signal.kind, signal.at, signal.pressed, signal.flags) == ("position", NOW, False, ())
    assert signal.position is not None
    assert signal.position.lat == pytest.approx(-25.7479, abs=1e-6)
    assert signal.position.lon == pytest.approx(28.2293, abs=1e-6)
    assert signal.position.speed == pytest.approx(10, abs=0.01)
    assert signal.position.course == 271
    assert only(device.sos(HERE)).pressed is True
    assert only(device.heartbeat(HERE)).battery == 0.5


@pytest.mark.parametrize("says", ["1", "12", ""])
def test_a_number_where_others_say_that_the_fix_is_right(says: str) -> None:
    signal = only(v1("FFFFFBFD", valid=says))
    assert (signal.kind, signal.at, signal.pressed) == ("position", NOW, True)
    assert signal.position is not None
    assert signal.position.lat == pytest.approx(-25.7479, abs=1e-6)


def test_an_alarm_of_which_we_do_not_know_what_it_means_is_one() -> None:
    signal = only(text("ALRM,4"))
    assert (signal.kind, signal.alarm, signal.flags, signal.text) == ("alarm", "other", ("unknown_kind",), "4")
    assert only(text("ALRM,4"), alarms={"4": "sos"}).alarm is None
    assert only(text("ALRM,2"), alarms={"2": "low_battery"}).kind == "heartbeat"


def test_what_was_kept_without_network_is_late() -> None:
    kept = v1("FFFFFBFD").replace(b",V1,", b",BC,")
    assert (only(kept).flags, only(kept).pressed) == (("buffered",), True)


def test_the_answer_to_a_command_is_kept() -> None:
    assert only(text("SMS,SET OK, 5 MIN")).text == "SET OK, 5 MIN"


def test_each_message_is_answered_in_its_way_and_the_time_is_of_now() -> None:
    assert decode(v1(), Session(), NOW).reply == b"*HQ,4109198974,V4,V1,20261123103000#"
    assert decode(text("NBR,103000,655,1,0,1,1,2,3,231126,FFFFFBFF"), Session(), NOW).reply == (
        b"*HQ,4109198974,V4,NBR,20261123103000#"
    )
    assert decode(text("HTBT,80"), Session(), NOW).reply == b"*HQ,4109198974,HTBT#"
    assert decode(text("V0"), Session(), NOW).reply == b"*HQ,4109198974,V0#"
    assert decode(text("LINK,103000,15,0,84,0,0,231126,FFFFFBFF"), Session(), NOW).reply is None
    assert decode(v1().replace(b"V1", b"V6"), session(ack=True), NOW).reply == b"*HQ,4109198974,R12,103000#"
    assert decode(binary(), session(ack=True), NOW).reply == b"*HQ,4109198974,R12,103000#"
    for device in (Device(ID), Device("356314041234567")):
        for sent in (device.heartbeat(HERE), device.sos(HERE)):
            assert device.answered(sent, decode(sent, Session(), NOW).reply or b"")


def test_strangers_are_welcome_and_keep_what_they_have_to_tell() -> None:
    assert decode(text("HTBT"), Session(), NOW).stranger == b"*HQ,4109198974,HTBT#"
    assert decode(v1("FFFFFBFD"), Session(), NOW).stranger is None


@pytest.mark.parametrize(
    ("status", "pressed", "flags"),
    [
        ("FFFFFBFF", False, ()),
        ("FFFFFBFD", True, ()),
        ("fffffffd", True, ()),
        ("FFFFFBFE", False, ("vibration",)),
        ("FFFFFBFC", True, ("vibration",)),
        ("FFFFFBFB", False, ("overspeed",)),
        ("FFF7FBFF", False, ("power_cut",)),
        ("FFFFFB7F", False, ("geofence_exit",)),
        ("FFFBFFFF", False, ()),
    ],
)
def test_status_bits_say_yes_by_zero(status: str, pressed: bool, flags: tuple[str, ...]) -> None:
    for frame in (v1(status), binary(status)):
        assert (only(frame).pressed, only(frame).flags) == (pressed, flags)


def test_a_device_can_have_its_own_sos_bits() -> None:
    assert only(v1("FFFBFFFF"), sos_mask=0x40002).pressed is True
    assert only(v1("FFFFFBFD"), sos_mask=0).pressed is False
    assert only(v1("FFFFFBFD"), sos_mask="x").pressed is True, "a setting that is none changes nothing"


def test_an_sos_without_place_and_time_is_still_one() -> None:
    signal = only(text("V1,,V,,N,,E,0.00,0,,FFFFFBFD,f0,a,11a0,c0c6"))
    assert (signal.pressed, signal.position, signal.at, signal.flags) == (True, None, None, ("no_fix",))
    assert only(v1("FFFFFBFD", valid="V")).flags == ("old_fix",)
    assert only(v1("FFFFFBFD", lat="9944.8740")).pressed is True


@pytest.mark.parametrize(
    ("frame", "battery", "pressed"),
    [
        ("LINK,103000,15,0,84,0,0,231126,FFFFFBFD", 0.84, True),
        ("NBR,103000,655,1,0,2,21580,27766,67,21580,27766,67,231126,FFFFFBFF,6", None, False),
        ("V3,103000,65501,04,000152,014001,156,-64,02E4,0,X,231126,FFFFFBFD", None, True),
        ("HTBT,100", 1.0, None),
        ("XT,1,55", 0.55, None),
        ("V0", None, None),
    ],
)
def test_messages_without_a_place(frame: str, battery: float | None, pressed: bool | None) -> None:
    signal = only(text(frame))
    assert (signal.kind, signal.battery, signal.pressed) == ("heartbeat", battery, pressed)
    assert signal.at == (NOW if "231126" in frame else None)


@pytest.mark.parametrize(
    "frame",
    [
        "V4,S20,DONE,130305,103000,A,2544.8740,S,02813.7580,E,019.44,271,231126,FFFFFBFF",
        "V1,103000,A,2544.8740,S,02813.7580,E,019.44,271,4,231126,FFFFFBFF,4261193,0",
        "V1,103000,A,25448740,S,028137580,E,019.44,271,231126,FFFFFBFF",
        "V1,103000,A,-25-44.8740,S,-28-13.7580,E,019.44,271,231126,FFFFFBFF",
        "V19,103000,A,2544.8740,S,02813.7580,E,019.44,271,231126,,195.63.13.195,8948061050,FFFFFBFF",
        "VP1,A,2544.8740,S,02813.7580,E,19.44,271,231126,103000",
        "VI1,103000,A,2544.8740,S,2813.7580,E, 19.44,271,231126,FFFFFBFF,655,1,2,3",
    ],
)
def test_forms_of_a_position(frame: str) -> None:
    signal = only(text(frame))
    assert signal.position is not None
    assert signal.position.lat == pytest.approx(-25.7479, abs=1e-6)
    assert signal.position.lon == pytest.approx(28.2293, abs=1e-6)
    assert signal.position.speed == pytest.approx(19.44 * KNOT)
    assert signal.at == signal.position.at == NOW


def test_a_clock_that_counts_to_69_and_one_in_another_zone() -> None:
    assert only(v1(time="102969")).at == NOW + timedelta(seconds=9)
    assert only(v1(), time_zone=2).at == NOW - timedelta(hours=2)
    assert only(v1(), clock_offset=30).at == NOW - timedelta(seconds=30)


def test_binary_and_text_say_the_same() -> None:
    decoded = decode(binary(tail="ff001f08" + "00" * 11 + "21"), session(), NOW)
    (signal,) = decoded.signals
    assert (decoded.device, signal.at, signal.battery) == (ID, NOW, 1.0)
    assert signal.position is not None
    assert signal.position.lat == pytest.approx(-25.7479, abs=1e-6)
    assert signal.position.lon == pytest.approx(28.2293, abs=1e-6)
    assert (signal.position.speed, signal.position.course) == pytest.approx((19 * KNOT, 271))
    long = binary(identifier="8653140412345670")
    assert decode(long, session(), NOW).device == "865314041234567"
    assert split(long) == (long, 35)


def test_a_frame_without_identifier_is_of_the_device_that_spoke_before() -> None:
    some = session()
    decode(v1(), some, NOW)
    decoded = decode(b"*HQ,,V1,103000,A,2544.8740,S,02813.7580,E,0.00,0,231126,FFFFFBFD#", some, NOW)
    assert (decoded.device, decoded.reply) == (ID, None)


def test_the_same_frame_has_the_same_key_and_an_old_press_none() -> None:
    assert decode(v1(), session(), NOW).key == decode(v1(), session(), NOW).key is not None
    assert decode(v1(), session(), NOW).key != decode(v1(time="103001"), session(), NOW).key
    assert decode(v1("FFFFFBFD"), session(), NOW + timedelta(hours=1)).key is None
    short, long = binary(), binary(tail="ff0000" + "00" * 13)
    assert decode(short, session(), NOW).key == decode(long, session(), NOW).key


@pytest.mark.parametrize("frame", [b"", b"#", b"*HQ#", b"*HQ,1#", b"$", b"$\x00", b"GET / HTTP/1.1"])
def test_what_is_no_frame_is_malformed(frame: bytes) -> None:
    with pytest.raises(Malformed):
        decode(frame, session(), NOW)


FRAMES = [v1(), v1("FFFFFBFD"), text("HTBT,9"), binary(), binary(tail="ff001f2a" + "24" * 12), b"\r\n", b"*HQ,"]


@pytest.mark.parametrize(
    "before", [b"GET / HTTP/1.1\r\n\r\n", b"*", b"$", b"$$**", b"*HQ,123,V1,10", binary()[:20], b"*HQ,1\x00\xff"]
)
def test_a_whole_frame_is_found_whatever_stands_before(before: bytes) -> None:
    assert cut(split, before + v1() + text("HTBT"))[0][-2:] == [v1(), text("HTBT")]
    if not before.startswith(b"*HQ,123") and before != binary()[:20]:
        assert cut(split, before + binary() + v1())[0][-2:] == [binary(), v1()]


def test_a_short_binary_frame_waits_for_nothing() -> None:
    assert split(binary()) == (binary(), 32)
    assert cut(split, binary() + binary() + v1())[0] == [binary(), binary(), v1()]


def heads(data: bytes, sizes: list[int]) -> tuple[list[bytes], bytes]:
    """Frames, of a binary one only what says something, and the rest."""
    found: list[bytes] = []
    buffer, place, turn = b"", 0, 0
    while place < len(data):
        more, buffer = cut(split, buffer + data[place : place + sizes[turn % len(sizes)]])
        found += [frame[:32] if frame[:1] == b"$" else frame for frame in more]
        place, turn = place + sizes[turn % len(sizes)], turn + 1
    return found, buffer


@given(streams(FRAMES), chunks())
def test_chunks_change_nothing_that_is_said(data: bytes, sizes: list[int]) -> None:
    assert heads(data, sizes) == heads(data, [len(data) + 1])
    assert len(heads(data, sizes)[1]) <= GATE.longest


@given(st.one_of(st.sampled_from(FRAMES), streams(FRAMES), st.binary(max_size=60)))
def test_no_frame_makes_the_decoder_fail(frame: bytes) -> None:
    no_bytes_make_it_fail(GATE, frame, session(ID))
    for part in cut(split, frame)[0]:
        no_bytes_make_it_fail(GATE, part, session(ID))
    no_bytes_make_it_fail(GATE, b"$" + frame, session(ID))


@given(st.text(alphabet="0123456789.-AVNSEWFf, ", max_size=80))
def test_any_content_is_survived(content: str) -> None:
    no_bytes_make_it_fail(GATE, text("V1," + content), session(ID))
