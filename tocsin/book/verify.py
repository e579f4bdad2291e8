"""Proof that a book has no gaps and was not altered; and the same of the looks at a center's people."""

from collections.abc import Iterator
from typing import Any

import msgspec
import psycopg

from tocsin.book.record import moment, seal

ROWS = """
SELECT center_id, number, at AT TIME ZONE 'UTC', kind, facts::text, incident_id, actor_id, echo, hash
FROM book_entry WHERE center_id = %s ORDER BY number
"""
# A look has columns where an entry has facts; the database sealed them as one JSON array (looks/migrations/0002).
LOOKS = """
SELECT center_id, number, at AT TIME ZONE 'UTC', kind,
    json_build_array(of_id, role, from_id, what, why, glass, relative_id, share_id)::text,
    incident_id, actor_id, false, hash
FROM looks_look WHERE center_id = %s ORDER BY number
"""
HEADS = {ROWS: "book_head", LOOKS: "looks_head"}
# Looks of years ago are gone from the beginning (looks/migrations/0003): the rest goes on from the last that went.
START = "SELECT number, hash FROM looks_start WHERE center_id = %s"


class Verdict(msgspec.Struct, frozen=True):
    """`first_bad` is the first number that is altered, missing or out of order; None if the book is whole. `entries`:
    how many were read and found good."""

    center: str
    entries: int
    first_bad: int | None = None
    why: str = ""

    @property
    def ok(self) -> bool:
        return self.first_bad is None


def verify(connection: psycopg.Connection[Any], code: str | None = None, rows: str = ROWS) -> Iterator[Verdict]:
    """Read every book (or that of one center) against its hashes, in one snapshot, while others go on writing.

    `rows`: ROWS for the books, LOOKS for the looks.
    """
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        heads = connection.execute(
            "SELECT c.id, c.code, h.number, h.hash FROM centers_center c "
            f"LEFT JOIN {HEADS[rows]} h ON h.center_id = c.id WHERE %s::text IS NULL OR c.code = %s ORDER BY c.code",
            (code, code),
        ).fetchall()
        if code and not heads:
            raise LookupError(f"There is no center {code}")
        for center, name, number, hash_ in heads:
            if hash_ is None:
                yield Verdict(name, 0, 1, "the book's head is missing")
            else:
                yield _verify_one(connection, center, name, number, bytes(hash_), rows)


def _verify_one(
    connection: psycopg.Connection[Any], center: int, code: str, head_number: int, head_hash: bytes, rows: str
) -> Verdict:
    begins = connection.execute(START, (center,)).fetchone() if rows == LOOKS else None
    start, previous = begins or (0, bytes(32))
    expected, previous = start + 1, bytes(previous)
    with connection.cursor(name="book") as cursor:
        cursor.itersize = 5000
        for _, number, at, kind, facts, incident, actor, echo, hash_ in cursor.execute(rows, (center,)):
            if number != expected:
                return Verdict(code, expected - 1 - start, expected, f"entry {expected} is missing")
            sealed = seal(previous, center, number, moment(at), kind, facts.encode(), incident, actor, echo)
            if sealed != bytes(hash_):
                return Verdict(code, expected - 1 - start, number, f"entry {number} was altered or moved")
            expected, previous = expected + 1, sealed
    read = expected - 1 - start
    if head_number != expected - 1:
        return Verdict(code, read, min(head_number, expected - 1) + 1, "the book does not end at its head")
    if head_hash != previous:
        return Verdict(code, read, max(expected - 1, 1), "the head's hash is not the last entry's")
    return Verdict(code, read)
