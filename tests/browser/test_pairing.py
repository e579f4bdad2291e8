"""A device is brought here by people: added, alive, one test press, "it works". Through the real gates; no siren."""

import re

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.eye import TALL, Eye
from tests.browser.stage import Phone, Screen, Stage
from tests.world import Tracker
from tocsin.gates.registry import pairings

HOME = (-25.7479, 28.2293)
SCREEN: ViewportSize = {"width": 1440, "height": 1600}
NAMED = ("Shop tracker", "Silent tracker", "Father's phone")


def an_eye(stage: Stage, language: str) -> Eye:
    """It knows what the makers' texts and models are called, which stands in both languages, in that language."""
    zh, known = language == "zh-Hans", set(NAMED)
    for each in pairings().values():
        pairs = [each.title, each.identifier, each.press, *((step.zh, step.en) for step in each.steps)]
        known |= {pair[0 if zh else 1] for pair in pairs} - {""}
    return Eye(stage, language, *known)


def the_device(stage: Stage, protocol: str, identifier: str) -> Tracker:
    return Tracker(protocol, lambda: stage.installation.port(protocol), identifier, HOME)


def incidents(stage: Stage) -> int:
    return int(stage.installation.rows("SELECT count(*) FROM incidents_incident")[0][0])


def pair_at_the_desk(stage: Stage, desk: Screen, identifier: str, name: str, eye: Eye) -> Tracker:
    """Staff add a GT06 for a member, and try it."""
    member = next(m["name"] for m in stage.installation.sheet()["members"] if m["center"] == "PTA")
    desk.click("devices")
    eye.look(desk, "desk: list")
    desk.click("device-add")
    desk.type("kind-search", "gt06n")
    expect(desk.see("kind-of-gt06")).to_be_visible()
    eye.look(desk, "desk: kind")
    desk.click("kind-of-gt06")
    desk.type("identifier", "35900")
    expect(desk.see("pairing-next")).to_be_disabled()
    desk.type("identifier", identifier)
    desk.type("device-name", name)
    desk.type("sim", "+27 82 555 0" + identifier[-3:])
    eye.look(desk, "desk: number")
    desk.click("pairing-next")
    desk.type("owner-search", member.split()[0])
    desk.page.locator("[data-test^=owner-person-]", has_text=member).click()
    eye.look(desk, "desk: owner")
    desk.click("pairing-add")
    server = f"SERVER,1,127.0.0.1,{stage.installation.port('gt06')},0#"
    expect(desk.page.locator("[data-test=send]", has_text=server)).to_be_visible()
    sms = desk.page.locator("[data-test=send-sms]").nth(1).get_attribute("href") or ""
    assert sms.startswith(f"sms:+27825550{identifier[-3:]}?body=SERVER%2C1%2C127.0.0.1")
    eye.look(desk, "desk: point")
    desk.click("pairing-next")
    expect(desk.see("life")).to_have_attribute("data-state", "waiting")
    eye.look(desk, "desk: life")
    tracker = the_device(stage, "gt06", identifier)
    tracker.let_go()
    desk.page.locator("[data-test=trial][data-state=ready]").wait_for(timeout=6000)
    eye.look(desk, "desk: alive")
    desk.click("test-begin")
    desk.page.locator("[data-test=trial][data-state=press]").wait_for(timeout=6000)
    eye.look(desk, "desk: press")
    tracker.press()
    desk.see("works").wait_for(timeout=6000)
    expect(desk.see("works-took")).to_contain_text(re.compile(r"\d+\.\d"))
    eye.look(desk, "desk: works")
    return tracker


def pair_in_the_app(stage: Stage, phone: Phone, identifier: str, name: str, eye: Eye) -> Tracker:
    """A member adds a phone with OsmAnd's protocol, and tries it."""
    phone.click("settings")
    phone.click("my-devices")
    expect(phone.see("device-add")).to_be_visible()
    eye.look(phone, "app: list")
    phone.click("device-add")
    expect(phone.see("kind-of-gt06")).to_be_visible()
    eye.look(phone, "app: kind")
    phone.type("kind-search", "osmand")
    phone.click("kind-of-osmand")
    phone.type("identifier", identifier)
    phone.type("device-name", name)
    eye.look(phone, "app: number")
    phone.click("pairing-next")
    expect(phone.page.locator("[data-test=send]").first).to_have_text(identifier)
    expect(phone.page.locator("[data-test=send]").nth(1)).to_have_text(f"{phone.url}/gates/osmand/")
    eye.look(phone, "app: point")
    phone.click("pairing-next")
    expect(phone.see("life")).to_be_visible()
    eye.look(phone, "app: life")
    device = the_device(stage, "osmand", identifier)
    device.move(*HOME)
    phone.page.locator("[data-test=trial][data-state=ready]").wait_for(timeout=6000)
    eye.look(phone, "app: alive")
    phone.click("test-begin")
    phone.page.locator("[data-test=trial][data-state=press]").wait_for(timeout=6000)
    eye.look(phone, "app: press")
    device.press()
    phone.see("works").wait_for(timeout=6000)
    eye.look(phone, "app: works")
    return device


