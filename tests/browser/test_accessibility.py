"""WCAG 2.2 AA on every main screen, by axe-core, light and dark."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.stage import Stage, Window
from tests.browser.test_pairing import pair_at_the_desk, pair_in_the_app, silence

AXE = (Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js").read_text("utf-8")
TALL = {"width": 390, "height": 1600}  # so that nothing lies under the bar at the bottom
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SMALL = """() => [...document.querySelectorAll("a[href], button, summary, select, label:has(input), input")]
  .filter((each) => each.checkVisibility() && !each.closest(".hidden, .skip, .maplibregl-ctrl, label input"))
  .map((each) => [each.getBoundingClientRect(), each.outerHTML.slice(0, 120)])
  .filter(([{width, height}]) => width && (height < 47.5 || width < 47.5))
  .map(([{width, height}, html]) => `${width}x${height} ${html}`)"""


def check(page: Page, where: str, found: dict[str, list[str]]) -> None:
    page.wait_for_timeout(50)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    result = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
    for violation in result["violations"]:
        nodes = [f"{n['html'][:160]} {n['failureSummary'][:200]}" for n in violation["nodes"][:3]]
        found.setdefault(f"{where}: {violation['id']}", []).extend(nodes)
    for small in page.evaluate(SMALL):
        found.setdefault(f"{where}: smaller than 48 px", []).append(small)


@pytest.mark.parametrize(("scheme", "language"), [("light", "en"), ("dark", "zh-Hans")])
def test_no_violation_on_the_main_screens(stage: Stage, scheme: str, language: str) -> None:
    found: dict[str, list[str]] = {}
    page = stage.page(color_scheme=scheme, viewport=TALL)
    page.goto(f"{stage.url}/?lang={language.lower()}")
    page.locator("summary").click()
    check(page, "start", found)
    page.goto(f"{stage.url}/desk/sign-in/")
    check(page, "sign-in", found)

    desk = stage.desk(language=language.lower(), color_scheme=scheme)
    check(desk.page, "desk: quiet", found)
    phone = stage.phone(language="en-ZA" if language == "en" else "zh-CN", color_scheme=scheme, viewport=TALL)
    phone.page.goto(f"{phone.url}/app/")
    expect(phone.see("phone")).to_be_visible()
    check(phone.page, "app: sign-in", found)
    phone.sign_in()
    check(phone.page, "app: ready", found)
    phone.click("settings")
    check(phone.page, "app: settings", found)
    phone.click("settings")
    phone.hold()
    phone.reaches("received")
    check(phone.page, "app: received", found)
    expect(desk.see("claim")).to_be_visible()
    check(desk.page, "desk: ringing", found)
    desk.click("claim")
    desk.reaches("claimed")
    desk.click("dispatch")
    expect(desk.see("dispatch-to").locator("label").first).to_be_visible()
    check(desk.page, "desk: dispatch", found)
    desk.see("dispatch-to").locator("label").first.click()
    desk.confirm()
    desk.page.locator(".toast").wait_for()
    check(desk.page, "desk: dispatched", found)
    desk.click("close")
    check(desk.page, "desk: close", found)
    desk.click("cancel")
    for name in ("settings", "help"):
        desk.click(name)
        check(desk.page, f"desk: {name}", found)
        desk.click("done")
    desk.click("open-call")
    check(desk.page, "desk: call", found)
    desk.click("book")
    expect(desk.page.locator(".book-number").first).to_be_visible()
    check(desk.page, "desk: book", found)
    phone.reaches("on_the_way")
    check(phone.page, "app: on the way", found)
    desk.page.set_viewport_size({"width": 390, "height": 844})
    desk.click("pane-queue")
    check(desk.page, "desk on a phone: queue", found)
    desk.page.locator(".row-open").first.click()
    check(desk.page, "desk on a phone: incident", found)
    desk.click("pane-map")
    check(desk.page, "desk on a phone: map", found)
    assert found == {}


@pytest.mark.parametrize(("scheme", "language"), [("light", "en"), ("dark", "zh-Hans")])
def test_no_violation_where_devices_are_paired(stage: Stage, scheme: str, language: str) -> None:
    found: dict[str, list[str]] = {}

    def look(window: Window, name: str) -> None:
        check(window.page, name, found)

    number = "3590001600" + ("51018" if scheme == "light" else "52016")
    made = silence(stage, number[:-1] + "0", "7")
    desk = stage.desk(language=language.lower(), color_scheme=scheme, viewport={"width": 1440, "height": 1600})
    expect(desk.see("troubled")).to_be_visible()
    look(desk, "desk: main")
    pair_at_the_desk(stage, desk, number, "8", lambda window, name: look(window, f"desk: {name}"))
    desk.click("pairing-done")
    look(desk, "desk: list")
    desk.click(f"device-{made}")
    look(desk, "desk: a silent one")
    desk.click("revoke")
    look(desk, "desk: revoke")
    desk.page.set_viewport_size({"width": 390, "height": 1200})
    look(desk, "desk on a phone")
    phone = stage.phone(language="en-ZA" if language == "en" else "zh-CN", color_scheme=scheme, viewport=TALL)
    phone.sign_in()
    pair_in_the_app(stage, phone, f"beacon-{scheme}", "9", lambda window, name: look(window, f"app: {name}"))
    phone.click("pairing-done")
    look(phone, "app: list")
    assert found == {}
