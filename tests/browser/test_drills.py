"""A drill, from the form to its report: confirmed, marked on every screen, ended; in both languages, for everybody."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.eye import CHINESE, Eye
from tests.browser.stage import PHONE, SCREEN, Screen, Stage, behind, catalog

CENTER = "PTA"


def desk_of(stage: Stage, role: str, language: str = "en", **more: Any) -> Screen:
    staff = [s for s in stage.installation.sheet()["staff"] if s["role"] == role and s["center"] == CENTER]
    screen = Screen(stage.page(**{**SCREEN, **more}), stage.url, staff[0])
    screen.sign_in(f"/desk/sign-in/?lang={language}")
    return screen


@pytest.fixture
def quiet(stage: Stage) -> Stage:
    """No drill of an earlier story runs, and no hand-over note of one waits."""
    rows = stage.installation.rows
    rows("DELETE FROM rosters_handover")
    rows("UPDATE drills_drill SET ended_at = now() WHERE ended_at IS NULL")
    rows("UPDATE incidents_incident SET state = 'closed', outcome = 'drill' WHERE drill AND state <> 'closed'")
    return stage


def prepares(boss: Screen, member: str, officer: str) -> None:
    """The form, filled in: one member, only one officer told."""
    page = boss.page
    page.goto(f"{boss.url}/desk/drills/")
    boss.click("new")
    boss.type("title", "Night shift")
    boss.see("alarm").select_option("robbery")
    boss.type("find", member)
    boss.click("find-do")
    expect(boss.see("title")).to_have_value("Night shift")
    page.locator(".tick-line", has_text=member).locator("input").first.check()
    page.locator(".tick-line", has_text=officer).locator("input").first.check()


def test_a_supervisor_starts_a_drill_and_an_officer_claims_it(quiet: Stage) -> None:
    boss, officer = desk_of(quiet, "supervisor"), desk_of(quiet, "duty_officer")
    member = next(m["name"] for m in quiet.installation.sheet()["members"] if m["center"] == CENTER)
    boss.click("settings")
    boss.click("to-drills")
    expect(boss.see("past").or_(boss.see("new")).first).to_be_visible()
    prepares(boss, member, officer.known["name"])
    boss.click("check")
    expect(boss.see("sure")).to_contain_text(member)
    expect(boss.see("sure")).to_contain_text("The police, security companies and relatives hear nothing")
    expect(boss.see("sure-people")).to_contain_text(officer.known["name"])
    assert quiet.installation.rows("SELECT count(*) FROM drills_drill WHERE ended_at IS NULL") == [(0,)]
    boss.click("change")
    expect(boss.page.locator("input[name=member]:checked")).to_have_count(1)
    boss.click("check")
    boss.click("start")
    expect(boss.see("countdown")).to_have_text(re.compile(r"^(30:00|29:\d\d)$"))
    officer.rings()
    expect(officer.see("siren")).to_contain_text("Drill: 1 alarm")
    row = officer.page.locator("li.row.drilled", has_text=member)
    expect(row.get_by_test_id("drill")).to_have_text("Drill")
    row.locator(".row-open").click()
    expect(officer.see("incident")).to_have_class(re.compile("drilled"))
    expect(officer.see("flag-drill")).to_contain_text("must not reach the police")
    expect(officer.see("entry-opened")).to_contain_text("DRILL:")
    officer.click("claim")
    officer.reaches("claimed")
    officer.click("dispatch")
    expect(officer.see("dispatch-kind-unit")).to_be_visible()
    expect(officer.see("dispatch-kind-police")).to_have_count(0)
    expect(officer.see("dispatch-kind-security")).to_have_count(0)
    officer.click("cancel")
    officer.click("close")
    expect(officer.see("outcome-drill")).to_be_visible()
    expect(officer.see("outcome-genuine")).to_have_count(0)
    officer.click("cancel")
    expect(boss.see("claimed")).to_have_text("1 of 1", timeout=10_000)  # fetched anew by the page itself
    boss.see("end-now").focus()
    boss.page.keyboard.press("Enter")
    boss.see("end-do").focus()
    boss.page.keyboard.press("Enter")
    expect(boss.see("ended")).to_contain_text(boss.known["name"])
    expect(boss.see("alarms")).to_contain_text(officer.known["name"])
    officer.reaches("closed")
    expect(officer.see("reopen")).to_have_count(0)
    with boss.page.expect_download() as download:
        boss.click("csv")
    assert download.value.suggested_filename.startswith("drill-")


def test_whoever_is_told_of_a_drill_reads_so_first(quiet: Stage) -> None:
    boss, officer = desk_of(quiet, "supervisor"), desk_of(quiet, "duty_officer")
    member = next(m["name"] for m in quiet.installation.sheet()["members"] if m["center"] == CENTER)
    prepares(boss, member, officer.known["name"])
    boss.click("check")
    boss.click("start")
    expect(boss.see("countdown")).to_be_visible()
    number = quiet.installation.rows("SELECT phone FROM people_person WHERE login = %s", officer.known["login"])[0][0]
    text = quiet.message(number, "演练", member)
    assert text["text"].startswith("【演练】")
    page = quiet.page(**PHONE)
    page.goto(quiet.url + behind(text))
    expect(page.get_by_test_id("drill")).to_contain_text("这是演练，不是真的报警")
    assert page.title().startswith("演练")
    page.goto(f"{quiet.url}{behind(text)}?lang=en")
    expect(page.get_by_test_id("drill")).to_contain_text("DRILL This is an exercise, not a real alarm.")
    assert page.title().startswith("DRILL")
    row = officer.page.locator("li.row.drilled", has_text=member)
    row.locator(".row-open").click()
    expect(officer.see("told").locator(".badge", has_text="Drill")).to_be_visible()
    page.get_by_test_id("claim").click()
    officer.reaches("claimed")
    expect(page.get_by_test_id("drill")).to_be_visible()
    boss.click("end-now")
    boss.click("end-do")
    expect(boss.see("ended")).to_be_visible()
    quiet.expects("410")
    page.goto(quiet.url + behind(text))
    expect(page.get_by_test_id("plain")).to_be_visible()


def test_an_officer_reads_drills_and_starts_none(quiet: Stage) -> None:
    officer = desk_of(quiet, "duty_officer")
    officer.page.goto(f"{officer.url}/desk/drills/")
    expect(officer.page.locator("h1")).to_contain_text("Drills")
    expect(officer.see("new")).to_have_count(0)
    quiet.expects("403")
    officer.page.goto(f"{officer.url}/desk/drills/new/")
    expect(officer.page.locator("main")).to_contain_text("directors and supervisors")


@pytest.mark.parametrize(("scheme", "language"), [("light", "en"), ("dark", "zh-Hans")])
def test_every_screen_in_one_language_and_for_everybody(quiet: Stage, scheme: str, language: str) -> None:
    member = next(m["name"] for m in quiet.installation.sheet()["members"] if m["center"] == CENTER)
    quiet.expects("409")
    eye = Eye(quiet, language, "Night shift")
    boss = desk_of(quiet, "supervisor", language.lower(), color_scheme=scheme)
    officer = desk_of(quiet, "duty_officer", language.lower(), color_scheme=scheme)
    page = boss.page
    prepares(boss, member, officer.known["name"])

    def both(where: str) -> None:
        eye.both(page, where)

    both("form")
    boss.type("title", "")
    boss.click("check")
    expect(boss.see("refused")).to_be_visible()
    eye.look(page, "refused")
    boss.type("title", "Night shift")
    boss.click("check")
    both("sure")
    boss.click("change")
    page.locator("input[name=staff]:checked").uncheck()
    boss.click("check")
    expect(boss.see("sure-stages")).to_be_visible()
    both("sure, by the plan")
    boss.click("start")
    expect(boss.see("countdown")).to_be_visible()
    both("running")
    boss.click("end-now")
    both("end?")
    officer.page.locator("li.row.drilled .row-open").first.click()
    expect(officer.see("flag-drill")).to_be_visible()
    eye.look(officer, "desk with a drill")
    officer.click("claim")
    officer.reaches("claimed")
    boss.click("end-do")
    expect(boss.see("ended")).to_be_visible()
    both("report")
    page.goto(f"{boss.url}/desk/drills/")
    both("list")
    assert eye.found == {}


def test_the_words_are_the_glossarys() -> None:
    from tocsin.drills.words import WORDS as PAGE
    from tocsin.lib.words import WORDS

    for said in (catalog("drill")["drill"], PAGE["drill"]):
        assert (said[0], said[1].lower()) == WORDS["drill"]
    assert all(zh and en for zh, en in PAGE.values())
    assert not [en for _, en in PAGE.values() if CHINESE.search(en.replace("“—”", ""))]
