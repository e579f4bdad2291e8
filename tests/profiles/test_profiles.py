"""A member's details: sealed, theirs to write, shown to those who help while it runs, and each look is written."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.world import Button, Desk, Town

TOLD = {
    "places": [{"kind": "home", "address": "12 Church Street", "way_in": "black gate"}],
    "vehicles": [{"plate": "gp 12-ab", "what": "white Corolla"}, {"plate": " ", "what": ""}],
    "family": [{"name": "小明", "who": "son, 8", "phone": "082 555 0101"}],
    "languages": ["en", "zh", "tlh"],
    "wishes": "Tell my sister first",
    "medical": "Penicillin allergy 青霉素过敏",
}


def call(button: Button, method: str = "GET", path: str = "profile", body: Any = None) -> Any:
    content = {"content": json.dumps(body)} if body is not None else {}
    return button.client.request(
        method, f"{button.doors[0]}/app/{path}", headers={"Accept-Language": "en"}, timeout=20, **content
    )


def tells(button: Button, **more: Any) -> dict[str, Any]:
    version = call(button).json()["consent"]["version"]
    answer = call(button, "POST", body={**TOLD, "consent": version, **more})
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


def details(desk: Desk, incident: int) -> Any:
    return desk.get(f"incidents/{incident}/details")


def test_it_is_told_tidied_and_lies_sealed(world: Town, place: str) -> None:
    button = world.button(place)
    empty = call(button).json()
    assert (empty["places"], empty["medical"], empty["changed_at"]) == ([], "", None)
    said = tells(button)
    assert said["vehicles"] == [{"plate": "GP 12-AB", "what": "white Corolla"}]
    assert said["languages"] == ["zh", "en"] and said["medical"] == TOLD["medical"]
    assert call(button).json()["family"] == TOLD["family"]
    person = world.person_of(button).pk
    stored = world.rows("SELECT * FROM profiles_profile WHERE person_id = %s", person)
    stored += world.rows("SELECT * FROM profiles_medical WHERE person_id = %s", person)
    lying = b"".join(bytes(v) for row in stored for v in row if isinstance(v, bytes | memoryview))
    assert len(stored) == 2
    for word in ("Church", "AB", "小明", "sister", "Penicillin", "青霉素"):
        assert word.encode() not in lying


def test_everything_is_optional_and_nothing_leaves_no_row(world: Town, place: str) -> None:
    button = world.button(place)
    tells(button)
    said = call(button, "POST", body={}).json()
    assert said["places"] == [] and said["medical"] == ""
    person = world.person_of(button).pk
    for table in ("profile", "medical"):
        assert world.rows(f"SELECT count(*) FROM profiles_{table} WHERE person_id = %s", person) == [(0,)]


def test_notes_on_health_need_a_yes_to_the_text_that_was_shown(world: Town, place: str) -> None:
    button = world.button(place)
    refused = call(button, "POST", body={"medical": "asthma"})
    assert refused.status_code == 409, refused.text
    assert call(button, "POST", body={"medical": "asthma", "consent": 999}).status_code == 409
    assert call(button).json()["medical"] == ""
    tells(button)
    assert call(button, "POST", body={"medical": "asthma"}).json()["medical"] == "asthma", "asked once"


def test_whoever_calls_the_verb_it_keeps_no_notes_without_a_yes_and_shows_none_after_a_no(
    world: Town, place: str
) -> None:
    from datetime import UTC, datetime

    from tocsin.lib.refused import Refused
    from tocsin.privacy import consent
    from tocsin.profiles.actions import tell
    from tocsin.profiles.models import Medical
    from tocsin.profiles.shape import Told

    button, now = world.button(place), datetime.now(UTC)
    member = world.person_of(button)
    with pytest.raises(Refused, match="medical_consent"):
        tell(member, Told(wishes="x", medical="asthma"), now)
    assert call(button).json()["wishes"] == "", "nothing of it"
    tells(button)
    press, desk = button.press(), world.desk(place)
    desk.claim(press.incident)
    assert details(desk, press.incident).json()["medical"] == TOLD["medical"]
    consent.say(member, "medical", False, 1, "en", now)
    assert details(desk, press.incident).json()["medical"] is None
    assert not Medical.objects.filter(person=member).exists()
    Medical(person=member, notes="left behind", changed_at=now).save(force_insert=True)
    assert details(desk, press.incident).json()["medical"] is None, "nor what lies there all the same"


@pytest.mark.parametrize(
    "body", [[], "x", 1, {"places": "x"}, {"family": [1]}, {"medical": 5}, {"places": [{"kind": "x"}]}]
)
def test_what_is_of_another_shape_is_refused(world: Town, body: Any) -> None:
    assert call(world.button("PTA"), "POST", body=body).status_code == 422


def test_officers_see_the_car_the_claimer_the_notes_and_nobody_after_the_end(world: Town, place: str) -> None:
    from tocsin.notifications.models import Relative

    button = world.button(place)
    tells(button)
    member = world.person_of(button)
    kin = {"phone": "+27825550199", "email": "", "person": member}
    from datetime import UTC, datetime

    Relative.objects.create(name="Sister", agreed_at=datetime.now(UTC), **kin)
    Relative.objects.create(name="Was only asked", **kin)
    press = button.press("robbery")
    first, second, stranger = world.desk(place), world.desk(place), world.desk(world.place())
    seen = details(first, press.incident).json()
    assert seen["parts"] == ["profile"] and seen["vehicles"][0]["plate"] == "GP 12-AB"
    assert seen["medical"] is None and seen["contacts"] is None
    first.claim(press.incident)
    seen = details(first, press.incident).json()
    assert seen["medical"] == TOLD["medical"] and [c["name"] for c in seen["contacts"]] == ["Sister"]
    assert details(second, press.incident).json()["medical"] is None, "another officer of the center"
    assert details(stranger, press.incident).status_code == 404
    assert details(first, 2**40).status_code == 404
    first.close(press.incident)
    assert details(first, press.incident).status_code == 404 and details(second, press.incident).status_code == 404


def test_who_claimed_and_lost_the_role_sees_no_more(world: Town, place: str) -> None:
    button, desk = world.button(place), world.desk(place)
    tells(button)
    press = button.press("robbery")
    desk.claim(press.incident)
    assert details(desk, press.incident).json()["medical"] == TOLD["medical"]
    world.rows("UPDATE people_role SET until = now() WHERE person_id = %s", desk.person)
    assert details(desk, press.incident).status_code == 404


def test_each_look_is_written_with_what_was_seen(world: Town, place: str) -> None:
    button = world.button(place)
    tells(button)
    press, desk = button.press(), world.desk(place)
    desk.claim(press.incident)
    details(desk, press.incident)
    looks = world.rows(
        "SELECT kind, actor_id, incident_id FROM looks_look "
        "WHERE of_id = %s AND kind IN ('profile', 'medical', 'contacts')",
        world.person_of(button).pk,
    )
    assert sorted(looks) == [(kind, desk.person, press.incident) for kind in ("contacts", "medical", "profile")]


def test_a_responder_who_is_sent_sees_it_on_the_phone_while_it_runs(world: Town, place: str) -> None:
    from tocsin.centers.models import Center
    from tocsin.people.models import Role

    button, desk = world.button(place), world.desk(place)
    tells(button)
    helper, other = world.member(place), world.member(place)
    for each in (helper, other):
        Role.objects.create(person=each, center=Center.objects.get(code=place), name="responder")
    phones = world.phone_of(helper), world.phone_of(other)
    press = button.press()
    path = f"incidents/{press.incident}/details"
    assert call(phones[0], path=path).status_code == 404, "not sent yet"
    desk.claim(press.incident)
    sent = desk.done("dispatch", press.incident, responder=helper.pk)["dispatches"][-1]
    assert call(phones[0], path=path).json()["medical"] == TOLD["medical"]
    assert call(phones[1], path=path).status_code == 404, "not sent"
    assert call(button, path=path).status_code == 404, "the member has a page of their own"
    desk.done("mark", press.incident, dispatch=sent["id"], state="done")
    assert call(phones[0], path=path).status_code == 404


def test_the_database_alone_gives_nothing_away(world: Town, place: str) -> None:
    """The same rows, asked for by the web's role with nobody's filter."""
    import psycopg

    from tocsin import database

    button = world.button(place)
    tells(button)
    member, desk = world.person_of(button).pk, world.desk(place)
    center = world.rows("SELECT id FROM centers_center WHERE code = %s", place)[0][0]

    def sees(person: int, table: str, place: int = center) -> int:
        with psycopg.connect(database.url("tocsin_web")) as line:
            line.execute("SELECT set_config('tocsin.person', %s, false)", (str(person),))
            line.execute("SELECT set_config('tocsin.centers', %s, false)", (f"{{{place}}}",))
            row = line.execute(
                f"SELECT count(*) FROM profiles_{table} WHERE person_id = %s".encode(), (member,)
            ).fetchone()
            return int(row[0]) if row else 0

    assert [sees(desk.person, t) for t in ("profile", "medical")] == [0, 0], "no incident"
    press = button.press()
    assert [sees(desk.person, t) for t in ("profile", "medical")] == [1, 0], "it runs"
    desk.claim(press.incident)
    assert [sees(desk.person, t) for t in ("profile", "medical")] == [1, 1], "they act"
    helper = world.member(world.place())
    sent = 'INSERT INTO incidents_dispatch (incident_id, kind, responder_id, "to", state, at) '
    world.rows(f"{sent} VALUES (%s, 'responder', %s, '', 'sent', now())", press.incident, helper.pk)
    assert [sees(helper.pk, t, 0) for t in ("profile", "medical")] == [1, 1], "they come"
    world.rows("UPDATE incidents_dispatch SET state = 'done' WHERE incident_id = %s", press.incident)
    assert [sees(helper.pk, t, 0) for t in ("profile", "medical")] == [0, 0], "they were there"
    assert sees(desk.person, "medical", 0) == 0, "claimed, and sees that center no more"
    desk.close(press.incident)
    assert [sees(desk.person, t) for t in ("profile", "medical")] == [0, 0], "it is over"
    assert [sees(member, t) for t in ("profile", "medical")] == [1, 1], "their own"


@settings(deadline=None)
@given(
    st.recursive(st.none() | st.booleans() | st.text(max_size=30) | st.integers(), lambda i: st.lists(i, max_size=3))
)
def test_whatever_is_sent_is_tidied_or_refused(value: Any) -> None:
    import msgspec

    from tocsin.profiles.shape import clean

    for given_ in (value, {"places": value}, {"wishes": value, "languages": value}):
        try:
            told = clean(given_)
        except msgspec.ValidationError:
            continue
        assert len(told.wishes) <= 2000 and "\0" not in told.wishes
