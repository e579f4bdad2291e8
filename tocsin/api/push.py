"""Pushes to the computer of whoever is signed in at the desk: our key, turning them on and off, a test."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.errors import ValidationError
from pydantic import Field

from tocsin.api import schema
from tocsin.api.asking import Asking
from tocsin.notifications import push

router = Router()


class KeysIn(Schema):
    p256dh: str = Field(max_length=200)
    auth: str = Field(max_length=80)


class SubscriptionIn(Schema):
    """What a browser gives: `PushSubscription.toJSON()`."""

    endpoint: str = Field(max_length=1000)
    keys: KeysIn


class EndpointIn(Schema):
    endpoint: str = Field(max_length=1000)


@router.get("/push", response=dict[str, Any])
def about(request: HttpRequest) -> dict[str, Any]:
    """Our public key (VAPID) to subscribe with, and whether pushes can be sent from here."""
    return push.about()


@router.post("/push", response={200: dict[str, Any], 201: dict[str, Any]})
def subscribe(request: HttpRequest, body: SubscriptionIn) -> tuple[int, dict[str, Any]]:
    """Push to this browser from now on. 409 `push_dead`: its push service ended this subscription; make a new one."""
    asking = Asking(request)
    try:
        found = push.read(body.dict())
    except ValueError as error:
        raise ValidationError([{"loc": ["body", "endpoint"], "msg": str(error)}]) from None
    made, new = push.subscribe(asking.person, found, request.headers.get("User-Agent", ""), asking.now)
    return 201 if new else 200, push.said(made)


@router.delete("/push", response=dict[str, Any])
def unsubscribe(request: HttpRequest, body: EndpointIn) -> dict[str, Any]:
    """No pushes to this browser any more."""
    return {"removed": push.unsubscribe(Asking(request).person, body.endpoint)}


@router.post("/push/test", response=dict[str, Any])
def test(request: HttpRequest, body: schema.Nothing = schema.Nothing()) -> dict[str, Any]:  # noqa: B008
    """A trial push to each of your browsers; opening it confirms that it works."""
    asking = Asking(request)
    return {"sent": push.test(asking.person, asking.now)}
