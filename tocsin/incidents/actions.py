"""The verbs: the only writers of incidents besides intake.

One verb, one transaction: lock the incident, look whether it may, change it, tell the journey, write the book last.
Actor and time are arguments. What cannot be done is Refused with a reason; the loser of a race finds the winner's name.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import msgspec
from django.db import IntegrityError, connection, transaction

from tocsin.book.facts import Fact
from tocsin.book.record import New, record
from tocsin.centers.models import Center
from tocsin.incidents import facts, rules
from tocsin.incidents.models import Dispatch, Incident, Note, State
from tocsin.incidents.notes import digest_of
from tocsin.lib import wall
from tocsin.lib.refused import Refused
from tocsin.lib.sql import Statement
from tocsin.people.codes import e164
from tocsin.people.models import Person

Reaction = Callable[[Sequence[int], datetime], Statement]


class Reactions:
    """What follows; filled by `journey.connect` at start."""

    waiting: Sequence[Reaction] = ()  # the incident waits to be claimed
    taken: Sequence[Reaction] = ()  # somebody took it, or it ended
    done: "Sequence[Callable[[Verb], Iterable[New]]]" = ()  # a verb was done: what else the book must say


class Verb:
    """A verb under way: the locked incident and the facts it will write."""

    def __init__(self, name: str, incident: Incident, by: Person, at: datetime) -> None:
        self.name, self.incident, self.by, self.at = name, incident, by, at
        self.sent: Dispatch | None = None
        self.others: list[Incident] = []
        self.facts: list[tuple[Incident, Fact]] = []
        self.reactions: list[tuple[Sequence[Reaction], int]] = []

    def fact(self, fact: Fact, text: str | None = None, about: Incident | None = None) -> None:
        """Note what happened; free text goes beside the book."""
        incident = about or self.incident
        self.facts.append((incident, beside(incident, fact, text, self.by, self.at)))

    def waits(self, incident: Incident | None = None) -> None:
        self.reactions.append((Reactions.waiting, (incident or self.incident).pk))

    def taken(self, incident: Incident | None = None) -> None:
        self.reactions.append((Reactions.taken, (incident or self.incident).pk))


def beside(incident: Incident, fact: Fact, text: str | None, by: Person | None, at: datetime) -> Fact:
    """The fact with its free text laid beside the book, named by a salted digest; without text as it is."""
    if not text:
        return fact
    salt = os.urandom(16)
    note = Note.objects.create(incident=incident, author=by, text=text, salt=salt, at=at)
    return msgspec.structs.replace(fact, note=note.pk, digest=digest_of(text, salt))


@contextmanager
def _verb(name: str, pk: int, by: Person, at: datetime, also: Sequence[int] = ()) -> Iterator[Verb]:
    with transaction.atomic():
        # Several incidents are locked in one order, so that two merges cannot hold each other up.
        locked = {i.pk: i for i in Incident.objects.select_for_update().filter(pk__in=[pk, *also]).order_by("pk")}
        if pk not in locked:
            raise Refused("no_such_incident", into=pk)
        verb = Verb(name, locked[pk], by, at)
        verb.others = [locked[other] for other in also if other in locked]
        if verb.incident.merged_into_id and name != "unmerge":
            raise Refused("merged", into=verb.incident.merged_into_id)
        if name != "unmerge" and verb.incident.state not in rules.VERBS[name]:
            if name == "claim" and verb.incident.claimed_by:
                raise Refused("claimed_already", who=verb.incident.claimed_by.name)
            raise Refused(rules.why_not(name, verb.incident.state))
        yield verb
        verb.incident.touched_at = at
        verb.incident.save()
        for reactions, incident in verb.reactions:
            _react(reactions, [incident], at)
        entries = [New(i.centers, fact, at, i.pk, by.pk) for i, fact in verb.facts]
        with wall.lifted():  # the system tells people; who did the verb need not see them
            for tell in Reactions.done:
                entries += tell(verb)
        with connection.cursor() as cursor:
            record(cursor, entries)


def open_by_hand(
    center: Center,
    by: Person,
    at: datetime,
    *,
    alarm: str = "other",
    caller: str | None = None,
    phone: str | None = None,
    text: str | None = None,
    address: str | None = None,
    lat: float | None = None,
    lon: float | None = None,
    silent: bool = False,
) -> Incident:
    """A phone call becomes an incident; it waits to be claimed like any other. A member's phone number names them."""
    with transaction.atomic():
        with wall.lifted():  # whose number it is: a member of any center may call
            person = Person.objects.filter(phone=e164(phone)).first() if phone else None
            other = Incident.objects.open().filter(person=person).first() if person else None
        if other:
            raise Refused("other_open", other=other.pk)
        incident = Incident(
            center=center,
            centers=[center.pk],
            alarm=alarm,
            silent=silent,
            person=person,
            caller=caller or None,
            phone=phone or None,
            address=address or None,
            lat=lat,
            lon=lon,
            fixed_at=at if lat is not None else None,
            opened_at=at,
            pressed_at=at,
            touched_at=at,
        )
        try:
            with transaction.atomic():
                incident.save()
        except IntegrityError:
            with wall.lifted():
                raise Refused("other_open", other=Incident.objects.open().get(person=person).pk) from None
        verb = Verb("open", incident, by, at)
        verb.fact(facts.Opened(alarm=alarm, source="desk", silent=silent), text)
        _react(Reactions.waiting, [incident], at)
        with connection.cursor() as cursor:
            record(cursor, [New(i.centers, fact, at, i.pk, by.pk) for i, fact in verb.facts])
    return incident


