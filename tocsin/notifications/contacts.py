"""The writers of a person's own contacts, and what the person sees of them. A test on a contact confirms it."""

import re
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from asgiref.sync import async_to_sync
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from tocsin.lib.refused import Refused
from tocsin.notifications import actions, registry, single
from tocsin.notifications.models import Contact, Delivery
from tocsin.notifications.why import went_wrong
from tocsin.people.codes import e164
from tocsin.people.models import Person

#: What a person can add by hand, with an example. Push is turned on by the browser itself.
EXAMPLES = {
    "sms": "+27 82 555 0123",
    "voice": "+27 82 555 0123",
    "whatsapp": "+27 82 555 0123",
    "email": "name@example.org",
    "wecom": "user:zhangsan",
    "apprise": "ntfy://example-topic",
}
NUMBERS = ("sms", "voice", "whatsapp")
MOST = 20
PAUSE = timedelta(seconds=30)  # between two tests of one contact


def said(person: Person) -> dict[str, Any]:
    """All contacts of a person, the order in which they are tried first; and what can be added."""
    actions.contacts_of([person.pk])  # the person's own number is a contact, too
    rows = list(Contact.objects.filter(person=person))
    trials: dict[int | None, Delivery] = {}
    for trial in Delivery.objects.filter(contact__in=rows, message="trial").order_by("pk"):
        trials[trial.contact_id] = trial
    rank = {name: n for n, name in enumerate(actions.ORDER)}
    rows.sort(key=lambda c: (c.dead_at is not None, rank.get(c.channel, 99), c.pk))
    return {
        "items": [_row(c, person, trials.get(c.pk)) for c in rows],
        "channels": [
            {"name": name, "ready": _ready(name), "example": example, "own": person.phone if name in NUMBERS else None}
            for name, example in EXAMPLES.items()
        ],
    }


def _ready(channel: str) -> bool:
    return channel in registry.channels() and not registry.problems(channel)


def _row(c: Contact, person: Person, trial: Delivery | None) -> dict[str, Any]:
    return {
        "id": c.pk,
        "channel": c.channel,
        "address": "" if c.channel == "webpush" else c.address,
        "label": c.label,
        "own": _own(c, person),
        "ready": _ready(c.channel),
        "confirmed_at": c.confirmed_at,
        "dead_at": c.dead_at,
        "dead_why": c.dead_why,
        "trial": trial
        and {
            "state": trial.state,
            "at": trial.sent_at or trial.created_at,
            **went_wrong(trial, dead=c.dead_at is not None),
        },
    }


def _own(c: Contact, person: Person) -> bool:
    return c.channel in ("sms", "voice") and c.address == person.phone


def add(person: Person, channel: str, address: str, label: str, at: datetime) -> Contact:
    """A new contact, checked by its form. One that was dead lives again when it is added anew."""
    if channel not in EXAMPLES:
        raise Refused("address_malformed", example=", ".join(EXAMPLES))
    proper = _proper(channel, address.strip())
    if Contact.objects.filter(person=person).count() >= MOST:
        raise Refused("too_many", most=MOST)
    found = Contact.objects.filter(person=person, channel=channel, address=proper).first()
    if found is not None:
        if found.dead_at is None:
            raise Refused("contact_known")
        Contact.objects.filter(pk=found.pk).update(dead_at=None, dead_why="", confirmed_at=None)
        return Contact.objects.get(pk=found.pk)
    try:
        with transaction.atomic():
            return Contact.objects.create(
                person=person, channel=channel, address=proper, label=label.strip()[:80], created_at=at
            )
    except IntegrityError:
        raise Refused("contact_known") from None


def _proper(channel: str, address: str) -> str:
    example = EXAMPLES[channel]
    if channel in NUMBERS:
        found = e164(address)
        if found is None:
            raise Refused("address_malformed", example=example)
        return found
    if channel == "email":
        try:
            validate_email(address)
        except ValidationError:
            raise Refused("address_malformed", example=example) from None
        return address
    shaped = re.fullmatch(r"[A-Za-z][\w.+-]*://\S{1,900}" if channel == "apprise" else r"\S{3,300}", address)
    if not shaped:
        raise Refused("address_malformed", example=example)
    if why := _wrong(channel, address):
        raise Refused("address_wrong", why=why)
    return address


def _wrong(channel: str, address: str) -> str:
    """What the channel itself says against an address, if it looks at them (`wrong` beside its CHANNEL)."""
    if channel not in registry.channels():
        return ""
    look = getattr(import_module(f"tocsin.notifications.channels.{channel}.channel"), "wrong", None)
    return str(async_to_sync(look)(address, registry.settings(channel))) if look else ""


def trial(contact: Contact, at: datetime) -> Delivery:
    """Owe a test on exactly this contact; opening its link confirms it."""
    if not _ready(contact.channel):
        raise Refused("channel_off")
    if Delivery.objects.filter(contact=contact, message="trial", created_at__gt=at - PAUSE).exists():
        raise Refused("too_soon")
    return single.to_contact(contact, "trial", {}, at)


def remove(contact: Contact) -> None:
    """Gone; what was sent on it keeps its record."""
    if _own(contact, contact.person):
        raise Refused("contact_own")
    contact.delete()
