"""What a Coban tracker can rely on. Lines are made by hand from the protocol's document or by our encoder."""

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
from tocsin.gates.protocols.fields import KNOT
from tocsin.gates.protocols.gps103.decoder import GATE, WORDS, decode
from tocsin.gates.protocols.gps103.encoder import Device
from tocsin.gates.signal import Signal

IMEI = "359586015829802"
FIX = "2611231230,,F,103000.000,A,2544.8740,S,02813.7580,E,19.44,271"


def line(keyword: str, rest: str = FIX) -> bytes:
    return f"imei:{IMEI},{keyword},{rest};".encode()


def only(frame: bytes, some: Session | None = None) -> Signal:
    (signal,) = decode(frame, some or session(), NOW).signals
    return signal


def test_what_the_encoder_says_is_what_the_decoder_hears() -> None:
    device = Device(IMEI)
    signal = only(device.position(HERE))
    assert (signal.kind, signal.at, signal.flags) == ("position", NOW, ())
    assert signal.position is not None
    assert signal.position.lat == pytest.approx(-25.7479, abs=1e-6)
    assert signal.position.speed == pytest.approx(10, abs=0.01)
    assert only(device.sos(HERE)).kind == "alarm"
    for sent in (device.hello(), device.heartbeat(HERE), device.position(HERE), device.sos(HERE)):
        assert device.answered(sent, decode(sent, Session(), NOW).reply or b"")


@pytest.mark.parametrize(
    ("frame", "answer"),
    [
        (b"##,imei:359586015829802,A;", b"LOAD"),
        (b"imei:359586015829802,A;", b"LOAD"),
        (b"359586015829802;", b"ON"),
        (b"359586015829802", b"ON"),
    ],
)
def test_login_and_heartbeat_are_answered_to_everybody(frame: bytes, answer: bytes) -> None:
    decoded = decode(frame, Session(), NOW)
    assert (decoded.device, decoded.reply, decoded.stranger, decoded.key) == (IMEI, answer, answer, None)


@pytest.mark.parametrize("place", ["S,2544.8740,E,02813.7580", "2544.8740,S,02813.7580,E", "S,2544.8740,02813.7580,E"])
def test_letters_may_stand_before_or_behind_the_degrees(place: str) -> None:
    signal = only(line("tracker", f"2611231230,,F,103000.000,A,{place},19.44,271,1350.0,1"))
    fix = signal.position
    assert fix is not None
    assert (round(fix.lat, 4), round(fix.lon, 4), fix.course, fix.altitude) == (-25.7479, 28.2293, 271, 1350)


def test_a_press_is_answered_and_a_stranger_goes_on_pressing() -> None:
    decoded = decode(line("help me"), session(), NOW)
    assert decoded.reply == b"**,imei:359586015829802,E;"
    assert decoded.stranger is None
    assert decode(line("tracker"), session(), NOW).reply is None


def test_a_heartbeat_glued_to_a_line_is_answered_too() -> None:
    decoded = decode(IMEI.encode() + line("help me"), session(), NOW)
    assert decoded.reply == b"ON**,imei:359586015829802,E;"
    assert [signal.kind for signal in decoded.signals] == ["alarm"]
    assert [signal.kind for signal in decode(b"##" + line("help me"), session(), NOW).signals] == ["alarm"]
    torn = decode(b"imei:359586015829802,help me,2611" + line("tracker"), session(), NOW)
    assert [signal.kind for signal in torn.signals] == ["alarm", "position"]


@pytest.mark.parametrize("word", [*WORDS, "T:45", "oil 51.67", "Low Battery"])
def test_other_alarms_are_told_and_are_no_press(word: str) -> None:
    signal = only(line(word))
    assert signal.kind == "position"
    assert len(signal.flags) == 1


@pytest.mark.parametrize("word", ["tracker", "001", "rfid", "jt", "", "Equipo 1"])
def test_words_that_are_no_alarm(word: str) -> None:
    assert (only(line(word)).kind, only(line(word)).flags) == ("position", ())


def test_an_alarm_that_we_do_not_know_is_one() -> None:
    signal = only(line("tilt alarm"))
    assert (signal.kind, signal.alarm, signal.flags, signal.text) == (
        "alarm",
        "other",
        ("unknown_kind",),
        "tilt alarm",
    )


