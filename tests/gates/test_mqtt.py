"""The MQTT listener against a real broker (mosquitto) and a real publisher (mosquitto_pub)."""

import asyncio
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from tests.gates.conftest import FakeIntake
from tests.world import free_port
from tocsin.gates.listeners import Limits, Reception
from tocsin.gates.mqtt import Brokers, MqttListener, lanes, listener
from tocsin.gates.mqtt.broker import Broker, broker, brokers, filters, is_filter
from tocsin.gates.protocol import Decoded, Message, MqttGate, Session
from tocsin.gates.run import Gates, listening, serve
from tocsin.gates.signal import Signal

MOSQUITTO = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
PUB, PASSWD = shutil.which("mosquitto_pub"), shutil.which("mosquitto_passwd")
needs_mosquitto = pytest.mark.skipif(
    not (MOSQUITTO and PUB and PASSWD), reason="mosquitto and mosquitto-clients are not installed"
)
PASSWORD = "p@ss w:rd/#1"  # everything in it is special in an address
ENCODED = "p%40ss%20w%3Ard%2F%231"


class Mosquitto:
    """A broker with a password file that keeps its sessions on disk, so that it survives a kill -9."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None
        self.port, self.tls_port = free_port(), free_port()
        if os.geteuid() == 0:
            folder.chmod(0o755)
        subprocess.run([str(PASSWD), "-b", "-c", str(folder / "passwd"), "gates", PASSWORD], check=True)
        certificate(folder)
        (folder / "mosquitto.conf").write_text(
            f"{'user root' if os.geteuid() == 0 else ''}\n"
            f"persistence true\npersistence_location {folder}/\nautosave_on_changes true\nautosave_interval 1\n"
            f"allow_anonymous false\npassword_file {folder}/passwd\n"
            f"listener {self.port} 127.0.0.1\n"
            f"listener {self.tls_port} 127.0.0.1\ncertfile {folder}/cert.pem\nkeyfile {folder}/key.pem\n"
        )

    def start(self) -> None:
        log = (self.folder / "log").open("ab")
        self.process = subprocess.Popen(
            [str(MOSQUITTO), "-c", str(self.folder / "mosquitto.conf")], stdout=log, stderr=log
        )
        until = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert time.monotonic() < until and self.process.poll() is None, (self.folder / "log").read_text()
                time.sleep(0.02)

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    @property
    def url(self) -> str:
        return f"mqtt://gates:{ENCODED}@127.0.0.1:{self.port}"

    def publish(self, topic: str, payload: str, *more: str, qos: int = 1) -> None:
        subprocess.run(
            [str(PUB), "-h", "127.0.0.1", "-p", str(self.port), "-u", "gates", "-P", PASSWORD, "-q", str(qos), *more]
            + ["-t", topic, "-m", payload],
            check=True,
            timeout=10,
        )


def certificate(folder: Path) -> None:
    """cert.pem, key.pem: for localhost, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


Story = Callable[[FakeIntake, Mosquitto], Coroutine[Any, Any, None]]


def story(test: Story) -> Callable[..., None]:
    """Run a test that is a coroutine, with a broker that runs, in 45 s at most."""

    def runs(intake: FakeIntake, tmp_path: Path) -> None:
        mosquitto = Mosquitto(tmp_path)
        mosquitto.start()
        try:
            asyncio.run(asyncio.wait_for(test(intake, mosquitto), 45))
        finally:
            mosquitto.kill()

    runs.__name__, runs.__doc__ = test.__name__, test.__doc__
    return needs_mosquitto(runs)


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "BACKOFF", (0.1, 0.5))
    monkeypatch.setattr(lanes, "AGAIN", (0.05, 0.2))


async def opened(intake: FakeIntake, *urls: str, authority: str | None = None, **limits: Any) -> Gates:
    found = Brokers(tuple(map(broker, urls)), "tocsin-test", authority)
    ports = dict.fromkeys(listening(), -1) | {"osmand": 0}
    return await serve(intake, ports, "127.0.0.1", Limits(**limits), brokers=found)


def states(gates: Gates) -> list[listener.State]:
    return [each.state for each in gates.listeners if isinstance(each, MqttListener)]


async def until(true: Callable[[], Any], patience: float = 15) -> None:
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(0.01)


