"""Proving again before a grave act; one-time links for passwords; who sees whose sign-ins."""

import json
import re
import subprocess
import sys
from typing import Any

from tests.signin.people import PASSWORD, Browser, code_of, forget_codes, now, staff
from tests.world import Town

OLD = 6 * 60


def plan(place: str) -> str:
    stages = [
        {"after": 0, "whom": [{"kind": "on_duty"}], "by": ["sms"]},
        {"after": 90, "ring": "all", "whom": [{"kind": "everyone"}], "by": ["sms"]},
    ]
    return json.dumps(
        {"center": place, "name": "At night", "alarm": "robbery", "steps": {"stages": stages, "every": 60}}
    )


def save(browser: Browser, place: str) -> Any:
    return browser.post("/api/v1/plans", plan(place), content_type="application/json")


def test_a_plan_wants_a_fresh_proof(world: Town, place: str) -> None:
    person = staff(world, place, "director")
    browser = Browser()
    secret = browser.set_up(person)
    made = save(browser, place)
    assert made.status_code == 201, made.content
    browser.older(OLD)
    refused = save(browser, place)
    assert refused.status_code == 403
    assert refused.json()["reason"] == "sign_in_again" and refused.json()["methods"] == ["password", "totp"]
    number = made.json()["id"]
    for verb, body in (("change", plan(place)), ("activate", "{}"), ("deactivate", "{}"), ("delete", '{"sure": true}')):
        answer = browser.post(f"/api/v1/plans/{number}/{verb}", body, content_type="application/json")
        assert answer.status_code == 403, verb
    assert browser.get(f"/api/v1/plans?center={place}").status_code == 200, "looking does not"
    again = {"headers": {"accept": "application/json"}}
    assert browser.post("/desk/sign-in/again/", {"again_password": "no"}, **again).status_code == 422
    assert browser.post("/desk/sign-in/again/", {}, **again).status_code == 422
    assert browser.post("/desk/sign-in/again/", {"again_password": PASSWORD}, **again).status_code == 200
    assert save(browser, place).status_code == 201
    browser.older(OLD)
    forget_codes(person)
    assert browser.post("/desk/sign-in/again/", {"again_code": code_of(secret)}, **again).status_code == 200
    assert save(browser, place).status_code == 201
    browser.older(OLD)
    assert browser.post("/desk/sign-in/again/", {"again_code": code_of(secret)}, **again).status_code == 422, "used"


