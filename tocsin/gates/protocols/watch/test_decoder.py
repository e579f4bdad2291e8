"""What an SOS watch can rely on. Frames are made by hand from the protocol's document or by our encoder."""

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
from tocsin.gates.protocols.watch.decoder import GATE, decode
from tocsin.gates.protocols.watch.encoder import Device
from tocsin.gates.protocols.watch.frame import build
from tocsin.gates.signal import Signal

ID = "8800000015"


def frame(content: str, maker: str = "3G", serial: str | None = None) -> bytes:
    return build(maker.encode(), ID.encode(), serial.encode() if serial else None, content.encode())


def report(kind: str = "UD", state: str = "00000000", *, valid: str = "A", date: str = "231126") -> str:
    place = "25.7479,S,28.2293,E,36.0,271,1350"
    return f"{kind},{date},103000,{valid},{place},7,60,90,1000,50,{state},4,1,655,0,9360,4082,131"


def only(content: str, **settings: Any) -> Signal:
    (signal,) = decode(frame(content), session(**settings), NOW).signals
    return signal


def test_what_the_encoder_says_is_what_the_decoder_hears() -> None:
    device = Device(ID)
    decoded = decode(device.position(HERE), Session(), NOW)
    (signal,) = decoded.signals
    assert (decoded.device, decoded.reply, signal.kind, signal.at) == (ID, None, "position", NOW)
    assert signal.position is not None
    assert (signal.position.lat, signal.position.lon) == (-25.7479, 28.2293)
    assert (signal.position.speed, signal.position.altitude, signal.battery) == pytest.approx((10, 1350, 0.5))
    (sos,) = decode(device.sos(HERE), Session(), NOW).signals
    assert (sos.kind, sos.alarm, sos.pressed) == ("alarm", None, True)
    for sent in (device.heartbeat(HERE), device.position(HERE), device.sos(HERE)):
        assert device.answered(sent, decode(sent, Session(), NOW).reply or b"")


@pytest.mark.parametrize("kind", ["AL", "AL_LTE", "AL_WCDMA"])
def test_an_alarm_is_answered_so_that_the_watch_stops_sending_it(kind: str) -> None:
    decoded = decode(frame(report(kind, "00010000")), session(), NOW)
    assert (decoded.reply, decoded.stranger) == (b"[3G*8800000015*0002*AL]", None)
    decoded = decode(frame(report(kind, "00010000"), "ZJ", "0113"), session(), NOW)
    assert decoded.reply == b"[ZJ*8800000015*0113*0002*AL]"


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        ("LK", b"[SG*8800000015*0002*LK]"),
        ("LK,50,100,100", b"[SG*8800000015*0002*LK]"),
        ("TKQ", b"[SG*8800000015*0003*TKQ]"),
        ("INIT,8613,1", b"[SG*8800000015*0006*INIT,1]"),
    ],
)
def test_signs_of_life_are_answered_to_everybody(content: str, answer: bytes) -> None:
    decoded = decode(frame(content, "SG"), Session(), NOW)
    assert decoded.reply == decoded.stranger == answer
    assert only("LK,50,100,95").battery == 0.95


@pytest.mark.parametrize(
    ("state", "kind", "alarm", "flags"),
    [
        ("00010000", "alarm", None, ()),
        ("00010001", "alarm", None, ("low_battery",)),
        ("00020000", "position", None, ("low_battery",)),
        ("00040000", "position", None, ("geofence_exit",)),
        ("00080000", "position", None, ("geofence_enter",)),
        ("00100000", "position", None, ("removing",)),
        ("00200000", "alarm", "medical", ("fall_down",)),
        ("00210000", "alarm", None, ("fall_down",)),
        ("00000000", "alarm", "other", ("unknown_kind",)),
        ("80000000", "alarm", "other", ("unknown_kind",)),
        ("what?", "alarm", "other", ("unreadable",)),
    ],
)
def test_every_alarm(state: str, kind: str, alarm: str | None, flags: tuple[str, ...]) -> None:
    signal = only(report("AL", state))
    assert (signal.kind, signal.alarm, signal.flags) == (kind, alarm, flags)


