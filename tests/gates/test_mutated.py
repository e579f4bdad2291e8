"""Some hundred mutated frames for each gate, the same each time; `python -m bench mutate` does it with a million."""

from pathlib import Path

import pytest

from tocsin.gates.registry import gates

EACH = 600


@pytest.mark.parametrize(("name", "place"), [(name, n) for name in gates() for n in range(len(gates()[name]))])
def test_a_gate_takes_whatever_comes(name: str, place: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[2])
    from bench import mutate

    assert mutate.samples(name, gates()[name][place])
    result = mutate.attack(name, place, EACH, seed=7)
    assert not result.failures
    assert result.read, "every frame was refused: nothing was tried"