class Pretended(msgspec.Struct, frozen=True):
    """One incident of a drill: who and where, in words. WGS 84 degrees."""

    caller: str
    address: str | None = None
    lat: float | None = None
    lon: float | None = None


def open_drill(
    center: Center, cases: Sequence[Pretended], by: Person, at: datetime, *, alarm: str, silent: bool
) -> tuple[list[Incident], list[New]]:
    """The incidents of a drill, waiting to be claimed like any other; and what the book must say of them.

    They are nobody's and no device's: a real press of those whom they name opens an incident of its own. Inside the
    transaction of the drill, which writes the book last.
    """
    made = Incident.objects.bulk_create(
        Incident(
            center=center, centers=[center.pk], alarm=alarm, silent=silent, drill=True, caller=case.caller,
            address=case.address, lat=case.lat, lon=case.lon, fixed_at=at if case.lat is not None else None,
            opened_at=at, pressed_at=at, touched_at=at,
        )
        for case in cases
    )  # fmt: skip
    _react(Reactions.waiting, made, at)
    opened = facts.Opened(alarm=alarm, source="drill", silent=silent, drill=True)
    return made, [New(i.centers, opened, at, i.pk, by.pk) for i in made]


def end_drill(pks: Sequence[int], by: Person | None, at: datetime) -> tuple[int, list[New]]:
    """Close what a drill has left open, by somebody or (None) by itself; in its transaction, as `open_drill`."""
    open_ = Incident.objects.select_for_update().filter(pk__in=pks, drill=True).exclude(state=State.CLOSED)
    ended = list(open_.order_by("pk"))
    for incident in ended:
        incident.state, incident.outcome, incident.closed_at, incident.touched_at = State.CLOSED, "drill", at, at
    Incident.objects.bulk_update(ended, ["state", "outcome", "closed_at", "touched_at"])
    _react(Reactions.taken, ended, at)
    actor, closed = by.pk if by else None, facts.Closed(outcome="drill")
    return len(ended), [New(i.centers, closed, at, i.pk, actor) for i in ended]


def _react(reactions: Sequence[Reaction], incidents: "Sequence[Incident | int]", at: datetime) -> None:
    """What follows is the system's own doing: it passes the wall."""
    pks = [i if isinstance(i, int) else i.pk for i in incidents]
    if pks:
        with wall.lifted(), connection.cursor() as cursor:
            for react in reactions:
                cursor.execute(*react(pks, at))


def claim(pk: int, by: Person, at: datetime) -> Incident:
    """接警. Of many who try at once, one wins."""
    with _verb("claim", pk, by, at) as verb:
        verb.incident.state, verb.incident.claimed_by, verb.incident.claimed_at = State.CLAIMED, by, at
        verb.fact(facts.Claimed())
        verb.taken()
    return verb.incident


def release(pk: int, by: Person, at: datetime, reason: str | None = None) -> Incident:
    """Give it back: it waits, rings and escalates from the beginning."""
    with _verb("release", pk, by, at) as verb:
        _wait(verb)
        verb.fact(facts.Released(), reason)
    return verb.incident


def hand_over(pk: int, to: Center, by: Person, at: datetime, reason: str | None = None) -> Incident:
    """Another center owns it from now on, and must claim it; this center goes on seeing it."""
    with _verb("hand-over", pk, by, at) as verb:
        incident, old = verb.incident, verb.incident.center_id
        if to.pk == old:
            raise Refused("same_center")
        incident.center = to
        incident.centers = [to.pk, *(c for c in incident.centers if c != to.pk)]
        _wait(verb)
        verb.fact(facts.HandedOver(from_center=old, to_center=to.pk), reason)
    return verb.incident


def dispatch(
    pk: int, by: Person, at: datetime, *, kind: str, responder: Person | None = None, to: str = ""
) -> Incident:
    """Send a responder by name; a unit, a security company or the police in free text."""
    with _verb("dispatch", pk, by, at) as verb:
        if kind == "responder" and responder is None:
            raise Refused("no_such_responder")
        if responder is None and not to and kind != "police":
            raise Refused("whom")
        if verb.incident.drill and rules.leaves(kind, to):
            raise Refused("drill_outside")
        verb.sent = Dispatch.objects.create(incident=verb.incident, kind=kind, responder=responder, to=to, at=at)
        if verb.incident.state in (State.CLAIMED, State.RESOLVED):
            verb.incident.state = State.DISPATCHED
        verb.fact(facts.Dispatched(dispatch=verb.sent.pk, to_kind=kind, responder=responder.pk if responder else None))
    return verb.incident


