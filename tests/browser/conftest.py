"""One installation for all stories in the browser; a Chromium for each file (it keeps an event loop running)."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.browser.stage import ARGUMENTS, Stage, executable
from tests.world import Installation

MEMBERS = 200  # more than all stories take


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent.name == "browser":
            item.add_marker("browser")


@pytest.fixture(scope="session")
def demo() -> Iterator[Installation]:
    installation = Installation(inbox=True)
    installation.env["TOCSIN_CHANNEL_WEBPUSH_SUBJECT"] = "mailto:duty@example.org"
    installation.env["TOCSIN_CHANNEL_WEBPUSH_PRIVATE"] = "1"
    try:
        installation.start()
        yield installation
    finally:
        installation.end()


@pytest.fixture(scope="session")
def members(demo: Installation) -> Iterator[dict[str, str]]:
    """Members of Pretoria, each for one phone: what an earlier story left of one (an incident, a broken glass) is not
    seen by a later one.
    """
    return iter(demo.newcomers("PTA", MEMBERS))


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        playwright.selectors.set_test_id_attribute("data-test")
        yield playwright


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    chromium = playwright.chromium
    browser = chromium.launch(executable_path=executable(chromium.executable_path), args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture
def stage(
    playwright: Playwright, browser: Browser, demo: Installation, members: Iterator[dict[str, str]]
) -> Iterator[Stage]:
    stage = Stage(playwright, browser, demo, members)
    try:
        yield stage
    finally:
        stage.end()
    stage.verify()
