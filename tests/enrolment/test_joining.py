"""Applying, proving a number, deciding; invitations; leaving. Nobody learns from it who is a member."""

import itertools
import re
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.world import Desk, Town, a_client, proven, until

_numbers = itertools.count(1)
TOKEN = f"csrftoken={'t' * 32}"


def number() -> str:
    return f"+2761{5_000_000 + next(_numbers)}"


def page(world: Town, client: httpx.Client | None = None, door: int = 0) -> httpx.Client:
    """A visitor's browser. (Its cookies are for https alone, so the token of forms is given by hand.)"""
    found = client or a_client(headers={"Accept-Language": "en", "Cookie": TOKEN})
    found.base_url = world.doors[door]
    return found


def post(client: httpx.Client, path: str, **form: Any) -> httpx.Response:
    files = form.pop("files", None)
    return client.post(path, data=form, files=files, headers={"X-CSRFToken": "t" * 32})


def applies(
    world: Town, phone: str, center: str = "PTA", path: str = "/join/", **more: Any
) -> tuple[httpx.Client, str]:
    """The visitor, and the address of their page."""
    from tocsin.privacy import consent

    client = page(world)
    form = {"name": "Li Na 李娜", "phone": phone, "center": center, "language": "en", "speaks": ["zh", "en"]}
    answer = post(client, path, **{**form, "read-notice": str(consent.version("notice")), **more})
    assert answer.status_code == 302, re.findall(r'role="alert"[^>]*>([^<]*)', answer.text)
    return client, answer.headers["Location"]


def application(phone: str) -> Any:
    from tocsin.enrolment.codes import number_of
    from tocsin.enrolment.models import Application

    return Application.objects.filter(number=number_of(phone)).latest("pk")


def code_sent(phone: str) -> str:
    """What the courier would send now."""
    from tocsin.notifications.courier import outgoing
    from tocsin.notifications.models import Delivery

    row = Delivery.objects.filter(message="join", address=phone).latest("pk")
    (code,) = re.findall(r"\b\d{6}\b", outgoing(row).text.short)
    return str(code)


def state(client: httpx.Client, path: str) -> str:
    (found,) = re.findall(r'data-state="(\w*)"', client.get(path).text)
    return str(found)


def leader(world: Town, center: str, role: str = "liaison") -> tuple[Desk, httpx.Client]:
    """Somebody with that role, and their browser."""
    from django.test import Client

    from tocsin.people.models import Person

    desk, session = world.desk(center, role), Client()
    proven(session, Person.objects.get(pk=desk.person))
    cookies = f"{TOKEN}; sessionid={session.cookies['sessionid'].value}"
    return desk, page(world, a_client(headers={"Accept-Language": "en", "Cookie": cookies}))


def test_from_the_form_to_the_first_press(world: Town, place: str) -> None:
    phone = number()
    client, path = applies(world, phone, place)
    assert state(client, path) == "unconfirmed"
    wrong = post(client, path, code="000000" if code_sent(phone) != "000000" else "111111")
    assert wrong.status_code == 422 and "wrong" in wrong.text
    assert post(client, path, code=code_sent(phone)).status_code == 302
    assert state(client, path) == "waiting"
    assert world.book(place).entries("applied")
    desk, browser = leader(world, place)
    shown = browser.get("/desk/members/").text
    assert "Li Na 李娜" in shown and phone in shown
    pk = application(phone).pk
    done = post(browser, "/desk/members/", application=pk, do="accept")
    assert done.status_code == 302, done.text[:500]
    assert state(client, path) == "accepted"
    (entry,) = world.book(place).entries("application_accepted")
    assert "Li Na" not in str(entry) and phone not in str(entry)

    from tocsin.notifications.models import Delivery
    from tocsin.people.models import Person

    member = Person.objects.get(phone=phone)
    assert (member.name, member.language, member.center.code) == ("Li Na 李娜", "en", place)
    assert list(member.roles.values_list("name", flat=True)) == ["member"]
    assert not member.has_usable_password() and member.login is None
    assert Delivery.objects.filter(message="accepted", address=phone).exists()
    assert world.phone_of(member).press().status == 201


def test_what_lies_of_an_application_is_sealed_and_its_code_lies_nowhere(world: Town, place: str) -> None:
    phone = number()
    applies(world, phone, place)
    code = code_sent(phone)
    stored = str(world.rows("SELECT * FROM enrolment_application WHERE id = %s", application(phone).pk))
    assert phone not in stored and "Li Na" not in stored and code not in stored
    messages = str(world.rows("SELECT message, values FROM notifications_delivery WHERE address = %s", phone))
    assert code not in messages


def test_a_known_number_is_answered_like_any_other_until_it_is_proved(world: Town, place: str) -> None:
    known, fresh = world.member(place, phone=number()).phone, number()
    answers = []
    for phone in (known, fresh):
        client, path = applies(world, phone, place)
        text = client.get(path).text.replace(phone, "NUMBER")
        answers.append((re.sub(r'value="[\w-]{40,}"', "", text), sorted(client.cookies)))
        refused = post(client, path, code="12 34 5")
        answers.append((refused.status_code, "wrong" in refused.text))
    assert answers[:2] == answers[2:]
    client, path = applies(world, known, place)
    assert post(client, path, code=code_sent(known)).status_code == 302
    assert state(client, path) == "known"
    assert not world.book(place).entries("applied")


