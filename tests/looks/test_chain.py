"""Looks are numbered and sealed by the database, folded, and never changed; and they hold up no alarm."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from tests.looks.looking import kinds, verdict
from tests.world import Town


def note(by: Any, kind: str, of: Any, at: datetime, **more: Any) -> int:
    from tocsin.looks.write import note

    return note(by, kind, of, at, **more)


def test_the_same_look_within_ten_minutes_is_one(world: Town, place: str) -> None:
    officer, other, member, now = (*(world.member(place) for _ in range(3)), datetime.now(UTC))
    assert note(officer, "profile", member, now) == 1
    assert note(officer, "profile", member, now + timedelta(minutes=9)) == 0
    assert note(officer, "device", member, now + timedelta(minutes=9), what="7") == 1
    assert note(other, "profile", member, now + timedelta(minutes=9)) == 1
    assert note(officer, "profile", member, now + timedelta(minutes=11)) == 1
    assert note(member, "profile", member, now) == 0, "looking at oneself is no look"
    assert kinds(world, member.pk) == ["profile", "device", "profile", "profile"]
    assert verdict(world, place).ok


def test_many_at_once_leave_a_chain_without_gaps(world: Town, place: str) -> None:
    from django.db import connection

    officers, member, now = [world.member(place) for _ in range(8)], world.member(place), datetime.now(UTC)

    def look(officer: Any) -> int:
        try:
            return sum(note(officer, "device", member, now, what=str(n)) for n in range(10))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(look, officers)) == 80
    found = verdict(world, place)
    assert (found.ok, found.entries) == (True, 80)


@pytest.mark.parametrize(
    "change", ["why = 'incident'", "actor_id = actor_id + 1", "at = at + interval '1 hour'", "glass = true"]
)
def test_an_altered_look_is_found(world: Town, place: str, change: str) -> None:
    officer, member, now = world.member(place), world.member(place), datetime.now(UTC)
    for what in ("1", "2", "3"):
        note(officer, "device", member, now, what=what)
    ours = f"center_id = (SELECT id FROM centers_center WHERE code = '{place}')"
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        world.rows(f"UPDATE looks_look SET {change} WHERE {ours}")
    with psycopg.connect(world.dsn) as line:  # as somebody who owns the database would
        line.execute("ALTER TABLE looks_look DISABLE TRIGGER append_only")
        line.execute(f"UPDATE looks_look SET {change} WHERE {ours} AND number = 2")
        line.execute("ALTER TABLE looks_look ENABLE TRIGGER append_only")
    found = verdict(world, place)
    assert (found.ok, found.first_bad) == (False, 2)


def test_a_look_that_was_taken_out_is_missed(world: Town, place: str) -> None:
    officer, member, now = world.member(place), world.member(place), datetime.now(UTC)
    for what in ("1", "2"):
        note(officer, "device", member, now, what=what)
    ours = f"center_id = (SELECT id FROM centers_center WHERE code = '{place}')"
    with psycopg.connect(world.dsn) as line:
        line.execute("ALTER TABLE looks_look DISABLE TRIGGER USER")
        line.execute(f"DELETE FROM looks_look WHERE {ours} AND number = 2")
        line.execute("ALTER TABLE looks_look ENABLE TRIGGER USER")
    assert not verdict(world, place).ok


@pytest.mark.parametrize("role", ["tocsin_web", "tocsin_service"])
def test_nobody_who_merely_writes_writes_a_look_past_the_function(world: Town, role: str) -> None:
    for statement in (
        "INSERT INTO looks_look (center_id, number, at, kind, role, what, why, glass, hash) "
        "VALUES (1, 1, now(), 'profile', '', '', 'incident', false, '')",
        "UPDATE looks_head SET number = number + 1",
        "DELETE FROM looks_look",
        "INSERT INTO looks_start (center_id, number, hash) VALUES (1, 1, '')",
        *(("SELECT looks_forget(now(), 10, '{}')",) if role == "tocsin_web" else ()),
    ):
        with psycopg.connect(world.dsn, autocommit=True) as line, pytest.raises(psycopg.errors.InsufficientPrivilege):
            line.execute(f"SET ROLE {role}")
            line.execute(statement)


def test_a_look_waits_for_no_entry_of_the_book(world: Town, place: str) -> None:
    """Somebody holds the head of the book, as a batch of alarms does: the desk opens the incident all the same."""
    press, desk = world.button(place).press(), world.desk(place)
    with psycopg.connect(world.dsn) as line:
        line.execute(
            "SELECT FROM book_head h JOIN centers_center c ON c.id = h.center_id WHERE c.code = %s FOR UPDATE OF h",
            (place,),
        )
        assert desk.incident(press.incident)["state"] == "new", "answered while the head is held"
        line.rollback()
    rows = world.rows("SELECT kind FROM looks_look WHERE incident_id = %s", press.incident)
    assert rows == [("incident",)]


def test_looks_of_three_years_ago_go_from_the_beginning_and_the_rest_is_proven(world: Town, place: str) -> None:
    from tocsin.privacy import keeping

    officer, member, now = world.member(place), world.member(place), datetime.now(UTC)
    for what, days in (("1", 1200), ("2", 1150), ("3", 1100), ("4", 1000), ("5", 0)):
        note(officer, "device", member, now - timedelta(days=days), what=what)
    before = world.rows("SELECT number, hash FROM looks_look WHERE of_id = %s ORDER BY number", member.pk)
    assert keeping.sweep("looks", now, 2) == 2
    assert keeping.sweep("looks", now) == 1
    assert keeping.sweep("looks", now) == 0
    left = world.rows("SELECT number, hash FROM looks_look WHERE of_id = %s ORDER BY number", member.pk)
    assert left == before[3:], "the others are as they were"
    assert (verdict(world, place).ok, verdict(world, place).entries) == (True, 2)
    note(officer, "device", member, now, what="6")
    assert (verdict(world, place).ok, verdict(world, place).entries) == (True, 3)
    gone = "DELETE FROM looks_look WHERE of_id = %s AND number = %s"
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="a year at the least"):
        world.rows(gone, member.pk, 5)
    world.rows(gone, member.pk, 4)
    assert (verdict(world, place).ok, verdict(world, place).first_bad) == (False, 4), "taken out past the function"


def test_what_is_held_stays_with_all_behind_it(world: Town, place: str) -> None:
    from tocsin.incidents.models import Incident
    from tocsin.people.models import Person
    from tocsin.privacy import holds, keeping

    director, button = world.desk(place, "director"), world.button(place)
    press, now = button.press(), datetime.now(UTC)
    officer, person = world.member(place), world.person_of(button)
    old = now - timedelta(days=1200)
    note(officer, "device", person, old, what="1")
    note(officer, "incident", person, old, incident=press.incident)
    note(officer, "device", person, old, what="2")
    incident, by = Incident.objects.get(pk=press.incident), Person.objects.get(pk=director.person)
    holds.hold(incident, "a case at court", now + timedelta(days=9), by, now)
    assert keeping.sweep("looks", now) == 1
    assert kinds(world, person.pk) == ["incident", "device"]
    assert verdict(world, place).ok


def test_the_time_of_looks_is_shortened_to_a_year_and_no_further(world: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from tocsin.privacy import keeping

    for given, days in (("365", 365), ("364", 1095), ("1096", 1095)):
        monkeypatch.setenv("TOCSIN_KEEP_LOOKS", given)
        assert keeping.days("looks") == days


def test_reasons_go_with_them(world: Town, place: str) -> None:
    from tests.looks.looking import post
    from tocsin.looks.models import Glass
    from tocsin.privacy import keeping

    desk, member = world.desk(place), world.member(place)
    assert post(desk, f"people/{member.pk}/glass", reason="a reason that says enough").status_code == 200
    assert Glass.objects.get(of=member).reason
    world.rows("UPDATE looks_glass SET at = at - interval '1100 days' WHERE of_id = %s", member.pk)
    keeping.sweep("looks", datetime.now(UTC))
    assert Glass.objects.get(of=member).reason is None


def test_a_new_center_has_a_chain_from_its_first_moment(world: Town, place: str) -> None:
    assert (verdict(world, place).ok, verdict(world, place).entries) == (True, 0)
