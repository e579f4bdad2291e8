"""Rosters in the partner API. Who sees a center sees its roster; supervisors and directors change it."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest
from ninja import Router

from tocsin.api import roster_schema as schema
from tocsin.api.asking import Asking
from tocsin.api.schema import Nothing, PersonOut
from tocsin.centers.models import Center
from tocsin.incidents.models import centers_of
from tocsin.people.models import Person
from tocsin.rosters import actions, say
from tocsin.rosters.models import Feed, Handover, Pattern, Shift, Swap

router = Router()
EDITS = frozenset({"supervisor", "director"})


def _editable(asking: Asking) -> set[int]:
    return centers_of(asking.person, asking.network, asking.now, EDITS)


def _to_edit(asking: Asking, code: str) -> Center:
    """The center, if the person may change its roster. One who may only look gets 404, like a stranger."""
    found = Center.objects.filter(code=code, pk__in=_editable(asking)).first()
    if found is None:
        raise Http404
    return found


def _pattern(asking: Asking, pk: int) -> Pattern:
    found = Pattern.objects.filter(pk=pk, center__in=_editable(asking)).select_related("center", "person").first()
    if found is None:
        raise Http404
    return found


def _staff(pk: int) -> Person:
    found = Person.objects.filter(pk=pk, is_active=True).first()
    if found is None:
        raise Http404
    return found


# ── what is ─────────────────────────────────────────────────────────────────


@router.get("/roster", response=schema.WeekOut)
def roster(request: HttpRequest, center: str, day: date | None = None) -> dict[str, Any]:
    """The week of that day at a center (of today, if none is given): shifts, gaps and overlaps by duty."""
    asking = Asking(request)
    here = asking.center(center)
    today = asking.now.astimezone(ZoneInfo(here.time_zone)).date()
    # Beyond these years a week cannot be told in every time zone.
    asked = today if day is None else min(max(day, date(1970, 1, 8)), date(9000, 1, 1))
    return {**say.week(here, asked, asking.language), "edits": here.pk in _editable(asking), "now": asking.now}


@router.get("/on-duty", response=schema.NowOut)
def on_duty(request: HttpRequest, center: str) -> dict[str, Any]:
    """Who is on duty now, the next gap, and the hand-over notes that wait."""
    asking = Asking(request)
    return say.now_on_duty(asking.center(center), asking.now)


@router.get("/colleagues", response=dict[str, list[PersonOut]])
def colleagues(request: HttpRequest, center: str, duty: schema.Duty) -> dict[str, Any]:
    """Who can have a shift of this duty at a center; also for those who have such shifts themselves."""
    asking = Asking(request)
    own = asking.person.roles.in_force(asking.now).filter(name=duty).values_list("center_id", flat=True)
    here = Center.objects.filter(code=center, pk__in=asking.sees | set(own)).first()
    if here is None:
        raise Http404
    return {"items": say.colleagues(here, duty, asking.now)}


# ── patterns and single shifts ──────────────────────────────────────────────


@router.get("/patterns", response=dict[str, list[schema.PatternOut]])
def patterns(request: HttpRequest, center: str) -> dict[str, Any]:
    """The weekly shifts of a center."""
    rows = Pattern.objects.filter(center=Asking(request).center(center)).select_related("center", "person")
    return {"items": [say.pattern(row) for row in rows.order_by("duty", "weekday", "start", "pk")]}


@router.post("/patterns", response={201: schema.PatternOut})
def add_pattern(request: HttpRequest, body: schema.NewPatternIn) -> tuple[int, dict[str, Any]]:
    """A weekly shift; its shifts are made eight weeks ahead."""
    asking = Asking(request)
    here = _to_edit(asking, body.center)
    return 201, say.pattern(actions.set_pattern(_filled(Pattern(center=here), body), asking.person, asking.now))


@router.post("/patterns/{int:pk}", response=schema.PatternOut)
def change_pattern(request: HttpRequest, pk: int, body: schema.PatternIn) -> dict[str, Any]:
    """Its shifts from now on are made anew; what was swapped or taken out stays so."""
    asking = Asking(request)
    return say.pattern(actions.set_pattern(_filled(_pattern(asking, pk), body), asking.person, asking.now))


@router.post("/patterns/{int:pk}/end", response=dict[str, Any])
def end_pattern(request: HttpRequest, pk: int, body: Nothing = Nothing()) -> dict[str, Any]:  # noqa: B008
    """No more shifts of it from now on."""
    asking = Asking(request)
    actions.end_pattern(_pattern(asking, pk), asking.person, asking.now)
    return {"id": pk, "ended": True}


def _filled(pattern: Pattern, body: schema.PatternIn) -> Pattern:
    pattern.duty, pattern.person, pattern.weekday = body.duty, _staff(body.person), body.weekday
    pattern.start, pattern.minutes = body.start.replace(second=0, microsecond=0, tzinfo=None), body.minutes
    pattern.since, pattern.until = body.since, body.until
    return pattern


@router.post("/shifts", response={201: schema.ShiftOut})
def add_shift(request: HttpRequest, body: schema.ShiftIn) -> tuple[int, dict[str, Any]]:
    """A single shift."""
    asking = Asking(request)
    made = actions.add_shift(
        _to_edit(asking, body.center),
        body.duty,
        _staff(body.person),
        body.starts_at,
        body.ends_at,
        asking.person,
        asking.now,
    )
    return 201, say.shift(made, asking.language)


@router.post("/shifts/{int:pk}/remove", response=dict[str, Any])
def remove_shift(request: HttpRequest, pk: int, body: Nothing = Nothing()) -> dict[str, Any]:  # noqa: B008
    """Take a shift out; one that runs ends now."""
    asking = Asking(request)
    found = Shift.objects.filter(pk=pk, center__in=_editable(asking), removed_at=None).first()
    if found is None:
        raise Http404
    actions.remove_shift(found, asking.person, asking.now)
    return {"id": pk, "removed": True}


# ── swaps ───────────────────────────────────────────────────────────────────


@router.get("/shifts", response=dict[str, list[schema.ShiftOut]])
def my_shifts(request: HttpRequest) -> dict[str, Any]:
    """My own shifts of the next eight weeks, at all centers."""
    asking = Asking(request)
    return {"items": [say.shift(row, asking.language) for row in say.mine(asking.person, asking.now)]}


@router.post("/shifts/{int:pk}/offer", response={201: schema.SwapOut})
def offer(request: HttpRequest, pk: int, body: schema.OfferIn) -> tuple[int, dict[str, Any]]:
    """Ask a colleague to take over a shift of mine. Offered twice to the same one, it is the same offer."""
    asking = Asking(request)
    found = Shift.objects.filter(pk=pk, person=asking.person, removed_at=None).first()
    if found is None:
        raise Http404
    made = actions.offer(found, _staff(body.to), asking.person, asking.now)
    return 201, say.swap(_swap(made.pk), asking.language)


@router.get("/swaps", response=schema.SwapsOut)
def swaps(request: HttpRequest) -> dict[str, Any]:
    """Offers that wait for an answer: to me, and by me."""
    asking = Asking(request)
    return say.swaps(asking.person, asking.now, asking.language)


@router.post("/swaps/{int:pk}/accept", response=schema.SwapOut)
def accept(request: HttpRequest, pk: int, body: Nothing = Nothing()) -> dict[str, Any]:  # noqa: B008
    """Take over the shift. Of several who accept, the first has it."""
    return _answered(Asking(request), pk, True)


@router.post("/swaps/{int:pk}/decline", response=schema.SwapOut)
def decline(request: HttpRequest, pk: int, body: Nothing = Nothing()) -> dict[str, Any]:  # noqa: B008
    """It stays with the one who has it."""
    return _answered(Asking(request), pk, False)


def _answered(asking: Asking, pk: int, accepted: bool) -> dict[str, Any]:
    found = Swap.objects.filter(pk=pk, to=asking.person).first()
    if found is None:
        raise Http404
    actions.answer(found, accepted, asking.person, asking.now)
    return say.swap(_swap(pk), asking.language)


def _swap(pk: int) -> Swap:
    return Swap.objects.select_related("shift__center", "shift__person", "to").get(pk=pk)


# ── hand-over ───────────────────────────────────────────────────────────────


@router.get("/handovers", response=dict[str, list[schema.HandoverOut]])
def handovers(request: HttpRequest, center: str) -> dict[str, Any]:
    """Notes of a center that nobody has confirmed yet."""
    return {"items": say.handovers(Asking(request).center(center, acting=True))}


@router.post("/handovers", response={201: schema.HandoverOut})
def hand_over(request: HttpRequest, body: schema.HandoverIn) -> tuple[int, dict[str, Any]]:
    """Leave a note for the next officer."""
    asking = Asking(request)
    note = actions.hand_over(asking.center(body.center, acting=True), body.text, asking.person, asking.now)
    return 201, say.handover(note)


@router.post("/handovers/{int:pk}/confirm", response=schema.HandoverOut)
def confirm(request: HttpRequest, pk: int, body: Nothing = Nothing()) -> dict[str, Any]:  # noqa: B008
    """I have read it. Not for its author."""
    asking = Asking(request)
    found = Handover.objects.filter(pk=pk, center__in=asking.acts).first()
    if found is None:
        raise Http404
    actions.confirm(found, asking.person, asking.now)
    return say.handover(Handover.objects.select_related("author", "confirmed_by").get(pk=pk))


# ── calendar ────────────────────────────────────────────────────────────────


@router.get("/calendar", response=schema.LinkOut)
def calendar(request: HttpRequest) -> dict[str, Any]:
    """Whether there is a calendar address of mine."""
    return {"linked": Feed.objects.filter(person=Asking(request).person).exists()}


@router.post("/calendar", response={201: schema.LinkOut})
def link_calendar(request: HttpRequest, body: Nothing = Nothing()) -> tuple[int, dict[str, Any]]:  # noqa: B008
    """A new address of my shifts as an iCalendar feed, shown once; an older one opens nothing any more."""
    key = actions.link_calendar(Asking(request).person)
    return 201, {"linked": True, "url": request.build_absolute_uri(f"/calendar/{key}.ics")}


@router.post("/calendar/revoke", response=schema.LinkOut)
def unlink_calendar(request: HttpRequest, body: Nothing = Nothing()) -> dict[str, Any]:  # noqa: B008
    actions.unlink_calendar(Asking(request).person)
    return {"linked": False}
