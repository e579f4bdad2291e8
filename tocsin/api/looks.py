"""Looks in the partner API: one's own, a center's patterns for its auditors, a member's data and the glass before it,
and what is shared with people outside."""

from datetime import datetime, timedelta
from typing import Any, Literal

from django.conf import settings
from django.db.models import Q
from django.http import Http404, HttpRequest
from ninja import Router, Schema
from pydantic import AwareDatetime, Field

from tocsin.api import schema
from tocsin.api.asking import Asking
from tocsin.devices import say as devices
from tocsin.incidents.models import Incident
from tocsin.incidents.say import withheld
from tocsin.looks import actions, auditing, find, say, see
from tocsin.looks.models import Glass, Share
from tocsin.looks.rules import PHONE
from tocsin.looks.write import note
from tocsin.people.models import Person

router = Router()
FOUND = 20


class LookOut(Schema):
    """`said` and `why` are sentences for whoever was looked at; `of` only where one reads one's own looks."""

    at: datetime
    who: str
    role: str
    center: str
    kind: str
    said: str
    why: str
    reason: str
    glass: bool
    incident: int | None
    of: str | None = None


class LooksOut(Schema):
    items: list[LookOut]


class LookerOut(Schema):
    """How much one person looked: at how many people, at night (22:00 to 06:00 at the center), without an open
    incident, by broken glass."""

    person: schema.PersonOut
    role: str
    role_said: str
    looks: int
    people: int
    night: int
    without: int
    glass: int
    last_at: datetime


class PatternsOut(Schema):
    items: list[LookerOut]
    center: str
    since: datetime


class MemberOut(Schema):
    """A member as one may see them now. `visible`: whether more than the name is; `glass_until`: by broken glass."""

    id: int
    name: str
    center: str | None
    visible: bool
    glass_until: datetime | None
    phone: str | None
    languages: list[str]
    devices: list[dict[str, Any]]
    incidents: list[int]


class GlassIn(Schema):
    reason: str = Field(max_length=2000)


class ShareIn(Schema):
    """With whom, what for, until when (30 days at most). `parts`: summary, position, caller."""

    kind: Literal["media", "police", "embassy", "other"]
    name: str = Field(max_length=120)
    organisation: str = Field(max_length=120)
    purpose: str = Field(max_length=2000)
    parts: list[Literal["summary", "position", "caller"]] = Field(max_length=3)
    ends_at: AwareDatetime


class ShareOut(Schema):
    """`state`: open, revoked, ended. `link`: only where it was made just now."""

    id: int
    kind: str
    kind_said: str
    name: str
    organisation: str
    purpose: str
    parts: list[str]
    by: schema.PersonOut
    at: datetime
    ends_at: datetime
    revoked_at: datetime | None
    state: Literal["open", "revoked", "ended"]
    opened: int = 0
    opened_at: datetime | None = None
    link: str | None = None


class SharesOut(Schema):
    items: list[ShareOut]


@router.get("/looks", response=LooksOut)
def mine(request: HttpRequest) -> dict[str, Any]:
    """At whom I looked, the newest first."""
    asking = Asking(request)
    return {"items": say.by_me(asking.person, asking.language)}


def _audited(asking: Asking, center: str) -> tuple[str, list[int]]:
    """The center and those below it whose looks this person audits."""
    found = auditing.centers(asking.person, asking.network, asking.now)
    place = asking.network.by_code.get(center)
    if place is None or place.id not in found:
        raise Http404
    return place.code, sorted(found & asking.network.below(place.id))


@router.get("/looks/patterns", response=PatternsOut)
def patterns(request: HttpRequest, center: str, days: int = 30) -> dict[str, Any]:
    """Who looked how much at a center's people. For its auditors; everybody else gets 404."""
    asking = Asking(request)
    code, near = _audited(asking, center)
    since = asking.now - timedelta(days=max(1, min(days, 366)))
    return {"items": say.patterns(near, since, asking.language), "center": code, "since": since}


@router.get("/looks/by/{int:pk}", response=LooksOut)
def by(request: HttpRequest, pk: int, center: str, days: int = 30) -> dict[str, Any]:
    """What one person looked at in a center, for its auditors; of those looked at the incident's number alone."""
    asking = Asking(request)
    _, near = _audited(asking, center)
    since = asking.now - timedelta(days=max(1, min(days, 366)))
    return {"items": say.at_center(near, pk, since, asking.language)}


