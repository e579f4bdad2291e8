"""Escalation begins and ends with these two, inside the transaction of whoever opened or took the incident.

The steps between are done by the clock: see `stages`.
"""

from collections.abc import Sequence
from datetime import datetime

from tocsin.lib.sql import Statement, array


def start(incidents: Sequence[int], at: datetime) -> Statement:
    """Each incident waits to be claimed: the clock chooses its plan at once, and goes through its stages."""
    return (
        "INSERT INTO escalation_step (incident_id, number, due) SELECT i, 0, %s FROM unnest(%s::bigint[]) i "
        "ON CONFLICT (incident_id) WHERE done_at IS NULL DO UPDATE SET number = 0, due = excluded.due",
        (at, array(incidents)),
    )


def stop(incidents: Sequence[int], at: datetime) -> Statement:
    """Somebody claimed, closed or merged them: no step is pending any more."""
    return (
        "DELETE FROM escalation_step WHERE done_at IS NULL AND incident_id = ANY(%s::bigint[])",
        (array(incidents),),
    )
