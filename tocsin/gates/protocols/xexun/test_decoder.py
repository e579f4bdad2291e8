"""What a Xexun tracker can rely on. Lines are made by hand from the protocol's document or by our encoder."""

from datetime import timedelta
from typing import Any

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
from tocsin.gates.protocols.xexun.decoder import GATE, decode
from tocsin.gates.protocols.xexun.encoder import Device
from tocsin.gates.signal import Signal

IMEI = "359586015829802"
RMC = "GPRMC,103000.000,A,2544.8740,S,02813.7580,E,19.44,271.00,231126,00,0000.0,A*62"


def line(words: str = "F,", rmc: str = RMC, rest: str = ",08,1350.0,F:4.05V,0,139,2689,655,01,2725,0576") -> bytes:
    return f"261123123000,+27821234567,{rmc},{words}, imei:{IMEI}{rest}\r\n".encode()


def only(frame: bytes, **settings: Any) -> Signal:
    (signal,) = decode(frame, session(**settings), NOW).signals
    return signal


def test_what_the_encoder_says_is_what_the_decoder_hears() -> None:
    device = Device(IMEI)
    decoded = decode(device.position(HERE), Session(), NOW)
    (signal,) = decoded.signals
    assert (decoded.device, decoded.reply, signal.kind, signal.at, signal.flags) == (IMEI, None, "position", NOW, ())
    assert signal.position is not None
    assert signal.position.lat == pytest.approx(-25.7479, abs=1e-6)
    assert (signal.position.speed, signal.position.altitude) == pytest.approx((10, 1350), abs=0.01)
    assert only(device.sos(HERE)).kind == "alarm"
    assert device.hello() is device.heartbeat(HERE) is None
    assert device.answered(b"", b"")


@pytest.mark.parametrize("word", ["help me!", "help me", "Help Me !", "SOS"])
def test_a_press(word: str) -> None:
    signal = only(line(f"F,{word}"))
    assert (signal.kind, signal.alarm, signal.flags) == ("alarm", None, ())


@pytest.mark.parametrize(
    ("word", "flag"),
    [("low battery", "low_battery"), ("move!", "movement"), ("speed!", "overspeed"), ("ACCStart", "ignition_on")],
)
def test_other_alarms_are_told_and_are_no_press(word: str, flag: str) -> None:
    assert (only(line(f"F,{word}")).kind, only(line(f"F,{word}")).flags) == ("position", (flag,))


def test_an_alarm_that_we_do_not_know_is_one() -> None:
    signal = only(line("F,tilt alarm!"))
    assert (signal.kind, signal.alarm, signal.flags, signal.text) == (
        "alarm",
        "other",
        ("unknown_kind",),
        "tilt alarm!",
    )


def test_a_press_without_a_place_is_a_press() -> None:
    for rmc in ("", "GPRMC,,V,,,,,,,,,,N*53", "GPRMC,*00"):
        signal = only(line("L,help me!", rmc))
        assert (signal.kind, signal.at, signal.position, signal.flags) == ("alarm", None, None, ("no_fix",))
    (frame,) = cut(GATE.split, line("L,help me!", ""))[0]
    assert only(frame).kind == "alarm"


def test_places_old_none_and_without_hemisphere() -> None:
    assert only(line(rmc=RMC.replace(",A,", ",V,"))).flags == ("old_fix",)
    assert only(line(rmc="GPRMC,.000,A,0.000000,S,0.0000,W,0.00,0.00,,00,0000.0,A*55")).flags == ("no_fix",)
    position = only(line(rmc=RMC.replace(",E,", ",,"))).position
    assert position is not None
    assert position.lon == pytest.approx(28.2293)


def test_a_time_zone_can_be_set() -> None:
    assert only(line(), time_zone=2).at == NOW - timedelta(hours=2)


@pytest.mark.parametrize("frame", [b"", b"GPRMC,", b"imei:", b"imei:x,", b"hello"])
def test_what_is_no_line_is_malformed(frame: bytes) -> None:
    with pytest.raises(Malformed):
        decode(frame, session(), NOW)


A, B = line("F,help me!"), line()
FRAMES = [A, B, line("L,help me!", ""), line(rest="\r\n"), b"GPRMC,", b"imei:", b"\r\n"]


@pytest.mark.parametrize("before", [b"GET / HTTP/1.1\r\n\r\n", b"GPRMC,", A[:50], b"\x00\xff"])
def test_a_whole_sentence_is_found_whatever_stands_before(before: bytes) -> None:
    frames = cut(GATE.split, before + A + B)[0]
    assert [only(frame).kind for frame in frames] == ["alarm", "position"]
    assert frames[0] == A[A.index(b"GPRMC") : A.index(b"802,") + 4]


@given(streams(FRAMES), chunks())
def test_chunks_change_nothing(data: bytes, sizes: list[int]) -> None:
    chunking_changes_nothing(GATE, data, sizes)


@given(st.one_of(st.sampled_from(FRAMES), streams(FRAMES), st.binary(max_size=60)))
def test_no_line_makes_the_decoder_fail(frame: bytes) -> None:
    no_bytes_make_it_fail(GATE, frame, session(IMEI))
    no_bytes_make_it_fail(GATE, b"GPRMC," + frame + b"*00,F,help me!,imei:359586015829802,", session(IMEI))
