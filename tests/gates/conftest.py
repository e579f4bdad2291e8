"""A fake intake: what gates see of the rest of the system."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvloop

from tocsin.gates.listeners import Limits
from tocsin.gates.protocol import Unavailable
from tocsin.gates.run import Gates, serve
from tocsin.gates.signal import Signal


@dataclass
class FakeDevice:
    id: int
    settings: dict[str, Any] = field(default_factory=dict)


class Everybody(dict[tuple[str, str], FakeDevice]):
    def find(self, protocol: str, identifier: str) -> FakeDevice | None:
        return self.get((protocol, identifier))


class FakeIntake:
    """Stores after `delay` seconds, unless `away`. `stored` is in the order of commits, a repeated id counted once."""

    def __init__(self) -> None:
        self.devices = Everybody()
        self.stored: list[tuple[FakeDevice, Signal]] = []
        self.knocks: list[tuple[str, str, str, bytes]] = []
        self.ids: set[object] = set()
        self.away = False
        self.fails: type[Exception] | None = None
        self.delay = 0.0

    def know(self, protocol: str, identifier: str) -> FakeDevice:
        return self.devices.setdefault((protocol, identifier), FakeDevice(len(self.devices) + 1))

    async def submit(self, device: FakeDevice, signal: Signal) -> bool:
        await asyncio.sleep(self.delay)
        if self.away:
            raise Unavailable
        if self.fails and signal.kind == "alarm":
            raise self.fails("poisoned")
        assert signal.id
        new = signal.id not in self.ids
        if new:
            self.ids.add(signal.id)
            self.stored.append((device, signal))
        return new

    def knock(self, protocol: str, identifier: str, address: str, raw: bytes) -> None:
        self.knocks.append((protocol, identifier, address, raw))

    @property
    def alarms(self) -> list[Signal]:
        return [signal for _, signal in self.stored if signal.kind == "alarm"]


@pytest.fixture
def intake() -> FakeIntake:
    return FakeIntake()


@asynccontextmanager
async def opened(intake: FakeIntake, entry: dict[str, Any] | None = None, **limits: Any) -> AsyncIterator[Gates]:
    """`entry`: what `serve` is told of TLS and balancers."""
    async with await serve(intake, "any", "127.0.0.1", Limits(**limits), **(entry or {})) as gates:
        yield gates


def story(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a test that is a coroutine, in 30 s at most, in the event loop that the gates live in."""

    def runs(intake: FakeIntake) -> None:
        uvloop.run(asyncio.wait_for(test(intake), 30))

    runs.__name__, runs.__doc__ = test.__name__, test.__doc__
    return runs
