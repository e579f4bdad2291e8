"""From the press to the closed incident, on both screens."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.stage import Screen, Stage


def test_a_press_rings_the_desk_and_its_way_is_seen_in_the_app(stage: Stage) -> None:
    desk, phone = stage.desk(), stage.phone()
    phone.sign_in()
    desk.rings(False)

    begun = phone.hold()
    desk.rings(within=2)
    assert time.monotonic() - begun < 2
    expect(desk.page.locator("html")).to_have_attribute("data-sound", "on")
    phone.reaches("received")
    incident = phone.incident
    expect(phone.see("center")).to_have_text("Pretoria Police-Civilian Cooperation Center")
    expect(desk.see(f"row-{incident}")).to_contain_text(phone.known["name"])
    expect(desk.see("coords")).to_have_text("-25.747900, 28.229300")
    expect(desk.see("accuracy")).to_have_text("within 12 m")
    expect(desk.see("phone")).to_have_attribute("href", f"tel:{phone.known['phone']}")

    phone.click("kind-roadblock")
    phone.type("text", "Two men, a white car")
    phone.click("send-text")
    expect(desk.see("incident-title")).to_contain_text("Fake roadblock")
    expect(desk.see("timeline")).to_contain_text("Two men, a white car")

    desk.click(f"claim-{incident}")
    desk.rings(False, within=2)
    phone.reaches("seen")
    expect(phone.see("claimed-by")).to_contain_text(desk.known["name"])

    desk.click("dispatch")
    first = desk.see("dispatch-to").locator("label").first
    expect(first).to_contain_text("PTA ")  # the center's own responders come before those of its parents
    first.click()
    desk.confirm()
    phone.reaches("on_the_way")
    expect(phone.see("state")).to_contain_text("Help has been sent")
    desk.page.locator("[data-test^=mark-][data-test$=-on_the_way]").click()
    expect(phone.see("state")).to_contain_text("Help is on the way")
    expect(phone.see("dispatched")).to_contain_text("PTA ")

    # the trail, while the alarm runs
    phone.page.context.set_geolocation({"latitude": -25.7455, "longitude": 28.233, "accuracy": 20})
    expect(desk.see("coords")).to_have_text("-25.745500, 28.233000", timeout=9000)
    expect(desk.see("trail")).to_be_visible()

    desk.page.locator("[data-test^=mark-][data-test$=-on_scene]").click()
    phone.reaches("on_scene")
    phone.click("cancel")
    expect(phone.see("state")).to_contain_text("The duty officer will call you")
    expect(desk.see("banner-cancel")).to_be_visible()
    desk.reaches("on_scene")  # asking closes nothing

    desk.click("resolve")
    desk.confirm()
    desk.reaches("resolved")
    desk.click("close")
    desk.click("outcome-genuine")
    desk.type("close-text", "All safe")
    desk.confirm()
    desk.reaches("closed")
    phone.reaches("closed")
    expect(phone.see("state")).to_contain_text("Genuine")
    phone.click("done")
    expect(phone.see("press")).to_be_visible()

    desk.click("book")
    expect(desk.see("book-page")).to_contain_text("All safe")
    kinds = ["opened", "joined", "claimed", "dispatched", "marked", "cancel_requested", "resolved", "closed"]
    written = [e["kind"] for e in stage.installation.book("PTA").entries(incident=incident)]
    assert sorted(set(written) - {"notified", "unreachable"}) == sorted(kinds)  # whom the clock told is not its way


def test_a_silent_alarm_shows_nothing_and_warns_the_officer(stage: Stage) -> None:
    desk, phone = stage.desk(), stage.phone()
    phone.page.add_init_script(
        "window.felt = []; navigator.vibrate = (pattern) => { felt.push(pattern); return true; }"
    )
    phone.sign_in()
    phone.see("silent").check(force=True)
    phone.hold()
    expect(phone.page.locator("h1, .brand")).to_have_text("Safety tips")
    phone.reaches("received")
    assert phone.page.evaluate("felt.filter((each) => each !== 0).length") == 0
    assert phone.page.title() == "Safety tips"
    expect(desk.see("banner-silent")).to_be_visible()
    expect(desk.see("phone")).to_be_hidden()  # nobody calls back by mistake
    incident = int(desk.see("incident").get_attribute("data-id") or 0)
    desk.click(f"claim-{incident}")
    phone.reaches("seen")
    phone.click("more")
    expect(phone.see("claimed-by")).to_contain_text(desk.known["name"])
    phone.click("less")
    expect(phone.page.locator(".brand")).to_have_text("Safety tips")


def test_without_a_position_it_alarms_all_the_same(stage: Stage) -> None:
    desk, phone = stage.desk(), stage.phone(permissions=[], geolocation=None)
    phone.sign_in()
    phone.hold()
    phone.reaches("received")
    expect(phone.see("where")).to_have_attribute("data-sight", "denied")
    desk.rings(within=2)
    expect(desk.see("flag-no_fix")).to_be_visible()
    expect(desk.see("coords")).to_contain_text("No position")


def test_two_officers_race_and_the_loser_reads_who_won(stage: Stage) -> None:
    one, two, phone = stage.desk(), stage.desk(second=True), stage.phone()
    stage.expects("409")
    phone.sign_in()
    phone.hold()
    incident = phone.incident
    for screen in (one, two):
        expect(screen.see("claim")).to_be_visible()
    # the second sees the button a moment longer than it is true: the press is on its way when the first has won
    two.page.route(re.compile("/claim"), lambda route: (one.click("claim"), one.reaches("claimed"), route.continue_()))
    two.click("claim")
    expect(two.see("problem")).to_contain_text(one.known["name"])
    expect(two.see("claimed-by")).to_contain_text(one.known["name"])
    expect(two.see("claim")).to_be_hidden()
    two.rings(False)
    entries = stage.installation.book("PTA").entries("claimed", incident)
    assert len(entries) == 1


def test_the_keyboard_alone_from_sign_in_to_close(stage: Stage) -> None:
    phone = stage.phone()
    phone.sign_in()
    phone.hold()
    incident = phone.incident
    desk = stage.desk(sign_in=False)
    keys, page = desk.page.keyboard, desk.page
    page.goto(f"{stage.url}/desk/sign-in/?lang=en")
    expect(page.locator("[name=username]")).to_be_focused()
    keys.type(desk.known["login"])
    keys.press("Tab")
    keys.type(desk.known["password"])
    keys.press("Enter")
    desk.connected()
    expect(desk.see(f"row-{incident}")).to_be_visible()
    keys.press("j")  # to the first row
    keys.press("Enter")
    expect(desk.see("incident")).to_have_attribute("data-id", str(incident))
    keys.press("c")
    desk.reaches("claimed")
    keys.press("d")
    expect(desk.see("dispatch-to").locator("label").first).to_be_visible()
    keys.press("Tab")
    keys.press("Space")
    keys.press("Enter")
    expect(desk.see("dialog")).to_be_hidden()
    desk.reaches("dispatched")
    expect(page.locator("*:focus")).to_have_count(1)
    keys.press("n")
    keys.type("The shop's guard is with her")
    keys.press("Control+Enter")
    expect(desk.see("dialog")).to_be_hidden()
    expect(desk.see("entry-noted")).to_contain_text("guard")
    keys.press("r")
    _tab_to(desk, "confirm")
    keys.press("Enter")
    desk.reaches("resolved")
    expect(desk.see("dialog")).to_be_hidden()
    keys.press("x")
    expect(desk.see("outcome-genuine").locator("input")).to_be_focused()
    keys.press("Space")
    keys.press("Enter")
    desk.reaches("closed")
    phone.reaches("closed")
    assert stage.installation.desk().incident(incident)["outcome"] == "genuine"


def test_the_button_by_keyboard(stage: Stage) -> None:
    phone = stage.phone()
    phone.sign_in()
    phone.see("press").focus()
    phone.page.keyboard.down("Space")
    phone.page.wait_for_timeout(700)
    phone.page.keyboard.up("Space")
    expect(phone.see("press")).to_contain_text("Too short")
    phone.page.keyboard.down("Enter")
    phone.reaches("received", within=4)
    phone.page.keyboard.up("Enter")


def _tab_to(desk: Screen, name: str) -> None:
    for _ in range(12):
        if desk.see(name).evaluate("element => element === document.activeElement"):
            return
        desk.page.keyboard.press("Tab")
    pytest.fail(f"Tab does not reach {name}")
