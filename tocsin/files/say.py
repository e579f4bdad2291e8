"""Attachments as JSON, for people who may see them."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tocsin.files import rules
from tocsin.files.models import Attachment, State
from tocsin.incidents.models import Incident, centers_of
from tocsin.people.models import Person

if TYPE_CHECKING:
    from tocsin.centers.network import Family


def directs(person: Person, centers: Iterable[int], network: "Family", at: datetime) -> bool:
    """Whether the person may see originals that have a copy, at one of these centers."""
    return bool(centers_of(person, network, at, rules.ORIGINALS).intersection(centers))


def of_incident(i: Incident, person: Person, network: "Family", at: datetime, hidden: bool) -> list[dict[str, Any]]:
    """What was attached to the incident and to those merged into it, the oldest first; what was removed, too. `hidden`:
    it has been over for a while, and the files are shown no more than the caller's number is."""
    about = [i.pk, *i.merged.values_list("pk", flat=True)]
    ever = Attachment.objects.filter(incident__in=about, attached_at__isnull=False)
    rows = list(ever.order_by("attached_at"))
    director = bool(rows) and directs(person, i.centers, network, at)
    return [attachment(row, person, director, hidden) for row in rows]


def attachment(a: Attachment, person: Person, director: bool, hidden: bool = False) -> dict[str, Any]:
    """`view`, `thumb`, `original`: where this person may fetch each, or None. `sha256` is of the original."""
    seen = {v for v in rules.VARIANTS if rules.may_see(v, a.copied, a.person_id == person.pk, director)}
    if not a.copied:
        seen &= {"original"}
    elif a.type not in rules.DRAWN:
        seen -= {"thumb"}
    if a.state != State.ATTACHED or (hidden and a.person_id != person.pk):
        seen = set()
    return {
        "id": str(a.pk),
        "kind": a.kind,
        "type": a.type,
        "size": a.size,
        "at": a.attached_at,
        "sha256": a.digest,
        "removed_at": a.removed_at,
        "copied": a.copied,
        **{v: f"/files/{a.pk}/{v}" if v in seen else None for v in rules.VARIANTS},
    }
