"""The member's app: its pages, and signing a phone in. Pressing does not pass here: see `edge`."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from tocsin.devices.models import Device
from tocsin.lib.buckets import Buckets
from tocsin.lib.pages import built
from tocsin.lib.problem import problem
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
    phone = codes.e164(str(_body(request).get("phone", ""))[:40])
    if phone is None:
        return _problem(422, *NO_PHONE, field="phone")
    if not _by_address.take(request.META.get("REMOTE_ADDR")) or not _by_phone.take(phone):
        return _problem(429)
    issued = codes.issue(phone, datetime.now(UTC))
    shown = {"demo_code": issued[1]} if issued and settings.DEMO else {}
    return _json({"sent": True, **shown})


@csrf_exempt
@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Phone and code become a device token, shown once. It outlives every session, so the button always works."""
    body = _body(request)
    phone = codes.e164(str(body.get("phone", ""))[:40])
    if phone is None:
        return _problem(422, *NO_PHONE, field="phone")
    if not _by_address.take(request.META.get("REMOTE_ADDR")):
        return _problem(429)
    person = codes.redeem(phone, str(body.get("code", ""))[:12], datetime.now(UTC))
    if person is None:
        return _problem(422, *WRONG_CODE, field="code")
    token = new_token()
    Device.objects.create(protocol="app", identifier=str(uuid4()), person=person, token_digest=digest(token))
    return _json({"token": token, **_profile(person)})


@require_GET
def me(request: HttpRequest) -> HttpResponse:
    device = _device(request)
    if device is None or device.person is None:
        return _problem(401)
    return _json({**_profile(device.person), "demo": settings.DEMO})


@csrf_exempt
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Revoke this phone's token."""
    device = _device(request)
    if device is None:
        return _problem(401)
    Device.objects.filter(pk=device.pk).update(revoked_at=datetime.now(UTC))
    return _json({"signed_out": True})


def _profile(person: Person) -> dict[str, Any]:
    center = person.center
    language = spoken()
    return {
        "name": person.name,
        "language": person.language,
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


def _device(request: HttpRequest) -> Device | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return None
    found = Device.objects.select_related("person__center").filter(token_digest=digest(token.strip()), revoked_at=None)
    return found.filter(person__is_active=True).first()


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        body = json.loads(request.body[:4096] or b"{}")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _json(body: dict[str, Any]) -> HttpResponse:
    return HttpResponse(
        msgspec.json.encode(body), content_type="application/json", headers={"Cache-Control": "no-store"}
    )


def _problem(status: int, zh: str = "", en: str = "", field: str = "") -> HttpResponse:
    language = spoken()
    detail = zh if language == "zh-hans" else en
    errors = {"errors": [{"field": field, "why": detail}]} if field else {}
    headers = {"Cache-Control": "no-store", **({"Retry-After": "60"} if status == 429 else {})}
    content = problem(status, language, detail, **errors)
    return HttpResponse(content, status=status, content_type="application/problem+json", headers=headers)
