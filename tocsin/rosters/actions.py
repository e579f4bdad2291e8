"""The writers of rosters. A pattern makes shifts eight weeks ahead; swaps and single shifts change only themselves."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Q

from tocsin.book.facts import Fact
from tocsin.book.record import New, record
from tocsin.centers.models import Center
from tocsin.lib import wall
from tocsin.lib.refused import Refused
from tocsin.lib.secrets import digest, new_token
from tocsin.people.models import Person, Role
from tocsin.rosters import rules
from tocsin.rosters.facts import (
    HandoverConfirmed,
    HandoverWritten,
    ResponderAvailable,
    ResponderUnavailable,
    ShiftChanged,
    ShiftSwapped,
)
from tocsin.rosters.models import Availability, Feed, Handover, Pattern, Shift, Shifts, Swap

AHEAD = timedelta(weeks=8)


class Reactions:
    """What follows; filled by `journey.connect` at start."""

    offered: Sequence[Callable[[Swap, Person, datetime], None]] = ()  # somebody asks a colleague to take a shift over


def plan_ahead(at: datetime) -> int:
    """Make the shifts of all patterns up to eight weeks ahead; those that are there stay. Returns how many."""
    with transaction.atomic():
        running = Q(until=None) | Q(until__gte=(at - timedelta(days=2)).date())
        # Locked, in one order: a clock never makes shifts of a pattern as it was before somebody changed it.
        patterns = Pattern.objects.filter(running).select_related("center").select_for_update(of=("self",), no_key=True)
        return _make(list(patterns.order_by("pk")), at)


def _make(patterns: list[Pattern], at: datetime) -> int:
    """A pattern has one shift on its day. Where one was moved, swapped or taken out, no other is made."""
    there: dict[int, set[date]] = {p.pk: set() for p in patterns}
    zones = {p.pk: ZoneInfo(p.center.time_zone) for p in patterns}
    known = Shift.objects.filter(pattern__in=there, starts_at__gt=at - timedelta(days=2), starts_at__lt=at + AHEAD)
    for of, start in known.values_list("pattern_id", "starts_at"):
        assert of is not None
        there[of].add(start.astimezone(zones[of]).date())
    made = []
    for pattern in patterns:
        for start, end in rules.shifts(_weekly(pattern), zones[pattern.pk], at, at + AHEAD):
            if start.astimezone(zones[pattern.pk]).date() not in there[pattern.pk]:
                made.append(_shift(pattern, start, end))
    return len(Shift.objects.bulk_create(made, ignore_conflicts=True)) if made else 0


def _weekly(pattern: Pattern) -> rules.Weekly:
    return rules.Weekly(pattern.weekday, pattern.start, pattern.minutes, pattern.since, pattern.until)


def _shift(pattern: Pattern, start: datetime, end: datetime) -> Shift:
    return Shift(
        center=pattern.center, duty=pattern.duty, person_id=pattern.person_id, pattern=pattern,
        starts_at=start, ends_at=end,
    )  # fmt: skip


def set_pattern(pattern: Pattern, by: Person, at: datetime) -> Pattern:
    """Save a new or changed pattern and make its shifts from now on.

    What was swapped away or taken out stays so, and a shift that runs ends as it was written down.
    """
    _holds(pattern.person, pattern.center, pattern.duty, at)
    if not rules.SHORTEST <= timedelta(minutes=pattern.minutes) <= rules.LONGEST:
        raise Refused("shift_length")
    with transaction.atomic():
        before = Pattern.objects.select_for_update(no_key=True).filter(pk=pattern.pk).first()
        pattern.save()
        if before is not None:
            # Shifts that stay the same keep their row: offers and calendars know them by it.
            due = set(rules.shifts(_weekly(pattern), ZoneInfo(pattern.center.time_zone), at, at + AHEAD))
            same = (before.person_id, before.duty) == (pattern.person_id, pattern.duty)
            for shift in _ahead(before, at):
                if not same or (shift.starts_at, shift.ends_at) not in due:
                    shift.delete()
        _make([pattern], at)
        _book(pattern.center, ShiftChanged(duty=pattern.duty), by, at)
    return pattern


def end_pattern(pattern: Pattern, by: Person, at: datetime) -> None:
    """No more shifts of it from now on; past ones, those swapped and the one that runs stay."""
    with transaction.atomic():
        known = Pattern.objects.select_for_update().select_related("center").filter(pk=pattern.pk).first()
        if known is None:
            return
        _ahead(known, at).delete()
        _book(known.center, ShiftChanged(duty=known.duty), by, at)
        known.delete()


def _ahead(pattern: Pattern, at: datetime) -> Shifts:
    """What is to come of a pattern and is still its own person's."""
    return Shift.objects.filter(pattern=pattern, starts_at__gt=at, person=pattern.person_id, removed_at=None)


def add_shift(
    center: Center, duty: str, person: Person, start: datetime, end: datetime, by: Person, at: datetime
) -> Shift:
    """A single shift."""
    if not rules.SHORTEST <= end - start <= rules.LONGEST:
        raise Refused("shift_length")
    if end <= at:
        raise Refused("shift_past")
    _holds(person, center, duty, max(at, start), end)
    with transaction.atomic():
        shift = Shift.objects.create(center=center, duty=duty, person=person, starts_at=start, ends_at=end)
        _book(center, ShiftChanged(duty=duty, shift=shift.pk), by, at)
    return shift


