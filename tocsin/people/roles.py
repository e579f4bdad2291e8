"""The verbs of roles: grant, propose, confirm, decline, withdraw, end, step down; and proposals that expire.

A director or an administrator gives roles at their center and at those below. The grave ones (GRAVE) are proposed by
one and take force when another confirms; the same for taking one away. Nobody decides about themselves; anybody may
step down. One verb, one transaction: the center's row is locked, so that two cannot both take the last administrator.
The web is lifted over the wall here and only here: by itself nobody may write a role.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import ClassVar, Literal
from zoneinfo import ZoneInfo

import msgspec
from django.db import connection, transaction
from django.db.models import Q

from tocsin.book.facts import Fact
from tocsin.book.record import New, record
from tocsin.centers.models import Center
from tocsin.centers.network import family
from tocsin.lib import wall
from tocsin.lib.refused import Refused
from tocsin.people import facts, rules
from tocsin.people.models import GOVERNS, GRAVE, Person, Role, RoleName, RoleProposal

#: What the page grants; a member becomes one by joining.
GRANTED = tuple(name for name in RoleName.values if name != "member")


class Changed(msgspec.Struct, frozen=True):
    """What the person concerned, or those who may confirm, are told. `tell`: ids of people."""

    what: Literal["granted", "ended", "proposed", "end_proposed", "declined", "expired"]
    person: int
    role: str
    center: Center
    by: str
    until: str | None
    tell: Sequence[int]


class Reactions:
    """Who tells people. Connected by the journey."""

    changed: ClassVar[Sequence[Callable[[Changed, datetime], object]]] = ()


def governs(person: Person, at: datetime) -> set[int]:
    """Centers whose roles this person may give: where they are director or administrator, and all below."""
    if not person.is_active:
        return set()
    tree = family()
    if person.is_superuser:
        return set(tree.parents)
    held = person.roles.in_force(at).filter(name__in=GOVERNS).values_list("center_id", flat=True)
    return {below for center in held for below in tree.below(center)}


def deciders(center: int, at: datetime) -> set[int]:
    """Who may give roles at this center."""
    held = Role.objects.in_force(at).filter(center__in=family().line(center), name__in=GOVERNS)
    found = set(held.filter(person__is_active=True).values_list("person_id", flat=True))
    return found | set(Person.objects.filter(is_superuser=True, is_active=True).values_list("pk", flat=True))


@wall.lifting
def grant(
    person: Person, center: Center, name: str, by: Person, at: datetime, since: datetime, until: datetime | None
) -> Role | RoleProposal:
    """The role is given, or proposed if it is a grave one."""
    if name not in GRANTED:
        raise Refused("no_such_grant")
    with _at(center):
        _may(by, person.pk, center, at)
        if not person.is_active or not rules.is_term(since, until) or (until and until <= at):
            raise Refused("role_term" if person.is_active else "no_such_person")
        _not_held(person.pk, center, name, since, until)
        if name not in GRAVE:
            made = Role.objects.create(person=person, center=center, name=name, since=since, until=until)
            first, last = _days(since, until, center, at)
            _tell("granted", person.pk, name, center, by, at, last)
            _write(center, facts.RoleGranted(person=person.pk, role=name, from_day=first, to_day=last), by, at)
            return made
        return _propose("grant", None, person, center, name, by, at, since, until)


@wall.lifting
def end(role: Role, by: Person, at: datetime) -> Role | RoleProposal:
    """The role ends now; a grave one of somebody else when another confirms it. One's own: stepping down."""
    with _at(role.center) as center:
        role = Role.objects.select_for_update(of=("self",)).select_related("person").get(pk=role.pk)
        if role.until is not None and role.until <= at:
            raise Refused("role_over")
        if role.name not in GRANTED:
            raise Refused("no_such_grant")
        if by.pk == role.person_id:
            _end(role, center, at)
            _write(center, facts.RoleLeft(role=role.name), by, at)
            return role
        _may(by, role.person_id, center, at)
        _not_last(role, center, at)
        if role.name in GRAVE:
            return _propose("end", role, role.person, center, role.name, by, at, role.since, role.until)
        _end(role, center, at)
        _tell("ended", role.person_id, role.name, center, by, at)
        _write(center, facts.RoleEnded(person=role.person_id, role=role.name), by, at)
        return role


