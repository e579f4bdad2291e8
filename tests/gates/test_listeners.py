"""Over real sockets: what a device on the wire can rely on, and what nobody on the wire can do to another."""

import asyncio
import contextlib
import socket
import time
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
import uvloop

from tests.gates.conftest import FakeIntake, opened, story
from tests.gates.wire import Line, get, request
from tocsin.gates import registry
from tocsin.gates.listeners import Limits, Reception, TcpListener
from tocsin.gates.protocol import Cut, Decoded, Malformed, Moment, Session, StreamGate, Unavailable
from tocsin.gates.protocols.gt06.encoder import Device
from tocsin.gates.protocols.gt06.frame import build
from tocsin.gates.run import listening
from tocsin.gates.signal import Signal
from tocsin.gates.traces import LAST

IMEI = "356314041234567"


def here() -> Moment:
    return Moment(datetime.now(UTC), -25.7479, 28.2293)


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
async def test_a_frame_that_comes_while_another_is_stored_waits_for_no_third(intake: FakeIntake) -> None:
    intake.know("gt06", IMEI)
    async with opened(intake) as gates:
        line, device = await Line.to(gates.ports["gt06"]), Device(IMEI)
        hello, position, sos = device.hello(), device.position(here()), device.sos(here())
        await line.says(hello)
        await line.hears(answer(hello))
        intake.delay = 0.3
        await line.says(position)
        await asyncio.sleep(0.1)
        await line.says(sos)
        await line.hears(answer(position) + answer(sos))


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


SMB = b"\xffSMBr\x00\x00\x00\x00\x18\x53\xc8" + bytes(20) + b"\x00\x02NT LM 0.12\x00"
SCANNERS = {
    "HTTP": b"GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: scan\r\n\r\n",
    "HTTP proxy": b"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n",
    "TLS": b"\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03" + bytes(range(194)),
    "SIP": b"OPTIONS sip:nm SIP/2.0\r\nVia: SIP/2.0/TCP nm;branch=foo\r\nMax-Forwards: 70\r\n\r\n",
    "RTSP": b"DESCRIBE rtsp://10.0.0.1/ RTSP/1.0\r\nCSeq: 2\r\n\r\n",
    "SMB": b"\x00" + len(SMB).to_bytes(3, "big") + SMB,
    "SMB 2": b"\x00\x00\x00\x10\xfeSMB@\x00\x00\x00\x00\x00\x00\x00",
    "SSH": b"SSH-2.0-Go\r\n",
    "remote desktop": bytes.fromhex("0300001e0ee000000000000300") + b"Cookie: mstshash=a\r\n",
}


@story
async def test_a_scanner_is_let_go_at_once_at_every_gate(intake: FakeIntake) -> None:
    streams = [name for name, gate in listening().items() if isinstance(gate, StreamGate)]
    async with opened(intake) as gates:
        for name in streams:
            for said in SCANNERS.values():
                line = await Line.to(gates.ports[name])
                await line.says(said)
                await line.is_closed(within=2)
        assert not intake.stored and not intake.knocks
        assert {gates.counters[name].open for name in streams} == {0}
        assert {gates.counters[name].errors for name in streams} == {len(SCANNERS)}


@story
async def test_a_scanner_at_a_web_gate_is_let_go(intake: FakeIntake) -> None:
    async with opened(intake, first=0.3, patience=0.3) as gates:
        for said in (*SCANNERS.values(), bytes(4000)):
            line = await Line.to(gates.ports["osmand"])
            await line.says(said)
            answer = await asyncio.wait_for(line.reader.read(1000), 2)
            assert answer == b"" or answer.startswith(b"HTTP/1.1 400 ")
        assert not intake.stored


@story
async def test_who_sends_only_garbage_is_let_go(intake: FakeIntake) -> None:
    async with opened(intake, garbage=512) as gates:
        for noise in (b"\x78" * 3000, bytes(9000), b"hello " * 300):
            line = await Line.to(gates.ports["gt06"])
            await line.says(noise)
            await line.is_closed()
        assert not intake.stored and not intake.knocks


@story
async def test_a_frame_that_does_not_end_ends_the_connection(intake: FakeIntake) -> None:
    intake.know("gt06", IMEI)
    async with opened(intake, whole=0.4) as gates:
        slow, asleep, device = await Line.to(gates.ports["gt06"]), await Line.to(gates.ports["gt06"]), Device(IMEI)
        hello, sos = device.hello(), device.sos(here())
        for line in (slow, asleep):
            await line.says(hello)
            await line.hears(answer(hello))
        await asleep.hears_nothing(0.6)
        for byte in sos[:12]:
            await slow.says(bytes((byte,)))
            await asyncio.sleep(0.02)
        await slow.is_closed(within=2)
        await asleep.says(sos)
        await asleep.hears(answer(sos))