def test_a_key_is_not_asked(world: Town, place: str) -> None:
    desk = world.desk(place, "director")
    answer = desk.client.post(
        f"{world.doors[0]}/api/v1/plans", content=plan(place), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 201, answer.text


def test_a_recovery_code_is_not_enough_again(world: Town, place: str) -> None:
    from tests.signin.people import recovery_codes

    browser = Browser()
    browser.set_up(staff(world, place))
    code = recovery_codes(browser)[0]
    browser.older(OLD)
    assert browser.post("/desk/sign-in/again/", {"again_code": code}).status_code == 403


def test_a_form_is_carried_through_the_question(world: Town, place: str) -> None:
    administrator, person = staff(world, place, "administrator"), staff(world, place)
    browser = Browser()
    browser.set_up(administrator)
    browser.older(OLD)
    form = {"link": person.pk, "q": '"><b>'}
    asked = browser.post("/desk/security/people/", form)
    page = asked.content.decode()
    assert asked.status_code == 403 and f'name="link" value="{person.pk}"' in page and "<b>" not in page
    wrong = browser.post("/desk/security/people/", form | {"again_password": "no"})
    assert wrong.status_code == 403 and "That is not right" in wrong.content.decode()
    done = browser.post("/desk/security/people/", form | {"again_password": PASSWORD})
    assert done.status_code == 200 and "/desk/sign-in/password/" in done.content.decode()


def test_a_page_leads_to_the_question_and_back(world: Town, place: str) -> None:
    browser = Browser()
    browser.set_up(staff(world, place))
    browser.older(OLD)
    to = browser.get("/desk/security/passkeys/add/")["Location"]
    assert to == "/desk/sign-in/again/?next=/desk/security/passkeys/add/"
    assert "Confirm that it is you" in browser.get(to).content.decode()
    form = {"again_password": PASSWORD, "next": "/desk/security/passkeys/add/"}
    assert browser.post("/desk/sign-in/again/", form)["Location"] == "/desk/security/passkeys/add/"
    assert browser.get("/desk/security/passkeys/add/").status_code == 200


def link_for(administrator: Browser, person: Any) -> str:
    page = administrator.post("/desk/security/people/", {"link": person.pk}).content.decode()
    found = re.search(r"(/desk/sign-in/password/[\w/-]+)", page)
    assert found, page
    return found[1]


def test_a_link_sets_a_password_once(world: Town, place: str) -> None:
    administrator, person = staff(world, place, "administrator"), staff(world, place, password=None)
    desk, browser = Browser(), Browser()
    desk.set_up(administrator)
    link = link_for(desk, person)
    assert world.book(place).entries("password_link_made")[-1]["facts"]["person"] == person.pk
    assert person.login in browser.get(link).content.decode()
    bad = browser.post(link, {"new": "password12", "repeat": "password12"})
    assert bad.status_code == 200 and "alert" in bad.content.decode()
    done = browser.post(link, {"new": PASSWORD, "repeat": PASSWORD})
    assert done["Location"].startswith("/desk/sign-in/?set=1")
    assert browser.get(link).status_code == 410 and browser.post(link, {"new": "x", "repeat": "x"}).status_code == 410
    assert browser.type(person.login)["Location"] == "/desk/security/"
    other = link_for(desk, person)
    assert Browser().get(other.replace(other[-8:-1], "0000000")).status_code == 410
    world.rows("UPDATE people_person SET last_login = now() WHERE id = %s", person.pk)
    assert Browser().get(other).status_code == 410, "a sign-in meanwhile ends it"


def test_who_sees_whose_sign_ins(world: Town, place: str) -> None:
    person, elsewhere = staff(world, place), staff(world, world.place())
    root = staff(world, place, is_superuser=True)
    for role, status, may in (
        ("auditor", 200, False), ("director", 200, False), ("administrator", 200, True), ("duty_officer", 403, False),
    ):  # fmt: skip
        browser = Browser()
        browser.set_up(staff(world, place, role))
        answer = browser.get("/desk/security/people/")
        page = answer.content.decode()
        assert answer.status_code == status, role
        assert (person.login in page) == (status == 200) and elsewhere.login not in page
        assert (f'data-test="link-{person.pk}"' in page) == may
        assert f'data-test="link-{root.pk}"' not in page, "nobody below makes a link for the administrator of all"
        for other in (elsewhere, root) if may else (person, elsewhere, root):
            assert browser.post("/desk/security/people/", {"link": other.pk}).status_code == 403


def test_the_first_administrator(world: Town) -> None:
    login = f"first.{now().timestamp()}"
    run = [sys.executable, "-m", "tocsin", "admin", login]
    done = subprocess.run(run, capture_output=True, text=True, timeout=60, check=True)
    link = done.stdout.strip()
    path = link[link.index("/desk/") :]
    browser = Browser()
    assert browser.post(path, {"new": PASSWORD, "repeat": PASSWORD}).status_code == 302
    browser.set_up(type("Person", (), {"login": login}))
    assert browser.get("/admin/").status_code == 200
    assert browser.get("/admin/password_change/")["Location"] == "/desk/security/password/"
    assert Browser().get("/admin/")["Location"].startswith("/admin/login/?next=/admin/")
    assert Browser().get("/admin/login/?next=/admin/")["Location"] == "/desk/sign-in/?next=/admin/"
