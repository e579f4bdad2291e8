"""Alarm panels on the wire: frames that nobody here wrote, two programs that nobody here wrote, and real sockets."""

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from my_dc09_spt.dc09_spt import dc09_spt
from pysiaalarm import CommunicationsProtocol, SIAAccount, SIAClient, SIAEvent

from tests.gates.conftest import FakeIntake, opened, story
from tests.gates.dc09_vectors import VECTORS, judged
from tocsin.gates.protocol import Moment
from tocsin.gates.protocols.dc09.decoder import SAME
from tocsin.gates.protocols.dc09.encoder import Device
from tocsin.gates.protocols.dc09.frame import build, parse

KEY = "0123456789ABCDEF"  # as text: AES-128


@pytest.fixture(autouse=True)
def within_one_period() -> None:
    """What is sent again is known within SAME by the clock on the wall: do not begin just before a new period."""
    left = SAME.total_seconds() - time.time() % SAME.total_seconds()
    if left < 3:
        time.sleep(left)


def now(seconds: float = 0) -> Moment:
    return Moment(datetime.now(UTC) + timedelta(seconds=seconds), -25.7479, 28.2293)


def test_real_frames_are_accepted_refused_and_decrypted_rightly() -> None:
    verdicts = list(judged())
    if not verdicts:
        pytest.skip(f"no {VECTORS}/sia_dc09*.jsonl: real frames are not part of the project")
    wrong = [f"{row}: {why}" for row, right, why in verdicts if not right]
    assert not wrong, "\n".join(wrong)


# An independent dialler (my-dc09-spt) dials our gate


def dialler(port: int, **path: Any) -> dc09_spt:
    """A premises transceiver with one path to our gate."""
    spt = dc09_spt("1234", **{name: path.pop(name) for name in ("receiver", "line") if name in path})
    spt.set_path("main", "primary", "127.0.0.1", port, **path)
    return spt


def dials(call: Callable[[dc09_spt], object], intake: FakeIntake, settings: dict[str, Any], **path: Any) -> dc09_spt:
    """Let the dialler do `call` while our gate is open. It raises where it hears no ACK."""

    async def tell() -> dc09_spt:
        intake.know("dc09", "1234").settings.update(settings)
        async with opened(intake) as gates:
            spt = dialler(gates.ports["dc09"], **path)
            await asyncio.to_thread(call, spt)
            return spt

    return asyncio.run(asyncio.wait_for(tell(), 30))


PATHS = [
    pytest.param({}, {}, id="tcp"),
    pytest.param({}, {"type": "udp"}, id="udp"),
    pytest.param({}, {"receiver": 1, "line": 0xABC}, id="receiver and line"),
    pytest.param({"key": KEY}, {"key": KEY.encode()}, id="AES-128"),
    pytest.param({"key": "AB" * 32}, {"key": bytes.fromhex("AB" * 32), "line": 0}, id="AES-256"),
    pytest.param({"key": KEY}, {"key": KEY.encode(), "type": "udp"}, id="AES-128 over udp"),
]


@pytest.mark.parametrize(("settings", "path"), PATHS)
def test_a_dialler_of_others_is_heard(intake: FakeIntake, settings: dict[str, Any], path: dict[str, Any]) -> None:
    def call(spt: dc09_spt) -> None:
        spt.send_msg("ADM-CID", {"code": 122, "q": 1, "zone": 3, "area": 1})
        spt.send_msg("SIA-DCS", {"code": "BA", "zone": 12, "area": 1, "text": "back door"})
        spt.send_msg("ADM-CID", {"code": 130, "q": 3, "zone": 3})
        line = spt.tpaths["main"]["primary"]["path"]
        assert spt.transfer_msg(0, "NULL", "]", line)

    spt = dials(call, intake, settings, **path)
    assert spt.notSent() == 0
    told = [(s.kind, s.code, s.zone, s.text, s.silent) for _, s in intake.stored]
    assert told == [
        ("alarm", "E122", "003", None, True),
        ("alarm", "BA", "12", "back door", False),
        ("message", "R130", "003", "R130 003", False),
        ("heartbeat", None, None, None, False),
    ]


