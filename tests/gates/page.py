"""docs/devices.md: what is between its markers is made from the registry and the pairings, and by `make vectors`."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tocsin.gates.protocol import Decoded, HttpGate, Message, Moment, MqttGate, Request, Session, StreamGate
from tocsin.gates.registry import encoder, gates, pairings

PAGE = Path(__file__).parents[2] / "docs" / "devices.md"
NOW = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
BY = {
    "sms": "text messages to it",
    "web": "its own page",
    "app": "the app",
    "panel": "the panel",
    "server": "the server",
}
# What a device must be told before its button is an alarm.
SETTINGS: dict[str, dict[str, Any]] = {"owntracks": {"sos": {"t": "u"}}}


def part(name: str) -> str:
    """What stands between the markers of that name."""
    return _between(name).search(PAGE.read_text())[2]  # type: ignore[index]


def write(name: str, text: str) -> None:
    whole = PAGE.read_text()
    changed = _between(name).sub(lambda found: f"{found[1]}\n{text}\n{found[3]}", whole)
    if changed != whole:
        PAGE.write_text(changed)


def _between(name: str) -> re.Pattern[str]:
    return re.compile(rf"(<!-- {name} -->)\n(?:(.*)\n)?(<!-- /{name} -->)", re.DOTALL)


def protocols() -> str:
    """A line for each protocol there is."""
    lines = ["| protocol | 名称 | devices | where | paired by | what works |", "| --- | --- | --- | --- | --- | --- |"]
    for name in gates():
        pairing = pairings()[name]
        zh, en = pairing.title
        link = f"[{en}](../tocsin/gates/protocols/{name}/README.md)"
        cells = (link, zh, pairing.models, "; ".join(_where(name)), BY[pairing.by], ", ".join(works(name)))
        lines.append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |")
    return "\n".join(lines)


def _where(name: str) -> Iterator[str]:
    for gate in gates()[name]:
        if isinstance(gate, StreamGate):
            yield f"{gate.port} {', '.join(gate.transports).upper()}"
        elif isinstance(gate, HttpGate):
            port = f"{gate.port} HTTP, " if gate.port else ""
            yield f"{port}`/gates/{name}/{'KEY/' if gate.keyed else ''}`"
        else:
            yield f"MQTT `{'`, `'.join(gate.topics)}`"


def works(name: str) -> Iterator[str]:
    """What our decoder reads of what our encoder says."""
    device: Any = encoder(name)(pairings()[name].example)
    session = Session(settings=lambda _identifier: SETTINGS.get(name, {}))
    moment = Moment(NOW, -25.7479, 28.2293, 10.0, 90.0, 0.5)
    if hello := device.hello():
        read(name, hello, session)
    said = {what: getattr(device, what)(moment) for what in ("sos", "position", "heartbeat")}
    told = {what: read(name, frame, session) for what, frame in said.items() if frame is not None}
    signals = [signal for decoded in told.values() for signal in decoded.signals]
    if any(signal.kind == "alarm" or signal.pressed for signal in told["sos"].signals):
        yield "SOS"
    if any(signal.position for signal in signals):
        yield "place"
    if any(signal.battery is not None for signal in signals):
        yield "battery"
    if "heartbeat" in told:
        yield "sign of life"
    if not isinstance(said["sos"], Message):
        yield "answered" if told["sos"].reply is not None or isinstance(said["sos"], Request) else "not answered"


def read(name: str, said: Any, session: Session) -> Decoded:
    """What an encoder said, by the gate that takes such."""
    kind = {bytes: StreamGate, Request: HttpGate, Message: MqttGate}[type(said)]
    gate: Any = next(gate for gate in gates()[name] if isinstance(gate, kind))
    decoded: Decoded = gate.decode(gate.split(said).frame if kind is StreamGate else said, session, NOW)
    return decoded
