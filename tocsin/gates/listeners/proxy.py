"""The PROXY protocol, versions 1 and 2: a balancer says first of all whose connection it brings.

Source: "The PROXY protocol, versions 1 & 2", HAProxy, 2020/03/05.
"""

import asyncio
import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from tocsin.gates.protocol import Malformed

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"  # version 2 begins with these 12 bytes
LONGEST_V1 = 107  # bytes, CR LF included
LONGEST_V2 = 4_096  # bytes behind the first 16: addresses and what else the balancer tells (TLVs)
ADDRESSES = {0: 0, 1: 12, 2: 36, 3: 216}  # bytes of both addresses: unspecified, IPv4, IPv6, Unix


class Balancers:
    """The addresses from which, and only from which, a connection begins with a header."""

    def __init__(self, said: str = "") -> None:
        """Addresses and networks between spaces or commas. Raises ValueError, which names the bad one."""
        self.networks: list[IPv4Network | IPv6Network] = [ip_network(word) for word in said.replace(",", " ").split()]

    def __contains__(self, address: str) -> bool:
        if not self.networks:
            return False
        found = ip_address(address.partition("%")[0])
        return any(found in network for network in self.networks)


def wanted(header: bytes) -> int:
    """How many more bytes certainly belong to the header; 0: it is whole. Raises Malformed.

    Never more than belong to it: what follows is for somebody else.
    """
    if len(header) < len(SIGNATURE):
        if not (SIGNATURE.startswith(header) or b"PROXY ".startswith(header[:6])):
            raise Malformed("no PROXY header")
        return len(SIGNATURE) - len(header)
    if header.startswith(SIGNATURE):
        if len(header) < 16:
            return 16 - len(header)
        length = int.from_bytes(header[14:16], "big")
        if length > LONGEST_V2:
            raise Malformed(f"a PROXY header of {length} bytes")
        return 16 + length - len(header)
    if not header.startswith(b"PROXY "):
        raise Malformed("no PROXY header")
    line, cr, rest = header.partition(b"\r")
    if cr and rest:
        if rest != b"\n":
            raise Malformed("a PROXY line with a carriage return in it")
        return 0
    if len(header) >= LONGEST_V1:
        raise Malformed("a PROXY line without an end")
    return 1 if cr else 2


def source(header: bytes) -> str | None:
    """The address of who connected to the balancer; None: the balancer itself, or nobody with an IP address.

    Takes a whole header. Raises Malformed.
    """
    return _binary(header) if header.startswith(SIGNATURE) else _text(header)


def _text(header: bytes) -> str | None:
    try:
        words = header.decode("ascii").removesuffix("\r\n").split(" ")
        if words[1] == "UNKNOWN":
            return None
        _, family, client, server, *ports = words
        kind = {"TCP4": IPv4Address, "TCP6": IPv6Address}[family]
        found, _ = kind(client), kind(server)
        if len(ports) != 2 or not all(port.isdigit() and int(port) <= 65_535 for port in ports):
            raise ValueError("two ports are wanted")
    except (ValueError, KeyError, IndexError) as error:
        raise Malformed(f"a PROXY line that says {header!r}") from error
    return str(found)


def _binary(header: bytes) -> str | None:
    version, command = header[12] >> 4, header[12] & 15
    family, transport = header[13] >> 4, header[13] & 15
    if version != 2 or command > 1:
        raise Malformed(f"a PROXY header of version {version}, command {command}")
    if command == 0:
        return None  # LOCAL: the balancer looks whether we live
    if family not in ADDRESSES or transport > 2 or len(header) < 16 + ADDRESSES[family]:
        raise Malformed(f"a PROXY header of family {family}, transport {transport}, {len(header)} bytes")
    if family == 1:
        return str(IPv4Address(header[16:20]))
    return str(IPv6Address(header[16:32])) if family == 2 else None


async def real_address(sock: socket.socket) -> str | None:
    """Read the header off a socket and not one byte more. Raises Malformed, OSError. See `source`."""
    loop, header = asyncio.get_running_loop(), b""
    while more := wanted(header):
        part = await loop.sock_recv(sock, more)
        if not part:
            raise Malformed("hung up before its PROXY header")
        header += part
    return source(header)
