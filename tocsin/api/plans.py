"""Escalation plans in the partner API: read by whoever sees the center, written by its directors and supervisors."""

from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from tocsin.api import schema
from tocsin.api.asking import Asking
from tocsin.centers.models import Center
from tocsin.escalation import check, planning, simulate
from tocsin.escalation.models import Plan
from tocsin.escalation.plans import DEFAULT, Steps
from tocsin.escalation.stages import Plans
from tocsin.gates.signal import Alarm
from tocsin.incidents.models import Incident, centers_of
from tocsin.lib.problem import problem
from tocsin.lib.refused import Refused
from tocsin.lib.words import word
from tocsin.notifications import preview
from tocsin.notifications.models import Partner
from tocsin.people.models import Role
from tocsin.rosters.actions import AHEAD
from tocsin.signin.fresh import fresh_sign_in

router = Router()
MAY_CHANGE = frozenset({"director", "supervisor"})


class PlanIn(Schema):
    """`steps`: {"stages": [{"after", "ring", "whom": [{"kind", …}], "by": […]}], "every"}; `silent` null: both."""

    center: str = Field(max_length=12)
    name: str = Field(max_length=120)
    alarm: Alarm | Literal[""] = ""
    silent: bool | None = None
    when: Literal["", "day", "night"] = ""
    steps: dict[str, Any]
    active: bool = True


class DeleteIn(Schema):
    sure: Literal[True]


class SimulateIn(Schema):
    """`plan` saved or `steps` unsaved; neither: the plan that would be chosen. `at`: "" now, "sun-03:00", a moment
    with its offset, or the center's wall time without one."""

    center: str = Field(max_length=12)
    alarm: Alarm = "other"
    silent: bool = False
    at: str = Field("", max_length=40)
    plan: int | None = Field(None, ge=1, lt=2**63)
    steps: dict[str, Any] | None = None


class PlanOut(Schema):
    id: int
    center: str
    center_name: str
    name: str
    alarm: str
    silent: bool | None
    when: str
    steps: dict[str, Any]
    active: bool
    changed_at: datetime
    readable: bool


class PlansOut(Schema):
    """`own` and `inherited` (from the nearest center above first) in the order in which they are looked through."""

    center: str
    time_zone: str
    may_change: bool
    own: list[PlanOut]
    inherited: list[PlanOut]
    default: dict[str, Any]
    choices: dict[str, Any]


class SimulatedOut(Schema):
    at: datetime
    time_zone: str
    plan: dict[str, Any] | None
    every: int
    stages: list[dict[str, Any]]
    warnings: list[dict[str, Any]]


def _changes(asking: Asking) -> set[int]:
    return centers_of(asking.person, asking.network, asking.now, MAY_CHANGE)


def _one(asking: Asking, pk: int, to_change: bool = False) -> Plan:
    """A plan of a center that the person sees, or one that such a center inherits."""
    near = _changes(asking) if to_change else {c for center in asking.sees for c in asking.network.line(center)}
    found = Plan.objects.select_related("center").filter(pk=pk, center__in=near).first()
    if found is None:
        raise Http404
    return found


def _row(plan: Plan, asking: Asking) -> dict[str, Any]:
    steps, _ = check.check(plan.steps)
    return {
        "id": plan.pk,
        "center": plan.center.code,
        "center_name": plan.center.name(asking.language),
        "name": plan.name,
        "alarm": plan.alarm,
        "silent": plan.silent,
        "when": plan.when,
        "steps": msgspec.to_builtins(steps or DEFAULT),  # as the clock would take it
        "active": plan.active,
        "changed_at": plan.changed_at,
        "readable": steps is not None,
    }


