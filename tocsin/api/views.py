"""The partner API: incidents and their verbs, centers, responders, the book. The desk lives on the same calls."""

from typing import Any

from django.conf import settings
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from ninja.errors import AuthenticationError, ValidationError

from tocsin.api import schema
from tocsin.api.asking import Asking
from tocsin.api.contacts import router as contacts
from tocsin.api.details import router as details
from tocsin.api.devices import router as devices
from tocsin.api.drills import router as drills
from tocsin.api.looks import router as looks
from tocsin.api.plans import router as plans
from tocsin.api.push import router as push
from tocsin.api.rosters import router as rosters
from tocsin.api.scopes import Api, lacks
from tocsin.api.who import DeskSession, StaffKeyAuth
from tocsin.book import read
from tocsin.centers.models import Center
from tocsin.incidents import actions, say
from tocsin.incidents.models import Incident
from tocsin.lib.problem import problem
from tocsin.lib.refused import Refused
from tocsin.locale.choose import spoken
from tocsin.people.keys import OutOfScope
from tocsin.people.models import Person, Role

api = Api(
    title="Tocsin partner API",
    version="1",
    auth=[StaffKeyAuth(), DeskSession()],
    docs_url=None,  # the document is at openapi.json; a viewer would fetch scripts from elsewhere
    docs_decorator=require_safe,
    urls_namespace="api-1",
)
api.add_router("", devices)
api.add_router("", plans)
api.add_router("", contacts)
api.add_router("", details)
api.add_router("", rosters)
api.add_router("", drills)
api.add_router("", looks)
api.add_router("", push)
MOST = 500


@api.get("/me", response=dict[str, Any])
def me(request: HttpRequest) -> dict[str, Any]:
    """Who I am, and at which centers."""
    asking = Asking(request)
    roles = dict(asking.person.roles.in_force(asking.now).values_list("center_id", "name"))
    centers = Center.objects.filter(pk__in=asking.sees).order_by("code")
    own = sorted(centers, key=lambda c: (c.pk not in roles, c.pk != asking.person.center_id, c.code))
    return {
        "id": asking.person.pk,
        "name": asking.person.name,
        "language": asking.person.language,
        "centers": [
            {
                "code": c.code,
                "name": c.name(asking.language),
                "role": roles.get(c.pk),
                "verbs": c.pk in asking.acts,
            }
            for c in own
        ],
        "map": {"tiles": settings.MAP_TILES, "pmtiles": settings.MAP_PMTILES},
        "demo": settings.DEMO,
        "version": settings.VERSION,
    }


@api.get("/centers", response=dict[str, list[schema.CenterOut]])
def centers(request: HttpRequest) -> dict[str, Any]:
    """All centers of the network."""
    language = Asking(request).language
    rows = Center.objects.select_related("parent")
    return {
        "items": [
            {
                "code": c.code,
                "name": c.name(language),
                "name_zh": c.name_zh,
                "name_en": c.name_en,
                "parent": c.parent.code if c.parent else None,
                "lat": c.lat,
                "lon": c.lon,
                "time_zone": c.time_zone,
                "phone": c.phone,
                "area": c.area,
            }
            for c in rows
        ]
    }


@api.get("/incidents", response=dict[str, list[schema.IncidentOut]])
def incidents(
    request: HttpRequest, open: bool | None = None, center: str | None = None, limit: int = MOST
) -> dict[str, Any]:
    """Incidents that you may see: those waiting first, the oldest first; then the others, the newest first."""
    asking = Asking(request)
    query = asking.incidents()
    if center:
        query = query.filter(centers__contains=[asking.center(center).pk])
    if open is True:
        query = query.open()
    elif open is False:
        query = query.filter(state="closed")
    limit = max(1, min(limit, MOST))
    waiting = say.complete(query.filter(state="new", merged_into=None)).order_by("opened_at", "pk")[:limit]
    others = say.complete(query.exclude(state="new", merged_into=None)).order_by("-opened_at", "-pk")[:limit]
    return {"items": asking.rows([*waiting, *others][:limit])}


@api.get("/incidents/{int:pk}", response=schema.IncidentDetail)
def incident(request: HttpRequest, pk: int) -> dict[str, Any]:
    return Asking(request).detail(pk)


@api.get("/incidents/{int:pk}/told", response=schema.ToldOut)
def told(request: HttpRequest, pk: int) -> dict[str, Any]:
    """Who was told, how, and what became of it: for looking every few seconds. A look at the incident."""
    asking = Asking(request)
    return asking.told(asking.incident(pk))


