"""What a JT/T 808 terminal can rely on. Frames are made by hand from the standard or by our encoder."""

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
from tocsin.gates.protocols.jt808.decoder import GATE, decode
from tocsin.gates.protocols.jt808.encoder import Device
from tocsin.gates.protocols.jt808.frame import build, escape, split, unescape

TERMINAL = bytes.fromhex("013912345678")


def location(alarm: int = 0, status: int = 7, time: str = "261123183000", items: bytes = b"") -> bytes:
    """Pretoria, 36 km/h, 18:30 in Beijing."""
    place = (25_747_900).to_bytes(4, "big") + (28_229_300).to_bytes(4, "big")
    head = alarm.to_bytes(4, "big") + status.to_bytes(4, "big")
    return head + place + bytes.fromhex("0546 0168 010f") + bytes.fromhex(time) + items


def frame(kind: int, body: bytes, **more: object) -> bytes:
    return unescape(build(kind, TERMINAL, 7, body, **more))  # type: ignore[arg-type]


def only(kind: int, body: bytes, some: Session | None = None):  # type: ignore[no-untyped-def]
    (signal,) = decode(frame(kind, body), some or session(), NOW).signals
    return signal


def test_escaping_is_undone_in_the_right_order() -> None:
    assert escape(b"\x30\x7e\x08\x7d\x55") == bytes.fromhex("307d02087d0155")
    assert unescape(bytes.fromhex("307d02087d0155")) == b"\x30\x7e\x08\x7d\x55"
    assert unescape(escape(b"\x7d\x02\x7d\x01")) == b"\x7d\x02\x7d\x01"


def test_a_location_is_read_in_si_units_and_utc() -> None:
    signal = only(0x0200, location())
    assert (signal.kind, signal.at, signal.pressed, signal.flags) == ("position", NOW, False, ())
    fix = signal.position
    assert (fix.lat, fix.lon, fix.altitude, fix.speed, fix.course) == (-25.7479, 28.2293, 1350.0, 10.0, 271.0)


def test_the_sos_bit_is_a_level() -> None:
    assert only(0x0200, location(alarm=1)).pressed is True
    assert only(0x0200, location(alarm=0x180)).flags == ("low_battery", "power_off")
    assert only(0x0200, location(alarm=0x180)).pressed is False


def test_an_sos_without_fix_or_with_a_broken_time_is_still_an_sos() -> None:
    assert only(0x0200, location(alarm=1, status=0)).flags == ("old_fix",)
    assert only(0x0200, location(alarm=1, time="000000000000")).at is None
    torn = only(0x0200, location(alarm=1)[:9])
    assert (torn.pressed, torn.flags, torn.position) == (True, ("unreadable",), None)


def test_a_device_can_have_its_own_meaning_of_a_bit() -> None:
    assert only(0x0200, location(alarm=1 << 16), session(alarms={"16": "medical"})).alarm == "medical"


def test_what_is_answered() -> None:
    some = Session()
    registered = decode(frame(0x0100, bytes(40)), some, NOW)
    assert some.device == "13912345678"
    assert registered.reply == registered.stranger == build(0x8100, TERMINAL, 0, b"\0\x07\0" + b"013912345678")
    for kind in (0x0102, 0x0002):
        decoded = decode(frame(kind, b""), session(), NOW)
        expected = build(0x8001, TERMINAL, 0, b"\0\x07" + kind.to_bytes(2, "big") + b"\0")
        assert decoded.reply == decoded.stranger == expected
    stored = decode(frame(0x0200, location()), session(), NOW)
    assert stored.reply == build(0x8001, TERMINAL, 0, bytes.fromhex("0007020000"))
    assert stored.stranger is None, "a stranger keeps what it has to tell"
    assert decode(frame(0x0001, bytes(5)), session(), NOW).reply is None


def test_the_header_of_2019_is_read_and_answered_in_kind() -> None:
    long = bytes.fromhex("00000866496077582164")
    decoded = decode(unescape(build(0x0002, long, 7, version=b"\x01")), Session(), NOW)
    assert decoded.device == "866496077582164"
    assert decoded.reply == build(0x8001, long, 0, bytes.fromhex("0007000200"), version=b"\x01")


def test_an_imei_packed_in_six_bytes_gets_its_check_digit() -> None:
    packed = (86_547_807_010_206).to_bytes(6, "big")
    assert decode(unescape(build(2, packed, 1)), Session(), NOW).device == "865478070102068"


