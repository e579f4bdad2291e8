"""One look at a page: is it in one language, readable for everybody (WCAG 2.2 AA), and no wider than the screen?

eye = Eye(stage, "zh-Hans", "Night shift")     what the story itself wrote stands in both languages
eye.look(desk, "plans")                        a window or a page, under the name by which it is complained of
eye.both(page, "report")                       on a wide screen and on a phone
assert eye.found == {}
"""

import re
from pathlib import Path

from playwright.sync_api import Page, ViewportSize

from tests.browser.stage import Stage, Window

AXE = (Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SMALL = """() => [...document.querySelectorAll("a[href], button, summary, select, label:has(input), input")]
  .filter((each) => each.checkVisibility() && !each.closest(".hidden, .skip, .maplibregl-ctrl, label input"))
  .map((each) => [each.getBoundingClientRect(), each.outerHTML.slice(0, 120)])
  .filter(([{width, height}]) => width && (height < 47.5 || width < 47.5))
  .map(([{width, height}, html]) => `${width}x${height} ${html}`)"""
SHOWN = """() => {
  const said = [];
  const seen = (element) => element.checkVisibility({visibilityProperty: true, opacityProperty: true});
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let node = walk.currentNode; node; node = walk.nextNode()) {
    if (node instanceof Element) {
      if (!seen(node) || node.closest("[translate=no], .entry-note")) continue;
      for (const name of ["aria-label", "title", "placeholder", "alt"]) said.push(node.getAttribute(name) ?? "");
    } else {
      const around = node.parentElement;
      if (!around.closest("script, style, noscript, [translate=no], .entry-note") && seen(around)) said.push(node.data);
    }
  }
  return [document.title, ...said].map((each) => each.trim()).filter(Boolean);
}"""
CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
LATIN = re.compile(r"[A-Za-z]{2,}")
# In a Chinese page: names of things, keys and units, and the switch to the other language.
NAMES = {"Tocsin", "Natural", "Earth", "GeoNames", "CC", "BY", "SAPS", "CAS", "Plus", "Code", "WebGL", "km"}
NAMES |= {"Switch", "to", "English", "Enter", "Esc", "NAT", "GP", "PTA", "JNB", "CPT", "DUR"}
NAMES |= {"SOS", "SIM", "PIN", "APN", "OK", "UTC", "IMEI", "GT"}  # as they stand on devices and in manuals
NAMES |= {"Chrome", "Linux"}  # what a phone is called after
# In an English page the switch to the other language, and the product's own name.
SIGNS = ("切换到中文", "简体中文", "中文", "守望")
#: Products, which have no other name.
PRODUCTS = NAMES | {"WhatsApp", "Telegram", "Apprise", "ntfy", "CSV", "SHA", "MB", "kB"}
NO_WORDS = re.compile(r"https?://\S+|\S+@\S+|\b[0-9A-Z]{4,8}\+[0-9A-Z]{2,3}\b")
SIZES: tuple[ViewportSize, ...] = ({"width": 1280, "height": 900}, {"width": 390, "height": 844})
TALL: ViewportSize = {"width": 390, "height": 1600}  # so that nothing lies under the bar at the bottom


def check(page: Page, where: str, found: dict[str, list[str]]) -> None:
    page.wait_for_timeout(50)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    result = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
    for violation in result["violations"]:
        nodes = [f"{n['html'][:160]} {n['failureSummary'][:200]}" for n in violation["nodes"][:3]]
        found.setdefault(f"{where}: {violation['id']}", []).extend(nodes)
    for small in page.evaluate(SMALL):
        found.setdefault(f"{where}: smaller than 48 px", []).append(small)


class Eye:
    def __init__(self, stage: Stage, language: str, *written: str, names: set[str] = PRODUCTS) -> None:
        tables = ("people_person", "devices_site", "devices_device")
        named = " UNION ".join(f"SELECT name FROM {table} WHERE name <> ''" for table in tables)
        called = [row[0] for row in stage.installation.rows(named)]
        signs = () if language == "zh-Hans" else ("守望 Tocsin", *SIGNS)
        self.known = sorted([*called, *signs, *written], key=len, reverse=True)
        self.zh, self.names = language == "zh-Hans", names
        self.found: dict[str, list[str]] = {}

    def look(self, window: Page | Window, where: str) -> None:
        page = window.page if isinstance(window, Window) else window
        check(page, where, self.found)
        self.read(page, where)

    def read(self, page: Page, where: str) -> None:
        """The words and the width alone."""
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
        if not self._foreign(text):
            return False
        for known in self.known:  # hundreds
            text = text.replace(known, "")
        return self._foreign(text)

    def _foreign(self, text: str) -> bool:
        if not self.zh:
            return bool(CHINESE.search(text))
        return any(word not in self.names for word in LATIN.findall(NO_WORDS.sub("", text)))