@api.post("/incidents", response={201: schema.IncidentDetail})
def open_incident(request: HttpRequest, body: schema.OpenIn) -> tuple[int, dict[str, Any]]:
    """Open an incident by hand, for a phone call."""
    asking = Asking(request)
    made = actions.open_by_hand(
        asking.center(body.center, acting=True),
        asking.person,
        asking.now,
        alarm=body.alarm,
        caller=body.caller,
        phone=body.phone,
        text=body.text,
        address=body.address,
        lat=body.position.lat if body.position else None,
        lon=body.position.lon if body.position else None,
        silent=body.silent,
    )
    return 201, asking.detail(made.pk)


@api.post("/incidents/{int:pk}/claim", response=schema.IncidentDetail)
def claim(request: HttpRequest, pk: int, body: schema.Nothing = schema.Nothing()) -> dict[str, Any]:  # noqa: B008
    asking = Asking(request)
    actions.claim(asking.to_act_on(pk), asking.person, asking.now)
    return asking.detail(pk)


@api.post("/incidents/{int:pk}/release", response=schema.IncidentDetail)
def release(request: HttpRequest, pk: int, body: schema.ReasonIn = schema.ReasonIn()) -> dict[str, Any]:  # noqa: B008
    asking = Asking(request)
    actions.release(asking.to_act_on(pk), asking.person, asking.now, body.reason)
    return asking.detail(pk)


@api.post("/incidents/{int:pk}/hand-over", response=schema.IncidentDetail)
@api.post("/incidents/{int:pk}/hand_over", response=schema.IncidentDetail, include_in_schema=False)
def hand_over(request: HttpRequest, pk: int, body: schema.HandOverIn) -> dict[str, Any]:
    """To another center of the network, which need not be one of yours."""
    asking = Asking(request)
    to = Center.objects.filter(code=body.center).first()
    if to is None:
        raise Refused("no_such_center", code=body.center)
    actions.hand_over(asking.to_act_on(pk), to, asking.person, asking.now, body.reason)
    return asking.detail(pk)


@api.post("/incidents/{int:pk}/dispatch", response=schema.IncidentDetail)
def dispatch(request: HttpRequest, pk: int, body: schema.DispatchIn) -> dict[str, Any]:
    asking = Asking(request)
    asking.to_act_on(pk)
    responder = None
    if body.responder is not None:
        responder = Person.objects.filter(
            pk__in=_responders(asking, asking.incident(pk).centers).values("person"), pk=body.responder
        ).first()
        if responder is None:
            raise Refused("no_such_responder")
    kind = body.kind or ("responder" if responder or not body.to else "unit")
    actions.dispatch(pk, asking.person, asking.now, kind=kind, responder=responder, to=body.to)
    return asking.detail(pk)


@api.post("/incidents/{int:pk}/mark", response=schema.IncidentDetail)
def mark(request: HttpRequest, pk: int, body: schema.MarkIn) -> dict[str, Any]:
    asking = Asking(request)
    if body.dispatch is None and body.state != "on_scene":
        raise Refused("no_such_dispatch")
    actions.mark(asking.to_act_on(pk), asking.person, asking.now, state=body.state, dispatched=body.dispatch)
    return asking.detail(pk)


@api.post("/incidents/{int:pk}/classify", response=schema.IncidentDetail)
def classify(request: HttpRequest, pk: int, body: schema.ClassifyIn) -> dict[str, Any]:
    asking = Asking(request)
    actions.classify(asking.to_act_on(pk), asking.person, asking.now, alarm=body.alarm)
    return asking.detail(pk)


@api.post("/incidents/{int:pk}/note", response=schema.IncidentDetail)
def note(request: HttpRequest, pk: int, body: schema.NoteIn) -> dict[str, Any]:
    asking = Asking(request)
    actions.note(asking.to_act_on(pk), asking.person, asking.now, body.text)
    return asking.detail(pk)


@api.post("/incidents/{int:pk}/resolve", response=schema.IncidentDetail)
def resolve(request: HttpRequest, pk: int, body: schema.TextIn = schema.TextIn()) -> dict[str, Any]:  # noqa: B008
    asking = Asking(request)
    actions.resolve(asking.to_act_on(pk), asking.person, asking.now, body.text)
    return asking.detail(pk)


