"""Requests to servers whose address somebody else gave us: partners, push services. Only to public addresses.

The name is resolved once, every address behind it must be public, and the connection goes to an address that was looked
at: a name that points elsewhere a moment later (DNS rebinding) wins nothing. Certificates are checked against the name.
No redirect is followed, no proxy of the environment asked, no more of an answer read than is needed.
"""

import asyncio
import ipaddress
import os
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from weakref import WeakKeyDictionary

import certifi
import h11
import httpx

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]
MOST = 64 * 1024  # bytes of an answer's body
LONGEST = 15.0  # seconds for a whole exchange
CONNECT = 5.0  # seconds for one address of several
IDLE = 30.0  # seconds for which a connection is kept for the next request
SPARE = 50  # connections kept to one server
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class Forbidden(Exception):
    """We do not send there: no HTTPS, no name, or an address that is not public. Said for the operator."""


class Unreachable(Exception):
    """No answer came: the name, the connection, the certificate, the time. Worth another try."""


class Reply(NamedTuple):
    """`headers`: names in lower case. `body`: at most MOST bytes of it."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def wait(self) -> float | None:
        """Seconds that the server asks us to wait; None when it does not say."""
        return retry_after(self.headers.get("retry-after", ""))

    def said(self, most: int = 120) -> str:
        """The status and the first words of the body, for a person."""
        words = " ".join(self.body[:4096].decode("utf-8", "replace").split())
        return f"{self.status} {words}".strip()[:most]


def retry_after(said: str) -> float | None:
    """Seconds from a Retry-After header: a number or a date (RFC 9110 section 10.2.3)."""
    said = said.strip()
    if said.isascii() and said.isdecimal():
        return float(said[:9])
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - time.time()) if said else None
    except (ValueError, OverflowError):
        return None


def is_public(text: str) -> bool:
    """Whether an IP address belongs to the internet at large, and so does the IPv4 address in it if it holds one."""
    try:
        address: Address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        inside = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        inside.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in NAT64 else None)
        if any(each is not None and not is_public(str(each)) for each in inside):
            return False
        if address.ipv4_mapped is not None or address in NAT64:
            return True
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved and not address.is_unspecified


def trust() -> ssl.SSLContext:
    """Whose certificates we believe: the usual authorities, or those in the file that SSL_CERT_FILE names."""
    return ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE") or certifi.where())


async def resolved(host: str, port: int) -> list[str]:
    """Every address of a name, in the order in which the system would try them. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(row[4][0]) for row in found))


class _Connection:
    """One connection, HTTP/1.1, one request after the other. `fresh`: its first request."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer, self.http = reader, writer, h11.Connection(h11.CLIENT)
        self.fresh, self.used = True, 0.0

    async def post(self, target: bytes, headers: list[tuple[str, str]], body: bytes) -> Reply:
        """Raises OSError when the connection is lost, h11.RemoteProtocolError when it is no HTTP that comes back."""
        request = h11.Request(method="POST", target=target, headers=headers)
        sent = [self.http.send(each) for each in (request, h11.Data(data=body), h11.EndOfMessage())]
        self.writer.write(b"".join(filter(None, sent)))
        await self.writer.drain()
        status, named, said = 0, dict[str, str](), bytearray()
        while len(said) < MOST:
            event = self.http.next_event()
            if event is h11.NEED_DATA:
                self.http.receive_data(await self.reader.read(65536))
            elif isinstance(event, h11.Response):
                status = event.status_code
                named = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in event.headers}
            elif isinstance(event, h11.Data):
                said += event.data
            elif isinstance(event, h11.EndOfMessage):
                break
            elif isinstance(event, h11.ConnectionClosed):
                raise ConnectionResetError("closed without an answer")
        return Reply(status, named, bytes(said[:MOST]))

    def again(self) -> bool:
        """Whether it can take another request."""
        if self.http.our_state is not h11.DONE or self.http.their_state is not h11.DONE or self.writer.is_closing():
            return False
        self.http.start_next_cycle()
        self.fresh, self.used = False, time.monotonic()
        return True


class Outside:
    """Connections to others, kept open for the next request. `private`: also inside our own network, without TLS."""

    def __init__(self, private: bool = False, resolve: Resolve = resolved) -> None:
        self.private, self.resolve, self.trust = private, resolve, trust()
        self.spare: dict[tuple[str, int, bool], list[_Connection]] = {}

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, within: float = LONGEST) -> Reply:
        """POST; once more when a kept connection turns out to be closed, so the far end must know a repeat.

        Raises Forbidden or Unreachable; any status is a Reply, a redirect too.
        """
        target = self._target(url)
        sent = {"Host": target.netloc.decode("ascii"), "User-Agent": "Tocsin", "Accept": "*/*", **headers}
        try:
            async with asyncio.timeout(within):
                return await self._exchange(target, [*sent.items(), ("Content-Length", str(len(body)))], body)
        except TimeoutError:
            raise Unreachable(f"no answer from {target.host} within {within:g} s") from None
        except (OSError, UnicodeError, h11.RemoteProtocolError) as error:
            raise Unreachable(f"{target.host}: {str(error) or type(error).__name__}") from error

    async def _exchange(self, target: httpx.URL, headers: list[tuple[str, str]], body: bytes) -> Reply:
        tls = target.scheme == "https"
        server = target.raw_host.decode("ascii"), target.port or (443 if tls else 80), tls
        while True:
            connection = self._kept(server) or await self._connect(*server)
            try:
                reply = await connection.post(target.raw_path, headers, body)
            except (OSError, h11.RemoteProtocolError):
                if connection.fresh:
                    raise
                continue
            finally:
                self._keep(server, connection)
            return reply

    def _kept(self, server: tuple[str, int, bool]) -> _Connection | None:
        spare, now = self.spare.get(server, []), time.monotonic()
        while spare:
            connection = spare.pop()
            if now - connection.used < IDLE and not connection.reader.at_eof() and not connection.writer.is_closing():
                return connection
            connection.writer.close()
        return None

    def _keep(self, server: tuple[str, int, bool], connection: _Connection) -> None:
        spare = self.spare.setdefault(server, [])
        if len(spare) < SPARE and connection.again():
            spare.append(connection)
        else:
            connection.writer.close()

    async def _connect(self, host: str, port: int, tls: bool) -> _Connection:
        addresses = await self.resolve(host, port)
        if not self.private and (inner := [each for each in addresses if not is_public(each)]):
            raise Forbidden(f"{host} is at {inner[0]}, which is not a public address")
        trouble = OSError(f"{host} has no address")
        context, name = (self.trust, host) if tls else (None, None)
        for address in addresses:
            try:
                async with asyncio.timeout(CONNECT):
                    opened = await asyncio.open_connection(address, port, ssl=context, server_hostname=name)
                return _Connection(*opened)
            except OSError as error:  # a timeout is one
                trouble = error
        raise trouble

    def _target(self, url: str) -> httpx.URL:
        try:
            target = httpx.URL(url)
        except (httpx.InvalidURL, TypeError) as error:
            raise Forbidden(f"not an address: {error}") from None
        if target.scheme != "https" and not (self.private and target.scheme == "http"):
            raise Forbidden("the address must begin with https://")
        if not target.host or target.userinfo:
            raise Forbidden("the address must name a server, and nobody's password")
        return target


_open: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[bool, Outside]] = WeakKeyDictionary()


def outside(private: bool = False) -> Outside:
    """The connections of the running event loop."""
    here = _open.setdefault(asyncio.get_running_loop(), {})
    if private not in here:
        here[private] = Outside(private)
    return here[private]
