"""How I am reached, and my relatives, in the member's app."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from tocsin.app.asking import body_of, member, reply, trouble
from tocsin.lib.buckets import Buckets
from tocsin.lib.refused import Refused
from tocsin.notifications import contacts as own
from tocsin.notifications import relatives as kin
from tocsin.notifications.models import Contact, Relative
from tocsin.people.models import Person

_looks = Buckets(burst=120, rate=2)
_verbs = Buckets(burst=20, rate=1 / 60)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def contacts(request: HttpRequest) -> HttpResponse:
    """GET: all of mine. POST {channel, address, label}: one more."""
    person, refusal = _asking(request)
    if person is None:
        return refusal
    if request.method == "POST":
        body = body_of(request)
        try:
            own.add(person, _text(body, "channel"), _text(body, "address"), _text(body, "label"), datetime.now(UTC))
        except Refused as refused:
            return _refused(refused)
    return reply(own.said(person), 201 if request.method == "POST" else 200)


@csrf_exempt
@require_POST
def contact(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """test, remove."""
    person, refusal = _asking(request)
    if person is None:
        return refusal
    found = Contact.objects.select_related("person").filter(pk=pk, person=person).first()
    if found is None:
        return trouble(404)
    try:
        if verb == "test":
            own.trial(found, datetime.now(UTC))
        else:
            own.remove(found)
    except Refused as refused:
        return _refused(refused)
    return reply(own.said(person))


@csrf_exempt
@require_http_methods(["GET", "POST"])
def relatives(request: HttpRequest) -> HttpResponse:
    """GET: all of mine. POST {name, phone, email, language}: one more, who is asked at once."""
    person, refusal = _asking(request)
    if person is None:
        return refusal
    if request.method == "POST":
        body = body_of(request)
        name, phone, email = _text(body, "name"), _text(body, "phone"), _text(body, "email")
        try:
            kin.add(person, name, phone, email, _text(body, "language"), datetime.now(UTC))
        except Refused as refused:
            return _refused(refused)
    return reply({"items": kin.said(person)}, 201 if request.method == "POST" else 200)


@csrf_exempt
@require_POST
def relative(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """ask (again), remove."""
    person, refusal = _asking(request)
    if person is None:
        return refusal
    found = Relative.objects.select_related("person").filter(pk=pk, person=person).first()
    if found is None or not (found.phone or found.email):
        return trouble(404)
    try:
        if verb == "ask":
            kin.ask(found, datetime.now(UTC))
        else:
            kin.remove(found, datetime.now(UTC))
    except Refused as refused:
        return _refused(refused)
    return reply({"items": kin.said(person)})


def _asking(request: HttpRequest) -> tuple[Person | None, HttpResponse]:
    return member(request, _looks if request.method == "GET" else _verbs)


def _text(body: dict[str, object], name: str) -> str:
    value = body.get(name)
    return value[:1000].replace("\0", "") if isinstance(value, str) else ""


def _refused(refused: Refused) -> HttpResponse:
    return trouble(409, refused.said("zh-hans"), refused.said("en"))