def _propose(
    act: str, role: Role | None, person: Person, center: Center, name: str, by: Person, at: datetime,
    since: datetime, until: datetime | None,
) -> RoleProposal:  # fmt: skip
    open_ = RoleProposal.objects.filter(person=person, center=center, name=name, act=act, decided_at=None)
    for past in open_.filter(expires_at__lte=at):
        _decide(past, "expired", None, at)
    if open_.exists():
        raise Refused("role_proposed_already")
    made = RoleProposal.objects.create(
        role=role, act=act, person=person, center=center, name=name, since=since, until=until, by=by, at=at,
        expires_at=at + rules.PROPOSED,
    )  # fmt: skip
    first, last = _days(since, until, center, at)
    fact: Fact = facts.RoleProposed(person=person.pk, role=name, proposal=made.pk, from_day=first, to_day=last)
    if act == "end":
        fact = facts.RoleEndProposed(person=person.pk, role=name, proposal=made.pk)
    what: Literal["proposed", "end_proposed"] = "proposed" if act == "grant" else "end_proposed"
    _tell(what, person.pk, name, center, by, at, last, deciders(center.pk, at) - {by.pk, person.pk})
    _write(center, fact, by, at)
    return made


@wall.lifting
def confirm(proposal: RoleProposal, by: Person, at: datetime) -> Role:
    """What another proposed takes force."""
    with _open(proposal, at) as (found, center):
        _may(by, found.person_id, center, at, found.by_id)
        # whoever proposed must still be one who may: a thief of their session, found out, decides nothing any more
        if center.pk not in governs(found.by, at):
            raise Refused("role_proposer_gone")
        if found.act == "end":
            role = Role.objects.select_for_update().get(pk=found.role_id or 0)
            if role.until is not None and role.until <= at:
                raise Refused("role_over")
            _not_last(role, center, at)
            _end(role, center, at)
            fact: Fact = facts.RoleEnded(person=role.person_id, role=role.name, proposal=found.pk, proposer=found.by_id)
            what: Literal["ended", "granted"] = "ended"
        else:
            since = max(found.since, at)
            if found.until is not None and found.until <= since:
                raise Refused("role_term")
            if not found.person.is_active:
                raise Refused("no_such_person")
            _not_held(found.person_id, center, found.name, since, found.until)
            role = Role.objects.create(
                person=found.person, center=center, name=found.name, since=since, until=found.until
            )
            found.role = role
            first, last = _days(since, found.until, center, at)
            fact = facts.RoleConfirmed(
                person=found.person_id, role=found.name, proposal=found.pk, proposer=found.by_id,
                from_day=first, to_day=last,
            )  # fmt: skip
            what = "granted"
        _close(found, "confirmed", by, at)
        until = _day(role.until, center, last=True) if what == "granted" else None
        _tell(what, found.person_id, found.name, center, by, at, until)
        _write(center, fact, by, at)
    return role


@wall.lifting
def decline(proposal: RoleProposal, by: Person, at: datetime) -> None:
    """Another says no, or whoever proposed it thought better of it."""
    with _open(proposal, at) as (found, center):
        if found.by_id == by.pk:
            _decide(found, "withdrawn", by, at)
            return
        _may(by, found.person_id, center, at)
        _tell("declined", found.person_id, found.name, center, by, at, None, {found.by_id})
        _decide(found, "declined", by, at)


@wall.lifting
def expire(at: datetime) -> int:
    """Proposals that nobody confirmed in seven days; the clock's."""
    late = RoleProposal.objects.filter(decided_at=None, expires_at__lte=at).order_by("pk")
    done = 0
    for pk, center in list(late.values_list("pk", "center_id")[:100]):
        with _at(Center(pk=center)) as held:
            found = late.select_for_update().filter(pk=pk).first()
            if found is not None:
                _tell("expired", found.person_id, found.name, held, found.by, at, None, {found.by_id})
                _decide(found, "expired", None, at)
                done += 1
    return done


def _decide(found: RoleProposal, outcome: str, by: Person | None, at: datetime) -> None:
    kinds = {"declined": facts.RoleDeclined, "withdrawn": facts.RoleWithdrawn, "expired": facts.RoleProposalExpired}
    _close(found, outcome, by, at)
    _write(found.center, kinds[outcome](person=found.person_id, role=found.name, proposal=found.pk), by, at)


