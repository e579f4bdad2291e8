"""What a phone must fetch before it can alarm, and what the desk draws with no help from outside."""

from playwright.sync_api import expect

from tests.browser.stage import PHONE, Stage, until_page

BUDGET = 60_000


def test_the_alarm_screen_is_small_on_the_wire(stage: Stage) -> None:
    page = stage.page(**PHONE)
    wire = page.context.new_cdp_session(page)
    sizes: dict[str, int] = {}
    wire.on("Network.loadingFinished", lambda done: sizes.__setitem__(done["requestId"], done["encodedDataLength"]))
    wire.send("Network.enable")
    page.goto(f"{stage.url}/app/", wait_until="networkidle")
    expect(page.get_by_test_id("phone")).to_be_visible()
    page.wait_for_timeout(300)
    assert len(sizes) >= 4, "page, script, style and manifest were expected"
    assert sum(sizes.values()) <= BUDGET, sizes


def test_the_map_is_drawn_from_our_own_files(stage: Stage) -> None:
    desk, phone = stage.desk(), stage.phone()
    expect(desk.page.locator(".maplibregl-canvas")).to_be_visible(timeout=15_000)
    expect(desk.see("map")).not_to_contain_text("cannot draw", timeout=1000)
    expect(desk.page.locator(".map-loading")).to_have_count(0, timeout=15_000)
    desk.page.wait_for_timeout(1500)  # the map settles
    drawn = len(desk.page.locator("#map-canvas").screenshot())
    assert drawn > 30_000, f"{drawn} bytes: a bare ground is small, areas, borders and names are not"
    phone.sign_in()
    phone.hold()
    expect(desk.see(f"marker-{phone.incident}")).to_be_visible()
    fetched = {url.rpartition("/")[2] for url in stage.requests}
    assert "base.json" in fetched
    until_page(desk.page, "document.querySelectorAll('.maplibregl-ctrl-attrib').length === 1")
