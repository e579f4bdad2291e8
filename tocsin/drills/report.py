"""How soon people were reached, saw it and answered: made of deliveries and the book; seconds from the start.

While a drill runs it is made anew at each look; at the end it is kept, with ids in place of names.
"""

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from tocsin.book.models import Entry
from tocsin.drills.models import Drill
from tocsin.incidents.models import Incident
from tocsin.lib import wall
from tocsin.lib.words import Language, in_language, word
from tocsin.notifications.models import Delivery
from tocsin.people.models import Person

#: channel → the column in which its first sending stands
COLUMN = {
    "webpush": "push",
    "apprise": "push",
    "wecom": "push",
    "whatsapp": "push",
    "sms": "sms",
    "voice": "call",
    "email": "email",
}
TIMES = ("push", "sms", "call", "email", "seen", "answered", "claimed")

HEADINGS: dict[str, tuple[str, str]] = {
    "name": ("姓名", "Name"),
    "push": ("推送（秒）", "Push (s)"),
    "sms": ("短信（秒）", "Text message (s)"),
    "call": ("电话（秒）", "Call (s)"),
    "email": ("邮件（秒）", "E-mail (s)"),
    "seen": ("已看（秒）", "Seen (s)"),
    "answered": ("答复（秒）", "Answered (s)"),
    "answer": ("答复内容", "Answer"),
    "claimed": ("接警（秒）", "Claimed (s)"),
}


def made(drill: Drill) -> dict[str, Any]:
    """{"incidents": [{id, who, claimed, by}], "people": [{id, push, sms, call, email, seen, answered, answer,
    claimed}]}; times in seconds from the start, null: not yet."""
    rows = list(Incident.objects.filter(drilled__drill=drill).order_by("pk").values_list("pk", "caller"))
    pks = [pk for pk, _ in rows]
    people: dict[int, dict[str, Any]] = {}
    claims: dict[int, tuple[float, int]] = {}

    def of(person: int) -> dict[str, Any]:
        return people.setdefault(person, {"id": person, **dict.fromkeys(TIMES), "answer": ""})

    def first(person: int, column: str, at: datetime | None) -> None:
        if at is not None:
            seconds, row = _seconds(drill, at), of(person)
            row[column] = seconds if row[column] is None else min(row[column], seconds)

    told = Delivery.objects.filter(incident__in=pks, message="alarm", person__isnull=False).order_by("created_at", "pk")
    with wall.lifted():  # deliveries are their receivers'; of a drill that one sees, when they were told is shown
        rows_told = list(told)
    for d in rows_told:
        person = d.person_id or 0
        of(person)
        if d.channel in COLUMN:
            first(person, COLUMN[d.channel], d.sent_at)
        first(person, "seen", min((t for t in (d.read_at, d.answered_at) if t is not None), default=None))
        first(person, "answered", d.answered_at)
        if d.answer and d.answer != "claimed":
            of(person)["answer"] = d.answer
    for incident, actor, at in Entry.objects.filter(
        incident_id__in=pks, kind="claimed", echo=False, actor_id__isnull=False
    ).values_list("incident_id", "actor_id", "at").order_by("at"):  # fmt: skip
        first(actor or 0, "claimed", at)
        claims.setdefault(incident or 0, (_seconds(drill, at), actor or 0))
    return {
        "incidents": [
            {"id": pk, "who": caller, "claimed": claims[pk][0] if pk in claims else None,
             "by": claims[pk][1] if pk in claims else None}
            for pk, caller in rows
        ],
        "people": sorted(people.values(), key=lambda row: (_soonest(row), row["id"])),
    }  # fmt: skip


def of_drill(drill: Drill) -> dict[str, Any]:
    """The report with the names as they are now, and the sums: `told`, `seen`, `claimed`, `of` so many incidents."""
    found = drill.report if drill.report is not None else made(drill)
    pks = {row["id"] for row in found["people"]} | {row["by"] for row in found["incidents"] if row["by"]}
    names = dict(Person.objects.filter(pk__in=pks).values_list("pk", "name"))
    people = [{**row, "name": names.get(row["id"], "")} for row in found["people"]]
    return {
        "incidents": [{**row, "by_name": names.get(row["by"], "")} for row in found["incidents"]],
        "people": people,
        "told": sum(any(row[c] is not None for c in ("push", "sms", "call", "email")) for row in people),
        "seen": sum(row["seen"] is not None for row in people),
        "claimed": sum(row["claimed"] is not None for row in found["incidents"]),
        "of": len(found["incidents"]),
    }


def as_csv(people: Iterable[dict[str, Any]], language: Language) -> str:
    """The table, for a spreadsheet: with a byte order mark, and no cell that it would take for a formula."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow(in_language(HEADINGS[c], language) for c in HEADINGS)
    for row in people:
        said = {**row, "answer": word(row["answer"], language) if row["answer"] else ""}
        writer.writerow(_harmless(said[c]) for c in HEADINGS)
    return out.getvalue()


def _harmless(cell: Any) -> Any:
    if cell is None:
        return ""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r" and cell else cell


def _seconds(drill: Drill, at: datetime) -> float:
    return round(max(0.0, (at - drill.started_at).total_seconds()), 1)


def _soonest(row: dict[str, Any]) -> float:
    return min((row[c] for c in TIMES if row[c] is not None), default=1e9)
