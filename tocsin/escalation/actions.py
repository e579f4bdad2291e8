"""The writers of escalation: start, stop, and the step itself (done by the clock)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction

from tocsin.book.record import New, record
from tocsin.centers.network import Network
from tocsin.escalation import rules
from tocsin.escalation.facts import Escalated
from tocsin.lib.sql import Statement, array


def start(incidents: Sequence[int], at: datetime) -> Statement:
    """Give each incident its first deadline; done in the transaction that opened (or reopened) it."""
    return (
        "INSERT INTO escalation_step (incident_id, number, due) SELECT i, 1, %s FROM unnest(%s::bigint[]) i "
        "ON CONFLICT (incident_id) WHERE done_at IS NULL DO UPDATE SET number = 1, due = excluded.due",
        (rules.due(1, at), array(incidents)),
    )


def stop(incidents: Sequence[int], at: datetime) -> Statement:
    """Somebody claimed, closed or merged them: no step is pending any more."""
    return (
        "DELETE FROM escalation_step WHERE done_at IS NULL AND incident_id = ANY(%s::bigint[])",
        (array(incidents),),
    )


# The incident is locked first, as in every verb; a claim that is being committed makes us look elsewhere.
TAKE = """
SELECT s.id, s.number, s.due, i.id, i.centers, i.center_id
FROM escalation_step s JOIN incidents_incident i ON i.id = s.incident_id
WHERE s.done_at IS NULL AND s.due <= %s ORDER BY s.due LIMIT %s
FOR UPDATE OF i, s SKIP LOCKED
"""


def escalate(network: Network, at: datetime, most: int = 100) -> int:
    """Do the steps that are due: ring at further centers, write it down, set the next deadline. Returns how many."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TAKE, (at, most))
        steps = cursor.fetchall()
        entries = []
        for pk, number, due, incident, centers, owner in steps:
            ringing = rules.reached(number, network.line(owner)) or (owner,)
            everywhere = [*centers, *(c for c in ringing if c not in centers)]
            cursor.execute("UPDATE incidents_incident SET centers = %s WHERE id = %s", (everywhere, incident))
            cursor.execute("UPDATE escalation_step SET done_at = %s WHERE id = %s", (at, pk))
            started_at = due - (rules.due(number, due) - due)
            # After an outage steps are overdue: the next one counts from now, so that they do not fire all at once.
            following = max(rules.due(number + 1, started_at), at + timedelta(seconds=5))
            cursor.execute(
                "INSERT INTO escalation_step (incident_id, number, due) VALUES (%s, %s, %s)",
                (incident, number + 1, following),
            )
            entries.append(New(everywhere, Escalated(step=number, to_centers=ringing), at, incident))
        if entries:
            record(cursor, entries)
    return len(steps)