@pytest.mark.parametrize("rest", ["2611231230,,L,;", "2611231230,,L,,,fa8,,c9af,,,,", "", "rubbish,,F,,,,,,", "0"])
def test_a_press_without_a_place_is_a_press_of_now(rest: str) -> None:
    signal = only(line("help me", rest))
    assert (signal.kind, signal.at, signal.position, signal.flags) == ("alarm", None, None, ("no_fix",))


def test_local_time_alone_counts_where_its_zone_is_known() -> None:
    some = session()
    only(line("tracker"), some)
    assert only(line("help me", "2611231231,,L,"), some).at == NOW + timedelta(minutes=1)
    assert only(line("help me", "2611231230,,L,"), session(time_zone=2)).at == NOW


@pytest.mark.parametrize(
    ("local", "clock", "at"),
    [
        ("2611231230", "103000.000", "2026-11-23T10:30:00"),
        ("2611231230", "103000", "2026-11-23T10:30:00"),
        ("2611240430", "203015.000", "2026-11-23T20:30:15"),
        ("2611231830", "023000.000", "2026-11-24T02:30:00"),
        ("26/11/23 12:30", "103000.0", "2026-11-23T10:30:00"),
        ("261123123007", "103005", "2026-11-23T10:30:05"),
        ("261123103032", "31.0", "2026-11-23T10:30:00"),
    ],
)
def test_the_day_is_the_one_nearest_to_the_local_time(local: str, clock: str, at: str) -> None:
    signal = only(line("tracker", f"{local},,F,{clock},A,2544.8740,S,02813.7580,E,19.44,271"))
    assert signal.at is not None
    assert signal.at.isoformat() == at + "+00:00"


def test_other_lines() -> None:
    obd = only(line("OBD", "261123103000,5000000,0.00,0.00,98,18,68.63%,55,25.10%,1368,14.24,,,,"))
    assert (obd.kind, obd.at) == ("heartbeat", NOW)
    assert only(line("vr", "0c00fa011ea0")).kind == "heartbeat"
    other = only(
        f"imei:{IMEI},Car 1,help me,---,---,103000,231126,14,1,-25.7479,28.2293,036,271,1350,0.9,08,0,1,---,*".encode()
    )
    assert (other.kind, other.at) == ("alarm", NOW)
    assert other.position is not None
    assert (other.position.lat, other.position.speed, other.position.altitude) == pytest.approx((-25.7479, 10, 1350))


def test_speed_is_in_knots_and_an_old_place_is_told() -> None:
    signal = only(line("tracker"))
    assert signal.position is not None
    assert (signal.position.speed, signal.position.course) == pytest.approx((19.44 * KNOT, 271))
    assert only(line("tracker", FIX.replace(",A,", ",V,"))).flags == ("old_fix",)


@pytest.mark.parametrize("frame", [b"", b";", b"##;", b"##,imei:;", b"imei:;", b"hello;", b"GET / HTTP/1.1"])
def test_what_is_no_line_is_malformed(frame: bytes) -> None:
    with pytest.raises(Malformed):
        decode(frame, session(), NOW)


A, B = line("help me"), b"359586015829802;"
FRAMES = [A, B, line("tracker"), b"##,imei:359586015829802,A;", b"\r\n", b"imei:", b"##"]


@pytest.mark.parametrize("before", [b"GET / HTTP/1.1\r\n\r\n", b";;*", b"\x00\xff;"])
def test_a_whole_line_is_found_whatever_stands_before(before: bytes) -> None:
    assert [frame for frame in cut(GATE.split, before + A + B)[0] if b"help" in frame or frame == B][-2:] == [A, B]


def test_a_torn_press_hides_none() -> None:
    (frame,) = cut(GATE.split, A[:40] + A)[0]
    assert [signal.kind for signal in decode(frame, session(), NOW).signals] == ["alarm", "alarm"]


@given(streams(FRAMES), chunks())
def test_chunks_change_nothing(data: bytes, sizes: list[int]) -> None:
    chunking_changes_nothing(GATE, data, sizes)


@given(st.one_of(st.sampled_from(FRAMES), streams(FRAMES), st.binary(max_size=60)))
def test_no_line_makes_the_decoder_fail(frame: bytes) -> None:
    no_bytes_make_it_fail(GATE, frame, session(IMEI))
    no_bytes_make_it_fail(GATE, b"imei:359586015829802,help me," + frame, session(IMEI))
