"""Weekly patterns across the nights when clocks change, in places that change them differently."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.rosters.rules import Span, Weekly, gaps, moment, overlaps, shifts

#: An hour twice a year; half an hour; at midnight; before midnight; never; a whole day left out (Samoa, 2011-12-30).
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Havana",
    "Africa/Cairo",
    "Africa/Johannesburg",
    "Asia/Shanghai",
    "Pacific/Apia",
)
WEEK = 7 * 24 * 60
LONG_AGO = date(2000, 1, 1)

#: Monday of a week: each of some years with both changes, and Samoa's.
weeks = st.dates(date(2009, 1, 1), date(2027, 12, 1)).map(lambda day: day - timedelta(days=day.weekday()))


@st.composite
def rosters(draw: st.DrawFn) -> list[Weekly]:
    """Patterns that cover the wall-clock week once: cut anywhere to the minute, no shift longer than a day."""
    cuts = sorted(draw(st.sets(st.integers(0, WEEK - 1), min_size=1, max_size=12)))
    while True:  # cut what is too long; the last goes round to the first
        ends = [*cuts[1:], cuts[0] + WEEK]
        long = [(start + end) // 2 % WEEK for start, end in zip(cuts, ends, strict=True) if end - start > 24 * 60]
        if not long:
            break
        cuts = sorted({*cuts, *long})
    return [
        Weekly(start // 1440, time(start % 1440 // 60, start % 60), end - start, LONG_AGO)
        for start, end in zip(cuts, ends, strict=True)
    ]


def made(roster: Sequence[Weekly], zone: ZoneInfo, first: datetime, last: datetime) -> list[Span]:
    return sorted(span for weekly in roster for span in shifts(weekly, zone, first, last))


@given(rosters(), st.sampled_from(ZONES), weeks)
def test_a_whole_week_stays_whole_whatever_the_clocks_do(roster: list[Weekly], name: str, monday: date) -> None:
    zone = ZoneInfo(name)
    first = moment(datetime.combine(monday, time()), zone)
    last = first + timedelta(days=21)
    spans = made(roster, zone, first, last)
    assert all(end > start for start, end in spans)
    assert gaps(spans, first, last) == []
    assert overlaps(spans) == []
    assert all(before[1] == after[0] for before, after in pairwise(spans))


@given(rosters(), st.sampled_from(ZONES), weeks, st.integers(0, 60 * 24 * 10))
def test_made_bit_by_bit_it_is_the_same_roster(roster: list[Weekly], name: str, monday: date, minutes: int) -> None:
    """The clock makes shifts a little further each time: never another one than if all were made at once."""
    zone = ZoneInfo(name)
    first = datetime.combine(monday, time(), UTC)
    middle, last = first + timedelta(minutes=minutes), first + timedelta(days=21)
    assert set(made(roster, zone, first, last)) == {
        *made(roster, zone, first, middle),
        *made(roster, zone, middle, last),
    }


@given(
    st.datetimes(datetime(2009, 1, 1), datetime(2027, 12, 1)),  # noqa: DTZ001 - wall times
    st.timedeltas(timedelta(), timedelta(days=2)),
    st.sampled_from(ZONES),
)
def test_a_later_wall_time_is_never_an_earlier_moment(wall: datetime, later: timedelta, name: str) -> None:
    zone = ZoneInfo(name)
    wall = wall.replace(microsecond=0)
    found, after = moment(wall, zone), moment(wall + later, zone)
    assert found <= after
    shown = found.astimezone(zone).replace(tzinfo=None)
    assert shown >= wall, "a shift never starts before its time"
    assert found - timedelta(seconds=1) < moment(shown, zone) <= found


@given(st.sampled_from(ZONES), weeks, st.integers(0, 6), st.times(), st.integers(15, 24 * 60), st.integers(0, 40))
def test_a_shift_is_as_long_as_written_but_for_the_change_of_the_clocks(
    name: str, monday: date, weekday: int, start: time, minutes: int, days: int
) -> None:
    zone, first = ZoneInfo(name), datetime.combine(monday, time(), UTC)
    since = monday + timedelta(days=3)
    weekly = Weekly(weekday, start.replace(second=0, microsecond=0), minutes, since, since + timedelta(days=days))
    for begins, ends in shifts(weekly, zone, first, first + timedelta(days=60)):
        assert ends > begins
        assert abs((ends - begins) - timedelta(minutes=minutes)) <= timedelta(hours=1 if name != "Pacific/Apia" else 24)
        assert begins.astimezone(zone).weekday() == weekday or name == "Pacific/Apia"
        assert since <= begins.astimezone(zone).date() <= since + timedelta(days=days + 1)


@pytest.mark.parametrize(
    ("name", "wall", "utc"),
    [
        ("Europe/Berlin", "2026-03-29 02:30", "2026-03-29 01:00"),  # it does not exist: 03:00 summer time
        ("Europe/Berlin", "2026-10-25 02:30", "2026-10-25 00:30"),  # it is there twice: the first
        ("America/New_York", "2026-03-08 02:00", "2026-03-08 07:00"),
        ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03 15:30"),  # clocks go by half an hour
        ("America/Havana", "2026-03-08 00:00", "2026-03-08 05:00"),  # midnight does not exist
        ("Africa/Johannesburg", "2026-11-23 22:00", "2026-11-23 20:00"),
    ],
)
def test_the_nights_themselves(name: str, wall: str, utc: str) -> None:
    expected = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert moment(datetime.fromisoformat(wall), ZoneInfo(name)) == expected


def test_a_night_shift_is_an_hour_longer_when_clocks_go_back() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    night = Weekly(5, time(22), 8 * 60, LONG_AGO)
    first = datetime(2026, 10, 20, tzinfo=UTC)
    found = list(shifts(night, berlin, first, first + timedelta(days=14)))
    assert [end - start for start, end in found] == [timedelta(hours=9), timedelta(hours=8)]


def test_the_shift_that_runs_is_made_too() -> None:
    weekly = Weekly(0, time(8), 8 * 60, LONG_AGO)
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    found = list(shifts(weekly, ZoneInfo("UTC"), noon, noon + timedelta(days=1)))
    assert found == [(noon - timedelta(hours=4), noon + timedelta(hours=4))]


minutes_of = st.integers(0, 200)
spans_of = st.lists(st.tuples(minutes_of, minutes_of).filter(lambda s: s[0] < s[1]), max_size=8)
START = datetime(2026, 11, 23, tzinfo=UTC)


@given(spans_of, minutes_of, minutes_of)
def test_gaps_are_exactly_the_minutes_that_nobody_has(spans: list[tuple[int, int]], one: int, two: int) -> None:
    first, last = sorted((one, two))
    at = [START + timedelta(minutes=n) for n in range(201)]
    found = gaps([(at[a], at[b]) for a, b in spans], at[first], at[last])
    free = {n for n in range(first, last) if not any(a <= n < b for a, b in spans)}
    assert {n for n in range(201) if any(a <= at[n] < b for a, b in found)} == free
    assert all(a < b for a, b in found)
    assert all(x[1] < y[0] for x, y in pairwise(found)), "two gaps never touch"


@given(spans_of)
def test_overlaps_are_exactly_the_minutes_that_are_there_twice(spans: list[tuple[int, int]]) -> None:
    at = [START + timedelta(minutes=n) for n in range(201)]
    found = overlaps([(at[a], at[b]) for a, b in spans])
    twice = {n for n in range(200) if sum(a <= n < b for a, b in spans) > 1}
    assert {n for n in range(200) if any(a <= at[n] < b for a, b in found)} == twice
