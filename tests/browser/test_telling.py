"""Every page on which people are told, and answer: one language, for everybody, on any screen."""

import re
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.eye import Eye
from tests.browser.stage import PHONE, Phone, Stage
from tests.browser.test_answer_page import login, token, told
from tests.browser.test_roster import desk_of, empty, person, phone_of
from tests.world import until

BOTH = [("light", "en"), ("dark", "zh-Hans")]

DEAD = "12"  # no number at all: the channel says so, and the contact is dead


def reached_by(stage: Stage, channel: str, address: str, role: str = "duty_officer") -> None:
    """One more contact of that person, confirmed."""
    stage.installation.rows(
        "INSERT INTO notifications_contact (person_id, channel, address, label, created_at, confirmed_at, dead_why) "
        "SELECT id, %s, %s, 'story', now(), now(), '' FROM people_person WHERE login = %s",
        channel, address, person(stage, role)["login"],
    )  # fmt: skip


@pytest.fixture(autouse=True)
def contacts_as_they_were(stage: Stage) -> Iterator[None]:
    empty(stage)  # nobody is rostered: all officers are told
    yield
    mine = "(SELECT id FROM notifications_contact WHERE label = 'story')"
    stage.installation.rows(f"UPDATE notifications_delivery SET contact_id = NULL WHERE contact_id IN {mine}")
    stage.installation.rows(f"DELETE FROM notifications_contact WHERE id IN {mine}")


def test_the_desk_shows_who_was_told_and_why_not(stage: Stage) -> None:
    reached_by(stage, "sms", DEAD)
    reached_by(stage, "whatsapp", "+27820009999")
    desks = [desk_of(stage, "duty_officer", language=lang.lower(), color_scheme=scheme) for scheme, lang in BOTH]
    phone = stage.phone()
    phone.sign_in()
    phone.hold()
    phone.reaches("received")
    for desk, (_, language) in zip(desks, BOTH, strict=True):
        eye = Eye(stage, language, "story")
        desk.opens(phone.incident)
        expect(desk.page.locator(".due")).to_be_visible()
        card = desk.see("told")
        for why in ("not_set_up", "address_dead"):
            card.locator(f"[data-why={why}]").first.wait_for(timeout=25_000)
        expect(card).to_have_attribute("data-told", re.compile("[2-9]"))
        eye.both(desk, "told")
        reason = card.locator("[data-why=address_dead]").first
        reason.locator("summary").click()
        expect(reason.locator("code")).to_contain_text("E.164")
        eye.look(desk, "why not")
        assert eye.found == {}


def test_contacts_and_channels_are_tested(stage: Stage) -> None:
    stage.expects("409")  # a contact that was tested a moment ago, in the other language
    reached_by(stage, "sms", DEAD, "director")
    for scheme, language in BOTH:
        eye = Eye(stage, language, "story")
        desk = desk_of(stage, "director", language=language.lower(), color_scheme=scheme)
        desk.click("settings")
        desk.click("to-contacts")
        for address in (f"{desk.known['login']}@demo.example", "story"):
            row = desk.page.locator(".reach-row", has_text=address)
            if language == "en" or address != "story":  # which is dead by then: there is nothing to test
                row.locator("[data-test^=test-]").click()
            expect(row.locator("[data-test^=trial-]")).to_be_visible()
        desk.page.locator(".reach-row", has_text="story").locator("[data-why]").first.wait_for(timeout=15_000)
        eye.both(desk, "contacts tested")
        page = desk.page
        page.goto(f"{desk.url}/desk/channels/")
        expect(page.get_by_test_id("channel-whatsapp")).to_have_attribute("data-state", "off")
        page.get_by_test_id("test-voice").click()
        expect(page.get_by_test_id("trial-voice")).to_be_visible()
        eye.both(page, "channels")
        assert eye.found == {}


@pytest.mark.parametrize(("scheme", "language"), BOTH)
def test_plans_are_read_and_written(stage: Stage, scheme: str, language: str) -> None:
    eye = Eye(stage, language, "Africa/Johannesburg")
    stage.expects("422")
    desk = desk_of(stage, "director", language=language.lower(), color_scheme=scheme)
    desk.click("settings")
    desk.click("to-plans")
    expect(desk.see("plan-default")).to_be_visible()
    eye.both(desk, "plans")
    desk.page.set_viewport_size({"width": 1440, "height": 900})
    desk.click("plan-default")
    expect(desk.see("simulation")).to_have_attribute("data-state", "done", timeout=10_000)
    expect(desk.see("played-5")).to_be_visible()
    eye.both(desk, "the default")
    desk.page.set_viewport_size({"width": 1440, "height": 900})
    desk.click("plan-back")
    desk.click("plan-add")
    expect(desk.see("simulation")).to_have_attribute("data-state", "done", timeout=10_000)
    for kind in ("role", "people", "nearest", "relatives"):
        desk.see("whom-add-1").select_option(kind)
    desk.page.locator("[data-test=moment-other]").check(force=True)
    desk.see("after-2").fill("0")
    expect(desk.page.locator(".plan-wrong").first).to_be_visible(timeout=8000)
    eye.both(desk, "a plan with mistakes")
    assert eye.found == {}