async def subscribed(gates: Gates) -> None:
    """All filters are with the broker, and what it had kept of them has come."""
    await until(lambda: all(state.open for state in states(gates)))
    await asyncio.sleep(0.3)


async def publish(mosquitto: Mosquitto, topic: str, payload: str, *more: str, qos: int = 1) -> None:
    await asyncio.to_thread(mosquitto.publish, topic, payload, *more, qos=qos)


@story
async def test_a_press_arrives_and_a_retained_one_is_of_the_past(intake: FakeIntake, mosquitto: Mosquitto) -> None:
    intake.know("zigbee2mqtt", "shop/counter")
    await publish(mosquitto, "zigbee2mqtt/shop/counter", '{"action":"emergency"}', "-r")
    gates = await opened(intake, mosquitto.url)
    try:
        await subscribed(gates)
        (state,) = states(gates)
        await until(lambda: state.retained == 1)
        assert intake.stored == []
        await publish(mosquitto, "zigbee2mqtt/shop/counter", '{"action":"emergency","battery":90}', "-r", qos=0)
        await until(lambda: intake.alarms)
        (alarm,) = intake.alarms
        assert (alarm.battery, bytes.fromhex(alarm.raw or "")[:25]) == (0.9, b"zigbee2mqtt/shop/counter ")
        assert (state.open, state.connections, state.error) == (1, 1, "")
        counters = gates.counters["zigbee2mqtt"]
        assert (counters.frames, counters.errors, counters.alarms) == (1, 0, 1)
        assert gates.counters[f"mqtt 127.0.0.1:{mosquitto.port}"] is state
    finally:
        await gates.close()


@story
async def test_the_same_count_is_the_same_press_and_a_count_that_begins_anew_is_not(
    intake: FakeIntake, mosquitto: Mosquitto
) -> None:
    device = "shellybutton1-A4CF12F45174"
    intake.know("shelly", device)
    gates = await opened(intake, mosquitto.url)
    try:
        await subscribed(gates)
        for count in (41, 41, 42, 41, 1):
            push = f'{{"event":"S","event_cnt":{count}}}'
            await publish(mosquitto, f"shellies/{device}/input_event/0", push)
        await until(lambda: len(intake.alarms) == 4)
        await asyncio.sleep(0.2)
        assert len(intake.alarms) == 4
    finally:
        await gates.close()
    gates = await opened(intake, mosquitto.url)  # a new process, which remembers nothing
    try:
        await subscribed(gates)
        await publish(mosquitto, f"shellies/{device}/input_event/0", '{"event":"S","event_cnt":1}')
        await publish(mosquitto, f"shellies/{device}/sensor/battery", "77")
        await until(lambda: intake.stored[-1][1].battery == 0.77)
        assert len(intake.alarms) == 4, "the button woke up and told its last push again"
    finally:
        await gates.close()


@story
async def test_over_tls_the_certificate_is_verified(intake: FakeIntake, mosquitto: Mosquitto) -> None:
    intake.know("mqttjson", "gate-7")
    url = f"mqtts://gates:{ENCODED}@localhost:{mosquitto.tls_port}"
    gates = await opened(intake, url, authority=str(mosquitto.folder / "cert.pem"))
    try:
        await subscribed(gates)
        await publish(mosquitto, "tocsin/gate-7", "SOS")
        await until(lambda: intake.alarms)
    finally:
        await gates.close()
    for trusted, said in ((None, "certificate verify failed"), ("/nowhere.pem", "TOCSIN_MQTT_CA, /nowhere.pem")):
        gates = await opened(intake, url, authority=trusted)
        try:
            (state,) = states(gates)
            await until(lambda said=said, state=state: said in state.error)
            assert not state.open
        finally:
            await gates.close()


@story
async def test_what_was_pressed_while_the_broker_was_killed_arrives(intake: FakeIntake, mosquitto: Mosquitto) -> None:
    intake.know("tasmota", "stall-3")
    gates = await opened(intake, mosquitto.url)
    try:
        await subscribed(gates)
        (state,) = states(gates)
        mosquitto.kill()
        await until(lambda: not state.open and state.errors >= 2)
        mosquitto.start()
        await publish(mosquitto, "stat/stall-3/RESULT", '{"Button1":{"Action":"HOLD"}}')
        await until(lambda: intake.alarms)
        await until(lambda: state.open)
        assert (len(intake.alarms), state.connections) == (1, 2)
    finally:
        await gates.close()


