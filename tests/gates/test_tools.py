"""`tocsin decode` and `tocsin simulate`: what an installer has in hand."""

import argparse
import asyncio
import io
import json
from typing import Any

import pytest

from tests.gates.conftest import FakeIntake, opened
from tocsin.gates import decode, simulate
from tocsin.gates.protocols.gt06.encoder import Device
from tocsin.gates.protocols.gt06.frame import build

IMEI = "356314041234567"
LOGIN = "78780d01012345678901234500018cdd0d0a"
SOS = build(0x19, 8, bytes.fromhex("028f0a29e10036f12003040102")).hex()


def shown(protocol: str, *lines: str, **settings: Any) -> list[dict[str, Any]]:
    out = io.StringIO()
    assert decode.run(protocol, lines, out, settings) == 0
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_frames_of_one_session_are_told_a_line_each() -> None:
    login, sos = shown("gt06", LOGIN, SOS)
    assert (login["device"], login["reply"]) == ("123456789012345", "787805010001d9dc0d0a")
    assert sos["device"] == "123456789012345"
    assert (sos["signals"][0]["kind"], sos["signals"][0]["position"]) == ("alarm", None)


def test_a_line_may_hold_several_frames_or_a_part_of_one() -> None:
    assert shown("gt06", LOGIN + SOS) == shown("gt06", LOGIN, SOS) == shown("gt06", LOGIN + SOS[:12], SOS[12:])
    assert shown("gt06", "78 78 0D 01 01 23 45 67 89 01 23 45 00 01 8C DD 0D 0A\n") == shown("gt06", LOGIN)


@pytest.mark.parametrize("line", ["deadbeef", "hello", "*HQ,123#", LOGIN[:-6] + "000d0a"])
def test_a_line_that_is_no_frame_is_an_error_and_the_next_is_read(line: str) -> None:
    first, second = shown("gt06", line, LOGIN)
    assert "error" in first
    assert second["device"]


def test_what_is_missing_at_the_end_is_said() -> None:
    assert "error" in shown("gt06", LOGIN, SOS[:20])[1]


def test_a_level_is_shown_as_an_alarm_when_it_rises() -> None:
    pressed, clear = (build(0x13, 1, bytes((status, 4, 4, 0, 2))).hex() for status in (0x60, 0x40))
    kinds = [line["signals"][0]["kind"] for line in shown("gt06", LOGIN, clear, pressed, pressed, clear, pressed)]
    assert kinds == ["heartbeat", "heartbeat", "alarm", "heartbeat", "heartbeat", "alarm"]


@pytest.mark.parametrize(
    "line",
    [
        "id=7&lat=-26.1&lon=28.05&timestamp=1795429800",
        "/?id=7&lat=-26.1&lon=28.05&timestamp=1795429800",
        "http://alarm.example.org:5055/?id=7&lat=-26.1&lon=28.05&timestamp=1795429800",
        "GET /?id=7&lat=-26.1&lon=28.05&timestamp=1795429800 HTTP/1.1",
        '{"device_id":"7","location":{"timestamp":1795429800,"coords":{"latitude":-26.1,"longitude":28.05}}}',
    ],
)
def test_a_line_of_a_web_protocol_is_a_url_or_json(line: str) -> None:
    (got,) = shown("osmand", line)
    assert (got["device"], got["reply"], got["status"]) == ("7", "", 200)
    at = "2026-11-23T10:30:00Z"
    assert got["signals"] == [
        {"kind": "position", "alarm": None, "at": at, "position": {"lat": -26.1, "lon": 28.05, "at": at}}
    ]


def test_a_bad_url_is_an_error_and_the_next_is_read() -> None:
    first, second = shown("osmand", "http://[::1?id=7", "id=7")
    assert "error" in first
    assert second["device"] == "7"


def test_settings_of_the_device_can_be_tried() -> None:
    tow = build(0x19, 8, bytes.fromhex("028f0a29e10036f10003040902")).hex()
    assert shown("gt06", LOGIN, tow)[1]["signals"][0]["flags"] == ["tow"]
    assert shown("gt06", LOGIN, tow, alarms={"0x09": "medical"})[1]["signals"][0]["alarm"] == "medical"


def test_an_unknown_protocol_is_refused() -> None:
    assert decode.run("morse", [], io.StringIO()) == 2


def speak(intake: FakeIntake, protocol: str, *more: str) -> int:
    """The simulator against a real gate."""

    async def tell() -> int:
        async with opened(intake) as gates:
            parser = argparse.ArgumentParser()
            simulate.add_arguments(parser)
            words = [protocol, "--port", str(gates.ports[protocol]), "--timeout", "0.5", "--every", "0.01", *more]
            return await asyncio.to_thread(simulate.run, parser.parse_args(words))

    return asyncio.run(asyncio.wait_for(tell(), 20))


@pytest.mark.parametrize("protocol", ["gt06", "osmand"])
def test_the_simulator_speaks_and_says_what_it_got(
    intake: FakeIntake, protocol: str, capsys: pytest.CaptureFixture[str]
) -> None:
    intake.know(protocol, IMEI)
    assert speak(intake, protocol, "--device", IMEI, "--sos", "--count", "3", "--speed", "20", "--lat", "-26") == 0
    assert len(intake.alarms) == 1
    places = [signal.position for _, signal in intake.stored if signal.kind == "position"]
    assert len(places) == 3
    assert places[0] and places[0].lat == pytest.approx(-26, abs=1e-5)
    assert "SOS" in capsys.readouterr().out


@pytest.mark.parametrize("protocol", ["gt06", "osmand"])
def test_the_simulator_fails_when_nobody_answers(intake: FakeIntake, protocol: str) -> None:
    assert speak(intake, protocol, "--device", IMEI, "--sos") == 1


def test_the_simulator_says_what_an_identifier_must_be(intake: FakeIntake) -> None:
    assert speak(intake, "gt06", "--device", "bob") == 2


def test_the_encoder_counts_its_serial_past_the_end() -> None:
    device = Device(IMEI)
    device.serial = 0xFFFF
    assert device.hello()[-6:-4] == b"\x00\x01"
