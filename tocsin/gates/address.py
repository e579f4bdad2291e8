"""Where devices find the gates of this installation: what stands in the texts that an installer sends.

| variable | |
| --- | --- |
| TOCSIN_PUBLIC_URL | the web's own address, such as https://alarm.example.org; without it the one the asker used |
| TOCSIN_GATES_NAME | the name or number of the gates, if it is another one than the web's |
"""

import ipaddress
import json
import os
import re
import socket
import time
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from django.conf import settings

from tocsin.gates.keys import url_of
from tocsin.gates.protocol import HttpGate, Pairing, StreamGate
from tocsin.gates.registry import gates, of_kind

LOOKED_UP = 300  # seconds for which the number of our name is believed


class Address(msgspec.Struct, frozen=True):
    """`host` and its number `ip`; `port` of the protocol's own gate; `url` of an HTTP gate, its key included."""

    host: str
    ip: str
    port: int | None
    url: str | None

    def values(self) -> dict[str, str]:
        """For `fill`: what is known of {host}, {ip}, {port} and {url}."""
        known = {"host": self.host, "ip": self.ip, "port": self.port, "url": self.url}
        return {name: str(value) for name, value in known.items() if value is not None}


def address(protocol: str, asked: str) -> Address:
    """Where a device of this protocol reports. `asked`: the address (https://…) at which we were asked."""
    web = settings.PUBLIC_URL if os.environ.get("TOCSIN_PUBLIC_URL") else asked.rstrip("/")
    host = os.environ.get("TOCSIN_GATES_NAME") or urlsplit(web).hostname or "localhost"
    url = web + url_of(protocol).removeprefix(settings.PUBLIC_URL) if protocol in of_kind(HttpGate) else None
    return Address(host, number_of(host), _port(protocol, settings.DATA), url)


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled; one without a value stays, for the page to ask for."""
    return re.sub(r"\{([a-z]+)\}", lambda found: values.get(found[1], found[0]), text)


def asks_for(pairing: Pairing) -> set[str]:
    """The placeholders that stand in a pairing's texts."""
    return {name for step in pairing.steps for name in re.findall(r"\{([a-z]+)\}", step.send or "")}


def number_of(host: str) -> str:
    """The IPv4 number of a name, for devices that know no names; the name itself if it has none."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return _looked_up(host, int(time.monotonic() // LOOKED_UP))


@lru_cache(maxsize=8)
def _looked_up(host: str, _while: int) -> str:
    try:
        return str(socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_STREAM)[0][4][0])
    except OSError:
        return host


def _port(protocol: str, data: Path) -> int | None:
    """Its own variable, else the port that is open now (the gates write it down), else the protocol's default."""
    own = os.environ.get(f"TOCSIN_GATE_{protocol.upper()}_PORT", "")
    if own.isdecimal() and int(own):  # 0: a free one, -1: closed
        return int(own)
    try:
        opened = json.loads((data / "gates.json").read_text())
    except (OSError, ValueError):
        opened = {}
    if protocol in opened:
        return int(opened[protocol])
    own_ports = (g.port for g in gates()[protocol] if isinstance(g, StreamGate | HttpGate))
    return next((port for port in own_ports if port is not None), None)
