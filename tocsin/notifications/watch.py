"""The watch on ourselves: an open incident whose deadline passed unserved, or that has none, is shouted about.

Done by the clock and by every courier, so that none of them is its own only judge.
"""

from datetime import datetime, timedelta

from django.db import connection, transaction

from tocsin.book.models import Entry
from tocsin.book.record import New, record
from tocsin.centers.network import Network
from tocsin.incidents.models import Incident
from tocsin.notifications import actions
from tocsin.notifications.alarm import values_of
from tocsin.notifications.facts import Unserved
from tocsin.rosters import on_duty

LATE = timedelta(seconds=10)
AGAIN = timedelta(minutes=5)

# Waiting to be claimed, and: a step overdue; or no step at all; or alarms that no courier carries. What is late is
# looked for first, by its index: there is next to nothing, whatever the number of open incidents.
UNSERVED = """
WITH late AS MATERIALIZED (
    SELECT incident_id, due FROM escalation_step WHERE done_at IS NULL AND due < %(late)s
    UNION ALL
    SELECT incident_id, due FROM notifications_delivery
    WHERE state IN ('queued', 'sending') AND due < %(late)s AND message = 'alarm'
    UNION ALL
    SELECT i.id, i.opened_at FROM incidents_incident i
    LEFT JOIN escalation_step s ON s.incident_id = i.id AND s.done_at IS NULL
    WHERE i.state = 'new' AND i.merged_into_id IS NULL AND s.id IS NULL
), each AS MATERIALIZED (
    SELECT incident_id, min(due) AS due FROM late GROUP BY 1
)
SELECT i.id, each.due FROM each JOIN incidents_incident i ON i.id = each.incident_id
WHERE i.state = 'new' AND i.merged_into_id IS NULL AND NOT EXISTS (
    SELECT FROM book_entry e WHERE e.incident_id = i.id AND e.kind = 'unserved' AND e.at > %(again)s
)
ORDER BY i.id LIMIT 100 FOR UPDATE OF i SKIP LOCKED
"""


def watch(network: Network, at: datetime) -> int:
    """Shout about what is unserved: at the desks of all centers up to the root, and to directors and administrators."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(UNSERVED, {"late": at - LATE, "again": at - AGAIN})
        late = dict(cursor.fetchall())
        # once more, now that they are ours: another watch may have been quicker
        shouted = Entry.objects.filter(kind="unserved", incident_id__in=late, at__gt=at - AGAIN)
        for known in shouted.values_list("incident_id", flat=True):
            late.pop(known, None)
        entries = []
        for incident in Incident.objects.select_related("center", "person", "device__site").filter(pk__in=late):
            line = network.line(incident.center_id) or [incident.center_id]
            seconds = int((at - late[incident.pk]).total_seconds())
            entries.append(
                New(
                    [*incident.centers, *(c for c in line if c not in incident.centers)],
                    Unserved(seconds=seconds),
                    at,
                    incident.pk,
                )
            )
            people = on_duty.holders(line, ("director", "administrator"), at)
            round = int(at.timestamp() // AGAIN.total_seconds())
            actions.tell(
                people,
                "unserved",
                values_of(incident),
                at,
                by=("email", "webpush"),
                incident=incident,
                round=round,
                urgent=True,
                drill=incident.drill,
            )
        if entries:
            record(cursor, entries)
    return len(entries)
