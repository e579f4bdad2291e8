"""The same gates over TLS: renewal without a restart, and no harm from whoever speaks something else."""

import asyncio
import logging
import os
import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.gates.conftest import FakeIntake, opened
from tests.gates.wire import Line, get, request
from tocsin.gates.listeners.proxy import Balancers
from tocsin.gates.listeners.tls import Certificate
from tocsin.gates.protocols.gt06.encoder import Device
from tocsin.gates.protocols.gt06.frame import build

IMEI = "356314041234567"


def answer(frame: bytes) -> bytes:
    return build(frame[3], int.from_bytes(frame[-6:-4], "big"))


class Authority:
    """Issues certificates into two files, as a renewal does: each is put in place whole."""

    def __init__(self, folder: Path) -> None:
        self.chain, self.key = folder / "chain.pem", folder / "key.pem"
        self.serial = 0

    def issue(self, password: bytes | None = None) -> int:
        """A new pair; its serial number."""
        self.serial += 1
        key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gates.example.org")])
        made = (
            x509.CertificateBuilder(name, name, key.public_key(), self.serial)
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .sign(key, hashes.SHA256())
        )
        kept = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
        pkcs8 = serialization.PrivateFormat.PKCS8
        self._put(self.chain, made.public_bytes(serialization.Encoding.PEM))
        self._put(self.key, key.private_bytes(serialization.Encoding.PEM, pkcs8, kept))
        return self.serial

    @staticmethod
    def _put(path: Path, content: bytes) -> None:
        part = path.with_suffix(".part")
        part.write_bytes(content)
        os.replace(part, path)

    def at(self, *names: str, **more: Any) -> dict[str, Any]:
        return {"tls_ports": dict.fromkeys(names, 0), "certificate": Certificate(self.chain, self.key), **more}