@router.get("/plans", response=PlansOut)
def plans(request: HttpRequest, center: str) -> dict[str, Any]:
    """The plans of a center, those it inherits, the default, and what a plan can be made of."""
    asking = Asking(request)
    here = asking.center(center)
    line = asking.network.line(here.pk)
    found = Plan.objects.select_related("center").filter(center__in=line).order_by("-active", "name", "pk")
    rows = sorted(found, key=lambda p: line.index(p.center_id))
    return {
        "center": here.code,
        "time_zone": here.time_zone,
        "may_change": here.pk in _changes(asking),
        "own": [_row(p, asking) for p in rows if p.center_id == here.pk],
        "inherited": [_row(p, asking) for p in rows if p.center_id != here.pk and p.active],
        "default": msgspec.to_builtins(DEFAULT),
        "choices": _choices(asking, line),
    }


def _choices(asking: Asking, line: list[int]) -> dict[str, Any]:
    off = preview.off()
    held = Role.objects.in_force(asking.now).filter(center__in=line, person__is_active=True).exclude(name="member")
    people: dict[int, dict[str, Any]] = {}
    for role in sorted(held.select_related("person"), key=lambda r: (line.index(r.center_id), r.person.name)):
        code = asking.codes.get(role.center_id, "")
        row = {"id": role.person_id, "name": role.person.name, "role": word(role.name, asking.language), "center": code}
        people.setdefault(role.person_id, row)
    partners = Partner.objects.filter(center__in=line, active=True).order_by("name", "pk")
    return {
        "roles": [{"name": name, "said": word(name, asking.language)} for name in check.ROLES],
        "people": list(people.values()),
        "partners": [{"id": p.pk, "name": p.name} for p in partners],
        "channels": [{"name": name, "ready": name not in off} for name in check.CHANNELS],
    }


def _read(asking: Asking, center: Center, raw: Any, extra: list[dict[str, Any]] | None = None) -> Steps | HttpResponse:
    """The steps, or the answer that says all that is wrong with them: `errors` by field and stage."""
    steps, wrong = check.check(raw)
    if steps is not None:
        line = asking.network.line(center.pk)
        held = Role.objects.in_force(asking.now).filter(center__in=line, person__is_active=True)
        people = set(held.exclude(name="member").values_list("person_id", flat=True))
        partners = set(Partner.objects.filter(center__in=line).values_list("pk", flat=True))
        for n, stage in enumerate(steps.stages):
            for k, each in enumerate(stage.whom):
                known = {"people": people, "partner": partners}.get(each.kind)
                reason = "stranger" if each.kind == "people" else "no_partner"
                wrong += [
                    check.Wrong(f"stages.{n}.whom.{k}.ids", reason, n + 1, {"value": pk})
                    for pk in each.ids
                    if known is not None and pk not in known
                ]
    errors = (extra or []) + [
        {"field": f"steps.{w.field}", "stage": w.stage, "why": w.said(asking.language)} for w in wrong
    ]
    if steps is None or errors:
        content = problem(422, asking.language, " ".join(e["why"] for e in errors), errors=errors)
        return HttpResponse(content, status=422, content_type="application/problem+json")
    return steps


def _save(asking: Asking, plan: Plan, body: PlanIn) -> HttpResponse | Plan:
    zh = asking.language == "zh-hans"
    nameless = {"field": "name", "stage": None, "why": "请填写名称" if zh else "Give it a name"}
    steps = _read(asking, plan.center, body.steps, [] if body.name.strip() else [nameless])
    if isinstance(steps, HttpResponse):
        return steps
    plan.name, plan.alarm, plan.silent, plan.when = body.name.strip(), body.alarm, body.silent, body.when
    return planning.save(plan, steps, asking.person, asking.now)


@router.post("/plans", response={201: PlanOut})
@fresh_sign_in
def add(request: HttpRequest, body: PlanIn) -> Any:
    """A new plan. 422 with `errors` by field and stage."""
    asking = Asking(request)
    center = Center.objects.filter(code=body.center, pk__in=_changes(asking)).first()
    if center is None:
        raise Http404
    made = _save(asking, Plan(center=center, active=body.active), body)
    return made if isinstance(made, HttpResponse) else (201, _row(made, asking))


@router.get("/plans/{int:pk}", response=PlanOut)
def plan(request: HttpRequest, pk: int) -> dict[str, Any]:
    asking = Asking(request)
    return _row(_one(asking, pk), asking)


