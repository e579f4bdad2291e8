"""A device is brought here by people: added, alive, one test press, "it works". Through the real gates; no siren."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.stage import Phone, Screen, Stage, Window
from tests.world import Tracker

HOME = (-25.7479, 28.2293)
Look = Callable[[Window, str], None]


def the_device(stage: Stage, protocol: str, identifier: str) -> Tracker:
    return Tracker(protocol, lambda: stage.installation.port(protocol), identifier, HOME)


def incidents(stage: Stage) -> int:
    return int(stage.installation.rows("SELECT count(*) FROM incidents_incident")[0][0])


def pair_at_the_desk(stage: Stage, desk: Screen, identifier: str, name: str, look: Look = lambda *_: None) -> Tracker:
    """Staff add a GT06 for a member, and try it."""
    member = next(m["name"] for m in stage.installation.sheet()["members"] if m["center"] == "PTA")
    desk.click("devices")
    look(desk, "list")
    desk.click("device-add")
    desk.type("kind-search", "gt06n")
    expect(desk.see("kind-of-gt06")).to_be_visible()
    look(desk, "kind")
    desk.click("kind-of-gt06")
    desk.type("identifier", "35900")
    expect(desk.see("pairing-next")).to_be_disabled()
    desk.type("identifier", identifier)
    desk.type("device-name", name)
    desk.type("sim", "+27 82 555 0" + identifier[-3:])
    look(desk, "number")
    desk.click("pairing-next")
    desk.type("owner-search", member.split()[0])
    desk.page.locator("[data-test^=owner-person-]", has_text=member).click()
    look(desk, "owner")
    desk.click("pairing-add")
    server = f"SERVER,1,127.0.0.1,{stage.installation.port('gt06')},0#"
    expect(desk.page.locator("[data-test=send]", has_text=server)).to_be_visible()
    sms = desk.page.locator("[data-test=send-sms]").nth(1).get_attribute("href") or ""
    assert sms.startswith(f"sms:+27825550{identifier[-3:]}?body=SERVER%2C1%2C127.0.0.1")
    look(desk, "point")
    desk.click("pairing-next")
    expect(desk.see("life")).to_have_attribute("data-state", "waiting")
    look(desk, "life")
    tracker = the_device(stage, "gt06", identifier)
    tracker.let_go()
    expect(desk.see("trial")).to_have_attribute("data-state", "ready", timeout=6000)
    look(desk, "alive")
    desk.click("test-begin")
    expect(desk.see("trial")).to_have_attribute("data-state", "press", timeout=6000)
    look(desk, "press")
    tracker.press()
    expect(desk.see("works")).to_be_visible(timeout=6000)
    expect(desk.see("works-took")).to_contain_text(re.compile(r"\d+\.\d"))
    look(desk, "works")
    return tracker


def pair_in_the_app(stage: Stage, phone: Phone, identifier: str, name: str, look: Look = lambda *_: None) -> Tracker:
    """A member adds a phone with OsmAnd's protocol, and tries it."""
    phone.click("settings")
    phone.click("my-devices")
    expect(phone.see("device-add")).to_be_visible()
    look(phone, "list")
    phone.click("device-add")
    expect(phone.see("kind-of-gt06")).to_be_visible()
    look(phone, "kind")
    phone.type("kind-search", "osmand")
    phone.click("kind-of-osmand")
    phone.type("identifier", identifier)
    phone.type("device-name", name)
    look(phone, "number")
    phone.click("pairing-next")
    expect(phone.page.locator("[data-test=send]").first).to_have_text(identifier)
    expect(phone.page.locator("[data-test=send]").nth(1)).to_have_text(f"{phone.url}/gates/osmand/")
    look(phone, "point")
    phone.click("pairing-next")
    expect(phone.see("life")).to_be_visible()
    look(phone, "life")
    device = the_device(stage, "osmand", identifier)
    device.move(*HOME)
    expect(phone.see("trial")).to_have_attribute("data-state", "ready", timeout=6000)
    look(phone, "alive")
    phone.click("test-begin")
    expect(phone.see("trial")).to_have_attribute("data-state", "press", timeout=6000)
    look(phone, "press")
    device.press()
    expect(phone.see("works")).to_be_visible(timeout=6000)
    look(phone, "works")
    return device


def test_staff_pair_a_tracker_and_nothing_rings(stage: Stage) -> None:
    desk, before = stage.desk(), incidents(stage)
    tracker = pair_at_the_desk(stage, desk, "359000160001019", "Shop tracker")
    desk.rings(False)
    assert incidents(stage) == before
    desk.click("pairing-done")
    expect(desk.page.locator("[data-test^=device-][data-state=ok]", has_text="Shop tracker")).to_be_visible()
    assert desk.page.url.endswith("/desk/devices/")

    tracker.let_go()
    tracker.press()  # the test is over: this one is real, and the siren is heard on this page too
    desk.rings(within=4)
    desk.click("siren")
    expect(desk.see("incident")).to_be_visible()
    assert desk.page.url.endswith("/desk/")


def test_a_member_pairs_a_phone_alone(stage: Stage) -> None:
    phone, before = stage.phone(), incidents(stage)
    phone.sign_in()
    pair_in_the_app(stage, phone, "wei-phone-71", "Father's phone")
    assert incidents(stage) == before
    phone.click("pairing-done")
    expect(phone.page.locator("[data-test^=device-][data-state=ok]", has_text="Father's phone")).to_be_visible()
    phone.page.locator("[data-test^=device-][data-state=ok]", has_text="Father's phone").click()
    phone.click("revoke")
    phone.click("revoke-yes")
    expect(phone.page.locator("[data-test^=device-]", has_text="Father's phone")).to_have_count(0)
    phone.click("devices-back")
    phone.click("settings")
    expect(phone.see("press")).to_be_visible()


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
    expect(desk.see("trial")).to_have_attribute("data-state", "ready", timeout=6000)
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
