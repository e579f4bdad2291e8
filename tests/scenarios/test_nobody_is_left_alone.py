"""Promise 3: every open incident has one owning center and one next deadline, until a person claims it."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from tests.world import Desk, Town, until


def rang_at(world: Town, incident: int) -> list[tuple[float, list[str]]]:
    """Seconds after the (last) start of each escalation done, and the centers that it rang at."""
    codes = dict(world.rows("SELECT id, code FROM centers_center"))
    opened = world.rows("SELECT opened_at FROM incidents_incident WHERE id = %s", incident)[0][0]
    entries = world.rows(
        "SELECT at, facts FROM book_entry WHERE incident_id = %s AND kind = 'escalated' AND NOT echo ORDER BY at",
        incident,
    )
    return [((at - opened).total_seconds(), [codes[c] for c in facts["to_centers"]]) for at, facts in entries]


def next_step(world: Town, incident: int) -> int | None:
    pending = [step for step, _, done in world.steps(incident) if done is None]
    assert len(pending) <= 1, "one next deadline"
    return pending[0] if pending else None


def test_unclaimed_it_rings_at_the_parent_after_60_s_at_all_up_to_the_root_after_120_s_then_every_60_s(
    world: Town, place: str
) -> None:
    press = world.button(place).press()
    world.advance(seconds=59)
    assert rang_at(world, press.incident) == []
    world.advance(seconds=242)
    everybody = [place, "GP", "NAT"]
    assert rang_at(world, press.incident) == [
        (60, [place, "GP"]),
        (120, everybody),
        (180, everybody),
        (240, everybody),
        (300, everybody),
    ]


def test_each_center_that_is_called_sees_it_and_hears_it(world: Town, place: str) -> None:
    city, province, root = (world.desk(code) for code in (place, "GP", "NAT"))
    with city.watching() as city_hears, province.watching() as province_hears, root.watching() as root_hears:
        press = world.button(place).press()
        city_hears.hears("opened", press.incident)
        assert press.incident not in province.queue(), "a parent's officer sees what was escalated, and only then"
        world.advance(seconds=61)
        city_hears.hears("escalated", press.incident)
        province_hears.hears("escalated", press.incident)
        assert press.incident in province.queue()
        assert press.incident not in root.queue()
        assert root_hears.events == [] or press.incident not in [e.data.get("incident") for e in root_hears.events]
        world.advance(seconds=60)
        root_hears.hears("escalated", press.incident)
        assert press.incident in root.queue()
    assert city.incident(press.incident)["centers"] == [place, "GP", "NAT"]
    assert city.incident(press.incident)["center"] == place, "it has one owner all the time"


@pytest.mark.parametrize(
    "seconds",
    [0, 11, 31, 61, 121, 181],
    ids=["at once", "after the texts", "after the calls", "after the parent", "after all", "again"],
)
def test_a_claim_stops_it_at_each_step(world: Town, place: str, seconds: float) -> None:
    desk, press = world.desk(place), world.button(place).press()
    world.advance(seconds=seconds)
    rang = rang_at(world, press.incident)
    assert desk.claim(press.incident)["escalation"] is None
    world.advance(minutes=10)
    assert rang_at(world, press.incident) == rang
    assert next_step(world, press.incident) is None


def test_the_parent_may_claim_what_was_escalated_to_it(world: Town, place: str) -> None:
    press = world.button(place).press()
    world.advance(seconds=61)
    world.desk("GP").claim(press.incident)
    world.advance(minutes=5)
    assert len(rang_at(world, press.incident)) == 1


def released(desk: Desk, incident: int) -> None:
    desk.claim(incident)
    desk.done("release", incident, reason="shift ends")


def reopened(desk: Desk, incident: int) -> None:
    desk.claim(incident)
    desk.close(incident)
    desk.done("reopen", incident, reason="they called again")


def handed_over(desk: Desk, incident: int) -> None:
    desk.claim(incident)
    desk.done("hand-over", incident, center="JNB", reason="it is theirs")


def unmerged(desk: Desk, incident: int) -> None:
    other = desk.client.post(f"{desk.doors[0]}/api/v1/incidents", json={"center": desk.center}).json()["id"]
    desk.done("merge", incident, into=other)
    desk.claim(other)
    desk.done("unmerge", incident)


@pytest.mark.parametrize("given_back", [released, reopened, handed_over, unmerged])
def test_given_back_it_starts_from_the_beginning(world: Town, place: str, given_back: object) -> None:
    desk, press = world.desk(place), world.button(place).press()
    world.advance(seconds=61)
    assert next_step(world, press.incident) == 5
    given_back(desk, press.incident)  # type: ignore[operator]
    assert desk.incident(press.incident)["state"] == "new"
    assert next_step(world, press.incident) == 0
    due = next(due for _, due, done in world.steps(press.incident) if done is None)
    assert due <= datetime.now(UTC)
    world.ahead = timedelta()  # the present again
    world.advance(seconds=61)
    owner = "JNB" if given_back is handed_over else place
    assert rang_at(world, press.incident)[-1][1] == [owner, "GP"]


def test_a_press_on_an_incident_that_everybody_forgot_rings_anew(world: Town, place: str) -> None:
    button, desk = world.button(place), world.desk(place)
    press = button.press()
    desk.claim(press.incident)
    world.rows(
        "UPDATE incidents_incident SET touched_at = touched_at - interval '31 minutes' WHERE id = %s", press.incident
    )
    with desk.watching() as watch:
        again = button.press()
        assert watch.hears("joined", press.incident).data["facts"]["rings"] is True
    assert (again.incident, again.state) == (press.incident, "new")
    assert next_step(world, press.incident) == 0
    assert desk.incident(press.incident)["claimed_by"] is None


def test_a_press_on_an_incident_that_somebody_works_on_does_not_take_it_from_them(world: Town, place: str) -> None:
    button, desk = world.button(place), world.desk(place)
    press = button.press()
    desk.claim(press.incident)
    assert button.press().state == "claimed"
    assert next_step(world, press.incident) is None
    assert desk.incident(press.incident)["mine"] is True


def test_closing_and_merging_end_the_escalation(world: Town, place: str) -> None:
    desk, one, other = world.desk(place), world.button(place).press(), world.button(place).press()
    desk.done("merge", one.incident, into=other.incident)
    assert next_step(world, one.incident) is None
    assert next_step(world, other.incident) == 0
    desk.claim(other.incident)
    desk.close(other.incident, "duplicate")
    world.advance(minutes=5)
    assert rang_at(world, one.incident) == rang_at(world, other.incident) == []


def test_four_clocks_at_once_do_no_step_twice(world: Town) -> None:
    from django.db import connection

    from tocsin.centers.network import load
    from tocsin.escalation.stages import escalate

    incidents = [world.button("DUR").press().incident for _ in range(25)]
    at, done = datetime.now(UTC) + timedelta(seconds=1), []

    def clock() -> None:
        try:
            network = load()
            while number := escalate(network, at, most=3):
                done.append(number)
        finally:
            connection.close()

    clocks = [threading.Thread(target=clock) for _ in range(4)]
    for thread in clocks:
        thread.start()
    for thread in clocks:
        thread.join()
    assert sum(done) == 50, "the plan is chosen, and its first stage"
    for incident in incidents:
        assert [step for step, _, _ in world.steps(incident)] == [0, 1, 2]
    assert world.book("DUR").verdict().ok


def test_a_claim_and_a_step_at_the_same_moment_leave_nobody_ringing(world: Town, place: str) -> None:
    """Whichever is first, after the claim no deadline is left."""
    from django.db import connection

    from tocsin.centers.network import load
    from tocsin.escalation.stages import escalate

    def step() -> None:
        try:
            for seconds in (1, 2, 12, 32, 62):
                escalate(load(), datetime.now(UTC) + timedelta(seconds=seconds))
        finally:
            connection.close()

    desk = world.desk(place)
    for _ in range(6):
        press = world.button(place).press()
        thread = threading.Thread(target=step)
        thread.start()
        desk.claim(press.incident)
        thread.join()
        assert next_step(world, press.incident) is None
        assert world.timeline(press.incident) in (["opened", "claimed"], ["opened", "escalated", "claimed"])


def test_killed_clocks_do_each_step_once_and_to_the_second(world: Town, place: str) -> None:
    """Two real clocks in real time; one is killed and started again, then the other. A deadline is a column."""
    presses = [world.button(place).press() for _ in range(10)]
    world.advance(seconds=31)  # the stages before the first that rings further
    for n, press in enumerate(presses):  # so that the test need not wait for it
        world.rows(
            "UPDATE escalation_step SET due = now() + %s * interval '1 s' WHERE incident_id = %s AND done_at IS NULL",
            2 + n / 2,
            press.incident,
        )
    world.run("clock")
    world.run("clock two")
    until(lambda: world.steps(presses[0].incident)[4][2], 8, "the first step")
    world.kill("clock")
    until(lambda: world.steps(presses[4].incident)[4][2], 8, "the fifth step")
    world.run("clock")
    until(lambda: (world.health()[1]["clock"]["age"] or 99) < 3, 8, "a pulse")
    until(lambda: world.steps(presses[6].incident)[4][2], 8, "the seventh step")
    world.kill("clock two")
    until(lambda: world.steps(presses[9].incident)[4][2], 8, "the last step")
    late = []
    for press in presses:
        (number, due, done), *following = world.steps(press.incident)[4:]
        assert number == 4
        assert done
        late.append((done - due).total_seconds())
        assert [step for step, _, _ in following] == [5]
        assert world.timeline(press.incident) == ["opened", "escalated"]
    assert min(late) >= 0, "never early"
    assert sorted(late)[len(late) // 2] < 1, "exact to the second"
    assert max(late) < 5, "also while a clock is killed and another starts on a busy machine"


def test_after_an_outage_of_the_clock_overdue_steps_are_done_at_once_and_not_all_together(
    world: Town, place: str
) -> None:
    press = world.button(place).press()
    world.advance(seconds=1)
    world.rows(
        "UPDATE escalation_step SET due = due - interval '10 minutes' WHERE incident_id = %s AND done_at IS NULL",
        press.incident,
    )
    world.rows("UPDATE escalation_run SET started_at = started_at - interval '10 minutes'")
    world.run("clock")
    until(lambda: world.steps(press.incident)[2][2], 8, "the overdue step")
    *_, (_, _, done), (number, due, _) = world.steps(press.incident)
    assert number == 3
    assert done
    assert due - done >= timedelta(seconds=5)


def test_every_open_incident_has_one_owner_and_while_new_one_deadline(world: Town) -> None:
    """Whatever the other tests of this session did: no press was left without a center."""
    assert world.rows("SELECT id FROM incidents_incident WHERE center_id IS NULL OR centers[1] <> center_id") == []
    press = world.button("PTA").press()
    assert next_step(world, press.incident) == 0
