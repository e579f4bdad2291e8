"""A yes counts until it is taken back; the newest word counts; nobody changes what was said."""

from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.privacy.conftest import Story, now
from tests.world import Town, a_client

PERSON = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) Chrome/139"}
PURPOSES = ("relatives", "medical", "statistics", "media")


def say(story: Story, purpose: str, given: bool) -> Any:
    from tocsin.privacy import consent

    return consent.say(story.person, purpose, given, consent.version(purpose), "en", now())


def test_every_purpose_has_its_text_in_both_languages(world: Town) -> None:
    from tocsin.privacy import consent

    for name in (*consent.PURPOSES, "notice"):
        for number in range(1, consent.version(name) + 1):
            zh, en = consent.text(name, number, "zh-hans"), consent.text(name, number, "en")
            assert len(zh) > 40
            assert len(en) > 80
            assert zh.count("\n- ") == en.count("\n- "), f"{name}: both say the same"


@given(words=st.lists(st.tuples(st.sampled_from(PURPOSES), st.booleans()), max_size=12))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_newest_word_counts(story: Story, words: list[tuple[str, bool]]) -> None:
    from tocsin.privacy import consent

    person = story.world.member(story.place)
    last = {p: consent.PURPOSES[p].unless for p in PURPOSES}
    for purpose, given_ in words:
        consent.say(person, purpose, given_, consent.version(purpose), "en", now())
        last[purpose] = given_
    assert {p: consent.allows(person.pk, p) for p in PURPOSES} == last
    assert person.consents.count() == len(words), "the history is kept"
    for purpose in PURPOSES:
        assert consent.without([person.pk], purpose) == (set() if last[purpose] else {person.pk})


def test_a_yes_is_to_the_text_that_was_shown(story: Story) -> None:
    from tocsin.lib.refused import Refused
    from tocsin.privacy import consent

    with pytest.raises(Refused):
        consent.say(story.person, "media", True, consent.version("media") + 1, "en", now())
    with pytest.raises(Refused):
        consent.say(story.person, "everything", True, 1, "en", now())
    made = say(story, "media", True)
    assert (
        made.digest == consent.digest("media", made.version, "en") != consent.digest("media", made.version, "zh-hans")
    )


def test_relatives_are_not_told_once_that_is_withdrawn(story: Story) -> None:
    from tocsin.centers.network import load
    from tocsin.escalation.plans import Whom
    from tocsin.incidents.models import Incident
    from tocsin.notifications import whom
    from tocsin.notifications.models import Delivery

    incident = Incident.objects.get(pk=story.alarm(close=False))
    wanted = [Whom(kind="relatives")]
    assert whom.found(wanted, incident, load(), now()).relatives == {story.relative.pk}
    waits = Delivery.objects.create(
        incident=incident, relative=story.relative, channel="sms", address=story.kin_phone, language="en",
        message="relative", values={}, due=now(), token=f"kin-{story.phone}",
    )  # fmt: skip
    sent = Delivery.objects.create(
        incident=incident, relative=story.relative, channel="email", address="a@example.org", language="en",
        message="relative", values={}, due=now(), token="k" * 22 + str(story.person.pk), state="sent",
    )  # fmt: skip
    page = f"{story.world.doors[0]}/a/{sent.token}?lang=en"
    assert story.button.client.get(page, headers=PERSON).status_code == 200
    say(story, "relatives", False)
    assert whom.found(wanted, incident, load(), now()).relatives == set()
    waits.refresh_from_db()
    assert waits.state == "cancelled"
    assert story.button.client.get(page, headers=PERSON).status_code == 410, "nor do they see any more"
    say(story, "relatives", True)
    assert whom.found(wanted, incident, load(), now()).relatives == {story.relative.pk}


def test_what_was_said_is_never_changed(story: Story) -> None:
    from tocsin import database

    say(story, "media", True)
    for role in (database.WEB, database.SERVICE):
        with psycopg.connect(database.url(role), autocommit=True) as line:
            for statement in (b"UPDATE privacy_consent SET given = true", b"DELETE FROM privacy_consent"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    line.execute(statement)


def test_in_the_app_it_is_given_and_withdrawn(story: Story) -> None:
    door = story.world.doors[0]
    page = story.button.client.get(f"{door}/app/privacy", headers={"Accept-Language": "en"}).json()
    shown = {c["purpose"]: c for c in page["consents"]}
    assert {p: c["given"] for p, c in shown.items()} == {p: p == "relatives" for p in PURPOSES}
    assert [k["days"] for k in page["kept"] if k["name"] == "positions"] == [30]
    url = f"{door}/app/privacy/consents/media"
    done = story.button.client.post(url, json={"given": True, "version": shown["media"]["version"]})
    assert done.status_code == 200, done.text
    assert next(c for c in done.json()["consents"] if c["purpose"] == "media")["given"]
    assert story.button.client.post(url, json={"given": True, "version": 99}).status_code == 409
    assert story.button.client.post(url, json={"given": "yes"}).status_code == 422
    other = story.world.button(story.place)
    theirs = other.client.get(f"{door}/app/privacy").json()
    assert not any(c["history"] for c in theirs["consents"])
    assert a_client().get(f"{door}/app/privacy").status_code == 401