def test_a_code_is_good_for_five_tries_ten_minutes_and_once(world: Town, place: str) -> None:
    from tocsin.enrolment import actions, rules
    from tocsin.enrolment.models import Application
    from tocsin.lib.refused import Refused

    phone = number()
    applies(world, phone, place)
    found, now = application(phone), datetime.now(UTC)
    right = code_sent(phone)
    for _ in range(rules.TRIES):
        with pytest.raises(Refused):
            actions.confirm(found.pk, "x", now)
    with pytest.raises(Refused):
        actions.confirm(found.pk, right, now)
    with pytest.raises(Refused, match="too_soon"):
        actions.code_again(found.pk, now)
    later = now + timedelta(minutes=2)
    actions.code_again(found.pk, later)
    assert code_sent(phone) != right
    with pytest.raises(Refused):
        actions.confirm(found.pk, right, later)
    with pytest.raises(Refused):
        actions.confirm(found.pk, code_sent(phone), later + timedelta(minutes=11))
    assert actions.confirm(found.pk, code_sent(phone), later).state == "waiting"
    assert Application.objects.get(pk=found.pk).state == "waiting"


def test_one_number_cannot_be_flooded_with_texts(world: Town, place: str) -> None:
    from tocsin.notifications.models import Delivery
    from tocsin.privacy import consent

    phone, client = number(), page(world)
    form = {"name": "x", "phone": phone, "center": place, "read-notice": str(consent.version("notice"))}
    statuses = [post(client, "/join/", **form).status_code for _ in range(7)]
    assert statuses == [302] * 4 + [422] * 3
    assert Delivery.objects.filter(address=phone).count() == 4


@pytest.mark.parametrize(
    "change", [{"name": " "}, {"phone": "12"}, {"center": "NOWHERE"}, {"read-notice": ""}, {"read-notice": "999"}]
)
def test_what_is_missing_is_said_and_what_was_written_stays(world: Town, change: dict[str, str]) -> None:
    from tocsin.privacy import consent

    form = {"name": "Li Na", "phone": number(), "center": "PTA", "read-notice": str(consent.version("notice"))}
    answer = post(page(world), "/join/", **{**form, **change})
    assert answer.status_code == 422 and 'role="alert"' in answer.text
    if "name" not in change:
        assert 'value="Li Na"' in answer.text


def test_declined_with_a_reason_that_only_the_applicant_reads(world: Town, place: str) -> None:
    phone = number()
    client, path = applies(world, phone, place)
    post(client, path, code=code_sent(phone))
    pk = application(phone).pk
    _, browser = leader(world, place, "director")
    assert post(browser, "/desk/members/", application=pk, do="decline", reason=" ").status_code == 409
    assert post(browser, "/desk/members/", application=pk, do="decline", reason="Not from here").status_code == 302
    assert "Not from here" in client.get(path).text and state(client, path) == "declined"
    assert "Not from here" not in str(world.book(place).entries())
    from tocsin.notifications.models import Delivery

    assert Delivery.objects.filter(message="declined", address=phone).exists()
    again = post(browser, "/desk/members/", application=pk, do="accept")
    assert again.status_code == 409 and "decided" in again.text


def test_only_those_who_lead_that_center_see_and_decide(world: Town, place: str) -> None:
    phone = number()
    client, path = applies(world, phone, place)
    post(client, path, code=code_sent(phone))
    pk = application(phone).pk
    for role in ("duty_officer", "auditor", "responder", "member"):
        assert leader(world, place, role)[1].get("/desk/members/").status_code == 403, role
    other = world.place()
    for role in ("director", "supervisor", "liaison"):
        _, browser = leader(world, other, role)
        assert phone not in browser.get("/desk/members/").text
        assert post(browser, "/desk/members/", application=pk, do="accept").status_code == 404
    assert page(world).get("/desk/members/").status_code == 302, "a stranger signs in first"
    for role in ("director", "supervisor", "liaison"):
        assert phone in leader(world, place, role)[1].get("/desk/members/").text


