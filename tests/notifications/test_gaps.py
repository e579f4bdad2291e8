"""Directors hear of a hole in the roster, and of an officer whom no alarm would reach, days and hours before."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.world import Desk, Town

NOON = datetime(2026, 12, 7, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class Roster:
    """One center's roster, and what its director heard."""

    def __init__(self, world: Town, code: str) -> None:
        from tocsin.centers.models import Center

        self.world, self.code = world, code
        self.center = Center.objects.get(code=code)
        self.director = world.desk(code, "director", since=LONG_AGO)
        self.contact(self.director, "email", "director@example.org")

    def contact(self, desk: Desk, channel: str, address: str, confirmed: bool = True) -> Any:
        from tocsin.notifications.models import Contact

        at = datetime.now(UTC) if confirmed else None
        return Contact.objects.create(
            person_id=desk.person, channel=channel, address=f"{address}-{desk.person}", confirmed_at=at
        )

    def officer(self, **term: Any) -> Desk:
        return self.world.desk(self.code, since=LONG_AGO, **term)

    def shift(self, desk: Desk, first: float, last: float) -> Any:
        """From so many hours after NOON to so many."""
        from tocsin.rosters.models import Shift

        return Shift.objects.create(
            center=self.center, duty="duty_officer", person_id=desk.person,
            starts_at=NOON + first * HOUR, ends_at=NOON + last * HOUR,
        )  # fmt: skip

    def warned(self, at: datetime) -> list[str]:
        """What the director is told at that time, beyond what was told before."""
        from tocsin.notifications import gaps
        from tocsin.notifications.models import Delivery

        told = Delivery.objects.filter(person=self.director.person, message__in=("gap", "unconfirmed"))
        before = set(told.values_list("pk", flat=True))
        gaps.warn(at)
        new = told.exclude(pk__in=before).order_by("pk")
        return [f"{d.message} {d.values['when'][:16]}" for d in new]


@pytest.fixture
def roster(world: Town, place: str, monkeypatch: pytest.MonkeyPatch) -> Roster:
    monkeypatch.setenv("TOCSIN_CHANNEL_EMAIL_HOST", "127.0.0.1")
    monkeypatch.setenv("TOCSIN_CHANNEL_EMAIL_FROM", "tocsin@example.org")
    return Roster(world, place)


def test_a_center_without_a_roster_is_warned_of_nothing(roster: Roster) -> None:
    assert roster.warned(NOON) == []


def test_a_hole_is_told_days_before_and_again_hours_before_each_once(roster: Roster) -> None:
    one = roster.officer()
    roster.contact(one, "email", "one@example.org")
    roster.shift(one, -2, 30)
    roster.shift(one, 32, 40)
    roster.shift(one, 43, 200)
    days = ["gap 2026-12-08 18:00", "gap 2026-12-09 04:00"]
    assert roster.warned(NOON) == days, "the first is 30 h, the second 40 h ahead, in local time"
    assert roster.warned(NOON + HOUR) == []
    assert roster.warned(NOON + 25 * HOUR) == ["gap 2026-12-08 18:00"], "five hours before"
    assert roster.warned(NOON + 26 * HOUR) == []
    assert roster.warned(NOON + 31 * HOUR) == [], "it runs, and was told"
    assert roster.warned(NOON + 39 * HOUR) == ["gap 2026-12-09 04:00"]


def test_a_shift_of_somebody_whose_role_ends_before_covers_nothing(roster: Roster) -> None:
    one, left = roster.officer(), roster.officer(until=NOON + 2 * HOUR)
    for desk in (one, left):
        roster.contact(desk, "email", "them@example.org")
    roster.shift(one, -8, 4)
    roster.shift(left, 4, 8)
    roster.shift(one, 8, 100)
    assert roster.warned(NOON) == ["gap 2026-12-07 16:00"]


def test_an_officer_without_a_confirmed_living_contact_is_told_of(roster: Roster) -> None:
    from tocsin.notifications.models import Contact

    sure, never, dead = (roster.officer() for _ in range(3))
    roster.contact(sure, "email", "sure@example.org")
    roster.contact(never, "email", "never@example.org", confirmed=False)
    gone = roster.contact(dead, "email", "dead@example.org")
    Contact.objects.filter(pk=gone.pk).update(dead_at=NOON)
    roster.shift(sure, -2, 3)
    roster.shift(never, 3, 30)
    roster.shift(dead, 30, 100)
    told = roster.warned(NOON)
    assert told == ["unconfirmed 2026-12-07 15:00", "unconfirmed 2026-12-08 18:00"]
    assert roster.warned(NOON + HOUR) == []
    assert roster.warned(NOON + 25 * HOUR) == [
        "unconfirmed 2026-12-08 13:00", "unconfirmed 2026-12-08 18:00"
    ], "one is still on duty, the other will be in hours"  # fmt: skip
    kinds = [kind for (kind,) in roster.world.rows(
        "SELECT kind FROM book_entry WHERE center_id = %s AND NOT echo ORDER BY number", roster.center.pk
    )]  # fmt: skip
    assert kinds.count("officer_unreachable") == 4


def test_a_contact_on_a_channel_that_cannot_send_reaches_nobody(
    roster: Roster, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = roster.officer()
    roster.contact(one, "email", "one@example.org")
    roster.shift(one, -2, 100)
    assert roster.warned(NOON) == []
    monkeypatch.delenv("TOCSIN_CHANNEL_EMAIL_HOST")
    assert roster.warned(NOON) == ["unconfirmed 2026-12-07 12:00"]


def test_a_roster_that_ended_is_a_hole_for_a_week_and_then_no_roster(roster: Roster) -> None:
    one = roster.officer()
    roster.contact(one, "email", "one@example.org")
    roster.shift(one, -20, -1)
    assert roster.warned(NOON) != []
    assert roster.warned(NOON + timedelta(days=9)) == []
