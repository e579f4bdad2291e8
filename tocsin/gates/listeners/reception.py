"""What all transports share: decode, find the device, store, and say what may be answered."""

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from ipaddress import IPv6Address, ip_address
from typing import Any, Protocol

import msgspec

from tocsin.gates.protocol import Decoded, Malformed, Session, Settings, Transport, Unavailable, identified
from tocsin.gates.signal import Signal
from tocsin.gates.traces import Traces
from tocsin.lib.durations import Durations

log = logging.getLogger("tocsin.gates")


class Device(Protocol):
    """A registered device, as intake knows it in memory."""

    @property
    def id(self) -> int: ...

    @property
    def settings(self) -> Settings: ...


class Directory(Protocol):
    def find(self, protocol: str, identifier: str) -> Any | None:
        """The device (see Device), or None. In memory: called for every frame."""


class Intake(Protocol):
    """Where signals become durable."""

    @property
    def devices(self) -> Directory: ...

    def submit(self, device: Any, signal: Signal) -> Awaitable[object]:
        """Returns after the commit; raises Unavailable."""

    def knock(self, protocol: str, identifier: str, address: str, raw: bytes) -> None:
        """A device that nobody registered spoke."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of one gate; times in seconds, sizes in bytes. Many trackers share one address of a mobile network."""

    connections: int = 20_000
    per_address: int = 4_096  # an IPv6 address: its /64
    handshake: float = 10.0  # for the header of a balancer, and again for TLS
    first: float = 60.0  # for the first frame
    whole: float = 60.0  # for the rest of a frame that has begun
    idle: float = 1_800.0  # between frames: trackers asleep send a heartbeat every 3 to 30 minutes
    backlog: int = 65_536  # read and not yet handled, per connection
    garbage: int = 4_096  # in a row without a frame, per connection
    at_once: int = 64  # frames of one connection in one turn
    turn: int = 16_384  # bytes of one connection in one turn: a frame may hold hundreds of positions
    datagrams: int = 2_000  # in work at the same time
    per_peer: int = 64  # of these, from one address and port
    peers: int = 20_000  # UDP addresses remembered
    head: int = 16_384  # of an HTTP request
    body: int = 65_536  # of an HTTP request
    patience: float = 20.0  # for an HTTP request to arrive in full


class Counters(msgspec.Struct):
    """Since start, but `open`: connections now. `took`: from the frame to the disk, for frames that hold signals.

    `stored` counts signals that were answered for, so a resent one again; `alarms` are those of them that ring.
    """

    connections: int = 0
    open: int = 0
    refused: int = 0
    frames: int = 0
    errors: int = 0
    unknown: int = 0
    unavailable: int = 0
    stored: int = 0
    alarms: int = 0
    took: Durations = msgspec.field(default_factory=Durations)


class Visit:
    """A connection that was let in. It ends once, however often that is said."""

    __slots__ = ("address", "reception")

    def __init__(self, reception: "Reception", address: str) -> None:
        self.reception: Reception | None = reception
        self.address = address

    def end(self) -> None:
        if self.reception:
            self.reception.dismiss(self.address)
            self.reception = None


