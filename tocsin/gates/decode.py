"""`tocsin decode PROTOCOL`: what a log of frames says. A line is hex or text; for an HTTP gate a URL or JSON."""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, TextIO
from urllib.parse import urlsplit

import msgspec

from tocsin.gates.protocol import Decoded, HttpGate, Malformed, Request, Session, StreamGate
from tocsin.gates.registry import gates
from tocsin.gates.signal import Signal


def run(protocol: str, lines: Iterable[str], out: TextIO, settings: dict[str, Any] | None = None) -> int:
    """All lines are one session: a login counts for what follows. One JSON line a frame; 2 for an unknown protocol."""
    gate = gates().get(protocol)
    if gate is None:
        print(f"no such protocol: {protocol}. There are: {', '.join(gates())}", file=sys.stderr)
        return 2
    session = Session(settings=lambda _: settings)
    shown = _requests(gate, lines, session) if isinstance(gate, HttpGate) else _frames(gate, lines, session)
    pressed = False
    for result in shown:
        if isinstance(result, Malformed):
            print(json.dumps({"error": str(result)}, ensure_ascii=False), file=out, flush=True)
            continue
        signals = []
        for signal in result.signals:
            signals.append(_shown(signal, pressed))
            pressed = pressed if signal.pressed is None else signal.pressed
        reply = None if result.reply is None else result.reply.hex()
        line: dict[str, Any] = {"device": result.device, "signals": signals, "reply": reply}
        if isinstance(gate, HttpGate):
            line["status"] = result.status
        print(json.dumps(line, ensure_ascii=False), file=out, flush=True)
    return 0


def _shown(signal: Signal, pressed: bool) -> dict[str, Any]:
    """A signal as JSON. A level that rises is shown as the alarm that intake will make of it."""
    fields: dict[str, Any] = {"kind": signal.kind, "alarm": signal.alarm, "at": None, "position": None}
    fields |= msgspec.to_builtins(signal)
    if signal.pressed and not pressed:
        fields["kind"] = "alarm"
    if fields["kind"] == "alarm":
        fields["alarm"] = signal.alarm or "other"
    return fields


def _requests(gate: HttpGate, lines: Iterable[str], session: Session) -> Iterator[Decoded | Malformed]:
    for line in filter(None, map(str.strip, lines)):
        yield _try(lambda text=line: gate.decode(_request(text), session, datetime.now(UTC)))


def _request(line: str) -> Request:
    """A JSON body; or a URL, with its method or without; or a query alone."""
    if line.startswith(("{", "[")):
        return Request(method="POST", body=line.encode())
    words = line.split()
    method, rest = (words[0], words[1]) if len(words) > 1 and words[0].isupper() else ("GET", line)
    if "?" not in rest and not rest.startswith(("/", "http:", "https:")):
        return Request(method=method, query=rest)
    try:
        url = urlsplit(rest)
    except ValueError as error:
        raise Malformed(f"no URL: {error}") from error
    return Request(method=method, path=url.path or "/", query=url.query)


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
                yield _try(lambda frame=frame: gate.decode(frame, session, datetime.now(UTC)))
    if buffer.strip():
        yield Malformed(f"the end is missing: {buffer[:40].hex()}")


def _bytes(line: str) -> bytes:
    """Hex (with or without spaces) as bytes; anything else as text with its line end."""
    text = line.strip()
    try:
        return bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        return text.encode("utf-8", "surrogateescape") + b"\r\n"


def _try(decode: Any) -> Decoded | Malformed:
    try:
        decoded: Decoded = decode()
    except Malformed as error:
        return error
    except Exception as error:  # a fault of ours: told, and the log goes on
        return Malformed(f"the decoder failed: {error!r}")
    return decoded


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
