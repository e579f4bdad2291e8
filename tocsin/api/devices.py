"""Devices in the partner API: what there is, how it is doing, how one is added and tried. For staff who may act.

An owner's number is shown on the page of one device, to whoever may see that person now (`tocsin/looks`); a list has
names alone. Each page of a member's device is a look at that member.
"""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from ninja import Router

from tocsin.api import schema
from tocsin.api.asking import Asking
from tocsin.devices import pairing, say
from tocsin.devices.models import Device, Site
from tocsin.lib.refused import Refused
from tocsin.looks import find
from tocsin.looks import rules as looks
from tocsin.looks.say import last_digits
from tocsin.looks.see import Standing
from tocsin.looks.write import note
from tocsin.people.models import Person

router = Router()
MOST = 2000
OWNERS = 20
ORDER = ("silent", "trouble", "waiting", "ok")


def _mine(asking: Asking) -> QuerySet[Device]:
    """The devices of the centers where this person may act, whoever of them owns it."""
    return say.devices().filter(
        Q(center__in=asking.acts) | Q(site__center__in=asking.acts) | Q(person__center__in=asking.acts)
    )


def _one(asking: Asking, pk: int) -> Device:
    found = _mine(asking).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _detail(asking: Asking, pk: int) -> dict[str, Any]:
    found = _one(asking, pk)
    knocks = say.knocks(found, asking.now, staff=True) if found.protocol != "sms" else []
    row = _without_number(say.device(found, asking.now, asking.language))
    if found.person is not None:
        note(asking.person, "device", found.person, asking.now, what=str(pk))
        if Standing(asking.person, asking.now, asking.network).sees_of(found.person.pk, looks.PHONE):
            row["owner"]["phone"] = found.person.phone
    return {**row, "sim": say.sim(found), "knocks": knocks, "now": asking.now}


def _without_number(row: dict[str, Any]) -> dict[str, Any]:
    """The device with its owner's name and no more."""
    owner = row["owner"]
    return {**row, "owner": {**owner, "phone": None}} if owner and owner["kind"] == "person" else row


@router.get("/protocols", response=dict[str, list[schema.ProtocolOut]])
def protocols(request: HttpRequest) -> dict[str, Any]:
    """Every kind of device and how it is pointed here. `{password}` and the like are left for you to fill."""
    asking = Asking(request)
    if not asking.acts:
        raise Http404
    asked = request.build_absolute_uri("/")
    return {"items": say.protocols(asking.language, asked=asked, staff=True)}


@router.get("/devices", response=schema.DevicesOut)
def devices(request: HttpRequest, center: str | None = None, troubled: bool = False, q: str = "") -> dict[str, Any]:
    """Devices of a center, or of all where you may act. `troubled`: silent or complaining only."""
    asking = Asking(request)
    query = _mine(asking)
    if center:
        here = asking.center(center, acting=True).pk
        query = query.filter(Q(center=here) | Q(site__center=here) | Q(person__center=here))
    if troubled:
        query = query.exclude(vitals=None).filter(Q(vitals__silent_since__isnull=False) | ~Q(vitals__told={}))
    if q:
        wanted = Q(name__icontains=q) | Q(identifier__icontains=q) | find.called(q, "person__")
        query = query.filter(wanted | Q(site__name__icontains=q))
    rows = [_without_number(say.device(d, asking.now, asking.language)) for d in query.order_by("name", "pk")[:MOST]]
    if troubled:
        rows = [row for row in rows if row["state"] in ("silent", "trouble")]
    rows.sort(key=lambda row: (ORDER.index(row["state"]), not row["name"], row["name"]))
    return {"items": rows, "now": asking.now}


@router.post("/devices", response={201: schema.DeviceDetail})
def add(request: HttpRequest, body: schema.DeviceIn) -> tuple[int, dict[str, Any]]:
    """Register a device for a member, a site (an existing one, or a new one by its name) or the center itself."""
    asking = Asking(request)
    center = asking.center(body.center, acting=True)
    person = site = None
    if body.person is not None:
        person = Person.objects.filter(pk=body.person, center=center, is_active=True).first()
        if person is None:
            raise Refused("no_such_owner")
    elif body.site is not None:
        site = Site.objects.filter(pk=body.site, center=center).first()
        if site is None:
            raise Refused("no_such_owner")
    made = pairing.add(
        body.protocol,
        body.identifier,
        asking.person,
        asking.now,
        name=body.name,
        person=person,
        site=site,
        center=None if person or site else center,
        settings=body.settings,
        sim=body.sim,
    )
    return 201, _detail(asking, made.pk)