@pytest.mark.parametrize(("scheme", "language"), [("light", "en"), ("dark", "zh-Hans")])
def test_staff_pair_a_tracker_and_nothing_rings(stage: Stage, scheme: str, language: str) -> None:
    eye, before = an_eye(stage, language), incidents(stage)
    number = "3590001600" + ("51018" if scheme == "light" else "52016")
    made = silence(stage, number[:-1] + "0", "Silent tracker")
    desk = stage.desk(language=language.lower(), color_scheme=scheme, viewport=SCREEN)
    expect(desk.see("troubled")).to_be_visible()
    eye.look(desk, "desk: main")
    tracker = pair_at_the_desk(stage, desk, number, "Shop tracker", eye)
    desk.rings(False)
    assert incidents(stage) == before
    desk.click("pairing-done")
    mine = desk.page.locator("[data-test^=device-][data-state=ok]", has_text="Shop tracker").first
    expect(mine).to_be_visible()
    assert desk.page.url.endswith("/desk/devices/")
    eye.look(desk, "desk: list")
    mine.click()
    _asked_about(eye, desk, "one that works")
    desk.page.goto(f"{desk.url}/desk/devices/")
    desk.click(f"device-{made}")
    eye.look(desk, "desk: a silent one")
    desk.click("revoke")
    eye.look(desk, "desk: revoke")
    desk.page.set_viewport_size({"width": 390, "height": 1200})
    eye.look(desk, "desk on a phone")
    desk.page.set_viewport_size(SCREEN)
    assert eye.found == {}

    tracker.let_go()
    tracker.press()  # the test is over: this one is real, and the siren is heard on this page too
    desk.rings(within=4)
    desk.click("siren")
    expect(desk.see("incident")).to_be_visible()
    assert desk.page.url.endswith("/desk/")


def _asked_about(eye: Eye, desk: Screen, where: str) -> None:
    for name, back in (("rename", ".pairing-asking button[type=button]"), ("revoke", "[data-test=revoke-no]")):
        desk.click(name)
        eye.look(desk, f"desk: {where}, {name}")
        desk.page.locator(back).click()


@pytest.mark.parametrize(("scheme", "language"), [("light", "en"), ("dark", "zh-Hans")])
def test_a_member_pairs_a_phone_alone(stage: Stage, scheme: str, language: str) -> None:
    eye, before = an_eye(stage, language), incidents(stage)
    local = "en-ZA" if language == "en" else "zh-CN"
    phone = stage.phone(language=local, color_scheme=scheme, viewport=TALL)
    phone.sign_in()
    pair_in_the_app(stage, phone, f"wei-phone-{scheme}", "Father's phone", eye)
    assert incidents(stage) == before
    phone.click("pairing-done")
    mine = phone.page.locator("[data-test^=device-]", has_text="Father's phone")
    expect(mine.and_(phone.page.locator("[data-state=ok]"))).to_be_visible()
    eye.look(phone, "app: list")
    mine.click()
    phone.click("revoke")
    phone.click("revoke-yes")
    expect(mine).to_have_count(0)
    phone.click("devices-back")
    phone.click("settings")
    expect(phone.see("press")).to_be_visible()
    assert eye.found == {}


def test_a_number_that_is_taken_or_mistyped_is_said(stage: Stage) -> None:
    desk = stage.desk()
    stage.expects("409")
    number = "359000160002025"
    stranger = the_device(stage, "gt06", number)
    stranger.answered(stranger.device.hello(), within=3)
    desk.click("devices")
    desk.click("device-add")
    desk.click("kind-of-gt06")
    desk.type("identifier", "359000160002052")  # two digits exchanged: its check digit does not fit
    expect(desk.see("identifier-says")).to_contain_text("check digit")
    desk.click("pairing-next")
    desk.click("owner-center")
    desk.click("pairing-add")
    desk.click("pairing-next")
    expect(desk.see("knock-other")).to_contain_text(number, timeout=8000)
    desk.click("knock-use")
    expect(desk.see("knock-same")).to_be_visible()
    stranger.let_go()
    desk.page.locator("[data-test=trial][data-state=ready]").wait_for(timeout=6000)
    desk.click("pairing-later")
    desk.click("device-add")
    desk.click("kind-of-gt06")
    desk.type("identifier", number)
    desk.click("pairing-next")
    desk.click("owner-center")
    desk.click("pairing-add")
    expect(desk.see("pairing-problem")).to_contain_text("registered already")


def test_silent_devices_are_told_quietly_beneath_the_queue(stage: Stage) -> None:
    made = silence(stage, "359000160003015", "Silent tracker")
    desk = stage.desk()
    expect(desk.see("troubled")).to_have_text(re.compile(r"^\d+ devices? silent$"))
    desk.rings(False)
    desk.click("troubled")
    row = desk.see(f"device-{made}")
    expect(row).to_have_attribute("data-state", "silent")
    expect(desk.page.locator(".pairing-row").first).to_have_attribute("data-state", "silent")
    row.click()
    desk.page.locator("[data-test=expect]").select_option("")
    expect(desk.page.get_by_text("Saved")).to_be_visible()


def silence(stage: Stage, identifier: str, name: str) -> int:
    """A device of Pretoria that was heard an hour ago and should have been heard since."""
    rows = stage.installation.rows(
        "INSERT INTO devices_device (protocol, identifier, name, center_id, settings, pressed, created_at, changed_at, "
        "heartbeat_every) SELECT 'gt06', %s, %s, id, '{}', false, now(), now(), 1800 FROM centers_center "
        "WHERE code = 'PTA' RETURNING id",
        identifier,
        name,
    )
    made = int(rows[0][0])
    stage.installation.rows(
        "INSERT INTO devices_vitals (device_id, heard_at, due, silent_since, battery, troubles, told, changed) VALUES "
        "(%s, now() - interval '1 hour', now(), now() - interval '1 hour', 0.64, '{}', '{}', false)",
        made,
    )
    return made
