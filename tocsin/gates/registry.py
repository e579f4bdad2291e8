"""The protocols there are: one for each folder in protocols/ that holds a decoder."""

from functools import cache
from importlib import import_module
from pathlib import Path

from tocsin.gates.protocol import Encoder, Gate, HttpGate, StreamGate

FOLDER = Path(__file__).parent / "protocols"


@cache
def gates() -> dict[str, Gate]:
    """Every gate by the name of its folder, in the order of the alphabet."""
    found: dict[str, Gate] = {}
    for path in sorted(FOLDER.glob("*/decoder.py")):
        name = path.parent.name
        gate = import_module(f"tocsin.gates.protocols.{name}.decoder").GATE
        if not isinstance(gate, StreamGate | HttpGate):
            raise TypeError(f"{path}: GATE must be a StreamGate or an HttpGate")
        found[name] = gate
    return found


def encoder(name: str) -> type[Encoder]:
    """The device's side of a protocol, for the simulator."""
    device: type[Encoder] = import_module(f"tocsin.gates.protocols.{name}.encoder").Device
    return device