@story
async def test_what_was_pressed_while_we_were_away_arrives(intake: FakeIntake, mosquitto: Mosquitto) -> None:
    intake.know("mqttjson", "7")
    gates = await opened(intake, mosquitto.url)
    await subscribed(gates)
    await gates.close()
    await publish(mosquitto, "tocsin/7", '{"event":"sos"}')
    await publish(mosquitto, "tocsin/7", '{"event":"panic"}', "-r")  # kept for us, and for late comers: heard once
    assert not intake.alarms
    gates = await opened(intake, mosquitto.url)
    try:
        await subscribed(gates)
        await until(lambda: len(intake.alarms) == 2)
        assert states(gates)[0].retained == 1
    finally:
        await gates.close()


@story
async def test_what_could_not_be_stored_is_stored_once_the_database_is_back(
    intake: FakeIntake, mosquitto: Mosquitto
) -> None:
    intake.know("zigbee2mqtt", "bell")
    intake.away = True
    gates = await opened(intake, mosquitto.url)
    try:
        await subscribed(gates)
        (state,) = states(gates)
        await publish(mosquitto, "zigbee2mqtt/bell", '{"action":"single"}')
        await publish(mosquitto, "zigbee2mqtt/bell", '{"action":"hold"}', qos=0)
        await until(lambda: gates.counters["zigbee2mqtt"].unavailable > 3)
        cut_the_line(gates)  # the broker has no acknowledgement of the first one: it hands it over again
        await until(lambda: state.connections == 2)
        await until(lambda: state.frames == 3)
        intake.away = False
        await until(lambda: len(intake.alarms) == 2)
        await asyncio.sleep(0.3)
        assert len(intake.alarms) == 2
    finally:
        await gates.close()
    gates = await opened(intake, mosquitto.url)
    try:
        await subscribed(gates)
        assert len(intake.alarms) == 2, "it was acknowledged"
    finally:
        await gates.close()


@story
async def test_a_broker_that_upgrades_keeps_what_asks_for_no_acknowledgement(
    intake: FakeIntake, mosquitto: Mosquitto
) -> None:
    """The setting that mqtt/README.md recommends: most buttons publish with QoS 0."""
    mosquitto.kill()
    with (mosquitto.folder / "mosquitto.conf").open("a") as settings:
        settings.write("upgrade_outgoing_qos true\n")
    mosquitto.start()
    intake.know("tasmota", "stall-3")
    gates = await opened(intake, mosquitto.url)
    await subscribed(gates)
    await gates.close()
    await publish(mosquitto, "stat/stall-3/RESULT", '{"Button1":{"Action":"SINGLE"}}', qos=0)
    gates = await opened(intake, mosquitto.url)
    try:
        await until(lambda: intake.alarms)
    finally:
        await gates.close()


def cut_the_line(gates: Gates) -> None:
    (one,) = (each for each in gates.listeners if isinstance(each, MqttListener))
    line = next(iter(one.handled.values())).paho.socket()
    assert isinstance(line, socket.socket)
    line.shutdown(socket.SHUT_RDWR)


@story
async def test_what_was_not_acknowledged_is_handed_over_to_the_next_process(
    intake: FakeIntake, mosquitto: Mosquitto
) -> None:
    intake.know("shelly", "shellyplusi4-a8032abe54dc")
    intake.away = True
    gates = await opened(intake, mosquitto.url)
    await subscribed(gates)
    stamp = time.time()
    event = f'{{"component":"input:0","id":0,"event":"single_push","ts":{stamp}}}'
    push = f'{{"src":"shellyplusi4-a8032abe54dc","method":"NotifyEvent","params":{{"ts":{stamp},"events":[{event}]}}}}'
    await publish(mosquitto, "shellyplusi4-a8032abe54dc/events/rpc", push)
    await until(lambda: gates.counters["shelly"].unavailable)
    await gates.close()
    intake.away = False
    gates = await opened(intake, mosquitto.url)
    try:
        await until(lambda: intake.alarms)
        assert abs(intake.alarms[0].at.timestamp() - stamp) < 0.01  # type: ignore[union-attr]
    finally:
        await gates.close()


