"""The verbs for a lost second factor: ask, confirm, decline. Two people, never the one whose it is.

Whoever gives roles at every center where the person works may ask, and another of those must confirm within a day; of
an administrator of the system only two others of these. Nothing changes before. Whoever knows the password can set up
a second factor of their own afterwards: so make sure of the person, face to face, and give them a new password link.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import ClassVar, Literal

import msgspec
from allauth.mfa.models import Authenticator
from django.db import transaction

from tocsin.lib.refused import Refused
from tocsin.lib.wall import lifting
from tocsin.people.models import Person
from tocsin.people.roles import deciders, governs
from tocsin.signin import facts
from tocsin.signin.actions import centers_of_staff, end_all, write_book, write_down
from tocsin.signin.models import Reset

WAITS = timedelta(days=1)


class Told(msgspec.Struct, frozen=True):
    """What people are told. `what`: yours (somebody asks for it), asked (you may confirm), done, declined."""

    what: Literal["yours", "asked", "done", "declined"]
    person: str
    by: str
    tell: Sequence[int]


class Reactions:
    """Who tells people. Connected by the journey."""

    told: ClassVar[Sequence[Callable[[Told, datetime], object]]] = ()


def may(by: Person, person: Person, at: datetime, governed: Collection[int] | None = None) -> bool:
    """Whether `by` may ask for it, or confirm what another asked. `governed`: `governs(by, at)`, where it is known."""
    if by.pk == person.pk or not by.is_active or not (by.is_superuser or not person.is_superuser):
        return False
    centers = centers_of_staff(person, at)
    return bool(centers) and set(centers) <= set(governs(by, at) if governed is None else governed)


@lifting
def ask(person: Person, by: Person, at: datetime) -> Reset:
    with transaction.atomic():
        person = Person.objects.select_for_update().get(pk=person.pk)
        _may(by, person, at)
        if not Authenticator.objects.filter(user=person).exists():
            raise Refused("no_second_factor")
        open_ = Reset.objects.filter(person=person, decided_at=None)
        open_.filter(expires_at__lte=at).update(decided_at=at, outcome="expired")
        if open_.exists():
            raise Refused("reset_asked_already")
        made = Reset.objects.create(person=person, by=by, at=at, expires_at=at + WAITS)
        write_down(person, "reset_asked", at, by)
        write_book(person, facts.SecondFactorResetAsked(person=person.pk), by, at)
        _tell("yours", person, by, [person.pk], at)
        _tell("asked", person, by, sorted(_others(person, at) - {by.pk}), at)
    return made


@lifting
def confirm(reset: Reset, by: Person, at: datetime) -> None:
    """Passkeys, app and recovery codes go, all sign-ins end; the next one sets up anew."""
    with _open(reset, at) as found:
        if found.by_id == by.pk:
            raise Refused("role_same")
        _may(by, found.person, at)
        # whoever asked must still be one who may: a thief of their session, found out, decides nothing any more
        if not may(found.by, found.person, at):
            raise Refused("role_proposer_gone")
        _close(found, "confirmed", by, at)
        Authenticator.objects.filter(user=found.person).delete()
        end_all(found.person)
        write_down(found.person, "reset", at, by)
        write_book(found.person, facts.SecondFactorReset(person=found.person_id, proposer=found.by_id), by, at)
        _tell("done", found.person, by, [found.person_id], at)


@lifting
def decline(reset: Reset, by: Person, at: datetime) -> None:
    """Another says no, or whoever asked thought better of it."""
    with _open(reset, at) as found:
        if found.by_id != by.pk:
            _may(by, found.person, at)
            _tell("declined", found.person, by, [found.by_id], at)
        _close(found, "withdrawn" if found.by_id == by.pk else "declined", by, at)
        write_book(found.person, facts.SecondFactorResetDeclined(person=found.person_id), by, at)


@lifting
def waiting(by: Person, at: datetime) -> list[Reset]:
    """Those that wait and that this person asked for, or may decide."""
    rows = Reset.objects.filter(decided_at=None, expires_at__gt=at).select_related("person", "by").order_by("pk")
    governed = governs(by, at)
    return [each for each in rows if each.by_id == by.pk or may(by, each.person, at, governed)]


@contextmanager
def _open(reset: Reset, at: datetime) -> Iterator[Reset]:
    with transaction.atomic():
        rows = Reset.objects.select_for_update(of=("self",)).select_related("person", "by")
        found = rows.get(pk=reset.pk)
        if found.decided_at is not None or found.expires_at <= at:
            raise Refused("reset_over")
        yield found


def _may(by: Person, person: Person, at: datetime) -> None:
    if by.pk == person.pk:
        raise Refused("role_own")
    if not may(by, person, at):
        raise Refused("reset_not_yours")


def _others(person: Person, at: datetime) -> set[int]:
    """Who may decide about this person."""
    found = set.intersection(*(deciders(center, at) for center in centers_of_staff(person, at)))
    people = Person.objects.filter(pk__in=found - {person.pk})
    return {each.pk for each in people if may(each, person, at)}


def _close(found: Reset, outcome: str, by: Person, at: datetime) -> None:
    found.outcome, found.decided_by, found.decided_at = outcome, by, at
    found.save(update_fields=["outcome", "decided_by", "decided_at"])


def _tell(
    what: Literal["yours", "asked", "done", "declined"], person: Person, by: Person, tell: Sequence[int], at: datetime
) -> None:
    for react in Reactions.told:
        react(Told(what, person.name, by.name, tell), at)
