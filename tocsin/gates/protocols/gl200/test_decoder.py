"""What a Queclink tracker can rely on. Frames are made by hand from the protocol's documents or by our encoder."""

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
from tocsin.gates.protocols.gl200.decoder import GATE, decode
from tocsin.gates.protocols.gl200.encoder import Device
from tocsin.gates.protocols.gl200.frame import split

IMEI = "356314041234567"
CELL = "0655,0001,0BB8,006A"


def report(name: str, mark: str = "RESP", fix: str = "20261123103000", sent: str = "20261123103005") -> bytes:
    place = f"1,36.0,271,1350.0,28.229300,-25.747900,{fix}"
    return f"+{mark}:GT{name},1A0800,{IMEI},GL300,0,0,1,{place},{CELL},,50,{sent},11F0$".encode()


# A GB100 in HEX format: its IMEI two digits a byte, 64 %, the place, and the time of sending.
BINARY = (
    b"+EVT\x0d"
    + bytes.fromhex("00fc1fbf 0000 45 0102 0208 233f0e0417224307 40 00 01 0000")
    + bytes.fromhex("0024000 10f 0546".replace(" ", ""))
    + (28_229_300).to_bytes(4, "big")
    + (-25_747_900).to_bytes(4, "big", signed=True)
    + bytes.fromhex("07ea0b170a1e00 06550001 07ea0b170a1e05 11f0 0000 0d0a")
)
BINARY = BINARY[:9] + len(BINARY).to_bytes(2, "big") + BINARY[11:]


def only(frame: bytes, some: Session | None = None):  # type: ignore[no-untyped-def]
    (signal,) = decode(frame, some or session(), NOW).signals
    return signal


def test_a_report_is_read_in_si_units_and_utc() -> None:
    some = Session()
    signal = only(report("FRI"), some)
    assert some.device == IMEI
    assert (signal.kind, signal.at, signal.battery, signal.flags) == ("position", NOW, 0.5, ())
    fix = signal.position
    assert (fix.lat, fix.lon, fix.altitude, fix.speed, fix.course) == (-25.7479, 28.2293, 1350.0, 10.0, 271.0)


def test_gtsos_is_an_alarm_at_the_time_of_sending() -> None:
    signal = only(report("SOS", fix="20261123080000"))
    assert (signal.kind, signal.alarm, signal.at) == ("alarm", None, NOW + timedelta(seconds=5))
    assert signal.position.at == NOW - timedelta(hours=2, minutes=30), "an old fix makes no late alarm"


def test_a_press_of_now_is_of_now_though_the_clock_says_local_time() -> None:
    behind = only(report("SOS", sent="20261123043005"))
    assert behind.at == NOW + timedelta(seconds=5), "six hours west"
    assert only(report("SOS", sent="20261123123005"), session(time_zone=2)).at == NOW + timedelta(seconds=5)


@pytest.mark.parametrize(
    "frame",
    [
        f"+RESP:GTSOS,1A0800,{IMEI},GL300,0,0,1,,,,,,,,{CELL},,50,,11F0$".encode(),
        f"+RESP:GTSOS,1A0800,{IMEI}$".encode(),
        f"+RESP:GTSOS,1A0800,{IMEI},GL300,0,0,1,0,0,0,0,999.000000,99.000000,99999999999999,,,,,50,x,11F0$".encode(),
    ],
)
def test_an_sos_without_fix_or_time_is_an_alarm(frame: bytes) -> None:
    signal = only(frame)
    assert (signal.kind, signal.at, signal.position, signal.flags) == ("alarm", None, None, ("no_fix",))


def test_a_buffered_report_is_flagged() -> None:
    assert only(report("SOS", "BUFF")).flags == ("buffered",)


def test_other_reports_are_flags_and_can_be_given_a_meaning() -> None:
    assert (only(report("MPF")).kind, only(report("MPF")).flags) == ("position", ("power_cut",))
    assert only(report("DIS"), session(alarms={"GTDIS": "sos"})).kind == "alarm"
    assert only(report("DIS")).kind == "position"


def test_several_places_in_one_report() -> None:
    one = "1,36.0,271,1350.0,28.229300,-25.747900,202611231029"
    frame = f"+RESP:GTFRI,1A0800,{IMEI},GL300,0,0,2,{one}00,{CELL},,{one}30,{CELL},,50,20261123103005,11F0$".encode()
    first, last = decode(frame, session(), NOW).signals
    assert (first.at, last.at) == (NOW - timedelta(seconds=60), NOW - timedelta(seconds=30))
    assert (first.battery, last.battery) == (None, 0.5)


def test_a_heartbeat_is_answered_and_a_report_if_it_is_set_so() -> None:
    beat = decode(f"+ACK:GTHBD,1A0800,{IMEI},GL300,20261123103000,0C19$".encode(), session(), NOW)
    assert beat.reply == beat.stranger == b"+SACK:GTHBD,1A0800,0C19$"
    assert decode(report("SOS"), session(), NOW).reply is None
    stored = decode(report("SOS"), session(sack=True), NOW)
    assert (stored.reply, stored.stranger) == (b"+SACK:11F0$", None)


