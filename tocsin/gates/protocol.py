"""What a protocol offers to the gates. A protocol is a folder `protocols/<name>/`; deleting it removes the protocol.

    decoder.py       GATE = StreamGate(...), HttpGate(...) or MqttGate(...): pure functions, no I/O, no clock;
                     a protocol of two transports is a tuple: GATE = (HttpGate(...), MqttGate(...))
    encoder.py       Device: the same protocol from the device's side, for `tocsin simulate`
    pairing.py       PAIRING = Pairing(...): what the pairing pages show
    test_decoder.py  its promises
    README.md        for the installer

Bytes come in with the connection's `Session`; a `Decoded` comes out: who speaks, what it says, what it must hear.
The listener stores the signals first and writes the reply after.
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
    """An HTTP request: `query` without the question mark, header names in lower case.

    At the web's own address `path` is what follows `/gates/<name>` (and the key of a keyed gate), "/" at least; `url`
    is the whole address as the caller wrote it, for protocols that sign it.
    """

    method: str = "GET"
    path: str = "/"
    query: str = ""
    headers: dict[str, str] = {}
    body: bytes = b""
    url: str = ""

    def raw(self) -> bytes:
        """The request as one line, for the log and for signal.raw."""
        target = f"{self.method} {self.path}" + (f"?{self.query}" if self.query else "")
        return target.encode() + (b" " + self.body if self.body else b"")


class Message(msgspec.Struct, frozen=True):
    """An MQTT message. `retained`: the broker kept it for late subscribers; it tells of the past."""

    topic: str
    payload: bytes = b""
    retained: bool = False

    def raw(self) -> bytes:
        """The message as one line, for the log and for signal.raw."""
        return self.topic.encode() + b" " + self.payload


def nobody(_identifier: str) -> Settings | None:
    """The settings of a device that nobody registered."""
    return None


class Session(msgspec.Struct):
    """What a decoder remembers of one connection (UDP: of one address; HTTP: nothing).

    `device`    who speaks, once it said so. GT06 says its IMEI only at login.
    `settings`  looks up a device's settings in memory (keys, clock, input mapping); None: nobody knows that device.
    `gate`      the gate's own settings: of `sms`, TOCSIN_GATE_SMS_TWILIO_TOKEN is gate["twilio_token"].
    `nonce`     differs between connections: for frames that hold nothing by which a resent one is known.
    `transport` how the bytes came: some devices wrap their frames over UDP.
    `memory`    whatever else the protocol needs (a reply counter, a codec), small; over MQTT as long as the process.
    """

    device: str | None = None
    settings: Callable[[str], Settings | None] = nobody
    gate: Mapping[str, str] = {}
    nonce: bytes = b""
    transport: Transport = "tcp"
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
    `others`    further devices in the same request (a gateway that hands over many); each stored for itself.
    `key`       the same in a resent frame and different in any other of this device; None: no two are the same.
    """

    device: str | None = None
    signals: tuple[Signal, ...] = ()
    reply: bytes | None = None
    stranger: bytes | None = None
    others: tuple["Decoded", ...] = ()
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
    """A protocol over HTTP, at `/gates/<name>/…` of the web's own address and, with `port`, on a port of its own.

    `keyed`: a server speaks for many devices, so it must show the gate's key: `/gates/<name>/<key>/…`. Without it the
    answer is 404 and nothing is decoded. Malformed becomes 400.
    """

    decode: Callable[[Request, Session, datetime], Decoded]
    port: int | None = None
    keyed: bool = False


class MqttGate(msgspec.Struct, frozen=True, kw_only=True):
    """A protocol over the MQTT brokers of TOCSIN_MQTT_URLS. `topics`: filters to subscribe to (MQTT 3.1.1, 4.7).

    A retained message never reaches `decode`. `reply` has no meaning here.
    """

    topics: tuple[str, ...]
    decode: Callable[[Message, Session, datetime], Decoded]


Gate = StreamGate | HttpGate | MqttGate


class Step(NamedTuple):
    """One thing that the installer does. `send`: the very text to send or to enter, with placeholders (see Pairing)."""

    zh: str
    en: str
    send: str | None = None


class Field(NamedTuple):
    """A setting that a person fills in when the device is added; `name` is its key in the device's settings."""

    name: str
    zh: str
    en: str
    pattern: str = ".*"
    secret: bool = False


class Pairing(msgspec.Struct, frozen=True, kw_only=True):
    """How a device is brought to us: PAIRING in the protocol's `pairing.py`, shown by the pairing pages and the docs.

    Placeholders of `send`: {host} our public name, {ip} its number for devices that know no names, {port} the gate's
    port, {identifier}, {url} of an HTTP gate with its key in it, {password} the device's own (its factory value is in
    `password`), {apn} and {network} (MCC and MNC) of its SIM; `tocsin/gates/address.py` fills them. `identifier` says
    in (zh, en) what it is and where it stands; `pattern` is a full match; `example` one that fits. `every`: seconds
    between signs of life that the device is told or known to send; None: it sends none. `press`: how the test press is
    made.
    """

    title: tuple[str, str]
    models: str
    by: Literal["sms", "web", "app", "panel", "server"]
    identifier: tuple[str, str]
    pattern: str
    example: str
    steps: tuple[Step, ...]
    press: tuple[str, str]
    every: int | None = None
    password: str = ""
    fields: tuple[Field, ...] = ()


class Moment(msgspec.Struct, frozen=True):
    """What a simulated device has to say: degrees, m/s, degrees from north, battery 0..1."""

    at: datetime
    lat: float
    lon: float
    speed: float = 0.0
    course: float = 0.0
    battery: float = 0.8


Sent = bytes | Request | Message


class Encoder(Protocol):
    """The device's side. Each method makes what goes on the wire (bytes; over HTTP a Request, over MQTT a Message).

    None: no such thing.
    """

    def __init__(self, identifier: str) -> None: ...

    def hello(self) -> Sent | None: ...

    def heartbeat(self, moment: Moment) -> Sent | None: ...

    def position(self, moment: Moment) -> Sent | None: ...

    def sos(self, moment: Moment) -> Sent: ...

    def answered(self, sent: Sent, got: bytes) -> bool:
        """Is `got` the answer to `sent`? Over HTTP `got` is the body of a 2xx answer; over MQTT nothing answers."""


def identified(protocol: str, decoded: Decoded) -> tuple[Signal, ...]:
    """The signals with their ids. A resent frame gives the same ids, so that storing it again changes nothing."""
    if decoded.key is None:
        return tuple(s if s.id else msgspec.structs.replace(s, id=uuid4()) for s in decoded.signals)
    name = f"{protocol}/{decoded.device}/{decoded.key.hex()}"
    return tuple(
        s if s.id else msgspec.structs.replace(s, id=uuid5(_IDS, f"{name}/{n}")) for n, s in enumerate(decoded.signals)
    )
