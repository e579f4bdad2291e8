"""Who may give and take which role. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

PROPOSED = timedelta(days=7)  # how long a proposal waits for another


class Term(NamedTuple):
    """A role somebody holds: from `since` until before `until` (None: without an end)."""

    person: int
    since: datetime
    until: datetime | None


def in_force(term: Term, at: datetime) -> bool:
    return term.since <= at and (term.until is None or term.until > at)


def is_term(since: datetime, until: datetime | None) -> bool:
    return until is None or until > since


def overlaps(one: Term, since: datetime, until: datetime | None) -> bool:
    """Whether it holds at any moment from `since` until before `until`. One that ended before it began never does."""
    return (one.until is None or one.until > max(since, one.since)) and (until is None or until > one.since)


def refusal(by: int, person: int, governs: bool, proposer: int | None = None) -> str | None:
    """Why `by` may not give or take this role; None: they may. Nobody decides about themselves, nor alone twice."""
    if not governs:
        return "role_not_yours"
    if by == person:
        return "role_own"
    if proposer is not None and by == proposer:
        return "role_same"
    return None


def is_last(leaving: Term, others: Iterable[Term], at: datetime) -> bool:
    """Whether nobody would be there for as long as the one who leaves: there must always be an administrator."""
    return not any(
        in_force(each, at)
        and (each.until is None or (leaving.until is not None and each.until >= leaving.until))
        and each.person != leaving.person
        for each in others
    )
