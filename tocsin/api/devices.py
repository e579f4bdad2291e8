"""Devices in the partner API: what there is, how it is doing, how one is added and tried. For staff who may act."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from ninja import Router

from tocsin.api import schema
from tocsin.api.asking import Asking
from tocsin.devices import pairing, say
from tocsin.devices.models import Device, Site
from tocsin.lib.refused import Refused
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
    row = say.device(found, asking.now, asking.language)
    return {**row, "sim": say.sim(found), "knocks": knocks, "now": asking.now}


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
        wanted = Q(name__icontains=q) | Q(identifier__icontains=q) | Q(person__name__icontains=q)
        query = query.filter(wanted | Q(person__phone__icontains=q) | Q(site__name__icontains=q))
    rows = [say.device(d, asking.now, asking.language) for d in query.order_by("name", "pk")[:MOST]]
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
    """Whose a device can be: the center's members and sites whose name or number has these words in it."""
    asking = Asking(request)
    here = asking.center(center, acting=True)
    people = Person.objects.filter(center=here, is_active=True)
    sites = Site.objects.filter(center=here)
    for part in q.split():
        people = people.filter(Q(name__icontains=part) | Q(phone__icontains=part.lstrip("0")))
        sites = sites.filter(Q(name__icontains=part) | Q(address__icontains=part))
    return {
        "people": [{"id": p.pk, "name": p.name, "phone": p.phone} for p in people.order_by("name", "pk")[:OWNERS]],
        "sites": [{"id": s.pk, "name": s.name, "address": s.address} for s in sites.order_by("name", "pk")[:OWNERS]],
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
