"""The roster on the desk and in the app: planned, swapped, handed over; and who is on duty is seen on every page."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.eye import Eye
from tests.browser.stage import PHONE, SCREEN, Phone, Screen, Stage, catalog

CENTER = "PTA"


def person(stage: Stage, role: str, second: bool = False) -> dict[str, Any]:
    staff = [s for s in stage.installation.sheet()["staff"] if s["role"] == role and s["center"] == CENTER]
    found: dict[str, Any] = staff[int(second)]
    return found


def desk_of(stage: Stage, role: str, *, second: bool = False, language: str = "en", **more: Any) -> Screen:
    screen = Screen(stage.page(**{**SCREEN, **more}), stage.url, person(stage, role, second))
    screen.sign_in(f"/desk/sign-in/?lang={language}")
    return screen


def phone_of(stage: Stage, role: str, language: str = "en-ZA", **more: Any) -> Phone:
    found = person(stage, role)
    rows = stage.installation.rows("SELECT phone FROM people_person WHERE login = %s", found["login"])
    options = {
        "permissions": ["geolocation", "background-sync"],
        "geolocation": {"latitude": -25.75, "longitude": 28.23, "accuracy": 12},
        "locale": language,
    }
    phone = Phone(stage.page(**{**options, **PHONE, **more}), stage.url, {"phone": rows[0][0], "name": found["name"]})
    phone.sign_in()
    return phone


@pytest.fixture
def planned(stage: Stage) -> Stage:
    """A roster with a gap: two officers, weekdays only, and the night from Saturday missing."""
    empty(stage)
    import httpx

    boss = person(stage, "supervisor")
    ids = dict(stage.installation.rows("SELECT login, id FROM people_person WHERE login IS NOT NULL"))
    headers = {"Authorization": f"Bearer {boss['key']}"}
    for second, start in ((False, "06:00"), (True, "18:00")):
        for weekday in range(7):
            if weekday == 5 and second:
                continue
            body = {
                "center": CENTER, "duty": "duty_officer", "person": ids[person(stage, "duty_officer", second)["login"]],
                "weekday": weekday, "start": start, "minutes": 720, "since": "2026-01-01",
            }  # fmt: skip
            url = f"{stage.url}/api/v1/patterns"
            assert httpx.post(url, json=body, headers=headers, trust_env=False).status_code == 201
    return stage


def next_week(desk: Screen) -> None:
    before = desk.see("week-of").inner_text()
    desk.click("week-after")
    expect(desk.see("week-of")).not_to_have_text(before)


def empty(stage: Stage) -> None:
    for table in ("swap", "shift", "pattern", "handover", "availability"):
        stage.installation.rows(f"DELETE FROM rosters_{table}")


def test_a_director_plans_a_week_by_keyboard_and_the_gap_goes(stage: Stage) -> None:
    empty(stage)
    boss = desk_of(stage, "director")
    officer = person(stage, "duty_officer")["name"]
    expect(boss.see("on-duty")).to_contain_text("No one rostered")
    boss.see("on-duty").focus()
    boss.page.keyboard.press("Enter")
    expect(boss.see("roster")).to_be_visible()
    expect(boss.page).to_have_url(re.compile("/desk/roster/$"))
    boss.click("patterns")
    boss.click("add-pattern")
    boss.see("person").select_option(label=officer)
    boss.click("save-pattern")
    expect(boss.see("roster-problem")).to_contain_text("at least one day")
    for weekday in range(7):
        boss.see(f"weekday-{weekday}").check(force=True)
    boss.type("from", "00:00")
    boss.type("to", "23:00")
    boss.click("save-pattern")
    expect(boss.page.locator("[data-test^=pattern-]")).to_have_count(7)
    boss.click("roster-back")
    expect(boss.see("on-duty")).to_contain_text(officer)
    next_week(boss)
    expect(boss.see("gaps")).to_contain_text("7 gaps")
    boss.see("gap").first.click()
    expect(boss.see("from")).to_have_value("23:00")
    expect(boss.see("to")).to_have_value("00:00")
    boss.see("person").select_option(label=person(stage, "duty_officer", True)["name"])
    boss.click("save-shift")
    expect(boss.see("gaps")).to_contain_text("6 gaps")
    boss.page.locator("[data-test^=shift-]", has_text="23:00–24:00").first.click()
    boss.click("remove")
    boss.click("remove-yes")
    expect(boss.see("gaps")).to_contain_text("7 gaps")
    boss.click("patterns")
    boss.see("end-pattern").first.click()
    boss.click("end-yes")
    expect(boss.page.locator("[data-test^=pattern-]")).to_have_count(6)


def test_a_shift_is_swapped_between_a_desk_and_a_phone(planned: Stage) -> None:
    other, phone = desk_of(planned, "duty_officer", second=True), phone_of(planned, "duty_officer")
    mine = person(planned, "duty_officer")["name"]
    other.click("on-duty")
    next_week(other)
    other.page.locator(".roster-shift.mine").first.click()
    other.see("swap-to").select_option(label=mine)
    other.click("swap-send")
    expect(other.page.get_by_role("status").filter(has_text="Asked")).to_be_visible()
    heard = planned.message(f"{person(planned, 'duty_officer')['login']}@demo.example", "请您换班")
    assert other.known["name"] in heard["text"]
    phone.click("duty")
    expect(phone.see("swap-accept")).to_be_visible()
    phone.click("swap-accept")
    expect(phone.see("swap-accept")).to_be_hidden()
    expect(phone.page.locator("[data-test^=my-shift-]").first).to_be_visible()
    other.click("roster-back")
    expect(other.see("roster-grid")).to_be_visible()
    swapped = planned.installation.rows("SELECT count(*) FROM rosters_swap WHERE accepted")
    assert swapped == [(1,)]


def test_a_note_stays_on_the_desk_until_the_next_officer_has_read_it(planned: Stage) -> None:
    one, two = desk_of(planned, "duty_officer"), desk_of(planned, "duty_officer", second=True)
    one.click("on-duty")
    one.click("write-note")
    one.type("note-words", "The gate at Church Street is open.\nCall the guard at 22:00.")
    one.click("save-note")
    expect(one.page.locator("[data-test^=note-]")).to_be_visible()
    expect(two.see("handover")).to_contain_text("Call the guard")
    expect(two.see("confirm-handover")).to_be_visible()
    two.page.reload()
    expect(two.see("handover")).to_be_visible()
    two.click("confirm-handover")
    expect(two.see("handover")).to_be_hidden()
    expect(one.page.locator("[data-test^=note-]")).to_have_count(0)


def test_a_responder_is_available_by_phone_and_the_desk_sees_it(planned: Stage) -> None:
    desk, phone = desk_of(planned, "duty_officer"), phone_of(planned, "responder")
    desk.click("on-duty")
    phone.click("duty")
    phone.click("hours-2")
    phone.click("available")
    expect(phone.see("available-until")).to_contain_text("The place")
    expect(desk.see("roster-now")).to_contain_text(person(planned, "responder")["name"])
    phone.click("available-end")
    expect(phone.see("available")).to_be_visible()
    expect(desk.see("roster-now")).not_to_contain_text(person(planned, "responder")["name"])
    phone.click("calendar-make")
    expect(phone.see("calendar-url")).to_have_value(re.compile(r"/calendar/[\w-]{43}\.ics$"))
    phone.click("duty-back")
    expect(phone.see("press")).to_be_visible()


def test_a_member_sees_no_duty_in_the_app(stage: Stage) -> None:
    phone = stage.phone()
    phone.sign_in()
    expect(phone.see("settings")).to_be_visible()
    expect(phone.see("duty")).to_have_count(0)


@pytest.mark.parametrize(("scheme", "language"), [("light", "en"), ("dark", "zh-Hans")])
def test_every_screen_in_one_language_and_for_everybody(planned: Stage, scheme: str, language: str) -> None:
    eye = Eye(planned, language, "Africa/Johannesburg", "Gate open")
    look = eye.look
    one = desk_of(planned, "duty_officer", second=True, language=language.lower(), color_scheme=scheme)
    one.click("on-duty")
    one.click("write-note")
    look(one.page, "note")
    one.type("note-words", "Gate open")
    one.click("save-note")
    boss = desk_of(planned, "supervisor", language=language.lower(), color_scheme=scheme)
    expect(boss.see("handover")).to_be_visible()
    look(boss.page, "desk with a note")
    for size in ({"width": 1440, "height": 1000}, {"width": 390, "height": 844}):
        boss.page.set_viewport_size(size)
        narrow = size["width"] < 500
        where = "on a phone" if narrow else "on the desk"
        if narrow:
            look(boss.page, f"queue {where}")
            boss.click("pane-roster")
        else:
            boss.click("on-duty")
        expect(boss.see("roster-grid")).to_be_visible()
        next_week(boss)
        expect(boss.see("gap").first).to_be_visible()
        look(boss.page, f"week {where}")
        boss.see("gap").first.click()
        look(boss.page, f"new shift {where}")
        boss.click("roster-back")
        boss.page.locator("[data-test^=shift-]").last.click()
        boss.click("remove")
        look(boss.page, f"shift {where}")
        boss.click("roster-back")
        boss.click("patterns")
        expect(boss.see("change-pattern").first).to_be_visible()
        look(boss.page, f"patterns {where}")
        boss.see("change-pattern").first.click()
        look(boss.page, f"pattern {where}")
        boss.click("roster-back")
        boss.click("roster-back")
        boss.click("calendar")
        boss.click("calendar-make")
        expect(boss.see("calendar-url")).to_be_visible()
        look(boss.page, f"calendar {where}")
        boss.click("roster-back")
        boss.click("roster-leave")
    phone = phone_of(planned, "responder", "en-ZA" if language == "en" else "zh-CN", color_scheme=scheme)
    look(phone.page, "app: ready, with duty")
    phone.click("duty")
    expect(phone.see("available")).to_be_visible()
    look(phone.page, "app: duty")
    phone.click("available")
    expect(phone.see("available-until")).to_be_visible()
    look(phone.page, "app: available")
    assert eye.found == {}


def test_the_words_are_the_glossarys() -> None:
    from tocsin.lib.words import WORDS

    for key, said in catalog("roster").items():
        name = key if key == "duty_officer" else key.removeprefix("duty_")
        if name in ("duty_officer", "responder", "supervisor", "gap", "swap", "handover", "available"):
            assert name in WORDS
            if key.startswith("duty_"):
                assert (said[0], said[1].lower()) == WORDS[name]
