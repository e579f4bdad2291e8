"""What a GT06 tracker can rely on. Frames are made by hand from the protocol's document or by our encoder."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.gates.protocol import Decoded, Malformed, Moment, Session
from tocsin.gates.protocols.gt06.decoder import decode
from tocsin.gates.protocols.gt06.encoder import Device
from tocsin.gates.protocols.gt06.frame import END, build, crc16, split

NOW = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
HERE = Moment(NOW, -25.7479, 28.2293, speed=10.0, course=271, battery=0.5)
IMEI = "356314041234567"


def session(**settings: object) -> Session:
    return Session(device=IMEI, settings=lambda _: settings)


def only(decoded: Decoded):  # type: ignore[no-untyped-def]
    (signal,) = decoded.signals
    return signal


def gps(flags: int = 0x1400) -> bytes:
    return bytes.fromhex("1a0b170a1e00 c9 027ac8360 c4657b3 14".replace(" ", "")) + flags.to_bytes(2, "big")


def alarm_packet(code: int, status: int = 0x40, kind: int = 0x26, serial: int = 7) -> bytes:
    cell = bytes.fromhex("0901cc00266a001e17")
    return build(kind, serial, gps() + cell + bytes((status, 4, 3, code, 2)))


def test_the_checksum_is_crc_16_x25() -> None:
    assert crc16(b"123456789") == 0x906E


def test_login_names_the_device_and_is_answered_with_its_serial() -> None:
    some = Session()
    decoded = decode(bytes.fromhex("78780d01012345678901234500018cdd0d0a"), some, NOW)
    assert decoded.device == some.device == "123456789012345"
    assert decoded.reply == decoded.stranger == bytes.fromhex("787805010001d9dc0d0a")


def test_what_the_encoder_says_is_what_the_decoder_hears() -> None:
    device, some = Device(IMEI), Session()
    decode(device.hello(), some, NOW)
    signal = only(decode(device.position(HERE), some, NOW))
    assert some.device == IMEI
    assert (signal.kind, signal.at, signal.pressed) == ("position", NOW, None)
    assert signal.position.lat == pytest.approx(-25.7479, abs=1e-6)
    assert signal.position.lon == pytest.approx(28.2293, abs=1e-6)
    assert (signal.position.speed, signal.position.course) == (10.0, 271.0)
    sos = only(decode(device.sos(HERE), some, NOW))
    assert (sos.kind, sos.pressed, sos.battery, sos.position.at) == ("alarm", True, 0.5, NOW)


@pytest.mark.parametrize("kind", [0x16, 0x26])
def test_the_sos_byte_is_an_alarm_and_waits_for_its_answer(kind: int) -> None:
    decoded = decode(alarm_packet(1, kind=kind), session(), NOW)
    assert only(decoded).kind == "alarm"
    assert decoded.reply == build(kind, 7)


def test_a_fence_number_after_the_status_moves_nothing() -> None:
    cell = bytes.fromhex("0901cc00266a001e17")
    status = bytes((0x46, 4, 1, 2, 1, 9))  # GSM 1, power cut, Chinese: a shift by one would read SOS
    signal = only(decode(build(0x27, 1, gps() + cell + status), session(), NOW))
    assert (signal.kind, signal.flags) == ("position", ("power_cut",))


def test_an_alarm_without_gps_is_an_alarm() -> None:
    signal = only(decode(build(0x19, 8, bytes.fromhex("028f0a29e10036f1 2003040102")), session(), NOW))
    assert (signal.kind, signal.position, signal.pressed) == ("alarm", None, True)
    assert signal.battery == 0.5


def test_the_sos_status_without_an_alarm_byte_is_an_alarm_too() -> None:
    assert only(decode(alarm_packet(0, status=0x60), session(), NOW)).kind == "alarm"


@pytest.mark.parametrize(
    ("code", "flag"),
    [(2, "power_cut"), (3, "vibration"), (0x0E, "low_battery"), (0x18, "removing"), (0x77, "alarm_77")],
)
def test_other_alarms_are_told_and_are_no_press(code: int, flag: str) -> None:
    signal = only(decode(alarm_packet(code), session(), NOW))
    assert (signal.kind, signal.flags, signal.pressed) == ("position", (flag,), False)


def test_a_device_can_have_its_own_meaning_of_a_code() -> None:
    assert only(decode(alarm_packet(0x77), session(alarms={"0x77": "sos"}), NOW)).kind == "alarm"
    assert only(decode(alarm_packet(0x77), session(alarms={"119": "fire"}), NOW)).alarm == "fire"


def test_an_alarm_packet_that_cannot_be_read_still_alarms() -> None:
    signal = only(decode(build(0x26, 1, b"\x01\x02"), session(), NOW))
    assert (signal.kind, signal.flags) == ("alarm", ("unreadable",))


@pytest.mark.parametrize(("status", "pressed"), [(0x44, False), (0x64, True), (0x54, False), (0xE7, True)])
def test_a_heartbeat_tells_the_level_of_the_sos_bit(status: int, pressed: bool) -> None:
    decoded = decode(build(0x13, 9, bytes((status, 6, 4, 0, 2))), session(), NOW)
    assert (only(decoded).kind, only(decoded).pressed) == ("heartbeat", pressed)
    assert decoded.reply == decoded.stranger == build(0x13, 9)
    assert decoded.key is None, "two heartbeats may be equal and are yet two"


def test_a_voltage_in_a_heartbeat_is_not_read_as_an_alarm() -> None:
    signal = only(decode(build(0x13, 9, bytes.fromhex("4604b00100")), session(), NOW))  # 12.00 V, GSM 1
    assert signal.pressed is False


def test_a_wrong_crc_is_told_and_answered_so_that_the_device_goes_on() -> None:
    frame = bytearray(alarm_packet(1))
    frame[-3] ^= 1
    decoded = decode(bytes(frame), session(), NOW)
    assert decoded.reply == build(0x26, 7)
    assert decoded.stranger is None
    assert (only(decoded).kind, only(decoded).flags) == ("alarm", ("bad_crc",))
    assert decoded.key == decode(alarm_packet(1), session(), NOW).key, "sent again rightly, it is the same"


def test_a_login_with_a_wrong_crc_comes_in_and_one_without_digits_does_not() -> None:
    some = Session()
    assert decode(bytes.fromhex("78780d01012345678901234500018cde0d0a"), some, NOW).device == "123456789012345"
    with pytest.raises(Malformed, match="IMEI"):
        decode(build(0x01, 1, bytes.fromhex("0a23456789012345")), Session(), NOW)


def test_the_time_is_told_who_asks() -> None:
    decoded = decode(build(0x8A, 3), session(), NOW)
    assert decoded.reply == build(0x8A, 3, bytes((26, 11, 23, 10, 30, 0)))


def test_strangers_stay_connected_and_keep_what_they_have_to_tell() -> None:
    assert decode(alarm_packet(1), Session(), NOW).stranger is None
    assert decode(build(0x12, 1, gps()), Session(), NOW).stranger is None


def test_an_old_fix_and_no_fix_are_told_apart() -> None:
    assert only(decode(build(0x12, 1, gps(0x0400)), session(), NOW)).flags == ("old_fix",)
    nowhere = bytes.fromhex("1a0b170a1e00c0") + bytes(11)
    assert only(decode(build(0x12, 1, nowhere), session(), NOW)).flags == ("no_fix",)


def test_local_time_is_mended_once_a_live_frame_shows_it() -> None:
    some = Session()
    decode(build(0x01, 1, bytes.fromhex("0356314041234567" + "1001" + f"{800 << 4:04x}")), some, NOW)
    utc = only(decode(build(0x12, 2, gps()), some, NOW))  # 10:30 as the frame says: UTC
    assert utc.at == NOW
    local = only(decode(build(0x12, 3, gps()), some, NOW - timedelta(hours=8)))
    assert local.at == local.position.at == NOW - timedelta(hours=8)


def test_a_time_zone_can_be_set_for_a_device() -> None:
    assert only(decode(build(0x12, 1, gps()), session(time_zone=2), NOW)).at == NOW - timedelta(hours=2)


def test_the_same_frame_has_the_same_key_and_a_second_press_another() -> None:
    first, again, second = (decode(alarm_packet(1, serial=n), session(), NOW).key for n in (7, 7, 8))
    assert first == again != second


def test_without_a_time_only_the_same_connection_can_repeat() -> None:
    frame = build(0x19, 8, bytes.fromhex("028f0a29e10036f12003040102"))
    one, other = Session(device=IMEI, nonce=b"1"), Session(device=IMEI, nonce=b"2")
    assert decode(frame, one, NOW).key == decode(frame, one, NOW).key != decode(frame, other, NOW).key


def test_an_imei_before_the_time_is_stepped_over() -> None:
    some = Session()
    content = bytes.fromhex("0866703066502297") + gps()
    assert only(decode(build(0x12, 1, content), some, NOW)).at == NOW
    assert some.device == "866703066502297"


def cut(data: bytes) -> tuple[list[bytes], bytes]:
    frames = []
    while data:
        frame, consumed = split(data)
        if not consumed:
            break
        data = data[consumed:]
        if frame:
            frames.append(frame)
    return frames, data


A, B = alarm_packet(1), build(0x21, 4, b"\0\0\0\0\x01OK", long=True)


@pytest.mark.parametrize(
    "before",
    [b"GET / HTTP/1.1\r\n\r\n", b"\x78", b"\x78\x78", A[:20], b"\x78\x78\xff\x16", b"\x79\x79\x00\x30", A[:-2]],
)
def test_a_whole_frame_is_found_whatever_stands_before(before: bytes) -> None:
    assert cut(before + A + B)[0][-2:] == [A, B]


def test_a_frame_is_not_hidden_by_a_wrong_length_before_it() -> None:
    assert cut(b"\x78\x78\xf0\x12" + A)[0] == [A], "without waiting for 245 bytes"


def test_a_frame_with_its_end_in_its_middle_is_one() -> None:
    frame = build(0x15, 1, b"\x06\0\0\0\0\r\n\r\n")
    assert cut(frame + A)[0] == [frame, A]


def test_a_scan_without_checksum_is_one_frame_and_is_answered_with_its_time() -> None:
    frame = bytes.fromhex("78780169171023110850" + "c83a35214fe450" + "0200cc080c4e2fa5640c4e2fa66e0d0a")
    assert cut(frame + A)[0] == [frame, A]
    assert decode(frame, session(), NOW).reply == bytes.fromhex("787800691710231108500d0a")


frames = st.one_of(
    st.builds(build, st.integers(0, 255), st.integers(0, 65535), st.binary(max_size=60)),
    st.builds(lambda k, s, c: build(k, s, c, long=True), st.integers(0, 255), st.integers(0, 65535), st.binary()),
    st.sampled_from([A, B, alarm_packet(2), build(0x12, 1, gps()), build(0x95, 2, gps()), A[:30], b"\x78", END]),
)


@st.composite
def streams(draw: st.DrawFn) -> bytes:
    """Frames, broken ones and garbage."""
    data = bytearray(b"".join(draw(st.lists(st.one_of(frames, st.binary(max_size=12)), max_size=6))))
    for place, value in draw(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=4)):
        if place < len(data):
            data[place] = value
    return bytes(data)


@given(streams(), st.lists(st.integers(1, 40), min_size=1, max_size=30))
def test_chunks_change_nothing(data: bytes, sizes: list[int]) -> None:
    found, buffer, place, turn = [], b"", 0, 0
    while place < len(data):
        size = sizes[turn % len(sizes)]
        more, buffer = cut(buffer + data[place : place + size])
        found += more
        place, turn = place + size, turn + 1
    assert (found, buffer) == cut(data)
    assert len(buffer) <= 4102


@given(st.one_of(frames, streams(), st.binary()), st.binary(max_size=8))
def test_no_frame_makes_the_decoder_fail(frame: bytes, nonce: bytes) -> None:
    try:
        decoded = decode(frame, Session(device=IMEI, nonce=nonce), NOW)
    except Malformed:
        return
    if decoded.reply:
        assert frame[-2:] == END
    assert len(decoded.signals) <= 1
    for signal in decoded.signals:
        assert signal.position is None or (abs(signal.position.lat) <= 90 and abs(signal.position.lon) <= 180)


@given(st.integers(0, 255), st.binary(max_size=80))
def test_any_content_of_any_type_is_survived(kind: int, content: bytes) -> None:
    for long in (False, True):
        try:
            decode(build(kind, 1, content, long=long), Session(), NOW)
        except Malformed:
            assert kind == 0x01


CELL = bytes.fromhex("0901cc00266a001e17")
CELL_4G = bytes.fromhex("028f00 00001234 000000000056789a".replace(" ", ""))  # MNC of one byte
POINT = bytes.fromhex("c83a35214fe450")
TIME = gps()[:6]


def status(code: int, info: int = 0x44) -> bytes:
    return bytes((info, 4, 3, code, 2))


def wifi_alarm(code: int, *, fast: bool) -> bytes:
    """Two cells, an access point."""
    cell = bytes(12) + b"\x40" if fast else bytes(5) + b"\x40"
    return build(0xA9, 1, TIME + b"\x02\x8f\x00" + bytes((fast, 2)) + cell * 2 + b"\xff\x01" + POINT + bytes((code, 2)))


PRESSES = {
    "cell and status": build(0x19, 1, bytes.fromhex("028f0a29e10036f1") + status(1)),
    "cell of two bytes of network": build(0x19, 1, bytes.fromhex("828f000129e10036f1") + status(1)),
    "cell of 4G": build(0xA5, 1, CELL_4G + status(1)),
    "fence": build(0x27, 1, gps() + CELL + status(1) + b"\0"),
    "fence of 4G": build(0xA4, 1, gps() + b"\x10" + CELL_4G + status(1) + b"\xff"),
    "short 0x32": build(0x32, 1, gps() + CELL + status(1)),
    "0x32 with altitude": build(0x32, 1, gps() + b"\x0a" + bytes(10) + bytes((0x44, 0xF0, 3, 1, 2)) + b"\x06\x2f"),
    "modules, 2G": build(0x39, 1, gps() + b"\x02\x02\x8f\x00" + bytes(6) + status(1) + b"\0\x18\x02\x01\x90"),
    "modules, 4G": build(0x39, 1, gps() + b"\x03\x02\x8f\x00" + bytes(14) + status(1)),
    "Wi-Fi": wifi_alarm(1, fast=False),
    "Wi-Fi, 4G": wifi_alarm(1, fast=True),
    "long frame": build(0x26, 1, gps() + CELL + status(1), long=True),
    "event with a place": build(0x95, 1, gps()[:6] + gps()[7:15] + gps()[16:] + b"\x01\0\0"),
    "event without": build(0x95, 1, TIME + b"\x01"),
    "event of a camera": build(
        0x95, 1, b"\xff\xff\x01" + gps()[:15] + gps()[16:] + b"\0\x14" + b"\0\x7d\x01\0\x05a.mp4,b.mp4"
    ),
}


@pytest.mark.parametrize("frame", PRESSES.values(), ids=PRESSES)
def test_every_alarm_packet_can_be_an_sos(frame: bytes) -> None:
    decoded = decode(frame, session(), NOW)
    assert (only(decoded).kind, only(decoded).pressed, only(decoded).flags) == ("alarm", True, ())
    assert decoded.reply == build(frame[4] if frame[:2] == b"\x79\x79" else frame[3], 1)


LEVELS: dict[str, Callable[[int], bytes]] = {
    "heartbeat": lambda info: build(0x13, 1, bytes((info, 6, 4, 0, 2))),
    "OBD6": lambda info: build(0x13, 1, bytes((info, 0x3C, 0x0C, 0, 2, 90)) + bytes(8)),
    "modules": lambda info: build(0x36, 1, bytes((info, 6, 4, 0, 2)) + b"\0\x18\x02\x01\x90\0\x6a\x01\x50"),
    "VXT01": lambda info: build(0x12, 1, gps() + bytes(8) + bytes((info, 4, 0xE2, 20, 1))),
    "S5": lambda info: build(0x12, 1, gps() + bytes(8) + bytes((info, 4, 0xE2, 20, 0)) + bytes(7)),
    "LWxG": lambda info: build(0xA2, 1, gps() + CELL_4G + b"\0" + bytes((info, 4, 0xE2, 90, 20, 0, 2)) + bytes(18)),
    "NT": lambda info: build(
        0x22,
        1,
        b"\x01"
        + bytes.fromhex("0356314041234567")
        + TIME
        + gps()
        + CELL
        + bytes((info, 4, 0xE2, 41, 20, 0, 2))
        + bytes(6),
    ),
}


@pytest.mark.parametrize("make", LEVELS.values(), ids=LEVELS)
def test_what_repeats_the_status_tells_the_level_of_the_button(make: Callable[[int], bytes]) -> None:
    signals = [only(decode(make(info), session(), NOW)) for info in (0x64, 0x44)]
    assert [signal.pressed for signal in signals] == [True, False]
    assert signals[0].kind != "alarm", "a level: only its edge is a press"


def test_a_status_is_found_and_a_cell_is_not_read_as_one() -> None:
    for make in LEVELS.values():
        signal = only(decode(make(0x4C), session(), NOW))  # bits 3 to 5: vibration
        assert signal.flags == ("vibration",)


def test_a_level_of_seven_is_removing_and_for_one_maker_overspeed() -> None:
    assert only(decode(LEVELS["S5"](0x7C), session(), NOW)).flags == ("removing",)
    assert only(decode(LEVELS["VXT01"](0x7C), session(), NOW)).flags == ("overspeed",)


@pytest.mark.parametrize(
    ("model", "code", "flag"),
    [
        ("LW4G-4B", 0x19, "hard_acceleration"),
        ("VL103", 0x09, "tow"),
        ("NT20", 0x30, "jamming"),
        ("seeworld", 0x29, "crash"),
    ],
)
def test_a_model_has_its_own_codes(model: str, code: int, flag: str) -> None:
    assert only(decode(alarm_packet(code), session(model=model), NOW)).flags == (flag,)


def test_an_alarm_of_two_digits() -> None:
    assert only(decode(build(0x27, 1, gps() + CELL + bytes((4, 4, 3, 7, 0x12, 0))), session(), NOW)).flags == (
        "jamming",
    )
    assert only(decode(build(0x27, 1, gps() + CELL + bytes((4, 4, 3, 1, 0x12, 0))), session(), NOW)).kind == "alarm"


def test_lists_of_cells_and_cards_are_no_places() -> None:
    for kind in (0x18, 0x28, 0x2C, 0x2E, 0x33, 0xA1, 0xA2, 0xB0, 0xB2, 0x24):
        signal = only(decode(build(kind, 1, TIME + bytes(range(60))), session(), NOW))
        assert (signal.kind, signal.at, signal.position) == ("heartbeat", NOW, None)
    cells = build(0x19, 1, TIME + bytes(range(12)) + b"\x01" * 5)
    assert only(decode(cells, session(), NOW)).kind == "heartbeat"
    assert decode(cells, session(), NOW).reply is None


def test_what_waits_for_no_answer_gets_none() -> None:
    for frame in (
        build(0x38, 1, gps()),
        build(0x24, 1, gps() + bytes(23)),
        build(0x94, 1, b"\0\x01\x90"),
        build(0x34, 1, bytes(4) + gps() + bytes(30)),
        build(0x9B, 1, b"\0abc", long=True),
        build(0x77, 1, b"\0abc", long=True),
    ):
        assert decode(frame, session(), NOW).reply is None
    assert decode(build(0x24, 1, TIME + bytes(38)), session(), NOW).reply == build(0x24, 1)
    assert decode(build(0x32, 1, TIME + bytes(10), long=True), session(), NOW).reply == build(0x32, 1, long=True)


def test_a_lock_tells_its_state() -> None:
    frame = build(0x33, 1, TIME + bytes((0, 0, 0, 0, 0xA2, 0)), long=True)
    assert only(decode(frame, session(), NOW)).flags == ("low_battery",)
    frame = build(0x33, 1, TIME + b"\x0c" + gps()[6:] + bytes((9,)) + bytes(9) + bytes((0, 0, 0xA5, 0)), long=True)
    assert (only(decode(frame, session(), NOW)).kind, only(decode(frame, session(), NOW)).flags) == (
        "position",
        ("door",),
    )


def test_modules_tell_a_place_and_an_event() -> None:
    place = b"\0\x33\0\x12" + int(NOW.timestamp()).to_bytes(4, "big") + b"\x09\x05\x3a" + gps()[7:]
    event = b"\0\x34\0\x06\x23" + bytes(4) + b"\0"
    signal = only(decode(build(0x70, 1, place + event, long=True), session(), NOW))
    assert (signal.kind, signal.at, signal.flags) == ("position", NOW, ("tampering",))
    assert signal.position.altitude == 1338


def test_a_student_card_tells_its_alarm() -> None:
    card = build(0x12, 1, gps() + bytes(8) + bytes(4) + b"\x010" + b"\x01\0\0\0")
    assert only(decode(card, session(), NOW)).flags == ("general",)
