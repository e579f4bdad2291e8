"""Rosters as people change them: patterns, single shifts, swaps, hand-over, availability."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.world import Town
from tocsin.lib.refused import Refused

# Monday noon in Johannesburg, before Berlin's clocks go back (2026-10-25).
NOON = datetime(2026, 10, 19, 10, tzinfo=UTC)
MONDAY = NOON.date()
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class Place:
    """A center with its people, and its roster as these tests speak of it."""

    def __init__(self, world: Town, code: str) -> None:
        from tocsin.centers.models import Center

        self.world, self.code = world, code
        self.center = Center.objects.get(code=code)
        self.boss = self.person("supervisor")

    def person(self, role: str = "duty_officer", **term: Any) -> Any:
        from tocsin.people.models import Person

        desk = self.world.desk(self.code, role, **{"since": LONG_AGO, **term})
        return Person.objects.get(pk=desk.person)

    def weekly(self, person: Any, weekday: int = 1, start: time = time(8), minutes: int = 480, **more: Any) -> Any:
        from tocsin.rosters import actions
        from tocsin.rosters.models import Pattern

        at = more.pop("at", NOON)
        fields = {"center": self.center, "duty": "duty_officer", "since": date(2026, 1, 1), **more}
        pattern = Pattern(person=person, weekday=weekday, start=start, minutes=minutes, **fields)
        return actions.set_pattern(pattern, self.boss, at)

    def shift(self, person: Any, start: datetime = NOON + DAY, hours: float = 8, duty: str = "duty_officer") -> Any:
        from tocsin.rosters import actions

        return actions.add_shift(
            self.center, duty, person, start, start + timedelta(hours=hours), self.boss, min(NOON, start)
        )

    def shifts(self, **more: Any) -> list[Any]:
        from tocsin.rosters.models import Shift

        return list(Shift.objects.filter(center=self.center, removed_at=None, **more))

    def week(self, day: date = MONDAY, duty: str = "duty_officer") -> dict[str, Any]:
        from tocsin.rosters import say

        return next(d for d in say.week(self.center, day, "en")["duties"] if d["duty"] == duty)

    def kinds(self) -> list[str]:
        return [e["kind"] for e in self.world.book(self.code).entries()]


@pytest.fixture
def here(world: Town, place: str) -> Place:
    return Place(world, place)


def refused(verb: Any, *arguments: Any) -> str:
    with pytest.raises(Refused) as why:
        verb(*arguments)
    assert why.value.said("zh-hans")
    assert why.value.said("en")
    return why.value.reason


# ── patterns ────────────────────────────────────────────────────────────────


def test_a_pattern_makes_eight_weeks_of_shifts_and_the_clock_goes_on(here: Place) -> None:
    from tocsin.rosters.actions import plan_ahead

    officer = here.person()
    here.weekly(officer)
    made = here.shifts(person=officer)
    assert len(made) == 8
    assert made[0].starts_at == datetime(2026, 10, 20, 6, tzinfo=UTC)
    plan_ahead(NOON)
    assert len(here.shifts(person=officer)) == 8, "they are there already"
    plan_ahead(NOON + timedelta(weeks=2))
    assert len(here.shifts(person=officer)) == 10
    assert here.kinds() == ["shift_changed"]


def test_a_pattern_made_while_its_shift_runs_puts_its_person_on_duty_now(here: Place) -> None:
    from tocsin.rosters.on_duty import officers

    officer, other = here.person(), here.person()
    assert officers(here.center.pk, NOON) == {officer.pk, other.pk}
    here.weekly(officer, weekday=0)
    assert officers(here.center.pk, NOON) == {officer.pk}


def test_a_changed_pattern_keeps_what_is_the_same_and_what_was_agreed(here: Place) -> None:
    from tocsin.rosters import actions

    one, two = here.person(), here.person()
    pattern = here.weekly(one)
    first, second, third, *rest = here.shifts(pattern=pattern)
    actions.answer(actions.offer(first, two, one, NOON), True, two, NOON)
    actions.remove_shift(second, here.boss, NOON)
    actions.set_pattern(pattern, here.boss, NOON)
    assert [s.pk for s in here.shifts(pattern=pattern)] == [s.pk for s in (first, third, *rest)]
    pattern.start = time(9)
    actions.set_pattern(pattern, here.boss, NOON)
    after = here.shifts(pattern=pattern)
    assert (after[0].pk, after[0].person, after[0].starts_at.hour) == (first.pk, two, 6)
    assert {s.starts_at.hour for s in after[1:]} == {7}
    assert second.starts_at.date() not in {s.starts_at.date() for s in after}
    assert len(after) == 7


def test_a_pattern_given_to_another_takes_its_shifts_along(here: Place) -> None:
    from tocsin.rosters import actions

    one, two = here.person(), here.person()
    pattern = here.weekly(one)
    pattern.person = two
    actions.set_pattern(pattern, here.boss, NOON)
    assert {s.person for s in here.shifts()} == {two}
    assert len(here.shifts()) == 8


def test_an_ended_pattern_leaves_what_was_and_what_runs(here: Place) -> None:
    from tocsin.rosters import actions

    pattern = here.weekly(here.person())
    running = here.shifts()[1].starts_at + HOUR
    actions.end_pattern(pattern, here.boss, running)
    assert len(here.shifts()) == 2
    assert actions.plan_ahead(running) >= 0
    assert len(here.shifts()) == 2


def test_the_clock_never_makes_shifts_of_a_pattern_as_it_was(here: Place) -> None:
    from django.db import connection

    from tocsin.rosters import actions

    pattern = here.weekly(here.person())

    def clock() -> None:
        for _ in range(20):
            actions.plan_ahead(NOON)
        connection.close()

    clocks = [threading.Thread(target=clock) for _ in range(2)]
    for each in clocks:
        each.start()
    for hour in range(12):
        pattern.start = time(hour)
        actions.set_pattern(pattern, here.boss, NOON)
    for each in clocks:
        each.join()
    zone = ZoneInfo(here.center.time_zone)
    assert {s.starts_at.astimezone(zone).hour for s in here.shifts()} == {11}
    assert len(here.shifts()) == 8


def test_only_those_with_the_role_can_be_on_the_roster(here: Place) -> None:
    responder, gone, officer = here.person("responder"), here.person(until=NOON - DAY), here.person()
    officer.is_active = False
    officer.save()
    later = here.person(since=NOON + 10 * DAY)
    for person in (responder, gone, officer):
        assert refused(here.weekly, person) == "no_such_role"
        assert refused(here.shift, person) == "no_such_role"
    here.weekly(later)
    assert refused(here.shift, later) == "no_such_role"
    here.shift(later, NOON + 11 * DAY)


# ── single shifts, gaps, overlaps ───────────────────────────────────────────


def test_a_shift_takes_from_a_quarter_of_an_hour_to_a_day_and_is_not_past(here: Place) -> None:
    from tocsin.rosters import actions

    officer = here.person()
    for hours in (-1, 0, 0.2, 24.1):
        assert refused(here.shift, officer, NOON + DAY, hours) == "shift_length"
    past = (here.center, "duty_officer", officer, NOON - 2 * HOUR, NOON - HOUR, here.boss, NOON)
    assert refused(actions.add_shift, *past) == "shift_past"
    here.shift(officer, NOON, 0.25)
    here.shift(officer, NOON + DAY, 24)


def test_a_removed_shift_is_gone_and_does_not_come_back(here: Place) -> None:
    from tocsin.rosters import actions

    officer = here.person()
    here.weekly(officer)
    shift = here.shifts()[0]
    actions.remove_shift(shift, here.boss, NOON)
    actions.plan_ahead(NOON)
    assert shift.pk not in {s.pk for s in here.shifts()}
    assert len(here.shifts()) == 7
    assert refused(actions.remove_shift, shift, here.boss, NOON) == "shift_gone"
    single = here.shift(officer, NOON - HOUR)
    actions.remove_shift(single, here.boss, NOON)
    single.refresh_from_db()
    assert single.ends_at == NOON


def test_gaps_are_what_nobody_who_may_covers(here: Place) -> None:
    one, two = here.person(), here.person()
    assert here.week() == {"duty": "duty_officer", "kept": False, "shifts": [], "gaps": [], "overlaps": []}
    for weekday in range(7):
        here.weekly(one, weekday, time(0), 12 * 60, at=NOON - 7 * DAY)
        here.weekly(two, weekday, time(12), 12 * 60, at=NOON - 7 * DAY)
    assert here.week()["gaps"] == []
    # Two has left: their half of each day is a gap although it is written down.
    two.roles.update(until=NOON + 2 * DAY)
    found = here.week()
    assert [g["starts_at"].day for g in found["gaps"]] == [21, 22, 23, 24, 25]
    assert [s["counts"] for s in found["shifts"] if s["person"]["id"] == two.pk] == [True] * 2 + [False] * 5


def test_one_person_twice_at_once_is_an_overlap_and_two_together_are_not(here: Place) -> None:
    from tocsin.people.models import Role

    one, two = here.person(), here.person()
    Role.objects.create(person=one, center=here.center, name="responder", since=LONG_AGO)
    here.shift(one, NOON + DAY, 8)
    here.shift(two, NOON + DAY, 8)
    assert here.week()["overlaps"] == []
    here.shift(one, NOON + DAY + 6 * HOUR, 8, "responder")
    for duty in ("duty_officer", "responder"):
        assert here.week(duty=duty)["overlaps"] == [
            {
                "person": {"id": one.pk, "name": one.name},
                "starts_at": NOON + DAY + 6 * HOUR,
                "ends_at": NOON + DAY + 8 * HOUR,
            }
        ]
    assert here.week(duty="supervisor")["overlaps"] == []


def test_a_week_on_the_night_when_clocks_go_back_is_an_hour_longer_and_has_no_gap(here: Place) -> None:
    from tocsin.rosters import say

    here.center.time_zone = "Europe/Berlin"
    here.center.save()
    officers = [here.person() for _ in range(2)]
    for weekday in range(7):
        here.weekly(officers[weekday % 2], weekday, time(6), 12 * 60, at=NOON - 14 * DAY)
        here.weekly(officers[1 - weekday % 2], weekday, time(18), 12 * 60, at=NOON - 14 * DAY)
    days = say.week(here.center, date(2026, 10, 25), "en")["days"]
    assert [str(d["date"]) for d in days][::6] == ["2026-10-19", "2026-10-25"]
    assert days[6]["ends_at"] - days[6]["starts_at"] == 25 * HOUR
    assert here.week()["gaps"] == here.week()["overlaps"] == []


# ── swaps ───────────────────────────────────────────────────────────────────


def test_a_swap_moves_the_shift_when_it_is_accepted(here: Place) -> None:
    from tocsin.rosters import actions, say

    one, two, three = (here.person() for _ in range(3))
    shift = here.shift(one)
    to_two, to_three = actions.offer(shift, two, one, NOON), actions.offer(shift, three, one, NOON)
    assert actions.offer(shift, two, one, NOON) == to_two
    assert [s["id"] for s in say.swaps(one, NOON, "en")["by_me"]] == [to_two.pk, to_three.pk]
    assert here.shifts(person=one) == [shift]
    assert refused(actions.answer, to_two, True, three, NOON) == "swap_over"
    actions.answer(to_two, True, two, NOON)
    assert here.shifts(person=two) == [shift]
    assert refused(actions.answer, to_three, True, three, NOON) == "swap_over"
    assert say.swaps(three, NOON, "en") == {"to_me": [], "by_me": []}
    assert here.kinds() == ["shift_changed", "shift_swapped"]


def test_who_cannot_swap(here: Place) -> None:
    from tocsin.rosters import actions

    one, two, responder = here.person(), here.person(), here.person("responder")
    leaving = here.person(until=NOON + 2 * HOUR)
    shift = here.shift(one)
    assert refused(actions.offer, shift, one, two, NOON) == "not_your_shift"
    assert refused(actions.offer, shift, one, one, NOON) == "no_change"
    assert refused(actions.offer, shift, responder, one, NOON) == "no_such_role"
    assert refused(actions.offer, shift, leaving, one, NOON) == "no_such_role"
    assert refused(actions.offer, shift, two, one, shift.ends_at) == "shift_past"
    swap = actions.offer(shift, two, one, NOON)
    assert refused(actions.answer, swap, True, two, shift.ends_at) == "shift_past"
    two.roles.update(until=NOON + HOUR)
    assert refused(actions.answer, swap, True, two, NOON) == "no_such_role"
    assert here.shifts(person=one) == [shift]
    actions.remove_shift(shift, here.boss, NOON)
    assert refused(actions.answer, swap, False, two, NOON) == "swap_over"


def test_of_many_who_accept_at_once_one_has_the_shift(here: Place) -> None:
    from django.db import connection

    from tocsin.rosters import actions

    one, many = here.person(), [here.person() for _ in range(8)]
    for round_ in range(3):
        shift = here.shift(one, NOON + (round_ + 1) * DAY)
        swaps = [actions.offer(shift, each, one, NOON) for each in many]
        start = threading.Barrier(len(many) * 2)

        def accept(n: int, swaps: Any = swaps, start: Any = start) -> str:
            swap = swaps[n % len(many)]  # each presses twice
            start.wait()
            try:
                actions.answer(swap, True, many[n % len(many)], NOON)
                return "won"
            except Refused as refused:
                return refused.reason
            finally:
                connection.close()

        with ThreadPoolExecutor(len(many) * 2) as pool:
            answers = list(pool.map(accept, range(len(many) * 2)))
        assert sorted(answers) == ["swap_over"] * (2 * len(many) - 1) + ["won"]
        shift.refresh_from_db()
        assert shift.person == many[answers.index("won") % len(many)]
        assert shift.swaps.filter(accepted=True).count() == 1
        assert not shift.swaps.filter(answered_at=None).exists()


# ── hand-over, availability ─────────────────────────────────────────────────


def test_a_note_waits_until_another_officer_has_read_it(here: Place) -> None:
    from tocsin.rosters import actions, say

    one, two, three = (here.person() for _ in range(3))
    assert refused(actions.hand_over, here.center, "  \n", one, NOON) == "text_missing"
    note = actions.hand_over(here.center, " Gate 3 is open. ", one, NOON)
    assert [n["text"] for n in say.handovers(here.center)] == ["Gate 3 is open."]
    assert refused(actions.confirm, note, one, NOON) == "own_note"
    assert actions.confirm(note, two, NOON + HOUR).confirmed_by == two
    assert actions.confirm(note, three, NOON + 2 * HOUR).confirmed_by == two
    assert say.handovers(here.center) == []
    assert here.kinds() == ["handover_written", "handover_confirmed"]


def test_who_says_so_is_on_duty_as_a_responder_until_then(here: Place) -> None:
    from tocsin.rosters import actions
    from tocsin.rosters.on_duty import responders

    responder, officer = here.person("responder"), here.person()
    assert refused(actions.available, officer, here.center, 2, NOON) == "no_such_role"
    actions.available(responder, here.center, 2, NOON, -25.7, 28.2)
    assert responders(here.center.pk, NOON + HOUR) == [(responder.pk, -25.7, 28.2)]
    assert responders(here.center.pk, NOON + 3 * HOUR) == []
    actions.available(responder, here.center, 100, NOON + HOUR)
    assert responders(here.center.pk, NOON + 24 * HOUR) == [(responder.pk, None, None)]
    assert responders(here.center.pk, NOON + 26 * HOUR) == []
    assert actions.available(responder, here.center, 0, NOON + 2 * HOUR) is None
    assert responders(here.center.pk, NOON + 3 * HOUR) == []
    assert here.kinds() == ["responder_available", "responder_available", "responder_unavailable"]


def test_a_shift_or_a_word_of_somebody_without_the_role_puts_nobody_on_duty(here: Place) -> None:
    from tocsin.rosters import actions
    from tocsin.rosters.on_duty import officers, responders

    officer, other, responder = here.person(), here.person(), here.person("responder")
    here.shift(officer, NOON)
    actions.available(responder, here.center, 8, NOON)
    assert officers(here.center.pk, NOON + HOUR) == {officer.pk}
    officer.roles.update(until=NOON + HOUR)
    responder.roles.update(until=NOON + HOUR)
    assert officers(here.center.pk, NOON + 2 * HOUR) == {other.pk}
    assert responders(here.center.pk, NOON + 2 * HOUR) == []


def test_the_book_says_all_of_it_in_both_languages(here: Place) -> None:
    from tocsin.book.facts import Names, sentence
    from tocsin.rosters import actions

    one, two, responder = here.person(), here.person(), here.person("responder")
    actions.answer(actions.offer(here.shift(one), two, one, NOON), True, two, NOON)
    actions.confirm(actions.hand_over(here.center, "x", one, NOON), two, NOON)
    actions.available(responder, here.center, 1, NOON)
    actions.available(responder, here.center, 0, NOON)
    entries = here.world.book(here.code).entries()
    assert len(entries) == 6
    for entry in entries:
        zh, en = (sentence(entry["kind"], entry["facts"], None, lang, Names()) for lang in ("zh-hans", "en"))
        assert entry["kind"] not in (zh, en)
        assert "{" not in zh + en
    assert here.world.book(here.code).verdict().ok