class Reception:
    """One protocol in one process. `gate`: its own settings; `traces`: where its devices' last frames are gathered."""

    def __init__(
        self,
        name: str,
        intake: Intake,
        limits: Limits,
        gate: Mapping[str, str] | None = None,
        traces: Traces | None = None,
    ) -> None:
        self.name, self.intake, self.limits = name, intake, limits
        self.gate = gate or {}
        self.traces = traces or Traces()
        self.counters = Counters()
        self.addresses: dict[str, int] = {}

    def session(self, transport: Transport = "tcp") -> Session:
        return Session(settings=self._settings, gate=self.gate, nonce=os.urandom(8), transport=transport)

    def _settings(self, identifier: str) -> Settings | None:
        device = self.intake.devices.find(self.name, identifier)
        return None if device is None else device.settings

    def read(self, decode: Callable[[], Decoded], session: Session, address: str, raw: bytes) -> Decoded | Malformed:
        """Decode. What the decoder cannot read is counted, logged and traced; where it failed, a knock shows it."""
        self.counters.frames += 1
        try:
            return decode()
        except Malformed as error:
            self.counters.errors += 1
            log.info("%s %s %s: %s: %s", self.name, address, session.device or "?", error, raw[:64].hex())
            device = self.intake.devices.find(self.name, session.device) if session.device else None
            if device is not None:
                self.traces.add(device.id, self.name, now(), address, raw)
            return error
        except Exception:
            self.counters.errors += 1
            log.exception(
                "%s %s %s: the decoder failed: %s", self.name, address, session.device or "?", raw[:1000].hex()
            )
            self._knock(session.device or "", address, raw)
            return Malformed("the decoder failed")

    async def store(self, decoded: Decoded, address: str, raw: bytes) -> bool:
        """True once every signal is durable, False when nobody knows the device. Raises Unavailable, or what failed."""
        if decoded.others:  # several devices in one request: each is stored whatever becomes of the others
            parts = (msgspec.structs.replace(decoded, others=()), *decoded.others)
            results = await asyncio.gather(*(self.store(part, address, raw) for part in parts), return_exceptions=True)
            for result in results:
                if isinstance(result, BaseException):
                    raise result
            return any(results)
        device = self.intake.devices.find(self.name, decoded.device) if decoded.device else None
        if device is None:
            if decoded.device is None and not decoded.signals:
                return True  # nothing to store and nobody to know: a question of the protocol itself
            self.counters.unknown += 1
            self._knock(decoded.device or "", address, raw)
            return False
        at = now()
        if decoded.signals:
            try:
                await self._submit(device, identified(self.name, decoded), raw)
            except BaseException:
                self.traces.add(device.id, self.name, at, address, raw)
                raise
        self.traces.add(device.id, self.name, at, address, raw, decoded.reply)
        return True

    async def _submit(self, device: Any, signals: tuple[Signal, ...], raw: bytes) -> None:
        begun, counters = time.perf_counter(), self.counters
        try:
            if len(signals) == 1:  # most frames; gather costs more than all else here
                await self.intake.submit(device, _with_raw(signals[0], raw))
            else:
                await self._submit_all(device, signals, raw)
        except Unavailable:
            counters.unavailable += 1
            raise
        counters.stored += len(signals)
        for signal in signals:
            counters.alarms += signal.kind == "alarm"
        counters.took.add(time.perf_counter() - begun)

    async def _submit_all(self, device: Any, signals: tuple[Signal, ...], raw: bytes) -> None:
        """Every one of them is tried; then, if one failed, that is raised, Unavailable before all others."""
        results = await asyncio.gather(
            *(self.intake.submit(device, _with_raw(signal, raw)) for signal in signals), return_exceptions=True
        )
        failures = [result for result in results if isinstance(result, BaseException)]
        for failure in sorted(failures, key=lambda failure: not isinstance(failure, Unavailable)):
            raise failure

    def _knock(self, identifier: str, address: str, raw: bytes) -> None:
        try:
            self.intake.knock(self.name, identifier, address, raw)
        except Exception:
            log.exception("%s %s: knock failed", self.name, address)

    def admit(self, address: str) -> Visit | None:
        """Count a new connection in, or refuse it."""
        counted = network_of(address)
        here = self.addresses.get(counted, 0)
        if self.counters.open >= self.limits.connections or here >= self.limits.per_address:
            self.counters.refused += 1
            return None
        self.addresses[counted] = here + 1
        self.counters.connections += 1
        self.counters.open += 1
        return Visit(self, address)

    def dismiss(self, address: str) -> None:
        counted = network_of(address)
        self.counters.open -= 1
        self.addresses[counted] -= 1
        if not self.addresses[counted]:
            del self.addresses[counted]


def network_of(address: str) -> str:
    """By what an address is counted: an IPv4 address alone, of an IPv6 address its /64, which one customer has."""
    if ":" not in address:
        return address
    return str(IPv6Address(int(IPv6Address(address.partition("%")[0])) >> 64 << 64))


def plain(address: str) -> str:
    """An address as people write it: 10.0.0.1 rather than ::ffff:10.0.0.1, as a socket of both families says."""
    if not address.startswith("::ffff:"):
        return address
    mapped = ip_address(address)
    return str(mapped.ipv4_mapped) if isinstance(mapped, IPv6Address) and mapped.ipv4_mapped else address


def _with_raw(signal: Signal, raw: bytes) -> Signal:
    """An alarm keeps the bytes that it came in."""
    if signal.kind != "alarm" or signal.raw is not None:
        return signal
    return msgspec.structs.replace(signal, raw=raw.hex())


def now() -> datetime:
    return datetime.now(UTC)
