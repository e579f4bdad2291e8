"""Promise 1: an acknowledged press is never lost. Not with no GPS, an old position, a wrong clock, an unknown code."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.world import Town

BEIJING, GABORONE = (39.9, 116.4), (-24.65, 25.91)


def ago(**time: float) -> str:
    return (datetime.now(UTC) - timedelta(**time)).isoformat()


@pytest.mark.parametrize(
    ("what", "flags"),
    [
        ({"position": None}, ["no_fix"]),
        ({"position": (0.0, 0.0)}, ["null_island"]),
        ({"at": ago(days=365)}, ["wrong_clock"]),
        ({"at": ago(days=-365)}, ["wrong_clock"]),
        ({"at": ago(hours=2)}, ["late"]),
        ({"alarm": "alien_invasion"}, ["unknown_kind"]),
        ({"alarm": None}, []),
    ],
    ids=["no GPS", "0,0", "a clock a year slow", "a clock a year fast", "two hours late", "unknown kind", "no kind"],
)
def test_whatever_is_wrong_with_a_press_it_opens_an_incident_that_says_so(
    world: Town, place: str, what: dict[str, Any], flags: list[str]
) -> None:
    press = world.button(place).press(**{"alarm": "robbery", **what})
    assert (press.status, press.state, press.center_code, press.flags) == (201, "new", place, flags)
    assert press.alarm == ("other" if what.get("alarm", "") in (None, "alien_invasion") else "robbery")
    seen = world.desk(place).incident(press.incident)
    assert seen["flags"] == flags
    assert (seen["position"] is None) == ("position" in what), "an invalid place is shown to nobody"
    assert world.timeline(press.incident) == ["opened"]
    assert [step for step, _, done in world.steps(press.incident) if done is None] == [0]


def test_an_old_position_is_marked_as_old(world: Town, place: str) -> None:
    lat, lon = world.homes[place]
    press = world.button(place).send(
        kind="alarm", alarm="fire", position={"lat": lat, "lon": lon, "at": ago(minutes=30)}
    )
    assert (press.status, press.flags) == (201, ["old_fix"])
    assert datetime.fromisoformat(world.desk(place).incident(press.incident)["position"]["at"]) < datetime.now(UTC)


def test_an_unknown_kind_is_kept_as_it_was_sent(world: Town, place: str) -> None:
    press = world.button(place).press("alien_invasion")
    assert world.rows("SELECT raw FROM gates_signal WHERE id = %s", press.id) == [("alien_invasion",)]


def test_an_unknown_kind_of_signal_with_a_kind_of_alarm_is_an_alarm(world: Town, place: str) -> None:
    press = world.button(place).send(kind="mayday", alarm="medical")
    assert (press.status, press.alarm, press.state) == (201, "medical", "new")


@pytest.mark.parametrize("where", [BEIJING, GABORONE, (-89.0, 0.0), (90.0, 180.0), (-35.5, 19.0)])
def test_a_press_from_outside_of_every_area_falls_on_one_center(world: Town, where: tuple[float, float]) -> None:
    press = world.button("PTA").press(position=where)
    assert press.status == 201
    assert world.rows("SELECT 1 FROM centers_center WHERE code = %s", press.center_code) == [(1,)]
    if where == GABORONE:
        assert press.center_code == "NW", "Gaborone is nearest to the North West"


def test_a_member_without_a_center_and_without_gps_falls_on_the_root(world: Town) -> None:
    press = world.phone_of(world.member(None)).press(position=None)
    assert (press.status, press.center_code, press.flags) == (201, "NAT", ["no_fix"])
    assert press.incident in world.desk("NAT").queue()


def test_a_device_of_nobody_falls_on_its_place_and_alarms(world: Town, place: str) -> None:
    tracker = world.device("osmand", "770000000001", place)
    tracker.press()
    incident = world.desk(place).queue(center=place)[0]
    seen = world.desk(place).incident(incident)
    assert seen["person"] is None
    assert seen["device"]["identifier"] == tracker.identifier


def test_a_poisoned_signal_among_a_hundred_good_ones_harms_none_and_alarms_itself(world: Town, place: str) -> None:
    good = [world.button("PTA") for _ in range(100)]
    poisoned, poisoned_kind, blocker = world.button(place), world.button(place), world.button(place)
    with ThreadPoolExecutor(110) as many:
        with world.held_back():
            first = many.submit(blocker.press)
            presses = [many.submit(button.press) for button in good[:50]]
            bad = many.submit(poisoned.press, "robbery", text="help \0 me")
            worse = many.submit(poisoned_kind.press, "rob\0bery")
            presses += [many.submit(button.press) for button in good[50:]]
            time.sleep(0.7)  # they are on their way over real sockets
        answers = [p.result() for p in presses]
    assert [a.status for a in answers] == [201] * 100
    assert len({a.incident for a in answers}) == 100
    assert all(a.flags == [] for a in answers)
    assert world.stored(*[a.id for a in answers]) == 100
    for answer in (bad.result(), worse.result()):
        assert (answer.status, answer.state, answer.center_code) == (201, "new", place)
        assert world.timeline(answer.incident) == ["opened"]
        assert [step for step, _, _ in world.steps(answer.incident)] == [0], "somebody will be called"
    assert world.desk(place).incident(bad.result().incident)["timeline"][0]["note"] == "help  me"
    assert "unreadable" in worse.result().flags
    assert "\\x00" in world.rows("SELECT raw FROM gates_signal WHERE id = %s", worse.result().id)[0][0], "kept raw"
    assert first.result().status == 201


def test_a_poisoned_signal_that_is_resent_is_the_same_again(world: Town, place: str) -> None:
    button = world.button(place)
    first = button.press(text="help \0 me")
    again = button.send(first.id, **{"kind": "alarm", "alarm": "robbery", "text": "help \0 me"}, **button._at("home"))
    assert (first.status, again.status, again.incident) == (201, 200, first.incident)
    assert world.timeline(first.incident) == ["opened"]


def test_a_late_replay_after_closing_joins_the_closed_incident_and_rings_nobody(world: Town, place: str) -> None:
    button, desk = world.button(place), world.desk(place)
    press = button.press()
    desk.claim(press.incident)
    desk.close(press.incident)
    with desk.watching() as watch:
        replay = button.press(at=ago(minutes=6))
        assert (replay.status, replay.incident, replay.state) == (201, press.incident, "closed")
        assert "late" in replay.flags
        joined = watch.hears("joined", press.incident)
    assert joined.data["facts"].get("rings", False) is False
    assert desk.queue(center=place) == []
    assert world.steps(press.incident) == [] or all(done for _, _, done in world.steps(press.incident))
    assert desk.incident(press.incident)["state"] == "closed"


def test_a_new_press_after_closing_rings(world: Town, place: str) -> None:
    button, desk = world.button(place), world.desk(place)
    first = button.press()
    desk.claim(first.incident)
    desk.close(first.incident)
    second = button.press()
    assert second.status == 201
    assert second.incident != first.incident
    assert second.state == "new"
    assert desk.queue(center=place) == [second.incident]


def test_a_press_that_lay_in_a_phone_for_a_day_still_alarms(world: Town, place: str) -> None:
    press = world.button(place).press(at=ago(days=1))
    assert (press.status, press.state, press.flags) == (201, "new", ["late"])


def test_the_first_fix_after_a_press_without_gps_moves_it_to_the_right_center(world: Town) -> None:
    button = world.button("PTA")
    press = button.press(position=None)
    assert press.center_code == "PTA"
    with world.desk("CPT").watching() as watch:
        moved = button.moves(-33.92, 18.42)
        assert (moved.incident, moved.center_code) == (press.incident, "CPT")
        watch.hears("handed_over", press.incident)
    assert world.owner(press.incident) == "CPT"
    assert world.desk("CPT").queue()[-1:] != []
    assert press.incident in world.desk("CPT").queue(), "the right desk has it"
    assert press.incident in world.desk("PTA").queue(), "the desk that was called first keeps it in sight"
    assert world.timeline(press.incident) == ["opened", "handed_over"]
    button.moves(-25.74, 28.22)
    assert world.owner(press.incident) == "CPT", "only the first fix moves it"


def test_an_incident_that_somebody_claimed_is_not_moved_away_from_them(world: Town) -> None:
    button, desk = world.button("PTA"), world.desk("PTA")
    press = button.press(position=None)
    desk.claim(press.incident)
    button.moves(-33.92, 18.42)
    assert world.owner(press.incident) == "PTA"
    assert desk.incident(press.incident)["position"]["lat"] == -33.92


def test_no_position_is_lost_and_the_trail_runs_in_order(world: Town, place: str) -> None:
    button = world.button(place)
    press = button.press(position=None)
    lat, lon = world.homes[place]
    for n in range(5):
        assert button.moves(lat + n / 100, lon).status == 201
    trail = world.desk(place).incident(press.incident)["trail"]
    assert [round(point[1] - lat, 2) for point in trail] == [0, 0.01, 0.02, 0.03, 0.04]


def test_a_cancel_closes_nothing_and_asks_the_officer_to_call(world: Town, place: str) -> None:
    button, desk = world.button(place), world.desk(place)
    press = button.press()
    with desk.watching() as watch:
        button.cancel()
        watch.hears("cancel_requested", press.incident)
    seen = desk.incident(press.incident)
    assert seen["state"] == "new"
    assert seen["cancel_requested_at"]
    assert button.state(press.id).cancel_requested is True
    world.advance(seconds=61)
    assert "escalated" in world.timeline(press.incident)


def test_a_test_signal_is_written_and_alarms_nobody(world: Town, place: str) -> None:
    test = world.button(place).send(kind="test")
    assert (test.status, test.incident, test.state) == (201, None, "stored")
    assert [e["kind"] for e in world.book(place).entries()] == ["tested"]
    assert world.desk(place).queue(center=place) == []


def test_a_silent_alarm_stays_silent_however_often_it_is_pressed(world: Town, place: str) -> None:
    button = world.button(place)
    press = button.press(silent=True)
    button.press(silent=False)
    assert world.desk(place).incident(press.incident)["silent"] is True
