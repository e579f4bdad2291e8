"""All that is read in the matrix, once more, with the application's own filters switched off: the wall alone."""

import pytest

from tests.security.cast import Caller, Cast
from tests.security.walk import Asked, request
from tests.wall.test_without_filters import unfiltered  # noqa: F401 - a fixture

pytestmark = pytest.mark.timeout(400)  # the first of them walks through everything

OUTSIDE = ("neighbour", "unsent", "elsewhere")


@pytest.mark.slow
def test_nobody_outside_reads_anything_of_the_member(
    cast: Cast,
    answers: list[Asked],
    unfiltered: str,  # noqa: F811
) -> None:
    """And who works on the alarm reads it there as ever: the doors are open, and what is behind them is there."""
    from tocsin.incidents.models import Dispatch, Incident

    running = {"state": "claimed", "claimed_by": cast.person("officer"), "closed_at": None, "merged_into": None}
    Incident.objects.filter(pk=cast.incident).update(**running)  # the verbs of the walk have closed it
    Dispatch.objects.filter(pk=cast.dispatch).update(state="sent")
    marks = [mark.encode() for mark in cast.marks.values()]
    rows = dict.fromkeys(row for row, _, cell, _ in answers if row.startswith("GET ") and cell == "200")
    told = {
        row
        for row, role, _, answer in answers
        if role == "officer" and row in rows and any(mark in answer.body for mark in marks)
    }
    assert len(rows) > 80 and len(told) > 5
    found, opened = [], 0
    for role in (*OUTSIDE, "officer"):
        as_ever = cast.people[role]
        caller = Caller(unfiltered, role, as_ever.person, as_ever.token, as_ever.session)
        caller.secrets = as_ever.secrets
        for row in rows if role != "officer" else told:
            answer = request(cast, row, caller)
            assert answer.status < 500, (row, role)
            read = [mark for mark in marks if mark in answer.body]
            opened += answer.status == 200 and not set(answers_of(answers, row, role)) & {"200"}
            if role == "officer":
                assert read, (row, "here nothing would be found of anybody")
            elif read:
                found.append((row, role, read))
    assert not found, found
    assert opened > 20, "the filters are still there"


def answers_of(answers: list[Asked], row: str, role: str) -> list[str]:
    return [each.cell for each in answers if (each.row, each.role) == (row, role)]
