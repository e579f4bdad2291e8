"""Patterns of looking, for auditors alone."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.looks.looking import post
from tests.world import Town


def test_an_auditor_sees_who_looks_much_at_night_without_an_alarm_and_by_broken_glass(world: Town, place: str) -> None:
    from tocsin.looks.write import note
    from tocsin.people.models import Person

    auditor, busy, odd = world.desk(place, "auditor"), world.desk(place), world.desk(place)
    button = world.button(place)
    busy.incident(button.press().incident)
    members = [world.member(place) for _ in range(3)]
    night = (datetime.now(UTC) - timedelta(days=1)).replace(hour=0, minute=30)  # 02:30 in South Africa
    noon = night.replace(hour=10)
    person = Person.objects.get(pk=odd.person)
    for member in members:
        note(person, "profile", member, night)
    note(person, "profile", members[0], noon)
    assert post(odd, f"people/{members[1].pk}/glass", reason="a reason that says enough").status_code == 200
    found = auditor.get("looks/patterns", center=place).json()["items"]
    rows = {row["person"]["id"]: row for row in found}
    assert found[0]["person"]["id"] == odd.person, "who has most to explain comes first"
    row = rows[odd.person]
    assert (row["people"], row["glass"]) == (3, 1)
    assert row["night"] in (3, 5)  # the last two were made just now, which may be at night
    assert row["looks"] == row["without"] == 6  # four visits, the glass, and what it opened
    assert rows[busy.person]["without"] == 0
    theirs = auditor.get(f"looks/by/{odd.person}", center=place).json()["items"]
    assert {look["kind"] for look in theirs} == {"profile", "glass"}
    assert all("of" not in look or look["of"] is None for look in theirs), "whom is not the auditor's to know"
    above = world.desk("GP", "auditor").get("looks/patterns", center=place)
    assert above.status_code == 200


@pytest.mark.parametrize("role", ["duty_officer", "supervisor", "director", "administrator", "liaison", "responder"])
def test_nobody_else_does(world: Town, place: str, role: str) -> None:
    desk = world.desk(place, role)
    assert desk.get("looks/patterns", center=place).status_code == 404
    assert desk.get(f"looks/by/{desk.person}", center=place).status_code == 404


def test_an_auditor_of_another_center_does_not(world: Town, place: str) -> None:
    assert world.desk("DUR", "auditor").get("looks/patterns", center=place).status_code == 404
