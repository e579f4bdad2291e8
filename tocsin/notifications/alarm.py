"""What a stage of the escalation means for people: who is told, and how. A reaction of the clock's step."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from openlocationcode import openlocationcode

from tocsin.book.models import Entry
from tocsin.book.record import New
from tocsin.centers.network import Network
from tocsin.escalation.stages import Firing
from tocsin.incidents.models import Incident
from tocsin.notifications import actions, whom
from tocsin.notifications.facts import Notified, Unreachable
from tocsin.notifications.models import Delivery

#: Whom a drill must never reach: the police and every system of others.
OUTSIDE = frozenset({"partner", "relatives"})


def fired(firings: Sequence[Firing], network: Network, at: datetime) -> list[New]:
    """Owe the messages of these stages; returns what the book must say of it."""
    known, answers = whom.Known(at), _answers(firings)
    told: list[tuple[Firing, actions.Telling]] = []
    for firing in firings:
        incident, stage = firing.incident, firing.stage
        wanted = [w for w in stage.whom if not (incident.drill and w.kind in OUTSIDE)]
        if not wanted:
            continue
        found = whom.found(wanted, incident, network, at, known)
        telling = actions.Telling(
            message="alarm",
            values=values_of(incident, repeat=max(0, firing.step - 1)),
            people=frozenset(found.people - _content(firing, answers, network, known)),
            relatives=frozenset(found.relatives),
            partners=frozenset(found.partners),
            by=stage.by,
            incident=incident,
            round=firing.round * actions.ROUND + firing.step,
            urgent=True,
            drill=incident.drill,
        )
        told.append((firing, telling))
    actions.tell_all([telling for _, telling in told], at)
    said = _told_unreachable([f.incident.pk for f, telling in told if telling.lost])
    entries = []
    for firing, telling in told:
        incident = firing.incident
        if telling.owed:
            fact = Notified(step=firing.step, people=telling.told, channels=firing.stage.by)
            entries.append(New(incident.centers, fact, at, incident.pk))
        lost = sorted(set(telling.lost) - said.get(incident.pk, set()))
        entries += [New(incident.centers, Unreachable(person=p), at, incident.pk) for p in lost]
    return entries


Answers = Mapping[tuple[int, int], Mapping[int, str]]


def _answers(firings: Sequence[Firing]) -> Answers:
    """(incident, round of its escalation) → person → what they said in it. A new round asks them anew."""
    rows = Delivery.objects.filter(
        incident__in=[f.incident.pk for f in firings], answer__in=("cannot", "coming"), person__isnull=False
    ).order_by("answered_at")
    found: dict[tuple[int, int], dict[int, str]] = {}
    for incident, round, person, answer in rows.values_list("incident_id", "round", "person_id", "answer"):
        found.setdefault((incident or 0, round // actions.ROUND), {})[person or 0] = answer
    return found


def _content(firing: Firing, answers: Answers, network: Network, known: whom.Known) -> set[int]:
    """Who need not be told again: they cannot, or they are coming and it is not theirs to claim."""
    said = answers.get((firing.incident.pk, firing.round), {})
    if not said:
        return set()
    line = network.line(firing.incident.center_id) or [firing.incident.center_id]
    claimers = known.holders(line, whom.TOP)
    return {person for person, answer in said.items() if answer == "cannot" or person not in claimers}


def _told_unreachable(incidents: Sequence[int]) -> dict[int, set[int]]:
    """incident → people of whom the book says already that they cannot be reached."""
    rows = Entry.objects.filter(incident_id__in=incidents, kind="unreachable", echo=False) if incidents else ()
    found: dict[int, set[int]] = {}
    for entry in rows:
        found.setdefault(entry.incident_id or 0, set()).add(entry.facts["person"])
    return found


def values_of(incident: Incident, **more: Any) -> dict[str, Any]:
    """What a message says of an incident."""
    site = incident.device.site if incident.device else None
    who = (incident.person.name if incident.person else None) or (site.name if site else None) or incident.caller or ""
    return {
        "number": incident.pk,
        "alarm": incident.alarm,
        "silent": incident.silent,
        "who": who,
        "where": where(incident),
        "center": [incident.center.name_zh, incident.center.name_en],
        **more,
    }


def where(incident: Incident) -> str:
    """In words that fit a text message: the address, else a plus code; "" if nobody knows."""
    site = incident.device.site if incident.device else None
    if address := incident.address or (site.address if site else ""):
        return address[:80]
    if incident.lat is not None and incident.lon is not None:
        return str(openlocationcode.encode(incident.lat, incident.lon))
    return ""
