"""Break the glass: a stated reason, thirty minutes, and everybody concerned hears of it at once."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.looks.looking import at_me, post
from tests.world import Town

REASON = "The family called: nobody has heard from her for two days"


def told(world: Town) -> dict[int, dict[str, Any]]:
    rows = world.rows("SELECT person_id, \"values\" FROM notifications_delivery WHERE message = 'glass'")
    return dict(rows)


def test_without_an_alarm_a_member_is_a_name_until_the_glass_is_broken(world: Town, place: str) -> None:
    desk, director = world.desk(place), world.desk(place, "director")
    member = world.member(place, name="Wang Fang", phone="+27825550311")
    world.rows("UPDATE people_person SET phone = '+27825550312' WHERE id = %s", director.person)
    phone = world.phone_of(member)

    found = desk.get("people", center=place, q="wang").json()["items"]
    assert found == [{"id": member.pk, "name": "Wang Fang"}]
    seen = desk.get(f"people/{member.pk}").json()
    assert (seen["visible"], seen["phone"], seen["devices"], seen["languages"]) == (False, None, [], [])
    assert [look["said"] for look in at_me(phone)] == ["found your name among the members"]

    refused = post(desk, f"people/{member.pk}/glass", reason="why not")
    assert (refused.status_code, refused.json()["reason"]) == (409, "reason_missing")
    assert told(world) == {} or member.pk not in told(world)

    broken = post(desk, f"people/{member.pk}/glass", reason=REASON)
    assert broken.status_code == 200, broken.text
    assert (broken.json()["visible"], broken.json()["phone"]) == (True, "+27825550311")
    assert desk.get(f"people/{member.pk}").json()["phone"] == "+27825550311"

    lying = world.rows("SELECT 1 FROM notifications_delivery d WHERE d::text LIKE %s", f"%{REASON[:20]}%")
    assert lying == [], "the reason lies sealed, and in no message"
    assert told(world)[member.pk]["who"] == desk.name
    assert told(world)[director.person]["whom"] == "Wang Fang"
    looks = {look["kind"]: look for look in at_me(phone)}
    assert set(looks) == {"name", "glass", "profile"}
    assert (looks["glass"]["who"], looks["glass"]["reason"], looks["glass"]["glass"]) == (desk.name, REASON, True)
    entry = world.book(place).entries("glass_broken")[0]
    assert REASON not in str(entry["facts"])
    assert len(entry["facts"]["digest"]) == 64
    assert world.book(place).verdict().ok


def test_the_director_reads_the_reason_on_the_page_and_nobody_else(world: Town, place: str) -> None:
    from django.test import Client

    from tests.world import proven
    from tocsin.people.models import Person

    desk, director, above = world.desk(place), world.desk(place, "director"), world.desk("GP", "director")
    others = world.desk(place), world.desk(place, "supervisor"), world.desk("DUR", "director")
    member = world.member(place, name="Zhao Min")
    assert post(desk, f"people/{member.pk}/glass", reason=REASON).status_code == 200
    for reads, desks in ((True, (desk, director, above)), (False, others)):
        for each in desks:
            client = Client(headers={"host": "127.0.0.1", "accept-language": "en"})
            proven(client, Person.objects.get(pk=each.person))
            page = client.get("/desk/looks/")
            assert page.status_code == 200
            assert (REASON in page.content.decode()) is reads, each.name


def test_it_closes_by_itself_and_is_nobody_elses(world: Town, place: str) -> None:
    from tocsin.looks import see
    from tocsin.looks.rules import CONTACTS, MEDICAL, PHONE, POSITION, PROFILE
    from tocsin.people.models import Person

    desk, other, member = world.desk(place), world.desk(place), world.member(place, phone="+27825550313")
    assert post(desk, f"people/{member.pk}/glass", reason=REASON).status_code == 200
    officer, now = Person.objects.get(pk=desk.person), datetime.now(UTC)
    shown = {what for what in (PHONE, PROFILE, POSITION, MEDICAL, CONTACTS) if see.may_see(officer, member, what, now)}
    assert shown == {PHONE, PROFILE}
    assert member in see.visible_to(officer, now)
    assert not see.may_see(officer, member, PHONE, now + timedelta(minutes=31))
    assert member not in see.visible_to(officer, now + timedelta(minutes=31))
    assert other.get(f"people/{member.pk}").json()["visible"] is False


def test_strangers_and_those_who_only_look_may_not(world: Town, place: str) -> None:
    member = world.member(place)
    for desk in (world.desk("DUR"), world.desk(place, "responder"), world.desk(place, "editor"),
                 world.desk(place, "auditor"), world.desk(place, "administrator")):  # fmt: skip
        assert post(desk, f"people/{member.pk}/glass", reason=REASON).status_code == 404
        assert desk.get(f"people/{member.pk}").status_code == 404
    assert world.rows("SELECT count(*) FROM looks_glass WHERE of_id = %s", member.pk) == [(0,)]


def test_an_open_alarm_opens_what_the_glass_would(world: Town, place: str) -> None:
    button, desk = world.button(place), world.desk(place)
    person = world.person_of(button)
    world.rows("UPDATE people_person SET phone = '+27825550314' WHERE id = %s", person.pk)
    assert desk.get(f"people/{person.pk}").json()["visible"] is False
    press = button.press()
    seen = desk.get(f"people/{person.pk}").json()
    assert (seen["visible"], seen["phone"], seen["incidents"]) == (True, "+27825550314", [press.incident])


def test_the_only_director_tells_the_center_above(world: Town, place: str) -> None:
    above, director = world.desk("GP", "director"), world.desk(place, "director")
    world.rows("UPDATE people_person SET phone = '+27825550315' WHERE id = %s", above.person)
    world.rows("UPDATE people_person SET phone = '+27825550316' WHERE id = %s", director.person)
    member = world.member(place, phone="+27825550317")
    assert post(director, f"people/{member.pk}/glass", reason=REASON).status_code == 200
    assert director.person not in told(world)
    assert above.person in told(world)


def test_a_phone_that_could_betray_its_owner_does_not_sound(world: Town, place: str) -> None:
    button = world.button("DUR")
    person = world.person_of(button)
    world.rows("UPDATE people_person SET phone = '+27825550318', center_id = "
               "(SELECT id FROM centers_center WHERE code = %s) WHERE id = %s", place, person.pk)  # fmt: skip
    button.press()
    desk = world.desk(place)
    assert post(desk, f"people/{person.pk}/glass", reason=REASON).status_code == 200
    assert person.pk not in told(world)
    assert "glass" in {look["kind"] for look in at_me(button)}
