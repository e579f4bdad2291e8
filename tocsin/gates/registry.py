"""The protocols there are: one for each folder in protocols/ that holds a decoder."""

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TypeVar

from tocsin.gates.protocol import Encoder, Gate, HttpGate, MqttGate, Pairing, StreamGate

G = TypeVar("G", StreamGate, HttpGate, MqttGate)

FOLDER = Path(__file__).parent / "protocols"


@cache
def gates() -> dict[str, tuple[Gate, ...]]:
    """Every protocol by the name of its folder, in the order of the alphabet, with the gates it offers."""
    found: dict[str, tuple[Gate, ...]] = {}
    for path in sorted(FOLDER.glob("*/decoder.py")):
        name = path.parent.name
        offered = import_module(f"tocsin.gates.protocols.{name}.decoder").GATE
        found[name] = offered if isinstance(offered, tuple) else (offered,)
        if not all(isinstance(gate, StreamGate | HttpGate | MqttGate) for gate in found[name]):
            raise TypeError(f"{path}: GATE must be a StreamGate, an HttpGate, an MqttGate or a tuple of them")
    return found


def of_kind(kind: type[G]) -> dict[str, G]:
    """The gates of one transport by protocol."""
    return {name: gate for name, offered in gates().items() for gate in offered if isinstance(gate, kind)}


def encoder(name: str) -> type[Encoder]:
    """The device's side of a protocol, for the simulator."""
    device: type[Encoder] = import_module(f"tocsin.gates.protocols.{name}.encoder").Device
    return device


@cache
def pairings() -> dict[str, Pairing]:
    """How the devices of each protocol are brought to us."""
    told = [name for name in gates() if (FOLDER / name / "pairing.py").exists()]
    return {name: import_module(f"tocsin.gates.protocols.{name}.pairing").PAIRING for name in told}