def test_a_batch_is_late_and_never_releases_the_button() -> None:
    body = location(alarm=1)
    item = len(body).to_bytes(2, "big")
    batch = b"\0\x02\x01" + item + body + item + location()
    pressed, free = decode(frame(0x0704, batch), session(), NOW).signals
    assert (pressed.pressed, free.pressed) == (True, None)
    assert pressed.flags == free.flags == ("buffered",)


def test_a_batch_in_parts_is_read_as_it_comes() -> None:
    body = location(alarm=1)
    item = len(body).to_bytes(2, "big")
    whole, some = b"\0\x03\x01" + (item + body) * 3, session()
    first = decode(frame(0x0704, whole[:40], parts=(2, 1)), some, NOW)
    assert [signal.pressed for signal in first.signals] == [True]
    assert first.reply, "each part is answered"
    rest = decode(frame(0x0704, whole[40:], parts=(2, 2)), some, NOW)
    assert [signal.position for signal in rest.signals] == [location_of(body), location_of(body)]
    lost = decode(frame(0x0704, whole[40:], parts=(2, 2)), session(), NOW)
    assert [signal.kind for signal in lost.signals] == ["heartbeat"], "the part before it is missing"


def location_of(body: bytes) -> object:
    return only(0x0200, body).position


ITEMS = {
    "FE 09 7C 01 04 00 00 00 08 00 00": ("crash",),
    "57 08 05 00 00 00 00 00 00 00": ("hard_acceleration", "hard_cornering"),
    "70 06 00 00 00 01 00 02": ("hard_braking",),
    "D0 04 00 00 00 08": ("vibration",),
    "E8 05 0C 0E 00 00 00": ("power_cut",),
    "E8 03 0C 0E 00": (),
    "EB 05 00 03 00 C6 03": ("low_battery",),
    "EB 08 01 CC 00 11 22 33 44 55": (),
}


@pytest.mark.parametrize(("item", "flags"), ITEMS.items())
def test_the_items_of_makers_are_read(item: str, flags: tuple[str, ...]) -> None:
    signal = only(0x0200, location(items=bytes.fromhex(item)))
    assert (signal.flags, signal.pressed) == (flags, False)


@pytest.mark.parametrize("item", ["E7 08 00 04 00 00 00 00 00 00", "E8 02 0C 01"])
def test_a_button_in_an_item_is_an_sos(item: str) -> None:
    assert only(0x0200, location(items=bytes.fromhex(item))).pressed is True


def test_a_battery_stands_in_one_of_many_items() -> None:
    for item in ("04 01 55", "06 01 55", "E1 01 55", "E9 01 55", "E4 02 01 55", "E3 04 00 55 01 90", "FE 01 55"):
        assert only(0x0200, location(items=bytes.fromhex(item))).battery == 0.85


def test_a_model_has_its_own_bits() -> None:
    lock = only(0x0200, location(alarm=3), session(model="G-360P"))
    assert (lock.pressed, lock.flags) == (False, ("removing", "tampering"))
    assert only(0x0200, location(alarm=1), session(alarms={"0": "door"})).pressed is False


def test_an_obd_box_tells_its_alarms() -> None:
    head = b"\xf0" + bytes.fromhex("261123183000") + b"\0\0\x03"
    signal = only(0x0900, head + bytes.fromhex("02 1b 00 02 01 00"))
    assert (signal.kind, signal.at, signal.flags) == ("heartbeat", NOW, ("hard_braking", "power_cut"))
    assert only(0x0900, head + b"\x01\x20\0").kind == "alarm"


def test_a_crash_has_a_place() -> None:
    signal = only(0x0900, b"\xff" + bytes.fromhex("261123183000") + location()[8:22])
    assert (signal.kind, signal.at) == ("position", NOW)


def compact(product: int, alarms: int) -> bytes:
    place = bytes.fromhex("231126103000 25448740 028137580d".replace(" ", ""))
    return (
        place
        + b"\x20\x2d"
        + b"\x1f\x09"
        + bytes(4)
        + b"\x50"
        + bytes(6)
        + bytes((product, 0, 0))
        + alarms.to_bytes(2, "big")
    )


def test_a_compact_report_is_read() -> None:
    signal = only(0x5501, compact(3, 0b1010) + bytes.fromhex("0202 0546"))
    fix = signal.position
    assert (signal.at, signal.battery, signal.flags) == (NOW, 0.8, ("low_power", "low_battery"))
    assert (round(fix.lat, 4), round(fix.lon, 4), fix.course, fix.altitude) == (-25.7479, 28.2293, 90.0, 1350.0)
    assert fix.speed == 20 * 1852 / 3600


