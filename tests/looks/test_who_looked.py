"""Each look at a person is written, and that person reads in their app who looked, when and why (promise 7)."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.looks.looking import at_me, kinds
from tests.world import Button, Desk, Town, a_client


def test_whoever_opens_my_alarm_is_named_to_me(world: Town, place: str) -> None:
    button, desk = world.button(place), world.desk(place)
    press = button.press()
    desk.incident(press.incident)
    desk.incident(press.incident)
    desk.claim(press.incident)
    assert [look["kind"] for look in at_me(button)] == ["incident"], "one look, though opened three times"
    look = at_me(button)[0]
    assert (look["who"], look["role"], look["incident"]) == (desk.name, "duty officer", press.incident)
    assert (look["said"], look["why"]) == ("opened your alarm", "your alarm was running")
    assert "Test" in look["center"]
    chinese = at_me(button, "zh-Hans")[0]
    assert (chinese["role"], chinese["said"], chinese["why"]) == ("值班员", "打开了您的警情", "您的警情正在处理")


def test_a_list_and_a_book_with_notes_are_looks_too(world: Town, place: str) -> None:
    button, desk, other = world.button(place), world.desk(place), world.desk(place)
    press = button.press(text="my father")
    desk.queue(center=place)
    other.get("book", center=place)
    found = {(look["who"], look["kind"]) for look in at_me(button)}
    assert found == {(desk.name, "list"), (other.name, "book")}
    assert press.incident in {look["incident"] for look in at_me(button)}


def test_who_only_watches_the_feed_or_asks_who_was_told_looked_too(world: Town, place: str) -> None:
    first, second = world.button(place), world.button(place)
    watcher, asker = world.desk(place), world.desk(place)
    press = first.press()
    with watcher.watching():
        assert [(look["who"], look["kind"]) for look in at_me(first)] == [(watcher.name, "list")]
    for _ in range(3):
        assert asker.get(f"incidents/{press.incident}/told").status_code == 200
    assert [look["kind"] for look in at_me(first) if look["who"] == asker.name] == ["incident"], "one for all of them"
    second.press()
    assert at_me(second) == []
    with watcher.watching():
        assert [look["kind"] for look in at_me(second)] == ["list"]
        assert [look["kind"] for look in at_me(first) if look["who"] == watcher.name] == ["list"], "still one"


def test_an_alarm_that_opens_while_the_feed_is_watched_is_looked_at(world: Town, place: str) -> None:
    """Asked as the feed asks itself each minute."""
    from tocsin.edge.live import Live
    from tocsin.lib import wall

    desk, button = world.desk(place), world.button(place)
    center = world.rows("SELECT id FROM centers_center WHERE code = %s", place)[0][0]
    live, noted = Live(None, None, None), set()  # type: ignore[arg-type]
    headers = {"authorization": f"Bearer {desk.key}"}
    assert live._may(headers, center, noted)
    press = button.press()
    for _ in range(2):
        assert live._may(headers, center, noted)
    wall.clear()
    assert noted == {press.incident}
    assert [(look["who"], look["kind"]) for look in at_me(button)] == [(desk.name, "list")]


def test_a_search_that_finds_few_is_a_look_and_part_of_a_number_finds_nobody(world: Town, place: str) -> None:
    desk = world.desk(place)
    many = [world.member(place, name=f"Common {n}") for n in range(4)]
    rare = world.member(place, name="Rare Bird", phone="+27825550991")
    phone = world.phone_of(rare)
    for words in ("5550991", "+2782555099", "0991", "2782"):
        assert desk.get("people", center=place, q=words).json()["items"] == [], words
        assert desk.get("owners", center=place, q=words).json()["people"] == [], words
        assert desk.get("devices", center=place, q=words).json()["items"] == [], words
    assert at_me(phone) == []
    assert len(desk.get("people", center=place, q="common").json()["items"]) == 4
    assert [kinds(world, each.pk) for each in many] == [[], [], [], []], "the list of members, and nobody in it"
    for words in ("rare", "082 555 0991"):
        assert [p["id"] for p in desk.get("people", center=place, q=words).json()["items"]] == [rare.pk]
    look = at_me(phone)[0]
    assert (look["who"], look["kind"], look["why"]) == (desk.name, "name", "routine work: no alarm was running")


def test_where_a_members_own_site_lies_is_told_nobody_without_an_alarm(world: Town, place: str) -> None:
    from tocsin.centers.models import Center
    from tocsin.devices.models import Site

    center, desk = Center.objects.get(code=place), world.desk(place)
    Site.objects.create(name="A home", address="5 Hidden Lane", center=center, person=world.member(place))
    Site.objects.create(name="A school", address="6 Hidden Lane", center=center)
    found = desk.get("owners", center=place, q="hidden").json()["sites"]
    assert [(s["name"], s["address"]) for s in found] == [("A school", "6 Hidden Lane")]
    assert [s["address"] for s in desk.get("owners", center=place, q="home").json()["sites"]] == [""]


def test_relatives_have_names_for_the_claimer_alone(world: Town, place: str) -> None:
    from tocsin.incidents.models import Incident
    from tocsin.notifications import actions
    from tocsin.notifications.models import Relative

    button, claims, other = world.button(place), world.desk(place), world.desk(place)
    press, person = button.press(), world.person_of(button)
    aunt = Relative.objects.create(person=person, name="Aunt Mei", phone="+27825550102", agreed_at=datetime.now(UTC))
    telling = actions.Telling(
        message="relative", values={"who": person.name}, relatives=frozenset([aunt.pk]),
        incident=Incident.objects.get(pk=press.incident),
    )  # fmt: skip
    actions.tell_all([telling], datetime.now(UTC))
    claims.claim(press.incident)
    for desk, name in ((claims, "Aunt Mei"), (other, "")):
        for path in (f"incidents/{press.incident}", f"incidents/{press.incident}/told"):
            rows = [d["who"] for d in desk.get(path).json()["deliveries"] if d["who"]["kind"] == "relative"]
            assert [row["name"] for row in rows] == [name]
    claims.close(press.incident)
    assert "Aunt Mei" not in claims.get(f"incidents/{press.incident}").text


def test_nobody_else_reads_who_looked_at_me(world: Town, place: str) -> None:
    button, other, desk = world.button(place), world.button(place), world.desk(place)
    desk.incident(button.press().incident)
    assert at_me(other) == []
    with a_client() as client:
        assert client.get(f"{world.doors[0]}/app/looks").status_code == 401
    mine = desk.get("looks").json()["items"]
    assert [(look["kind"], look["of"]) for look in mine] == [("incident", button.name)]
    assert world.desk(place).get("looks").json()["items"] == []


def test_a_silent_alarm_leaves_no_trace_on_the_phone_but_in_the_chain(world: Town, place: str) -> None:
    button, desk = world.button(place), world.desk(place)
    press, person = button.press(silent=True), world.person_of(button)
    desk.incident(press.incident)
    assert at_me(button) == []
    from tocsin.looks.write import note

    note(world.member(place), "profile", person, datetime.now(UTC))
    assert at_me(button) == [], "nor what was looked at while it ran"
    desk.claim(press.incident)
    desk.close(press.incident)
    assert at_me(button) == []
    assert kinds(world, person.pk) == ["incident", "profile"]


def test_a_relative_who_follows_the_link_is_named_as_the_relative(world: Town, place: str) -> None:
    from tocsin.incidents.models import Incident
    from tocsin.notifications import actions
    from tocsin.notifications.models import Delivery, Relative

    button = world.button(place)
    press, person = button.press(), world.person_of(button)
    uncle = Relative.objects.create(person=person, name="Uncle Wei", phone="+27825550101", agreed_at=datetime.now(UTC))
    incident = Incident.objects.get(pk=press.incident)
    telling = actions.Telling(
        message="relative", values={"who": person.name}, relatives=frozenset([uncle.pk]), incident=incident
    )
    actions.tell_all([telling], datetime.now(UTC))
    token = Delivery.objects.get(relative=uncle).token
    with a_client() as client:
        page = client.get(f"{world.doors[0]}/a/{token}", headers={"User-Agent": "Mozilla/5.0 (Linux; Android 14)"})
    assert page.status_code == 200
    look = at_me(button)[0]
    assert (look["who"], look["role"], look["why"]) == ("Uncle Wei", "relative", "you named them as a contact")


def closed_long_ago(world: Town, desk: Desk, button: Button, **hours: float) -> Any:
    press = button.press()
    desk.claim(press.incident)
    desk.close(press.incident)
    at = datetime.now(UTC) - timedelta(**hours)
    world.rows("UPDATE incidents_incident SET closed_at = %s WHERE id = %s", at, press.incident)
    return press


def test_a_day_after_it_closed_number_and_place_are_for_those_who_lead(world: Town, place: str) -> None:
    button, desk = world.button(place), world.desk(place)
    world.rows("UPDATE people_person SET phone = '+27825550777' WHERE id = %s", world.person_of(button).pk)
    press = closed_long_ago(world, desk, button, hours=23.9)
    seen = desk.incident(press.incident)
    assert (seen["withheld"], seen["person"]["phone"]) == (False, "+27825550777")
    assert seen["position"]
    assert len(seen["trail"]) == 1
    world.rows("UPDATE incidents_incident SET closed_at = closed_at - interval '1 hour' WHERE id = %s", press.incident)
    seen = desk.incident(press.incident)
    assert (seen["withheld"], seen["person"]["phone"], seen["phone"]) == (True, None, None)
    assert (seen["position"], seen["plus_code"], seen["trail"]) == (None, None, [])
    assert (seen["person"]["name"], seen["state"]) == (button.name, "closed"), "the record stays"
    rows = {row["id"]: row for row in desk.get("incidents", open=False, center=place).json()["items"]}
    assert (rows[press.incident]["position"], rows[press.incident]["person"]["phone"]) == (None, None)
    for role in ("supervisor", "director", "auditor"):
        seen = world.desk(place, role).incident(press.incident)
        assert (seen["withheld"], seen["person"]["phone"]) == (False, "+27825550777"), role
        assert seen["position"]


def test_an_owners_number_is_shown_while_their_alarm_runs(world: Town, place: str) -> None:
    from tocsin.devices.models import Device

    desk, button = world.desk(place), world.button(place)
    person = world.person_of(button)
    world.rows("UPDATE people_person SET phone = '+27825550778', name = 'Lu Soughtafter' WHERE id = %s", person.pk)
    tracker = Device.objects.create(protocol="gt06", identifier="350000000000778", person=person)
    assert desk.get(f"devices/{tracker.pk}").json()["owner"]["phone"] is None
    assert {d["owner"]["phone"] for d in desk.get("devices", center=place).json()["items"] if d["owner"]} == {None}
    shown = {p["id"]: p["phone"] for p in desk.get("owners", center=place, q="Soughtafter").json()["people"]}
    assert shown == {person.pk: "… 778"}
    button.press()
    assert desk.get(f"devices/{tracker.pk}").json()["owner"]["phone"] == "+27825550778"
    assert [look["kind"] for look in at_me(button)] == ["name", "device"]  # they were looked up, then read
