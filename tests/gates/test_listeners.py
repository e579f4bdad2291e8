"""Over real sockets: what a device on the wire can rely on, and what nobody on the wire can do to another."""

import asyncio
import contextlib
import socket
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from tests.gates.conftest import FakeIntake, opened, story
from tocsin.gates import registry
from tocsin.gates.protocol import Cut, Decoded, Malformed, Moment, Session, StreamGate, Unavailable
from tocsin.gates.protocols.gt06.encoder import Device
from tocsin.gates.protocols.gt06.frame import build
from tocsin.gates.signal import Signal

IMEI = "356314041234567"


def here() -> Moment:
    return Moment(datetime.now(UTC), -25.7479, 28.2293)


class Line:
    """A device's TCP connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def to(cls, port: int) -> "Line":
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def says(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def hears(self, data: bytes) -> None:
        assert await asyncio.wait_for(self.reader.readexactly(len(data)), 5) == data

    async def hears_nothing(self, seconds: float = 0.15) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(self.reader.read(1), seconds)

    async def is_closed(self) -> None:
        with contextlib.suppress(ConnectionResetError):
            assert await asyncio.wait_for(self.reader.read(1), 5) == b""

    def close(self) -> None:
        self.writer.close()


async def request(port: int, raw: str) -> tuple[int, dict[str, str], bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(raw.encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers["content-length"]))
    writer.close()
    return int(head[0].split()[1]), headers, body


async def get(port: int, target: str) -> tuple[int, dict[str, str], bytes]:
    return await request(port, f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n")


def answer(frame: bytes) -> bytes:
    return build(frame[3], int.from_bytes(frame[-6:-4], "big"))


# GT06 over TCP ------------------------------------------------------------------------------------------------


@story
async def test_a_press_is_answered_only_after_it_is_stored(intake: FakeIntake) -> None:
    intake.know("gt06", IMEI)
    intake.delay = 0.3
    async with opened(intake) as gates:
        line, device = await Line.to(gates.ports["gt06"]), Device(IMEI)
        hello, sos = device.hello(), device.sos(here())
        await line.says(hello + sos)
        await line.hears_nothing(0.2)
        assert not intake.stored
        await line.hears(answer(hello) + answer(sos))
        assert intake.alarms[0].raw == sos.hex()


@story
async def test_a_byte_at_a_time_and_all_at_once_are_the_same(intake: FakeIntake) -> None:
    intake.know("gt06", IMEI)
    async with opened(intake) as gates:
        line, device = await Line.to(gates.ports["gt06"]), Device(IMEI)
        frames = [device.hello(), device.heartbeat(here()), device.sos(here())]
        for byte in b"".join(frames):
            await line.says(bytes((byte,)))
            await asyncio.sleep(0)
        await line.hears(b"".join(map(answer, frames)))
        more = [device.position(here()) for _ in range(300)]
        await line.says(b"".join(more))
        await line.hears(b"".join(map(answer, more)))
        assert (len(intake.alarms), len(intake.stored)) == (1, 303)


@story
async def test_garbage_before_a_frame_does_not_hide_it(intake: FakeIntake) -> None:
    intake.know("gt06", IMEI)
    async with opened(intake) as gates:
        line, device = await Line.to(gates.ports["gt06"]), Device(IMEI)
        hello, sos = device.hello(), device.sos(here())
        await line.says(b"\x00AT+OK\r\n" + hello + sos[:17])
        await line.says(sos)
        await line.hears(answer(hello) + answer(sos))


@story
async def test_when_nothing_can_be_stored_nothing_is_answered_and_a_resend_is_one_press(intake: FakeIntake) -> None:
    intake.know("gt06", IMEI)
    async with opened(intake) as gates:
        line, device = await Line.to(gates.ports["gt06"]), Device(IMEI)
        hello, sos = device.hello(), device.sos(here())
        await line.says(hello)
        await line.hears(answer(hello))
        intake.away = True
        await line.says(sos)
        await line.is_closed()
        assert gates.counters["gt06"].unavailable == 1
        intake.away = False
        for _ in range(20):
            again = await Line.to(gates.ports["gt06"])
            await again.says(hello + sos)
            await again.hears(answer(hello) + answer(sos))
            again.close()
        assert len(intake.alarms) == 1


@story
async def test_what_was_stored_before_the_database_went_is_answered(intake: FakeIntake) -> None:
    intake.know("gt06", IMEI)
    async with opened(intake) as gates:
        line, device = await Line.to(gates.ports["gt06"]), Device(IMEI)
        intake.fails = Unavailable
        hello, sos, after = device.hello(), device.sos(here()), device.heartbeat(here())
        await line.says(hello + sos + after)
        await line.hears(answer(hello))
        await line.is_closed()


@story
async def test_a_stranger_is_seen_stays_and_keeps_its_alarm_until_registered(intake: FakeIntake) -> None:
    async with opened(intake) as gates:
        line, device = await Line.to(gates.ports["gt06"]), Device(IMEI)
        hello, beat, sos = device.hello(), device.heartbeat(here()), device.sos(here())
        await line.says(hello + beat + sos)
        await line.hears(answer(hello) + answer(beat))
        await line.hears_nothing()
        assert [knock[:3] for knock in intake.knocks] == [("gt06", IMEI, "127.0.0.1")] * 3
        assert gates.counters["gt06"].unknown == 3
        intake.know("gt06", IMEI)
        await line.says(sos)
        await line.hears(answer(sos))
        assert len(intake.alarms) == 1


@story
async def test_an_alarm_before_any_login_is_seen(intake: FakeIntake) -> None:
    async with opened(intake) as gates:
        line = await Line.to(gates.ports["gt06"])
        await line.says(Device(IMEI).sos(here()))
        await line.hears_nothing()
        assert intake.knocks[0][:2] == ("gt06", "")


@story
async def test_two_hundred_devices_at_once_are_each_answered(intake: FakeIntake) -> None:
    intake.delay = 0.01

    async def one(number: int, port: int) -> None:
        identifier = f"3563140412{number:05d}"
        intake.know("gt06", identifier)
        line, device = await Line.to(port), Device(identifier)
        frames = [device.hello(), device.position(here()), device.sos(here()), device.heartbeat(here())]
        for frame in frames:
            await line.says(frame)
        await line.hears(b"".join(map(answer, frames)))
        line.close()

    async with opened(intake) as gates:
        await asyncio.gather(*(one(n, gates.ports["gt06"]) for n in range(200)))
        assert len(intake.alarms) == len({id(device) for device, signal in intake.stored}) == 200
        await asyncio.sleep(0.05)
        assert (gates.counters["gt06"].connections, gates.counters["gt06"].open) == (200, 0)


@story
async def test_one_devices_trouble_is_no_others(intake: FakeIntake) -> None:
    intake.know("gt06", IMEI)
    other = "356314049999999"
    intake.know("gt06", other)
    async with opened(intake) as gates:
        good, bad = await Line.to(gates.ports["gt06"]), await Line.to(gates.ports["gt06"])
        first, second = Device(IMEI), Device(other)
        hello, beat = first.hello(), first.heartbeat(here())
        await good.says(hello)
        intake.fails = RuntimeError
        await bad.says(second.hello() + second.sos(here()))
        await good.says(beat)
        await good.hears(answer(hello) + answer(beat))
        assert gates.counters["gt06"].errors == 1


@story
async def test_a_scanner_is_let_go(intake: FakeIntake) -> None:
    async with opened(intake, garbage=512) as gates:
        for noise in (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 40, b"\x16\x03\x01" + bytes(900), b"\x78" * 3000):
            line = await Line.to(gates.ports["gt06"])
            await line.says(noise)
            await line.is_closed()
        assert not intake.stored and not intake.knocks


@story
async def test_who_hangs_up_after_a_press_is_still_answered(intake: FakeIntake) -> None:
    intake.know("gt06", IMEI)
    intake.delay = 0.1
    async with opened(intake) as gates:
        line, device = await Line.to(gates.ports["gt06"]), Device(IMEI)
        hello, sos = device.hello(), device.sos(here())
        await line.says(hello + sos)
        line.writer.write_eof()
        await line.hears(answer(hello) + answer(sos))
        await line.is_closed()


@story
async def test_who_says_nothing_is_let_go(intake: FakeIntake) -> None:
    intake.know("gt06", IMEI)
    async with opened(intake, first=0.2, idle=0.8) as gates:
        quiet, spoke = await Line.to(gates.ports["gt06"]), await Line.to(gates.ports["gt06"])
        hello = Device(IMEI).hello()
        await spoke.says(hello)
        await spoke.hears(answer(hello))
        await quiet.is_closed()
        await spoke.hears_nothing(0.2)
        await spoke.is_closed()


@story
async def test_connections_have_a_limit_for_all_and_for_each_address(intake: FakeIntake) -> None:
    intake.know("gt06", IMEI)
    for limits in ({"connections": 2}, {"per_address": 2}):
        async with opened(intake, **limits) as gates:
            lines = [await Line.to(gates.ports["gt06"]) for _ in range(2)]
            await asyncio.sleep(0.05)
            await (await Line.to(gates.ports["gt06"])).is_closed()
            lines[0].close()
            await asyncio.sleep(0.05)
            again, hello = await Line.to(gates.ports["gt06"]), Device(IMEI).hello()
            await again.says(hello)
            await again.hears(answer(hello))


@story
async def test_a_flood_is_held_back_and_loses_nothing(intake: FakeIntake) -> None:
    intake.know("gt06", IMEI)
    intake.delay = 0.002
    async with opened(intake, backlog=4096) as gates:
        line, device = await Line.to(gates.ports["gt06"]), Device(IMEI)
        frames = [device.hello(), *(device.position(here()) for _ in range(4000))]
        sending = asyncio.create_task(line.says(b"".join(frames)))
        await line.hears(b"".join(map(answer, frames)))
        await sending
        assert len(intake.stored) == 4001


@story
async def test_closing_stores_what_was_read(intake: FakeIntake) -> None:
    intake.know("gt06", IMEI)
    intake.delay = 0.2
    async with opened(intake) as gates:
        line, device = await Line.to(gates.ports["gt06"]), Device(IMEI)
        hello, sos = device.hello(), device.sos(here())
        await line.says(hello + sos)
        await asyncio.sleep(0.05)
    await line.hears(answer(hello) + answer(sos))
    assert len(intake.alarms) == 1


# OsmAnd over HTTP ---------------------------------------------------------------------------------------------


@story
async def test_http_says_200_404_400_and_503(intake: FakeIntake) -> None:
    intake.know("osmand", "7")
    async with opened(intake) as gates:
        port = gates.ports["osmand"]
        assert (await get(port, "/?id=7&lat=-26.1&lon=28.05&alarm=sos"))[0] == 200
        assert intake.alarms[0].raw
        assert (await get(port, "/?id=8&lat=-26.1&lon=28.05"))[0] == 404
        assert intake.knocks[0][:3] == ("osmand", "8", "127.0.0.1")
        status, _, body = await get(port, "/?lat=-26.1&lon=28.05")
        assert (status, body[:2]) == (400, b"id")
        intake.away = True
        status, headers, _ = await get(port, "/?id=7&lat=-26.1&lon=28.05")
        assert (status, headers["retry-after"]) == (503, "5")
        counters = gates.counters["osmand"]
        assert (counters.frames, counters.errors, counters.unknown, counters.unavailable) == (4, 1, 1, 1)


@story
async def test_http_takes_json_and_no_more_than_it_can_hold(intake: FakeIntake) -> None:
    intake.know("osmand", "7")
    async with opened(intake, body=2000) as gates:
        body = msgspec.json.encode({"device_id": "7", "location": {"coords": {"latitude": 1, "longitude": 2}}}).decode()
        head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: "
        assert (await request(gates.ports["osmand"], f"{head}{len(body)}\r\n\r\n{body}"))[0] == 200
        assert (await request(gates.ports["osmand"], f"{head}4000\r\n\r\n{'x' * 4000}"))[0] == 413


@story
async def test_a_slow_request_ends(intake: FakeIntake) -> None:
    async with opened(intake, patience=0.2, first=0.3) as gates:
        head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{"
        assert (await request(gates.ports["osmand"], head))[0] == 408
        slow = await Line.to(gates.ports["osmand"])
        await slow.says(b"GET / HT")
        await slow.is_closed()


@story
async def test_http_connections_have_a_limit(intake: FakeIntake) -> None:
    async with opened(intake, per_address=1) as gates:
        first = await Line.to(gates.ports["osmand"])
        await asyncio.sleep(0.05)
        await (await Line.to(gates.ports["osmand"])).is_closed()
        first.close()
        await asyncio.sleep(0.05)
        assert (await get(gates.ports["osmand"], "/?id=1"))[0] == 404


# A protocol over UDP and TCP, made here -----------------------------------------------------------------------


def _split(buffer: bytes) -> Cut:
    end = buffer.find(b";")
    return Cut(None, 0) if end < 0 else Cut(buffer[: end + 1], end + 1)


def _decode(frame: bytes, session: Session, now: datetime) -> Decoded:
    """`name;` says who, `!;` presses, `?;` is broken, `boom;` is a bug. The device's setting `word` is the reply."""
    if frame == b"?;":
        raise Malformed("?")
    if frame == b"boom;":
        raise ZeroDivisionError
    if frame != b"!;":
        session.device = frame[:-1].decode()
        return Decoded(device=session.device, reply=b"hello", stranger=b"who")
    signals = (Signal(kind="alarm"), Signal(kind="position"))
    return Decoded(device=session.device, signals=signals, reply=session.setting("word", "ok").encode())


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = StreamGate(port=0, split=_split, decode=_decode, transports=("tcp", "udp"), longest=64)
    monkeypatch.setattr("tocsin.gates.run.gates", lambda: {"toy": gate})


