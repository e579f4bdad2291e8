"""A photo, sent while the alarm runs and the network breaks, is at the desk; and what a silent alarm never opens."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.stage import Phone, Stage, until_page
from tests.files import media
from tests.world import until

UNREACHABLE = "net::ERR_"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "IMG_0001.jpg"
    path.write_bytes(media.photo((1600, 1200)))
    assert path.stat().st_size > 5 * 128 * 1024
    return path


def sends(phone: Phone, what: str, path: Path) -> None:
    phone.see(f"take-{what}").set_input_files(path)


def test_a_photo_sent_with_the_network_cut_in_the_middle_is_at_the_desk(stage: Stage, photo: Path) -> None:
    desk, line = stage.desk(), stage.line()
    phone = stage.phone(line.url)
    stage.expects(UNREACHABLE, "503")
    phone.sign_in()
    phone.offline_ready()
    phone.hold()
    phone.reaches("received")
    incident = phone.incident
    pieces = []
    phone.page.on("request", lambda request: "/files/" in request.url and pieces.append(request.url))
    phone.page.context.on("response", lambda response: "/files/" in response.url and len(pieces) == 2 and line.cut())
    sends(phone, "photo", photo)
    expect(phone.see("file")).to_have_attribute("data-state", "waiting")
    until_page(phone.page, "document.querySelector('[data-test=file-retry]') !== null")
    assert 2 <= len(pieces) < 8
    assert not stage.installation.desk("PTA").incident(incident)["files"]
    phone.page.reload()  # and the app is opened again without a network
    expect(phone.see("file")).to_have_attribute("data-state", "waiting")
    line.mend()
    expect(phone.see("file")).to_have_attribute("data-state", "sent", timeout=30_000)

    desk.opens(incident)
    tile = desk.see("files").locator("button.file")
    expect(tile).to_be_visible(timeout=8000)
    expect(tile.locator("img")).to_have_js_property("complete", True)
    expect(desk.see("entry-attached")).to_contain_text("photo")
    tile.focus()
    desk.page.keyboard.press("Enter")
    picture = desk.see("viewer-picture")
    expect(picture).to_be_visible()
    assert until(lambda: picture.evaluate("image => image.naturalHeight")) == 1600, "upright, as it was held"
    expect(desk.see("viewer-what")).to_contain_text("copy without its place")
    expect(desk.see("viewer-original")).to_have_count(0)
    desk.page.keyboard.press("c")  # would claim
    desk.reaches("new")
    desk.page.keyboard.press("Escape")
    expect(desk.see("viewer")).to_have_count(0)
    expect(tile).to_be_focused()


def test_a_recording_is_played_at_the_desk_and_the_keyboard_turns_pages(
    stage: Stage, photo: Path, tmp_path: Path
) -> None:
    desk, phone = stage.desk(), stage.phone()
    phone.sign_in()
    phone.hold()
    phone.reaches("received")
    sound = tmp_path / "sound.wav"
    sound.write_bytes(media.wav(2))
    sends(phone, "photo", photo)
    sends(phone, "video", sound)  # what it is is read from its content
    expect(phone.page.locator("[data-test=file][data-state=sent]")).to_have_count(2, timeout=15_000)
    desk.opens(phone.incident)
    tiles = desk.see("files").locator("button.file")
    expect(tiles).to_have_count(2, timeout=8000)
    tiles.first.click()
    expect(desk.see("viewer-place")).to_have_text("1 of 2")
    desk.page.keyboard.press("ArrowRight")
    player = desk.see("viewer-sound")
    expect(player).to_be_visible()
    assert until(lambda: player.evaluate("sound => sound.duration || 0")) == pytest.approx(2, abs=0.1)
    expect(desk.see("viewer-what")).to_contain_text("This is the original")
    desk.page.keyboard.press("Escape")


def test_a_silent_alarm_opens_no_camera_and_asks_for_nothing(stage: Stage, photo: Path) -> None:
    phone = stage.phone()
    phone.sign_in()
    phone.see("silent").check(force=True)
    phone.hold()
    phone.reaches("received")
    phone.click("more")
    assert phone.see("take-photo").get_attribute("capture") is None
    assert phone.see("take-video").get_attribute("capture") is None
    expect(phone.see("take-sound")).to_have_count(0)
    expect(phone.see("files")).to_contain_text("the camera is not opened")
    assert phone.see("files-problem").get_attribute("aria-live") == "off"
    sends(phone, "photo", photo)
    expect(phone.see("file")).to_have_attribute("data-state", "sent", timeout=15_000)


def test_a_file_that_is_none_is_refused_in_ones_own_words(stage: Stage, tmp_path: Path) -> None:
    stage.expects("422")
    phone = stage.phone()
    phone.sign_in()
    phone.hold()
    phone.reaches("received")
    page = tmp_path / "photo.jpg"
    page.write_text("<html><script>alert(1)</script></html>")
    sends(phone, "photo", page)
    expect(phone.see("file")).to_have_attribute("data-state", "refused", timeout=10_000)
    expect(phone.see("file")).to_contain_text(re.compile("no photo, video or sound"))
