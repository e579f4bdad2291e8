"""The cancel PIN and its double: whoever watches the screen sees the same, and the desk sees another thing."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.stage import Phone, Stage

CANCEL, DURESS = "4071", "9352"
SAME = {"en": "The two PINs must differ.", "zh-Hans": "两个密码要不同。"}


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_pins_are_chosen_kept_and_removed(stage: Stage, language: str) -> None:
    phone = stage.phone()
    phone.sign_in()
    phone.speak(language)
    _choose(phone, CANCEL, CANCEL)
    expect(phone.see("pin-problem")).to_have_text(SAME[language])
    _choose(phone, "12", DURESS, opened=True)
    expect(phone.see("pin-problem")).not_to_be_empty()
    _choose(phone, CANCEL, DURESS, opened=True)
    expect(phone.see("pin-remove")).to_be_visible()
    phone.page.reload()
    phone.click("settings")
    phone.click("pin-remove")
    phone.type("pin-present", DURESS)
    phone.click("pin-remove-yes")
    expect(phone.see("pin-problem")).not_to_be_empty()
    phone.type("pin-present", CANCEL)
    phone.click("pin-remove-yes")
    expect(phone.see("pin-save")).to_be_visible()


def test_forced_to_cancel_the_screen_says_the_same_and_the_desk_rings(stage: Stage) -> None:
    desk = stage.desk()
    shown = {}
    for pin in (CANCEL, DURESS):
        phone = stage.phone()
        phone.sign_in()
        _choose(phone, CANCEL, DURESS)
        expect(phone.see("pin-remove")).to_be_visible()
        phone.click("settings")
        phone.hold()
        phone.reaches("received")
        incident = phone.incident
        desk.opens(incident)
        desk.click(f"claim-{incident}")
        desk.rings(False)
        phone.reaches("seen")
        phone.click("cancel")
        phone.type("pin-running", "1111")
        phone.click("pin-send")
        expect(phone.see("pin-wrong")).not_to_be_empty()
        phone.type("pin-running", pin)
        phone.click("pin-send")
        expect(phone.see("cancel-asked")).not_to_be_empty()
        if pin == CANCEL:
            expect(desk.see("banner-cancel")).to_be_visible()
            expect(desk.see("banner-duress")).to_have_count(0)
            desk.rings(False)
        else:
            desk.rings()
            expect(desk.see("banner-duress")).to_be_visible()
            expect(desk.see("banner-cancel")).to_have_count(0)
            desk.reaches("new")
        _asks_again(phone)
        phone.reaches("seen")
        shown[pin] = _seen(phone)
        phone.page.reload()
        phone.reaches("seen")
        stage.tidy()
        phone.reaches("closed")
    assert shown[CANCEL] == shown[DURESS]


def _choose(phone: Phone, cancel: str, duress: str, *, opened: bool = False) -> None:
    if not opened:
        phone.click("settings")
    phone.type("pin-cancel", cancel)
    phone.type("pin-duress", duress)
    phone.click("pin-save")


def _asks_again(phone: Phone) -> None:
    """The page is looked at, asks the server what has become of the alarm, and shows the answer."""
    with phone.page.expect_request(re.compile(r"/signals/[\w-]+$")) as asked:
        phone.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    answer = asked.value.response()
    assert answer and answer.ok
    answer.finished()
    phone.page.wait_for_timeout(100)


def _seen(phone: Phone) -> list[str]:
    """What can be read, but for times and ages."""
    text = phone.page.locator("main").inner_text()
    return [line for line in text.splitlines() if not any(c.isdigit() for c in line)]
