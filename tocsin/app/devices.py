"""My devices, in the member's app: added, tried with one press, revoked. Only one's own, and only simple kinds."""

from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tocsin.app.asking import body_of, member, reply, trouble
from tocsin.devices import pairing, say
from tocsin.devices.models import Device
from tocsin.lib.buckets import Buckets
from tocsin.lib.refused import Refused
from tocsin.locale.choose import spoken
from tocsin.people.models import Person

_looks = Buckets(burst=120, rate=2)  # by person: the page asks every 2 s while it waits
_verbs = Buckets(burst=20, rate=1 / 60)


def _mine(person: Person) -> QuerySet[Device]:
    return say.devices().filter(person=person)


@require_GET
def protocols(request: HttpRequest) -> HttpResponse:
    """The kinds of device that a member can add alone."""
    person, refusal = member(request, _looks)
    if person is None:
        return refusal
    asked = request.build_absolute_uri("/")
    return reply({"items": say.protocols(spoken(), asked=asked, staff=False)})


@csrf_exempt
@require_http_methods(["GET", "POST"])
def devices(request: HttpRequest) -> HttpResponse:
    person, refusal = member(request, _looks if request.method == "GET" else _verbs)
    if person is None:
        return refusal
    now = datetime.now(UTC)
    if request.method == "GET":
        rows = [say.device(d, now, spoken()) for d in _mine(person).order_by("name", "pk")]
        return reply({"items": rows, "now": now})
    body = body_of(request)
    protocol = _text(body, "protocol", 20)
    given = body.get("settings")
    try:
        if not say.by_members(protocol):
            raise Refused("no_such_protocol", protocol=protocol)
        made = pairing.add(
            protocol,
            _text(body, "identifier", 120),
            person,
            now,
            name=_text(body, "name", 120),
            person=person,
            settings={str(k): str(v)[:400] for k, v in given.items()} if isinstance(given, dict) else {},
            sim=_text(body, "sim", 40),
        )
    except Refused as refused:
        return _refused(refused)
    return reply(_detail(person, made.pk, now) or {}, 201)


@require_GET
def device(request: HttpRequest, pk: int) -> HttpResponse:
    person, refusal = member(request, _looks)
    if person is None:
        return refusal
    found = _detail(person, pk, datetime.now(UTC))
    return reply(found) if found else trouble(404)


@csrf_exempt
@require_POST
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """test, end-test, rename, revoke."""
    person, refusal = member(request, _verbs)
    if person is None:
        return refusal
    now = datetime.now(UTC)
    if not _mine(person).filter(pk=pk).exists():
        return trouble(404)
    try:
        if verb == "test":
            pairing.begin_test(pk, person, now)
        elif verb == "end-test":
            pairing.end_test(pk, person, now)
        elif verb == "rename":
            pairing.rename(pk, _text(body_of(request), "name", 120), person, now)
        elif verb == "revoke":
            gone = pairing.revoke(pk, person, now)
            return reply({"id": pk, "revoked_at": gone.revoked_at})
        else:
            return trouble(404)
    except Refused as refused:
        return _refused(refused)
    return reply(_detail(person, pk, now) or {})


def _detail(person: Person, pk: int, now: datetime) -> dict[str, Any] | None:
    found = _mine(person).filter(pk=pk).first()
    if found is None:
        return None
    row = say.device(found, now, spoken())
    return {**row, "sim": say.sim(found), "knocks": say.knocks(found, now, staff=False), "now": now}


def _text(body: dict[str, Any], name: str, most: int) -> str:
    value = body.get(name)
    return value[:most].replace("\0", "") if isinstance(value, str) else ""


def _refused(refused: Refused) -> HttpResponse:
    return trouble(409, refused.said("zh-hans"), refused.said("en"))
