"""The gates of one process: every protocol on its port."""

import asyncio
import contextlib
import socket
from collections.abc import Mapping
from types import TracebackType
from typing import Literal

from tocsin.gates.listeners import (
    Counters,
    HttpListener,
    Intake,
    Limits,
    Listener,
    Reception,
    TcpListener,
    UdpListener,
)
from tocsin.gates.protocol import Gate, StreamGate
from tocsin.gates.registry import gates

Ports = Mapping[str, int] | Literal["any"]


class Gates:
    """Open gates: `ports` by protocol as they are, `counters` by protocol."""

    def __init__(self) -> None:
        self.ports: dict[str, int] = {}
        self.counters: dict[str, Counters] = {}
        self.listeners: list[Listener] = []

    async def close(self) -> None:
        """Store and answer what was read, then close; under 4 s."""
        await asyncio.gather(*(listener.close() for listener in self.listeners), return_exceptions=True)

    async def __aenter__(self) -> "Gates":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


async def serve(
    intake: Intake, ports: Ports | None = None, host: str = "0.0.0.0", limits: Limits | None = None
) -> Gates:
    """Open every gate. `ports`: "any" takes free ones; a mapping overrides defaults (0: a free one; -1: not at all)."""
    opened = Gates()
    try:
        for name, gate in gates().items():
            port = 0 if ports == "any" else (ports or {}).get(name, gate.port)
            if port >= 0:
                await _open(opened, name, gate, intake, host, port, limits or Limits())
    except BaseException:
        await opened.close()
        raise
    return opened


async def _open(opened: Gates, name: str, gate: Gate, intake: Intake, host: str, port: int, limits: Limits) -> None:
    reception = Reception(name, intake, limits)
    transports = gate.transports if isinstance(gate, StreamGate) else ("http",)
    for transport, sock in zip(transports, _bind(name, host, port, transports), strict=True):
        listener: TcpListener | UdpListener | HttpListener
        if not isinstance(gate, StreamGate):
            listener = HttpListener(gate, reception)
        elif transport == "udp":
            listener = UdpListener(gate, reception)
        else:
            listener = TcpListener(gate, reception)
        await listener.open(sock)
        opened.listeners.append(listener)
        opened.ports[name] = listener.port
    opened.counters[name] = reception.counters


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


async def run(intake: Intake, ports: Ports | None = None, host: str = "0.0.0.0") -> None:
    """Open the gates and stay until cancelled."""
    async with await serve(intake, ports, host):
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
