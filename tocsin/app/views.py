"""The member's app: its pages, and signing a phone in. Pressing does not pass here: see `edge`."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from tocsin.app.asking import body_of, device_of, reply, trouble
from tocsin.app.duty import has_duty
from tocsin.devices.models import Device
from tocsin.lib.buckets import Buckets
from tocsin.lib.pages import built
from tocsin.lib.secrets import digest, new_token
from tocsin.locale.choose import spoken
from tocsin.people import codes
from tocsin.people.models import Person

_by_address = Buckets(burst=60, rate=0.5)
_by_phone = Buckets(burst=10, rate=1 / 60)

NO_PHONE = ("请填写有效的手机号码，例如 +27 82 555 0123", "Enter a valid phone number, such as +27 82 555 0123")
WRONG_CODE = ("验证码不对或已过期，请重新获取", "The code is wrong or has expired: ask for a new one")


@require_GET
def shell(request: HttpRequest) -> HttpResponse:
    return built(request, "app.html", "text/html; charset=utf-8")


@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    return built(request, "worker.js", "text/javascript; charset=utf-8")


@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    return built(request, "app/manifest.webmanifest", "application/manifest+json")


@csrf_exempt
@require_POST
def code(request: HttpRequest) -> HttpResponse:
    """Send a code to a phone. The answer is the same whether a member has that number or not (but in the demo)."""
    phone = codes.e164(str(body_of(request).get("phone", ""))[:40])
    if phone is None:
        return trouble(422, *NO_PHONE, field="phone")
    if not _by_address.take(request.META.get("REMOTE_ADDR")) or not _by_phone.take(phone):
        return trouble(429)
    issued = codes.issue(phone, datetime.now(UTC))
    shown = {"demo_code": issued[1]} if issued and settings.DEMO else {}
    return reply({"sent": True, **shown})


@csrf_exempt
@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Phone and code become a device token, shown once. It outlives every session, so the button always works."""
    body = body_of(request)
    phone = codes.e164(str(body.get("phone", ""))[:40])
    if phone is None:
        return trouble(422, *NO_PHONE, field="phone")
    if not _by_address.take(request.META.get("REMOTE_ADDR")):
        return trouble(429)
    person = codes.redeem(phone, str(body.get("code", ""))[:12], datetime.now(UTC))
    if person is None:
        return trouble(422, *WRONG_CODE, field="code")
    token = new_token()
    Device.objects.create(protocol="app", identifier=str(uuid4()), person=person, token_digest=digest(token))
    return reply({"token": token, **_profile(person)})


@require_GET
def me(request: HttpRequest) -> HttpResponse:
    device = device_of(request)
    if device is None or device.person is None:
        return trouble(401)
    return reply({**_profile(device.person), "demo": settings.DEMO})


@csrf_exempt
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Revoke this phone's token."""
    device = device_of(request)
    if device is None:
        return trouble(401)
    Device.objects.filter(pk=device.pk).update(revoked_at=datetime.now(UTC))
    return reply({"signed_out": True})


def _profile(person: Person) -> dict[str, Any]:
    center = person.center
    language = spoken()
    return {
        "name": person.name,
        "language": person.language,
        "duty": has_duty(person, datetime.now(UTC)),
        "center": center
        and {
            "code": center.code,
            "name": center.name(language),
            "name_zh": center.name_zh,
            "name_en": center.name_en,
            "phone": center.phone,
            "sms": center.phone,
        },
    }
