"""People hear, answer and follow, each by what really went out to them: the demo's inbox has it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.stage import PHONE, Stage, behind, until_page
from tests.browser.test_answer_page import fits
from tests.browser.test_roster import CENTER, empty, person

ON_DUTY, RELATIVES, EVERYONE = {"kind": "on_duty"}, {"kind": "relatives"}, {"kind": "everyone"}


def number(stage: Stage, login: str) -> str:
    return str(stage.installation.rows("SELECT phone FROM people_person WHERE login = %s", login)[0][0])


def looks(page: Page) -> None:
    """The page in the hand is looked at: it renews itself then, and each few seconds."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


@pytest.fixture
def with_relatives(stage: Stage) -> Iterator[Stage]:
    """A plan in force that tells the caller's relatives at once."""
    empty(stage)
    boss = {"Authorization": f"Bearer {person(stage, 'director')['key']}"}
    stages = [
        {"after": 0, "whom": [ON_DUTY, RELATIVES], "by": ["sms"]},
        {"after": 120, "ring": "all", "whom": [EVERYONE], "by": ["sms"]},
    ]
    body = {"center": CENTER, "name": "Story", "alarm": "", "silent": None, "when": "",
            "steps": {"stages": stages, "every": 60}, "active": True}  # fmt: skip
    with httpx.Client(base_url=f"{stage.url}/api/v1", headers=boss, trust_env=False) as api:
        made = api.post("/plans", json=body)
        assert made.status_code == 201, made.text
        yield stage
        assert api.post(f"/plans/{made.json()['id']}/delete", json={"sure": True}).status_code == 200


def test_a_relative_is_asked_agrees_and_follows_until_the_end(with_relatives: Stage) -> None:
    stage = with_relatives
    stage.expects("410")
    desk, phone, page = stage.desk(), stage.phone(), stage.page(**PHONE)
    theirs = f"+2761{datetime.now(UTC).microsecond:07d}"
    phone.sign_in()
    phone.click("settings")
    phone.click("my-relatives")
    phone.type("relative-name", "Aunt")
    phone.type("relative-phone", theirs)
    phone.see("relative-language").select_option("en")
    phone.click("relative-add")
    row = phone.page.locator("[data-test^=relative-][data-state]")
    expect(row).to_have_attribute("data-state", "asked")

    page.goto(stage.url + behind(stage.message(theirs, "Agree or decline")))
    expect(page.get_by_test_id("consent")).to_have_attribute("data-state", "asked")
    fits(page)
    page.get_by_test_id("agree").click()
    expect(page.get_by_test_id("consent")).to_have_attribute("data-state", "agreed")
    expect(row).to_have_attribute("data-state", "agreed", timeout=8000)
    phone.click("reach-back")
    phone.click("settings")

    phone.hold()
    phone.reaches("received")
    follow = stage.url + behind(stage.message(theirs, phone.known["name"], "has raised an alarm"))
    page.goto(follow)
    expect(page.get_by_test_id("relative-page")).to_contain_text(f"{phone.known['name']} raised an alarm")
    expect(page.get_by_test_id("state")).to_contain_text("somebody is about to take it")
    expect(page.get_by_test_id("position")).to_contain_text("-25.74790, 28.22930")
    expect(page.locator("form")).to_have_count(0)  # to look, not to act
    fits(page)
    page.evaluate("window.sameAsBefore = true")
    desk.opens(phone.incident)
    desk.click("claim")
    desk.reaches("claimed")
    phone.page.context.set_geolocation({"latitude": -25.7455, "longitude": 28.233, "accuracy": 20})
    expect(desk.see("coords")).to_have_text("-25.745500, 28.233000", timeout=9000)
    looks(page)
    expect(page.get_by_test_id("state")).to_contain_text("being dealt with")
    expect(page.get_by_test_id("position")).to_contain_text("-25.74550, 28.23300")
    assert page.evaluate("window.sameAsBefore") is True

    desk.click("close")
    desk.click("outcome-genuine")
    desk.confirm()
    looks(page)
    expect(page.get_by_test_id("plain")).to_contain_text("nothing more is shown")
    page.goto(follow)
    expect(page.locator("main")).not_to_contain_text(phone.known["name"])
    expect(page.locator("main")).not_to_contain_text("25.74")


def test_told_seen_and_coming_change_by_themselves_and_one_tap_claims(stage: Stage) -> None:
    empty(stage)
    stage.expects("410")
    desk, phone, page = stage.desk(), stage.phone(), stage.page(**PHONE)
    other = person(stage, "duty_officer", second=True)
    phone.sign_in()
    phone.hold()
    phone.reaches("received")
    desk.opens(phone.incident)
    desk.page.evaluate("window.sameAsBefore = true")
    card = desk.see("told")
    expect(card).to_have_attribute("data-told", "2", timeout=15_000)
    expect(card).to_contain_text("told 2, seen 0, coming 0")

    text = stage.message(number(stage, other["login"]), phone.known["name"])
    assert re.match("报警：", text["text"]), "what it is comes first"
    page.goto(f"{stage.url}{behind(text)}?lang=en")
    expect(page.locator("h1")).to_contain_text("Alarm: other")
    expect(card).to_contain_text("told 2, seen 1, coming 0", timeout=8000)
    page.get_by_test_id("eta-20").check(force=True)
    page.get_by_test_id("coming").click()
    expect(card).to_contain_text("told 2, seen 1, coming 1", timeout=8000)
    expect(card).to_contain_text("in 20 min")
    page.get_by_test_id("claim").click()
    expect(page.get_by_test_id("desk")).to_be_visible()
    fits(page)
    desk.reaches("claimed")
    expect(desk.see("claimed-by")).to_contain_text(other["name"])
    expect(card).to_contain_text("claimed it", timeout=8000)
    desk.rings(False)
    assert desk.page.evaluate("window.sameAsBefore") is True


def test_the_page_in_the_hand_says_when_somebody_else_has_claimed(stage: Stage) -> None:
    empty(stage)
    desk, phone, page = stage.desk(), stage.phone(), stage.page(**PHONE)
    other = person(stage, "duty_officer", second=True)
    phone.sign_in()
    phone.hold()
    phone.reaches("received")
    page.goto(f"{stage.url}{behind(stage.message(number(stage, other['login']), phone.known['name']))}?lang=en")
    expect(page.get_by_test_id("claim")).to_be_visible()
    page.get_by_test_id("words").fill("I know this shop")
    desk.opens(phone.incident)
    desk.click("claim")
    desk.reaches("claimed")
    expect(page.get_by_test_id("state")).to_contain_text(desk.known["name"], timeout=12_000)
    expect(page.get_by_test_id("claim")).to_have_count(0)
    assert until_page(page, "document.querySelector('[data-test=words]').value") == "I know this shop"
