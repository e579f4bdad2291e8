"""A responder sees in the app what they are sent to, while it runs and until two hours after; and nothing else."""

from typing import Any

from tests.looks.looking import at_me
from tests.world import Button, Town


def sent(phone: Button) -> list[dict[str, Any]]:
    answer = phone.client.get(f"{phone.doors[0]}/app/sent", headers={"Accept-Language": "en"})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def says(phone: Button, dispatch: int, verb: str, **body: Any) -> Any:
    return phone.client.post(
        f"{phone.doors[0]}/app/sent/{dispatch}/{verb}", json=body, headers={"Accept-Language": "en"}
    )


def responder(world: Town, place: str) -> tuple[Any, Button]:
    desk = world.desk(place, "responder")
    from tocsin.people.models import Person

    person = Person.objects.get(pk=desk.person)
    return person, world.phone_of(person)


def test_what_where_and_who_and_the_answers(world: Town, place: str) -> None:
    button, desk, (person, phone), (_, other) = (
        world.button(place), world.desk(place), responder(world, place), responder(world, place),
    )  # fmt: skip
    world.rows("UPDATE people_person SET phone = '+27825550411' WHERE id = %s", world.person_of(button).pk)
    world.rows("UPDATE people_person SET phone = '+27825550413' WHERE id = %s", person.pk)
    press = button.press("burglary")
    assert sent(phone) == []
    assert phone.client.get(f"{phone.doors[0]}/app/me").json()["sent"] is False
    desk.claim(press.incident)
    desk.done("dispatch", press.incident, kind="responder", responder=person.pk)
    assert phone.client.get(f"{phone.doors[0]}/app/me").json()["sent"] is True
    [seen] = sent(phone)
    assert (seen["incident"], seen["alarm_said"], seen["who"]) == (press.incident, "burglary", button.name)
    assert (seen["phone"], seen["officer"], seen["state"]) == ("+27825550411", desk.name, "sent")
    assert seen["position"]["lat"] == world.homes[place][0]
    assert sent(other) == []
    assert says(other, seen["id"], "coming").status_code == 404

    answered = says(phone, seen["id"], "coming", eta=15)
    assert answered.status_code == 200, answered.text
    assert (answered.json()["items"][0]["state"], answered.json()["items"][0]["answer"]) == ("on_the_way", "coming")
    assert says(phone, seen["id"], "on_scene").json()["items"][0]["state"] == "on_scene"
    assert desk.incident(press.incident)["state"] == "on_scene"
    assert says(phone, seen["id"], "done").json()["items"][0]["state"] == "done"
    assert says(phone, seen["id"], "done").status_code == 409
    look = next(look for look in at_me(button) if look["kind"] == "sent")
    assert (look["who"], look["role"], look["why"]) == (person.name, "responder", "they were sent to you")
    assert desk.get(f"incidents/{press.incident}").status_code == 200
    assert phone.client.get(f"{phone.doors[0]}/api/v1/incidents/{press.incident}").status_code in (401, 404)


def test_it_is_gone_two_hours_after_the_end(world: Town, place: str) -> None:
    button, desk, (person, phone) = world.button(place), world.desk(place), responder(world, place)
    press = button.press()
    desk.claim(press.incident)
    desk.done("dispatch", press.incident, kind="responder", responder=person.pk)
    desk.close(press.incident)
    [seen] = sent(phone)
    assert seen["over"] is True
    assert says(phone, seen["id"], "coming").status_code == 404, "nothing is answered any more"
    world.rows(
        "UPDATE incidents_incident SET closed_at = closed_at - interval '121 minutes' WHERE id = %s", press.incident
    )
    assert sent(phone) == []


def test_a_silent_alarm_shows_no_number(world: Town, place: str) -> None:
    button, desk, (person, phone) = world.button(place), world.desk(place), responder(world, place)
    world.rows("UPDATE people_person SET phone = '+27825550412' WHERE id = %s", world.person_of(button).pk)
    press = button.press(silent=True)
    desk.claim(press.incident)
    desk.done("dispatch", press.incident, kind="responder", responder=person.pk)
    [seen] = sent(phone)
    assert (seen["silent"], seen["phone"]) == (True, None)


def test_health_is_for_the_claimer_and_the_one_who_was_sent(world: Town, place: str) -> None:
    from datetime import UTC, datetime, timedelta

    from tocsin.looks.rules import MEDICAL
    from tocsin.looks.see import may_see
    from tocsin.people.models import Person

    button, desk, idle, (person, _) = (
        world.button(place), world.desk(place), world.desk(place), responder(world, place),
    )  # fmt: skip
    press, caller, now = button.press(), world.person_of(button), datetime.now(UTC)
    officer, colleague = Person.objects.get(pk=desk.person), Person.objects.get(pk=idle.person)

    def may(who: Any, at: datetime = now) -> bool:
        return may_see(who, caller, MEDICAL, at)

    assert not may(officer)
    desk.claim(press.incident)
    assert (may(officer), may(colleague), may(person)) == (True, False, False)
    desk.done("dispatch", press.incident, kind="responder", responder=person.pk)
    assert may(person)
    desk.close(press.incident)
    assert (may(officer), may(person)) == (False, True)
    assert not may(person, datetime.now(UTC) + timedelta(hours=2, seconds=1))
