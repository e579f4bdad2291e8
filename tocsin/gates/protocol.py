"""What a protocol offers to the gates. A protocol is a folder `protocols/<name>/`; deleting it removes the protocol.

    decoder.py       GATE = StreamGate(...) or HttpGate(...): pure functions, no I/O, no clock
    encoder.py       Device: the same protocol from the device's side, for `tocsin simulate`
    test_decoder.py  its promises
    README.md        for the installer

Bytes come in with the connection's `Session`; a `Decoded` comes out: who speaks, what it says, what it must hear.
The listener stores the signals first and writes the reply after. A transport that is not here yet (MQTT) is one
more gate struct and one more listener: `Decoded`, `Session` and the decoders' shape stay as they are.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple, Protocol
from uuid import UUID, uuid4, uuid5

import msgspec

from tocsin.gates.signal import Signal

Transport = Literal["tcp", "udp"]
Settings = Mapping[str, Any]

_IDS = UUID("6f0b1a52-6b0a-4d0e-9a51-70c5104ca11d")  # the namespace of signal ids made from frames


class Malformed(ValueError):
    """The bytes are no frame of this protocol. Says why in words that an installer understands."""


class Unavailable(Exception):
    """Intake cannot store now (the database is away): the frame must stay unanswered."""


class Request(msgspec.Struct, frozen=True):
    """An HTTP request: `query` without the question mark, header names in lower case."""

    method: str = "GET"
    path: str = "/"
    query: str = ""
    headers: dict[str, str] = {}
    body: bytes = b""

    def raw(self) -> bytes:
        """The request as one line, for the log and for signal.raw."""
        target = f"{self.method} {self.path}" + (f"?{self.query}" if self.query else "")
        return target.encode() + (b" " + self.body if self.body else b"")


def nobody(_identifier: str) -> Settings | None:
    """The settings of a device that nobody registered."""
    return None


class Session(msgspec.Struct):
    """What a decoder remembers of one connection (UDP: of one address; HTTP: nothing).

    `device`    who speaks, once it said so. GT06 says its IMEI only at login.
    `settings`  looks up a device's settings in memory (keys, clock, input mapping); None: nobody knows that device.
    `nonce`     differs between connections: for frames that hold nothing by which a resent one is known.
    `memory`    whatever else the protocol needs (a reply counter, a codec), small.
    """

    device: str | None = None
    settings: Callable[[str], Settings | None] = nobody
    nonce: bytes = b""
    memory: dict[str, Any] = {}

    def setting(self, name: str, default: Any = None) -> Any:
        """One setting of the device that speaks."""
        known = self.settings(self.device) if self.device else None
        return default if known is None else known.get(name, default)


class Decoded(msgspec.Struct, frozen=True, kw_only=True):
    """One frame, read.

    `reply`     what the device waits for; written only after every signal is stored. None: it waits for nothing.
    `stranger`  the reply to a device that nobody registered. None (HTTP: `stranger_status`) where an answer would
                make the device delete what it wants to tell.
    `key`       the same in a resent frame and different in any other of this device; None: no two are the same.
    """

    device: str | None = None
    signals: tuple[Signal, ...] = ()
    reply: bytes | None = None
    stranger: bytes | None = None
    key: bytes | None = None
    status: int = 200
    stranger_status: int = 404
    media: str = "text/plain; charset=utf-8"


class Cut(NamedTuple):
    """The first frame of a buffer, if it is whole, and how many bytes are done with (garbage before it included)."""

    frame: bytes | None
    consumed: int


class StreamGate(msgspec.Struct, frozen=True, kw_only=True):
    """A protocol over TCP, UDP or both.

    `split` gets all that is not consumed yet and must give the same frames however the bytes were chunked; it never
    asks for more than `longest` bytes. `decode` raises Malformed and nothing else.
    """

    port: int
    split: Callable[[bytes], Cut]
    decode: Callable[[bytes, Session, datetime], Decoded]
    transports: tuple[Transport, ...] = ("tcp",)
    longest: int = 8192


class HttpGate(msgspec.Struct, frozen=True, kw_only=True):
    """A protocol over HTTP on a port of its own. Malformed becomes 400."""

    port: int
    decode: Callable[[Request, Session, datetime], Decoded]


Gate = StreamGate | HttpGate


class Moment(msgspec.Struct, frozen=True):
    """What a simulated device has to say: degrees, m/s, degrees from north, battery 0..1."""

    at: datetime
    lat: float
    lon: float
    speed: float = 0.0
    course: float = 0.0
    battery: float = 0.8


class Encoder(Protocol):
    """The device's side. Each method makes what goes on the wire (bytes; over HTTP a Request); None: no such thing."""

    def __init__(self, identifier: str) -> None: ...

    def hello(self) -> bytes | Request | None: ...

    def heartbeat(self, moment: Moment) -> bytes | Request | None: ...

    def position(self, moment: Moment) -> bytes | Request: ...

    def sos(self, moment: Moment) -> bytes | Request: ...

    def answered(self, sent: bytes | Request, got: bytes) -> bool:
        """Is `got` the answer to `sent`? Over HTTP `got` is the body of a 2xx answer."""


def identified(protocol: str, decoded: Decoded) -> tuple[Signal, ...]:
    """The signals with their ids. A resent frame gives the same ids, so that storing it again changes nothing."""
    if decoded.key is None:
        return tuple(s if s.id else msgspec.structs.replace(s, id=uuid4()) for s in decoded.signals)
    name = f"{protocol}/{decoded.device}/{decoded.key.hex()}"
    return tuple(
        s if s.id else msgspec.structs.replace(s, id=uuid5(_IDS, f"{name}/{n}")) for n, s in enumerate(decoded.signals)
    )
