"""Every main screen in one look (`eye.py`): WCAG 2.2 AA by axe-core, targets, width, no word of the other language."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.eye import NAMES, TALL, Eye
from tests.browser.stage import SCREEN, Phone, Screen, Stage

WRITTEN = ("Guard Mbeki", "Church Street", "Shop with a red door")


@pytest.mark.parametrize(("scheme", "language"), [("light", "en"), ("dark", "zh-Hans")])
def test_the_main_screens_in_one_language_and_for_everybody(stage: Stage, scheme: str, language: str) -> None:
    """Through every verb and dialog of the desk, with the app beside it."""
    passes = [p[field] for p in stage.installation.sheet()["staff"] for field in ("login", "password")]
    eye = Eye(stage, language, *passes, *WRITTEN, names=NAMES)
    desk = stage.desk(language=language.lower(), color_scheme=scheme)
    expect(desk.page.locator("html")).to_have_attribute("lang", language)
    local = "en-ZA" if language == "en" else "zh-CN"
    phone = stage.phone(language=local, color_scheme=scheme, viewport=TALL)
    # the address wins over the browser
    _pages(eye, stage.page(locale="zh-CN" if language == "en" else "en-ZA", color_scheme=scheme, viewport=TALL), phone)
    phone.page.goto(f"{phone.url}/app/")
    expect(phone.see("phone")).to_be_visible()
    expect(phone.page.locator("html")).to_have_attribute("lang", language)
    eye.look(phone, "app: sign-in")
    phone.sign_in()
    eye.look(phone, "app: ready")
    phone.click("settings")
    phone.click("test")
    phone.page.locator("[data-test=test-result][data-state=done]").wait_for()
    eye.look(phone, "app: settings")
    phone.click("sign-out")
    eye.look(phone, "app: sign out?")
    phone.click("stay")
    phone.click("settings")
    eye.look(desk, "desk: quiet")
    phone.hold()
    phone.reaches("received")
    eye.look(phone, "app: received")
    phone.click("kind-extortion")
    eye.look(phone, "app: received, of a kind")
    expect(desk.see("claim")).to_be_visible()
    eye.look(desk, "desk: ringing")
    _claimed_and_dispatched(eye, desk, phone)
    _on_a_small_screen(eye, desk)
    _closed(eye, desk, phone)
    _called_in(eye, desk)
    _silent(eye, desk, phone)
    assert eye.found == {}


def _pages(eye: Eye, page: Page, phone: Phone) -> None:
    page.goto(f"{phone.url}/?lang={'zh-hans' if eye.zh else 'en'}")
    page.locator("summary").click()
    eye.look(page, "start")
    page.goto(f"{phone.url}/desk/sign-in/")
    eye.look(page, "sign-in")
    page.fill("[name=username]", "nobody")
    page.fill("[name=password]", "nothing")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    eye.look(page, "sign-in refused")


def _claimed_and_dispatched(eye: Eye, desk: Screen, phone: Phone) -> None:
    for name in ("classify", "hand-over", "merge"):
        desk.click(name)
        eye.look(desk, f"desk: {name}")
        desk.click("cancel")
    desk.click("claim")
    desk.reaches("claimed")
    desk.click("release")
    eye.look(desk, "desk: release")
    desk.click("cancel")
    desk.click("dispatch")
    expect(desk.see("dispatch-to").locator("label").first).to_be_visible()
    eye.look(desk, "desk: dispatch")
    desk.click("dispatch-kind-police")
    eye.look(desk, "desk: dispatch police")
    desk.confirm()
    desk.page.locator(".toast").wait_for()
    eye.look(desk, "desk: dispatched")
    phone.reaches("on_the_way")
    eye.look(phone, "app: on the way")
    desk.page.locator("[data-test^=mark-][data-test$=-on_the_way]").click()
    desk.click("note")
    desk.click("confirm")
    eye.look(desk, "desk: note refused")
    desk.type("note-text", "Shop with a red door")
    desk.confirm()
    phone.click("cancel")
    expect(desk.see("banner-cancel")).to_be_visible()
    eye.look(desk, "desk: incident")
    phone.see("dispatched").locator("li[data-state=on_the_way]").wait_for()
    eye.look(phone, "app: on the way, cancelled")


def _on_a_small_screen(eye: Eye, desk: Screen) -> None:
    desk.page.set_viewport_size({"width": 390, "height": 844})
    desk.click("pane-queue")
    eye.look(desk, "desk on a phone: queue")
    desk.page.locator(".row-open").first.click()
    eye.look(desk, "desk on a phone: incident")
    desk.click("pane-map")
    eye.look(desk, "desk on a phone: map")
    desk.page.set_viewport_size(SCREEN["viewport"])


def _closed(eye: Eye, desk: Screen, phone: Phone) -> None:
    desk.click("resolve")
    desk.confirm()
    desk.click("close")
    eye.look(desk, "desk: close")
    desk.click("outcome-no_contact")
    desk.confirm()
    phone.reaches("closed")
    eye.look(phone, "app: closed")
    desk.click("reopen")
    eye.look(desk, "desk: reopen")
    desk.type("reason", "Shop with a red door")
    desk.confirm()


def _called_in(eye: Eye, desk: Screen) -> None:
    for name in ("settings", "help"):
        desk.click(name)
        eye.look(desk, f"desk: {name}")
        desk.click("done")
    desk.click("open-call")
    eye.look(desk, "desk: open a call")
    desk.click("confirm")
    eye.look(desk, "desk: call refused")
    desk.click("call-kind-fire")
    desk.type("call-caller", "Guard Mbeki")
    desk.type("call-address", "Church Street")
    desk.click("confirm")
    expect(desk.see("who")).to_have_text("Guard Mbeki")
    eye.look(desk, "desk: call")
    desk.click("book")
    expect(desk.page.locator(".book-number").first).to_be_visible()
    eye.look(desk, "desk: book")


def _silent(eye: Eye, desk: Screen, phone: Phone) -> None:
    phone.click("done")
    phone.see("silent").check(force=True)
    eye.look(phone, "app: silent ready")
    phone.hold()
    phone.reaches("received")
    eye.look(phone.page, "app: silent")
    expect(desk.see("entry-opened").or_(desk.page.locator(".k-opened")).first).to_be_visible()
    desk.page.locator("li.row", has_text=phone.known["name"]).first.locator(".row-open").click()
    expect(desk.see("banner-silent")).to_be_visible()
    eye.look(desk, "desk: silent")
