"""A center brings its members along: checked and shown first, then carried out a portion at a time by the clock.

Nothing is written before somebody has seen every error and said yes. Otherwise than all or nothing, what is wrong is
left out and named. All or nothing may still meet a number that was registered meanwhile: then those already made go
again, in portions too, since the clock has alarms to serve. Within a day a list can be undone: members who have done
nothing since go again.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from tocsin.book.facts import Fact
from tocsin.book.record import New, record
from tocsin.centers.models import Center
from tocsin.devices.models import Device, Vitals
from tocsin.enrolment import facts, rules, table
from tocsin.enrolment.models import Import, Stage
from tocsin.incidents.models import Incident
from tocsin.lib import wall
from tocsin.lib.refused import Refused
from tocsin.notifications.models import Contact
from tocsin.people.models import Person, Role


def check(center: Center, by: Person, file: str, content: bytes, language: str, at: datetime) -> Import:
    """Read and judge a list; it waits for a yes. Raises table.Wrong for a file that cannot be used at all."""
    rows = table.read(content, language)
    _mark_known(rows)
    return Import.objects.create(
        center=center, by=by, file=file.replace("\0", "").strip()[-120:], rows=msgspec.to_builtins(rows),
        total=len(rows), good=sum(not row.wrong for row in rows), at=at,
    )  # fmt: skip


@wall.lifting  # whether a number is registered, wherever; no more of it is said
def _mark_known(rows: Sequence[table.Row]) -> None:
    phones = [row.phone for row in rows if row.phone.startswith("+")]
    known = set[str | None]()
    for start in range(0, len(phones), 5000):
        found = Person.objects.filter(phone__in=phones[start : start + 5000])
        known |= set(found.values_list("phone", flat=True))
    for row in rows:
        if row.phone in known:
            row.wrong.append(("known", ""))


def rows_of(found: Import) -> list[table.Row]:
    return msgspec.convert(found.rows or [], list[table.Row])


def start(pk: int, by: Person, whole: bool, at: datetime) -> None:
    """Yes. `whole`: all or nothing, which a list with errors cannot be."""
    with transaction.atomic():
        found = Import.objects.select_for_update(of=("self",)).get(pk=pk)
        if found.stage != Stage.CHECKED:
            raise Refused("no_change")
        if not found.good or (whole and found.good < found.total):
            raise Refused("list_has_errors")
        found.stage, found.whole, found.at, found.by = Stage.RUNNING, whole, at, by
        found.save(update_fields=["stage", "whole", "at", "by"])


def drop(pk: int) -> None:
    """No: what was read is forgotten."""
    with transaction.atomic():
        if not Import.objects.filter(pk=pk, stage=Stage.CHECKED).update(stage=Stage.DROPPED, rows=None):
            raise Refused("no_change")


@wall.lifting  # people and roles are made, which nobody may do for themselves
def carry(at: datetime) -> bool:
    """Do the next portion of one list that runs; False: there is none. Of many clocks each takes another list."""
    with transaction.atomic():
        moving = Import.objects.select_for_update(of=("self",), skip_locked=True)
        waiting = moving.filter(stage__in=(Stage.RUNNING, Stage.REVERTING))
        found = waiting.order_by("at", "pk").first()
        if found is None:
            return False
        if found.stage == Stage.REVERTING:
            _revert(found, at)
            return True
        rows = rows_of(found)
        last = found.position + rules.PORTION
        part = [row for row in rows[found.position : last] if not row.wrong]
        try:
            with transaction.atomic():
                made, failed = _make(found, part, at)
        except IntegrityError:  # somebody was registered in this very moment
            made, failed = _one_by_one(found, part, at)
        found.made, found.failed = [*found.made, *made], [*found.failed, *failed]
        found.position = min(last, len(rows))
        if found.whole and failed:
            found.stage, found.rows = Stage.REVERTING, None
        elif found.position >= len(rows):
            found.stage, found.done_at, found.rows = Stage.DONE, at, None
        found.save(update_fields=["made", "failed", "position", "stage", "done_at", "rows"])
        if found.stage == Stage.DONE:
            refused = found.total - len(found.made)
            fact = facts.MembersImported(list=found.pk, made=len(found.made), refused=refused)
            _book(found.center_id, fact, at, found.by_id)
    return True


def _revert(found: Import, at: datetime) -> None:
    """All or nothing, and one was refused: a portion of those already made goes again."""
    part, rest = found.made[-rules.PORTION :], found.made[: -rules.PORTION]
    gone = _remove(part)
    found.made, found.kept = rest, found.kept + len(part) - gone
    if not rest:
        found.stage, found.done_at = Stage.FAILED, at
    found.save(update_fields=["made", "kept", "stage", "done_at"])


def _remove(people: Sequence[int]) -> int:
    """Those of them who have done nothing go; returns how many. The database itself keeps whom anything else names."""
    gone, used = 0, _used(people)
    for person in Person.objects.select_for_update(of=("self",)).filter(pk__in=people).order_by("pk"):
        if person.pk in used:
            continue
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                Device.objects.filter(person=person).delete()
                Contact.objects.filter(person=person).delete()
                Role.objects.filter(person=person)._raw_delete("default")
                Person.objects.filter(pk=person.pk)._raw_delete("default")
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            gone += 1
        except (ProtectedError, IntegrityError):
            continue
    return gone


def failed_of(part: Sequence[table.Row]) -> list[tuple[int, str]]:
    """Which of them became known since they were checked."""
    known = set(Person.objects.filter(phone__in=[row.phone for row in part]).values_list("phone", flat=True))
    return [(row.number, "known") for row in part if row.phone in known]


def _make(found: Import, part: Sequence[table.Row], at: datetime) -> tuple[list[int], list[tuple[int, str]]]:
    """(ids of the new members, rows that were not taken: number and a word of table.WRONG)"""
    failed = failed_of(part)
    gone = {number for number, _ in failed}
    people = []
    for row in part:
        if row.number in gone:
            continue
        person = Person(name=row.name, phone=row.phone, language=row.language, center_id=found.center_id, created_at=at)
        person.set_unusable_password()
        people.append(person)
    made = Person.objects.bulk_create(people, batch_size=500)
    Role.objects.bulk_create(
        [Role(person=p, center_id=found.center_id, name="member", since=at) for p in made], batch_size=500
    )
    return [p.pk for p in made], failed


def _one_by_one(found: Import, part: Sequence[table.Row], at: datetime) -> tuple[list[int], list[tuple[int, str]]]:
    made, failed = list[int](), list[tuple[int, str]]()
    for row in part:
        try:
            with transaction.atomic():
                new, bad = _make(found, [row], at)
        except IntegrityError:
            new, bad = [], [(row.number, "known")]
        made, failed = made + new, failed + bad
    return made, failed


@wall.lifting  # members whom nobody has met yet go again
def undo(pk: int, by: Person, at: datetime) -> None:
    """Within a day. Whoever has pressed, signed in or been given a role meanwhile stays."""
    with transaction.atomic():
        found = Import.objects.select_for_update(of=("self",)).get(pk=pk)
        if not rules.may_undo(found.done_at, found.stage, at):
            raise Refused("undo_over")
        gone = _remove(found.made)
        found.stage, found.kept = Stage.UNDONE, len(found.made) - gone
        found.save(update_fields=["stage", "kept"])
        _book(found.center_id, facts.ImportUndone(list=pk, gone=gone, kept=found.kept), at, by.pk)


def _used(people: Sequence[int]) -> set[int]:
    """Those of them who are in use: a phone signed in, a sign of life, an incident, a further role, a login."""
    wanted = list(people)
    found = set(Device.objects.filter(person__in=wanted).exclude(protocol="sms").values_list("person_id", flat=True))
    found |= set(Vitals.objects.filter(device__person__in=wanted).values_list("device__person_id", flat=True))
    found |= set(Incident.objects.filter(person__in=wanted).values_list("person_id", flat=True))
    found |= set(Role.objects.filter(person__in=wanted).exclude(name="member").values_list("person_id", flat=True))
    found |= set(Person.objects.filter(pk__in=wanted, login__isnull=False).values_list("pk", flat=True))
    return {pk for pk in found if pk is not None}


def _book(center: int, fact: Fact, at: datetime, by: int | None) -> None:
    with connection.cursor() as cursor:
        record(cursor, [New([center], fact, at, None, by)])