def mark(pk: int, by: Person, at: datetime, *, state: str, dispatched: int | None = None) -> Incident:
    """How far they are: of one who was sent, or of the incident as a whole (`on_scene`)."""
    with _verb("mark", pk, by, at) as verb:
        if dispatched is not None:
            sent = verb.incident.dispatches.select_for_update().filter(pk=dispatched).first()
            if sent is None:
                raise Refused("no_such_dispatch")
            if sent.state == state:
                raise Refused("no_change")
            sent.state = state
            sent.save(update_fields=["state"])
        elif verb.incident.state == state:
            raise Refused("no_change")
        if state == "on_scene":
            verb.incident.state = State.ON_SCENE
        verb.fact(facts.Marked(state=state, dispatch=dispatched))
    return verb.incident


def classify(pk: int, by: Person, at: datetime, *, alarm: str) -> Incident:
    """Correct the kind of alarm."""
    with _verb("classify", pk, by, at) as verb:
        if verb.incident.alarm == alarm:
            raise Refused("no_change")
        verb.incident.alarm = alarm
        verb.fact(facts.Classified(alarm=alarm))
    return verb.incident


def note(pk: int, by: Person, at: datetime, text: str) -> Incident:
    with _verb("note", pk, by, at) as verb:
        verb.fact(facts.Noted(), text)
    return verb.incident


def resolve(pk: int, by: Person, at: datetime, text: str | None = None) -> Incident:
    with _verb("resolve", pk, by, at) as verb:
        verb.incident.state = State.RESOLVED
        verb.fact(facts.Resolved(), text)
    return verb.incident


def close(pk: int, by: Person, at: datetime, *, outcome: str, text: str | None = None) -> Incident:
    """End it with its outcome. Only a person closes; nothing closes by itself."""
    with _verb("close", pk, by, at) as verb:
        if verb.incident.drill and outcome != "drill":
            raise Refused("drill_outcome")
        verb.incident.state, verb.incident.outcome, verb.incident.closed_at = State.CLOSED, outcome, at
        verb.fact(facts.Closed(outcome=outcome), text)
        verb.taken()
    return verb.incident


def reopen(pk: int, by: Person, at: datetime, reason: str | None = None) -> Incident:
    """The way back: it waits to be claimed again. Refused when the person has another open incident by now, and for a
    drill: what has ended rings no more."""
    with _verb("reopen", pk, by, at) as verb:
        if verb.incident.drill:
            raise Refused("drill_over")
        _free(verb.incident)
        verb.incident.outcome = verb.incident.closed_at = None
        _wait(verb)
        verb.fact(facts.Reopened(), reason)
    return verb.incident


def merge(pk: int, into: int, by: Person, at: datetime) -> Incident:
    """Two incidents are one thing: this one follows the other from now on. Both books say so."""
    if pk == into:
        raise Refused("merge_with_itself")
    with _verb("merge", pk, by, at, also=[into]) as verb:
        other = verb.others[0] if verb.others else None
        if other is None or other.merged_into_id or other.state == State.CLOSED:
            raise Refused("no_such_incident", into=into)
        if other.drill != verb.incident.drill:
            raise Refused("drill_and_real")
        verb.incident.merged_into = other
        verb.incident.merged.update(merged_into=other)
        other.centers = [*other.centers, *(c for c in verb.incident.centers if c not in other.centers)]
        other.save(update_fields=["centers"])
        verb.fact(facts.Merged(into=into))
        verb.taken()
    return verb.incident


def unmerge(pk: int, by: Person, at: datetime) -> Incident:
    """Undo a merge. What was claimed stays claimed; what was new rings again."""
    with _verb("unmerge", pk, by, at) as verb:
        if verb.incident.merged_into_id is None:
            raise Refused("not_merged")
        _free(verb.incident)
        verb.fact(facts.Unmerged(out_of=verb.incident.merged_into_id))
        verb.incident.merged_into = None
        if verb.incident.state == State.NEW:
            verb.waits()
    return verb.incident


def _wait(verb: Verb) -> None:
    verb.incident.state = State.NEW
    verb.incident.claimed_by = verb.incident.claimed_at = None
    verb.waits()


def _free(incident: Incident) -> None:
    """One open incident per person (or device): the database insists, we say it first."""
    if incident.person_id:
        other = Incident.objects.open().filter(person=incident.person_id)
    elif incident.device_id:
        other = Incident.objects.open().filter(person=None, device=incident.device_id)
    else:
        return
    if found := other.exclude(pk=incident.pk).first():
        raise Refused("other_open", other=found.pk)