@router.post("/plans/{int:pk}/change", response=PlanOut)
@fresh_sign_in
def change(request: HttpRequest, pk: int, body: PlanIn) -> Any:
    """Write it anew, at its own center. What runs goes on by its copy."""
    asking = Asking(request)
    found = _save(asking, _one(asking, pk, to_change=True), body)
    return found if isinstance(found, HttpResponse) else _row(found, asking)


@router.post("/plans/{int:pk}/activate", response=PlanOut)
@fresh_sign_in
def activate(request: HttpRequest, pk: int, body: schema.Nothing = schema.Nothing()) -> dict[str, Any]:  # noqa: B008
    asking = Asking(request)
    planning.switch(_one(asking, pk, to_change=True).pk, True, asking.person, asking.now)
    return _row(_one(asking, pk), asking)


@router.post("/plans/{int:pk}/deactivate", response=PlanOut)
@fresh_sign_in
def deactivate(request: HttpRequest, pk: int, body: schema.Nothing = schema.Nothing()) -> dict[str, Any]:  # noqa: B008
    """New incidents are escalated without it."""
    asking = Asking(request)
    planning.switch(_one(asking, pk, to_change=True).pk, False, asking.person, asking.now)
    return _row(_one(asking, pk), asking)


@router.post("/plans/{int:pk}/delete", response=dict[str, Any])
@fresh_sign_in
def delete(request: HttpRequest, pk: int, body: DeleteIn) -> dict[str, Any]:
    """For good; say `sure`."""
    asking = Asking(request)
    planning.delete(_one(asking, pk, to_change=True).pk, asking.person, asking.now)
    return {"id": pk, "deleted": True}


@router.post("/plans/simulate", response=SimulatedOut)
def simulated(request: HttpRequest, body: SimulateIn) -> Any:
    """Who would be told, when and by which channel, if an alarm of this kind came at that moment. Writes nothing."""
    asking = Asking(request)
    center = asking.center(body.center)
    zone = ZoneInfo(center.time_zone)
    try:
        start = simulate.when(body.at, zone, asking.now)
    except ValueError:
        raise Refused("no_such_moment") from None
    incident = Incident(center=center, centers=[center.pk], alarm=body.alarm, silent=body.silent)
    chosen: Plan | None = None
    if body.steps is not None:
        steps = _read(asking, center, body.steps)
        if isinstance(steps, HttpResponse):
            return steps
    elif body.plan is not None:
        chosen = _one(asking, body.plan)
        steps = check.check(chosen.steps)[0] or DEFAULT
    else:
        pk, steps = Plans().of(incident, start)
        chosen = Plan.objects.select_related("center").get(pk=pk) if pk is not None else None
    played = preview.play(steps, incident, asking.network, start)
    warnings = [w for m in played for w in m.warnings]
    if start - asking.now > AHEAD:
        warnings.insert(0, simulate.Warned("far_off"))
    return {
        "at": start,
        "time_zone": center.time_zone,
        "plan": chosen and {"id": chosen.pk, "name": chosen.name, "center": chosen.center.code},
        "every": steps.every,
        "stages": [_stage(m, asking) for m in played],
        "warnings": [
            {"reason": w.reason, "stage": w.step or None, "text": w.said(asking.language, _name(asking, w.center))}
            for w in warnings
        ],
    }


def _stage(m: simulate.Moment, asking: Asking) -> dict[str, Any]:
    return {
        "step": m.step,
        "after": m.after,
        "at": m.at,
        "ring": [{"code": asking.codes.get(c, "?"), "name": _name(asking, c)} for c in m.ring],
        "told": [{"id": t.id, "name": t.name, "channels": t.channels, "otherwise": t.otherwise} for t in m.told],
        "relatives": m.relatives,
        "partners": m.partners,
    }


def _name(asking: Asking, center: int) -> str:
    place = asking.network.places.get(center)
    return place.name(asking.language) if place else ""
