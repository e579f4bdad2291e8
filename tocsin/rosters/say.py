"""Rosters as the API and the app say them: a week of a center, who is on now, what waits for an answer."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from tocsin.centers.models import Center
from tocsin.lib.words import Language
from tocsin.people.models import Person, Role
from tocsin.rosters import on_duty, rules
from tocsin.rosters.models import DUTIES, Availability, Handover, Pattern, Shift, Swap

SOON = timedelta(days=3)


def person(row: Person) -> dict[str, Any]:
    return {"id": row.pk, "name": row.name}


def shift(row: Shift, language: Language) -> dict[str, Any]:
    return {
        "id": row.pk,
        "center": row.center.code,
        "center_name": row.center.name(language),
        "time_zone": row.center.time_zone,
        "duty": row.duty,
        "person": person(row.person),
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "pattern": row.pattern_id,
    }


def pattern(row: Pattern) -> dict[str, Any]:
    return {
        "id": row.pk,
        "center": row.center.code,
        "duty": row.duty,
        "person": person(row.person),
        "weekday": row.weekday,
        "start": row.start,
        "minutes": row.minutes,
        "since": row.since,
        "until": row.until,
    }


def week(center: Center, first: date, language: Language) -> dict[str, Any]:
    """The week from Monday of the week of `first`: days from local midnight to midnight, shifts, gaps and overlaps."""
    zone = ZoneInfo(center.time_zone)
    monday = first - timedelta(days=first.weekday())
    dates = [monday + timedelta(days=n) for n in range(8)]
    edges = [rules.moment(datetime.combine(day, time()), zone) for day in dates]
    here = Shift.objects.between(edges[0], edges[-1]).filter(center=center)
    rows = list(here.select_related("person", "center"))
    counting = set(here.counting().values_list("pk", flat=True))
    lasting = Pattern.objects.filter(Q(until=None) | Q(until__gte=monday), center=center)
    kept = {*lasting.values_list("duty", flat=True), *(r.duty for r in rows)}
    twice = _twice(rows)

    def _duty(duty: str, kept: bool) -> dict[str, Any]:
        on = [r for r in rows if r.duty == duty]
        covered = [(r.starts_at, r.ends_at) for r in on if r.pk in counting]
        shared = [(who, span) for who, duties, span in twice if duty in duties]
        return {
            "duty": duty,
            "kept": kept,
            "shifts": [{**shift(r, language), "counts": r.pk in counting} for r in on],
            "gaps": _spans(rules.gaps(covered, edges[0], edges[-1])) if kept else [],
            "overlaps": [{"person": person(who), **_spans([span])[0]} for who, span in shared],
        }

    return {
        "center": center.code,
        "time_zone": center.time_zone,
        "days": [
            {"date": day, "starts_at": start, "ends_at": end}
            for day, start, end in zip(dates, edges, edges[1:], strict=False)
        ],
        "duties": [_duty(duty, duty in kept) for duty in DUTIES],
    }


def _twice(rows: Iterable[Shift]) -> list[tuple[Person, set[str], rules.Span]]:
    """Who is down for two shifts at once here: (person, the duties of these shifts, the time they share)."""
    of: dict[int, list[Shift]] = defaultdict(list)
    for row in rows:
        of[row.person_id].append(row)
    found = []
    for theirs in of.values():
        for start, end in rules.overlaps([(r.starts_at, r.ends_at) for r in theirs]):
            duties = {r.duty for r in theirs if r.starts_at < end and r.ends_at > start}
            found.append((theirs[0].person, duties, (start, end)))
    return found


def _spans(spans: Iterable[rules.Span]) -> list[dict[str, Any]]:
    return [{"starts_at": start, "ends_at": end} for start, end in spans]


def now_on_duty(center: Center, at: datetime) -> dict[str, Any]:
    """Who is on duty: by a shift, by saying so in the app, or, with nobody on the roster, all who hold the role."""
    running = {
        duty: Shift.objects.at(at).filter(center=center, duty=duty, person__in=on_duty.rostered([center.pk], duty, at))
        for duty in DUTIES
    }
    people: list[dict[str, Any]] = []
    for duty, rows in running.items():
        people += [
            {**person(r.person), "phone": r.person.phone, "duty": duty, "by": "shift", "until": r.ends_at}
            for r in rows.select_related("person")
        ]
    said = Availability.objects.filter(center=center, since__lte=at, until__gt=at).select_related("person")
    coming = {who for who, _, _ in on_duty.responders(center.pk, at)} - {p["id"] for p in people if p["by"] == "shift"}
    people += [
        {**person(a.person), "phone": a.person.phone, "duty": "responder", "by": "available", "until": a.until}
        for a in said.order_by("until")
        if a.person_id in coming
    ]
    if not running["duty_officer"].exists():
        all_of_them = Person.objects.filter(pk__in=on_duty.officers(center.pk, at)).order_by("name")
        people += [
            {**person(p), "phone": p.phone, "duty": "duty_officer", "by": "role", "until": None} for p in all_of_them
        ]
    return {
        "center": center.code,
        "time_zone": center.time_zone,
        "people": people,
        "gap": next_gap(center, at),
        "handovers": handovers(center),
        "now": at,
    }


def next_gap(center: Center, at: datetime) -> dict[str, Any] | None:
    """The next time within three days without a duty officer; None also where no roster is kept."""
    if center.pk not in on_duty.keeping("duty_officer", at):
        return None
    found = on_duty.gaps(center.pk, "duty_officer", at, at + SOON)
    return _spans(found)[0] if found else None


def handover(row: Handover) -> dict[str, Any]:
    return {
        "id": row.pk,
        "author": person(row.author),
        "at": row.at,
        "text": row.text,
        "confirmed_by": person(row.confirmed_by) if row.confirmed_by else None,
        "confirmed_at": row.confirmed_at,
    }


def handovers(center: Center) -> list[dict[str, Any]]:
    """What nobody has confirmed yet, the oldest first."""
    rows = Handover.objects.filter(center=center, confirmed_at=None).select_related("author", "confirmed_by")
    return [handover(row) for row in rows.order_by("at", "pk")]


def mine(who: Person, at: datetime, weeks: int = 8) -> list[Shift]:
    """A person's shifts that are not over, at whatever center."""
    rows = Shift.objects.between(at, at + timedelta(weeks=weeks)).filter(person=who)
    return list(rows.select_related("center", "person"))


def swap(row: Swap, language: Language) -> dict[str, Any]:
    return {
        "id": row.pk,
        "shift": shift(row.shift, language),
        "to": person(row.to),
        "offered_at": row.offered_at,
        "answered_at": row.answered_at,
        "accepted": row.accepted,
    }


def swaps(who: Person, at: datetime, language: Language) -> dict[str, Any]:
    """What is offered to this person, and what they offered, while it can still be answered."""
    open_ = Swap.objects.filter(answered_at=None, shift__ends_at__gt=at, shift__removed_at=None)
    rows = open_.select_related("shift__center", "shift__person", "to").order_by("shift__starts_at", "pk")
    return {
        "to_me": [swap(row, language) for row in rows.filter(to=who)],
        "by_me": [swap(row, language) for row in rows.filter(shift__person=who)],
    }


def colleagues(center: Center, duty: str, at: datetime) -> list[dict[str, Any]]:
    """Who can have a shift of this duty there."""
    held = Role.objects.filter(Q(until=None) | Q(until__gt=at), center=center, name=duty)
    people = Person.objects.filter(pk__in=held.values("person"), is_active=True).order_by("name", "pk")
    return [person(p) for p in people]