@story
async def test_a_broker_that_refuses_us_or_is_not_there_disturbs_nobody(
    intake: FakeIntake, mosquitto: Mosquitto
) -> None:
    intake.know("osmand", "9")
    intake.know("mqttjson", "9")
    wrong = f"mqtt://gates:wrong-secret@127.0.0.1:{mosquitto.port}"
    gates = await opened(intake, wrong, f"mqtt://127.0.0.1:{free_port()}", mosquitto.url)
    try:
        refused, absent, fine = states(gates)
        await until(lambda: refused.errors >= 2 and absent.errors >= 2 and fine.open)
        assert "authori" in refused.error.lower() and "wrong-secret" not in refused.error
        assert "refused" in absent.error.lower()
        await subscribed_to(fine)
        await publish(mosquitto, "tocsin/9", "panic")
        reader, writer = await asyncio.open_connection("127.0.0.1", gates.ports["osmand"])
        writer.write(b"GET /?id=9&alarm=sos HTTP/1.1\r\nhost: x\r\n\r\n")
        assert b"200" in await reader.readline()
        writer.close()
        await until(lambda: len(intake.alarms) == 2)
    finally:
        await gates.close()


async def subscribed_to(state: listener.State) -> None:
    await until(lambda: state.open)
    await asyncio.sleep(0.3)


@story
async def test_a_poisoned_message_ends_nothing(intake: FakeIntake, mosquitto: Mosquitto) -> None:
    for device in ("1", "2"):
        intake.know("mqttjson", device)
    gates = await opened(intake, mosquitto.url, body=200)
    try:
        await subscribed(gates)
        (state,) = states(gates)
        await publish(mosquitto, "tocsin/1", '{"lat":95,"lon":"x"}')  # Malformed
        await publish(mosquitto, "tocsin/1", '{"event":"sos","note":"' + "x" * 300 + '"}')
        await until(lambda: state.too_long == 1)
        intake.fails = ValueError
        await publish(mosquitto, "tocsin/1", '{"event":"sos"}')
        await until(lambda: gates.counters["mqttjson"].errors > lanes.TRIES)
        intake.fails = None
        for _ in range(25):  # more than the broker has under way at once: all of those were acknowledged
            await publish(mosquitto, "tocsin/2", '{"event":"alive"}')
        await publish(mosquitto, "tocsin/2", '{"event":"sos"}')
        await until(lambda: intake.alarms)
        assert (state.open, state.connections) == (1, 1)
    finally:
        await gates.close()


@story
async def test_a_decoder_that_fails_ends_nothing(intake: FakeIntake, mosquitto: Mosquitto) -> None:
    def decode(message: Message, session: Session, now: datetime) -> Decoded:
        if message.payload == b"poison":
            raise RuntimeError("a fault of ours")
        return Decoded(device="1", signals=(Signal(kind="alarm"),))

    intake.know("x", "1")
    reception = Reception("x", intake, Limits())
    one = MqttListener(broker(mosquitto.url), {"x": (MqttGate(topics=("x/#", "x/+"), decode=decode), reception)})
    one.open()
    try:
        await subscribed_to(one.state)
        await publish(mosquitto, "x/1", "poison")
        await publish(mosquitto, "x/1", "press")
        await until(lambda: intake.alarms)
        await asyncio.sleep(0.2)
        assert (len(intake.alarms), reception.counters.errors, len(intake.knocks)) == (1, 1, 1)
    finally:
        await one.close()


@story
async def test_of_a_stranger_a_press_is_a_knock_and_a_lamp_is_nothing(intake: FakeIntake, mosquitto: Mosquitto) -> None:
    gates = await opened(intake, mosquitto.url)
    try:
        await subscribed(gates)
        await publish(mosquitto, "zigbee2mqtt/lamp", '{"state":"ON","brightness":200}')
        await publish(mosquitto, "stat/plug/RESULT", '{"POWER":"ON"}')
        await publish(mosquitto, "zigbee2mqtt/button", '{"action":"single"}')
        await until(lambda: intake.knocks)
        assert [knock[:3] for knock in intake.knocks] == [("zigbee2mqtt", "button", f"127.0.0.1:{mosquitto.port}")]
        assert intake.stored == []
    finally:
        await gates.close()


