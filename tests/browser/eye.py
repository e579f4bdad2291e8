"""One look at a page: is it in one language, readable for everybody, and no wider than the screen?

eye = Eye(stage, "zh-Hans", "Night shift")     what the story itself wrote stands in both languages
eye.look(desk, "plans")                        a window or a page, under the name by which it is complained of
eye.both(page, "report")                       on a wide screen and on a phone
assert eye.found == {}
"""

import re

from playwright.sync_api import Page, ViewportSize

from tests.browser.stage import Stage, Window
from tests.browser.test_accessibility import check
from tests.browser.test_languages import CHINESE, LATIN, NAMES, SHOWN, SIGNS

#: Products, which have no other name.
PRODUCTS = NAMES | {"WhatsApp", "Telegram", "Apprise", "ntfy", "CSV", "SHA", "MB", "kB"}
NO_WORDS = re.compile(r"https?://\S+|\S+@\S+|\b[0-9A-Z]{4,8}\+[0-9A-Z]{2,3}\b")
SIZES: tuple[ViewportSize, ...] = ({"width": 1280, "height": 900}, {"width": 390, "height": 844})


class Eye:
    def __init__(self, stage: Stage, language: str, *written: str) -> None:
        tables = ("people_person", "devices_site", "devices_device")
        named = " UNION ".join(f"SELECT name FROM {table} WHERE name <> ''" for table in tables)
        names = [row[0] for row in stage.installation.rows(named)]
        signs = () if language == "zh-Hans" else ("守望 Tocsin", *SIGNS)
        self.known = sorted([*names, *signs, *written], key=len, reverse=True)
        self.zh = language == "zh-Hans"
        self.found: dict[str, list[str]] = {}

    def look(self, window: Page | Window, where: str) -> None:
        page = window.page if isinstance(window, Window) else window
        check(page, where, self.found)
        strangers = [text for text in page.evaluate(SHOWN) if self._strange(text)]
        if strangers:
            self.found[f"{where}: the other language"] = strangers
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 1:
            self.found[f"{where}: wider than the screen"] = [str(wide)]

    def both(self, window: Page | Window, where: str) -> None:
        page = window.page if isinstance(window, Window) else window
        for size in SIZES:
            page.set_viewport_size(size)
            self.look(page, f"{where}, {size['width']}")

    def _strange(self, text: str) -> bool:
        for known in self.known:
            text = text.replace(known, "")
        rest = NO_WORDS.sub("", text)
        return any(word not in PRODUCTS for word in LATIN.findall(rest)) if self.zh else bool(CHINESE.search(rest))
