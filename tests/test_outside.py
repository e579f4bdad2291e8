"""Whoever gives us an address cannot make us speak to our own network: by name, by number, or a moment later."""

import asyncio
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tocsin.lib import outside as module
from tocsin.lib.outside import MOST, Forbidden, Outside, Reply, Unreachable, is_public, outside, retry_after
from tocsin.notifications.channels.authority import Authority

HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
PUBLIC = "8.8.8.8 1.1.1.1 2606:4700::1111 2a00:1450::1 ::ffff:8.8.8.8 64:ff9b::808:808"
INNER = (
    "127.0.0.1 10.0.0.1 192.168.1.1 172.16.0.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255 240.0.0.1 "
    "192.0.2.1 198.18.0.1 ::1 :: fe80::1%eth0 fc00::1 fec0::1 ff02::1 ::ffff:127.0.0.1 ::ffff:10.1.2.3 "
    "64:ff9b::7f00:1 2002:7f00:1:: 2002:a00:1:: 2001:0:7f00:1::1 2001:db8::1 ::127.0.0.1 localhost"
)


class Far:
    """A server on this machine. `heard`: what it was sent; `answer`: what it says."""

    def __init__(self, answer: bytes = HELLO, each: int = 1000) -> None:
        self.answer, self.each = answer, each  # requests that one connection serves
        self.heard, self.connections = list[bytes](), 0

    @asynccontextmanager
    async def open(self, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=context)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        served = 0
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lengths = [int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length:")]
                self.heard.append(head + await reader.readexactly(sum(lengths)))
                if (served := served + 1) > self.each:
                    return
                writer.write(self.answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def names(**known: list[str]) -> tuple[list[str], Callable[[str, int], Awaitable[list[str]]]]:
    """A name server of ours: what it was asked, and how to ask. Several answers follow one another."""
    asked = list[str]()

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        answers = known[host.partition(".")[0]]
        return (answers.pop(0) if len(answers) > 1 else answers[0]).split()

    return asked, resolve


def test_which_addresses_are_public() -> None:
    assert [each for each in PUBLIC.split() if not is_public(each)] == []
    assert [each for each in INNER.split() if is_public(each)] == []


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f000001", "127.1", "0.0.0.0"],
)
def test_our_own_machine_is_never_asked(host: str) -> None:
    async def story() -> None:
        far = Far()
        async with far.open() as port:
            with pytest.raises((Forbidden, Unreachable)):
                await Outside().post(f"https://{host}:{port}/", {}, b"{}")
        assert far.connections == 0

    asyncio.run(story())


def test_a_name_with_one_inner_address_among_public_ones_is_refused() -> None:
    async def story() -> None:
        asked, resolve = names(mixed=["93.184.215.14 127.0.0.1"])
        with pytest.raises(Forbidden, match=r"mixed.test is at 127\.0\.0\.1"):
            await Outside(resolve=resolve).post("https://mixed.test/", {}, b"")
        assert asked == ["mixed.test"]

    asyncio.run(story())


def test_a_name_that_points_elsewhere_a_moment_later_wins_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the name is asked once a connection, and the connection goes to the address that was judged."""
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    judged = list[str]()

    def judge(address: str) -> bool:
        judged.append(address)
        return len(judged) == 1  # the first answer passes for public, as the attacker's does

    monkeypatch.setattr(module, "is_public", judge)

    async def story() -> None:
        far = Far(HELLO.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        asked, resolve = names(rebound=["127.0.0.1", "127.0.0.2"])
        async with far.open(authority.server("rebound.test")) as port:
            client = Outside(resolve=resolve)
            assert (await client.post(f"https://rebound.test:{port}/", {}, b"")).status == 200
            assert (asked, judged) == (["rebound.test"], ["127.0.0.1"])
            with pytest.raises(Forbidden, match=r"127\.0\.0\.2"):
                await client.post(f"https://rebound.test:{port}/", {}, b"")
        assert far.connections == 1

    asyncio.run(story())


def test_the_certificate_must_be_of_the_name_and_of_an_authority(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path)

    async def story(host: str) -> Reply:
        far = Far()
        async with far.open(authority.server("right.test")) as port:
            _, resolve = names(right=["127.0.0.1"], wrong=["127.0.0.1"])
            client = Outside(private=True, resolve=resolve)
            reply = await client.post(f"https://{host}:{port}/hook?a=b", {"X-Key": "v"}, b"body")
        assert far.heard[0].startswith(b"POST /hook?a=b HTTP/1.1\r\n")
        assert f"Host: {host}:{port}\r\n".encode() in far.heard[0]
        assert far.heard[0].endswith(b"\r\n\r\nbody")
        return reply

    with pytest.raises(Unreachable, match="certificate"):
        asyncio.run(story("right.test"))
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    assert asyncio.run(story("right.test")) == (200, {"content-length": "2"}, b"hi")
    with pytest.raises(Unreachable, match="certificate"):
        asyncio.run(story("wrong.test"))


@pytest.mark.parametrize(
    "url",
    ["http://8.8.8.8/", "ftp://8.8.8.8/", "https://", "https:///x", "https://me:pw@8.8.8.8/", "//8.8.8.8/", "", "\0"],
)
def test_what_is_no_address_of_a_server(url: str) -> None:
    with pytest.raises(Forbidden):
        asyncio.run(Outside().post(url, {}, b""))


def test_a_redirect_is_not_followed() -> None:
    async def story() -> None:
        far = Far(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
        async with far.open() as port:
            reply = await Outside(private=True).post(f"http://127.0.0.1:{port}/", {}, b"")
        assert (reply.status, reply.headers["location"], len(far.heard)) == (302, "http://127.0.0.1:1/", 1)

    asyncio.run(story())


def test_an_endless_answer_is_cut_and_an_endless_wait_too() -> None:
    async def story() -> None:
        far = Far(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n" + b"x" * (MOST + 5000))
        async with far.open() as port:
            client = Outside(private=True)
            assert (await client.post(f"http://127.0.0.1:{port}/", {}, b"")).body == b"x" * MOST
            far.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"
            with pytest.raises(Unreachable, match=r"within 0\.2 s"):
                await client.post(f"http://127.0.0.1:{port}/", {}, b"", within=0.2)

    asyncio.run(story())


def test_connections_are_kept_for_the_next_request() -> None:
    async def story() -> None:
        far = Far()
        async with far.open() as port:
            for _ in range(3):
                assert (await outside(True).post(f"http://127.0.0.1:{port}/", {}, b"")).status == 200
        assert (far.connections, len(far.heard)) == (1, 3)
        assert outside(True) is outside(True) is not outside()

    asyncio.run(story())


def test_a_connection_that_was_just_closed_costs_no_alarm() -> None:
    async def story() -> None:
        far, client = Far(each=1), Outside(private=True)
        async with far.open() as port:
            for _ in range(3):
                assert (await client.post(f"http://127.0.0.1:{port}/", {}, b"x")).status == 200
        assert far.connections == 3

    asyncio.run(story())


def test_nobody_there() -> None:
    async def story() -> None:
        client = Outside(private=True)
        far = Far(b"nonsense\r\n\r\n")
        async with far.open() as port:
            with pytest.raises(Unreachable):
                await client.post(f"http://127.0.0.1:{port}/", {}, b"")
        with pytest.raises(Unreachable):
            await client.post(f"http://127.0.0.1:{port}/", {}, b"")
        _, nowhere = names(none=[""])
        with pytest.raises(Unreachable, match="no address"):
            await Outside(resolve=nowhere).post("https://none.test/", {}, b"")

    asyncio.run(story())


def test_the_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        proxy, far = Far(), Far()
        async with proxy.open() as wrong, far.open() as port:
            for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
                monkeypatch.setenv(name, f"http://127.0.0.1:{wrong}")
            assert (await Outside(private=True).post(f"http://127.0.0.1:{port}/", {}, b"")).status == 200
        assert (proxy.connections, far.connections) == (0, 1)

    asyncio.run(story())


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("30", 30), (" 5 ", 5), ("", None), ("soon", None), ("-3", None), ("Wed, 21 Oct 2015 07:28:00 GMT", 0)],
)
def test_retry_after(said: str, seconds: float | None) -> None:
    assert retry_after(said) == seconds


def test_many_at_once_from_two_loops() -> None:
    """Each event loop has its own connections."""
    trouble = list[Any]()

    async def story() -> None:
        far = Far()
        async with far.open() as port:
            posts = [outside(True).post(f"http://127.0.0.1:{port}/", {}, b"x") for _ in range(40)]
            assert {reply.status for reply in await asyncio.gather(*posts)} == {200}

    def run() -> None:
        try:
            asyncio.run(story())
        except BaseException as error:
            trouble.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert trouble == []
