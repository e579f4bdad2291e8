"""Promise 7, in its first form: nobody sees an incident outside of their role."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.world import Desk, Town

VERBS: dict[str, dict[str, object]] = {
    "claim": {},
    "release": {"reason": "x"},
    "hand-over": {"center": "JNB", "reason": "x"},
    "dispatch": {"kind": "police"},
    "mark": {"state": "on_scene"},
    "note": {"text": "x"},
    "resolve": {},
    "close": {"outcome": "genuine"},
    "reopen": {"reason": "x"},
    "merge": {"into": 1},
    "unmerge": {},
    "classify": {"alarm": "fire"},
}


def sees_nothing(desk: Desk, place: str, incident: int) -> None:
    assert incident not in desk.queue()
    assert desk.get("incidents", center=place).status_code == 404
    assert desk.get(f"incidents/{incident}").status_code == 404
    assert desk.get("book", center=place).status_code == 404
    assert desk.get("responders", center=place).status_code == 404
    may_do_nothing(desk, place, incident)
    with desk.watching(center=place) as watch:
        assert watch.status == 404


def may_do_nothing(desk: Desk, place: str, incident: int) -> None:
    for verb, body in VERBS.items():
        assert desk.do(verb, incident, **body).status_code == 404, verb
    opening = desk.client.post(f"{desk.doors[0]}/api/v1/incidents", json={"center": place})
    assert opening.status_code == 404


def test_a_stranger_learns_as_much_of_an_incident_as_of_one_that_does_not_exist(world: Town, place: str) -> None:
    desk, press = world.desk("DUR"), world.button(place).press()
    there, nowhere = desk.get(f"incidents/{press.incident}"), desk.get("incidents/999999999")
    assert there.json() == nowhere.json()
    assert there.headers["content-type"] == nowhere.headers["content-type"]


@pytest.mark.parametrize("role", ["duty_officer", "supervisor", "director"])
def test_staff_of_another_center_see_nothing(world: Town, place: str, role: str) -> None:
    press = world.button(place).press()
    sees_nothing(world.desk("DUR", role), place, press.incident)
    sees_nothing(world.desk("KZN", role), place, press.incident)
    assert world.timeline(press.incident) == ["opened"]


@pytest.mark.parametrize("role", ["responder", "member", "editor", "administrator"])
def test_roles_that_do_not_say_so_see_nothing_of_their_own_center(world: Town, place: str, role: str) -> None:
    press = world.button(place).press()
    sees_nothing(world.desk(place, role), place, press.incident)


@pytest.mark.parametrize("role", ["supervisor", "director"])
def test_a_supervisor_of_the_parent_sees_and_acts(world: Town, place: str, role: str) -> None:
    press = world.button(place).press()
    for above in ("GP", "NAT"):
        desk = world.desk(above, role)
        assert press.incident in desk.queue()
        assert press.incident in desk.queue(center=place)
        assert desk.incident(press.incident)["center"] == place
        assert desk.get("book", center=place).json()["head"] == 1
        with desk.watching(center=place) as watch:
            assert watch.status == 200
    assert desk.claim(press.incident)["mine"] is True


def test_an_officer_of_the_parent_sees_only_what_was_escalated(world: Town, place: str) -> None:
    desk, press = world.desk("GP"), world.button(place).press()
    sees_nothing(desk, place, press.incident)
    world.advance(seconds=61)
    assert desk.incident(press.incident)["state"] == "new"
    assert desk.get("book", center=place).status_code == 404, "the book of the other center stays closed"


@pytest.mark.parametrize("role", ["auditor", "liaison"])
def test_those_who_look_may_not_act(world: Town, place: str, role: str) -> None:
    desk, press = world.desk(place, role), world.button(place).press()
    assert desk.incident(press.incident)["verbs"] == []
    assert desk.get("book", center=place).status_code == 200
    may_do_nothing(desk, place, press.incident)


def test_a_role_that_has_ended_or_not_begun_sees_nothing(world: Town, place: str) -> None:
    press, now = world.button(place).press(), datetime.now(UTC)
    sees_nothing(world.desk(place, until=now - timedelta(seconds=1)), place, press.incident)
    sees_nothing(world.desk(place, since=now + timedelta(hours=1)), place, press.incident)


def test_after_a_hand_over_the_new_owner_sees_it_and_the_old_one_still_does(world: Town, place: str) -> None:
    desk, press = world.desk(place), world.button(place).press()
    desk.claim(press.incident)
    desk.done("hand-over", press.incident, center="DUR", reason="it is theirs")
    assert press.incident in world.desk("DUR").queue(center="DUR")
    assert press.incident in desk.queue(center=place)


def test_nobody_merges_into_an_incident_that_they_cannot_see(world: Town, place: str) -> None:
    mine, theirs = world.button(place).press(), world.button("DUR").press()
    refused = world.desk(place).do("merge", mine.incident, into=theirs.incident)
    assert (refused.status_code, refused.json()["reason"]) == (409, "no_such_incident")
    assert world.timeline(theirs.incident) == ["opened"]


def test_one_may_follow_ones_own_press_and_no_other(world: Town, place: str) -> None:
    mine, yours = world.button(place), world.button(place)
    press, desk = mine.press(), world.desk(place)
    assert mine.state(press.id).state == "new"
    assert mine.state(press.id).claimed_by is None
    assert yours.state(press.id).status == 404
    desk.claim(press.incident)
    desk.dispatch(press.incident, to="Unit 7")
    seen = mine.state(press.id)
    assert (seen.status, seen.state, seen.claimed_by) == (200, "dispatched", desk.name)
    assert seen.dispatched == [{"who": "Unit 7", "state": "sent"}]
    desk.close(press.incident)
    assert (mine.state(press.id).state, mine.state(press.id).outcome) == ("closed", "genuine")
