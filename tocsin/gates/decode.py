"""`tocsin decode PROTOCOL`: what a log of frames says. A line is

    hex or text          bytes of a stream, wherever frames begin and end
    a URL, JSON          a request over HTTP: `POST /path?query body`, a URL, a query alone or a body alone
    topic payload        a message over MQTT

and a protocol of two transports takes lines of both.
"""

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TextIO, TypeVar
from urllib.parse import urlsplit

import msgspec

from tocsin.gates import environment
from tocsin.gates.protocol import (
    Decoded,
    Gate,
    HttpGate,
    Malformed,
    Message,
    MqttGate,
    Request,
    Session,
    StreamGate,
)
from tocsin.gates.registry import gates
from tocsin.gates.signal import Signal

T = TypeVar("T")

_HEX = re.compile(r"(?:0x)?(?:[0-9a-fA-F]{2}\s*){8,}")
_METHOD = re.compile(r"[A-Z]{3,7}\Z")
_FORM = "application/x-www-form-urlencoded"


def run(protocol: str, lines: Iterable[str], out: TextIO, settings: Mapping[str, Any] | None = None) -> int:
    """One JSON line a frame; 2 for an unknown protocol."""
    if protocol not in gates():
        print(f"no such protocol: {protocol}. There are: {', '.join(gates())}", file=sys.stderr)
        return 2
    for shown in read(protocol, lines, settings):
        print(json.dumps(shown, ensure_ascii=False), file=out, flush=True)
    return 0


def read(
    protocol: str, lines: Iterable[str], settings: Mapping[str, Any] | None = None, device: str | None = None
) -> Iterator[dict[str, Any]]:
    """What each frame says. The lines of a stream are one session: a login counts for what follows.

    `device`: who said so at a login that is not among the lines. The gate's secrets are left out: what was signed in
    the headers of a request cannot be checked any more.
    """

    def session() -> Session:
        return Session(device=device, settings=lambda _: settings, gate=environment.without_secrets(protocol))

    offered = gates()[protocol]
    stream = next((gate for gate in offered if isinstance(gate, StreamGate)), None)
    pressed = False
    for result in _frames(stream, lines, session()) if stream else _messages(offered, lines, session):
        if isinstance(result, Malformed):
            yield {"error": str(result)}
            continue
        signals = []
        for signal in result.signals:
            signals.append(_shown(signal, pressed))
            pressed = pressed if signal.pressed is None else signal.pressed
        reply = None if result.reply is None else result.reply.hex()
        line: dict[str, Any] = {"device": result.device, "signals": signals, "reply": reply}
        if any(isinstance(gate, HttpGate) for gate in offered):
            line["status"] = result.status
        yield line


def _shown(signal: Signal, pressed: bool) -> dict[str, Any]:
    """A signal as JSON. A level that rises is shown as the alarm that intake will make of it."""
    fields: dict[str, Any] = {"kind": signal.kind, "alarm": signal.alarm, "at": None, "position": None}
    fields |= msgspec.to_builtins(signal)
    if signal.pressed and not pressed:
        fields["kind"] = "alarm"
    if fields["kind"] == "alarm":
        fields["alarm"] = signal.alarm or "other"
    return fields


# Streams


def _frames(gate: StreamGate, lines: Iterable[str], session: Session) -> Iterator[Decoded | Malformed]:
    """Frames in order, wherever lines begin and end; what belongs to no frame is an error."""
    buffer = b""
    for line in lines:
        buffer += _bytes(line)
        while buffer:
            frame, consumed = gate.split(buffer[: gate.longest])
            if not consumed:
                if len(buffer) < gate.longest:
                    break
                consumed = 1
            dropped, buffer = buffer[: consumed - len(frame or b"")], buffer[consumed:]
            if dropped.strip():
                yield Malformed(f"no frame: {dropped[:40].hex()}" + ("…" if len(dropped) > 40 else ""))
            if frame:
                yield _try(gate.decode, frame, session)
    if buffer.strip():
        yield Malformed(f"the end is missing: {buffer[:40].hex()}")


def _bytes(line: str) -> bytes:
    """Hex (with or without spaces) as bytes; anything else as text with its line end."""
    text = line.strip()
    try:
        return bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        return text.encode("utf-8", "surrogateescape") + b"\r\n"


# Requests and messages


def _messages(
    offered: Iterable[Gate], lines: Iterable[str], session: Callable[[], Session]
) -> Iterator[Decoded | Malformed]:
    """A line is a message of its own, with a session of its own, as on the wire."""
    http = next((gate for gate in offered if isinstance(gate, HttpGate)), None)
    mqtt = next((gate for gate in offered if isinstance(gate, MqttGate)), None)
    for line in filter(None, map(str.strip, lines)):
        text = _unhexed(line)
        try:
            if mqtt and (http is None or not _is_request(text)):
                yield _try(mqtt.decode, message(text), session())
            elif http:
                yield _try(http.decode, request(text), session())
        except Malformed as error:
            yield error


def _unhexed(line: str) -> str:
    """A line as it was; the log of a gate has it in hex."""
    if _HEX.fullmatch(line):
        return bytes.fromhex(line.removeprefix("0x")).decode("utf-8", "surrogateescape")
    return line


def _is_request(line: str) -> bool:
    first, _, rest = line.partition(" ")
    return line.startswith(("{", "[", "/", "http:", "https:")) or not rest or bool(_METHOD.match(first))


def message(line: str) -> Message:
    """A topic, a space and what was published there."""
    topic, _, payload = line.partition(" ")
    return Message(topic, payload.strip().encode("utf-8", "surrogateescape"))


def request(line: str) -> Request:
    """A body; or a URL, with its method and body or without; or a query alone. Raises Malformed."""
    if line.startswith(("{", "[")):
        return _with_body(Request(method="POST"), line)
    words = line.split(None, 2)
    method, rest = (words[0], words[1]) if len(words) > 1 and _METHOD.match(words[0]) else ("GET", line)
    body = words[2] if rest != line and len(words) > 2 and not words[2].startswith("HTTP/") else ""
    if "?" not in rest and not rest.startswith(("/", "http:", "https:")):
        return Request(method=method, query=rest)
    try:
        url = urlsplit(rest)
    except ValueError as error:
        raise Malformed(f"no URL: {error}") from error
    whole = rest if url.scheme else ""
    return _with_body(Request(method=method, path=url.path or "/", query=url.query, url=whole), body)


def _with_body(bare: Request, body: str) -> Request:
    if not body:
        return bare
    kind = "application/json" if body.startswith(("{", "[")) else _FORM
    headers = {"content-type": kind}
    return msgspec.structs.replace(bare, headers=headers, body=body.encode("utf-8", "surrogateescape"))


def _try(decode: Callable[[T, Session, datetime], Decoded], said: T, session: Session) -> Decoded | Malformed:
    try:
        return decode(said, session, datetime.now(UTC))
    except Malformed as error:
        return error
    except Exception as error:  # a fault of ours: told, and the log goes on
        return Malformed(f"the decoder failed: {error!r}")


# The command


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("protocol", choices=list(gates()), help="whose frames")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a setting of the device; VALUE is JSON or text",
    )


def main(args: argparse.Namespace) -> int:
    """Standard input to standard output."""
    settings = {}
    for pair in args.set:
        name, _, value = pair.partition("=")
        try:
            settings[name] = json.loads(value)
        except ValueError:
            settings[name] = value
    return run(args.protocol, sys.stdin, sys.stdout, settings)
