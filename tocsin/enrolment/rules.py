"""What may be, and how often. Pure."""

from datetime import datetime, timedelta

#: Who verifies applications, invites and imports, at their center; a director and a supervisor also at those below.
MAY = frozenset({"director", "supervisor", "liaison"})

LIFE = timedelta(minutes=10)  # of a code
TRIES = 5
PAUSE = timedelta(seconds=30)  # between two codes for one application
CODES = 4  # for one application
UNCONFIRMED = timedelta(days=1)  # then it is forgotten
DECIDED = timedelta(days=30)

#: (window, how many): applications of one number, from one address, and of everybody.
OF_NUMBER = ((timedelta(hours=1), 4), (timedelta(days=1), 8))
OF_PLACE = ((timedelta(hours=1), 40),)  # many phones share one address of a mobile network
OVERALL = ((timedelta(minutes=10), 300),)

MOST_USES, LONGEST = 500, timedelta(days=90)
UNDO = timedelta(days=1)
PORTION = 100  # rows in one transaction: the clock has alarms to serve meanwhile


def open_link(ends_at: datetime, revoked_at: datetime | None, used: int, uses: int, at: datetime) -> bool:
    return revoked_at is None and at < ends_at and used < uses


def code_counts(ends_at: datetime, tries: int, at: datetime) -> bool:
    """Whether a code can still be right."""
    return at < ends_at and tries < TRIES


def may_undo(done_at: datetime | None, stage: str, at: datetime) -> bool:
    return stage == "done" and done_at is not None and at < done_at + UNDO