@pytest.mark.parametrize(("scheme", "language"), BOTH)
def test_the_phone_shows_contacts_relatives_and_duty(stage: Stage, scheme: str, language: str) -> None:
    eye = Eye(stage, language, "Aunt", "story")
    reached_by(stage, "whatsapp", "+27820009999", "responder")
    phone = phone_of(stage, "responder", "en-ZA" if language == "en" else "zh-CN", color_scheme=scheme)
    phone.click("settings")
    phone.click("my-contacts")
    expect(phone.page.locator(".reach-row", has_text="story")).to_be_visible()
    eye.look(phone, "my contacts")
    phone.click("reach-back")
    phone.click("my-relatives")
    expect(phone.see("relative-add")).to_be_visible()
    eye.look(phone, "no relatives")
    phone.type("relative-name", "Aunt")
    phone.type("relative-phone", number := f"+2761{datetime.now(UTC).microsecond:07d}")
    phone.click("relative-add")
    row = phone.page.locator("[data-test^=relative-][data-state]").first
    expect(row).to_be_visible()
    of = "message = 'consent' AND address = %s AND state = 'delivered'"
    until(lambda: stage.installation.rows(f"SELECT 1 FROM notifications_delivery WHERE {of}", number), 20)
    failed = f"UPDATE notifications_delivery SET state = 'failed', error = 'HTTP 403' WHERE {of}"
    stage.installation.rows(failed, number)
    expect(row.locator("[data-why=refused]")).to_be_visible(timeout=10_000)
    eye.look(phone, "a relative who could not be asked")
    row.locator("[data-test^=relative-remove-]").click()
    expect(row).to_have_count(0)
    phone.click("reach-back")
    phone.click("settings")
    phone.click("duty")
    expect(phone.see("available")).to_be_visible()
    eye.look(phone, "duty")
    assert eye.found == {}


@pytest.mark.parametrize(("scheme", "language"), BOTH)
def test_the_page_behind_a_message(stage: Stage, scheme: str, language: str) -> None:
    eye = Eye(stage, language, "Gate open")
    stage.expects("404", "409", "410")
    phone = stage.phone()
    phone.sign_in()
    phone.hold()
    phone.reaches("received")
    page, incident, lang = stage.page(**PHONE, color_scheme=scheme), phone.incident, language.lower()

    def opens(message: str, role: str = "supervisor") -> str:
        key = token()
        told(stage, incident, login(stage, role), key, lang, message)
        page.goto(f"{stage.url}/a/{key}")
        expect(page.locator("html")).to_have_attribute("lang", language)
        return key

    opens("trial")
    eye.look(page, "a test")
    opens("sent", "responder")
    eye.look(page, "sent")
    page.get_by_test_id("words").fill("Gate open")
    page.get_by_test_id("cannot").click()
    expect(page.get_by_test_id("your-answer")).to_be_visible()
    eye.look(page, "cannot")
    late = opens("alarm")
    expect(page.get_by_test_id("claim")).to_be_visible()
    eye.look(page, "alarm")
    told(stage, incident, login(stage, "director"), mine := token(), lang)
    page.goto(f"{stage.url}/a/{mine}")
    page.get_by_test_id("claim").click()
    expect(page.get_by_test_id("desk")).to_be_visible()
    eye.look(page, "claimed")
    page.goto(f"{stage.url}/a/{late}")
    expect(page.get_by_test_id("claim")).to_have_count(0)
    eye.look(page, "claimed by another")
    for state in ("asked", "agreed", "declined"):
        _asked(stage, phone, page, lang, state)
        eye.look(page, f"consent {state}")
    followed = _follows(stage, phone, incident, lang)
    page.goto(f"{stage.url}/a/{followed}")
    expect(page.get_by_test_id("relative-page")).to_be_visible()
    eye.look(page, "a relative")
    stage.installation.desk("PTA").close(incident)
    page.goto(f"{stage.url}/a/{followed}")
    expect(page.get_by_test_id("plain")).to_be_visible()
    eye.look(page, "over")
    page.set_extra_http_headers({"Accept-Language": language})
    page.goto(f"{stage.url}/a/nobody-knows-this-one")
    eye.look(page, "no such link")
    assert eye.found == {}


def _relative(phone: Phone, language: str) -> int:
    """One more of the member's own contacts."""
    body = {"name": "Aunt", "email": f"{secrets.token_hex(4)}@example.org", "language": language}
    headers = {"Authorization": f"Bearer {phone.known['token']}"}
    answer = httpx.post(f"{phone.url}/app/relatives", json=body, headers=headers, trust_env=False)
    assert answer.status_code == 201, answer.text
    return int(max(each["id"] for each in answer.json()["items"]))


def _follows(stage: Stage, phone: Phone, incident: int, language: str) -> str:
    key = token()
    stage.installation.rows(
        'INSERT INTO notifications_delivery (incident_id, relative_id, channel, address, language, message, "values", '
        'round, urgent, drill, state, due, created_at, "then", tried, token, error, answer, words) '
        "VALUES (%s, %s, 'email', %s, %s, 'relative', '{\"who\": \"Gate open\"}', 9, false, false, 'sent', now(), "
        "now(), '[]', 0, %s, '', '', '')",
        incident, _relative(phone, language), key, language, key,
    )  # fmt: skip
    return key


def _asked(stage: Stage, phone: Phone, page: Page, language: str, state: str) -> None:
    key = token()
    stage.installation.rows(
        'INSERT INTO notifications_delivery (relative_id, channel, address, language, message, "values", '
        'round, urgent, drill, state, due, created_at, "then", tried, token, error, answer, words) '
        "VALUES (%s, 'email', %s, %s, 'consent', '{\"who\": \"Gate open\"}', 9, false, false, 'sent', now(), "
        "now(), '[]', 0, %s, '', '', '')",
        _relative(phone, language), key, language, key,
    )  # fmt: skip
    page.goto(f"{stage.url}/a/{key}")
    if state != "asked":
        page.get_by_test_id("agree" if state == "agreed" else "decline").click()
    expect(page.get_by_test_id("consent")).to_have_attribute("data-state", state)