def remove_shift(shift: Shift, by: Person, at: datetime) -> None:
    """Take a shift out; one that runs ends now."""
    with transaction.atomic():
        shift = _locked(shift.pk)
        if shift.ends_at <= at:
            raise Refused("shift_past")
        if shift.starts_at < at:
            shift.ends_at = at
        else:
            shift.removed_at = at
        shift.save(update_fields=["ends_at", "removed_at"])
        Swap.objects.filter(shift=shift, answered_at=None).update(answered_at=at, accepted=False)
        _book(shift.center, ShiftChanged(duty=shift.duty, shift=shift.pk), by, at)


def offer(shift: Shift, to: Person, by: Person, at: datetime) -> Swap:
    """Ask a colleague to take the shift over. It stays with the one who has it until they accept."""
    with transaction.atomic():
        shift = _locked(shift.pk)
        if shift.person_id != by.pk:
            raise Refused("not_your_shift")
        if to.pk == by.pk:
            raise Refused("no_change")
        if shift.ends_at <= at:
            raise Refused("shift_past")
        _holds(to, shift.center, shift.duty, max(at, shift.starts_at), shift.ends_at)
        made, new = Swap.objects.get_or_create(shift=shift, to=to, answered_at=None, defaults={"offered_at": at})
        with wall.lifted():  # the message goes to the colleague's own contacts
            for tell in Reactions.offered if new else ():
                tell(made, by, at)
    return made


def answer(swap: Swap, accepted: bool, by: Person, at: datetime) -> Swap:
    """Take over a shift that was offered, or not. Of several who accept at once, the first has it."""
    if swap.to_id != by.pk:
        raise Refused("swap_over")
    with transaction.atomic():
        try:
            shift = _locked(swap.shift_id)  # always the shift first: two offers of it never wait for each other
        except Refused:
            raise Refused("swap_over") from None
        swap = Swap.objects.select_for_update().select_related("to").get(pk=swap.pk)
        if swap.answered_at is not None:
            raise Refused("swap_over")
        if accepted:
            if shift.ends_at <= at:
                raise Refused("shift_past")
            _holds(swap.to, shift.center, shift.duty, max(at, shift.starts_at), shift.ends_at)
        swap.answered_at, swap.accepted = at, accepted
        swap.save(update_fields=["answered_at", "accepted"])
        if accepted:
            shift.person = swap.to
            shift.save(update_fields=["person"])
            Swap.objects.filter(shift=shift, answered_at=None).update(answered_at=at, accepted=False)
            _book(shift.center, ShiftSwapped(shift=shift.pk), by, at)
    return swap


def _locked(pk: int) -> Shift:
    """The shift, for this transaction alone."""
    found = Shift.objects.select_for_update(of=("self",)).select_related("center").filter(pk=pk, removed_at=None)
    shift = found.first()
    if shift is None:
        raise Refused("shift_gone")
    return shift


def hand_over(center: Center, text: str, by: Person, at: datetime) -> Handover:
    """Leave a note for the next officer."""
    if not text.strip():
        raise Refused("text_missing")
    with transaction.atomic():
        note = Handover.objects.create(center=center, author=by, text=text.strip()[:4000], at=at)
        _book(center, HandoverWritten(handover=note.pk), by, at)
    return note


def confirm(note: Handover, by: Person, at: datetime) -> Handover:
    """The next officer has read it. Not its author."""
    with transaction.atomic():
        note = Handover.objects.select_for_update().select_related("center").get(pk=note.pk)
        if note.author_id == by.pk:
            raise Refused("own_note")
        if note.confirmed_at is None:
            note.confirmed_by, note.confirmed_at = by, at
            note.save()
            _book(note.center, HandoverConfirmed(handover=note.pk), by, at)
    return note


def available(
    person: Person, center: Center, hours: float, at: datetime, lat: float | None = None, lon: float | None = None
) -> Availability | None:
    """I'm available for the next hours (a day at most); 0 ends it."""
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).get(pk=person.pk)  # one availability each, however often pressed
        before = list(Availability.objects.filter(person=person, until__gt=at).select_related("center"))
        Availability.objects.filter(pk__in=[a.pk for a in before]).update(until=at)
        if hours <= 0:
            for ended in before:
                _book(ended.center, ResponderUnavailable(), person, at)
            return None
        _holds(person, center, "responder", at, at)
        until = at + min(timedelta(hours=hours), rules.LONGEST)
        made = Availability.objects.create(person=person, center=center, since=at, until=until, lat=lat, lon=lon)
        _book(center, ResponderAvailable(minutes=round((until - at).total_seconds() / 60)), person, at)
    return made


def link_calendar(person: Person) -> str:
    """A new key for the person's calendar address, shown once; an older one opens nothing any more."""
    key = new_token()
    Feed.objects.update_or_create(person=person, defaults={"digest": digest(key)})
    return key


def unlink_calendar(person: Person) -> None:
    Feed.objects.filter(person=person).delete()


def _holds(person: Person, center: Center, duty: str, first: datetime, last: datetime | None = None) -> None:
    """Whether the person has the role at that center: at `first` or later, and if `last` is given, begun by then."""
    held = Role.objects.filter(Q(until=None) | Q(until__gt=first), person=person, center=center, name=duty)
    if last is not None:
        held = held.filter(since__lte=last)
    if not person.is_active or not held.exists():
        raise Refused("no_such_role", who=person.name)


def _book(center: Center, fact: Fact, by: Person, at: datetime) -> None:
    with connection.cursor() as cursor:
        record(cursor, [New([center.pk], fact, at, None, by.pk)])
