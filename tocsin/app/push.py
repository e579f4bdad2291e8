"""Pushes to the member's phone: our key, turning them on and off, a test."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from tocsin.app.asking import body_of, device_of, member, reply, trouble
from tocsin.lib.buckets import Buckets
from tocsin.lib.refused import Refused
from tocsin.notifications import push

_looks = Buckets(burst=60, rate=1)
_changes = Buckets(burst=20, rate=1 / 60)
NO_SUBSCRIPTION = ("浏览器给出的推送订阅无法使用", "The push subscription of this browser cannot be used")


@csrf_exempt
@require_http_methods(["GET", "POST", "DELETE"])
def push_here(request: HttpRequest) -> HttpResponse:
    """GET: our key and whether pushes can be sent. POST: this browser's subscription. DELETE: `{"endpoint"}`."""
    person, refusal = member(request, _looks if request.method == "GET" else _changes)
    if person is None:
        return refusal
    body = body_of(request)
    if request.method == "GET":
        return reply(push.about())
    if request.method == "DELETE":
        return reply({"removed": push.unsubscribe(person, str(body.get("endpoint", "")))})
    try:
        made, new = push.subscribe(person, push.read(body), request.headers.get("User-Agent", ""), datetime.now(UTC))
        if (phone := device_of(request)) is not None:
            push.belongs(phone, made)
    except ValueError:
        return trouble(422, *NO_SUBSCRIPTION, field="endpoint")
    except Refused as refused:
        return trouble(409, refused.said("zh-hans"), refused.said("en"))
    return reply(push.said(made), 201 if new else 200)


@csrf_exempt
@require_POST
def test(request: HttpRequest) -> HttpResponse:
    """A trial push; opening it confirms."""
    person, refusal = member(request, _changes)
    if person is None:
        return refusal
    try:
        return reply({"sent": push.test(person, datetime.now(UTC))})
    except Refused as refused:
        return trouble(409, refused.said("zh-hans"), refused.said("en"))
