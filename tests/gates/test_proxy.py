"""The PROXY protocol: a header in any portions, nothing behind it touched, and nobody believed who is no balancer."""

import asyncio
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.gates.conftest import FakeIntake, opened, story
from tests.gates.wire import Line
from tocsin.gates.listeners.proxy import LONGEST_V1, SIGNATURE, Balancers, real_address, source, wanted
from tocsin.gates.protocol import Malformed
from tocsin.gates.protocols.gt06.encoder import Device
from tocsin.gates.protocols.gt06.frame import build

IMEI = "356314041234567"
HERE = {"balancers": Balancers("127.0.0.0/8")}
V1 = b"PROXY TCP4 203.0.113.7 198.51.100.1 56324 443\r\n"


def v2(command: int = 1, family: int = 1, transport: int = 1, rest: bytes = b"", version: int = 2) -> bytes:
    return SIGNATURE + bytes((version << 4 | command, family << 4 | transport)) + len(rest).to_bytes(2, "big") + rest


def inet(address: str, other: str = "198.51.100.1") -> bytes:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    other = "2001:db8::1" if ":" in address else other
    return socket.inet_pton(family, address) + socket.inet_pton(family, other) + b"\xdc\x04\x01\xbb"


TLV = b"\x04\x00\x03abc" + b"\x20\x00\x02\x01\x00"
GOOD: dict[str, tuple[bytes, str | None]] = {
    "v1 IPv4": (V1, "203.0.113.7"),
    "v1 IPv6": (b"PROXY TCP6 2001:db8::7 2001:db8::1 1 65535\r\n", "2001:db8::7"),
    "v1 unknown": (b"PROXY UNKNOWN\r\n", None),
    "v1 unknown with the rest": (b"PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n", None),
    "v2 IPv4": (v2(rest=inet("203.0.113.7")), "203.0.113.7"),
    "v2 IPv4 with TLVs": (v2(rest=inet("203.0.113.7") + TLV), "203.0.113.7"),
    "v2 IPv6": (v2(family=2, rest=inet("2001:db8::7")), "2001:db8::7"),
    "v2 IPv6 with TLVs": (v2(family=2, rest=inet("2001:db8::7") + TLV), "2001:db8::7"),
    "v2 Unix": (v2(family=3, rest=bytes(216)), None),
    "v2 unspecified": (v2(family=0, transport=0), None),
    "v2 unspecified with TLVs": (v2(family=0, transport=0, rest=TLV), None),
    "v2 local": (v2(command=0, family=0, transport=0), None),
    "v2 local with addresses": (v2(command=0, rest=inet("203.0.113.7")), None),
}
BAD = {
    "a frame": Device(IMEI).hello(),
    "HTTP": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(30),
    "v1 address of the other family": b"PROXY TCP4 2001:db8::7 2001:db8::1 1 2\r\n",
    "v1 no address": b"PROXY TCP4 somewhere else 1 2\r\n",
    "v1 no port": b"PROXY TCP4 203.0.113.7 198.51.100.1 1\r\n",
    "v1 port too large": b"PROXY TCP4 203.0.113.7 198.51.100.1 1 65536\r\n",
    "v1 negative port": b"PROXY TCP4 203.0.113.7 198.51.100.1 -1 5\r\n",
    "v1 UDP": b"PROXY UDP4 203.0.113.7 198.51.100.1 1 2\r\n",
    "v1 nothing said": b"PROXY       \r\n",
    "v1 no ASCII": b"PROXY TCP4 203.0.113.7 \xff 1 2\r\n",
    "v1 no end": b"PROXY TCP4 " + b"1" * LONGEST_V1,
    "v1 line feed alone": b"PROXY TCP4 203.0.113.7 198.51.100.1 1 2\n" + b" " * LONGEST_V1,
    "v1 carriage return within": b"PROXY TCP4 203.0.113.7\r 198.51.100.1 1 2\r\n",
    "v2 of another version": v2(version=3, rest=inet("203.0.113.7")),
    "v2 unknown command": v2(command=2, rest=inet("203.0.113.7")),
    "v2 unknown family": v2(family=4, rest=inet("203.0.113.7")),
    "v2 unknown transport": v2(transport=3, rest=inet("203.0.113.7")),
    "v2 too short for its family": v2(family=2, rest=inet("203.0.113.7")),
    "v2 far too long": SIGNATURE + b"\x21\x11\xff\xff",
}


def read(stream: bytes) -> tuple[str | None, bytes]:
    """As the listener reads: only what is certainly the header's. The rest is left."""
    header = b""
    while more := wanted(header):
        part = stream[len(header) : len(header) + more]
        if not part:
            raise Malformed("the end is missing")
        header += part
    return source(header), stream[len(header) :]


@pytest.mark.parametrize(("header", "address"), GOOD.values(), ids=GOOD)
def test_a_header_is_read_and_what_follows_is_left(header: bytes, address: str | None) -> None:
    for following in (b"", b"\n", b"\r\n\r\n\x00\r\nQUIT\n", Device(IMEI).hello(), b"PROXY "):
        assert read(header + following) == (address, following)


@pytest.mark.parametrize("header", BAD.values(), ids=BAD)
def test_what_is_no_header_is_refused(header: bytes) -> None:
    with pytest.raises(Malformed):
        read(header)


@given(st.sampled_from(sorted(GOOD)), st.data())
def test_a_header_that_is_cut_is_never_taken_for_whole(name: str, data: st.DataObject) -> None:
    header = GOOD[name][0]
    cut = data.draw(st.integers(0, len(header) - 1))
    assert 0 < wanted(header[:cut]) <= len(header) - cut