def test_a_dialler_of_others_sets_its_clock_by_our_nak_and_sends_again(intake: FakeIntake) -> None:
    def call(spt: dc09_spt) -> None:
        line = spt.tpaths["main"]["primary"]["path"]
        line.set_offset(-3600)
        with contextlib.suppress(TypeError):  # it sends again, and then cannot read our answer: it takes it for text
            spt.send_msg("ADM-CID", {"code": 120, "q": 1, "zone": 3})
        spt.send = None  # its sending thread died of that
        assert abs(line.get_offset()) < 5
        spt.send_msg("ADM-CID", {"code": 602, "q": 1})  # raises if it is not acknowledged

    dials(call, intake, {"key": KEY}, key=KEY.encode())
    assert [(s.kind, s.code) for _, s in intake.stored] == [("alarm", "E120"), ("test", "E602")]


def test_a_dialler_of_others_that_nobody_registered_shows_a_fault(intake: FakeIntake) -> None:
    async def tell() -> None:
        async with opened(intake) as gates:
            spt = dialler(gates.ports["dc09"])
            line = spt.tpaths["main"]["primary"]["path"]
            sent = asyncio.create_task(asyncio.to_thread(spt.transfer_msg, 0, "NULL", "]", line))
            await asyncio.sleep(0.3)
            assert not sent.done()
            assert intake.knocks[0][:2] == ("dc09", "1234")
            await gates.close()
            with pytest.raises(Exception, match="Answer too short"):
                await sent

    asyncio.run(asyncio.wait_for(tell(), 30))


# Our encoder dials an independent receiver (pysiaalarm)


@contextlib.contextmanager
def receiver(key: str | None, protocol: CommunicationsProtocol, heard: list[SIAEvent]) -> Iterator[int]:
    """The receiver of others on a free port; `heard` is what it acknowledged."""
    client = SIAClient("127.0.0.1", 0, [SIAAccount("1234", key)], heard.append, protocol)
    client.start()
    try:
        yield client.sia_server.server_address[1]
    finally:
        client.stop()


@pytest.mark.parametrize("kind", ["tcp", "udp"])
@pytest.mark.parametrize("key", [None, KEY, "0123456789ABCDEF01234567", "0123456789ABCDEF" * 2])
def test_a_receiver_of_others_understands_our_encoder(key: str | None, kind: str) -> None:
    heard: list[SIAEvent] = []
    protocol = CommunicationsProtocol.TCP if kind == "tcp" else CommunicationsProtocol.UDP
    device = Device("1234", key, receiver="R1")
    device.sequence = 0
    if key and len(key) == 32:
        device.key = key.encode()  # it knows no hex keys
    with (
        receiver(key, protocol, heard) as port,
        socket.socket(type=socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM) as line,
    ):
        line.settimeout(5)
        line.connect(("127.0.0.1", port))
        for sent in (
            device.sos(now()),
            device.heartbeat(now()),
            device.report("Nri1/BA003", now(), "SIA-DCS"),
            device.report("3130 01 003", now()),
        ):
            line.sendall(sent)
            got = line.recv(1024)
            assert device.answered(sent, got), got
        deadline = time.monotonic() + 10
        while len(heard) < 4 and time.monotonic() < deadline:
            time.sleep(0.01)  # it answers first and looks then, each datagram in a thread of its own
    heard.sort(key=lambda event: event.sequence or "")
    assert [(event.code, event.ri, event.event_type, event.sequence) for event in heard] == [
        ("RP", "0", None, "0000"),
        ("HA", "000", "122", "0001"),
        ("BA", "1", None, "0002"),
        ("BH", "003", "130", "0003"),
    ]


def test_a_receiver_of_others_refuses_our_wrong_clock() -> None:
    device = Device("1234", KEY, receiver="R1")
    tcp = CommunicationsProtocol.TCP
    with receiver(KEY, tcp, []) as port, socket.create_connection(("127.0.0.1", port), 5) as line:
        line.sendall(device.sos(now(-600)))
        assert parse(line.recv(1024)).token == "NAK"


