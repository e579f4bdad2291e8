"""`tocsin seal`: which keys are in use, and everything sealed anew with a fresh one while the system runs.

A rotation that was interrupted is continued by the next: a new key is made only when all stands under the present one.
Rows that somebody is writing just now are left for the next round, so nobody waits for it.
"""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from django.db import connection, transaction

from tocsin.lib import sealed
from tocsin.lib.sealed_field import Sealed, fields

BATCH = 500
GRACE = 2.0  # s; a value that was sealed just before a new key came is written by then


class Done(NamedTuple):
    """`failed`: rows that do not open; they are left as they are."""

    sealed: int
    failed: int


def in_use() -> Counter[str]:
    """Key id → how many values are sealed with it. "": what is nothing sealed."""
    found: Counter[str] = Counter()
    with connection.cursor() as cursor:
        for field in fields():
            table, column = _names(field)
            cursor.execute(
                f"SELECT head, count(*) FROM (SELECT CASE WHEN get_byte({column}, 0) = 1 "
                f"THEN encode(substring({column} FROM 3 FOR get_byte({column}, 1)), 'escape') ELSE '' END AS head "
                f"FROM {table} WHERE length({column}) > 2) s GROUP BY head"
            )
            for id_, count in cursor.fetchall():
                found[id_] += count
    return found


def unknown() -> list[str]:
    """Ids of keys with which something is sealed, and which are not here."""
    known = sealed.keys().by_id
    return sorted(id_ for id_ in in_use() if id_ not in known)


def waiting() -> int:
    """How many values are not under the present key."""
    return sum(count for id_, count in in_use().items() if id_ != sealed.keys().first)


def everything(progress: Callable[[int, int], None] = lambda done, of: None) -> Done:
    """Seal all that is under another key with the present one. Each batch is a transaction; stop and go on at will."""
    of, done = waiting(), 0
    failed: set[tuple[str, str, Any]] = set()
    progress(0, of)
    until = time.monotonic() + GRACE
    while True:
        before = done
        for field in fields():
            for good, bad in _field(field, failed):
                done += good
                failed |= bad
                progress(done, max(of, done))
        left = waiting() - len(failed)
        if left <= 0 and time.monotonic() >= until:
            return Done(done, len(failed))
        if done == before:
            time.sleep(0.2)


def _names(field: Sealed) -> tuple[str, str]:
    table, column = field.at
    return connection.ops.quote_name(table), connection.ops.quote_name(column)


def _field(field: Sealed, failed: Iterable[tuple[str, str, Any]]) -> Iterator[tuple[int, set[tuple[str, str, Any]]]]:
    """The rows of one column, batch by batch: how many were sealed anew, and those that do not open."""
    model, (table, column) = field.model, _names(field)
    key = model._meta.pk
    assert key is not None
    pk = connection.ops.quote_name(str(key.column))
    columns = {f.attname: str(f.column) for f in model._meta.concrete_fields}
    named = [connection.ops.quote_name(columns[name]) for name in field.row]
    head, last = sealed.prefix(), None
    known = {row for t, c, row in failed if (t, c) == (table, column)}
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            after = "" if last is None else f"AND {pk} > %s"
            cursor.execute(
                f"SELECT {', '.join([pk, column, *named])} FROM {table} WHERE {column} IS NOT NULL "
                f"AND substring({column} FROM 1 FOR %s) <> %s {after} ORDER BY {pk} LIMIT {BATCH} "
                "FOR UPDATE SKIP LOCKED",
                [len(head), head, *([] if last is None else [last])],
            )
            rows = cursor.fetchall()
            good, bad = 0, set[tuple[str, str, Any]]()
            for row, value, *parts in rows:
                last = row
                if row in known:
                    continue
                place = field.at[0], sealed.row_name(*parts), field.at[1]
                try:
                    fresh = sealed.seal(sealed.opened(bytes(value), *place), *place)
                except sealed.Unopened:
                    bad.add((table, column, row))
                    continue
                cursor.execute(f"UPDATE {table} SET {column} = %s WHERE {pk} = %s", [fresh, row])
                good += 1
        yield good, bad
        if len(rows) < BATCH:
            return


# ── the command ─────────────────────────────────────────────────────────────


def rotate() -> int:
    """A fresh key, and everything sealed with it. 1: something did not open."""
    if left := waiting():
        print(f"continuing with the key {sealed.keys().first}: {left} values are under others", file=sys.stderr)
    elif sealed.from_environment():
        print(
            f"Everything is under {sealed.keys().first}. For a fresh key put this in front of {sealed.ENVIRONMENT}, "
            f"start the processes again and rotate once more:\n{sealed.new_key()}",
            file=sys.stderr,
        )
        return 0
    else:
        print(f"new key {sealed.add_key()} in {sealed.path()}: back that file up now", file=sys.stderr)
    said = 0.0

    def progress(done: int, of: int) -> None:
        nonlocal said
        if time.monotonic() - said > 1 or done == of:
            said = time.monotonic()
            print(f"{done} of {of}", file=sys.stderr)

    done = everything(progress)
    print(f"{done.sealed} values are sealed with {sealed.keys().first}; older keys stay, for older backups")
    if done.failed:
        print(f"{done.failed} values do not open and were left as they are", file=sys.stderr)
    return 1 if done.failed else 0


def show() -> int:
    """A line a key: its id, how many values it seals, and whether it is here. 1: one that is needed is not."""
    used, known = in_use(), sealed.keys()
    for id_ in dict.fromkeys([*known.by_id, *sorted(used)]):
        state = "seals" if id_ == known.first else "opens" if id_ in known.by_id else "MISSING"
        print(f"{id_ or '(nothing sealed)'}  {used[id_]} values  {state}")
    return 1 if unknown() else 0


def drop(id_: str) -> int:
    """Take a key out of the file with which nothing is sealed any more. Backups that need it do not open any more."""
    if sealed.from_environment() or in_use()[id_] or not sealed.drop_key(id_):
        print(f"{id_} stays: it is in use, the first one, or not in {sealed.path()}", file=sys.stderr)
        return 1
    return 0