@given(st.binary(max_size=300) | st.binary(max_size=60).map(lambda b: SIGNATURE + b))
def test_no_bytes_whatever_make_it_fail_otherwise(stream: bytes) -> None:
    try:
        _, rest = read(stream)
    except Malformed:
        return
    assert stream.endswith(rest)


@given(st.sampled_from(sorted(GOOD)), st.lists(st.integers(1, 40), max_size=12), st.binary(max_size=50))
def test_over_a_socket_any_portions_are_the_same(name: str, portions: list[int], following: bytes) -> None:
    header, address = GOOD[name]
    stream = header + following

    async def tell() -> None:
        here, there = socket.socketpair()
        here.setblocking(False)
        there.setblocking(False)
        loop = asyncio.get_running_loop()
        reading = asyncio.create_task(real_address(here))
        rest = stream
        for portion in (*portions, len(stream)):
            await loop.sock_sendall(there, rest[:portion])
            rest = rest[portion:]
            await asyncio.sleep(0)
        assert await asyncio.wait_for(reading, 5) == address
        there.close()
        left = b""
        while part := await loop.sock_recv(here, 100):
            left += part
        assert left == following
        here.close()

    asyncio.run(tell())


def test_balancers_are_addresses_and_networks() -> None:
    ours = Balancers("10.0.0.0/8, 127.0.0.1 2001:db8::/32")
    assert all(a in ours for a in ("10.1.2.3", "127.0.0.1", "2001:db8::9", "2001:db8::9%eth0"))
    assert not any(a in ours for a in ("11.0.0.1", "127.0.0.2", "::1"))
    assert "10.0.0.1" not in Balancers("")
    with pytest.raises(ValueError, match="balancer"):
        Balancers("127.0.0.1 balancer.example.org")


# At a gate ----------------------------------------------------------------------------------------------------


def answer(frame: bytes) -> bytes:
    return build(frame[3], int.from_bytes(frame[-6:-4], "big"))


@story
async def test_the_real_address_is_known_and_frames_follow_at_once(intake: FakeIntake) -> None:
    async with opened(intake, HERE) as gates:
        hello = Device(IMEI).hello()
        for header, address in GOOD.values():
            line = await Line.to(gates.ports["gt06"])
            await line.says(header + hello)
            await line.hears(answer(hello))
            assert intake.knocks.pop()[2] == (address or "127.0.0.1")
            line.close()


@story
async def test_a_header_a_byte_at_a_time(intake: FakeIntake) -> None:
    async with opened(intake, HERE) as gates:
        hello = Device(IMEI).hello()
        for header in (V1, GOOD["v2 IPv6 with TLVs"][0]):
            line = await Line.to(gates.ports["gt06"])
            for byte in header + hello:
                await line.says(bytes((byte,)))
                await asyncio.sleep(0.001)
            await line.hears(answer(hello))


@story
async def test_a_balancer_without_a_header_is_let_go(intake: FakeIntake) -> None:
    async with opened(intake, HERE, handshake=0.3) as gates:
        for said in (*BAD.values(), b"", V1[:20]):
            line = await Line.to(gates.ports["gt06"])
            await line.says(said)
            await line.is_closed(within=2)
        counters = gates.counters["gt06"]
        assert (counters.open, counters.connections, counters.errors) == (0, 0, len(BAD))
        assert not intake.knocks


@story
async def test_from_elsewhere_a_header_is_garbage(intake: FakeIntake) -> None:
    async with opened(intake, {"balancers": Balancers("10.0.0.0/8")}) as gates:
        line, hello = await Line.to(gates.ports["gt06"]), Device(IMEI).hello()
        await line.says(V1 + hello)
        await line.hears(answer(hello))
        assert intake.knocks[0][2] == "127.0.0.1"


@story
async def test_limits_count_the_real_address(intake: FakeIntake) -> None:
    async with opened(intake, HERE, per_address=1) as gates:
        hello = Device(IMEI).hello()
        other = V1.replace(b"203.0.113.7", b"203.0.113.8")
        lines = [await Line.to(gates.ports["gt06"]) for _ in range(2)]
        for line, header in zip(lines, (V1, other), strict=True):
            await line.says(header + hello)
            await line.hears(answer(hello))
        again = await Line.to(gates.ports["gt06"])
        await again.says(V1 + hello)
        await again.is_closed()
        counters = gates.counters["gt06"]
        assert (counters.open, counters.refused) == (2, 1)


@story
async def test_of_an_ipv6_address_its_network_is_counted(intake: FakeIntake) -> None:
    async with opened(intake, HERE, per_address=1) as gates:
        hello = Device(IMEI).hello()
        first, neighbour, far = (
            f"PROXY TCP6 {address} 2001:db8::1 1 2\r\n".encode()
            for address in ("2001:db8:0:7::1", "2001:db8:0:7::2", "2001:db8:0:8::1")
        )
        lines = [await Line.to(gates.ports["gt06"]) for _ in range(3)]
        for line, header, taken in zip(lines, (first, neighbour, far), (True, False, True), strict=True):
            await line.says(header + hello)
            await (line.hears(answer(hello)) if taken else line.is_closed())


@story
async def test_over_http_too(intake: FakeIntake) -> None:
    async with opened(intake, HERE) as gates:
        line = await Line.to(gates.ports["osmand"])
        await line.says(V1 + b"GET /?id=8&lat=-26.1&lon=28.05 HTTP/1.1\r\nHost: x\r\n\r\n")
        await line.hears(b"HTTP/1.1 404 ")
        assert intake.knocks[0][:3] == ("osmand", "8", "203.0.113.7")
