"""Legal hold 保全: a director says, with a reason and an end, that nothing of an incident is deleted meanwhile."""

import os
from datetime import datetime, timedelta

from django.db import connection, transaction

from tocsin.book.record import New, record
from tocsin.incidents.models import Incident, Note
from tocsin.incidents.notes import digest_of
from tocsin.lib.refused import Refused
from tocsin.people.models import Person
from tocsin.privacy.facts import Held, HoldEnded
from tocsin.privacy.models import Hold

LONGEST = timedelta(days=2 * 365)  # then it is looked at anew


def hold(incident: Incident, reason: str, until: datetime, by: Person, at: datetime) -> Hold:
    """Nothing of the incident is deleted before `until`. The caller has looked whether `by` may."""
    reason = reason.replace("\0", "").strip()[:2000]
    if not reason:
        raise Refused("hold_reason")
    if not at < until <= at + LONGEST:
        raise Refused("hold_end", years=LONGEST.days // 365)
    with transaction.atomic():
        incident = Incident.objects.select_for_update(of=("self",)).get(pk=incident.pk)
        if Hold.objects.in_force(at).filter(incident=incident).exists():
            raise Refused("held_already")
        Hold.objects.filter(incident=incident, ended_at=None).update(ended_at=at)  # one that ran out
        salt = os.urandom(16)
        note = Note.objects.create(incident=incident, author=by, text=reason, salt=salt, at=at)
        made = Hold.objects.create(incident=incident, by=by, note=note, since=at, until=until)
        fact = Held(hold=made.pk, until=f"{until:%Y-%m-%d}", note=note.pk, digest=digest_of(reason, salt))
        with connection.cursor() as cursor:
            record(cursor, [New(incident.centers, fact, at, incident.pk, by.pk)])
    return made


def end(held: Hold, by: Person, at: datetime) -> None:
    """From now on it is deleted as anything else."""
    with transaction.atomic():
        found = Hold.objects.select_for_update(of=("self",)).select_related("incident").get(pk=held.pk)
        if found.ended_at is not None or found.until <= at:
            raise Refused("no_change")
        found.ended_at, found.ended_by = at, by
        found.save(update_fields=["ended_at", "ended_by"])
        with connection.cursor() as cursor:
            fact = HoldEnded(hold=found.pk)
            record(cursor, [New(found.incident.centers, fact, at, found.incident_id, by.pk)])