@router.get("/people", response=dict[str, list[schema.PersonOut]])
def people(request: HttpRequest, center: str, q: str) -> dict[str, Any]:
    """Members of a center where you may act, by name or by their whole number. Their name, and no more."""
    asking = Asking(request)
    here = asking.center(center, acting=True).pk
    wanted = q.replace("\0", "").strip()[:80]
    known = see.known_to(asking.person, asking.now).filter(center__in=asking.network.below(here) & asking.acts)
    people = list(known.filter(find.called(wanted)).order_by("name", "pk")[:FOUND]) if wanted else []
    find.found(asking.person, people, asking.now)
    return {"items": [{"id": p.pk, "name": p.name} for p in people]}


@router.get("/people/{int:pk}", response=MemberOut)
def person(request: HttpRequest, pk: int) -> dict[str, Any]:
    """A member: their data while they have an open incident at your centers, or after you broke the glass."""
    asking = Asking(request)
    return _member(asking, _known(asking, pk))


@router.post("/people/{int:pk}/glass", response=MemberOut)
def break_glass(request: HttpRequest, pk: int, body: GlassIn) -> dict[str, Any]:
    """Break the glass: see a member's data for 30 minutes, for the reason you state. The member and the center's
    director are told at once."""
    asking = Asking(request)
    found = see.known_to(asking.person, asking.now).select_related("center").filter(pk=pk).first()
    if found is None:
        raise Http404
    actions.break_glass(found, asking.person, body.reason, asking.now)
    return _member(asking, found)


def _known(asking: Asking, pk: int) -> Person:
    both = Q(pk__in=see.known_to(asking.person, asking.now).values("pk"))
    both |= Q(pk__in=see.visible_to(asking.person, asking.now).values("pk"))
    found = Person.objects.select_related("center").filter(both, pk=pk).first()
    if found is None:
        raise Http404
    return found


def _member(asking: Asking, found: Person) -> dict[str, Any]:
    glass: Glass | None = see.open_glass(asking.person, asking.now).filter(of=found).order_by("until").last()
    visible = see.Standing(asking.person, asking.now, asking.network).sees_of(found.pk, PHONE)
    if visible:
        why = "glass" if glass else ""
        note(asking.person, "profile", found, asking.now, why=why, glass=glass is not None)
    else:
        note(asking.person, "name", found, asking.now)
    open_ = asking.incidents().open().filter(person=found, drill=False).order_by("pk")
    theirs = devices.devices().filter(person=found) if visible else ()
    return {
        "id": found.pk,
        "name": found.name,
        "center": found.center and found.center.code,
        "visible": visible,
        "glass_until": glass and glass.until,
        "phone": found.phone if visible else None,
        "languages": [found.language] if visible else [],
        "devices": [{"id": d.pk, "protocol": d.protocol, "name": d.name} for d in theirs],
        "incidents": list(open_.values_list("pk", flat=True)),
    }


@router.get("/incidents/{int:pk}/shares", response=SharesOut)
def shares(request: HttpRequest, pk: int) -> dict[str, Any]:
    """With whom an incident was shared, and how often each opened it."""
    asking = Asking(request)
    found = Incident.objects.get(pk=asking.seen(pk))
    return {"items": say.shares(found, asking.now, asking.language)}


@router.post("/incidents/{int:pk}/shares", response={201: ShareOut})
def share(request: HttpRequest, pk: int, body: ShareIn) -> tuple[int, dict[str, Any]]:
    """Show an incident, or a part of it, to one named person outside. The link is told this once."""
    asking = Asking(request)
    found = Incident.objects.select_related("merged_into").get(pk=asking.to_act_on(pk))
    made, token = actions.share(
        found, asking.person, asking.now, kind=body.kind, name=body.name, organisation=body.organisation,
        purpose=body.purpose, parts=body.parts, ends_at=body.ends_at,
        withheld=withheld(found, asking.leads, asking.now),
    )  # fmt: skip
    link = f"{settings.PUBLIC_URL}/s/{token}"
    return 201, {**say.share(made, asking.now, asking.language), "link": link}


@router.post("/shares/{int:pk}/revoke", response=ShareOut)
def revoke(request: HttpRequest, pk: int, body: schema.Nothing = schema.Nothing()) -> dict[str, Any]:  # noqa: B008
    """Nothing is shown by that link any more."""
    asking = Asking(request)
    found = Share.objects.select_related("by").filter(pk=pk, incident__in=asking.incidents().values("pk")).first()
    if found is None:
        raise Http404
    asking.to_act_on(found.incident_id)
    return say.share(actions.revoke(found, asking.person, asking.now), asking.now, asking.language)
