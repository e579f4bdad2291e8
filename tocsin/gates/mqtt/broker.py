"""Brokers as the environment names them, and the topics that the gates want of them.

TOCSIN_MQTT_URLS            mqtts://user:password@host:8883, mqtt://host; several with spaces between them; what is
                            special in a name or password is percent-encoded
TOCSIN_MQTT_CA              a file of certificates (PEM) that are trusted besides the system's
TOCSIN_GATE_<NAME>_TOPICS   further filters of a protocol, with spaces between them; {device} there is a +
TOCSIN_GATE_<NAME>_MQTT     off: subscribes to nothing for this protocol (for brokers that forbid its topics)
"""

import logging
import os
import re
import ssl
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

import msgspec

from tocsin.gates.protocol import MqttGate

log = logging.getLogger("tocsin.gates")
PORTS = {"mqtt": 1883, "mqtts": 8883}


class Broker(msgspec.Struct, frozen=True):
    """Where a broker is and how we sign in. `name` is for people and holds no password."""

    name: str
    host: str
    port: int
    tls: bool = False
    user: str | None = None
    password: str | None = None


class Brokers(msgspec.Struct, frozen=True):
    """All brokers. `client` is our name there: the same after each start, for by it they keep what we missed."""

    all: tuple[Broker, ...] = ()
    client: str = "tocsin"
    authority: str | None = None


def brokers(client: str) -> Brokers:
    """What the environment says. An address that cannot be read is left out, and logged without its password."""
    found = []
    for place, url in enumerate(os.environ.get("TOCSIN_MQTT_URLS", "").split(), 1):
        try:
            found.append(broker(url))
        except ValueError as error:
            log.error("TOCSIN_MQTT_URLS, address %d: %s", place, error)
    return Brokers(tuple(found), client, os.environ.get("TOCSIN_MQTT_CA") or None)


def broker(url: str) -> Broker:
    """Raises ValueError; its words never repeat the address, which may hold a password."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("host and port cannot be read; what is special in a password is percent-encoded") from None
    if parts.scheme not in PORTS:
        raise ValueError("begins with neither mqtt:// nor mqtts://")
    if not host:
        raise ValueError("names no host")
    port = port or PORTS[parts.scheme]
    return Broker(
        name=f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        host=host,
        port=port,
        tls=parts.scheme == "mqtts",
        user=None if parts.username is None else unquote(parts.username),
        password=None if parts.password is None else unquote(parts.password),
    )


def context(authority: str | None) -> ssl.SSLContext:
    """Certificates are verified, against the system's authorities and ours. Raises OSError for a file that is none."""
    made = ssl.create_default_context()
    try:
        if authority:
            made.load_verify_locations(cafile=authority)
    except OSError as error:
        raise OSError(f"TOCSIN_MQTT_CA, {authority}: {error}") from error
    return made


def filters(name: str, gate: MqttGate, settings: Mapping[str, str]) -> list[str]:
    """What a gate subscribes to; a filter that is none is left out, for a broker hangs up on it."""
    if settings.get("mqtt", "").strip().lower() == "off":
        return []
    further = [re.sub(r"\{\w+\}", "+", said) for said in settings.get("topics", "").split()]
    wrong = [said for said in further if not is_filter(said)]
    if wrong:
        log.error("TOCSIN_GATE_%s_TOPICS: no filter: %s", name.upper(), " ".join(wrong))
    return list(dict.fromkeys((*gate.topics, *(said for said in further if said not in wrong))))


def is_filter(said: str) -> bool:
    """MQTT 3.1.1, 4.7: + and # fill a level, and # is the last."""
    levels = said.split("/")
    return (
        0 < len(said.encode()) <= 65_535
        and "\0" not in said
        and all(level == "+" or "+" not in level for level in levels)
        and all("#" not in level for level in levels[:-1])
        and (levels[-1] == "#" or "#" not in levels[-1])
    )
