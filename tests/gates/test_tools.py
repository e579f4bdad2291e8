"""`tocsin decode` and `tocsin simulate`: what an installer has in hand."""

import argparse
import asyncio
import contextlib
import io
import itertools
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
import uvicorn

from tests.gates.conftest import FakeIntake, opened
from tests.gates.page import SETTINGS
from tocsin.edge.hooks import Hooks
from tocsin.gates import decode, simulate
from tocsin.gates.mqtt.broker import Brokers
from tocsin.gates.mqtt.broker import broker as at_broker
from tocsin.gates.protocol import HttpGate, MqttGate, StreamGate
from tocsin.gates.protocols.gt06.encoder import Device
from tocsin.gates.protocols.gt06.frame import build
from tocsin.gates.registry import gates, of_kind, pairings

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


@pytest.mark.parametrize("line", ["deadbeef", "hello", "*HQ,123#", "78780100010d0a"])
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


@pytest.mark.parametrize("raw", [False, True])
def test_a_line_of_a_protocol_of_two_transports_is_read_by_its_form(raw: bool) -> None:
    report = '{"_type":"location","lat":-26.1,"lon":28.05,"tst":1795429800,"topic":"owntracks/mei/phone"}'
    lines = [report, f"POST /?u=mei&d=phone {report}", f"owntracks/mei/phone {report}"]
    told = shown("owntracks", *(line.encode().hex() if raw else line for line in lines))
    assert [(line["device"], line["signals"][0]["kind"]) for line in told] == [("mei/phone", "position")] * 3


def test_a_line_of_mqtt_is_a_topic_and_what_was_published_there() -> None:
    (told,) = shown("tasmota", 'stat/panic/RESULT {"Button1":{"Action":"SINGLE"}}')
    assert (told["device"], told["signals"][0]["kind"]) == ("panic", "alarm")


def test_a_bad_url_is_an_error_and_the_next_is_read() -> None:
    first, second = shown("osmand", "http://[::1?id=7", "id=7")
    assert "error" in first
    assert second["device"] == "7"


def test_settings_of_the_device_can_be_tried() -> None:
    tow = build(0x19, 8, bytes.fromhex("028f0a29e10036f10003040902")).hex()
    assert "tow" in shown("gt06", LOGIN, tow)[1]["signals"][0]["flags"]
    assert shown("gt06", LOGIN, tow, alarms={"0x09": "medical"})[1]["signals"][0]["alarm"] == "medical"


def test_an_unknown_protocol_is_refused() -> None:
    assert decode.run("morse", [], io.StringIO()) == 2


# The simulator --------------------------------------------------------------------------------------------------------

MOSQUITTO = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def speak(intake: FakeIntake, protocol: str, *more: str, kind: type = StreamGate, broker: str = "") -> int:
    """The simulator against a real gate: at its port, at the web's address (`HttpGate`) or behind a broker."""

    async def tell() -> int:
        entry = {"brokers": Brokers((at_broker(broker),))} if broker else {}
        async with opened(intake, entry) as gates, web(intake) as address:
            where = ["--port", str(gates.ports.get(protocol, 0))]
            if kind is HttpGate:
                keyed = of_kind(HttpGate)[protocol].keyed
                where = ["--url", f"{address}/gates/{protocol}" + ("/the-key" if keyed else "")]
            if broker:
                where = ["--broker", broker]
                await until(lambda: any("mqtt" in name and c.open for name, c in gates.counters.items()))
            parser = argparse.ArgumentParser()
            simulate.add_arguments(parser)
            words = [protocol, *where, "--timeout", "0.5", "--every", "0.01", *more]
            told = await asyncio.to_thread(simulate.run, parser.parse_args(words))
            if broker:
                await until(lambda: intake.alarms)
            return told

    return asyncio.run(asyncio.wait_for(tell(), 20))


async def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 5
    while not true() and time.monotonic() < deadline:
        await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def web(intake: FakeIntake) -> AsyncIterator[str]:
    """The web's own address, where HTTP gates without a port are."""
    hooks = Hooks(intake, lambda _name: "the-key", "http://127.0.0.1", lambda: True)
    config = uvicorn.Config(hooks.take, interface="asgi3", lifespan="off", log_config=None)  # type: ignore[arg-type]
    server = uvicorn.Server(config)
    sock = socket.create_server(("127.0.0.1", 0))
    task = asyncio.create_task(server.serve(sockets=[sock]))
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{sock.getsockname()[1]}"
    server.should_exit = True
    await task


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real broker that lets anybody in."""
    if MOSQUITTO is None:
        pytest.skip("mosquitto is not installed")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    written = tmp_path_factory.mktemp("broker") / "mosquitto.conf"
    written.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    process = subprocess.Popen([MOSQUITTO, "-c", str(written)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 5
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            assert time.monotonic() < deadline, "the broker did not come up"
            time.sleep(0.02)
    yield f"mqtt://127.0.0.1:{port}"
    process.terminate()
    process.wait(5)


@pytest.mark.parametrize(("protocol", "kind"), [(name, type(gate)) for name in gates() for gate in gates()[name]])
def test_the_simulator_speaks_every_protocol_and_says_what_it_got(
    intake: FakeIntake, protocol: str, kind: type, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    identifier = pairings()[protocol].example
    intake.know(protocol, identifier).settings.update(SETTINGS.get(protocol, {}))
    address = request.getfixturevalue("broker") if kind is MqttGate else ""
    words = ("--device", identifier, "--sos", "--count", "3", "--speed", "20", "--lat", "-26")
    assert speak(intake, protocol, *words, kind=kind, broker=address) == 0
    assert presses(intake) == 1
    said = capsys.readouterr().out
    assert "SOS" in said
    places = [signal.position for _, signal in intake.stored if signal.kind == "position"]
    if f"{'position':9} →" in said and kind is not MqttGate:
        assert len(places) >= 3
        assert places[0] and places[0].lat == pytest.approx(-26, abs=1e-4)


def presses(intake: FakeIntake) -> int:
    """As intake counts them: an alarm, or a level that rises."""
    levels = [False, *(signal.pressed for _, signal in intake.stored if signal.pressed is not None)]
    alarms = [signal for _, signal in intake.stored if signal.kind == "alarm" and signal.pressed is None]
    return len(alarms) + sum(now and not before for before, now in itertools.pairwise(levels))


@pytest.mark.parametrize(("protocol", "kind"), [("gt06", StreamGate), ("osmand", StreamGate), ("osmand", HttpGate)])
def test_the_simulator_fails_when_nobody_answers(intake: FakeIntake, protocol: str, kind: type) -> None:
    assert speak(intake, protocol, "--device", IMEI, "--sos", kind=kind) == 1


@pytest.mark.parametrize(
    ("protocol", "words"),
    [
        ("gt06", ["--device", "bob"]),
        ("traccar", ["--device", IMEI]),
        ("tasmota", ["--device", "door"]),
        ("gt06", ["--device", IMEI, "--broker", "mqtt://127.0.0.1"]),
        ("traccar", ["--device", IMEI, "--url", "alarm.example.org"]),
    ],
)
def test_the_simulator_says_what_it_must_know(
    protocol: str, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    parser = argparse.ArgumentParser()
    simulate.add_arguments(parser)
    assert simulate.run(parser.parse_args([protocol, *words])) == 2
    assert capsys.readouterr().err.strip()


def test_the_encoder_counts_its_serial_past_the_end() -> None:
    device = Device(IMEI)
    device.serial = 0xFFFF
    assert device.hello()[-6:-4] == b"\x00\x01"
