"""One's own contacts in the partner API: how I am reached when I am on duty, and a test of each."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router, Schema
from pydantic import Field

from tocsin.api import schema
from tocsin.api.asking import Asking
from tocsin.lib.buckets import Buckets
from tocsin.lib.refused import Refused
from tocsin.notifications import contacts
from tocsin.notifications.models import Contact

router = Router()
_tests = Buckets(burst=10, rate=1 / 30)


class ContactIn(Schema):
    """`address`: a number, an e-mail address, a WeCom robot's key or `user:…`, an Apprise address."""

    channel: str = Field(max_length=12)
    address: str = Field(min_length=1, max_length=1000)
    label: str = Field("", max_length=80)


class ContactOut(Schema):
    """`own`: the number one signs in with. `trial`: the newest test of it."""

    id: int
    channel: str
    address: str
    label: str
    own: bool
    ready: bool
    confirmed_at: datetime | None
    dead_at: datetime | None
    dead_why: str
    trial: dict[str, Any] | None


class ContactsOut(Schema):
    items: list[ContactOut]
    channels: list[dict[str, Any]]


def _one(asking: Asking, pk: int) -> Contact:
    found = Contact.objects.select_related("person").filter(pk=pk, person=asking.person).first()
    if found is None:
        raise Http404
    return found


@router.get("/contacts", response=ContactsOut)
def mine(request: HttpRequest) -> dict[str, Any]:
    """How I am reached, and the channels that I can add."""
    return contacts.said(Asking(request).person)


@router.post("/contacts", response={201: ContactsOut})
def add(request: HttpRequest, body: ContactIn) -> tuple[int, dict[str, Any]]:
    asking = Asking(request)
    contacts.add(asking.person, body.channel, body.address, body.label, asking.now)
    return 201, contacts.said(asking.person)


@router.post("/contacts/{int:pk}/test", response=ContactsOut)
def test(request: HttpRequest, pk: int, body: schema.Nothing = schema.Nothing()) -> dict[str, Any]:  # noqa: B008
    """A test message; opening its link confirms the contact."""
    asking = Asking(request)
    contact = _one(asking, pk)
    if not _tests.take(asking.person.pk):
        raise Refused("too_soon")
    contacts.trial(contact, asking.now)
    return contacts.said(asking.person)


@router.post("/contacts/{int:pk}/remove", response=ContactsOut)
def remove(request: HttpRequest, pk: int, body: schema.Nothing = schema.Nothing()) -> dict[str, Any]:  # noqa: B008
    asking = Asking(request)
    contacts.remove(_one(asking, pk))
    return contacts.said(asking.person)
