"""A person is erased: nothing of them is left anywhere but a number, and every book still verifies."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.privacy.conftest import Story, later, now

Found = Callable[[str], set[str]]


def test_after_three_days_nothing_is_left_but_a_number(story: Story, found: Found) -> None:
    from tocsin.devices.models import Device, Site
    from tocsin.lib.refused import Refused
    from tocsin.people.models import Person
    from tocsin.privacy import erasure

    incident = story.alarm()
    Site.objects.create(
        name=f"Shop of {story.name}", center=story.person.center, person=story.person, address="77 Nowhere Lane",
        note=f"call {story.phone}",
    )  # fmt: skip
    Device.objects.create(protocol="gt06", identifier=f"88{story.person.pk:013d}", name=story.name, person=story.person)
    asked = erasure.ask(story.person, story.person, now())
    with pytest.raises(Refused):
        erasure.ask(story.person, story.person, now())
    while erasure.erase_next(later(hours=71)):
        pass
    assert Person.objects.get(pk=story.person.pk).name == story.name
    while erasure.erase_next(later(hours=73)):
        pass
    asked.refresh_from_db()
    assert asked.done_at is not None

    gone = Person.objects.get(pk=story.person.pk)
    assert f"erased person #{gone.pk}" in gone.name
    assert (gone.phone, gone.login, gone.is_active, gone.has_usable_password()) == (None, None, False, False)
    for secret in (*story.secrets, "77 Nowhere Lane", f"88{story.person.pk:013d}"):
        assert found(secret) == set(), f"{secret} is still there"
    row = story.world.rows("SELECT lat, caller, phone, alarm FROM incidents_incident WHERE id = %s", incident)
    assert row == [(None, None, None, "robbery")], "that there was an alarm stays"
    assert story.world.rows("SELECT count(*) FROM gates_signal WHERE person_id = %s AND lat IS NOT NULL", gone.pk) == [
        (0,)
    ]
    book = story.world.book(story.place)
    assert book.verdict().ok
    assert [e["facts"] for e in book.entries("erased")] == [{"person": gone.pk}]
    said = story.desk.incident(incident)
    assert "erased person" in said["person"]["name"]
    assert all(e["note"] is None for e in said["timeline"])


def test_their_phone_is_refused_afterwards(story: Story) -> None:
    from tests.world import until
    from tocsin.privacy import erasure

    erasure.ask(story.person, story.person, now())
    assert story.button.press("robbery").status == 201, "until then the button works"
    story.world.rows(
        "UPDATE incidents_incident SET state = 'closed', closed_at = now() WHERE person_id = %s", story.person.pk
    )
    while erasure.erase_next(later(hours=73)):
        pass
    until(lambda: story.button.press("robbery").status == 401, 3, "being refused")


def test_it_can_be_taken_back(story: Story, found: Found) -> None:
    from tocsin.privacy import erasure

    asked = erasure.ask(story.person, story.person, now())
    erasure.take_back(asked, story.person, now())
    while erasure.erase_next(later(hours=99)):
        pass
    assert "people_person" in found(story.name)
    assert erasure.ask(story.person, story.person, now()).pk != asked.pk, "and asked for anew"
    kinds = [e["kind"] for e in story.world.book(story.place).entries()]
    assert kinds == ["erasure_asked", "erasure_taken_back", "erasure_asked"]
    erasure.take_back(erasure.waiting(story.person), story.person, now())


def test_it_waits_while_an_incident_is_open_or_held(story: Story) -> None:
    from tocsin.incidents.models import Incident
    from tocsin.lib.refused import Refused
    from tocsin.people.models import Person
    from tocsin.privacy import erasure, holds

    incident = story.alarm(close=False)
    with pytest.raises(Refused) as refused:
        erasure.ask(story.person, story.person, now())
    assert refused.value.reason == "erasure_open"
    story.desk.claim(incident)
    story.desk.close(incident)
    boss = story.director()
    held = holds.hold(Incident.objects.get(pk=incident), "a case", later(days=30), boss, now())
    with pytest.raises(Refused) as refused:
        erasure.ask(story.person, story.person, now())
    assert refused.value.reason == "erasure_held"
    holds.end(held, boss, now())
    erasure.ask(story.person, story.person, now())
    open_ = int(story.button.press("robbery").incident)
    while erasure.erase_next(later(hours=73)):
        pass
    assert Person.objects.get(pk=story.person.pk).name == story.name, "a press came in between"
    story.desk.claim(open_)
    story.desk.close(open_)
    while erasure.erase_next(later(hours=74)):
        pass
    assert "erased" in Person.objects.get(pk=story.person.pk).name


def test_who_asks_is_not_told_that_a_silent_alarm_runs(story: Story) -> None:
    from tocsin.people.models import Person
    from tocsin.privacy import erasure

    story.alarm(close=False, silent=True)
    assert erasure.hindrance(story.person, now(), asking=True) is None
    asked = erasure.ask(story.person, story.person, now())
    while erasure.erase_next(later(hours=73)):
        pass
    assert Person.objects.get(pk=story.person.pk).name == story.name, "and nothing is erased while it runs"
    erasure.take_back(asked, story.person, now())


def test_an_administrator_of_the_system_hands_over_first(story: Story) -> None:
    from tocsin.lib.refused import Refused
    from tocsin.privacy import erasure

    story.person.is_superuser = True
    story.person.save()
    with pytest.raises(Refused):
        erasure.ask(story.person, story.person, now())


def test_an_officer_who_is_erased_leaves_their_work_as_a_number(story: Story) -> None:
    from tocsin.people.models import Person, Role
    from tocsin.privacy import erasure

    incident = story.alarm()
    officer = Person.objects.get(pk=story.desk.person)
    name = officer.name
    erasure.ask(officer, story.person, now())
    while erasure.erase_next(later(hours=73)):
        pass
    assert Person.objects.get(pk=officer.pk).name != name
    other = story.world.desk(story.place, "duty_officer").incident(incident)
    assert "erased person" in " ".join(e["text"] for e in other["timeline"])
    assert story.desk.get("me").status_code == 401
    assert not Role.objects.in_force(later(hours=74)).filter(person=officer).exists()
    assert story.world.book(story.place).verdict().ok


def test_two_clocks_erase_once(story: Story) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    from tocsin.privacy import erasure

    erasure.ask(story.person, story.person, now())

    def clock(_: int) -> None:
        try:
            while erasure.erase_next(now() + timedelta(hours=73)):
                pass
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as clocks:
        list(clocks.map(clock, range(3)))
    assert len(story.world.book(story.place).entries("erased")) == 1