@story
async def test_a_device_with_a_full_memory_holds_up_nobody(intake: FakeIntake) -> None:
    intake.delay = 0.002
    async with opened(intake) as gates:
        full = [f"35631404100000{n}" for n in range(8)]
        for identifier in (*full, IMEI):
            intake.know("gt06", identifier)

        async def pour(identifier: str) -> None:
            line, device = await Line.to(gates.ports["gt06"]), Device(identifier)
            frames = b"".join((device.hello(), *(device.position(here()) for _ in range(3000))))
            reading = asyncio.create_task(line.reader.read(-1))
            with contextlib.suppress(ConnectionError):
                await line.says(frames)
                await reading

        pouring = [asyncio.create_task(pour(identifier)) for identifier in full]
        await asyncio.sleep(0.2)
        took = []
        for _ in range(5):
            line, device = await Line.to(gates.ports["gt06"]), Device(IMEI)
            hello, sos = device.hello(), device.sos(here())
            begun = time.perf_counter()
            await line.says(hello + sos)
            await line.hears(answer(hello) + answer(sos))
            took.append(time.perf_counter() - begun)
            line.close()
            await asyncio.sleep(0.05)
        assert not any(task.done() for task in pouring), "they were still pouring all the time"
        assert sorted(took)[2] < 0.5
        for task in pouring:
            task.cancel()


@story
async def test_without_descriptors_those_who_are_there_go_on(intake: FakeIntake) -> None:
    class Exhausted:
        """A listening socket of a process that has no descriptors left for a while."""

        def __init__(self, sock: socket.socket) -> None:
            self.sock, self.failures = sock, 3

        def accept(self) -> Any:
            self.failures -= 1
            if self.failures >= 0:
                raise OSError(24, "Too many open files")
            return self.sock.accept()

        def __getattr__(self, name: str) -> Any:
            return getattr(self.sock, name)

    sock = socket.create_server(("127.0.0.1", 0))
    sock.setblocking(False)
    gate = registry.gates()["gt06"][0]
    assert isinstance(gate, StreamGate)
    listener = TcpListener(gate, Reception("gt06", intake, Limits()))
    await listener.open(Exhausted(sock))  # type: ignore[arg-type]
    line, hello = await Line.to(listener.port), Device(IMEI).hello()
    await line.says(hello)
    await line.hears(answer(hello))
    await listener.close()


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
async def test_a_slow_second_request_ends_too(intake: FakeIntake) -> None:
    async with opened(intake, patience=0.3) as gates:
        line = await Line.to(gates.ports["osmand"])
        await line.says(b"GET /?id=1&lat=1&lon=2 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await line.reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 404 ")
        await line.says(b"GET / HT")
        await line.is_closed(within=2)


@story
async def test_headers_without_an_end_are_not_kept(intake: FakeIntake) -> None:
    async with opened(intake, head=1000, body=1000) as gates:
        line = await Line.to(gates.ports["osmand"])
        await line.says(b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(500)))
        await line.is_closed(within=2)