@api.post("/incidents/{int:pk}/close", response=schema.IncidentDetail)
def close(request: HttpRequest, pk: int, body: schema.CloseIn) -> dict[str, Any]:
    asking = Asking(request)
    actions.close(asking.to_act_on(pk), asking.person, asking.now, outcome=body.outcome, text=body.text)
    return asking.detail(pk)


@api.post("/incidents/{int:pk}/reopen", response=schema.IncidentDetail)
def reopen(request: HttpRequest, pk: int, body: schema.ReasonIn = schema.ReasonIn()) -> dict[str, Any]:  # noqa: B008
    asking = Asking(request)
    actions.reopen(asking.to_act_on(pk), asking.person, asking.now, body.reason)
    return asking.detail(pk)


@api.post("/incidents/{int:pk}/merge", response=schema.IncidentDetail)
def merge(request: HttpRequest, pk: int, body: schema.MergeIn) -> dict[str, Any]:
    asking = Asking(request)
    asking.to_act_on(pk)
    if not asking.incidents().filter(pk=body.into).exists():
        raise Refused("no_such_incident", into=body.into)
    actions.merge(pk, body.into, asking.person, asking.now)
    return asking.detail(pk)


@api.post("/incidents/{int:pk}/unmerge", response=schema.IncidentDetail)
def unmerge(request: HttpRequest, pk: int, body: schema.Nothing = schema.Nothing()) -> dict[str, Any]:  # noqa: B008
    asking = Asking(request)
    actions.unmerge(asking.to_act_on(pk), asking.person, asking.now)
    return asking.detail(pk)


@api.get("/responders", response=dict[str, list[schema.ResponderOut]])
def responders(request: HttpRequest, center: str) -> dict[str, Any]:
    """Who can be sent by name: the center's own first, then those of the centers above it."""
    asking = Asking(request)
    here = asking.center(center, acting=True).pk
    line = list(asking.network.line(here))
    found = sorted(
        _responders(asking, [here]).select_related("person"), key=lambda r: (line.index(r.center_id), r.person.name)
    )
    people = {r.person_id: r.person for r in found}
    return {"items": [{"id": p.pk, "name": p.name, "kind": "responder", "phone": p.phone} for p in people.values()]}


def _responders(asking: Asking, centers: list[int]) -> Any:
    line = {c for center in centers for c in asking.network.line(center)}
    return Role.objects.in_force(asking.now).filter(name="responder", center__in=line, person__is_active=True)


@api.get("/book", response=dict[str, Any])
def book(request: HttpRequest, center: str, after: int = 0, limit: int = 200) -> dict[str, Any]:
    """A center's book behind entry `after`, and the number of its last entry."""
    asking = Asking(request)
    pk = asking.center(center).pk
    entries = read.after(pk, max(0, min(after, 2**62)), max(1, min(limit, 1000)))
    noted = {e.incident for e in entries if e.incident and e.facts.get("note")}
    asking.looked("book", Incident.objects.filter(pk__in=noted))
    return {"items": say.with_notes(entries, asking.language), "head": read.head(pk)}


def _problem(request: HttpRequest, status: int, detail: str = "", **more: Any) -> HttpResponse:
    content = problem(status, spoken(), detail, **more)
    return HttpResponse(content, status=status, content_type="application/problem+json")


@api.exception_handler(Refused)
def _refused(request: HttpRequest, error: Any) -> HttpResponse:
    return _problem(request, 409, error.said(spoken()), reason=error.reason)


@api.exception_handler(Http404)
def _not_found(request: HttpRequest, error: Any) -> HttpResponse:
    return _problem(request, 404)


@api.exception_handler(DataError)
def _unfit(request: HttpRequest, error: Any) -> HttpResponse:
    """A NUL in a text, a number beyond its column: what the database cannot hold is the caller's to mend."""
    return _problem(request, 422)


@api.exception_handler(AuthenticationError)
def _who(request: HttpRequest, error: Any) -> HttpResponse:
    return _problem(request, 401)


@api.exception_handler(OutOfScope)
def _out_of_scope(request: HttpRequest, error: Any) -> HttpResponse:
    detail = lacks(error.scope, spoken())
    return _problem(request, 403, detail, reason="out_of_scope", scope=error.scope)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    errors = [
        {"field": ".".join(str(p) for p in e["loc"] if p not in ("body", "query")), "why": e["msg"]}
        for e in error.errors
    ]
    return _problem(request, 422, "; ".join(f"{e['field']}: {e['why']}" for e in errors), errors=errors)
