"""What is held of a person, wherever it lies: each station says what it erases, what it gives out, and what it keeps.

    offer("rosters", columns=("rosters.Shift.person", …), erase=erase, export=export)
    keep("incidents.Incident.claimed_by", "…", "who did what in service: a number, without a name")

A station does that in its `personal.py`, which is read at the start; those that were there first stand in `own/`. Every
column that points to a person must be in one of the two: tests/privacy/test_nothing_is_forgotten.py.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple


class File(NamedTuple):
    """A file of an export: its name in the zip, and its bytes in portions."""

    name: str
    read: Callable[[], Iterable[bytes]]


class Section(NamedTuple):
    """What an export says of one thing. `title`: zh, en. Rows are JSON-able; `LABELS` names their fields."""

    name: str
    title: tuple[str, str]
    rows: list[dict[str, Any]]
    files: tuple[File, ...] = ()


Erase = Callable[[int, datetime], int]
Give = Callable[[int, str], Iterable[Section]]


class Eraser(NamedTuple):
    """`erase(person, at)` runs inside the one transaction of an erasure and returns how many rows it changed.

    `export(person, language)` gives sections. What lies outside the database goes with `transaction.on_commit`.
    """

    name: str
    columns: frozenset[str]
    erase: Erase
    export: Give | None


ERASERS: dict[str, Eraser] = {}
#: column → why it stays after an erasure (zh, en)
KEPT: dict[str, tuple[str, str]] = {}
#: field of an exported row → what it is called (zh, en)
LABELS: dict[str, tuple[str, str]] = {}


def offer(name: str, *, columns: Iterable[str], erase: Erase, export: Give | None = None) -> None:
    ERASERS[name] = Eraser(name, frozenset(columns), erase, export)


def keep(column: str, zh: str, en: str) -> None:
    KEPT[column] = zh, en


def label(**labels: tuple[str, str]) -> None:
    LABELS.update(labels)


def columns() -> set[str]:
    """All that is spoken for: "app.Model.field"."""
    return {c for each in ERASERS.values() for c in each.columns} | set(KEPT)


def sections(person: int, language: str) -> Iterator[tuple[str, Callable[[], list[Section]]]]:
    """The parts of an export, to be made one after the other."""
    for each in ERASERS.values():
        if each.export is not None:
            yield each.name, lambda give=each.export: list(give(person, language))  # type: ignore[misc]
