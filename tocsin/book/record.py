"""The only writer of the book."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec

from tocsin.book.facts import Fact
from tocsin.lib.sql import array


class Cursor(Protocol):
    """A database cursor inside a transaction: psycopg's or Django's."""

    def execute(self, query: Any, params: Any = None, /) -> Any: ...
    def fetchall(self) -> list[Any]: ...


class New(msgspec.Struct, frozen=True):
    """A fact to be written in the books of `centers`: the first is the incident's owner, the others get an echo."""

    centers: Sequence[int]
    fact: Fact
    at: datetime
    incident: int | None = None
    actor: int | None = None


_canonical = msgspec.json.Encoder(order="sorted").encode

HEADS = """
SELECT center_id, number, encode(hash, 'hex') FROM book_head WHERE center_id = ANY(%s::bigint[])
ORDER BY center_id FOR UPDATE
"""
ENTRIES = """
INSERT INTO book_entry (center_id, number, at, kind, facts, incident_id, actor_id, echo, hash)
SELECT center, number, at, kind, facts::json, incident, actor, echo, decode(hash, 'hex')
FROM json_to_recordset(%s::json) AS e(center bigint, number bigint, at timestamptz, kind text, facts text,
    incident bigint, actor bigint, echo boolean, hash text)
"""
MOVE = """
UPDATE book_head h SET number = m.number, hash = decode(m.hash, 'hex')
FROM json_to_recordset(%s::json) AS m(center bigint, number bigint, hash text) WHERE h.center_id = m.center
"""


ANNOUNCE = "SELECT pg_notify('book', %s)"


class _Row(msgspec.Struct):
    center: int
    number: int
    at: str
    kind: str
    facts: str  # as text, so that PostgreSQL keeps the very bytes under the seal
    incident: int | None
    actor: int | None
    echo: bool
    hash: str


def seal(
    previous: bytes,
    center: int,
    number: int,
    at: str,
    kind: str,
    facts: bytes,
    incident: int | None,
    actor: int | None,
    echo: bool,
) -> bytes:
    """SHA-256 of the previous hash and the entry. `at` is UTC to the microsecond; `facts` the very bytes stored."""
    about = f"{center}|{number}|{at}|{kind}|{incident or ''}|{actor or ''}|{int(echo)}|"
    return hashlib.sha256(b"%b%b%b" % (previous, about.encode(), facts)).digest()


def moment(at: datetime) -> str:
    """The one spelling of a time under the seal."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _str(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


class Chained(msgspec.Struct, frozen=True):
    """Entries linked to the heads they follow: what to write, and the last number of each center."""

    rows: str
    heads: str
    announced: str
    numbers: dict[int, int]


def centers_of(entries: Sequence[New]) -> str:
    """Whose heads must be locked, as a PostgreSQL array."""
    return array({c for e in entries for c in e.centers})


def chain(entries: Sequence[New], heads: Iterable[Sequence[Any]]) -> Chained:
    """Number and seal the entries behind the heads (center, number, hash in hex), as HEADS gives them. Pure."""
    last = {int(center): (int(number), bytes.fromhex(_str(hash_))) for center, number, hash_ in heads}
    rows: list[_Row] = []
    for entry in entries:
        facts, at, kind = _canonical(entry.fact), moment(entry.at), entry.fact.kind
        text = facts.decode()
        for place, center in enumerate(entry.centers):
            number, previous = last[center][0] + 1, last[center][1]
            sealed = seal(previous, center, number, at, kind, facts, entry.incident, entry.actor, place > 0)
            last[center] = number, sealed
            rows.append(_Row(center, number, at, kind, text, entry.incident, entry.actor, place > 0, sealed.hex()))
    moved = [{"center": center, "number": number, "hash": sealed.hex()} for center, (number, sealed) in last.items()]
    announced = ",".join(f"{center}:{number}" for center, (number, _) in last.items())
    return Chained(
        _canonical(rows).decode(),
        _canonical(moved).decode(),
        announced if len(announced) < 7000 else "",
        {center: number for center, (number, _) in last.items()},
    )


def record(cursor: Cursor, entries: Sequence[New]) -> dict[int, int]:
    """Write the entries and announce them on channel `book`; returns {center: number of its last entry}.

    Call it last in the transaction: it locks the centers' head rows, so that numbers follow the order of commits and
    have no gaps. Times must be aware and in UTC. Intake does the same four statements in its pipeline.
    """
    cursor.execute(HEADS, (centers_of(entries),))
    chained = chain(entries, cursor.fetchall())
    cursor.execute(ENTRIES, (chained.rows,))
    cursor.execute(MOVE, (chained.heads,))
    cursor.execute(ANNOUNCE, (chained.announced,))
    return chained.numbers
