"""My duty, in the app: my shifts, swaps, and "I'm available". For those who have a role with shifts."""

import math
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from tocsin.app.asking import body_of, member, reply, trouble
from tocsin.centers.models import Center
from tocsin.lib.buckets import Buckets
from tocsin.lib.refused import Refused
from tocsin.locale.choose import spoken
from tocsin.people.models import Person
from tocsin.rosters import actions, say
from tocsin.rosters.models import DUTIES, Availability, Feed, Shift, Swap

MOST_HOURS = 24

_looks = Buckets(burst=60, rate=1)  # by person
_verbs = Buckets(burst=20, rate=1 / 30)


def has_duty(person: Person, at: datetime) -> bool:
    """Whether this person has a role with shifts, so that the app shows the page."""
    return person.roles.in_force(at).filter(name__in=DUTIES).exists()


@require_GET
def duty(request: HttpRequest) -> HttpResponse:
    """My shifts of the next eight weeks, offers that wait, and whether I said that I am available."""
    person, refusal = _asking(request, _looks)
    return refusal if person is None else reply(_whole(person, datetime.now(UTC)))


@csrf_exempt
@require_POST
def available(request: HttpRequest) -> HttpResponse:
    """`{"hours": 4}`, with `"position": {"lat", "lon"}` or without; 0 ends it. `"center"` for responders of several."""
    person, refusal = _asking(request, _verbs)
    if person is None:
        return refusal
    body, now = body_of(request), datetime.now(UTC)
    hours, position = _number(body.get("hours"), MOST_HOURS), _place(body.get("position"))
    if hours is None or hours < 0:
        return trouble(422, "请填写0到24小时", "Say from 0 to 24 hours", field="hours")
    centers = _where(person, now)
    wanted = body.get("center")
    center = next((c for c in centers if c.code == wanted), None) if wanted else next(iter(centers), person.center)
    if center is None:
        return trouble(404)
    lat, lon = position or (None, None)
    return _done(person, now, lambda: actions.available(person, center, hours, now, lat, lon))


@csrf_exempt
@require_POST
def answer(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """accept or decline an offer."""
    person, refusal = _asking(request, _verbs)
    if person is None:
        return refusal
    now = datetime.now(UTC)
    swap = Swap.objects.filter(pk=pk, to=person).first()
    if swap is None:
        return trouble(404)
    return _done(person, now, lambda: actions.answer(swap, verb == "accept", person, now))


@require_GET
def colleagues(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom I can ask to take over this shift of mine."""
    person, refusal = _asking(request, _looks)
    if person is None:
        return refusal
    shift = Shift.objects.filter(pk=pk, person=person, removed_at=None).select_related("center").first()
    if shift is None:
        return trouble(404)
    others = say.colleagues(shift.center, shift.duty, datetime.now(UTC))
    return reply({"items": [each for each in others if each["id"] != person.pk]})


@csrf_exempt
@require_POST
def offer(request: HttpRequest, pk: int) -> HttpResponse:
    """`{"to": person}`: ask them to take over this shift of mine."""
    person, refusal = _asking(request, _verbs)
    if person is None:
        return refusal
    now, to = datetime.now(UTC), body_of(request).get("to")
    shift = Shift.objects.filter(pk=pk, person=person, removed_at=None).first()
    known = Person.objects.filter(pk=to, is_active=True).first() if type(to) is int and 0 < to < 2**63 else None
    if shift is None or known is None:
        return trouble(404)
    return _done(person, now, lambda: actions.offer(shift, known, person, now))


@csrf_exempt
@require_POST
def link(request: HttpRequest) -> HttpResponse:
    """A new calendar address, shown once."""
    person, refusal = _asking(request, _verbs)
    if person is None:
        return refusal
    key = actions.link_calendar(person)
    url = request.build_absolute_uri(f"/calendar/{key}.ics")
    return reply({**_whole(person, datetime.now(UTC)), "calendar_url": url}, 201)


@csrf_exempt
@require_POST
def unlink(request: HttpRequest) -> HttpResponse:
    person, refusal = _asking(request, _verbs)
    if person is None:
        return refusal
    return _done(person, datetime.now(UTC), lambda: actions.unlink_calendar(person))


def _whole(person: Person, at: datetime) -> dict[str, Any]:
    language = spoken()
    said = Availability.objects.filter(person=person, since__lte=at, until__gt=at).select_related("center").first()
    return {
        "shifts": [say.shift(row, language) for row in say.mine(person, at)],
        "swaps": say.swaps(person, at, language),
        "centers": [{"code": c.code, "name": c.name(language)} for c in _where(person, at)],
        "available": said
        and {
            "until": said.until,
            "center": said.center.code,
            "center_name": said.center.name(language),
            "placed": said.lat is not None,
        },
        "calendar": Feed.objects.filter(person=person).exists(),
        "now": at,
    }


def _where(person: Person, at: datetime) -> list[Center]:
    """Where this person can say that they are available: their own center first."""
    held = person.roles.in_force(at).filter(name="responder").values("center")
    return sorted(Center.objects.filter(pk__in=held), key=lambda c: (c.pk != person.center_id, c.code))


def _done(person: Person, at: datetime, verb: Any) -> HttpResponse:
    try:
        verb()
    except Refused as refused:
        return trouble(409, refused.said("zh-hans"), refused.said("en"))
    return reply(_whole(person, at))


def _asking(request: HttpRequest, bucket: Buckets) -> tuple[Person | None, HttpResponse]:
    """The person whose phone asks; or None, and what to answer. Who has no role with shifts has no such page."""
    person, refusal = member(request, bucket)
    if person and not has_duty(person, datetime.now(UTC)):
        return None, trouble(404)
    return person, refusal


def _number(value: object, most: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value) if abs(value) <= most else None


def _place(value: object) -> tuple[float, float] | None:
    """Where they are, if they said so and it is on earth."""
    if not isinstance(value, dict):
        return None
    lat, lon = _number(value.get("lat"), 90), _number(value.get("lon"), 180)
    return None if lat is None or lon is None else (lat, lon)