@story
async def test_a_request_knows_its_whole_address_and_an_alarm_keeps_no_password(intake: FakeIntake) -> None:
    intake.know("osmand", "7")
    async with opened(intake) as gates:
        port = gates.ports["osmand"]
        assert (await get(port, "/?id=7&alarm=sos&password=hunter2"))[0] == 200
    kept = bytes.fromhex(intake.alarms[0].raw or "")
    assert kept == b"GET /?id=7&alarm=sos&password=***"


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
    monkeypatch.setattr("tocsin.gates.run.gates", lambda: {"toy": (gate,)})


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

        uvloop.run(asyncio.wait_for(tell(), 20))

    def test_who_never_reads_is_let_go(self, intake: FakeIntake) -> None:
        async def tell() -> None:
            intake.know("toy", "ann").settings["word"] = "x" * 50_000
            async with opened(intake) as gates:
                loop, sock = asyncio.get_running_loop(), socket.socket()
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                sock.setblocking(False)
                await loop.sock_connect(sock, ("127.0.0.1", gates.ports["toy"]))
                await loop.sock_sendall(sock, b"ann;")
                with contextlib.suppress(ConnectionError):
                    while gates.counters["toy"].frames < 5_000:
                        await loop.sock_sendall(sock, b"!;" * 10)
                        await asyncio.sleep(0.001)
                assert gates.counters["toy"].frames < 5_000
                await asyncio.sleep(0.1)
                assert gates.counters["toy"].open == 0
                sock.close()

        uvloop.run(asyncio.wait_for(tell(), 20))

    def test_one_who_floods_with_datagrams_takes_no_others_place(self, intake: FakeIntake) -> None:
        async def tell() -> None:
            for name in ("ann", "bob"):
                intake.know("toy", name)
            intake.delay = 0.3
            async with opened(intake, datagrams=50, per_peer=20) as gates:
                (loud, _), (quiet, heard) = await self._udp(gates.ports["toy"]), await self._udp(gates.ports["toy"])
                for _ in range(200):
                    loud.sendto(b"ann;!;")
                quiet.sendto(b"bob;!;")
                assert [await heard.got.get(), await heard.got.get()] == [b"hello", b"ok"]
                assert gates.counters["toy"].refused == 180
                await asyncio.sleep(0.4)
                loud.sendto(b"ann;!;")
                await asyncio.sleep(0.5)
                assert gates.counters["toy"].refused == 180
                for transport in (loud, quiet):
                    transport.close()

        uvloop.run(asyncio.wait_for(tell(), 20))

    def test_forged_addresses_push_no_device_out_of_memory(self, intake: FakeIntake) -> None:
        async def tell() -> None:
            intake.know("toy", "ann")
            async with opened(intake, peers=3) as gates:
                transport, wire = await self._udp(gates.ports["toy"])
                transport.sendto(b"ann;")
                assert await wire.got.get() == b"hello"
                for _ in range(10):
                    forger, _ = await self._udp(gates.ports["toy"])
                    forger.sendto(b"?;garbage")
                    await asyncio.sleep(0.01)
                    forger.close()
                transport.sendto(b"!;")
                assert await wire.got.get() == b"ok"
                transport.close()

        uvloop.run(asyncio.wait_for(tell(), 20))

    def test_a_datagram_is_looked_at_for_a_while_only(self, intake: FakeIntake) -> None:
        async def tell() -> None:
            intake.know("toy", "ann")
            async with opened(intake, at_once=5) as gates:
                transport, wire = await self._udp(gates.ports["toy"])
                transport.sendto(b"?;" * 30_000)
                transport.sendto(b"ann;")
                assert await wire.got.get() == b"hello"
                assert gates.counters["toy"].frames == 6
                transport.close()

        uvloop.run(asyncio.wait_for(tell(), 20))

    def test_the_gates_own_settings_come_from_the_environment(
        self, intake: FakeIntake, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for setting, value in (("TWILIO_TOKEN", "x y"), ("PORT", "7"), ("TLS_PORT", "8")):
            monkeypatch.setenv(f"TOCSIN_GATE_TOY_{setting}", value)
        monkeypatch.setenv("TOCSIN_GATE_OTHER_WORD", "z")

        async def tell() -> None:
            async with opened(intake) as gates:
                assert gates.reception("toy").session().gate == {"twilio_token": "x y"}

        uvloop.run(asyncio.wait_for(tell(), 20))

    def test_what_was_counted_and_what_was_said(self, intake: FakeIntake) -> None:
        async def tell() -> None:
            ann = intake.know("toy", "ann")
            intake.delay = 0.02
            async with opened(intake) as gates:
                line = await Line.to(gates.ports["toy"])
                await line.says(b"ann;" + b"!;" * 30)
                await line.hears(b"hello" + b"ok" * 30)
                await line.says(b"?;")
                await line.says(b"bob;")
                await line.hears(b"who")
                counters = gates.counters["toy"]
                assert (counters.frames, counters.stored, counters.alarms, counters.errors) == (33, 60, 30, 1)
                assert sum(counters.took.counts) == 30
                assert counters.took.counts[:2] == [0, 0], "none took 10 ms or less"
                assert counters.took.seconds > 30 * 0.02
                said = gates.traces.take()
                assert [(f.device, f.protocol, f.address) for f in said] == [(ann.id, "toy", "127.0.0.1")] * LAST
                assert [(f.frame, f.reply) for f in said] == [(b"!;", b"ok")] * (LAST - 1) + [(b"?;", None)]
                assert not gates.traces.take()

        uvloop.run(asyncio.wait_for(tell(), 20))

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

        uvloop.run(asyncio.wait_for(tell(), 20))
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

        uvloop.run(asyncio.wait_for(tell(), 20))


def test_a_taken_port_is_named(intake: FakeIntake) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        async def tell() -> None:
            from tocsin.gates.run import serve

            with pytest.raises(OSError, match=r"gate osmand: port \d+ of 127\.0\.0\.1"):
                await serve(intake, {"gt06": 0, "osmand": taken.getsockname()[1]}, "127.0.0.1")

        uvloop.run(tell())


def test_every_folder_is_a_protocol_with_all_that_belongs_to_it() -> None:
    ports = [gate.port for gate in listening().values()]
    assert len(set(ports)) == len(ports)
    for name in registry.gates():
        folder = registry.FOLDER / name
        assert all((folder / file).exists() for file in ("encoder.py", "pairing.py", "test_decoder.py", "README.md")), (
            name
        )
        registry.encoder(name)(registry.pairings()[name].example)