def test_the_sos_bit_of_a_position_is_a_level() -> None:
    assert [only(report(state=state)).pressed for state in ("00010000", "00000000", "0000", "x")] == [
        True,
        False,
        False,
        None,
    ]
    assert only(report(state="00010000")).kind == "position"


def test_what_comes_from_the_memory_is_marked_and_says_nothing_of_now() -> None:
    assert (only(report("UD2")).flags, only(report("UD2")).pressed) == (("buffered",), None)
    assert only(report("UD2", "00010000")).pressed is True
    assert only(report("UD_LTE")).flags == ()


def test_an_alarm_without_a_place_or_a_time_is_one() -> None:
    assert only(report("AL", "00010000", valid="V")).flags == ("old_fix",)
    assert only(report("AL", "00010000", date="991399")).at is None
    nowhere = only("AL,231126,103000,V,0,N,0,E,0,0,0,0,0,22,0,0,00010000,0,0,0")
    assert (nowhere.kind, nowhere.flags) == ("alarm", ("no_fix",))
    assert (only("AL").kind, only("AL").flags) == ("alarm", ("no_fix", "unreadable"))


def test_a_time_zone_can_be_set() -> None:
    assert only(report(), time_zone=8).at == NOW - timedelta(hours=8)


def test_the_same_alarm_has_the_same_key_and_a_later_one_another() -> None:
    one = decode(frame(report("AL", "00010000")), session(), NOW).key
    assert one == decode(frame(report("AL", "00010000")), session(), NOW).key is not None
    assert one != decode(frame(report("AL", "00010000").replace("103000", "103010")), session(), NOW).key


@pytest.mark.parametrize("content", ["PULSE,72", "bphrt,120,80,70", "TKQ2", "img,5,abc", "oxygen,0,97", "", "ICCID,89"])
def test_all_else_is_a_sign_of_life(content: str) -> None:
    assert only(content).kind == "heartbeat"


@pytest.mark.parametrize("broken", [b"", b"[]", b"[3G*1*LK]", b"[3G*880*0002*LK", b"GET / HTTP/1.1"])
def test_what_is_no_frame_is_malformed(broken: bytes) -> None:
    with pytest.raises(Malformed):
        decode(broken, session(), NOW)


A, B = frame(report("AL", "00010000")), frame("LK,0,0,50", "ZJ", "0034")
WIFI = frame(report() + ",1,[LG A/C]e7,66:a1:ed:e1:e7:25,-82")
OPEN = frame(report() + ",1,:[,66:a1:ed:e1:e7:25,-82")
LONGER = A.replace(b"*007", b"*0f7").replace(b"*006", b"*0f6")
FRAMES = [A, B, WIFI, OPEN, LONGER, b"[3G*8800000015*0002*", b"[", b"]"]


@pytest.mark.parametrize("before", [b"GET / HTTP/1.1\r\n\r\n", b"[", b"[3G*88", A[:60], b"]]", b"[3G*8800000015*ffff*"])
def test_a_whole_frame_is_found_whatever_stands_before(before: bytes) -> None:
    assert cut(GATE.split, before + A + B)[0][-2:] == [A, B]


def test_brackets_in_names_and_wrong_lengths_make_nothing_wait() -> None:
    for first in (WIFI, OPEN, LONGER):
        assert GATE.split(first) == (first, len(first))
        assert cut(GATE.split, first + A)[0] == [first, A]


@given(streams(FRAMES), chunks())
def test_chunks_change_nothing(data: bytes, sizes: list[int]) -> None:
    chunking_changes_nothing(GATE, data, sizes)


@given(st.one_of(st.sampled_from(FRAMES), streams(FRAMES), st.binary(max_size=60)))
def test_no_frame_makes_the_decoder_fail(data: bytes) -> None:
    no_bytes_make_it_fail(GATE, data, session(ID))
    no_bytes_make_it_fail(GATE, build(b"3G", ID.encode(), None, b"AL," + data), session(ID))