@story
async def test_owntracks_comes_by_the_same_way(intake: FakeIntake, mosquitto: Mosquitto) -> None:
    gates = await opened(intake, mosquitto.url)
    try:
        if "owntracks" not in gates.receptions:
            pytest.skip("there is no protocol owntracks")
        intake.know("owntracks", "anna/phone")
        await subscribed(gates)
        fix = f'{{"_type":"location","lat":-26.1,"lon":28.05,"tst":{int(time.time())},"acc":9}}'
        await publish(mosquitto, "owntracks/anna/phone", fix)
        await until(lambda: intake.stored or intake.knocks)
        assert [signal.kind for _, signal in intake.stored] == ["position"], intake.knocks
    finally:
        await gates.close()


@story
async def test_a_flood_of_one_device_delays_no_other(intake: FakeIntake, mosquitto: Mosquitto) -> None:
    for device in ("flood", "button"):
        intake.know("mqttjson", device)
    intake.delay = 0.05
    gates = await opened(intake, mosquitto.url)
    try:
        await subscribed(gates)
        lines = "\n".join(f'{{"lat":-26.1,"lon":28.05,"speed":{n}}}' for n in range(3000)).encode()
        flood = subprocess.Popen(
            [str(PUB), "-h", "127.0.0.1", "-p", str(mosquitto.port), "-u", "gates", "-P", PASSWORD]
            + ["-q", "0", "-t", "tocsin/flood", "-l"],
            stdin=subprocess.PIPE,
        )
        await asyncio.to_thread(flood.communicate, lines)
        begun = time.monotonic()
        await publish(mosquitto, "tocsin/button", "sos")
        await until(lambda: intake.alarms)
        assert time.monotonic() - begun < 2
        counters = gates.counters["mqttjson"]
        await until(lambda: counters.frames == 3001)
        assert 2000 < counters.refused < 3000
        assert len(intake.stored) <= 3000 - counters.refused
    finally:
        await gates.close()


def test_an_address_is_read_and_no_password_is_told(monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    assert broker(f"mqtts://gate%40za:{ENCODED}@broker.example.org") == Broker(
        "broker.example.org:8883", "broker.example.org", 8883, True, "gate@za", PASSWORD
    )
    assert broker("mqtt://[::1]") == Broker("[::1]:1883", "::1", 1883)
    urls = "mqtt://a:p/ss@h:1 http://u:secret@h mqtts://u:secret@:1 mqtt://u:secret@h:99999 mqtt://h"
    monkeypatch.setenv("TOCSIN_MQTT_URLS", urls)
    assert [found.name for found in brokers("me").all] == ["h:1883"]
    assert len(caplog.records) == 4
    assert "secret" not in caplog.text and "p/ss" not in caplog.text


@pytest.mark.parametrize("said", ["a", "+", "#", "a/+/b", "a/#", "/", "a//b", "$SYS/#"])
def test_what_is_a_filter(said: str) -> None:
    assert is_filter(said)


@pytest.mark.parametrize("said", ["", "a#", "#/a", "a/b+", "+a/b", "a/#/b", "a\0b", "x" * 65_536])
def test_what_is_none(said: str) -> None:
    assert not is_filter(said)


def test_topics_of_a_gate_come_from_the_protocol_and_from_its_settings() -> None:
    gate = MqttGate(topics=("tocsin/+/#",), decode=lambda *_: Decoded())
    assert filters("x", gate, {}) == ["tocsin/+/#"]
    assert filters("x", gate, {"topics": "home/{device}/event bad/#/x tocsin/+/#"}) == ["tocsin/+/#", "home/+/event"]
    assert filters("x", gate, {"mqtt": "off"}) == []


def test_a_subscription_that_is_refused_is_one() -> None:
    codes = [ReasonCode(PacketTypes.SUBACK, identifier=number) for number in (0, 1, 128)]
    assert [listener._failed(code) for code in (*codes, 1, 128)] == [False, False, True, False, True]


@contextmanager
def silent_server() -> Iterator[int]:
    """Takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_broker_that_never_answers_leaves_no_connection_open(
    intake: FakeIntake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "TIMEOUT", 0.2)

    async def run() -> None:
        with silent_server() as port:
            one = MqttListener(Broker("silent", "127.0.0.1", port), {})
            one.open()
            await until(lambda: one.state.errors >= 4)
            assert "timed out" in one.state.error
            assert len(os.listdir("/proc/self/fd")) < before + 8
            await one.close()

    before = len(os.listdir("/proc/self/fd"))
    asyncio.run(asyncio.wait_for(run(), 20))
