"""What a TK103 tracker can rely on. Frames are made by hand from the protocol's document or by our encoder."""

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
from tocsin.gates.protocols.tk103.decoder import DRIVING, EVENTS, GATE, decode
from tocsin.gates.protocols.tk103.encoder import Device
from tocsin.gates.signal import Signal

ID = "088048003342"
PLACE = "261123A2544.8740S02813.7580E036.0103000271.0001000000L00000000"
COMMAS = "231126,A,2544.8740S,02813.7580E,36.0,103000,271.00,1350.0,9"


def only(content: str, **settings: Any) -> Signal:
    (signal,) = decode(f"({ID}{content})".encode(), session(**settings), NOW).signals
    return signal


def test_what_the_encoder_says_is_what_the_decoder_hears() -> None:
    device = Device(ID)
    (signal,) = decode(device.position(HERE), Session(), NOW).signals
    assert (signal.kind, signal.at, signal.flags) == ("position", NOW, ())
    assert signal.position is not None
    assert signal.position.lat == pytest.approx(-25.7479, abs=1e-6)
    assert (signal.position.speed, signal.position.course) == pytest.approx((10, 271))
    (sos,) = decode(device.sos(HERE), Session(), NOW).signals
    assert (sos.kind, sos.alarm, sos.position) == ("alarm", None, signal.position)
    for sent in (device.hello(), device.heartbeat(HERE), device.position(HERE), device.sos(HERE)):
        assert device.answered(sent, decode(sent, Session(), NOW).reply or b"")


def test_handshake_and_login_are_answered_to_everybody() -> None:
    for content, answer in ((f"BP00000{ID}HSO", "AP01HSO"), (f"BP05000{ID}{PLACE}", "AP05")):
        decoded = decode(f"({ID}{content})".encode(), Session(), NOW)
        assert decoded.reply == decoded.stranger == f"({ID}{answer})".encode()
    assert decode(f"({ID}BR00{PLACE})".encode(), Session(), NOW).reply is None
    assert decode(f"({ID},BP05,{COMMAS})".encode(), Session(), NOW).reply is None


@pytest.mark.parametrize(
    ("digit", "flag"),
    list(enumerate(DRIVING.values())),
)
def test_how_it_is_driven_is_told(digit: int, flag: str) -> None:
    assert only(f"BQ81{digit}{PLACE}").flags == (flag,)
    assert only(f"BQ81,ALARM,{digit},554,{PLACE}").flags == (flag,)


def test_the_long_form_of_an_alarm_is_read() -> None:
    signal = only(f"BO01,ALARM,2,554,{PLACE}")
    assert (signal.kind, signal.at) == ("alarm", NOW)


@pytest.mark.parametrize("tail", ["36.0103000271000000L00000000", "036.010300027,10000000L00000000"])
def test_a_short_speed_or_course_moves_nothing(tail: str) -> None:
    signal = only("BR00261123A2544.8740S02813.7580E" + tail)
    assert signal.at == NOW
    assert signal.position is not None
    assert signal.position.speed == pytest.approx(10)


def test_an_alarm_is_answered_for_a_device_that_waits_for_it() -> None:
    frame = f"({ID}BO012{PLACE})".encode()
    assert decode(frame, session(), NOW).reply is None
    decoded = decode(frame, session(alarm_reply=True), NOW)
    assert (decoded.reply, decoded.stranger) == (f"({ID}AS012)".encode(), None)


@pytest.mark.parametrize(
    ("digit", "kind", "alarm", "flags"),
    [
        ("0", "position", None, ("power_cut",)),
        ("1", "position", None, ("crash",)),
        ("2", "alarm", None, ()),
        ("3", "position", None, ("vibration",)),
        ("5", "position", None, ("overspeed",)),
        ("6", "position", None, ("geofence_exit",)),
        ("9", "alarm", "other", ("unknown_kind",)),
    ],
)
def test_alarms(digit: str, kind: str, alarm: str | None, flags: tuple[str, ...]) -> None:
    signal = only(f"BO01{digit}{PLACE}")
    assert (signal.kind, signal.alarm, signal.flags) == (kind, alarm, flags)
    assert signal.position is not None


