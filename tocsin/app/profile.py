"""My details, in the member's app; and for whoever was sent, what helps at the incident."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tocsin.app.asking import body_of, device_of, reply, trouble
from tocsin.centers.network import load
from tocsin.enrolment import actions as enrolment
from tocsin.lib.buckets import Buckets
from tocsin.lib.refused import Refused
from tocsin.locale.choose import spoken
from tocsin.people.models import Person
from tocsin.privacy import consent
from tocsin.profiles import actions, say, shape

MOST = 64 * 1024  # bytes of a profile
_looks = Buckets(burst=60, rate=1)
_writes = Buckets(burst=20, rate=1 / 30)

SHAPE = ("内容格式不对，请更新应用后再试", "This is not of the right form: reload the app and try again")


@csrf_exempt
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """GET: all that I told. POST, of the same shape: from now on it is this."""
    phone = device_of(request)
    if phone is None or phone.person is None:
        return trouble(401)
    if not (_looks if request.method == "GET" else _writes).take(phone.person.pk):
        return trouble(429)
    if request.method == "POST":
        try:
            given = json.loads(request.body[: MOST + 1])
            told = shape.clean(given)
        except (ValueError, RecursionError, msgspec.ValidationError):
            return trouble(422, *SHAPE)
        try:
            with transaction.atomic():
                if told.medical and not consent.allows(phone.person.pk, "medical"):
                    _agrees(phone.person, given.get("consent"), datetime.now(UTC))
                actions.tell(phone.person, told, datetime.now(UTC))
        except Refused as refused:
            return trouble(409, refused.said("zh-hans"), refused.said("en"))
    return reply({**say.mine(phone.person), "consent": _consent(phone.person)})


def _agrees(person: Person, shown: object, at: datetime) -> None:
    """Notes on health are kept only with a yes to the text that was on the screen: {"consent": its version}."""
    if type(shown) is not int:
        raise Refused("medical_consent")
    consent.say(person, "medical", True, shown, spoken(), at)


def _consent(person: Person) -> dict[str, Any]:
    number = consent.version("medical")
    return {
        "given": consent.allows(person.pk, "medical"),
        "version": number,
        "text": consent.text("medical", number, spoken()),
    }


@require_GET
def details(request: HttpRequest, pk: str) -> HttpResponse:
    """What helps at an incident to which I was sent, while it runs. The member sees that I looked."""
    phone = device_of(request)
    if phone is None or phone.person is None:
        return trouble(401)
    if not _looks.take(phone.person.pk):
        return trouble(429)
    found = say.of_incident(int(pk), phone.person, load(), datetime.now(UTC))
    return trouble(404) if found is None else reply(found)


@csrf_exempt
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """{"sure": true}: I am no member any more. All my phones and devices are signed out."""
    phone = device_of(request)
    if phone is None or phone.person is None:
        return trouble(401)
    if not _writes.take(phone.person.pk):
        return trouble(429)
    if body_of(request).get("sure") is not True:
        return trouble(422, *SHAPE)
    try:
        enrolment.leave(phone.person, datetime.now(UTC))
    except Refused as refused:
        return trouble(409, refused.said("zh-hans"), refused.said("en"))
    return reply({"left": True})
