"""The only writer of looks. One statement a request; it never takes the lock of the occurrence book's head.

The database's own function numbers, seals and folds (`migrations/0002_sealed.py`), so nobody who can merely write to
the database can leave one out of the chain or put one in between. Call it outside of the verb's transaction: its lock
then lasts for this one statement.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from django.db import connection

from tocsin.book.record import moment
from tocsin.people.models import Person


class Looked(msgspec.Struct, omit_defaults=True):
    """A look to be written; as in `models.Look`. Without `why` the database says whether an incident runs."""

    kind: str
    of_id: int | None = None
    actor_id: int | None = None
    incident_id: int | None = None
    what: str = ""
    why: str = ""
    role: str = ""
    glass: bool = False
    relative_id: int | None = None
    share_id: int | None = None
    at: str = ""


def note(
    by: Person | None,
    kind: str,
    of: Person | int | None,
    at: datetime,
    *,
    incident: int | None = None,
    what: str = "",
    why: str = "",
    role: str = "",
    glass: bool = False,
    relative: int | None = None,
    share: int | None = None,
) -> int:
    """`by` looked at `of` (None: a caller whom nobody knows). Returns how many looks were written: none if it was
    folded into an earlier one, or is at oneself."""
    person = of.pk if isinstance(of, Person) else of
    return note_all(
        [
            Looked(
                kind, person, by.pk if by else None, incident, what, why, role, glass, relative_id=relative,
                share_id=share,
            )
        ],
        at,
    )  # fmt: skip


def note_all(looks: Iterable[Looked], at: datetime) -> int:
    """Several looks of one request, in one statement."""
    rows = [msgspec.structs.replace(each, at=moment(at)) for each in looks]
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT look(%s::json)", (msgspec.json.encode(rows).decode(),))
        return int(cursor.fetchone()[0])