def test_of_two_who_decide_at_once_one_wins(world: Town, place: str) -> None:
    from django.db import connection

    from tocsin.enrolment import actions
    from tocsin.lib.refused import Refused
    from tocsin.people.models import Person

    phone = number()
    client, path = applies(world, phone, place)
    post(client, path, code=code_sent(phone))
    pk, now, won = application(phone).pk, datetime.now(UTC), []
    by = Person.objects.get(pk=world.desk(place, "liaison").person)

    def decide(n: int) -> None:
        try:
            actions.accept(pk, by, now) if n % 2 else actions.decline(pk, by, "no", now)
            won.append(n)
        except Refused:
            pass
        connection.close()

    threads = [threading.Thread(target=decide, args=(n,)) for n in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(won) == 1 and Person.objects.filter(phone=phone).count() == won[0] % 2


def test_an_invitation_admits_as_often_as_it_says_and_then_no_more(world: Town, place: str) -> None:
    _, browser = leader(world, place, "supervisor")
    made = post(browser, "/desk/members/invitations/", center=place, uses="2", days="3", admits="1", label="club")
    (link,) = re.findall(r"/join/i/[\w-]+/", made.text)
    assert link not in browser.get("/desk/members/invitations/").text, "shown once"
    people = []
    for expected in ("accepted", "accepted", "waiting"):
        phone = number()
        client, path = applies(world, phone, place, link) if expected == "accepted" else (None, "")
        if client is None:
            assert "over" in page(world).get(link).text
            continue
        post(client, path, code=code_sent(phone))
        assert state(client, path) == expected
        people.append(application(phone).person_id)
    assert len(set(people)) == 2 and len(world.book(place).entries("member_joined")) == 2


def test_the_last_use_is_won_by_one_and_the_others_are_verified(world: Town, place: str) -> None:
    from tocsin.centers.models import Center
    from tocsin.enrolment import actions
    from tocsin.people.models import Person

    now, by = datetime.now(UTC), Person.objects.get(pk=world.desk(place, "director").person)
    _, link = actions.invite(Center.objects.get(code=place), by, now, uses=1, days=1, admits=True)
    path = link[link.index("/join/") :]
    phones = [number() for _ in range(3)]
    visitors = [applies(world, phone, place, path) for phone in phones]
    for phone, (client, own) in zip(phones, visitors, strict=True):
        post(client, own, code=code_sent(phone))
    assert sorted(state(client, own) for client, own in visitors) == ["accepted", "waiting", "waiting"]


def test_a_revoked_or_expired_invitation_opens_nothing(world: Town, place: str) -> None:
    from tocsin.centers.models import Center
    from tocsin.enrolment import actions
    from tocsin.lib.refused import Refused
    from tocsin.people.models import Person

    now, by = datetime.now(UTC), Person.objects.get(pk=world.desk(place, "director").person)
    made, link = actions.invite(Center.objects.get(code=place), by, now, uses=5, days=1, admits=True)
    token = link.rstrip("/").rsplit("/", 1)[1]
    assert actions.invitation_of(token, now) == made
    assert actions.invitation_of(token, now + timedelta(days=1)) is None
    assert actions.invitation_of(token + "x", now) is None
    actions.revoke(made.pk, by, now)
    assert actions.invitation_of(token, now) is None
    with pytest.raises(Refused):
        actions.revoke(made.pk, by, now)
    for uses, days in ((0, 1), (1, 0), (501, 1), (1, 91)):
        with pytest.raises(Refused):
            actions.invite(Center.objects.get(code=place), by, now, uses=uses, days=days, admits=False)


def test_a_member_leaves_and_nothing_of_theirs_speaks_any_more(world: Town, place: str) -> None:
    from tocsin.people.models import Person

    person = world.member(place, phone=number())
    phone, second = (world.phone_of(person, world.homes[place]) for _ in range(2))

    def leaves(**body: Any) -> httpx.Response:
        return phone.client.post(f"{phone.doors[0]}/app/leave", json=body, headers={"Accept-Language": "en"})

    assert leaves().status_code == 422
    press = second.press()
    assert leaves(sure=True).status_code == 409, "an alarm runs"
    desk = world.desk(place)
    desk.claim(press.incident)
    desk.close(press.incident)
    assert leaves(sure=True).status_code == 200
    until(lambda: second.press().status == 401, 3, "the other phone's end")
    person.refresh_from_db()
    assert not person.is_active and len(world.book(place).entries("member_left")) == 1
    boss = world.phone_of(Person.objects.get(pk=desk.person))
    kept = boss.client.post(f"{boss.doors[0]}/app/leave", json={"sure": True}, headers={"Accept-Language": "en"})
    assert kept.status_code == 409 and "role" in kept.text


def test_whoever_left_comes_back_as_the_same_person(world: Town, place: str) -> None:
    from tocsin.enrolment import actions
    from tocsin.people.models import Person

    person = world.member(place, phone=number(), name="Before")
    actions.leave(person, datetime.now(UTC))
    client, path = applies(world, person.phone, place)
    post(client, path, code=code_sent(person.phone))
    by = Person.objects.get(pk=world.desk(place, "liaison").person)
    member = actions.accept(application(person.phone).pk, by, datetime.now(UTC))
    assert (member.pk, member.name, member.is_active) == (person.pk, "Li Na 李娜", True)


def test_what_is_over_is_forgotten(world: Town, place: str) -> None:
    from tocsin.enrolment import actions
    from tocsin.enrolment.models import Application

    phone = number()
    applies(world, phone, place)
    pk = application(phone).pk
    actions.forget(datetime.now(UTC) + timedelta(hours=23))
    assert Application.objects.filter(pk=pk).exists()
    actions.forget(datetime.now(UTC) + timedelta(hours=25))
    assert not Application.objects.filter(pk=pk).exists()
