"""Warnings before it is too late: nobody on the roster, or somebody who cannot be reached. Done by the clock.

Only centers that keep a roster are warned; the others are told by everybody with the role. Each is told days and again
hours before. A gap is known by its start, an officer by their number: what the book says already is not said again.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from tocsin.book.models import Entry
from tocsin.book.record import New, record
from tocsin.centers.models import Center
from tocsin.notifications import actions, registry
from tocsin.notifications.facts import OfficerUnreachable, RosterGap
from tocsin.notifications.models import Contact
from tocsin.rosters import on_duty
from tocsin.rosters.models import Shift

DUTY = "duty_officer"
#: How long before, and on which channels directors and supervisors hear of it.
NOTICES = {
    "hours": (timedelta(hours=6), ("webpush", "email", "sms")),
    "days": (timedelta(days=3), ("webpush", "email")),
}


def warn(at: datetime) -> int:
    """Tell directors and supervisors of gaps and of officers who cannot be reached; returns how many warnings."""
    told = 0
    for center in Center.objects.filter(pk__in=on_duty.keeping(DUTY, at)).order_by("pk"):
        with transaction.atomic():
            Center.objects.select_for_update(no_key=True).get(pk=center.pk)  # one clock at a time
            new = [*_gaps(center, at), *_unreachable(center, at)]
            if new:
                with connection.cursor() as cursor:
                    record(cursor, new)
            told += len(new)
    return told


def _gaps(center: Center, at: datetime) -> Iterator[New]:
    told = set[datetime]()
    for notice, (within, by) in NOTICES.items():
        said = [
            e.at + timedelta(minutes=e.facts["minutes"]) for e in _said(center, "roster_gap", notice, at - 2 * within)
        ]
        # one that runs already is looked at from its start, so that it is known again
        for start, end in on_duty.gaps(center.pk, DUTY, at - within, at + within):
            if end <= at or start in told or any(start - timedelta(minutes=1) <= known < end for known in said):
                continue
            told.add(start)  # not in hours and in days at once
            values = {"when": _wall(max(start, at), center)}
            _tell(center, "gap", values, at, by)
            minutes = max(0, int((start - at).total_seconds() // 60))
            yield New([center.pk], RosterGap(duty=DUTY, minutes=minutes, notice=notice), at)


def _unreachable(center: Center, at: datetime) -> Iterator[New]:
    """Whoever is on soon and has no living contact, on a channel that works here, that was ever confirmed."""
    told = set[int]()
    for notice, (within, by) in NOTICES.items():
        shifts = Shift.objects.between(at, at + within).counting().filter(center=center, duty=DUTY)
        said = {e.facts["person"] for e in _said(center, "officer_unreachable", notice, at - within)}
        for shift in shifts.exclude(person__in=reached()).exclude(person__in=said | told).select_related("person"):
            if shift.person_id in told:
                continue
            told.add(shift.person_id)
            values = {"who": shift.person.name, "when": _wall(max(shift.starts_at, at), center)}
            _tell(center, "unconfirmed", values, at, by)
            yield New([center.pk], OfficerUnreachable(duty=DUTY, person=shift.person_id, notice=notice), at)


def reached() -> "set[int]":
    """Ids of the people with a living, confirmed contact on a channel that can send."""
    working = [name for name in registry.channels() if not registry.problems(name)]
    sure = Contact.objects.filter(dead_at=None, confirmed_at__isnull=False, channel__in=working)
    return set(sure.values_list("person_id", flat=True))


def _tell(center: Center, message: str, values: dict[str, str], at: datetime, by: tuple[str, ...]) -> None:
    people = on_duty.holders([center.pk], ("director", "supervisor"), at)
    more = {"duty": DUTY, "center": [center.name_zh, center.name_en]}
    actions.tell(people, message, {**values, **more}, at, by=by)


def _wall(moment: datetime, center: Center) -> str:
    return f"{moment.astimezone(ZoneInfo(center.time_zone)):%Y-%m-%d %H:%M %z}"


def _said(center: Center, kind: str, notice: str, since: datetime) -> list[Entry]:
    """What was said with this notice; what was said hours before need not be said as days before."""
    entries = Entry.objects.filter(center_id=center.pk, kind=kind, echo=False, at__gt=since)
    return [entry for entry in entries if entry.facts.get("notice") in (notice, "hours")]
