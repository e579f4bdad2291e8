"""A member's own contacts. A relative is asked first; until they agree, and after they withdraw, they are not told."""

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from tocsin.lib.refused import Refused
from tocsin.lib.sealed import Unopened
from tocsin.lib.words import Language
from tocsin.notifications import actions, single
from tocsin.notifications.models import Delivery, Relative, State
from tocsin.notifications.why import went_wrong
from tocsin.people.codes import e164
from tocsin.people.models import Person
from tocsin.privacy import consent

MOST = 5
AGAIN = timedelta(days=1)  # nobody is asked twice within it, whoever adds them anew


def mine(person: Person) -> list[Relative]:
    """Those that the member keeps; one who was taken out has no address any more."""
    return [r for r in Relative.objects.filter(person=person).order_by("pk") if _kept(r)]


def _kept(relative: Relative) -> bool:
    """One that does not open is as good as gone: the member adds them anew."""
    try:
        return bool(relative.name and (relative.phone or relative.email))
    except Unopened:
        return False


def said(person: Person) -> list[dict[str, Any]]:
    return [_row(r) for r in mine(person)]


def _row(r: Relative) -> dict[str, Any]:
    asked = Delivery.objects.filter(relative=r, message="consent").order_by("-pk").first()
    return {
        "id": r.pk,
        "name": r.name,
        "phone": r.phone or "",
        "email": r.email or "",
        "language": r.language,
        "state": "declined" if r.withdrawn_at else "agreed" if r.agreed_at else "asked",
        "agreed_at": r.agreed_at,
        "withdrawn_at": r.withdrawn_at,
        "asked": asked and {"state": asked.state, "at": asked.sent_at or asked.created_at, **went_wrong(asked)},
    }


def add(person: Person, name: str, phone: str, email: str, language: str, at: datetime) -> Relative:
    """Write a relative down and ask them."""
    name, email = name.strip()[:120], email.strip()[:254]
    number = e164(phone) if phone.strip() else ""
    if not name:
        raise Refused("name_missing")
    if number is None:
        raise Refused("address_malformed", example="+27 82 555 0123")
    if email:
        try:
            validate_email(email)
        except ValidationError:
            raise Refused("address_malformed", example="name@example.org") from None
    if not number and not email:
        raise Refused("relative_contact")
    kept = mine(person)
    if len(kept) >= MOST:
        raise Refused("too_many", most=MOST)
    if any((number and r.phone == number) or (email and r.email == email) for r in kept):
        raise Refused("contact_known")
    relative = Relative(
        person=person, name=name, phone=number, email=email, language="en" if language == "en" else "zh-hans"
    )
    _may_ask(relative, at)
    with transaction.atomic():
        relative.save()
        ask(relative, at)
        # naming somebody is asking for them to be told: the consent's text stands on that page
        spoken: Language = "en" if person.language == "en" else "zh-hans"
        consent.say(person, "relatives", True, consent.version("relatives"), spoken, at)
    return relative


def ask(relative: Relative, at: datetime) -> None:
    """The message that asks; its link says yes or no, now and later."""
    if relative.withdrawn_at:
        raise Refused("relative_declined")
    if relative.agreed_at:
        raise Refused("no_change")
    _may_ask(relative, at)
    single.to_relative(relative, "consent", {"who": relative.person.name}, at)


def _may_ask(relative: Relative, at: datetime) -> None:
    """Not often, and not whoever said no to this member: also not under another name."""
    channel, address = single.way(relative)
    before = Delivery.objects.filter(
        relative__person=relative.person, message="consent", channel=channel, address=address
    )
    if before.filter(answer="cannot").exists():
        raise Refused("relative_declined")
    if before.filter(created_at__gt=at - AGAIN).exists():
        raise Refused("too_soon")


def answer(delivery: Delivery, agrees: bool, at: datetime) -> Relative:
    """The relative's own word, by the link in the message: it may change at any time."""
    relative = delivery.relative
    if relative is None:
        raise Refused("no_change")
    if not (relative.phone or relative.email):
        return relative  # taken out meanwhile
    relative.agreed_at, relative.withdrawn_at = (at, None) if agrees else (relative.agreed_at, at)
    relative.save(update_fields=["agreed_at", "withdrawn_at"])
    actions.answered(delivery, "coming" if agrees else "cannot", at)
    return relative


def remove(relative: Relative, at: datetime) -> None:
    """The member takes a relative out: their address is forgotten, and what waits for them is not sent."""
    Delivery.objects.filter(relative=relative, state=State.QUEUED).update(state=State.CANCELLED)
    relative.phone = relative.email = ""
    relative.withdrawn_at = relative.withdrawn_at or at
    relative.save(update_fields=["phone", "email", "withdrawn_at"])