def test_a_binary_report_is_read() -> None:
    some = session(device="")
    signal = only(split(BINARY).frame or b"", some)
    assert some.device == "356314042334677"
    assert (signal.kind, signal.at, signal.battery, signal.flags) == ("position", NOW, 0.64, ("event_0d",))
    assert (signal.position.lat, signal.position.speed, signal.position.course) == (-25.7479, 10.0, 271.0)
    assert only(BINARY, session(alarms={"0x0d": "sos"})).kind == "alarm"
    report = BINARY.replace(b"+EVT", b"+RSP")
    assert (only(report).kind, only(report).flags) == ("position", ())
    assert only(report, session(alarms={"RSP 0x0d": "sos"})).kind == "alarm"


def track() -> bytes:
    """A point, the same place, half a second of a degree on (a delta), no fix."""
    lon, lat = 28_229_300, -25_747_900
    full = 1 << 22 | 360 << 9 | 271
    delta = 2 << 38 | (-10 & 0x7F) << 30 | 9 << 23 | (-40 & 0xFFF) << 11 | 25
    points = full.to_bytes(3, "big") + lon.to_bytes(4, "big") + lat.to_bytes(4, "big", signed=True)
    points += int(NOW.timestamp()).to_bytes(4, "big") + b"\xc0" + delta.to_bytes(5, "big") + b"\0"
    head = b"+RSP\x64" + bytes.fromhex("00fc1fff 0000 45 0102 0208 233f0e0417224307 40 0000 00 09 0004")
    frame = head + points + bytes.fromhex("07ea0b170a1e05 11f0 0000 0d0a")
    return frame[:9] + len(frame).to_bytes(2, "big") + frame[11:]


def test_a_compressed_track_is_read_point_for_point() -> None:
    signals = decode(split(track()).frame or b"", session(), NOW).signals
    assert [signal.at for signal in signals] == [NOW, NOW + timedelta(seconds=2)]
    first, last = (signal.position for signal in signals)
    assert first and last
    assert (first.at, first.speed, first.course) == (NOW, 10.0, 271.0)
    assert (first.lat, first.lon) == (-25.7479, 28.2293)
    assert (last.speed, last.course) == (350 / 36, 280.0)
    assert (last.lat, last.lon) == (-25.747875, 28.22926)


@pytest.mark.parametrize(
    ("name", "kind", "flag"),
    [("HBM", "12", "hard_cornering"), ("HBM", "23", "hard_braking"), ("DAR", "1", "fatigue_driving")],
)
def test_a_type_of_a_report_says_what_it_is_about(name: str, kind: str, flag: str) -> None:
    before = b"GL300,," if name == "HBM" else b"GL300,"
    frame = report(name).replace(b"GL300,0,", before + kind.encode() + b",")
    assert only(frame).flags == (flag,)


def test_garbage_is_refused() -> None:
    for frame in (b"GET / HTTP/1.1", b"+RESP:GTSOS$", b"+RESP:\0\0\0"):
        with pytest.raises(Malformed):
            decode(frame, Session(), NOW)


def test_the_same_frame_has_the_same_key() -> None:
    device = Device(IMEI)
    one, other = device.sos(HERE), device.sos(HERE)
    assert decode(one, session(), NOW).key == decode(one, session(), NOW).key != decode(other, session(), NOW).key


def test_what_the_encoder_says_is_what_the_decoder_hears() -> None:
    device, some = Device(IMEI), session(sack=True)
    for sent in (device.heartbeat(HERE), device.position(HERE), device.sos(HERE)):
        decoded = decode(split(sent).frame or b"", some, NOW)
        assert decoded.reply
        assert device.answered(sent, decoded.reply)
    (signal,) = decoded.signals
    assert (signal.kind, signal.at, signal.battery) == ("alarm", NOW, 0.5)
    assert signal.position and signal.position.speed == 10.0


def test_a_torn_frame_does_not_hide_the_next() -> None:
    whole = report("SOS")
    for size in range(1, len(whole)):
        assert cut(split, whole[:size] + whole)[0][-1] == whole, size
    for size in range(1, len(BINARY)):
        assert cut(split, BINARY[:size] + whole)[0][-1] == whole, size


WIRE = [
    track(),
    report("SOS"),
    report("FRI", "BUFF"),
    report("SOS")[:-1] + b"\0",
    BINARY,
    b"+RESP:",
    b"+RSP",
    b"+",
    b"$",
]


@given(streams(WIRE), chunks())
def test_chunks_change_nothing(data: bytes, sizes: list[int]) -> None:
    chunking_changes_nothing(GATE, data, sizes)


@given(st.one_of(streams(WIRE), st.binary(), st.sampled_from(WIRE)))
def test_no_bytes_make_the_decoder_fail(data: bytes) -> None:
    no_bytes_make_it_fail(GATE, data, session())


@given(st.sampled_from(["RESP:GTSOS,", "BUFF:GTFRI,", "ACK:GTHBD,"]), st.text(",.-0123456789AF", max_size=160))
def test_any_content_is_survived(head: str, body: str) -> None:
    no_bytes_make_it_fail(GATE, f"+{head}1A0800,{IMEI},{body}$".encode(), session())


@given(st.sampled_from([b"+EVT", b"+RSP", b"+INF", b"+ACK", b"+HBD", b"+\0"]), st.binary(max_size=120))
def test_any_binary_is_survived(head: bytes, body: bytes) -> None:
    no_bytes_make_it_fail(GATE, head + body, session())
