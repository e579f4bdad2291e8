"""Verbs: a member tells about themselves, or takes it back. Nobody else writes here."""

from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction

from tocsin.lib.refused import Refused
from tocsin.people.models import Person
from tocsin.privacy import consent
from tocsin.profiles.models import Medical, Profile
from tocsin.profiles.shape import Told


def tell(person: Person, told: Told, at: datetime) -> None:
    """From now on this is what is known; what is empty is not kept, and without anything there is no row.

    Notes on health are kept only with the member's consent.
    """
    plain: dict[str, Any] = msgspec.to_builtins(told)
    health = plain.pop("medical", None)
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).get(pk=person.pk)  # a consent is withdrawn before this, or after
        if health and not consent.allows(person.pk, "medical"):
            raise Refused("medical_consent")
        Profile.objects.filter(person=person).delete()
        Medical.objects.filter(person=person).delete()
        if plain:
            Profile(person=person, changed_at=at, **plain).save(force_insert=True)
        if health:
            Medical(person=person, changed_at=at, notes=health).save(force_insert=True)


def left(person: Person, at: datetime) -> None:
    """A member is none any more: nobody comes to them, so nobody needs to know. A reaction of leaving."""
    Profile.objects.filter(person=person).delete()
    Medical.objects.filter(person=person).delete()
