"""From stranger to member: apply, verify, sign in, press. And what a member tells, seen by the one who claims."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.eye import Eye
from tests.browser.stage import HERE, PHONE, Phone, Stage
from tests.browser.test_roster import desk_of


def visitor(stage: Stage, phone: str, language: str = "en-ZA") -> Phone:
    """Somebody's phone, whom nobody knows yet."""
    page = stage.page(**{**PHONE, "locale": language, "permissions": ["geolocation"], "geolocation": HERE})
    return Phone(page, stage.url, {"phone": phone, "name": "Visitor"})


def applies(stage: Stage, number: str) -> Phone:
    phone = visitor(stage, number)
    phone.page.goto(f"{phone.url}/app/")
    phone.click("join")
    phone.type("name", "New Member")
    phone.type("phone", number)
    phone.see("center").select_option("PTA")
    phone.see("read-notice").check()
    phone.click("apply")
    phone.type("code", phone.see("demo-code").inner_text())
    phone.click("confirm")
    return phone


def test_apply_verify_sign_in_press(stage: Stage) -> None:
    number = "+27615559001"
    phone = applies(stage, number)
    expect(phone.see("application")).to_have_attribute("data-state", "waiting")
    boss = desk_of(stage, "supervisor")
    boss.click("settings")
    boss.click("to-members")
    card = boss.page.locator("section[data-test^=application-]", has_text="New Member")
    expect(card).to_contain_text(number)
    card.get_by_role("button", name="Accept").click()
    expect(boss.see("said")).to_contain_text("Accepted")
    phone.page.reload()
    phone.click("to-app")
    phone.sign_in()
    phone.hold()
    phone.reaches("received")
    assert stage.installation.rows("SELECT name FROM people_person WHERE phone = %s", number) == [("New Member",)]


def test_a_member_tells_and_the_claimer_sees_it(stage: Stage) -> None:
    phone, desk = stage.phone(), stage.desk()
    phone.sign_in()
    phone.click("settings")
    phone.click("my-profile")
    phone.click("vehicle-add")
    phone.type("vehicle-plate-0", "gp 12-ab")
    phone.type("medical", "Penicillin allergy")
    phone.see("medical-consent").check()
    phone.click("profile-save")
    expect(phone.see("profile-saved")).to_contain_text("Saved")
    phone.click("profile-back")
    phone.click("settings")
    phone.hold()
    incident = phone.incident
    desk.opens(incident)
    desk.click("show-details")
    expect(desk.see("plate")).to_have_text("GP 12-AB")
    expect(desk.see("medical")).to_have_count(0)
    desk.click("hide-details")
    desk.click("claim")
    desk.reaches("claimed")
    desk.click("show-details")
    expect(desk.see("medical")).to_have_text("Penicillin allergy")


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_the_pages_are_whole_in_both_languages(stage: Stage, language: str) -> None:
    eye = Eye(stage, language, "list.csv")
    stage.expects("422", "404")
    zh = language == "zh-Hans"
    phone = visitor(stage, "+27615559002", "zh-CN" if zh else "en-ZA")
    phone.page.goto(f"{phone.url}/join/?lang={language.lower()}")
    eye.both(phone, "the form")
    phone.type("name", "Applicant")
    phone.type("phone", "+27615559002")
    phone.see("center").select_option("PTA")
    phone.see("read-notice").check()
    phone.click("apply")
    eye.both(phone, "the code")
    phone.type("code", "1")
    phone.click("confirm")
    expect(phone.see("problem")).to_be_visible()
    eye.both(phone, "a wrong code")
    phone.type("code", phone.see("demo-code").inner_text())
    phone.click("confirm")
    eye.both(phone, "waiting")
    for path in ("join/" + "x" * 30 + "/", "s/" + "x" * 43, "copy/" + "x" * 43, "desk/nowhere/"):
        phone.page.goto(f"{phone.url}/{path}")
        eye.look(phone, f"nothing at {path}")
    director = desk_of(stage, "director", language=language.lower())
    for path in ("", "invitations/", "import/"):
        director.page.goto(f"{director.url}/desk/members/{path}")
        expect(director.page.locator("h1")).to_be_visible()
        eye.both(director, f"members/{path}")
    content = "姓名,手机\nApplicant,+27615559003\n,12\n".encode()
    director.see("file").set_input_files({"name": "list.csv", "mimeType": "text/csv", "buffer": content})
    director.click("check")
    expect(director.see("errors")).to_be_visible()
    eye.both(director, "the preview")
    director.click("partly")
    expect(director.see("result")).to_contain_text(re.compile("1"))
    eye.both(director, "the result")
    director.click("undo")
    expect(director.see("list")).to_have_attribute("data-stage", "undone")
    member = stage.phone(language="zh-CN" if zh else "en-ZA")
    member.sign_in()
    member.click("settings")
    member.click("my-profile")
    for add in ("place-add", "vehicle-add", "kin-add"):
        member.click(add)
    member.type("medical", "x")
    eye.both(member, "my details")
    member.click("leave")
    eye.both(member, "leaving")
    assert eye.found == {}