# Real sockets


class Panel:
    """A panel's TCP connection to our gate."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def to(cls, port: int) -> "Panel":
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def says(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def hears(self) -> bytes:
        return await asyncio.wait_for(self.reader.readuntil(b"\r"), 5)

    async def hears_nothing(self, seconds: float = 0.2) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(self.reader.read(1), seconds)


def ack(sent: bytes) -> bytes:
    return build(b'"ACK"' + parse(sent).echo + b"[]")


@story
async def test_split_and_glued_frames_are_each_answered(intake: FakeIntake) -> None:
    intake.know("dc09", "1234")
    async with opened(intake) as gates:
        line, device = await Panel.to(gates.ports["dc09"]), Device("1234")
        frames = [device.heartbeat(now()), device.sos(now()), device.report("1110 01 002", now())]
        await line.says(b"AT+OK\r\n" + b"".join(frames))
        assert [await line.hears() for _ in frames] == [ack(sent) for sent in frames]
        more = device.report("1130 01 003", now())
        for byte in more:
            await line.says(bytes((byte,)))
            await asyncio.sleep(0)
        assert await line.hears() == ack(more)
        assert [alarm.code for alarm in intake.alarms] == ["E122", "E110", "E130"]


@story
async def test_each_frame_of_a_datagram_is_answered(intake: FakeIntake) -> None:
    intake.know("dc09", "1234")
    intake.know("dc09", "5678").settings["key"] = KEY
    async with opened(intake) as gates:
        loop = asyncio.get_running_loop()
        with socket.socket(type=socket.SOCK_DGRAM) as line:
            line.setblocking(False)
            line.connect(("127.0.0.1", gates.ports["dc09"]))
            plain, secret = Device("1234"), Device("5678", KEY)
            frames = [plain.sos(now()), secret.sos(now()), plain.report("1110 01 002", now())[:-1]]
            await loop.sock_sendall(line, b"".join(frames))
            got = [await asyncio.wait_for(loop.sock_recv(line, 2048), 5) for _ in frames]
            assert plain.answered(frames[0], got[0])
            assert secret.answered(frames[1], got[1])
            assert plain.answered(frames[2], got[2])
        assert [(device.id, signal.kind) for device, signal in intake.stored] == [(n, "alarm") for n in (1, 2, 1)]


@story
async def test_an_encrypted_alarm_sent_again_with_other_bytes_is_stored_once(intake: FakeIntake) -> None:
    intake.know("dc09", "1234").settings["key"] = KEY
    async with opened(intake) as gates:
        device = Device("1234", KEY)
        sent = [device.sos(now())]
        sent += [device.again("1122 00 000", now(seconds)) for seconds in range(-20, 0)]
        assert len(set(sent)) == 21
        for each in sent:
            line = await Panel.to(gates.ports["dc09"])
            await line.says(each)
            assert device.answered(each, await line.hears())
            line.writer.close()
        assert [(alarm.code, alarm.silent) for alarm in intake.alarms] == [("E122", True)]


@story
async def test_an_alarm_while_intake_is_away_is_not_acknowledged(intake: FakeIntake) -> None:
    intake.know("dc09", "1234")
    async with opened(intake) as gates:
        line, device = await Panel.to(gates.ports["dc09"]), Device("1234")
        sos = device.sos(now())
        intake.away = True
        await line.says(sos)
        assert await asyncio.wait_for(line.reader.read(), 5) == b"", "closed without an answer"
        intake.away = False
        again = await Panel.to(gates.ports["dc09"])
        await again.says(sos)
        assert await again.hears() == ack(sos)
        assert len(intake.alarms) == 1


@story
async def test_an_ack_follows_the_storing(intake: FakeIntake) -> None:
    intake.know("dc09", "1234")
    intake.delay = 0.3
    async with opened(intake) as gates:
        line, device = await Panel.to(gates.ports["dc09"]), Device("1234")
        sos = device.sos(now())
        await line.says(sos)
        await line.hears_nothing()
        assert not intake.stored
        assert await line.hears() == ack(sos)
        assert intake.alarms[0].raw == sos[:-1].hex()