def test_a_terminal_of_seven_bytes_between_e7() -> None:
    seven = bytes.fromhex("08664960000012")
    some = Session()
    decoded = decode(unescape(build(0x0002, seven, 7, delimiter=0xE7), 0xE7), some, NOW)
    assert decoded.device == "8664960000012"
    assert decoded.reply == build(0x8001, seven, 0, bytes.fromhex("0007000200"), delimiter=0xE7)


def test_what_makers_wait_for_is_answered() -> None:
    for kind in (0x1007, 0x6006, 0x8888):
        assert decode(frame(kind, b"\0OK"), session(), NOW).reply
    for kind in (0x1300, 0x2070, 0x0701):
        assert decode(frame(kind, bytes(20)), session(), NOW).reply is None
    assert only(0x6006, b"\x01" + "你好".encode("gbk")).text == "你好"


def test_a_clock_set_to_utc_is_noticed_and_can_be_set() -> None:
    assert only(0x0200, location(time="261123103000")).at == NOW, "of just now if read as UTC"
    assert only(0x0200, location(), session(time_zone=2)).at == NOW + timedelta(hours=6)


def test_time_is_told() -> None:
    assert decode(frame(0x0004, b""), session(), NOW).reply == build(0x8004, TERMINAL, 0, bytes.fromhex("261123103000"))
    asked = decode(b"(794104004140,1,001,BASE,2,TIME)", Session(), NOW)
    assert asked.reply == b"(794104004140,1,001,BASE,2,20261123103000)"


def test_a_wrong_checksum_is_flagged() -> None:
    good = bytearray(frame(0x0200, location(alarm=1)))
    good[-2] ^= 1
    decoded = decode(bytes(good), session(), NOW)
    assert (decoded.signals[0].pressed, decoded.signals[0].flags) == (True, ("bad_crc",))
    assert decoded.reply == build(0x8001, TERMINAL, 0, bytes.fromhex("0007020000")), "else it repeats it for ever"
    unknown = decode(bytes(good[:1] + b"\x0e\x02\0\x09" + good[5:]), session(), NOW)
    assert unknown.reply is None, "neither its message nor its length is right"
    with pytest.raises(Malformed, match="header"):
        decode(bytes(good[:12] + good[-1:]), session(), NOW)


def test_the_same_frame_has_the_same_key_and_another_serial_another() -> None:
    keys = {decode(unescape(build(0x0200, TERMINAL, n, location())), session(), NOW).key for n in (7, 7, 8)}
    assert len(keys) == 2


def test_what_the_encoder_says_is_what_the_decoder_hears() -> None:
    device, some = Device("13912345678"), Session()
    for sent in (device.hello(), device.heartbeat(HERE), device.position(HERE), device.sos(HERE)):
        decoded = decode(split(sent).frame or b"", some, NOW)
        assert decoded.reply
        assert device.answered(sent, decoded.reply)
    (signal,) = decoded.signals
    assert (signal.pressed, signal.at, signal.battery) == (True, NOW, 0.5)
    assert signal.position and signal.position.speed == 10.0


def test_a_torn_frame_does_not_hide_the_next() -> None:
    whole = build(0x0200, TERMINAL, 7, location(alarm=1))
    for size in range(1, len(whole) - 1):
        assert cut(split, whole[:size] + whole)[0][-1] == unescape(whole), size


WIRE = [
    build(0x0200, TERMINAL, 7, location(alarm=1)),
    build(0x0200, TERMINAL, 0x7E7D, location()),
    build(0x0704, TERMINAL, 1, b"\0\x01\x01\0\x1c" + location()),
    build(0x0002, TERMINAL, 2, delimiter=0xE7),
    build(0x5501, TERMINAL, 2, bytes(40)),
    b"(794104004140,1,001,BASE,2,TIME)",
    b"\x7e",
    b"\xe7",
    b"(",
]


@given(streams(WIRE), chunks())
def test_chunks_change_nothing(data: bytes, sizes: list[int]) -> None:
    chunking_changes_nothing(GATE, data, sizes)


@given(st.one_of(streams(WIRE), st.binary(), st.sampled_from(WIRE)))
def test_no_bytes_make_the_decoder_fail(data: bytes) -> None:
    no_bytes_make_it_fail(GATE, data, session())
    for part in cut(split, data)[0]:
        no_bytes_make_it_fail(GATE, part, session())


KINDS = [0x0001, 0x0100, 0x0702, 0x1300, 0x6006, 0x0200, 0x0210, 0x0704, 0x0900, 0x5501, 0x5502, 0x0109]


@given(st.sampled_from(KINDS), st.binary(max_size=120))
def test_any_content_is_survived(kind: int, body: bytes) -> None:
    assert no_bytes_make_it_fail(GATE, frame(kind, body), session())
