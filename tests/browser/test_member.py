"""The member's code, a call instead, phones that are revoked, a number that moves; and the desk's pages of it."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.eye import Eye
from tests.browser.stage import PHONE, SCREEN, Phone, Screen, Stage
from tests.browser.test_roster import desk_of, person


def another(stage: Stage, phone: Phone) -> Phone:
    """The same member on a second phone."""
    second = Phone(stage.page(**{**PHONE, "locale": "en-ZA"}), stage.url, phone.known)
    second.sign_in()
    return second


def test_a_member_signs_in_with_a_code_and_revokes_a_stolen_phone(stage: Stage) -> None:
    phone = stage.phone()
    phone.page.clock.install()
    phone.page.goto(f"{phone.url}/app/")
    phone.type("phone", phone.known["phone"])
    phone.click("get-code")
    expect(phone.see("call-wait")).to_be_visible()
    phone.page.clock.fast_forward(31_000)
    expect(phone.see("call-me")).to_be_visible()
    phone.type("code", phone.see("demo-code").inner_text())
    phone.click("sign-in")
    expect(phone.see("press")).to_be_visible()

    stolen = another(stage, phone)
    phone.click("settings")
    phone.click("my-phones")
    rows = phone.page.locator("section[data-test^=phone-]")
    expect(rows.first).to_have_attribute("data-here", "true")
    gone = phone.page.locator("section[data-here=false]").first  # the newest after this one
    name = gone.get_attribute("data-test") or ""
    pk = name.removeprefix("phone-")
    phone.click(f"revoke-{pk}")
    phone.click(f"revoke-yes-{pk}")
    expect(phone.see("account-told")).to_have_text(re.compile("revoked"))
    expect(phone.see(name)).to_be_hidden()
    stage.expects("401")
    stolen.page.reload()
    expect(stolen.page.get_by_text("Your sign-in has expired")).to_be_visible()


def test_a_number_moves_when_both_phones_say_so(stage: Stage) -> None:
    phone = stage.phone()
    phone.sign_in()
    old = phone.known["phone"]
    new = "+2760655" + old[-4:]
    phone.click("settings")
    phone.click("my-number")
    phone.type("number-new", new)
    phone.click("number-begin")
    for which in ("old", "new"):
        phone.type(f"code-{which}", phone.see(f"demo-{which}").inner_text())
        phone.click(f"confirm-{which}")
    expect(phone.see("account-told")).to_have_text(re.compile("changed"))
    expect(phone.page.get_by_text(new)).to_be_visible()
    rows = stage.installation.rows("SELECT phone FROM people_person WHERE name = %s", phone.known["name"])
    assert rows == [(new,)]
    stage.installation.rows("UPDATE people_person SET phone = %s WHERE phone = %s", old, new)


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_the_pages_are_whole_in_both_languages_on_desk_and_phone(stage: Stage, language: str) -> None:
    eye = Eye(stage, language)
    director = desk_of(stage, "director", language=language.lower())
    for path in ("roles", "phones", "keys"):
        director.page.goto(f"{director.url}/desk/{path}/")
        expect(director.page.locator("h1")).to_be_visible()
        eye.both(director, path)
    director.page.goto(f"{director.url}/desk/phones/?q=PTA-0")
    director.page.locator("[data-test^=member-]").first.click()
    eye.both(director, "one member's phones")
    phone = stage.phone(language="zh-CN" if language == "zh-Hans" else "en-ZA")
    phone.sign_in()
    for name in ("my-phones", "my-number"):
        phone.click("settings") if name == "my-phones" else None
        phone.click(name)
        expect(phone.see("account-back")).to_be_visible()
        eye.both(phone, name)
        phone.click("account-back")
    assert eye.found == {}


def test_a_role_is_proposed_by_one_and_confirmed_by_another(stage: Stage) -> None:
    one = desk_of(stage, "director")
    one.page.goto(f"{one.url}/desk/roles/")
    whom = person(stage, "responder")["name"]
    one.type("find", whom.split()[0] + " 志愿者一")
    one.click("find-do")
    one.page.locator("input[name=person]").first.check()
    one.see("role").select_option("supervisor")
    one.click("grant-do")
    expect(one.see("told")).to_have_text(re.compile("Proposed"))
    expect(one.see("waiting")).to_contain_text(whom)
    assert one.page.locator("[data-test^=confirm-]").count() == 0  # never the same person
    staff = [s for s in stage.installation.sheet()["staff"] if s["role"] == "director" and s["center"] == "GP"]
    two = Screen(stage.page(**SCREEN), stage.url, staff[0])
    two.sign_in("/desk/sign-in/?lang=en")
    two.page.goto(f"{two.url}/desk/roles/?center=PTA")
    two.page.locator("[data-test^=confirm-]").first.click()
    expect(two.see("told")).to_have_text(re.compile("Confirmed"))
    expect(two.see("holders")).to_contain_text(whom)
    stage.installation.rows("DELETE FROM people_roleproposal")
    stage.installation.rows(
        "DELETE FROM people_role r USING people_person p "
        "WHERE p.id = r.person_id AND p.name = %s AND r.name = 'supervisor'",
        whom,
    )


def test_a_key_is_made_shown_once_and_revoked(stage: Stage) -> None:
    officer = stage.desk()
    officer.page.goto(f"{officer.url}/desk/keys/")
    officer.type("name", "wall screen")
    officer.click("make")
    key = officer.see("key").inner_text()
    assert len(key) > 40
    officer.page.goto(f"{officer.url}/desk/keys/")
    assert key not in officer.page.content()
    card = officer.page.locator("section.channel", has_text="wall screen")
    card.get_by_role("button").click()
    expect(officer.see("told")).to_be_visible()
    expect(card).to_be_hidden()