def client(most: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version, context.maximum_version = min(most, ssl.TLSVersion.TLSv1_2), most
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


def serial_of(line: Line) -> int:
    shown = line.writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    return x509.load_der_x509_certificate(shown).serial_number


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


Loop = Callable[[Any], None]


@pytest.fixture(params=["uvloop", "asyncio"])
def run(request: pytest.FixtureRequest) -> Loop:
    runs = uvloop.run if request.param == "uvloop" else asyncio.run
    return lambda story: runs(asyncio.wait_for(story, 30))


def test_the_same_gate_speaks_both(run: Loop, intake: FakeIntake, authority: Authority) -> None:
    async def tell() -> None:
        intake.know("gt06", IMEI)
        intake.know("osmand", "7")
        authority.issue()
        async with opened(intake, authority.at("gt06", "osmand")) as gates:
            device = Device(IMEI)
            hello = device.hello()
            lines = await Line.to(gates.ports["gt06"]), await Line.to(gates.tls_ports["gt06"], client())
            for line in lines:
                for byte in hello:
                    await line.says(bytes((byte,)))
                await line.hears(answer(hello))
            assert gates.counters["gt06"].open == 2
            lines[1].close()
            assert (await get(gates.ports["osmand"], "/?id=7&lat=1&lon=2"))[0] == 200
            assert (await get(gates.tls_ports["osmand"], "/?id=7&lat=1&lon=2", client()))[0] == 200
            head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
            body = '{"device_id":"7","location":{"coords":{"latitude":1,"longitude":2}}}'
            told = await request(gates.tls_ports["osmand"], f"{head}{len(body)}\r\n\r\n{body}", client())
            assert told[0] == 200
            await asyncio.sleep(0.1)
            assert gates.counters["gt06"].open == 1

    run(tell())


def test_a_flood_over_tls_is_held_back_and_loses_nothing(run: Loop, intake: FakeIntake, authority: Authority) -> None:
    async def tell() -> None:
        from tocsin.gates.protocol import Moment

        intake.know("gt06", IMEI)
        intake.delay = 0.002
        authority.issue()
        async with opened(intake, authority.at("gt06"), backlog=4096) as gates:
            line, device = await Line.to(gates.tls_ports["gt06"], client()), Device(IMEI)
            here = Moment(datetime.now(UTC), -25.7479, 28.2293)
            frames = [device.hello(), *(device.position(here) for _ in range(2000))]
            sending = asyncio.create_task(line.says(b"".join(frames)))
            await line.hears(b"".join(map(answer, frames)))
            await sending
            assert len(intake.stored) == 2001

    run(tell())


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_old_versions_of_tls_are_refused(run: Loop, intake: FakeIntake, authority: Authority) -> None:
    async def tell() -> None:
        authority.issue()
        async with opened(intake, authority.at("gt06")) as gates:
            await Line.to(gates.tls_ports["gt06"], client(ssl.TLSVersion.TLSv1_2))
            with pytest.raises((ssl.SSLError, ConnectionError)):
                await Line.to(gates.tls_ports["gt06"], client(ssl.TLSVersion.TLSv1_1))

    run(tell())


def test_a_renewed_certificate_is_shown_to_new_connections_and_old_ones_stay(
    run: Loop, intake: FakeIntake, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    async def tell() -> None:
        first = authority.issue()
        async with opened(intake, authority.at("gt06")) as gates:
            port, hello = gates.tls_ports["gt06"], Device(IMEI).hello()
            old = await Line.to(port, client())
            assert serial_of(old) == first

            stale = authority.key.read_bytes()
            second = authority.issue()
            fresh = authority.key.read_bytes()
            Authority._put(authority.key, stale)  # between the two files of a renewal
            await asyncio.sleep(1.3)
            assert serial_of(await Line.to(port, client())) == first
            Authority._put(authority.key, fresh)
            await asyncio.sleep(1.3)
            assert serial_of(await Line.to(port, client())) == second
            await old.says(hello)
            await old.hears(answer(hello))

    run(tell())
    assert "the old one stays" in caplog.text
    assert str(authority.chain) in caplog.text


def test_a_bad_certificate_is_named_other_gates_open_and_a_good_one_is_taken_later(
    run: Loop, intake: FakeIntake, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    async def tell() -> None:
        async with opened(intake, authority.at("gt06")) as gates:
            hello = Device(IMEI).hello()
            line = await Line.to(gates.ports["gt06"])
            await line.says(hello)
            await line.hears(answer(hello))
            with pytest.raises((ssl.SSLError, ConnectionError)):
                await Line.to(gates.tls_ports["gt06"], client())
            serial = authority.issue()
            await asyncio.sleep(1.3)
            assert serial_of(await Line.to(gates.tls_ports["gt06"], client())) == serial
            assert gates.counters["gt06"].open == 2

    run(tell())
    assert f"{authority.chain}: No such file or directory" in caplog.text
    assert len([record for record in caplog.records if record.levelno >= logging.ERROR]) == 1


@pytest.mark.parametrize("trouble", ["no certificate", "another key", "a key with a password"])
def test_trouble_with_a_certificate_is_told(
    authority: Authority, trouble: str, caplog: pytest.LogCaptureFixture
) -> None:
    authority.issue(b"secret" if "password" in trouble else None)
    if trouble == "no certificate":
        authority.chain.write_text("hello")
    if trouble == "another key":
        chain = authority.chain.read_bytes()
        authority.issue()
        authority.chain.write_bytes(chain)
    certificate = Certificate(authority.chain, authority.key)
    certificate.look()
    certificate.look()
    assert certificate.context is None
    (record,) = caplog.records
    assert str(authority.chain) in record.getMessage()
    assert str(authority.key) in record.getMessage()


def test_plain_bytes_at_the_tls_port_are_let_go(run: Loop, intake: FakeIntake, authority: Authority) -> None:
    async def tell() -> None:
        authority.issue()
        async with opened(intake, authority.at("gt06", "osmand"), handshake=0.5) as gates:
            for said in (Device(IMEI).hello(), b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"hi", b"", bytes(3000)):
                for name in ("gt06", "osmand"):
                    line = await Line.to(gates.tls_ports[name])
                    await line.says(said)
                    with_alert = await asyncio.wait_for(line.reader.read(100), 3)
                    assert with_alert[:1] in (b"", b"\x15"), "nothing but an alert of TLS"
            await asyncio.sleep(0.1)
            assert [counters.open for counters in gates.counters.values()] == [0] * len(gates.counters)
            assert not intake.knocks

    run(tell())


def test_a_tls_hello_at_a_plain_port_is_let_go_at_once(run: Loop, intake: FakeIntake, authority: Authority) -> None:
    async def tell() -> None:
        async with opened(intake) as gates:
            for name in gates.ports:
                with pytest.raises((ssl.SSLError, ConnectionError)):
                    await asyncio.wait_for(Line.to(gates.ports[name], client()), 3)
            assert not intake.knocks

    run(tell())


def test_handshakes_are_counted_and_bounded_by_address(run: Loop, intake: FakeIntake, authority: Authority) -> None:
    async def tell() -> None:
        authority.issue()
        async with opened(intake, authority.at("gt06"), per_address=2, handshake=0.6) as gates:
            port = gates.tls_ports["gt06"]
            slow = [await Line.to(port) for _ in range(2)]
            await asyncio.sleep(0.1)
            await (await Line.to(port)).is_closed(within=0.3)
            assert gates.counters["gt06"].refused == 1
            for line in slow:
                await line.is_closed()
            await asyncio.sleep(0.05)
            assert gates.counters["gt06"].open == 0
            await Line.to(port, client())

    run(tell())


def test_a_balancers_header_comes_before_tls(run: Loop, intake: FakeIntake, authority: Authority) -> None:
    async def tell() -> None:
        authority.issue()
        async with opened(intake, authority.at("gt06", balancers=Balancers("127.0.0.1"))) as gates:
            loop = asyncio.get_running_loop()
            sock = socket.socket()
            sock.setblocking(False)
            await loop.sock_connect(sock, ("127.0.0.1", gates.tls_ports["gt06"]))
            await loop.sock_sendall(sock, b"PROXY TCP4 203.0.113.7 198.51.100.1 56324 443\r\n")
            line = Line(*await asyncio.open_connection(sock=sock, ssl=client(), server_hostname="x"))
            hello = Device(IMEI).hello()
            await line.says(hello)
            await line.hears(answer(hello))
            assert intake.knocks[0][2] == "203.0.113.7"

    run(tell())


def test_who_hangs_up_after_a_press_over_tls_is_stored(run: Loop, intake: FakeIntake, authority: Authority) -> None:
    async def tell() -> None:
        from tocsin.gates.protocol import Moment

        intake.know("gt06", IMEI)
        intake.delay = 0.2
        authority.issue()
        async with opened(intake, authority.at("gt06")) as gates:
            line, device = await Line.to(gates.tls_ports["gt06"], client()), Device(IMEI)
            await line.says(device.hello() + device.sos(Moment(datetime.now(UTC), -25.7, 28.2)))
            line.close()
            await asyncio.sleep(0.6)
            assert len(intake.alarms) == 1
            assert gates.counters["gt06"].open == 0

    run(tell())
