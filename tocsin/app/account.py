"""My phones, and my number: what is signed in as me, how to end it, and how my number becomes another."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tocsin.app.asking import body_of, device_of, reply, trouble
from tocsin.devices import pairing
from tocsin.devices.models import Device
from tocsin.lib import wall
from tocsin.lib.buckets import Buckets
from tocsin.lib.refused import Refused
from tocsin.people import codes, moving
from tocsin.people.models import NumberChange, Person, SignInCode
from tocsin.signin.throttle import place_of

_looks = Buckets(burst=120, rate=2)
_verbs = Buckets(burst=20, rate=1 / 60)
WRONG_CODE = ("验证码不对或已过期，请重新获取", "The code is wrong or has expired: ask for a new one")


@require_GET
def phones(request: HttpRequest) -> HttpResponse:
    """The phones on which I am signed in, this one first."""
    here, refusal = _asking(request)
    return refusal if here is None else reply(_phones(here))


@csrf_exempt
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """A phone that was lost or stolen: refused everywhere within two seconds. This one too, which is signing out."""
    here, refusal = _asking(request)
    if here is None:
        return refusal
    assert here.person is not None
    if not _mine(here.person).filter(pk=pk).exists():
        return trouble(404)
    try:
        pairing.revoke(pk, here.person, datetime.now(UTC))
    except Refused as refused:
        return trouble(409, refused.said("zh-hans"), refused.said("en"))
    return reply(_phones(here))


@csrf_exempt
@require_http_methods(["GET", "POST", "DELETE"])
def number(request: HttpRequest) -> HttpResponse:
    """GET: where a change of my number stands. POST {phone}: begin one; a code goes to both. DELETE: give it up."""
    here, refusal = _asking(request)
    if here is None:
        return refusal
    person, now = here.person, datetime.now(UTC)
    assert person is not None
    if request.method == "GET":
        return reply(_number(person, now))
    if request.method == "DELETE":
        if (found := moving.running(person, now)) is not None:
            moving.give_up(found, now)
        return reply(_number(person, now))
    try:
        made = moving.begin(person, str(body_of(request).get("phone", ""))[:40], _place(request), now)
    except codes.TooMany as many:
        return trouble(429, wait=many.wait)
    except Refused as refused:
        return trouble(409, refused.said("zh-hans"), refused.said("en"), field="phone")
    return reply({**_number(person, now), **_demo(made, now)}, 201)


@csrf_exempt
@require_POST
def confirm(request: HttpRequest, which: str) -> HttpResponse:
    """{code}: of the old phone, or of the new one. With both the number is changed."""
    here, refusal = _asking(request)
    if here is None:
        return refusal
    assert here.person is not None
    now, found = datetime.now(UTC), moving.running(here.person, datetime.now(UTC))
    if found is None or found.by_id is not None:
        return trouble(404)
    code = "".join(c for c in str(body_of(request).get("code", ""))[:20] if c.isdigit())
    try:
        right = moving.confirm(found, "new" if which == "new" else "old", code, now)
    except Refused as refused:
        return trouble(409, refused.said("zh-hans"), refused.said("en"))
    return reply(_number(here.person, now)) if right else trouble(422, *WRONG_CODE, field="code")


@csrf_exempt
@require_POST
def again(request: HttpRequest, which: str) -> HttpResponse:
    """{way}: the code once more, by text or by a call."""
    here, refusal = _asking(request)
    if here is None:
        return refusal
    assert here.person is not None
    now, found = datetime.now(UTC), moving.running(here.person, datetime.now(UTC))
    if found is None or found.by_id is not None:
        return trouble(404)
    way = "voice" if body_of(request).get("way") == "voice" else "sms"
    try:
        moving.again(found, "new" if which == "new" else "old", way, _place(request), now)
    except codes.TooMany as many:
        return trouble(429, wait=many.wait)
    except Refused as refused:
        return trouble(409, refused.said("zh-hans"), refused.said("en"))
    return reply({**_number(here.person, now), **_demo(found, now)})


def _mine(person: Person) -> Any:
    return Device.objects.filter(person=person, protocol="app", revoked_at=None).select_related("vitals")


def _phones(here: Device) -> dict[str, Any]:
    assert here.person is not None
    rows = sorted(_mine(here.person), key=lambda d: (d.pk != here.pk, -d.pk))
    return {
        "items": [
            {
                "id": d.pk,
                "name": d.name,
                "here": d.pk == here.pk,
                "since": d.created_at,
                "seen_at": d.vitals.heard_at if hasattr(d, "vitals") else None,
            }
            for d in rows
        ]
    }


def _number(person: Person, at: datetime) -> dict[str, Any]:
    phone = Person.objects.filter(pk=person.pk).values_list("phone", flat=True).first()
    found = moving.running(person, at)
    return {
        "phone": phone,
        "change": found
        and {
            "phone": found.phone,
            "old": found.old_at is not None,
            "new": found.new_at is not None,
            "desk": found.by_id is not None,
            "until": found.expires_at,
        },
    }


def _demo(change: NumberChange, at: datetime) -> dict[str, Any]:
    """In the demo the page shows both codes."""
    if not settings.DEMO:
        return {}
    with wall.lifted():
        rows = list(SignInCode.objects.filter(purpose=moving.purpose(change), used_at=None).order_by("pk"))
    shown = {"new" if codes.is_for(row, change.phone) else "old": codes.shown(row, at) for row in rows}
    return {"demo_codes": {which: each[1] for which, each in shown.items() if each}}


def _place(request: HttpRequest) -> str:
    return place_of(str(request.META.get("REMOTE_ADDR") or ""))


def _asking(request: HttpRequest) -> tuple[Device | None, HttpResponse]:
    phone = device_of(request)
    if phone is None or phone.person is None:
        return None, trouble(401)
    if not (_looks if request.method == "GET" else _verbs).take(phone.person.pk):
        return None, trouble(429)
    return phone, HttpResponse()
