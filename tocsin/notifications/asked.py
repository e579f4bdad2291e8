"""Codes on their way to phones. A delivery holds the number of the wish, never the code: it is made when it leaves.

Without the key outside the database nobody can make it from what is stored, and once the code was used, replaced or is
ten minutes old, nobody can at all: what was not sent by then is not sent any more.
"""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from tocsin.notifications.models import Contact, Delivery
from tocsin.people import codes
from tocsin.people.models import Person, SignInCode
from tocsin.people.roles import Changed
from tocsin.signin.resets import Told

CODES = ("code", "move", "join", "mydata")  # messages with a code in them
#: Message → who makes its code from the delivery's values; None: it is over. Filled by the stations that send them.
MAKERS: dict[str, Callable[[dict[str, Any]], str | None]] = {}


def code_of(delivery: Delivery) -> str | None:
    if make := MAKERS.get(delivery.message):
        return make(delivery.values)
    return codes.spoken(delivery.values.get("wish"), datetime.now(UTC))


def send(row: SignInCode, phone: str, at: datetime) -> None:
    """Owe the code to the number itself, by text or by a call. In the transaction that found whose it is."""
    person = row.person
    assert person is not None
    message = {codes.SIGN_IN: "code", "erase": "mydata", "export": "mydata"}.get(row.purpose, "move")
    _owe(person, "voice" if row.way == "voice" else "sms", phone, message, at, wish=row.pk)


def moved(person: Person, old: str, new: str, at: datetime) -> None:
    """A number became another: the contacts on it go along, and the old phone hears of it."""
    if old:
        for contact in Contact.objects.filter(person=person, address=old, channel__in=("sms", "voice", "whatsapp")):
            if Contact.objects.filter(person=person, channel=contact.channel, address=new).exists():
                contact.delete()
                continue
            contact.address, contact.dead_at, contact.dead_why = new, None, ""
            contact.confirmed_at = at if contact.channel == "sms" else None  # the code came by text
            contact.save(update_fields=["address", "dead_at", "dead_why", "confirmed_at"])
        _owe(person, "sms", old, "moved", at)
    from tocsin.notifications import actions

    actions.tell([person.pk], "moved", {}, at, by=("webpush", "email"))


def role_changed(changed: Changed, at: datetime) -> None:
    """To the person concerned, or to those who may confirm it."""
    from tocsin.notifications import actions

    values = {
        "words": changed.what,
        "who": changed.by,
        "where": Person.objects.filter(pk=changed.person).values_list("name", flat=True).first() or "",
        "duty": changed.role,
        "center": [changed.center.name_zh, changed.center.name_en],
        "when": changed.until or "",
    }
    actions.tell(changed.tell, "role", values, at, by=("webpush", "email", "sms"))


def second_factor(told: Told, at: datetime) -> None:
    """To the person whose second factor is to be taken away, and to those who may confirm it."""
    from tocsin.notifications import actions

    values = {"words": told.what, "who": told.by, "where": told.person}
    actions.tell(told.tell, "reset", values, at, by=("webpush", "email", "sms"))


def _owe(person: Person, channel: str, address: str, message: str, at: datetime, **values: object) -> None:
    with connection.cursor() as cursor:
        Delivery.objects.create(
            person=person, channel=channel, address=address, language=person.language, message=message, values=values,
            urgent=True, due=at, created_at=at, token=secrets.token_urlsafe(16),
        )  # fmt: skip
        cursor.execute("SELECT pg_notify('deliveries', '')")
