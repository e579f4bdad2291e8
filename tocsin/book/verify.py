"""Proof that a book has no gaps and was not altered."""

from collections.abc import Iterator
from typing import Any

import msgspec
import psycopg

from tocsin.book.record import moment, seal

ROWS = """
SELECT center_id, number, at AT TIME ZONE 'UTC', kind, facts::text, incident_id, actor_id, echo, hash
FROM book_entry WHERE center_id = %s ORDER BY number
"""


class Verdict(msgspec.Struct, frozen=True):
    """`first_bad` is the first number that is altered, missing or out of order; None if the book is whole."""

    center: str
    entries: int
    first_bad: int | None = None
    why: str = ""

    @property
    def ok(self) -> bool:
        return self.first_bad is None


def verify(connection: psycopg.Connection[Any], code: str | None = None) -> Iterator[Verdict]:
    """Read every book (or that of one center) against its hashes, in one snapshot, while others go on writing."""
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        heads = connection.execute(
            "SELECT c.id, c.code, h.number, h.hash FROM centers_center c LEFT JOIN book_head h ON h.center_id = c.id "
            "WHERE %s::text IS NULL OR c.code = %s ORDER BY c.code",
            (code, code),
        ).fetchall()
        if code and not heads:
            raise LookupError(f"There is no center {code}")
        for center, name, number, hash_ in heads:
            if hash_ is None:
                yield Verdict(name, 0, 1, "the book's head is missing")
            else:
                yield _verify_one(connection, center, name, number, bytes(hash_))


def _verify_one(
    connection: psycopg.Connection[Any], center: int, code: str, head_number: int, head_hash: bytes
) -> Verdict:
    expected, previous = 1, bytes(32)
    with connection.cursor(name="book") as cursor:
        cursor.itersize = 5000
        for _, number, at, kind, facts, incident, actor, echo, hash_ in cursor.execute(ROWS, (center,)):
            if number != expected:
                return Verdict(code, expected - 1, expected, f"entry {expected} is missing")
            sealed = seal(previous, center, number, moment(at), kind, facts.encode(), incident, actor, echo)
            if sealed != bytes(hash_):
                return Verdict(code, expected - 1, number, f"entry {number} was altered or moved")
            expected, previous = expected + 1, sealed
    if head_number != expected - 1:
        return Verdict(code, expected - 1, min(head_number, expected - 1) + 1, "the book does not end at its head")
    if head_hash != previous:
        return Verdict(code, expected - 1, max(expected - 1, 1), "the head's hash is not the last entry's")
    return Verdict(code, expected - 1)