@pytest.mark.parametrize("codes", EVENTS)
def test_events_of_the_newer_family(codes: tuple[str, str, str]) -> None:
    for command in (f"ZC{codes[0]}", f"DW{codes[1]}", f"DW{codes[2]}"):
        signal = only(f",{command},{COMMAS}")
        assert (signal.kind == "alarm") == (EVENTS[codes] == "sos")
        assert signal.flags == (() if EVENTS[codes] == "sos" else (EVENTS[codes],))
        assert signal.position is not None
        assert signal.at == NOW
        assert signal.position.speed == pytest.approx(10)


def test_an_alarm_that_cannot_be_read_further_is_still_one() -> None:
    for content in ("BO012", "BO01", "BO012rubbish", ",ZC25,231126,V,,,", "BO07x"):
        signal = only(content)
        assert (signal.kind, signal.position) == ("alarm", None)
        assert "no_fix" in signal.flags
    wrong = only(f"BO012{PLACE}".replace("261123A", "061830A"))
    assert (wrong.kind, wrong.at) == ("alarm", None)
    assert wrong.position is not None


def test_places_old_none_and_with_spaces() -> None:
    assert only("BR00261123V2544.8740S02813.7580E000.0103000000.00").flags == ("old_fix",)
    assert only("BR00261123V0000.0000S00000.0000E000.0103000000.00").flags == ("no_fix",)
    spaced = only("BR00261123A2544.8740S 2813.7580E 36.0103000 71.0001000000L00000000")
    assert spaced.position is not None
    assert (spaced.position.lon, spaced.position.course) == pytest.approx((28.2293, 71))


@pytest.mark.parametrize(
    ("content", "battery"),
    [
        (",ZC20,231126,103000,6,421,112,0", 1.0),
        (",ZC20,231126,103000,2,350,112,0", 0.1),
        (",DW50,655,0,0,6,0,231126,103000", None),
        (",ZC03,231126,103000,$Power: 95%$", None),
    ],
)
def test_messages_without_a_place(content: str, battery: float | None) -> None:
    signal = only(content)
    assert (signal.kind, signal.at, signal.battery) == ("heartbeat", NOW, battery)


def test_settings_of_a_device() -> None:
    assert only(f"BR00{PLACE}", time_zone=2).at == NOW - timedelta(hours=2)
    pressed = PLACE.replace("01000000L", "01200000L")
    assert only(f"BR00{pressed}").pressed is None
    assert only(f"BR00{pressed}", panic_input=True).pressed is True
    assert only(f"BR00{PLACE}", panic_input=True).pressed is False


def test_the_same_alarm_has_the_same_key_while_it_is_fresh() -> None:
    frame = f"({ID}BO012{PLACE})".encode()
    assert decode(frame, session(), NOW).key == decode(frame, session(), NOW).key is not None
    assert decode(frame, session(), NOW + timedelta(hours=1)).key is None


@pytest.mark.parametrize("frame", [b"", b"()", b"(12)", b"(088048003342)", b"088048003342BP00HSO"])
def test_what_is_no_frame_is_malformed(frame: bytes) -> None:
    with pytest.raises(Malformed):
        decode(frame, session(), NOW)


A, B = f"({ID}BO012{PLACE})".encode(), f"({ID},ZC20,231126,103000,6,421,112,0)".encode()
FRAMES = [A, B, f"({ID}BP00HSO)".encode(), b"(", b")", b"(088048003342BO01"]


@pytest.mark.parametrize("before", [b"GET / HTTP/1.1\r\n\r\n", b"(", b"$)))$$--", A[:20], b"(((12)"])
def test_a_whole_frame_is_found_whatever_stands_before(before: bytes) -> None:
    assert cut(GATE.split, before + A + B)[0][-2:] == [A, B]


@given(streams(FRAMES), chunks())
def test_chunks_change_nothing(data: bytes, sizes: list[int]) -> None:
    chunking_changes_nothing(GATE, data, sizes)


@given(st.one_of(st.sampled_from(FRAMES), streams(FRAMES), st.binary(max_size=60)))
def test_no_frame_makes_the_decoder_fail(frame: bytes) -> None:
    no_bytes_make_it_fail(GATE, frame, session(ID))
    no_bytes_make_it_fail(GATE, f"({ID}BO01".encode() + frame + b")", session(ID))
