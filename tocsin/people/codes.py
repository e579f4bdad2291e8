"""Sign-in codes for members: six digits, ten minutes, five tries, once."""

import secrets
from datetime import datetime, timedelta

import phonenumbers
from django.db import transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare

from tocsin.lib.secrets import digest
from tocsin.people.models import Person, SignInCode

LIFE = timedelta(minutes=10)
TRIES = 5
HOME = "ZA"  # where a number without a country code belongs


def e164(phone: str) -> str | None:
    """The number in E.164, or None if it cannot be a phone number."""
    try:
        parsed = phonenumbers.parse(phone, HOME)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def issue(phone: str, at: datetime) -> tuple[Person, str] | None:
    """A new code for the member with this number (earlier ones die); None if nobody has it."""
    person = Person.objects.filter(phone=e164(phone), is_active=True).first()
    if person is None:
        return None
    code = f"{secrets.randbelow(10**6):06d}"
    with transaction.atomic():
        SignInCode.objects.filter(person=person, used_at=None).update(used_at=at)
        SignInCode.objects.create(person=person, digest=digest(f"{person.pk}:{code}"), expires_at=at + LIFE)
    return person, code


def redeem(phone: str, code: str, at: datetime) -> Person | None:
    """The member, if the code is right; each wrong try counts."""
    with transaction.atomic():
        found = (
            SignInCode.objects.select_for_update()
            .select_related("person")
            .filter(person__phone=e164(phone), person__is_active=True, used_at=None, expires_at__gt=at)
            .filter(tries__lt=TRIES)
            .order_by("-pk")
            .first()
        )
        if found is None:
            return None
        if not constant_time_compare(bytes(found.digest).hex(), digest(f"{found.person.pk}:{code.strip()}").hex()):
            SignInCode.objects.filter(pk=found.pk).update(tries=F("tries") + 1)
            return None
        found.used_at = at
        found.save(update_fields=["used_at"])
        return found.person
