"""(a) Presses accepted with incident opened, escalation started and book written, beside the machine's bare limit."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import uvloop

from bench import load, server

SPOTS = ((-25.7479, 28.2293), (-26.2041, 28.0473), (-33.9249, 18.4241), (-29.8587, 31.0218))


def requests(tokens: list[str]) -> Iterator[bytes]:
    """One press of each member, made before the clock starts."""
    made = []
    for n, token in enumerate(tokens):
        lat, lon = SPOTS[n % len(SPOTS)]
        body = json.dumps(
            {"kind": "alarm", "alarm": "robbery", "position": {"lat": lat, "lon": lon, "accuracy": 12}, "battery": 0.7}
        ).encode()
        made.append(
            b"PUT /signals/%b HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer %b\r\ncontent-type: application/json\r\n"
            b"content-length: %d\r\n\r\n%b" % (str(uuid4()).encode(), token.encode(), len(body), body)
        )
    return iter(made)


def run(_data: Path) -> None:
    print("\n## (a) Presses a second\n\n| | connections | presses/s | p50 ms | p99 ms | answers | web |")
    print("|---|---|---|---|---|---|---|")
    count = 20_000
    for connections in (64, 256):
        rates = []
        for name, command in (("bare limit", ("-m", "bench.bare")), ("Tocsin", ("-m", "tocsin", "web"))):
            tokens = server.members(count)
            with server.process(*command, ready="/health" if name == "Tocsin" else "/") as (pid, port):
                time.sleep(6)  # the registry looks 5 s back: let it be done with the members that were just made
                result = uvloop.run(load.run("127.0.0.1", port, requests(tokens), connections))
                weight = server.footprint(pid)
            rates.append(result.rate)
            print(
                f"| {name} | {connections} | {result.rate:,.0f} | {result.at(0.5):.1f} | {result.at(0.99):.1f} "
                f"| {result.statuses} | {weight} |",
                flush=True,
            )
        print(f"| ratio | {connections} | {rates[1] / rates[0]:.2f} | | | | |", flush=True)
