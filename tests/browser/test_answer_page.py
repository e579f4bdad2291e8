"""The page behind a message, on a phone, in both languages; the desk sees the answer; a plan is written."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from tests.browser.eye import AXE, RULES, SMALL
from tests.browser.stage import PHONE, Stage


def told(stage: Stage, incident: int, login: str, token: str, language: str = "en", message: str = "alarm") -> None:
    """A message to that person, sent."""
    stage.installation.rows(
        'INSERT INTO notifications_delivery (incident_id, person_id, channel, address, language, message, "values", '
        'round, urgent, drill, state, due, created_at, sent_at, "then", tried, token, error, answer, words) '
        "SELECT i.id, p.id, 'sms', '+27820001111', %s, %s, json_build_object('who', c.name)::jsonb, 1, true, i.drill, "
        "'sent', now(), now(), now(), '[]', 1, %s, '', '', '' "
        "FROM incidents_incident i LEFT JOIN people_person c ON c.id = i.person_id, people_person p "
        "WHERE i.id = %s AND p.login = %s",
        language, message, token, incident, login,
    )  # fmt: skip


def login(stage: Stage, role: str) -> str:
    return next(s["login"] for s in stage.installation.sheet()["staff"] if s["role"] == role and s["center"] == "PTA")


def token() -> str:
    return f"browser-{datetime.now(UTC).timestamp():.6f}".replace(".", "-")


def fits(page: Page) -> None:
    """No sideways scrolling, targets for thumbs, no violation of WCAG."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(SMALL) == []
    page.evaluate(AXE)
    result = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
    assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in result["violations"]] == []


@pytest.mark.parametrize(("scheme", "language"), [("light", "en"), ("dark", "zh-hans")])
def test_one_thumb_claims_and_answers_and_the_desk_sees_it(stage: Stage, scheme: str, language: str) -> None:
    desk, phone = stage.desk(), stage.phone()
    phone.sign_in()
    phone.hold()
    phone.reaches("received")
    incident = phone.incident
    mine, theirs = token(), token()
    told(stage, incident, login(stage, "responder"), theirs, language, "sent")
    told(stage, incident, login(stage, "supervisor"), mine, language)

    page = stage.page(**PHONE, color_scheme=scheme, locale="zh-CN" if language == "en" else "en-ZA")
    page.goto(f"{stage.url}/a/{theirs}")
    expect(page.locator("html")).to_have_attribute("lang", "en" if language == "en" else "zh-Hans")
    expect(page.get_by_test_id("claim")).to_have_count(0)
    fits(page)
    page.get_by_test_id("eta-20").check(force=True)
    page.get_by_test_id("words").fill("Church Street gate")
    page.get_by_test_id("coming").click()
    expect(page.get_by_test_id("your-answer")).to_contain_text("20")
    fits(page)

    desk.opens(incident)
    card = desk.see("told")
    expect(card).to_have_attribute("data-coming", "1", timeout=8000)
    expect(card).to_contain_text(re.compile(r"told \d, seen 1, coming 1"))  # these two, and who is on duty
    expect(card).to_contain_text("Church Street gate")
    expect(card).to_contain_text("in 20 min")

    page.goto(f"{stage.url}/a/{mine}")
    fits(page)
    page.get_by_test_id("claim").click()
    expect(page.get_by_test_id("desk")).to_be_visible()
    fits(page)
    desk.reaches("claimed")
    expect(card).to_contain_text("claimed it", timeout=8000)
    page.goto(f"{stage.url}/a/{theirs}")
    expect(page.get_by_test_id("state")).to_contain_text("PTA")


def test_a_plan_is_written_played_through_and_saved(stage: Stage) -> None:
    director = login(stage, "director")
    desk = stage.desk(sign_in=False)
    desk.known = {"login": director, "password": desk.known["password"]}
    desk.sign_in("/desk/sign-in/?lang=en&next=/desk/plans/")
    desk.click("plan-add")
    played = desk.see("simulation")
    expect(played).to_have_attribute("data-state", "done", timeout=8000)
    expect(desk.see("played-1")).to_contain_text("uty officer")
    desk.page.get_by_test_id("moment-sunday").check(force=True)
    expect(desk.see("warning-off_duty").first).to_contain_text("all 2 duty officers would be told")
    desk.see("after-2").fill("0")
    expect(desk.see("stage-2")).to_contain_text("later than the one before it")
    desk.see("after-2").fill("15")
    expect(desk.see("played-2")).to_contain_text("+0:15")
    desk.click("plan-save")
    expect(desk.page.locator(".plan-wrong").first).to_contain_text("name")
    desk.type("plan-name", "Night robbery")
    desk.see("plan-alarm").select_option("robbery")
    desk.click("plan-save")
    expect(desk.see("plan-state")).to_have_text("In force")
    assert desk.page.url.endswith("/desk/plans/")
    desk.click("plan-delete")
    desk.click("delete-yes")
    expect(desk.page.get_by_text("Night robbery")).to_have_count(0)
    desk.click("book")
    expect(desk.page.locator(".book-what").filter(has_text="deleted by").first).to_be_visible()
    stage.expects("422")
