"""Who looked at me: an officer opens an alarm, another breaks the glass; the member reads both on the phone."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.eye import TALL, Eye
from tests.browser.stage import PHONE, SCREEN, Phone, Screen, Stage
from tests.browser.test_roster import phone_of
from tests.files import media

CENTER = "PTA"
REASON = "The family called: nobody has heard from her for two days"


def staff(stage: Stage, role: str, center: str = CENTER) -> dict[str, Any]:
    found: dict[str, Any] = next(
        s for s in stage.installation.sheet()["staff"] if s["role"] == role and s["center"] == center
    )
    return found


def desk_of(stage: Stage, role: str, language: str = "en", **more: Any) -> Screen:
    screen = Screen(stage.page(**{**SCREEN, **more}), stage.url, staff(stage, role))
    screen.sign_in(f"/desk/sign-in/?lang={language}")
    return screen


def test_a_member_reads_who_looked_and_who_broke_the_glass(stage: Stage) -> None:
    phone = stage.phone()
    phone.sign_in()
    name = phone.known["name"]
    desk = desk_of(stage, "duty_officer")
    officer = desk.known["name"]

    desk.click("settings")
    desk.click("to-people")
    expect(desk.page).to_have_url(re.compile("/desk/looks/people/$"))
    desk.type("find", name)
    desk.click("find-do")
    desk.see("people").get_by_role("link", name=name, exact=True).click()
    expect(desk.see("hidden")).to_be_visible()
    expect(desk.see("member-phone")).to_have_count(0)
    stage.expects("409")
    desk.type("reason", "no")
    desk.click("glass-do")
    expect(desk.see("refused")).to_contain_text("Say why")
    desk.type("reason", REASON)
    desk.click("glass-do")
    expect(desk.see("glass-until")).to_be_visible()
    expect(desk.see("member-phone")).to_contain_text(phone.known["phone"])

    phone.page.reload()
    phone.speak("en")
    phone.click("settings")
    phone.click("my-looks")
    glass = phone.page.locator("[data-test=look][data-kind=glass]")
    expect(glass).to_contain_text(officer)
    expect(glass).to_contain_text(REASON)
    expect(glass).to_contain_text("Broken glass")
    phone.click("language")
    expect(glass).to_contain_text("破例")
    expect(glass).to_contain_text("值班员")
    phone.click("looks-back")

    desk.page.goto(f"{desk.url}/desk/looks/")
    expect(desk.see("looks")).to_contain_text(name)
    auditor = Screen(stage.page(**SCREEN), stage.url, staff(stage, "auditor", "NAT"))
    auditor.sign_in("/desk/sign-in/?lang=en")
    auditor.page.goto(f"{auditor.url}/desk/looks/patterns/?center={CENTER}")
    row = auditor.see("patterns").get_by_role("row", name=re.compile(re.escape(officer)))
    expect(row.get_by_test_id("glass")).to_have_text(re.compile("[1-9]"))


def test_an_incident_is_shared_with_one_person_outside_and_taken_back(stage: Stage) -> None:
    phone, desk = stage.phone(), desk_of(stage, "duty_officer")
    phone.sign_in()
    phone.hold()
    number = phone.incident
    desk.page.goto(f"{desk.url}/desk/incidents/{number}/shares/")
    desk.see("share-kind").select_option("police")
    desk.type("share-name", "Captain Nkosi")
    desk.type("share-organisation", "SAPS")
    desk.type("share-purpose", "to find the place of the roadblock")
    desk.see("part-position").check()
    desk.click("share-do")
    link = desk.see("share-link").inner_text()
    outside = stage.page(**PHONE)
    outside.goto(link)
    expect(outside.get_by_test_id("shared-page")).to_contain_text("Captain Nkosi")
    expect(outside.get_by_test_id("position")).to_be_visible()
    expect(outside.get_by_test_id("caller")).to_have_count(0)
    desk.page.goto(f"{desk.url}/desk/incidents/{number}/shares/")
    expect(desk.see("opened").first).to_contain_text("1")
    desk.page.locator("[data-test^=revoke-]").first.click()
    expect(desk.page.locator("[data-test^=share-][data-state=revoked]").first).to_be_visible()
    stage.expects("404")
    assert outside.goto(link).status == 404  # type: ignore[union-attr]


def test_a_responder_answers_in_the_app(stage: Stage) -> None:
    found = staff(stage, "responder")
    rows = stage.installation.rows("SELECT phone, id FROM people_person WHERE login = %s", found["login"])
    phone, desk = stage.phone(), stage.installation.desk(CENTER)
    phone.sign_in()
    phone.hold()
    number = phone.incident
    desk.claim(number)
    desk.done("dispatch", number, kind="responder", responder=rows[0][1])
    options = {"locale": "en-ZA", **PHONE}
    mine = Phone(stage.page(**options), stage.url, {"phone": rows[0][0], "name": found["name"]})
    mine.sign_in()
    mine.click("sent-open")
    card = mine.page.locator("[data-test^=sent-][data-state=sent]").first
    expect(card).to_contain_text(f"#{number}")
    card.locator("[data-test^=coming-10-]").click()
    expect(mine.page.locator("[data-test^=sent-][data-state=on_the_way]").first).to_contain_text(f"#{number}")
    desk.close(number)


@pytest.mark.parametrize(("scheme", "language"), [("light", "en"), ("dark", "zh-Hans")])
def test_the_pages_are_whole_in_both_languages(stage: Stage, tmp_path: Path, scheme: str, language: str) -> None:
    zh = language == "zh-Hans"
    eye = Eye(stage, language, "SAPS", "Nkosi")
    phones: dict[str, Any] = {"language": "zh-CN" if zh else "en-ZA", "color_scheme": scheme, "viewport": TALL}
    phone, other = stage.phone(**phones), stage.phone(**phones)
    desk = desk_of(stage, "duty_officer", language.lower(), color_scheme=scheme)
    officer = stage.installation.desk(CENTER)
    phone.sign_in()
    phone.hold()
    phone.reaches("received")
    number = phone.incident
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(media.photo((640, 480)))
    phone.see("take-photo").set_input_files(photo)
    expect(phone.see("file")).to_have_attribute("data-state", "sent", timeout=15_000)
    eye.look(phone, "a photo sent")
    desk.opens(number)
    desk.click("show-details")
    expect(desk.see("hide-details")).to_be_visible()
    eye.look(desk, "details")
    desk.see("files").locator("button.file").click()
    expect(desk.see("viewer-picture")).to_be_visible()
    eye.both(desk, "a picture")
    desk.page.set_viewport_size(SCREEN["viewport"])

    desk.page.goto(f"{desk.url}/desk/incidents/{number}/shares/")
    desk.see("share-kind").select_option("police")
    desk.type("share-name", "Nkosi")
    desk.type("share-organisation", "SAPS")
    desk.type("share-purpose", "找到假路检的地点" if zh else "to find the place of the roadblock")
    desk.click("share-do")
    expect(desk.see("share-link")).to_be_visible()
    eye.both(desk, "shares")
    outside = stage.page(**{**PHONE, "locale": phones["language"], "color_scheme": scheme})
    outside.goto(desk.see("share-link").inner_text())
    eye.look(outside, "shared")

    officer.claim(number)
    rows = stage.installation.rows("SELECT id FROM people_person WHERE login = %s", staff(stage, "responder")["login"])
    officer.done("dispatch", number, kind="responder", responder=rows[0][0])
    mine = phone_of(stage, "responder", phones["language"], color_scheme=scheme, viewport=TALL)
    mine.click("sent-open")
    expect(mine.page.locator("[data-test^=sent-][data-state=sent]").first).to_be_visible()
    eye.look(mine, "what I am sent to")

    desk.page.goto(f"{desk.url}/desk/looks/people/?q={other.known['name']}")
    eye.both(desk, "people")
    desk.see("people").get_by_role("link").first.click()
    expect(desk.see("hidden")).to_be_visible()
    eye.both(desk, "a member")
    desk.type("reason", "家人来电：两天没有她的消息" if zh else REASON)
    desk.click("glass-do")
    expect(desk.see("glass-until")).to_be_visible()
    eye.both(desk, "broken glass")
    desk.page.goto(f"{desk.url}/desk/looks/")
    eye.both(desk, "my looks")
    other.sign_in()
    other.click("settings")
    other.click("my-looks")
    expect(other.page.locator("[data-test=look]").first).to_be_visible()
    eye.look(other, "who looked at me")
    auditor = Screen(stage.page(**{**SCREEN, "color_scheme": scheme}), stage.url, staff(stage, "auditor", "NAT"))
    auditor.sign_in(f"/desk/sign-in/?lang={language.lower()}")
    auditor.page.goto(f"{auditor.url}/desk/looks/patterns/?center={CENTER}")
    eye.both(auditor, "patterns")
    auditor.see("patterns").get_by_role("link").first.click()
    eye.both(auditor, "looks of one")
    assert eye.found == {}
