"""The gates of one process: every protocol on its port."""

import asyncio
import socket
from collections.abc import Mapping
from types import TracebackType
from typing import Literal

from tocsin.gates import environment
from tocsin.gates.listeners import Entry, HttpListener, Intake, Limits, Listener, Reception, TcpListener, UdpListener
from tocsin.gates.listeners.proxy import Balancers
from tocsin.gates.listeners.reception import Counters
from tocsin.gates.listeners.tls import Certificate
from tocsin.gates.mqtt import Brokers, MqttListener
from tocsin.gates.protocol import HttpGate, MqttGate, StreamGate
from tocsin.gates.registry import gates, of_kind
from tocsin.gates.traces import Traces

Ports = Mapping[str, int] | Literal["any"]


class Gates:
    """Open gates: `ports` and `tls_ports` by protocol as they are, one Reception for each protocol."""

    def __init__(self, intake: Intake, limits: Limits) -> None:
        self.intake, self.limits = intake, limits
        self.ports: dict[str, int] = {}
        self.tls_ports: dict[str, int] = {}
        self.receptions: dict[str, Reception] = {}
        self.traces = Traces()
        self.listeners: list[Listener] = []
        self.tasks: list[asyncio.Task[None]] = []

    def reception(self, name: str) -> Reception:
        """The protocol's, whatever its transports."""
        if name not in self.receptions:
            own = environment.settings(name)
            self.receptions[name] = Reception(name, self.intake, self.limits, own, self.traces)
        return self.receptions[name]

    @property
    def counters(self) -> dict[str, Counters]:
        return {name: reception.counters for name, reception in self.receptions.items()}

    async def close(self) -> None:
        """Store and answer what was read, then close; under 4 s."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*(listener.close() for listener in self.listeners), return_exceptions=True)

    async def __aenter__(self) -> "Gates":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


async def serve(
    intake: Intake,
    ports: Ports | None = None,
    host: str = "0.0.0.0",
    limits: Limits | None = None,
    *,
    tls_ports: Mapping[str, int] | None = None,
    certificate: Certificate | None = None,
    balancers: Balancers | None = None,
    brokers: Brokers | None = None,
) -> Gates:
    """Open every gate. `ports`: "any" takes free ones; a mapping overrides defaults (0: a free one; -1: not at all).

    `tls_ports` of the same gates speak TLS with this certificate; its files are looked at each second.
    """
    opened = Gates(intake, limits or Limits())
    plain = Entry(balancers=balancers or Balancers())
    try:
        for name, gate in listening().items():
            port = 0 if ports == "any" else (ports or {}).get(name, gate.port or 0)
            if port >= 0:
                opened.ports[name] = await _open(opened, name, gate, host, port, plain)
        if certificate:
            certificate.look()
            tls = Entry(balancers=plain.balancers, certificate=certificate)
            for name, port in (tls_ports or {}).items():
                if port >= 0:
                    opened.tls_ports[name] = await _open(opened, name, listening()[name], host, port, tls)
            opened.tasks.append(asyncio.create_task(_look(certificate)))
        _subscribe(opened, brokers or Brokers())
    except BaseException:
        await opened.close()
        raise
    return opened


def listening() -> dict[str, StreamGate | HttpGate]:
    """The gates with a port of their own, one a protocol. (MQTT has none, and HTTP not always.)"""
    return {
        name: gate
        for name, offered in gates().items()
        for gate in offered
        if not isinstance(gate, MqttGate) and gate.port is not None
    }


async def _open(opened: Gates, name: str, gate: StreamGate | HttpGate, host: str, port: int, entry: Entry) -> int:
    """Open one port of a gate and return its number; over TLS there are no datagrams."""
    transports: tuple[str, ...] = gate.transports if isinstance(gate, StreamGate) else ("http",)
    if entry.certificate:
        transports = tuple(transport for transport in transports if transport != "udp")
    reception = opened.reception(name)
    for transport, sock in zip(transports, _bind(name, host, port, transports), strict=True):
        listener: TcpListener | UdpListener | HttpListener
        if transport == "udp" and isinstance(gate, StreamGate):
            listener = UdpListener(gate, reception)
            await listener.open(sock)
        else:
            listener = TcpListener(gate, reception) if isinstance(gate, StreamGate) else HttpListener(gate, reception)
            await listener.open(sock, entry)
        opened.listeners.append(listener)
        port = listener.port
    return port


def _subscribe(opened: Gates, brokers: Brokers) -> None:
    """A task for each broker; its state is counted beside the gates. One that is down is nobody else's trouble."""
    for broker in brokers.all:
        subscribed = {name: (gate, opened.reception(name)) for name, gate in of_kind(MqttGate).items()}
        listener = MqttListener(broker, subscribed, brokers.client, brokers.authority)
        opened.reception(f"mqtt {broker.name}").counters = listener.state
        opened.listeners.append(listener)
        listener.open()


async def _look(certificate: Certificate) -> None:
    while True:
        await asyncio.sleep(1)
        certificate.look()


def _bind(name: str, host: str, port: int, transports: tuple[str, ...]) -> list[socket.socket]:
    """A bound socket for each transport, all on one port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for attempt in range(20):
        number, bound = port, list[socket.socket]()
        try:
            for transport in transports:
                sock = socket.socket(family, socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM)
                bound.append(sock)
                if transport != "udp":
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                sock.bind((host, number))
                sock.setblocking(False)
                number = sock.getsockname()[1]
            return bound
        except OSError as error:
            for sock in bound:
                sock.close()
            if port or attempt == 19:
                raise OSError(error.errno, f"gate {name}: port {number} of {host}: {error.strerror}") from error
    raise AssertionError