@router.get("/devices/{int:pk}", response=schema.DeviceDetail)
def device(request: HttpRequest, pk: int) -> dict[str, Any]:
    """One device, and who knocked unknown and may be it."""
    return _detail(Asking(request), pk)


@router.post("/devices/{int:pk}/test", response=schema.DeviceDetail)
def test(request: HttpRequest, pk: int, body: schema.Nothing = schema.Nothing()) -> dict[str, Any]:  # noqa: B008
    """Its next press within five minutes is a test."""
    asking = Asking(request)
    pairing.begin_test(_one(asking, pk).pk, asking.person, asking.now)
    return _detail(asking, pk)


@router.post("/devices/{int:pk}/end-test", response=schema.DeviceDetail)
def end_test(request: HttpRequest, pk: int, body: schema.Nothing = schema.Nothing()) -> dict[str, Any]:  # noqa: B008
    asking = Asking(request)
    pairing.end_test(_one(asking, pk).pk, asking.person, asking.now)
    return _detail(asking, pk)


@router.post("/devices/{int:pk}/rename", response=schema.DeviceDetail)
def rename(request: HttpRequest, pk: int, body: schema.RenameIn) -> dict[str, Any]:
    asking = Asking(request)
    pairing.rename(_one(asking, pk).pk, body.name, asking.person, asking.now)
    return _detail(asking, pk)


@router.post("/devices/{int:pk}/expect", response=schema.DeviceDetail)
def expect(request: HttpRequest, pk: int, body: schema.ExpectIn) -> dict[str, Any]:
    """How long it may stay quiet before the desk is told, in seconds; null: nobody waits for it."""
    asking = Asking(request)
    pairing.expect(_one(asking, pk).pk, body.every, asking.person, asking.now)
    return _detail(asking, pk)


@router.post("/devices/{int:pk}/revoke", response=dict[str, Any])
def revoke(request: HttpRequest, pk: int, body: schema.Nothing = schema.Nothing()) -> dict[str, Any]:  # noqa: B008
    """It is heard no more."""
    asking = Asking(request)
    found = pairing.revoke(_one(asking, pk).pk, asking.person, asking.now)
    return {"id": pk, "revoked_at": found.revoked_at}


@router.get("/owners", response=dict[str, Any])
def owners(request: HttpRequest, center: str, q: str = "") -> dict[str, Any]:
    """Whose a device can be: the center's members and sites whose name has these words in it, or whose number it is. Of
    a number the last digits, to tell people of one name apart; where a member's own site lies is not told."""
    asking = Asking(request)
    here = asking.center(center, acting=True)
    named = Person.objects.filter(find.called(q), center=here, is_active=True).order_by("name", "pk")
    people = list(named[:OWNERS])
    sites = Site.objects.filter(center=here)
    for part in q.split():
        sites = sites.filter(Q(name__icontains=part) | Q(address__icontains=part, person=None))
    if q.strip():
        find.found(asking.person, people, asking.now)
    return {
        "people": [{"id": p.pk, "name": p.name, "phone": last_digits(p.phone)} for p in people],
        "sites": [
            {"id": s.pk, "name": s.name, "address": "" if s.person_id else s.address}
            for s in sites.order_by("name", "pk")[:OWNERS]
        ],
    }


@router.post("/sites", response={201: dict[str, Any]})
def add_site(request: HttpRequest, body: schema.SiteIn) -> tuple[int, dict[str, Any]]:
    """A shop, a home, a school that a panel or a button watches."""
    asking = Asking(request)
    site = pairing.add_site(
        body.name,
        asking.center(body.center, acting=True),
        asking.person,
        asking.now,
        address=body.address,
        lat=body.position.lat if body.position else None,
        lon=body.position.lon if body.position else None,
    )
    return 201, {"id": site.pk, "name": site.name, "address": site.address}
