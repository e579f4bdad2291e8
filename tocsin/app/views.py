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
from tocsin.app.sent import is_sent
from tocsin.devices.models import Device
from tocsin.incidents.standing import stand
from tocsin.lib.buckets import Buckets
from tocsin.lib.pages import built
from tocsin.lib.refused import Refused
from tocsin.lib.secrets import digest, new_token
from tocsin.locale.choose import spoken
from tocsin.notifications import push
from tocsin.people import codes
from tocsin.people.models import Person
from tocsin.signin.throttle import place_of

_by_address = Buckets(burst=60, rate=0.5)

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
    """Send a code to a phone: `{"phone", "way": "sms" | "voice"}`. Same answer and time whether a member has the
    number or not: whose it is, is looked up afterwards (but in the demo, which shows the code)."""
    body = body_of(request)
    phone = codes.e164(str(body.get("phone", ""))[:40])
    way = "voice" if body.get("way") == "voice" else "sms"
    if phone is None:
        return trouble(422, *NO_PHONE, field="phone")
    address = str(request.META.get("REMOTE_ADDR") or "")
    if not _by_address.take(place_of(address)):
        return trouble(429)
    now = datetime.now(UTC)
    try:
        wish = codes.ask(phone, place_of(address), now, way)
    except codes.TooMany as many:
        return trouble(429, wait=many.wait)
    except Refused as refused:
        return trouble(409, refused.said("zh-hans"), refused.said("en"))
    found = codes.shown(wish, now) if settings.DEMO else None
    return reply({"sent": True, "call_after": 30, **({"demo_code": found[1]} if found else {})})


@csrf_exempt
@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Phone and code become a device token, shown once. It outlives every session, so the button always works."""
    body = body_of(request)
    phone = codes.e164(str(body.get("phone", ""))[:40])
    if phone is None:
        return trouble(422, *NO_PHONE, field="phone")
    if not _by_address.take(place_of(str(request.META.get("REMOTE_ADDR") or ""))):
        return trouble(429)
    person = codes.redeem(phone, str(body.get("code", ""))[:12], datetime.now(UTC))
    if person is None:
        return trouble(422, *WRONG_CODE, field="code")
    stand(person, datetime.now(UTC))
    token = new_token()
    Device.objects.create(
        protocol="app",
        identifier=str(uuid4()),
        name=push.label(request.headers.get("User-Agent", ""))[:120],
        person=person,
        token_digest=digest(token),
    )
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
    push.revoked(device)
    return reply({"signed_out": True})


def _profile(person: Person) -> dict[str, Any]:
    center = person.center
    language = spoken()
    return {
        "name": person.name,
        "language": person.language,
        "duty": has_duty(person, datetime.now(UTC)),
        "sent": is_sent(person, datetime.now(UTC)),
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
