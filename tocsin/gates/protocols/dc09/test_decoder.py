"""What an alarm panel can rely on. Frames are made from the standard's text, by hand or by our encoder."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.gates.protocol import Decoded, Malformed, Moment, Session, identified
from tocsin.gates.protocols.checks import (
    HERE,
    NOW,
    chunking_changes_nothing,
    chunks,
    cut,
    no_bytes_make_it_fail,
    streams,
)
from tocsin.gates.protocols.dc09 import contact_id, sia
from tocsin.gates.protocols.dc09.cipher import keys, open_, seal
from tocsin.gates.protocols.dc09.codes import read
from tocsin.gates.protocols.dc09.decoder import GATE, SAME, decode
from tocsin.gates.protocols.dc09.encoder import Device
from tocsin.gates.protocols.dc09.frame import build, parse, split, stamp
from tocsin.gates.protocols.fields import crc_arc
from tocsin.gates.signal import ALARMS, Signal

HEX_KEYS = ["0123456789abcdef" * 2, "0123456789ABCDEF" * 3, "0123456789ABCDEF" * 4]
TEXT_KEYS = ["AAAAAAAAAAAAAAAA", "a key of 24 bytes, plain", "thirty-two characters of a secret"[:32]]
NAK = build(b'"NAK"0000R0L0A0[]_10:30:00,11-23-2026')


def panel(**settings: object) -> Session:
    """A session that knows the account 1234 only."""
    return Session(settings=lambda identifier: settings if identifier == "1234" else None)


def frame(body: str) -> bytes:
    return build(body.encode())


def cid(data: str, header: str = "0001L0#1234", rest: str = "") -> bytes:
    return frame(f'"ADM-CID"{header}[#1234|{data}]{rest}')


def dcs(data: str, header: str = "0001L0#1234", rest: str = "") -> bytes:
    return frame(f'"SIA-DCS"{header}[#1234|{data}]{rest}')


def at(moment: datetime) -> Moment:
    return Moment(moment, HERE.lat, HERE.lon)


def sealed(key: bytes, readable: bytes, token: str = "ADM-CID", pad: bytes = b"") -> bytes:
    """An encrypted frame with exactly this pad."""
    assert (len(pad) + len(readable)) % 16 == 0
    payload = seal(key, b"", pad + readable, long_pad=False)
    return build(f'"*{token}"0001L0#1234['.encode() + payload)


def one(decoded: Decoded) -> Signal:
    (signal,) = decoded.signals
    return signal


# Frames


def test_the_checksum_is_crc_16_arc() -> None:
    assert crc_arc(b"123456789") == 0xBB3D


def test_a_frame_is_cut_taken_apart_and_made() -> None:
    raw = cid("1130 01 003", "9876R579BDFL789ABC#12345A")
    assert cut(split, raw)[0] == [raw[:-1]]
    told = parse(raw)
    assert (told.token, told.encrypted, told.account, told.fault) == ("ADM-CID", False, "12345A", None)
    assert (told.echo, told.receiver, told.line) == (b"9876R579BDFL789ABC#12345A", "R579BDF", "L789ABC")


@pytest.mark.parametrize(
    "header", ["0001#1234", "0007L0#1234", "9999R1L0#1234", "0001L000#1234", "0001RFFL#1234", "0001Rc0ffdL0#1234"]
)
def test_an_ack_says_again_exactly_what_it_answers(header: str) -> None:
    decoded = decode(cid("1130 01 003", header), panel(), NOW)
    assert decoded.reply == frame(f'"ACK"{header}[]')


def test_accounts_keep_their_zeros_and_small_letters_are_the_same_account() -> None:
    some = Session(settings=lambda name: {} if name in ("000110", "00AB") else None)
    assert decode(frame('"NULL"0000L0#000110[]'), some, NOW).device == "000110"
    decoded = decode(frame('"NULL"0000L0#00ab[]'), some, NOW)
    assert (decoded.device, decoded.reply) == ("00AB", frame('"ACK"0000L0#00ab[]'))


@pytest.mark.parametrize(
    ("header", "device"), [("0001L2#1234", "L2#1234"), ("0001R1L3#1234", "R1#1234"), ("0001R7L7#1234", "R7L7#1234")]
)
def test_receivers_that_share_accounts_are_told_apart(header: str, device: str) -> None:
    known = {"L2#1234", "R1#1234", "R7L7#1234"}
    some = Session(settings=lambda name: {} if name in known else None)
    assert decode(cid("1130 01 003", header), some, NOW).device == device


def test_cr_may_be_counted_in_crc_and_length() -> None:  # Eldes
    body = b'"ADM-CID"0056L9999#1234[#1234|1120 00 001]\r'
    raw = b"\n%04X%04X" % (crc_arc(body), len(body)) + body
    (got,), _ = cut(split, raw)
    assert one(decode(got, panel(), NOW)).alarm == one(decode(raw, panel(), NOW)).alarm == "robbery"


@pytest.mark.parametrize("order", ["big", "little"])
def test_the_crc_may_be_two_raw_bytes(order: str) -> None:  # OPAX
    for number in range(300):  # whatever bytes they are: quotes, CR and LF among them
        body = f'"ADM-CID"{number:04d}L0#1234[1234|1602 00 000]'.encode()
        raw = b"\n" + crc_arc(body).to_bytes(2, order) + b"%04X" % len(body) + body + b"\r"  # type: ignore[arg-type]
        got = cut(split, raw + raw)[0]
        assert [one(decode(each, panel(), NOW)).code for each in got] == ["E602"] * 2


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw[1:],
        lambda raw: raw[:-1],
        lambda raw: raw[1:-1],
        lambda raw: raw + b"\0",
        lambda raw: raw[:9].lower() + raw[9:],
        lambda raw: raw[:-1] + b"\n",
    ],
    ids=["no LF", "no CR", "neither", "NUL behind", "small hex", "LF for CR"],
)
def test_small_faults_of_the_frame_do_no_harm(change) -> None:  # type: ignore[no-untyped-def]
    (got,), _ = cut(split, change(cid("1130 01 003")))
    decoded = decode(got, panel(), NOW)
    assert (one(decoded).code, decoded.reply) == ("E130", frame('"ACK"0001L0#1234[]'))


@pytest.mark.parametrize("inner", ["#1234|", "1234|", "#00001234|", "|", "", "#AA1234|"])
def test_the_inner_account_may_be_written_in_any_way(inner: str) -> None:
    decoded = decode(frame(f'"ADM-CID"0001L0#1234[{inner}1130 01 003]'), panel(), NOW)
    assert (decoded.device, one(decoded).code, one(decoded).zone) == ("1234", "E130", "003")
    assert one(decode(frame(f'"SIA-DCS"0001L0#1234[{inner}Nri1/BA003]'), panel(), NOW)).code == "BA"


def test_the_inner_account_counts_where_the_outer_is_missing() -> None:
    assert decode(frame('"ADM-CID"0001L0[#1234|1130 01 003]'), panel(), NOW).device == "1234"
    with pytest.raises(Malformed, match="no account"):
        decode(frame('"ADM-CID"0001L0#[1130 01 003]'), panel(), NOW)


def test_a_wrong_crc_or_length_is_not_answered_and_only_its_alarm_is_kept() -> None:
    good = cid("1130 01 003")
    for bad in (good.replace(b"003]", b"004]"), b"\n" + good[1:5] + b"0FFF" + good[9:]):
        decoded = decode(bad, panel(), NOW)
        assert (decoded.reply, one(decoded).kind, one(decoded).flags) == (None, "alarm", ("bad_crc",))
    with pytest.raises(Malformed, match="wrong CRC"):
        decode(cid("1602 00 000").replace(b"000]", b"001]"), panel(), NOW)
    with pytest.raises(Malformed, match="wrong length: it says 153, it is 39"):
        decode(cid("1602 00 000").replace(b"0027", b"0099"), panel(), NOW)


@pytest.mark.parametrize(
    "raw",
    [b"", b"GET / HTTP/1.1", b'12340027"ADM-CID"', b'1234002g"ADM-CID"0001L0#1234[]', frame('"ADM-CID"0001L0#1234')],
)
def test_what_is_no_frame_is_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed, match="DC-09"):
        decode(raw, panel(), NOW)


@pytest.mark.parametrize("token", ["ACK", "NAK", "DUH", "RSP"])
def test_what_receivers_say_is_not_answered(token: str) -> None:
    assert decode(frame(f'"{token}"0000R0L0A0[]_10:30:00,11-23-2026'), panel(), NOW) == Decoded()


def test_a_message_that_we_do_not_know_is_answered_duh() -> None:
    decoded = decode(frame('"SIA-PUL"0005R1L0#1234[#1234|1234]'), panel(), NOW)
    assert (decoded.reply, decoded.signals) == (frame('"DUH"0005R1L0#1234[]'), ())


def test_strangers_hear_nothing_so_that_they_show_a_fault() -> None:
    decoded = decode(cid("1130 01 003", "0001L0#9999"), panel(), NOW)
    assert (decoded.device, decoded.stranger) == ("9999", None)
    unknown = decode(Device("9999", TEXT_KEYS[0]).sos(HERE), panel(), NOW)
    assert (unknown.device, unknown.reply, unknown.stranger) == ("9999", None, None)


def test_one_line_may_speak_for_many_panels() -> None:
    some = Session(settings=lambda name: {"alarms": {"E130": "fire"}} if name == "2" else {})
    first = one(decode(cid("1130 01 003", "0001L0#1"), some, NOW))
    second = one(decode(cid("1130 01 003", "0001L0#2"), some, NOW))
    assert (first.alarm, second.alarm) == ("burglary", "fire")


# Supervision


def test_null_is_a_sign_of_life_and_two_are_two() -> None:
    decoded = decode(frame('"NULL"0000R0L0#1234[]'), panel(), NOW)
    assert (one(decoded).kind, decoded.key) == ("heartbeat", None)
    assert decoded.reply == frame('"ACK"0000R0L0#1234[]')


def test_contact_id_in_a_null_message_is_read_and_other_words_are_not() -> None:
    assert one(decode(frame('"NULL"0000L0#1234[#1234|1120 00 001]'), panel(), NOW)).alarm == "robbery"
    assert one(decode(frame('"NULL"0000L0#1234[#1234|NULL]'), panel(), NOW)).kind == "heartbeat"


# Encryption


@pytest.mark.parametrize("key", HEX_KEYS + TEXT_KEYS)
def test_every_length_of_key_in_hex_and_in_text(key: str) -> None:
    device = Device("1234", key)
    raw = device.sos(HERE)
    assert b"1122" not in raw
    decoded = decode(raw, panel(key=key), NOW)
    assert (one(decoded).code, one(decoded).silent, one(decoded).at) == ("E122", True, NOW)
    assert decoded.reply
    assert decoded.reply[9:15] == b'"*ACK"'
    assert device.answered(raw, decoded.reply)


def test_32_hex_digits_may_be_a_text_and_show_it() -> None:
    key = HEX_KEYS[0]
    assert [len(k) for k in keys(key)] == [16, 32]
    readable = b"|#1234|1122 00 000]" + stamp(NOW).encode()
    raw = sealed(key.encode(), readable, pad=b"x" * (-len(readable) % 16))
    decoded = decode(raw, panel(key=key), NOW)
    assert one(decoded).code == "E122"
    assert decoded.reply
    assert open_(parse(decoded.reply).payload, (key.encode(),))


@pytest.mark.parametrize("more", [0, 16])
def test_the_answer_has_a_pad_of_the_senders_kind(more: int) -> None:
    key = bytes.fromhex(HEX_KEYS[0])
    readable = b"|#1234|1602 00 000]" + stamp(NOW).encode()
    raw = sealed(key, readable, pad=b"\0" * (-len(readable) % 16 + more))
    answer = parse(decode(raw, panel(key=HEX_KEYS[0]), NOW).reply or b"")
    found = open_(answer.payload, (key,))
    assert found
    assert (len(found.pad), found.rest) == (10 + more, b"]" + stamp(NOW).encode())
    assert answer.echo == b"0001L0#1234"
    assert not set(b"|[]") & set(found.pad)


def test_the_pads_of_two_answers_differ() -> None:
    device = Device("1234", TEXT_KEYS[0])
    first, second = (decode(device.heartbeat(HERE), panel(key=TEXT_KEYS[0]), NOW).reply for _ in range(2))
    assert first != second


def test_an_encrypted_null_with_or_without_a_bar() -> None:
    key = TEXT_KEYS[0].encode()
    for readable in (b"]" + stamp(NOW).encode(), b"|]" + stamp(NOW).encode()):
        raw = sealed(key, readable, "NULL", pad=b"p" * (-len(readable) % 16))
        assert one(decode(raw, panel(key=TEXT_KEYS[0]), NOW)).kind == "heartbeat"


def test_what_no_key_opens_is_not_answered() -> None:
    raw = Device("1234", TEXT_KEYS[0]).sos(HERE)
    for settings, why in (
        ({}, "has no key"),
        ({"key": "short"}, "is none"),
        ({"key": TEXT_KEYS[1]}, r"AES-192 \(text\)"),
        ({"key": HEX_KEYS[0]}, r"AES-128 \(hex\), AES-256 \(text\)"),
    ):
        with pytest.raises(Malformed, match=why):
            decode(raw, panel(**settings), NOW)
    with pytest.raises(Malformed, match="encrypted data that is none"):
        decode(frame('"*ADM-CID"0001L0#1234[ABCD]'), panel(key=TEXT_KEYS[0]), NOW)


def test_a_panel_with_a_key_must_use_it_but_its_alarms_are_kept() -> None:
    some = panel(key=TEXT_KEYS[0])
    decoded = decode(cid("1120 00 001"), some, NOW)
    assert (one(decoded).flags, decoded.reply) == (("not_encrypted",), frame('"ACK"0001L0#1234[]'))
    assert decode(frame('"NULL"0000L0#1234[]'), some, NOW).reply
    for report in ("3401 00 001", "1406 00 001", "1602 00 000", "3130 01 003"):
        with pytest.raises(Malformed, match="must be encrypted"):
            decode(cid(report), some, NOW)


# The clock


@pytest.mark.parametrize(("seconds", "right"), [(0, True), (20, True), (-40, True), (21, False), (-41, False)])
def test_the_time_window_of_encrypted_messages(seconds: int, right: bool) -> None:
    device = Device("1234", TEXT_KEYS[0])
    decoded = decode(device.sos(at(NOW + timedelta(seconds=seconds))), panel(key=TEXT_KEYS[0]), NOW)
    assert (decoded.reply == NAK) is not right
    assert (one(decoded).flags == ("wrong_clock",)) is not right


def test_a_refused_alarm_is_kept_at_once_and_sent_again_it_is_the_same_press() -> None:
    device, some = Device("1234", TEXT_KEYS[0]), panel(key=TEXT_KEYS[0])
    first = decode(device.report("1122 00 001", at(NOW - timedelta(hours=3))), some, NOW)
    again = decode(device.again("1122 00 001", at(NOW)), some, NOW + timedelta(seconds=1))
    assert (first.reply, one(first).kind, one(first).at) == (NAK, "alarm", None)
    assert identified("dc09", first)[0].id == identified("dc09", again)[0].id
    assert again.reply != NAK


def test_what_is_refused_and_no_alarm_says_nothing() -> None:
    device, some = Device("1234", TEXT_KEYS[0]), panel(key=TEXT_KEYS[0])
    old = at(NOW - timedelta(minutes=3))
    for raw in (device.heartbeat(old), device.report("3401 00 001", old), device.report("1602 00 000", old)):
        decoded = decode(raw, some, NOW)
        assert (decoded.device, decoded.signals, decoded.reply) == ("1234", (), NAK)


def test_an_encrypted_message_without_a_time_is_refused() -> None:
    readable = b"|#1234|1120 00 001]"
    raw = sealed(TEXT_KEYS[0].encode(), readable, pad=b"x" * (-len(readable) % 16))
    assert decode(raw, panel(key=TEXT_KEYS[0]), NOW).reply == NAK


def test_a_panel_whose_clock_cannot_be_set_is_believed_if_so_said() -> None:
    device, some = Device("1234", TEXT_KEYS[0]), panel(key=TEXT_KEYS[0], clock="any")
    raw = device.report("3401 00 001", at(datetime(2000, 1, 1, tzinfo=UTC)))
    decoded = decode(raw, some, NOW)
    assert device.answered(raw, decoded.reply or b"")
    assert (one(decoded).kind, one(decoded).flags, one(decoded).at) == ("heartbeat", ("wrong_clock",), None)


def test_local_time_can_be_set_and_the_nak_speaks_it() -> None:
    device, some = Device("1234", TEXT_KEYS[0]), panel(key=TEXT_KEYS[0], time_zone=2)
    assert one(decode(device.sos(at(NOW + timedelta(hours=2))), some, NOW)).at == NOW
    assert decode(device.sos(HERE), some, NOW).reply == build(b'"NAK"0000R0L0A0[]_12:30:00,11-23-2026')


@pytest.mark.parametrize("days", [1, -1, 4000, -4000])
def test_without_encryption_a_wrong_clock_is_only_flagged(days: int) -> None:
    decoded = decode(cid("1130 01 003", rest=stamp(NOW + timedelta(days=days))), panel(), NOW)
    assert decoded.reply == frame('"ACK"0001L0#1234[]')
    assert (one(decoded).kind, one(decoded).flags, one(decoded).at) == ("alarm", ("wrong_clock",), None)
    demanded = decode(cid("1130 01 003", rest=stamp(NOW + timedelta(days=days))), panel(timestamps=True), NOW)
    assert (demanded.reply, one(demanded).kind) == (NAK, "alarm")


@pytest.mark.parametrize("rest", ["_25:61:00,13-32-2026", "_00:00:00,00-00-0000", "_23:59:59,01-01-0001", "_x", "[["])
def test_a_time_that_is_none_does_no_harm(rest: str) -> None:
    for zone in (14, -14):
        assert decode(cid("1130 01 003", rest=rest), panel(time_zone=zone), NOW).reply


# A report sent again


def test_a_report_sent_again_is_the_same_and_pad_and_time_do_not_matter() -> None:
    device, some = Device("1234", TEXT_KEYS[0]), panel(key=TEXT_KEYS[0])
    first = device.report("1130 01 003", HERE)
    again = device.again("1130 01 003", at(NOW + timedelta(seconds=11)))
    assert first != again
    assert decode(first, some, NOW).key == decode(again, some, NOW + timedelta(seconds=11)).key is not None


def test_another_number_receiver_zone_or_a_later_round_is_another_report() -> None:
    some = Session(settings=lambda _: {})
    others = [
        cid("1130 01 003"),
        cid("1130 01 003", "0002L0#1234"),
        cid("1130 01 003", "0001L1#1234"),
        cid("1130 01 003", "0001R1L0#1234"),
        cid("1130 01 004"),
        cid("3130 01 003"),
    ]
    found = {decode(raw, some, NOW).key for raw in others}
    assert len(found | {decode(others[0], some, NOW + SAME).key}) == len(others) + 1


# Contact ID


@pytest.mark.parametrize(
    ("data", "alarm", "silent"),
    [
        ("1100 01 005", "medical", False),
        ("1103 01 005", "medical", False),
        ("1110 00 129", "fire", False),
        ("1118 00 001", "fire", False),
        ("1120 01 005", "robbery", False),
        ("1121 01 005", "robbery", True),
        ("1122 01 005", "robbery", True),
        ("1123 01 005", "robbery", False),
        ("1124 01 005", "robbery", True),
        ("1125 01 005", "robbery", True),
        ("1130 01 005", "burglary", False),
        ("1139 01 005", "burglary", False),
        ("1140 01 005", "other", False),
        ("1146 01 005", "burglary", True),
        ("1151 01 005", "fire", False),
        ("1154 01 005", "other", False),
    ],
)
def test_alarms_of_contact_id(data: str, alarm: str, silent: bool) -> None:
    signal = one(decode(cid(data), panel(), NOW))
    assert (signal.kind, signal.alarm, signal.silent, signal.code) == ("alarm", alarm, silent, f"E{data[1:4]}")
    assert signal.flags == ()


def test_zone_and_user() -> None:
    assert one(decode(cid("1110 00 129"), panel(), NOW)).zone == "129"
    assert one(decode(cid("1121 00 005"), panel(), NOW)).zone == "U005", "a user is no zone of the site"


@pytest.mark.parametrize("data", ["1130 01 003", "1130  1  003", " 1130 01 003 ", "113001003", "E130 01 003"])
def test_contact_id_may_be_written_loosely(data: str) -> None:
    assert one(decode(cid(data), panel(), NOW)).code == "E130"


@pytest.mark.parametrize(
    ("code", "flag", "end"),
    [
        ("301", "power_cut", "power_restored"),
        ("302", "low_battery", "battery_restored"),
        ("384", "low_battery", "battery_restored"),
        ("137", "tampering", "tamper_restored"),
        ("144", "tampering", "tamper_restored"),
        ("145", "tampering", "tamper_restored"),
        ("383", "tampering", "tamper_restored"),
        ("350", "fault", "fault_restored"),
        ("373", "fault", "fault_restored"),
    ],
)
def test_troubles_and_their_ends(code: str, flag: str, end: str) -> None:
    begun, ended = (one(decode(cid(f"{q}{code} 00 001"), panel(), NOW)) for q in (1, 3))
    assert (begun.kind, begun.flags, begun.code) == ("heartbeat", (flag,), f"E{code}")
    assert (ended.kind, ended.flags, ended.code) == ("heartbeat", (end,), f"R{code}")


def test_the_end_of_an_alarm_is_a_remark_and_still_so_is_no_fresh_press() -> None:
    restored = one(decode(cid("3130 01 003"), panel(), NOW))
    assert (restored.kind, restored.text, restored.alarm) == ("message", "R130 003", None)
    still = one(decode(cid("6130 01 003"), panel(), NOW))
    assert (still.kind, still.text) == ("message", "P130 003")
    assert one(decode(cid("3122 01 003"), panel(), NOW)).silent


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ("1601 00 000", "test"),
        ("1602 00 000", "test"),
        ("1406 03 004", "cancel"),
        ("1401 01 002", "heartbeat"),
        ("3401 01 002", "heartbeat"),
        ("1570 01 002", "heartbeat"),
        ("1627 00 000", "heartbeat"),
    ],
)
def test_what_is_no_alarm(data: str, kind: str) -> None:
    signal = one(decode(cid(data), panel(), NOW))
    assert (signal.kind, signal.flags) == (kind, ())
    assert signal.code


@pytest.mark.parametrize(
    ("data", "kind", "flags"),
    [
        ("1199 00 001", "alarm", ("unknown_kind",)),
        ("1777 00 001", "alarm", ("unknown_kind",)),
        ("11F0 00 001", "alarm", ("unknown_kind",)),
        ("2130 00 001", "alarm", ("unknown_kind",)),
        ("1399 00 001", "heartbeat", ("fault", "unknown_kind")),
        ("1499 00 001", "heartbeat", ("unknown_kind",)),
        ("1999 00 001", "heartbeat", ("unknown_kind",)),
    ],
)
def test_unknown_events(data: str, kind: str, flags: tuple[str, ...]) -> None:
    decoded = decode(cid(data), panel(), NOW)
    assert (one(decoded).kind, one(decoded).flags) == (kind, flags)
    assert decoded.reply == frame('"ACK"0001L0#1234[]')


def test_a_device_can_have_its_own_meanings() -> None:
    some = panel(alarms={"E130": "robbery silent", "PA": "sos", "E777": "heartbeat", "E602": "fault", "X": 1})
    first = one(decode(cid("1130 01 003"), some, NOW))
    assert (first.alarm, first.silent) == ("robbery", True)
    assert one(decode(cid("3130 01 003"), some, NOW)).silent
    assert (one(decode(dcs("NPA1"), some, NOW)).kind, one(decode(dcs("NPA1"), some, NOW)).alarm) == ("alarm", None)
    assert one(decode(cid("1777 01 003"), some, NOW)).kind == "heartbeat"
    assert one(decode(cid("1602 01 003"), some, NOW)).flags == ("fault",)


def test_a_report_that_cannot_be_read_is_an_alarm_and_is_acknowledged() -> None:
    for raw in (cid("~~~"), dcs("Nri1/"), cid("12")):
        decoded = decode(raw, panel(), NOW)
        assert (one(decoded).kind, one(decoded).flags) == ("alarm", ("unreadable",))
        assert decoded.reply == frame('"ACK"0001L0#1234[]')


# SIA


@pytest.mark.parametrize(
    ("data", "alarm", "silent"),
    [
        ("Nri1/id7/PA001", "robbery", False),
        ("NHA001", "robbery", True),
        ("NMA001", "medical", False),
        ("NQA001", "medical", False),
        ("NFA001", "fire", False),
        ("NBA001", "burglary", False),
        ("NBV001", "burglary", False),
        ("NWA001", "other", False),
    ],
)
def test_alarms_of_sia(data: str, alarm: str, silent: bool) -> None:
    signal = one(decode(dcs(data), panel(), NOW))
    assert (signal.kind, signal.alarm, signal.silent, signal.zone) == ("alarm", alarm, silent, "001")


@pytest.mark.parametrize(
    ("data", "want"),
    [
        ("Nri1BA503^Kitchen^", [("BA", "503", "Kitchen")]),
        ("Nri0KR1^HEAT. 001 ^", [("KR", "1", "HEAT. 001")]),
        ("Nri01^HALL^/LX901^the panel^", [("LX", "901", "the panel")]),
        ("Nti19:44/id1/ri4/RP", [("RP", None, None)]),
        ("NRR|Ahello", [("RR", None, "hello")]),
        ('NBA01*"Front door"NM', [("BA", "01", "Front door")]),
        ("Nri1/BA01/FA02^smoke^/OP3", [("BA", "01", None), ("FA", "02", "smoke"), ("OP", "3", None)]),
        ("NBA1FA2", [("BA", "1", None), ("FA", "2", None)]),
        ("N ri1/BA01 FRONT DOOR", [("BA", "01", None)]),
        ("BA01", [("BA", "01", None)]),
        ("NBA1A", [("BA", "1A", None)]),
        ("NBA1|NFA2", [("BA", "1", None), ("FA", "2", None)]),
    ],
)
def test_how_sia_is_written(data: str, want: list[tuple[str, str | None, str | None]]) -> None:
    assert [event[:3] for event in sia.events(data)] == want


def test_several_events_are_several_signals_each_with_its_own_id() -> None:
    decoded = decode(dcs("Nri1/BA01^hall^/FA02"), panel(), NOW)
    assert [(s.alarm, s.text) for s in decoded.signals] == [("burglary", "hall"), ("fire", None)]
    assert len({signal.id for signal in identified("dc09", decoded)}) == 2


@pytest.mark.parametrize(
    ("data", "kind", "flags", "text"),
    [
        ("NRP0000", "test", (), None),
        ("NRX1", "test", (), None),
        ("NAT0", "heartbeat", ("power_cut",), None),
        ("NAR0", "heartbeat", ("power_restored",), None),
        ("NYT0", "heartbeat", ("low_battery",), None),
        ("NYR0", "heartbeat", ("battery_restored",), None),
        ("NTA1", "heartbeat", ("tampering",), None),
        ("NTR1", "heartbeat", ("tamper_restored",), None),
        ("NBT1", "heartbeat", ("fault",), None),
        ("NBJ1", "heartbeat", ("fault_restored",), None),
        ("NBH1", "message", (), "BH 1"),
        ("NBR1^hall^", "message", ("fault_restored",), "BR 1 hall"),
        ("NOP1", "heartbeat", (), None),
        ("NBC1", "cancel", (), None),
        ("NZY0", "heartbeat", (), None),
        ("NQQ99", "alarm", ("unknown_kind",), None),
        ("NNA1", "alarm", (), None),
        ("NYJ1", "heartbeat", ("fault_restored",), None),
        ("NCN1", "heartbeat", ("unknown_kind",), None),
        ("OBA1", "alarm", ("buffered",), None),
        ("Ahello there", "message", (), "hello there"),
    ],
)
def test_other_events_of_sia(data: str, kind: str, flags: tuple[str, ...], text: str | None) -> None:
    signal = one(decode(dcs(data), panel(), NOW))
    assert (signal.kind, signal.flags, signal.text) == (kind, flags, text)


def test_the_tables_say_only_what_the_rest_understands() -> None:
    for found in (contact_id.EVENTS, sia.EVENTS):
        for words in set(found.values()):
            meaning = read(words)
            assert (meaning.kind == "alarm") == (meaning.alarm in ALARMS), words
    assert all(f"{family}A" in sia.EVENTS for family in sia.FAMILIES)


# Extended data


def test_the_place_of_a_phone_the_time_and_texts() -> None:
    rest = "[X028E03.1234][Y26S12.2500][Z1450][H10:29:30,11-23-2026][I求助 panic][Rkitchen]_10:30:00,11-23-2026"
    signal = one(decode(dcs("NPA001", rest=rest), panel(), NOW))
    assert signal.position
    assert signal.position.lat == pytest.approx(-26.204167, abs=1e-6)
    assert signal.position.lon == pytest.approx(28.052057, abs=1e-6)
    assert (signal.position.altitude, signal.at) == (1450, NOW - timedelta(seconds=30))
    assert signal.text == "求助 panic · kitchen"


@pytest.mark.parametrize(
    "rest", ["[X115000][Y115000]", "[X028E03.1]", "[X][Y]", "[X028E99.0][Y26S12.0]", "[Xnan][Ynan]"]
)
def test_a_place_that_is_none_is_left_out(rest: str) -> None:
    assert one(decode(dcs("NPA001", rest=rest), panel(), NOW)).position is None


def test_decimal_degrees_are_taken_too() -> None:
    position = one(decode(cid("1120 00 001", rest="[X28.0521][Y-26.2042]"), panel(), NOW)).position
    assert position
    assert (position.lat, position.lon) == (-26.2042, 28.0521)


def test_a_text_in_windows_1252() -> None:
    raw = build('"SIA-DCS"0001L0#1234[#1234|NBA1^Küche\0^]'.encode("cp1252"))
    assert one(decode(raw, panel(), NOW)).text == "Küche"


# Streams

A, B, C = cid("1130 01 003"), frame('"NULL"0000R0L0#1234[]'), Device("1234", TEXT_KEYS[0]).sos(HERE)
D = dcs("Nri1/BA01^hall^/FA02", rest="[X028E03.1234][Y26S12.2500]_10:30:00,11-23-2026")


@pytest.mark.parametrize("before", [b"GET / HTTP/1.1\r\n\r\n", b"\n\r\n", A[:30], A[:-4], b'0FFF0FFF"ABC"', b"\0" * 40])
def test_a_whole_frame_is_found_whatever_stands_before(before: bytes) -> None:
    assert cut(split, before + A + B)[0][-2:] == [A[:-1], B[:-1]]


def test_frames_without_any_end_between_them_are_told_apart() -> None:
    bare = [raw[1:-1] for raw in (A, B, C)]
    assert cut(split, b"".join(bare))[0] == bare


def test_nothing_is_kept_of_noise() -> None:
    assert len(cut(split, b"x" * 5000)[1]) <= 24
    endless = b'12340FFF"ADM-CID"' + b"1" * 5000
    assert cut(split, endless)[0] == []
    assert len(cut(split, endless[8:])[1]) <= 24, "noise, as soon as the listener has dropped its first bytes"


WRONG = cid("1130 01 003").replace(b"L0", b"L1")
pieces = [A, B, C, D, WRONG, A[1:], B[:-1], A[:30], b'\n12340FFF"ADM-CID"', b"\n", b"\r"]


@given(streams(pieces), chunks())
def test_chunks_change_nothing(data: bytes, sizes: list[int]) -> None:
    chunking_changes_nothing(GATE, data, sizes)


@given(st.one_of(st.sampled_from(pieces), streams(pieces), st.binary()), st.booleans())
def test_no_frame_makes_the_decoder_fail(data: bytes, keyed: bool) -> None:
    no_bytes_make_it_fail(GATE, data, panel(key=TEXT_KEYS[0]) if keyed else panel())


@given(
    st.sampled_from(["ADM-CID", "SIA-DCS", "NULL", "XYZ"]), st.text(max_size=60), st.booleans(), st.integers(-14, 14)
)
def test_any_content_is_survived(token: str, content: str, encrypted: bool, zone: int) -> None:
    some = panel(key=TEXT_KEYS[0], time_zone=zone) if encrypted else panel(time_zone=zone)
    device = Device("1234", TEXT_KEYS[0] if encrypted else None)
    no_bytes_make_it_fail(GATE, device.report(content, HERE, token), some)


@given(st.binary(max_size=64))
def test_any_decrypted_bytes_are_survived(plain: bytes) -> None:
    plain += bytes(-len(plain) % 16) or bytes(16)
    no_bytes_make_it_fail(GATE, sealed(TEXT_KEYS[0].encode(), plain), panel(key=TEXT_KEYS[0]))


# The encoder


@pytest.mark.parametrize("identifier", ["", "12 4", "A" * 17, "1234#é"])
def test_the_encoder_says_what_an_account_is(identifier: str) -> None:
    with pytest.raises(ValueError, match="account"):
        Device(identifier)


def test_the_encoder_counts_to_9999_and_begins_anew() -> None:
    device = Device("L2#1234", receiver="R1")
    device.sequence = 9998
    assert [device.sos(HERE)[18:31] for _ in range(2)] == [b"9999L2#1234[#", b"0001L2#1234[#"]


def test_the_encoder_knows_its_answer() -> None:
    device = Device("1234")
    device.sequence = 0
    sent = device.sos(HERE)
    assert device.answered(sent, b"\r" + frame('"ACK"0001L0#1234[]'))
    for other in ('"ACK"0002L0#1234[]', '"ACK"0001L0#1235[]', '"DUH"0001L0#1234[]', '"*ACK"0001L0#1234[00]'):
        assert not device.answered(sent, frame(other))
    assert not device.answered(sent, NAK)
    assert not device.answered(sent, b'"ACK"\r')
