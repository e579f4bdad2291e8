"""An incident as JSON, for a person who may see it."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Prefetch
from openlocationcode import openlocationcode

from tocsin.book import read
from tocsin.gates.models import StoredSignal
from tocsin.incidents import rules
from tocsin.incidents.models import Dispatch, Incident, Incidents, Note
from tocsin.lib.sealed import Unopened
from tocsin.lib.words import Language
from tocsin.people.models import Person

LISTS: tuple["Prefetch[Any, Any, Any]", ...] = (
    Prefetch("dispatches", Dispatch.objects.select_related("responder"), to_attr="sent"),
    Prefetch("steps", to_attr="ladder"),
)
TRAIL = 2000  # points at most
NUMBER = re.compile(r"\+?\d[\d ()-]{5,}\d")  # a phone number in words that somebody wrote


def position(i: Incident) -> dict[str, Any] | None:
    """The newest fix: WGS 84 degrees, metres, m/s, degrees from north; None if there never was one."""
    if i.lat is None or i.lon is None:
        return None
    return {
        "lat": i.lat,
        "lon": i.lon,
        "accuracy": i.accuracy,
        "altitude": i.altitude,
        "speed": i.speed,
        "course": i.course,
        "at": i.fixed_at,
    }


def complete(query: Incidents) -> Incidents:
    """The query with all that `incident` reads, in a fixed number of statements: the dispatches and steps as lists on
    each incident, which costs a third of the managers' way.
    """
    related = query.select_related("center", "person", "device__site", "claimed_by", "merged_into")
    return related.defer("center__area").prefetch_related(*LISTS)


def withheld(i: Incident, leads: set[int], now: datetime) -> bool:
    """Whether the caller's number and place are not shown any more: it is over, and the looker does not lead there."""
    into = i.merged_into
    over_at = i.closed_at if into is None else into.closed_at
    return not rules.shows_caller(over_at, bool(leads.intersection(i.centers)), now)


def incident(
    i: Incident,
    person: Person,
    acts: set[int],
    codes: dict[int, str],
    language: Language,
    leads: set[int],
    now: datetime,
) -> dict[str, Any]:
    """One row of the queue. `acts`, `leads`: ids of the centers where the person may act, and leads; `codes`: center id
    → code."""
    hidden = withheld(i, leads, now)
    placed = not hidden and i.lat is not None and i.lon is not None
    pending = next((s for s in i.ladder if s.done_at is None), None)
    site = i.device.site if i.device else None
    return {
        "id": i.pk,
        "number": i.pk,
        "center": i.center.code,
        "center_name": i.center.name(language),
        "centers": [codes.get(c, "?") for c in i.centers],
        "state": i.state,
        "outcome": i.outcome,
        "alarm": i.alarm,
        "silent": i.silent,
        "drill": i.drill,
        "opened_at": i.opened_at,
        "claimed_at": i.claimed_at,
        "closed_at": i.closed_at,
        "person": i.person
        and {
            "id": i.person.pk,
            "name": i.person.name,
            "phone": None if hidden else i.person.phone,
            "languages": [i.person.language],
        },
        "caller": NUMBER.sub("…", i.caller) if hidden and i.caller else i.caller,
        "phone": None if hidden else i.phone,
        "withheld": hidden,
        "device": i.device
        and {
            "protocol": i.device.protocol,
            "identifier": "" if hidden and i.device.protocol == "sms" else i.device.identifier,
            "name": i.device.name,
        },
        "site": site and {"name": site.name, "address": site.address},
        "claimed_by": i.claimed_by and {"id": i.claimed_by.pk, "name": i.claimed_by.name},
        "mine": i.claimed_by_id == person.pk,
        "position": position(i) if placed else None,
        "address": (not hidden and i.address) or (site.address if site else None) or None,
        "plus_code": openlocationcode.encode(i.lat, i.lon) if placed else None,
        "battery": i.battery,
        "flags": [*(["drill"] if i.drill else []), *i.flags.split()],
        "pressed_at": i.pressed_at,
        "presses": i.presses,
        "cancel_requested_at": i.cancel_requested_at,
        "escalation": pending and {"step": pending.number, "due": pending.due},
        "merged_into": i.merged_into_id,
        "dispatches": [
            {
                "id": d.pk,
                "who": d.responder.name if d.responder else d.to,
                "kind": d.kind,
                "state": d.state,
                "at": d.at,
                "responder": d.responder_id,
            }
            for d in sorted(i.sent, key=lambda d: d.pk)
        ],
        "verbs": rules.verbs(i.state, i.merged_into_id is not None, bool(acts.intersection(i.centers)), i.drill),
    }


def trail(i: Incident) -> list[tuple[float, float, datetime, float | None]]:
    """The newest fixes, oldest first: (lon, lat, time, accuracy in metres)."""
    rows = (
        StoredSignal.objects.filter(incident_id=i.pk, lat__isnull=False)
        .exclude(flags__contains="null_island")
        .order_by("-received_at")
        .values_list("lon", "lat", "fixed_at", "at", "received_at", "accuracy")[:TRAIL]
    )
    return [
        (lon or 0.0, lat or 0.0, fixed or at or received, accuracy)
        for lon, lat, fixed, at, received, accuracy in reversed(rows)
    ]


def place(i: Incident, hidden: bool = False) -> dict[str, Any] | None:
    """The site of a panel's alarm: how to get in, who has keys (whom to call first comes first), what was triggered.
    `hidden`: the way in and the keyholders are left out."""
    site = i.device.site if i.device else None
    if site is None:
        return None
    hit = {(e.facts.get("zone") or "").lstrip("0") for e in read.of_incident([i.pk])} - {""}
    zones = [{"number": z.number, "name": z.name, "hit": z.number.lstrip("0") in hit} for z in site.zones.all()]
    unnamed = hit - {z.number.lstrip("0") for z in site.zones.all()}
    return {
        "name": site.name,
        "address": site.address,
        "note": "" if hidden else site.note,
        "keyholders": [] if hidden else [{"name": k.name, "phone": k.phone} for k in site.keyholders.all()],
        "zones": [*zones, *({"number": number, "name": "", "hit": True} for number in sorted(unnamed))],
    }


def timeline(i: Incident, language: Language) -> list[dict[str, Any]]:
    """The book's entries about this incident and those merged into it, with the notes that still exist."""
    about = [i.pk, *i.merged.values_list("pk", flat=True)]
    return with_notes(read.of_incident(about), language)


def with_notes(entries: Sequence[read.Read], language: Language) -> list[dict[str, Any]]:
    """The entries said, each with its free text if that was not erased."""
    wanted = [e.facts["note"] for e in entries if e.facts.get("note")]
    notes = {note.pk: _text(note, language) for note in Note.objects.filter(pk__in=wanted)}
    return [{**e.said(language), "note": notes.get(e.facts.get("note", 0))} for e in entries]


def _text(note: Note, language: Language) -> str | None:
    """What it says. One that does not open must not hide the rest of an incident."""
    try:
        text: str | None = note.text
    except Unopened:
        return "（无法解封：请找管理员）" if language == "zh-hans" else "(cannot be opened: ask the administrator)"
    return text
