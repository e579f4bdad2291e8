"""What the member's phone asks and is told: its token, JSON in, JSON or problem details out."""

import json
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse

from tocsin.devices.models import Device
from tocsin.lib.buckets import Buckets
from tocsin.lib.problem import problem
from tocsin.lib.secrets import digest
from tocsin.locale.choose import spoken
from tocsin.people.models import Person


def device_of(request: HttpRequest) -> Device | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return None
    found = Device.objects.select_related("person__center").filter(token_digest=digest(token.strip()), revoked_at=None)
    return found.filter(person__is_active=True).first()


def member(request: HttpRequest, bucket: Buckets) -> tuple[Person | None, HttpResponse]:
    """The person whose phone asks, at most as often as the bucket lets; or None, and what to answer."""
    phone = device_of(request)
    if phone is None or phone.person is None:
        return None, trouble(401)
    if not bucket.take(phone.person.pk):
        return None, trouble(429)
    return phone.person, HttpResponse()


def body_of(request: HttpRequest) -> dict[str, Any]:
    try:
        body = json.loads(request.body[:4096] or b"{}")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def reply(body: dict[str, Any], status: int = 200) -> HttpResponse:
    return HttpResponse(
        msgspec.json.encode(body),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def trouble(status: int, zh: str = "", en: str = "", field: str = "") -> HttpResponse:
    language = spoken()
    detail = zh if language == "zh-hans" else en
    errors = {"errors": [{"field": field, "why": detail}]} if field else {}
    headers = {"Cache-Control": "no-store", **({"Retry-After": "60"} if status == 429 else {})}
    content = problem(status, language, detail, **errors)
    return HttpResponse(content, status=status, content_type="application/problem+json", headers=headers)
