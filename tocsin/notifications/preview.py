"""What a plan would do at a center at a moment: `simulate.play` with the real rosters, roles and contacts. Reads."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from tocsin.centers.network import Network
from tocsin.escalation import simulate
from tocsin.escalation.plans import Steps, Whom
from tocsin.escalation.simulate import Met, Moment, Reach
from tocsin.incidents.models import Incident
from tocsin.lib import wall
from tocsin.notifications import registry, whom
from tocsin.notifications.actions import ORDER
from tocsin.notifications.models import Contact, Partner
from tocsin.people.models import Person
from tocsin.rosters import on_duty


@wall.lifting  # whom an alarm would reach, on which channels: no address leaves here
def play(steps: Steps, incident: Incident, network: Network, start: datetime) -> list[Moment]:
    """Play a plan for an alarm that is not there: `incident` is not saved, and has a center, a kind and `silent`."""
    owner = incident.center_id
    line = network.line(owner) or [owner]

    def meet(wanted: Sequence[Whom], at: datetime) -> Met:
        found = whom.found([w for w in wanted if w.kind != "relatives"], incident, network, at)
        people = reach(found.people)
        names = Partner.objects.filter(pk__in=found.partners).values_list("name", flat=True)
        empty = []
        for center in _asked(wanted, line):
            if not on_duty.rostered([center], "duty_officer", at):
                empty.append((center, len(on_duty.holders([center], ["duty_officer"], at))))
        return Met(people, any(w.kind == "relatives" for w in wanted), sorted(names), empty)

    return simulate.play(steps, start, line, meet, off())


def _asked(wanted: Sequence[Whom], line: Sequence[int]) -> list[int]:
    """The centers whose duty officers are meant."""
    kinds = {w.kind for w in wanted}
    return [*(line[:1] if "on_duty" in kinds else ()), *(line[1:2] if "parent" in kinds else ())]


@wall.lifting
def reach(people: Iterable[int]) -> list[Reach]:
    """How each person can be reached now, as `actions.contacts_of` would find it; by name."""
    persons = {p.pk: p for p in Person.objects.filter(pk__in=list(people), is_active=True)}
    channels: dict[int, dict[str, bool]] = {pk: {} for pk in persons}
    dead = set[tuple[int, str]]()
    for contact in Contact.objects.filter(person__in=persons):
        person, own = persons[contact.person_id], contact.address == persons[contact.person_id].phone
        if contact.dead_at is not None:
            if own:
                dead.add((person.pk, contact.channel))
            continue
        if contact.channel not in ("sms", "voice") or contact.confirmed_at or own:
            known = channels[person.pk].get(contact.channel, False)
            channels[person.pk][contact.channel] = known or contact.confirmed_at is not None
    for person in persons.values():
        for channel in ("sms", "voice"):  # their own number, even where nobody was told on it yet
            if person.phone and (person.pk, channel) not in dead:
                channels[person.pk].setdefault(channel, False)
    return [
        Reach(p.pk, p.name, tuple(sorted(channels[p.pk], key=_rank)), any(channels[p.pk].values()))
        for p in sorted(persons.values(), key=lambda p: (p.name, p.pk))
    ]


def off() -> set[str]:
    """The channels that cannot send: not there, or their settings incomplete."""
    there = registry.channels()
    return {name for name in simulate.CHANNELS if name not in there or registry.problems(name)}


def _rank(channel: str) -> int:
    return ORDER.index(channel) if channel in ORDER else len(ORDER)
