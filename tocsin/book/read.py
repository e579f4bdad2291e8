"""Readers of the book: after a number, or of one incident; each entry with the names it needs to be said."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection
from django.db.models import Max

from tocsin.book.facts import Names, sentence
from tocsin.book.models import Entry, Head
from tocsin.centers.models import Center
from tocsin.devices.models import Device
from tocsin.lib import wall
from tocsin.lib.words import Language, marked
from tocsin.people.models import Person


class Read(msgspec.Struct):
    """An entry as read, ready to be said in either language."""

    center: int
    code: str
    number: int
    at: datetime
    kind: str
    facts: dict[str, Any]
    incident: int | None
    actor: int | None
    echo: bool
    names: Names

    def said(self, language: Language) -> dict[str, Any]:
        """The entry as JSON-able facts with its sentence."""
        drill = self.incident in self.names.drills
        text = sentence(self.kind, self.facts, self.actor, language, self.names)
        actor = {"id": self.actor, "name": self.names.person(self.actor, language)} if self.actor else None
        return {
            "number": self.number,
            "center": self.code,
            "at": self.at,
            "kind": self.kind,
            "incident": self.incident,
            "facts": self.facts,
            "actor": actor,
            "text": marked(text, language) if drill else text,
            "drill": drill,
        }


#: Kinds whose sentence names the person whom they are about, and who proposed it.
ABOUT = frozenset(
    f"role_{each}"
    for each in (
        "granted",
        "proposed",
        "end_proposed",
        "confirmed",
        "declined",
        "withdrawn",
        "proposal_expired",
        "ended",
    )
) | {"number_changed_at_desk"}


def after(center: int, number: int, limit: int) -> list[Read]:
    """The center's entries behind `number`, oldest first, at most `limit`."""
    return _read(Entry.objects.filter(center=center, number__gt=number).order_by("number")[:limit])


def of_incident(incidents: Sequence[int]) -> list[Read]:
    """The timeline of incidents (one, with those merged into it), without the echoes in other centers' books.

    Within a book the numbers are the order; two processes' clocks may differ by a little. Between books the times
    decide, each entry counting as no earlier than the one before it in its book.
    """
    latest: dict[int, datetime] = {}
    placed: list[tuple[datetime, int, int, Entry]] = []
    for row in Entry.objects.filter(incident_id__in=incidents, echo=False).order_by("center_id", "number"):
        at = latest[row.center_id] = max(row.at, latest.get(row.center_id, row.at))
        placed.append((at, row.center_id, row.number, row))
    return _read([row for *_, row in sorted(placed, key=lambda p: p[:3])])


def head(center: int) -> int:
    """The number of the center's last entry."""
    return Head.objects.filter(center=center).aggregate(n=Max("number"))["n"] or 0


def _read(query: Iterable[Entry]) -> list[Read]:
    rows = list(query)
    names = _names(rows)
    codes = dict(Center.objects.filter(pk__in={r.center_id for r in rows}).values_list("id", "code")) if rows else {}
    return [
        Read(r.center_id, codes[r.center_id], r.number, r.at, r.kind, r.facts, r.incident_id, r.actor_id, r.echo, names)
        for r in rows
    ]


@wall.lifting  # the names of those who stand in entries that one may read
def _names(rows: Sequence[Entry]) -> Names:
    people = {r.actor_id for r in rows if r.actor_id}
    people |= {pk for r in rows if r.kind in ABOUT for pk in map(r.facts.get, ("person", "proposer")) if pk}
    dispatches = sorted({r.facts["dispatch"] for r in rows if r.facts.get("dispatch")})
    centers = any(r.kind in ("handed_over", "escalated") for r in rows)
    devices = {r.facts["device"] for r in rows if r.kind.startswith("device_") and r.facts.get("device")}
    names = Names()
    if devices:
        found = Device.objects.filter(pk__in=devices).select_related("site")
        names.devices = {d.pk: ("" if d.name else d.protocol, _called(d)) for d in found}
    if people:
        names.people = dict(Person.objects.filter(pk__in=people).values_list("pk", "name"))
    if centers:
        names.centers = {pk: (zh, en) for pk, zh, en in Center.objects.values_list("id", "name_zh", "name_en")}
    about = sorted({r.incident_id for r in rows if r.incident_id})
    if about:
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM incidents_incident WHERE id = ANY(%s) AND drill", (about,))
            names.drills = {pk for (pk,) in cursor.fetchall()}
    if dispatches:
        with connection.cursor() as cursor:  # the book comes before incidents: it knows the table, not the module
            cursor.execute(
                "SELECT d.id, coalesce(p.name, nullif(d.to, ''), d.kind) FROM incidents_dispatch d "
                "LEFT JOIN people_person p ON p.id = d.responder_id WHERE d.id = ANY(%s)",
                (dispatches,),
            )
            names.dispatches = dict(cursor.fetchall())
    return names


def _called(device: Device) -> str:
    name = device.name or device.identifier
    return f"{name} ({device.site.name})" if device.site else name
