"""When the next step is due and whom it reaches. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

#: Seconds after the alarm at which steps 1 and 2 are due; from then on the last step repeats until somebody claims.
DUE = (30, 90)
REPEAT = 60


def due(step: int, started_at: datetime) -> datetime:
    """When step `step` (1, 2, …) of an escalation that started at `started_at` is due."""
    if step <= len(DUE):
        return started_at + timedelta(seconds=DUE[step - 1])
    return started_at + timedelta(seconds=DUE[-1] + REPEAT * (step - len(DUE)))


def reached(step: int, line: Sequence[int]) -> tuple[int, ...]:
    """The centers that step `step` rings at; `line` is the owner, its parent and so on up to the root."""
    return tuple(line[:2]) if step == 1 else tuple(line)
