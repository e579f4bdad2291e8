"""One's own contacts, at the desk and in the app; relatives, who must agree; what an incident says of deliveries."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.world import Button, Desk, Town, a_client
from tocsin.notifications.channel import Result

BROWSER = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36"


def desk_call(desk: Desk, path: str, **body: Any) -> Any:
    return desk.client.post(f"{desk.doors[0]}/api/v1/contacts{path}", json=body)


def app(button: Button, method: str, path: str, **body: Any) -> Any:
    json = {"json": body} if method == "POST" else {}
    return button.client.request(method, f"{button.doors[0]}/app/{path}", headers={"Accept-Language": "en"}, **json)


def opens(world: Town, token: str, method: str = "GET", **form: str) -> Any:
    with a_client(headers={"User-Agent": BROWSER}) as client:
        return client.request(method, f"{world.doors[0]}/a/{token}", data=form or None)


def link(**found: Any) -> str:
    from tocsin.notifications.models import Delivery

    return str(Delivery.objects.filter(**found).latest("pk").token)


def test_a_contact_is_added_checked_tested_and_confirmed_by_its_link(world: Town, place: str, monkeypatch: Any) -> None:
    from tocsin.notifications import contacts

    desk = world.desk(place)
    assert desk_call(desk, "", channel="email", address="nobody").json()["reason"] == "address_malformed"
    assert desk_call(desk, "", channel="sms", address="12").json()["reason"] == "address_malformed"
    assert desk_call(desk, "", channel="pigeon", address="coo coo").json()["reason"] == "address_malformed"
    made = desk_call(desk, "", channel="email", address=" officer@example.org ", label="work")
    assert made.status_code == 201, made.text
    (row,) = made.json()["items"]
    assert (row["channel"], row["address"], row["label"], row["own"]) == ("email", "officer@example.org", "work", False)
    assert row["confirmed_at"] is None and row["trial"] is None
    assert desk_call(desk, "", channel="email", address="officer@example.org").json()["reason"] == "contact_known"

    from tocsin.notifications.models import Contact

    monkeypatch.setattr(contacts, "_ready", lambda _: True)  # whatever is set up where the tests run
    found = Contact.objects.select_related("person").get(pk=row["id"])
    now = datetime.now(UTC)
    trial = contacts.trial(found, now)
    assert (trial.message, trial.address, trial.state) == ("trial", "officer@example.org", "queued")
    assert desk.get("contacts").json()["items"][0]["trial"]["state"] == "queued"
    page = opens(world, trial.token)
    assert page.status_code == 200 and "可用" in page.text, "in the language of the message"
    assert desk.get("contacts").json()["items"][0]["confirmed_at"] is not None
    Contact.objects.filter(pk=found.pk).update(dead_at=now, dead_why="550 no such user")
    row = desk.get("contacts").json()["items"][0]
    assert (row["dead_at"] is not None, row["dead_why"]) == (True, "550 no such user")
    other = world.desk(place)
    assert desk_call(other, f"/{found.pk}/remove").status_code == 404, "not theirs"
    assert desk_call(desk, f"/{found.pk}/remove").json()["items"] == []


def test_ones_own_number_is_a_contact_and_stays(world: Town, place: str) -> None:
    person = world.member(place, phone="+27825554433")
    phone = world.phone_of(person)
    rows = app(phone, "GET", "contacts").json()["items"]
    assert [(r["channel"], r["address"], r["own"]) for r in rows] == [
        ("sms", "+27825554433", True), ("voice", "+27825554433", True),
    ]  # fmt: skip
    assert app(phone, "POST", f"contacts/{rows[0]['id']}/remove").status_code == 409
    made = app(phone, "POST", "contacts", channel="whatsapp", address="082 555 4433")
    assert made.status_code == 201 and made.json()["items"][-1]["address"] == "+27825554433"


def test_a_relative_is_asked_agrees_is_told_while_it_runs_and_withdraws(world: Town, place: str) -> None:
    from tocsin.incidents.models import Incident
    from tocsin.notifications.models import Delivery, Relative

    person = world.member(place, name="Member One", language="en")
    phone = world.phone_of(person, world.homes[place])
    assert app(phone, "POST", "relatives", name="Sister").status_code == 409
    made = app(phone, "POST", "relatives", name="Sister", email="sister@example.org", language="en")
    assert made.status_code == 201, made.text
    (row,) = made.json()["items"]
    assert row["state"] == "asked"
    assert app(phone, "POST", f"relatives/{row['id']}/ask").status_code == 409, "not twice within a day"
    press = phone.press("robbery")
    incident = Incident.objects.select_related("center", "person", "device__site").get(pk=press.incident)
    tell(incident)
    assert not Delivery.objects.filter(incident=incident, message="relative").exists(), "nothing before they agree"

    asked = link(relative=row["id"], message="consent")
    page = opens(world, asked)
    assert "Member One" in page.text and 'data-state="asked"' in page.text
    assert 'data-state="agreed"' in opens(world, asked, "POST", answer="agree").text
    assert app(phone, "GET", "relatives").json()["items"][0]["state"] == "agreed"
    tell(incident)
    token = link(incident=incident, message="relative")
    page = opens(world, token)
    assert page.status_code == 200 and "robbery" in page.text and 'data-test="relative-page"' in page.text
    assert f"{incident.lat:.5f}" in page.text and "<form" not in page.text
    assert opens(world, token, "POST", answer="claim").status_code == 200
    assert Incident.objects.get(pk=incident.pk).state == "new", "a relative can only look"

    desk = world.desk(place)
    desk.claim(incident.pk)
    assert "being dealt with" in opens(world, token).text
    desk.close(incident.pk)
    over = opens(world, token)
    assert over.status_code == 410 and "robbery" not in over.text and f"{incident.lat:.5f}" not in over.text

    assert 'data-state="declined"' in opens(world, asked, "POST", answer="decline").text
    assert app(phone, "GET", "relatives").json()["items"][0]["state"] == "declined"
    assert app(phone, "POST", f"relatives/{row['id']}/ask").status_code == 409
    assert app(phone, "POST", f"relatives/{row['id']}/remove").json()["items"] == []
    assert Relative.objects.get(pk=row["id"]).email == ""
    again = app(phone, "POST", "relatives", name="Sis", email="sister@example.org", language="en")
    assert again.status_code == 409 and "declined" in again.json()["detail"]
    assert opens(world, asked).status_code == 410


def tell(incident: Any) -> None:
    from tocsin.centers.network import load
    from tocsin.escalation.plans import Whom
    from tocsin.notifications import actions, whom
    from tocsin.notifications.alarm import values_of

    at = datetime.now(UTC)
    found = whom.found((Whom("relatives"),), incident, load(), at)
    telling = actions.Telling(
        message="alarm", values=values_of(incident), relatives=frozenset(found.relatives), incident=incident, by=()
    )
    actions.tell_all([telling], at)


def test_an_incident_says_who_was_told_and_what_they_answered(world: Town, place: str) -> None:
    from tocsin.notifications import actions
    from tocsin.notifications.models import Delivery

    people = [world.desk(place) for _ in range(3)]
    for desk in people:
        for channel in ("webpush", "sms"):
            contact(desk, channel)
    incident = world.button(place).press().incident
    world.advance(seconds=1)
    now = datetime.now(UTC) + world.ahead
    for delivery in actions.claim(now, 50):
        actions.finish(delivery.pk, Result("sent", ref=f"r{delivery.pk}"), now)
    first, second, third = (Delivery.objects.get(incident=incident, person=d.person) for d in people)
    opens(world, first.token, "POST", answer="coming", eta="20", words="with the car")
    opens(world, second.token)
    Delivery.objects.filter(pk=third.pk).update(state="failed", error="410 gone")
    said = people[0].incident(incident)
    assert said["told"] == {"owed": 3, "told": 2, "seen": 2, "coming": 1, "failed": 1}
    rows = {d["who"]["name"]: d for d in said["deliveries"]}
    row = rows[people[0].name]
    assert (row["channel"], row["state"], row["answer"], row["eta"], row["words"]) == (
        "webpush", "answered", "coming", 20, "with the car",
    )  # fmt: skip
    assert row["then"] == ["sms"]
    assert (rows[people[1].name]["state"], rows[people[2].name]["error"]) == ("read", "410 gone")
    assert "webpush-" not in str(said["deliveries"]), "never an address"
    assert people[0].get(f"incidents/{incident}/told").json()["told"] == said["told"]
    assert world.desk("CPT").get(f"incidents/{incident}/told").status_code == 404


def contact(desk: Desk, channel: str) -> None:
    from tocsin.notifications.models import Contact

    Contact.objects.create(
        person_id=desk.person, channel=channel, address=f"{channel}-{desk.person}",
        confirmed_at=datetime.now(UTC) - timedelta(days=1),
    )  # fmt: skip
