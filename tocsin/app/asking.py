"""What the member's phone asks and is told: its token, JSON in, JSON or problem details out."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse

from tocsin.devices.models import Device, Vitals
from tocsin.incidents.standing import stand
from tocsin.lib import wall
from tocsin.lib.buckets import Buckets
from tocsin.lib.problem import problem
from tocsin.lib.secrets import digest
from tocsin.locale.choose import spoken
from tocsin.people.models import Person

SEEN_EVERY = timedelta(minutes=10)


def device_of(request: HttpRequest) -> Device | None:
    """The phone that asks; from now on its person stands before the wall."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return None
    found = Device.objects.select_related("person__center").filter(token_digest=digest(token.strip()), revoked_at=None)
    with wall.lifted():
        device = found.filter(person__is_active=True).first()
    if device is not None and device.person is not None:
        stand(device.person, datetime.now(UTC))
        _seen(device, datetime.now(UTC))
    return device


def _seen(device: Device, at: datetime) -> None:
    """When a phone was last here, for its owner's list; written at most every ten minutes."""
    if not Vitals.objects.filter(device=device, heard_at__gt=at - SEEN_EVERY).exists():
        with wall.lifted():
            Vitals.objects.update_or_create(device=device, defaults={"heard_at": at})


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


def trouble(status: int, zh: str = "", en: str = "", field: str = "", wait: timedelta | None = None) -> HttpResponse:
    language = spoken()
    detail = zh if language == "zh-hans" else en
    errors = {"errors": [{"field": field, "why": detail}]} if field else {}
    seconds = int(wait.total_seconds()) if wait else 60
    headers = {"Cache-Control": "no-store", **({"Retry-After": str(seconds)} if status == 429 else {})}
    content = problem(status, language, detail, **errors)
    return HttpResponse(content, status=status, content_type="application/problem+json", headers=headers)
