"""`tocsin simulate PROTOCOL`: a device that really speaks on the wire, and says whether it was answered."""

import argparse
import http.client
import math
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import urlsplit

from tocsin.gates.mqtt.broker import broker, context
from tocsin.gates.protocol import Encoder, HttpGate, Message, Moment, MqttGate, Request, Sent, StreamGate
from tocsin.gates.registry import encoder, gates

Send = Callable[[Sent], bytes | None]  # returns what came back; None: no answer


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("protocol", choices=list(gates()))
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, help="the protocol's own port if not said")
    parser.add_argument("--url", metavar="http://HOST/gates/NAME/KEY", help="a gate at the web's own address")
    parser.add_argument("--broker", metavar="mqtt://USER:PASSWORD@HOST:PORT", help="over MQTT (mqtts:// with TLS)")
    parser.add_argument("--device", required=True, metavar="IDENTIFIER", help="an IMEI, or what the protocol uses")
    parser.add_argument("--sos", action="store_true", help="press SOS first")
    parser.add_argument("--lat", type=float, default=-25.7479)
    parser.add_argument("--lon", type=float, default=28.2293)
    parser.add_argument("--speed", type=float, default=0.0, metavar="M/S", help="move, turning slowly")
    parser.add_argument("--battery", type=float, default=0.8, metavar="0..1")
    parser.add_argument("--every", type=float, default=10.0, metavar="SECONDS")
    parser.add_argument("--count", type=int, default=1, metavar="N", help="positions to send; 0: until stopped")
    parser.add_argument("--udp", action="store_true", help="where the protocol speaks both")
    parser.add_argument("--timeout", type=float, default=10.0, metavar="SECONDS", help="to wait for an answer")
    parser.add_argument("--quiet", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Hello, SOS if wanted, heartbeat, positions. 1: something stayed unanswered; 2: it cannot be said at all."""
    try:
        device = encoder(args.protocol)(args.device)
        with _line(args, device) as send:
            return _live(device, args, send)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{args.url or args.broker or args.host}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def _live(device: Encoder, args: argparse.Namespace, send: Send) -> int:
    def say(what: str, message: Sent | None) -> bool:
        if message is None:
            return True
        got = send(message)
        if not args.quiet:
            print(f"{what:9} → {_text(message)}")
            print(f"{'':9} ← {'no answer' if got is None else _text(got) or 'answered'}", flush=True)
        elif got is None:
            print(f"{what}: no answer", file=sys.stderr)
        return got is not None

    moment = Moment(datetime.now(UTC), args.lat, args.lon, args.speed, 0.0, args.battery)
    if not say("hello", device.hello()):
        return 1
    if args.sos and not say("SOS", device.sos(moment)):
        return 1
    if not say("heartbeat", device.heartbeat(moment)):
        return 1
    sent = 0
    while sent < args.count or args.count == 0:
        if not say("position", device.position(moment)):
            return 1
        sent += 1
        if sent != args.count:
            time.sleep(args.every)
            moment = _moved(moment, args.every)
    return 0


def _moved(moment: Moment, seconds: float) -> Moment:
    """Where it is after a while; metres to degrees on a sphere."""
    metres, course = moment.speed * seconds, math.radians(moment.course)
    lat = moment.lat + metres * math.cos(course) / 111_320
    lon = moment.lon + metres * math.sin(course) / (111_320 * max(0.01, math.cos(math.radians(moment.lat))))
    turned = (moment.course + 5) % 360 if moment.speed else moment.course
    return Moment(datetime.now(UTC), lat, lon, moment.speed, turned, moment.battery)


# The wire


@contextmanager
def _line(args: argparse.Namespace, device: Encoder) -> Iterator[Send]:
    """How this protocol is spoken to: by broker, by URL, by port. Raises ValueError, OSError."""
    offered = {type(gate): gate for gate in gates()[args.protocol]}
    stream, web = offered.get(StreamGate), offered.get(HttpGate)
    if args.broker:
        if MqttGate not in offered:
            raise ValueError(f"{args.protocol} does not speak MQTT")
        if web and hasattr(device, "over"):  # it speaks both
            device.over = Message
        with _broker(args.broker, args.timeout) as send:
            yield send
    elif args.url and isinstance(web, HttpGate):
        yield _http(args.url, args.timeout)
    elif isinstance(stream, StreamGate):
        kind = socket.SOCK_DGRAM if args.udp or "tcp" not in stream.transports else socket.SOCK_STREAM
        with socket.socket(socket.AF_INET6 if ":" in args.host else socket.AF_INET, kind) as sock:
            sock.settimeout(args.timeout)
            sock.connect((args.host, args.port or stream.port))
            yield _wire(sock, device, stream, args.timeout)
    elif isinstance(web, HttpGate) and (args.port or web.port):
        yield _http(f"http://{args.host}:{args.port or web.port}", args.timeout)
    elif web:
        raise ValueError(f"{args.protocol} is at the web's address: --url http://…/gates/{args.protocol}/KEY")
    else:
        raise ValueError(f"{args.protocol} speaks MQTT: --broker mqtt://HOST:1883")


def _wire(sock: socket.socket, device: Encoder, gate: StreamGate, patience: float) -> Send:
    def send(message: Sent) -> bytes | None:
        assert isinstance(message, bytes)
        sock.sendall(message)
        got, deadline = b"", time.monotonic() + patience
        while not device.answered(message, got):
            sock.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                part = sock.recv(gate.longest)
            except TimeoutError:
                return None
            if not part:
                return None
            got += part
        return got

    return send


def _http(base: str, patience: float) -> Send:
    """Requests to `base` and what the device adds to it."""
    url = urlsplit(base)
    if url.scheme not in ("http", "https") or not url.hostname:
        raise ValueError(f"no address of a web: {base}")
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection

    def send(message: Sent) -> bytes | None:
        assert isinstance(message, Request)
        connection = kind(url.hostname or "", url.port, timeout=patience)
        path = url.path.rstrip("/") + message.path if message.path != "/" else url.path or "/"
        try:
            target = path + (f"?{message.query}" if message.query else "")
            connection.request(message.method, target, message.body or None, message.headers)
            answer = connection.getresponse()
            body: bytes = answer.read()
            if answer.status // 100 != 2:
                print(f"{answer.status} {answer.reason} {body.decode('utf-8', 'replace').strip()}", file=sys.stderr)
                return None
            return body
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    return send


@contextmanager
def _broker(address: str, patience: float) -> Iterator[Send]:
    """Messages with QoS 1: nobody answers but the broker, whose PUBACK says that it has them."""
    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion

    at = broker(address)
    client = Client(CallbackAPIVersion.VERSION2)
    if at.user is not None:
        client.username_pw_set(at.user, at.password)
    if at.tls:
        client.tls_set_context(context(os.environ.get("TOCSIN_MQTT_CA")))
    client.connect(at.host, at.port)
    client.loop_start()

    def send(message: Sent) -> bytes | None:
        assert isinstance(message, Message)
        published = client.publish(message.topic, message.payload, qos=1)
        try:
            published.wait_for_publish(patience)
        except RuntimeError:
            return None
        return b"" if published.is_published() else None

    try:
        yield send
    finally:
        client.disconnect()
        client.loop_stop()


def _text(message: Sent) -> str:
    raw = message if isinstance(message, bytes) else message.raw()
    return raw.decode() if raw.isascii() and raw.decode().isprintable() else raw.hex()
