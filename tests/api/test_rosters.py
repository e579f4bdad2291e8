"""The roster in the partner API, in the member's app and as a calendar: who may see, change, take over."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from icalendar import Calendar

from tests.world import Button, Desk, Town, a_client

NOWHERE = 2**62


def post(desk: Desk, path: str, **body: Any) -> httpx.Response:
    return desk.client.post(f"{desk.doors[0]}/api/v1/{path}", json=body)


def done(desk: Desk, path: str, **body: Any) -> dict[str, Any]:
    response = post(desk, path, **body)
    assert response.is_success, response.text
    found: dict[str, Any] = response.json()
    return found


def weekly(place: str, person: int | None, **more: Any) -> dict[str, Any]:
    found = {"center": place, "duty": "duty_officer", "person": person, "weekday": 2, "start": "22:00", "minutes": 480}
    return {**found, "since": "2026-01-01", **more}


def single(place: str, person: int | None, hours: float = 24, length: float = 8, **more: Any) -> dict[str, Any]:
    start = datetime.now(UTC) + timedelta(hours=hours)
    times = {"starts_at": start.isoformat(), "ends_at": (start + timedelta(hours=length)).isoformat()}
    return {"center": place, "duty": "duty_officer", "person": person, **times, **more}


def duty(desk: Desk, name: str = "duty_officer", **params: Any) -> dict[str, Any]:
    response = desk.get("roster", center=desk.center, **params)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = next(d for d in response.json()["duties"] if d["duty"] == name)
    return found


@pytest.fixture
def boss(world: Town, place: str) -> Desk:
    return world.desk(place, "supervisor")


def test_a_pattern_is_made_changed_and_ended(world: Town, place: str, boss: Desk) -> None:
    officer, other = world.desk(place), world.desk(place)
    made = done(boss, "patterns", **weekly(place, officer.person))
    assert (made["start"], made["minutes"], made["person"]["id"]) == ("22:00:00", 480, officer.person)
    assert officer.get("patterns", center=place).json()["items"] == [made]
    later = (datetime.now(UTC) + timedelta(weeks=2)).date().isoformat()
    (shift,) = duty(officer, day=later)["shifts"]
    wall = datetime.fromisoformat(shift["starts_at"]).astimezone(ZoneInfo("Africa/Johannesburg"))
    assert (wall.hour, wall.weekday(), shift["counts"], shift["pattern"]) == (22, 2, True, made["id"])
    body = weekly(place, other.person, start="20:00")
    body.pop("center")
    done(boss, f"patterns/{made['id']}", **body)
    (shift,) = duty(officer, day=later)["shifts"]
    assert shift["person"]["id"] == other.person
    assert len(duty(officer, day=later)["gaps"]) == 2
    done(boss, f"patterns/{made['id']}/end")
    assert duty(officer, day=later) == {
        "duty": "duty_officer", "kept": False, "shifts": [], "gaps": [], "overlaps": [],
    }  # fmt: skip


def test_who_may_only_look_changes_nothing_and_a_stranger_does_not_even_look(
    world: Town, place: str, boss: Desk
) -> None:
    officer, director, responder = world.desk(place), world.desk("NAT", "director"), world.desk(place, "responder")
    shift = done(director, "shifts", **single(place, officer.person))["id"]
    pattern = done(boss, "patterns", **weekly(place, officer.person))["id"]
    strangers = [world.desk("DUR", "supervisor"), world.desk("DUR"), responder]
    for desk in (officer, world.desk(place, "auditor"), *strangers):
        assert post(desk, "patterns", **weekly(place, officer.person)).status_code == 404
        assert post(desk, f"patterns/{pattern}/end").status_code == 404
        assert post(desk, "shifts", **single(place, officer.person)).status_code == 404
        assert post(desk, f"shifts/{shift}/remove").status_code == 404
    for desk in strangers:
        for path in ("roster", "on-duty", "patterns"):
            assert desk.get(path, center=place).status_code == 404
        assert post(desk, "handovers", center=place, text="x").status_code == 404
    assert officer.get("roster", center=place).json()["edits"] is False
    assert boss.get("roster", center=place).json()["edits"] is True
    done(boss, f"shifts/{shift}/remove")
    assert post(boss, f"shifts/{shift}/remove").status_code == 404


def test_what_cannot_be_is_refused_with_a_reason(world: Town, place: str, boss: Desk) -> None:
    officer, responder = world.desk(place), world.desk(place, "responder")
    for body, reason in (
        (single(place, responder.person), "no_such_role"),
        (single(place, officer.person, length=25), "shift_length"),
        (single(place, officer.person, hours=-9), "shift_past"),
    ):
        answer = post(boss, "shifts", **body)
        assert (answer.status_code, answer.json()["reason"]) == (409, reason)
    for wrong in (
        {"weekday": 7}, {"minutes": 10}, {"minutes": 1441}, {"start": "25:00"}, {"duty": "cook"}, {"person": 2**63},
    ):  # fmt: skip
        assert post(boss, "patterns", **{**weekly(place, officer.person), **wrong}).status_code == 422
    assert post(boss, "shifts", **{**single(place, officer.person), "starts_at": "2026-11-23T08:00"}).status_code == 422
    assert post(boss, "shifts", **single(place, NOWHERE)).status_code == 404
    for day in ("0001-01-01", "9999-12-31"):
        assert boss.get("roster", center=place, day=day).status_code == 200


def test_who_is_on_now_and_what_is_missing(world: Town, place: str, boss: Desk) -> None:
    officer, other, responder = world.desk(place), world.desk(place), world.desk(place, "responder")

    def now() -> dict[str, Any]:
        found: dict[str, Any] = officer.get("on-duty", center=place).json()
        return found

    everybody = {(p["id"], p["duty"], p["by"]) for p in now()["people"]}
    assert everybody == {(d.person, "duty_officer", "role") for d in (officer, other)}
    assert now()["gap"] is None
    done(boss, "shifts", **single(place, other.person, hours=-1))
    day = (datetime.now(UTC).weekday() + 4) % 7
    done(boss, "patterns", **weekly(place, other.person, weekday=day))
    world_phone = world.phone_of(world_person(responder))
    tell(world_phone, "available", hours=2)
    assert [(p["id"], p["duty"], p["by"]) for p in now()["people"]] == [
        (other.person, "duty_officer", "shift"),
        (responder.person, "responder", "available"),
    ]
    hours = (datetime.fromisoformat(now()["gap"]["starts_at"]) - datetime.now(UTC)) / timedelta(hours=1)
    assert 6.9 < hours < 7.1


def test_a_shift_is_offered_and_taken_over(world: Town, place: str, boss: Desk) -> None:
    one, two, three = (world.desk(place) for _ in range(3))
    shift = done(boss, "shifts", **single(place, one.person))["id"]
    offered = [p["id"] for p in one.get("colleagues", center=place, duty="duty_officer").json()["items"]]
    assert offered == [d.person for d in (one, two, three)]
    assert post(two, f"shifts/{shift}/offer", to=three.person).status_code == 404
    swap = done(one, f"shifts/{shift}/offer", to=two.person)
    assert swap["shift"]["person"]["id"] == one.person
    assert post(three, f"swaps/{swap['id']}/accept").status_code == 404
    assert [s["id"] for s in two.get("swaps").json()["to_me"]] == [swap["id"]]
    done(two, f"swaps/{swap['id']}/decline")
    swap = done(one, f"shifts/{shift}/offer", to=three.person)
    assert done(three, f"swaps/{swap['id']}/accept")["accepted"] is True
    again = post(three, f"swaps/{swap['id']}/accept")
    assert (again.status_code, again.json()["reason"]) == (409, "swap_over")
    assert [s["id"] for s in three.get("shifts").json()["items"]] == [shift]
    assert one.get("shifts").json()["items"] == []


def test_a_hand_over_note_waits_for_the_next_officer(world: Town, place: str) -> None:
    one, two = world.desk(place), world.desk(place)
    with two.watching() as watch:
        note = done(one, "handovers", center=place, text="The gate at Church St is open.")
        watch.hears("handover_written")
    waiting = two.get("on-duty", center=place).json()["handovers"]
    assert [(n["id"], n["text"], n["author"]["id"]) for n in waiting] == [(note["id"], note["text"], one.person)]
    own = post(one, f"handovers/{note['id']}/confirm")
    assert (own.status_code, own.json()["reason"]) == (409, "own_note")
    assert post(world.desk("DUR"), f"handovers/{note['id']}/confirm").status_code == 404
    assert done(two, f"handovers/{note['id']}/confirm")["confirmed_by"]["id"] == two.person
    assert two.get("handovers", center=place).json()["items"] == []


# ── the app ─────────────────────────────────────────────────────────────────


def world_person(desk: Desk) -> Any:
    from tocsin.people.models import Person

    return Person.objects.get(pk=desk.person)


def look(phone: Button, path: str = "") -> httpx.Response:
    return phone.client.get(f"{phone.doors[0]}/app/duty{path}", headers={"Accept-Language": "en"})


def tell(phone: Button, path: str, **body: Any) -> httpx.Response:
    return phone.client.post(f"{phone.doors[0]}/app/duty/{path}", json=body, headers={"Accept-Language": "en"})


def test_the_app_shows_a_persons_duty_and_no_member_has_any(world: Town, place: str, boss: Desk) -> None:
    member, officer = world.button(place), world.desk(place)
    phone = world.phone_of(world_person(officer))
    for one, has in ((member, False), (phone, True)):
        assert one.client.get(f"{one.doors[0]}/app/me").json()["duty"] is has
    assert look(member).status_code == tell(member, "available", hours=1).status_code == 404
    with a_client() as nobody:
        assert nobody.get(f"{phone.doors[0]}/app/duty").status_code == 401
    done(boss, "shifts", **single(place, officer.person))
    seen = look(phone)
    assert seen.headers["Cache-Control"] == "no-store"
    assert [s["center"] for s in seen.json()["shifts"]] == [place]
    assert seen.json()["available"] is None
    assert tell(phone, "available", hours=1).status_code == 409  # an officer is no responder


def test_available_for_some_hours_with_or_without_a_place(world: Town, place: str) -> None:
    from tocsin.rosters.on_duty import responders

    responder = world.desk(place, "responder")
    phone = world.phone_of(world_person(responder))
    center = world.rows("SELECT id FROM centers_center WHERE code = %s", place)[0][0]
    for wrong in (-1, 25, "many", None, True):
        assert tell(phone, "available", hours=wrong).status_code == 422
    assert tell(phone, "available", hours=1, center="DUR").status_code == 404
    said = tell(phone, "available", hours=3, position={"lat": -25.7, "lon": 28.2}).json()["available"]
    assert (said["center"], said["placed"]) == (place, True)
    assert responders(center, datetime.now(UTC)) == [(responder.person, -25.7, 28.2)]
    for odd in ({"lat": 91, "lon": 0}, {"lat": "a"}, [1, 2], None):
        assert tell(phone, "available", hours=3, position=odd).json()["available"]["placed"] is False
    assert tell(phone, "available", hours=0).json()["available"] is None
    assert responders(center, datetime.now(UTC)) == []


def test_a_swap_by_phone(world: Town, place: str, boss: Desk) -> None:
    one, two = world.desk(place), world.desk(place)
    theirs, mine = (world.phone_of(world_person(d)) for d in (one, two))
    shift = done(boss, "shifts", **single(place, one.person))["id"]
    assert [p["id"] for p in look(theirs, f"/shifts/{shift}/colleagues").json()["items"]] == [two.person]
    assert look(mine, f"/shifts/{shift}/colleagues").status_code == 404
    offered = tell(theirs, f"shifts/{shift}/offer", to=two.person).json()["swaps"]["by_me"][0]
    assert tell(theirs, f"swaps/{offered['id']}/accept").status_code == 404
    assert tell(mine, f"swaps/{offered['id']}/accept").json()["shifts"][0]["id"] == shift
    late = tell(mine, f"swaps/{offered['id']}/decline")
    assert (late.status_code, late.json()["detail"]) == (409, "This swap was answered already")


# ── the calendar ────────────────────────────────────────────────────────────


def events(url: str, door: str) -> dict[str, Any]:
    with a_client() as client:
        answer = client.get(door + url[url.index("/calendar/") :])
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    return {str(e["UID"]): e for e in Calendar.from_ical(answer.content).walk("VEVENT")}


def test_the_calendar_holds_what_is_mine_and_loses_what_is_not(world: Town, place: str, boss: Desk) -> None:
    one, two = world.desk(place), world.desk(place)
    first, second = (done(boss, "shifts", **single(place, one.person, hours))["id"] for hours in (24, 48))
    assert one.get("calendar").json() == {"linked": False, "url": None}
    url = done(one, "calendar")["url"]
    assert one.get("calendar").json() == {"linked": True, "url": None}
    found = events(url, one.doors[0])
    assert len(found) == 2
    begins = [e["DTSTART"].dt for e in found.values()]
    assert all(b.utcoffset() == timedelta() for b in begins)
    assert {str(e["SUMMARY"]).split(" · ")[0] for e in found.values()} == {"值班员"}
    done(boss, f"shifts/{first}/remove")
    after = events(url, one.doors[0])
    assert set(after) == {uid for uid in found if f"shift-{second}@" in uid}
    swap = done(one, f"shifts/{second}/offer", to=two.person)["id"]
    done(two, f"swaps/{swap}/accept")
    assert events(url, one.doors[0]) == {}
    assert set(events(done(two, "calendar")["url"], one.doors[0])) == set(after)


def test_only_the_newest_key_opens_the_calendar(world: Town, place: str) -> None:
    officer = world.desk(place)
    old, new = done(officer, "calendar")["url"], done(officer, "calendar")["url"]
    assert world.rows("SELECT count(*) FROM rosters_feed WHERE person_id = %s", officer.person) == [(1,)]
    events(new, officer.doors[0])
    done(officer, "calendar/revoke")
    with a_client() as client:
        for url in (old, new, "/calendar/x.ics", "/calendar/a b.ics"):
            answer = client.get(officer.doors[0] + url[url.index("/calendar/") :])
            assert answer.status_code == 404
