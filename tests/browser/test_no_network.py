"""What is pressed without a network, or without a server, arrives; and a desk that hears nothing says so."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

from playwright.sync_api import expect

from tests.browser.stage import Line, Phone, Stage
from tests.world import until

UNREACHABLE = "net::ERR_"


def test_pressed_offline_and_closed_it_arrives_when_the_network_is_back(stage: Stage, tmp_path: Path) -> None:
    desk, line = stage.desk(), stage.line()
    phone = stage.phone(line.url, folder=tmp_path)
    stage.expects(UNREACHABLE)
    phone.sign_in()
    phone.offline_ready()
    _lose_network(phone, line)
    expect(phone.see("offline")).to_be_visible()
    phone.hold()
    phone.reaches("queued")
    expect(phone.see("state")).to_contain_text("It is kept on this phone")
    stage.close(phone)
    time.sleep(1)
    assert _incidents_of(stage, phone) == []
    desk.rings(False)

    line.mend()
    again = stage.phone(line.url, folder=tmp_path)
    again.page.goto(f"{line.url}/app/")
    desk.rings(within=8)
    again.reaches("received", within=8)
    again.page.reload()
    again.reaches("received")
    again.page.wait_for_timeout(1500)
    assert [kind for _, kind in _incidents_of(stage, phone)] == ["opened"]  # once, and no second signal


def test_the_alarm_screen_opens_and_presses_with_no_network(stage: Stage) -> None:
    line = stage.line()
    phone = stage.phone(line.url)
    stage.expects(UNREACHABLE)
    phone.sign_in()
    phone.offline_ready()
    line.cut()
    phone.page.reload()
    phone.hold()
    phone.reaches("queued")
    phone.page.reload()  # and what runs is found again
    phone.reaches("queued")
    line.mend()
    phone.reaches("received", within=15)
    assert [kind for _, kind in _incidents_of(stage, phone)] == ["opened"]


def test_a_killed_server_is_back_and_nothing_is_lost(stage: Stage) -> None:
    desk, phone = stage.desk(), stage.phone()
    stage.expects(UNREACHABLE, "503")
    phone.sign_in()
    assert stage.installation.kill("web")
    phone.hold()
    phone.reaches("received", within=20)
    desk.rings(within=10)
    desk.connected()
    assert [kind for _, kind in _incidents_of(stage, phone)] == ["opened"]


def test_the_server_hangs_for_twenty_seconds_and_both_screens_say_so_and_catch_up(stage: Stage) -> None:
    desk, phone = stage.desk(), stage.phone()
    stage.expects(UNREACHABLE, "503")
    phone.sign_in()
    desk.page.evaluate("window.sameAsBefore = true")
    tracker = stage.installation.trackers("gt06")[0]
    with _stopped(stage):
        started = time.monotonic()
        expect(desk.see("connection")).to_have_attribute("data-state", "lost", timeout=5000)
        expect(desk.see("siren")).to_contain_text("we cannot know")  # silence is no good news now
        assert time.monotonic() - started < 5
        phone.hold()
        phone.reaches("queued")
        tracker.home = -25.75, 28.2
        tracker.press()  # the gates are a process of their own
        expect(phone.see("state")).to_contain_text("Not sent yet", timeout=13_000)
        text = unquote(phone.see("sms").get_attribute("href") or "")
        assert text.startswith("sms:+27125550100")
        assert phone.known["name"] in text and "-25.74790,28.22930" in text and "5G6C762H+RP" in text
        expect(phone.see("call")).to_have_attribute("href", "tel:+27125550100")
        time.sleep(max(0, 20 - (time.monotonic() - started)))
        expect(desk.see("connection")).to_have_attribute("data-state", "lost")
        desk.rings(False)
    desk.connected(within=8)
    desk.rings(within=2)
    expect(desk.see("toast")).to_contain_text("caught up")
    phone.reaches("received", within=20)
    assert [kind for _, kind in _incidents_of(stage, phone)] == ["opened"]
    expect(desk.page.locator("li.row")).to_have_count(2)
    assert desk.page.evaluate("window.sameAsBefore") is True
    desk.click("book")
    expect(desk.page.locator(".book-number").first).to_be_visible()
    numbers = [int(each) for each in desk.page.locator(".book-number").all_inner_texts()]
    assert numbers == sorted(range(numbers[-1], numbers[0] + 1), reverse=True)


def _lose_network(phone: Phone, line: Line) -> None:
    line.cut()
    phone.page.context.set_offline(True)


@contextmanager
def _stopped(stage: Stage) -> Iterator[None]:
    """The web process neither answers nor refuses (SIGSTOP)."""
    pid = until(lambda: stage.installation.pid("web"), what="the web process")
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def _incidents_of(stage: Stage, phone: Phone) -> list[tuple[int, str]]:
    """What the book says of this member's signals and incidents of this story: (incident, kind)."""
    return [
        (int(incident), str(kind))
        for incident, kind in stage.installation.rows(
            "SELECT e.incident_id, e.kind FROM book_entry e JOIN incidents_incident i ON i.id = e.incident_id "
            "JOIN people_person p ON p.id = i.person_id WHERE p.phone = %s AND i.id > %s AND NOT e.echo "
            "AND e.kind IN ('opened', 'joined') ORDER BY e.number",
            phone.known["phone"],
            stage.before,
        )
    ]