class Wire(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.got: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.got.put_nowait(data)


@pytest.mark.usefixtures("toy")
class TestAnyProtocol:
    @staticmethod
    async def _udp(port: int) -> tuple[asyncio.DatagramTransport, Wire]:
        return await asyncio.get_running_loop().create_datagram_endpoint(Wire, remote_addr=("127.0.0.1", port))

    def test_udp_and_tcp_share_port_decoder_and_settings(self, intake: FakeIntake) -> None:
        async def tell() -> None:
            intake.know("toy", "ann").settings["word"] = "aye"
            async with opened(intake) as gates:
                line = await Line.to(gates.ports["toy"])
                await line.says(b"ann;!;")
                await line.hears(b"helloaye")
                transport, wire = await self._udp(gates.ports["toy"])
                transport.sendto(b"ann;!;")
                assert [await wire.got.get(), await wire.got.get()] == [b"hello", b"aye"]
                transport.sendto(b"?;boom;")
                transport.sendto(b"!;")
                assert await wire.got.get() == b"aye", "an address keeps its session, whatever it sent"
                intake.away = True
                transport.sendto(b"!;")
                await asyncio.sleep(0.1)
                assert wire.got.empty()
                transport.close()
            assert [signal.kind for _, signal in intake.stored] == ["alarm", "position"] * 3

        asyncio.run(asyncio.wait_for(tell(), 20))

    def test_a_decoder_that_fails_is_logged_and_the_raw_bytes_are_seen(
        self, intake: FakeIntake, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def tell() -> None:
            intake.know("toy", "ann")
            async with opened(intake) as gates:
                line = await Line.to(gates.ports["toy"])
                await line.says(b"ann;boom;?;!;")
                await line.hears(b"hellook")
                assert gates.counters["toy"].errors == 2

        asyncio.run(asyncio.wait_for(tell(), 20))
        assert "toy 127.0.0.1 ann: the decoder failed" in caplog.text
        assert intake.knocks == [("toy", "ann", "127.0.0.1", b"boom;")]

    def test_a_frame_longer_than_any_is_dropped_and_the_next_is_read(self, intake: FakeIntake) -> None:
        async def tell() -> None:
            intake.know("toy", "ann")
            async with opened(intake) as gates:
                line = await Line.to(gates.ports["toy"])
                await line.says(b"x" * 1000 + b";ann;!;")
                got = await line.reader.readuntil(b"ok")
                assert got.endswith(b"hellook")

        asyncio.run(asyncio.wait_for(tell(), 20))


def test_a_taken_port_is_named(intake: FakeIntake) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        async def tell() -> None:
            from tocsin.gates.run import serve

            with pytest.raises(OSError, match=r"gate osmand: port \d+ of 127\.0\.0\.1"):
                await serve(intake, {"gt06": 0, "osmand": taken.getsockname()[1]}, "127.0.0.1")

        asyncio.run(tell())


def test_every_folder_is_a_protocol_with_all_that_belongs_to_it() -> None:
    ports = [gate.port for gate in registry.gates().values()]
    assert len(set(ports)) == len(ports)
    for name in registry.gates():
        folder = registry.FOLDER / name
        assert all((folder / file).exists() for file in ("encoder.py", "test_decoder.py", "README.md")), name
        registry.encoder(name)("1")