def _close(found: RoleProposal, outcome: str, by: Person | None, at: datetime) -> None:
    found.outcome, found.decided_by, found.decided_at = outcome, by, at
    found.save(update_fields=["outcome", "decided_by", "decided_at", "role"])


@contextmanager
def _at(center: Center) -> Iterator[Center]:
    """All that happens to roles happens one after the other: the root's row stands for the whole network."""
    with transaction.atomic():
        list(Center.objects.select_for_update(no_key=True).filter(parent=None).order_by("pk"))
        yield Center.objects.get(pk=center.pk)


@contextmanager
def _open(proposal: RoleProposal, at: datetime) -> Iterator[tuple[RoleProposal, Center]]:
    with _at(proposal.center) as center:
        rows = RoleProposal.objects.select_for_update(of=("self",)).select_related("by", "person")
        found = rows.get(pk=proposal.pk)
        if found.decided_at is not None or found.expires_at <= at:
            raise Refused("role_decided")
        yield found, center


def _may(by: Person, person: int, center: Center, at: datetime, proposer: int | None = None) -> None:
    if reason := rules.refusal(by.pk, person, center.pk in governs(by, at), proposer):
        raise Refused(reason)


def _not_held(person: int, center: Center, name: str, since: datetime, until: datetime | None) -> None:
    held = Role.objects.filter(person=person, center=center, name=name).values_list("since", "until")
    if any(rules.overlaps(rules.Term(person, *term), since, until) for term in held):
        raise Refused("role_held")


def _not_last(role: Role, center: Center, at: datetime) -> None:
    """There is always an administrator who looks after this center: of its own, or of one above it."""
    if role.name != "administrator" or not role.person.is_active:
        return
    rows = Role.objects.filter(center__in=family().line(center.pk), name="administrator", person__is_active=True)
    others = [rules.Term(*row) for row in rows.exclude(pk=role.pk).values_list("person_id", "since", "until")]
    if rules.is_last(rules.Term(role.person_id, role.since, role.until), others, at):
        raise Refused("role_last")


def _end(role: Role, center: Center, at: datetime) -> None:
    """From now on. A term that has not begun is as if it had never been."""
    _not_last(role, center, at)
    role.until = max(at, role.since)
    role.save(update_fields=["until"])
    stale = RoleProposal.objects.filter(role=role, act="end", decided_at=None)
    stale.update(decided_at=at, outcome="withdrawn")


def _day(moment: datetime | None, center: Center, last: bool = False) -> str | None:
    """The day by the center's clock; of an end the last day on which it holds."""
    if moment is None:
        return None
    at = moment - timedelta(microseconds=1) if last else moment
    return f"{at.astimezone(ZoneInfo(center.time_zone)):%Y-%m-%d}"


def _days(since: datetime, until: datetime | None, center: Center, at: datetime) -> tuple[str | None, str | None]:
    """The first day of a term, if it has not begun, and the last."""
    return _day(since, center) if since > at else None, _day(until, center, last=True)


def _write(center: Center, fact: Fact, by: Person | None, at: datetime) -> None:
    with connection.cursor() as cursor:
        record(cursor, [New([center.pk], fact, at, actor=by.pk if by else None)])


def _tell(
    what: Literal["granted", "ended", "proposed", "end_proposed", "declined", "expired"],
    person: int, role: str, center: Center, by: Person, at: datetime, until: str | None = None,
    tell: set[int] | None = None,
) -> None:  # fmt: skip
    people = tuple(sorted({person} if tell is None else tell))
    changed = Changed(what, person, role, center, by.name, until, people)
    for react in Reactions.changed:
        react(changed, at)


def open_proposals(centers: set[int], at: datetime) -> Sequence[RoleProposal]:
    rows = RoleProposal.objects.filter(center__in=centers, decided_at=None, expires_at__gt=at)
    return list(rows.select_related("person", "center", "by").order_by("expires_at", "pk"))


def at_center(center: Center, at: datetime) -> Sequence[Role]:
    """Roles that hold or will hold there, a member's left out."""
    rows = Role.objects.filter(Q(until=None) | Q(until__gt=at), center=center, name__in=GRANTED)
    return list(rows.select_related("person").order_by("person__name", "since", "pk"))
