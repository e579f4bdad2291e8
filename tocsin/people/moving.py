"""A member's number becomes another. Both phones confirm it with a code; or, when the old one is lost, two officers do.

In the app: `begin`, a code to each number, `confirm` each. At the desk: `begin_at_desk` by one, the code of the new
phone read out by the member (`confirm`), `approve` by another; one of the two is the center's director. Then the
devices stay signed in, the contacts move along, and the book says that it was done, without a number. The old number is
told, so that a thief does not do it unnoticed.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import ClassVar, Literal

from django.db import IntegrityError, connection, transaction
from django.db.models import F

from tocsin.book.facts import Fact
from tocsin.book.record import New, record
from tocsin.centers.models import Center
from tocsin.centers.network import family
from tocsin.lib import wall
from tocsin.lib.refused import Refused
from tocsin.people import codes, facts
from tocsin.people.models import ACTS, SEES_BELOW, NumberChange, Person

IN_APP, AT_DESK = timedelta(hours=1), timedelta(days=7)


class Reactions:
    """What goes with a number: (person, old, new, at). Connected by the journey."""

    moved: ClassVar[Sequence[Callable[[Person, str, str, datetime], object]]] = ()


def purpose(change: NumberChange) -> str:
    return f"move {change.pk}"


def running(person: Person, at: datetime) -> NumberChange | None:
    return NumberChange.objects.filter(person=person, ended_at=None, expires_at__gt=at).first()


@wall.lifting
def begin(person: Person, phone: str, place: str, at: datetime) -> NumberChange:
    """In the app: a code goes to the new number and one to the old."""
    with transaction.atomic():  # too many codes: nothing was begun
        made = _begin(person, phone, at, IN_APP)
        codes.ask(made.phone, place, at, purpose=purpose(made), person=person)
        if person.phone:
            codes.ask(person.phone, place, at, purpose=purpose(made), person=person)
        else:  # there is no old one to ask
            NumberChange.objects.filter(pk=made.pk).update(old_at=at)
    return made


@wall.lifting
def begin_at_desk(person: Person, phone: str, by: Person, place: str, at: datetime) -> NumberChange:
    """The old phone is lost, the member stands at the desk: a code goes to the new number only."""
    _may(by, person, at)
    with transaction.atomic():
        made = _begin(person, phone, at, AT_DESK, by)
        codes.ask(made.phone, place, at, purpose=purpose(made), person=person)
    return made


def _begin(person: Person, phone: str, at: datetime, life: timedelta, by: Person | None = None) -> NumberChange:
    number = codes.e164(phone)
    if number is None:
        raise Refused("phone_malformed")
    with transaction.atomic():
        held = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
        if held.phone == number:
            raise Refused("no_change")
        NumberChange.objects.filter(person=person, ended_at=None).update(ended_at=at)
        return NumberChange.objects.create(person=person, phone=number, at=at, expires_at=at + life, by=by)


@wall.lifting
def again(change: NumberChange, which: Literal["old", "new"], way: str, place: str, at: datetime) -> None:
    """The code once more, by text or by a call."""
    to = change.phone if which == "new" else change.person.phone
    if change.ended_at is not None or to is None or (which == "old" and change.by_id):
        raise Refused("move_over")
    codes.ask(to, place, at, way, purpose(change), change.person)


@wall.lifting
def confirm(change: NumberChange, which: Literal["old", "new"], code: str, at: datetime) -> bool:
    """The code of one of the two phones. False: it is wrong or over. With both, or both officers, the number moves."""
    with _open(change, at) as (found, person):
        phone = found.phone if which == "new" else person.phone
        if phone is None or (which == "old" and found.by_id):
            return False
        right = codes.redeem(phone, code, at, purpose(found))  # a wrong try is counted
        if right is None or right.pk != person.pk:
            return False
        if which == "new":
            found.new_at = at
        else:
            found.old_at = at
        found.save(update_fields=["new_at", "old_at"])
        if found.by_id is None and found.old_at and found.new_at:
            _move(found, person, facts.NumberChanged(person=person.pk), person, at)
    return True


@wall.lifting
def approve(change: NumberChange, by: Person, at: datetime) -> None:
    """A second officer looked at the member, too. One of the two is director of the center, or of one above it."""
    with _open(change, at) as (found, person):
        if found.by is None:
            raise Refused("move_over")
        _may(by, person, at)
        if by.pk == found.by_id:
            raise Refused("role_same")
        if found.new_at is None:
            raise Refused("move_code_first")
        _may(found.by, person, at)  # they may have left meanwhile
        if not (_directs(by, person, at) or _directs(found.by, person, at)):
            raise Refused("move_director")
        found.second = by
        found.save(update_fields=["second"])
        _move(found, person, facts.NumberChangedAtDesk(person=person.pk, proposer=found.by.pk), by, at)


@wall.lifting
def give_up(change: NumberChange, at: datetime) -> None:
    NumberChange.objects.filter(pk=change.pk, ended_at=None).update(ended_at=at)


def officers(by: Person, at: datetime, roles: frozenset[str] = ACTS) -> set[int]:
    """Centers whose members this person may help at the desk."""
    tree, found = family(), set[int]()
    for center, name in by.roles.in_force(at).filter(name__in=roles).values_list("center_id", "name"):
        found |= tree.below(center) if name in SEES_BELOW else {center}
    return found if by.is_active else set()


def _may(by: Person, person: Person, at: datetime) -> None:
    if person.center_id not in officers(by, at):
        raise Refused("role_not_yours")
    if by.pk == person.pk:
        raise Refused("role_own")


def _directs(by: Person, person: Person, at: datetime) -> bool:
    return person.center_id in officers(by, at, frozenset({"director"}))


@contextmanager
def _open(change: NumberChange, at: datetime) -> Iterator[tuple[NumberChange, Person]]:
    with transaction.atomic():
        person = Person.objects.select_for_update(of=("self",)).get(pk=change.person_id)
        found = NumberChange.objects.select_for_update(of=("self",)).select_related("by").get(pk=change.pk)
        if found.ended_at is not None or found.expires_at <= at or not person.is_active:
            raise Refused("move_over")
        yield found, person


def _move(found: NumberChange, person: Person, fact: Fact, by: Person, at: datetime) -> None:
    old, new = person.phone or "", found.phone
    # Told only to those who hold the phone: they have read its code.
    if Person.objects.filter(phone=new).exclude(pk=person.pk).exists():
        raise Refused("number_taken")
    person.phone = new
    try:
        with transaction.atomic():
            person.save(update_fields=["phone"])
    except IntegrityError:
        raise Refused("number_taken") from None
    found.done_at = found.ended_at = at
    found.save(update_fields=["done_at", "ended_at"])
    for react in Reactions.moved:
        react(person, old, new, at)
    center = person.center_id or Center.objects.filter(parent=None).order_by("pk").values_list("pk", flat=True).first()
    if center is not None:
        with connection.cursor() as cursor:
            record(cursor, [New([center], fact, at, actor=by.pk)])


def at_desk(centers: set[int], at: datetime) -> Sequence[NumberChange]:
    """What waits for a second officer, or for the member's code."""
    rows = NumberChange.objects.filter(ended_at=None, expires_at__gt=at, by__isnull=False, person__center__in=centers)
    return list(rows.select_related("person", "by").order_by(F("at").desc()))
