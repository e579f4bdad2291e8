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

# Waiting to be claimed, and: a step overdue; or no step at all; or alarms that no courier carries.
UNSERVED = """
SELECT i.id, CASE WHEN s.id IS NULL THEN i.opened_at WHEN s.due < %(late)s THEN s.due ELSE d.due END
FROM incidents_incident i
LEFT JOIN escalation_step s ON s.incident_id = i.id AND s.done_at IS NULL
LEFT JOIN LATERAL (
    SELECT min(due) AS due FROM notifications_delivery
    WHERE incident_id = i.id AND state IN ('queued', 'sending') AND message = 'alarm'
) d ON true
WHERE i.state = 'new' AND i.merged_into_id IS NULL AND (s.id IS NULL OR s.due < %(late)s OR d.due < %(late)s)
  AND NOT EXISTS (
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
