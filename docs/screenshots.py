"""The pictures of the README, taken from a running demo: `.venv/bin/python docs/screenshots.py [DATA FOLDER]`.

Start `tocsin demo --quiet` first. Two members of Pretoria press; their incidents are closed as drills at the end.
"""

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from playwright.sync_api import Browser, Page, expect, sync_playwright

IMAGES = Path(__file__).parent / "images"
WAY = [(-25.7479, 28.2293), (-25.7612, 28.2891), (-25.7701, 28.3576), (-25.7933, 28.4122), (-25.8105, 28.4811)]


def main(data: Path) -> None:
    sheet = json.loads((data / "demo.json").read_text())
    chromium = shutil.which("chromium") or "/usr/bin/chromium"
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        playwright.selectors.set_test_id_attribute("data-test")
        program = chromium if Path(chromium).exists() else None
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        take(browser, sheet)
        browser.close()
    total = sum(image.stat().st_size for image in IMAGES.glob("*.png"))
    print(f"{total // 1000} kB in {IMAGES}")
    assert total < 900_000


def take(browser: Browser, sheet: dict[str, Any]) -> None:
    url, members = sheet["url"], [m for m in sheet["members"] if m["center"] == "PTA"]
    officer = next(s for s in sheet["staff"] if s["center"] == "PTA" and s["role"] == "duty_officer")
    api = httpx.Client(base_url=f"{url}/api/v1/", headers={"Authorization": f"Bearer {officer['key']}"})
    close_all(api)

    phone = browser.new_context(
        locale="en-ZA",
        viewport={"width": 390, "height": 780},
        device_scale_factor=1.5,
        is_mobile=True,
        has_touch=True,
        permissions=["geolocation"],
        geolocation=at(0),
    )
    page = phone.new_page()
    page.goto(f"{url}/app/")
    page.get_by_test_id("phone").fill(members[2]["phone"])
    page.get_by_test_id("get-code").click()
    page.get_by_test_id("code").fill(page.get_by_test_id("demo-code").inner_text())
    page.get_by_test_id("sign-in").click()
    expect(page.get_by_test_id("ready")).to_be_visible()
    page.screenshot(path=IMAGES / "app-press.png")

    button = page.get_by_test_id("press")
    button.hover()
    page.mouse.down()
    expect(button).to_be_hidden()
    page.mouse.up()
    state = page.get_by_test_id("state")
    expect(state).to_have_attribute("data-state", "received")
    page.get_by_test_id("kind-roadblock").click()
    page.get_by_test_id("text").fill("Two men in uniform, a white car without plates")
    page.get_by_test_id("send-text").click()
    incident = int(state.get_attribute("data-incident") or 0)

    desk = desk_of(browser, url, officer)
    desk.get_by_test_id(f"claim-{incident}").click()
    expect(desk.get_by_test_id("state")).to_have_attribute("data-state", "claimed")
    responder = api.get("responders", params={"center": "PTA"}).json()["items"][0]
    sent = api.post(f"incidents/{incident}/dispatch", json={"kind": "responder", "responder": responder["id"]}).json()
    sending = sent["dispatches"][0]["id"]
    api.post(f"incidents/{incident}/mark", json={"dispatch": sending, "state": "on_the_way"})
    for step in range(1, len(WAY)):
        phone.set_geolocation(at(step))
        lat, lon = WAY[step]
        expect(desk.get_by_test_id("coords")).to_have_text(f"{lat:.6f}, {lon:.6f}", timeout=10_000)
    expect(page.get_by_test_id("dispatched")).to_contain_text("on the way")
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=IMAGES / "app-running.png")

    body = {
        "kind": "alarm",
        "alarm": "robbery",
        "position": {"lat": -25.7402, "lon": 28.2118, "accuracy": 25},
        "battery": 0.12,
    }
    httpx.put(f"{url}/signals/{uuid4()}", json=body, headers={"Authorization": f"Bearer {members[5]['token']}"})
    expect(desk.locator("html")).to_have_attribute("data-siren", "on")
    for language, name in (("en", "desk.png"), ("zh-Hans", "desk-zh.png")):
        if desk.locator("html").get_attribute("lang") != language:
            desk.get_by_test_id("language").click()
        desk.locator(f"li.row[data-id='{incident}'] .row-open").click()
        expect(desk.get_by_test_id("incident")).to_have_attribute("data-id", str(incident))
        desk.wait_for_timeout(500)
        desk.get_by_test_id("map-center").click()
        desk.mouse.move(600, 860)
        desk.wait_for_timeout(6000)  # toasts go, the map settles
        desk.screenshot(path=IMAGES / name)
    close_all(api)


def at(step: int) -> dict[str, float]:
    return {"latitude": WAY[step][0], "longitude": WAY[step][1], "accuracy": 14}


def desk_of(browser: Browser, url: str, officer: dict[str, str]) -> Page:
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, color_scheme="dark", reduced_motion="reduce", locale="en-ZA"
    )
    desk = context.new_page()
    desk.goto(f"{url}/desk/sign-in/?lang=en")
    desk.fill("[name=username]", officer["login"])
    desk.fill("[name=password]", officer["password"])
    desk.keyboard.press("Enter")
    expect(desk.get_by_test_id("connection")).to_have_attribute("data-state", "on")
    return desk


def close_all(api: httpx.Client) -> None:
    for row in api.get("incidents", params={"open": True}).json()["items"]:
        api.post(f"incidents/{row['id']}/claim", json={})
        api.post(f"incidents/{row['id']}/close", json={"outcome": "drill"})


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("TOCSIN_DATA", ".")))
