"""Drills in the partner API: read by whoever sees the center, started and ended by its directors and supervisors."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from tocsin.api import schema
from tocsin.api.asking import Asking
from tocsin.centers.models import Center
from tocsin.drills import actions, choose, report
from tocsin.drills.choose import Chosen
from tocsin.drills.models import Drill
from tocsin.gates.signal import Alarm
from tocsin.looks import find

router = Router()
Id = Field(ge=1, lt=2**63)
MOST = 100


class DrillIn(Schema):
    """`members` and `devices`: an incident for each; neither: one of nobody. `staff`: only they are told; empty: whom
    the plan says. `minutes`: after which it ends by itself."""

    center: str = Field(max_length=12)
    title: str = Field(max_length=120)
    alarm: Alarm = "other"
    silent: bool = False
    minutes: int = Field(30, ge=0, le=100_000)
    members: list[int] = Field([], max_length=50)
    devices: list[int] = Field([], max_length=50)
    staff: list[int] = Field([], max_length=200)


class DrillOut(Schema):
    id: int
    center: str
    center_name: str
    title: str
    alarm: str
    silent: bool
    staff: list[int]
    started_by: schema.PersonOut
    started_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    ended_by: schema.PersonOut | None


class DrillDetail(DrillOut):
    """`report`: seconds from the start for each person told, and who claimed; kept at the end."""

    report: dict[str, Any]
    may_end: bool


class DrillsOut(Schema):
    items: list[DrillOut]
    may_start: bool


def _one(asking: Asking, pk: int, to_end: bool = False) -> Drill:
    near = choose.may_start(asking.person, asking.network, asking.now) if to_end else asking.sees
    found = Drill.objects.select_related("center", "started_by", "ended_by").filter(pk=pk, center__in=near).first()
    if found is None:
        raise Http404
    return found


def _row(drill: Drill, asking: Asking) -> dict[str, Any]:
    by, ended_by = drill.started_by, drill.ended_by
    return {
        "id": drill.pk,
        "center": drill.center.code,
        "center_name": drill.center.name(asking.language),
        "title": drill.title,
        "alarm": drill.alarm,
        "silent": drill.silent,
        "staff": drill.only,
        "started_by": {"id": by.pk, "name": by.name},
        "started_at": drill.started_at,
        "ends_at": drill.ends_at,
        "ended_at": drill.ended_at,
        "ended_by": ended_by and {"id": ended_by.pk, "name": ended_by.name},
    }


def _detail(asking: Asking, pk: int) -> dict[str, Any]:
    drill = _one(asking, pk)
    may_end = drill.center_id in choose.may_start(asking.person, asking.network, asking.now)
    return {**_row(drill, asking), "report": report.of_drill(drill), "may_end": may_end and drill.ended_at is None}


@router.get("/drills", response=DrillsOut)
def drills(request: HttpRequest, center: str) -> dict[str, Any]:
    """A center's drills: the one that runs first, then the newest."""
    asking = Asking(request)
    here = asking.center(center)
    found = Drill.objects.select_related("center", "started_by", "ended_by").filter(center=here).order_by("-pk")[:MOST]
    rows = sorted(found, key=lambda d: d.ended_at is not None)
    may = here.pk in choose.may_start(asking.person, asking.network, asking.now)
    return {"items": [_row(d, asking) for d in rows], "may_start": may}


@router.get("/drills/choices", response=dict[str, Any])
def choices(request: HttpRequest, center: str, q: str = "") -> dict[str, Any]:
    """Whom a drill there can be for: members and devices found by these words, and all staff."""
    asking = Asking(request)
    here = _startable(asking, center)
    words = q.replace("\0", "").strip()[:80]
    members = choose.found_members(here.pk, asking.network, words)
    if words:
        find.found(asking.person, members, asking.now)
    return {
        "members": [{"id": p.pk, "name": p.name} for p in members],
        "devices": [
            {"id": d.pk, "name": choose.called(d)} for d in choose.found_devices(here.pk, asking.network, words)
        ],
        "staff": [{"id": p.pk, "name": p.name} for p in choose.staff(here.pk, asking.network, asking.now)],
    }


@router.post("/drills", response={201: DrillDetail})
def start(request: HttpRequest, body: DrillIn) -> tuple[int, dict[str, Any]]:
    """Start one now. 409 while another runs there, and for people or devices of elsewhere."""
    asking = Asking(request)
    made = actions.start(
        _startable(asking, body.center), asking.person, asking.network, asking.now, title=body.title, alarm=body.alarm,
        silent=body.silent, minutes=body.minutes, chosen=Chosen(*_ids(body.members, body.devices, body.staff)),
    )  # fmt: skip
    return 201, _detail(asking, made.pk)


@router.get("/drills/{int:pk}", response=DrillDetail)
def drill(request: HttpRequest, pk: int) -> dict[str, Any]:
    return _detail(Asking(request), pk)


@router.get("/drills/{int:pk}/report.csv")
def as_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """The report by person, for a spreadsheet."""
    asking = Asking(request)
    people = report.of_drill(_one(asking, pk))["people"]
    return HttpResponse(report.as_csv(people, asking.language), content_type="text/csv; charset=utf-8")


@router.post("/drills/{int:pk}/end", response=DrillDetail)
def end(request: HttpRequest, pk: int, body: schema.Nothing = schema.Nothing()) -> dict[str, Any]:  # noqa: B008
    """End it now: its incidents are closed, what is on its way is stopped."""
    asking = Asking(request)
    actions.end(_one(asking, pk, to_end=True).pk, asking.person, asking.now)
    return _detail(asking, pk)


def _startable(asking: Asking, code: str) -> Center:
    may = choose.may_start(asking.person, asking.network, asking.now)
    found = Center.objects.filter(code=code, pk__in=may).first()
    if found is None:
        raise Http404
    return found


def _ids(*lists: list[int]) -> list[tuple[int, ...]]:
    """Each id once, in the order given."""
    return [tuple(dict.fromkeys(ids)) for ids in lists]
