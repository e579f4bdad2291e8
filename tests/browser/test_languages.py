"""Two languages, complete: no word of the other one on any screen, and the words are the glossary's."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.stage import Phone, Screen, Stage, Window, catalog
from tests.browser.test_pairing import pair_at_the_desk, pair_in_the_app, silence
from tocsin.gates.registry import pairings
from tocsin.lib.words import WORDS

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


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_no_word_of_the_other_language(stage: Stage, language: str) -> None:
    data = [row[0] for row in stage.installation.rows("SELECT name FROM people_person")]  # one may have been erased
    data += [p[field] for p in stage.installation.sheet()["staff"] for field in ("login", "password")]
    data += ["Guard Mbeki", "Church Street gate", "Church Street", "Shop with a red door"]
    data.sort(key=len, reverse=True)
    stranger: dict[str, list[str]] = {}

    def read(page: Page, where: str) -> None:
        page.wait_for_timeout(50)
        said = page.evaluate(SHOWN)
        for text in said:
            rest = text
            for known in data:
                rest = rest.replace(known, "")
            if language == "en":
                for sign in SIGNS:
                    rest = rest.replace(sign, "")
                wrong = bool(CHINESE.search(rest))
            else:
                rest = re.sub(r"\b[0-9A-Z]{4,8}\+[0-9A-Z]{2,3}\b", "", rest)
                wrong = any(word not in NAMES for word in LATIN.findall(rest))
            if wrong:
                stranger.setdefault(text, []).append(where)

    desk = stage.desk(language=language.lower())
    expect(desk.page.locator("html")).to_have_attribute("lang", language)
    phone = stage.phone(language="en-ZA" if language == "en" else "zh-CN")
    phone.page.goto(f"{phone.url}/app/")
    expect(phone.see("phone")).to_be_visible()
    expect(phone.page.locator("html")).to_have_attribute("lang", language)
    _read_pages(stage, language, read)
    read(phone.page, "app: sign-in")
    phone.sign_in()
    read(phone.page, "app: ready")
    phone.click("settings")
    phone.click("test")
    expect(phone.see("test-result")).to_have_attribute("data-state", "done")
    phone.click("sign-out")
    read(phone.page, "app: settings")
    phone.click("stay")
    phone.click("settings")
    read(desk.page, "desk: quiet")
    phone.hold()
    phone.reaches("received")
    phone.click("kind-extortion")
    read(phone.page, "app: received")
    expect(desk.see("claim")).to_be_visible()
    read(desk.page, "desk: ringing")
    _work(desk, phone, read)
    assert stranger == {}


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_no_word_of_the_other_language_where_devices_are_paired(stage: Stage, language: str) -> None:
    zh = language == "zh-Hans"
    data = [p["name"] for kind in ("staff", "members") for p in stage.installation.sheet()[kind]]
    for pairing in pairings().values():  # what the makers' texts and models are called stands in both languages
        pairs = [pairing.title, pairing.identifier, pairing.press, *((s.zh, s.en) for s in pairing.steps)]
        data += [pair[0 if zh else 1] for pair in pairs]
    data = sorted({text for text in data if text}, key=len, reverse=True)
    stranger: dict[str, list[str]] = {}

    def look(window: Window, where: str) -> None:
        window.page.wait_for_timeout(50)
        for text in window.page.evaluate(SHOWN):
            rest = text
            for known in data:
                rest = rest.replace(known, "")
            for sign in () if zh else SIGNS:
                rest = rest.replace(sign, "")
            words = LATIN.findall(rest)
            if any(word not in NAMES for word in words) if zh else CHINESE.search(rest):
                stranger.setdefault(text, []).append(where)

    silence(stage, "3590001600" + ("41012" if zh else "42010"), "7")
    desk = stage.desk(language=language.lower())
    expect(desk.see("troubled")).to_be_visible()
    look(desk, "desk: main")
    pair_at_the_desk(stage, desk, "3590001600" + ("43018" if zh else "44016"), "8", look)
    desk.click("pairing-done")
    desk.page.locator("[data-test^=device-][data-state=ok]").first.click()
    for name, back in (("rename", ".pairing-asking button[type=button]"), ("revoke", "[data-test=revoke-no]")):
        desk.click(name)
        look(desk, f"desk: {name}")
        desk.page.locator(back).click()
    phone = stage.phone(language="zh-CN" if zh else "en-ZA")
    phone.sign_in()
    pair_in_the_app(stage, phone, f"lookout-{language.lower()}", "9", look)
    phone.click("pairing-done")
    look(phone, "app: list")
    assert stranger == {}


def test_the_words_are_the_glossarys() -> None:
    """Kinds, states, outcomes and the rest are called the same on screens and in books."""
    wrong = {}
    for name in ("app", "desk", "pairing"):
        for key, said in catalog(name).items():
            term = re.sub(r"^(kind|state|outcome|dispatch|to|badge)_", "", key)
            term = term if key != term or (name == "app" and key in WORDS and key in ALARMS) else ""
            if term in WORDS and key not in SENTENCES:
                zh, en = WORDS[term]
                if said[0] not in (zh, "假路检/假警察" if term == "roadblock" else zh) or said[1].lower() != en.lower():
                    wrong[f"{name} {key}"] = (said, (zh, en))
    assert wrong == {}


ALARMS = (
    "roadblock",
    "burglary",
    "robbery",
    "kidnapping",
    "extortion",
    "traffic",
    "medical",
    "fire",
    "unrest",
    "other",
)
SENTENCES = {"to_member"}


def _read_pages(stage: Stage, language: str, read: object) -> None:
    page = stage.page(locale="zh-CN" if language == "en" else "en-ZA")  # the address wins over the browser
    page.goto(f"{stage.url}/?lang={language.lower()}")
    page.locator("summary").click()
    read(page, "start")  # type: ignore[operator]
    page.goto(f"{stage.url}/desk/sign-in/")
    page.fill("[name=username]", "nobody")
    page.fill("[name=password]", "nothing")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    read(page, "sign-in")  # type: ignore[operator]


def _work(desk: Screen, phone: Phone, read: object) -> None:
    """Through every verb and dialog of the desk, with the app beside it."""

    def look(where: str) -> None:
        read(desk.page, f"desk: {where}")  # type: ignore[operator]

    page = desk.page
    desk.click("classify")
    look("classify")
    desk.click("cancel")
    desk.click("hand-over")
    look("hand over")
    desk.click("cancel")
    desk.click("merge")
    look("merge")
    desk.click("cancel")
    desk.click("claim")
    desk.reaches("claimed")
    desk.click("release")
    look("release")
    desk.click("cancel")
    desk.click("dispatch")
    expect(desk.see("dispatch-to").locator("label").first).to_be_visible()
    look("dispatch")
    desk.click("dispatch-kind-police")
    look("dispatch police")
    desk.click("confirm")
    expect(desk.see("dialog")).to_be_hidden()
    phone.reaches("on_the_way")
    page.locator("[data-test^=mark-][data-test$=-on_the_way]").click()
    desk.click("note")
    desk.click("confirm")
    look("note refused")
    desk.type("note-text", "Shop with a red door")
    desk.confirm()
    phone.click("cancel")
    expect(desk.see("banner-cancel")).to_be_visible()
    look("incident")
    expect(phone.see("dispatched").locator("li")).to_have_attribute("data-state", "on_the_way")
    read(phone.page, "app: on the way")  # type: ignore[operator]
    desk.click("resolve")
    desk.confirm()
    desk.click("close")
    look("close")
    desk.click("outcome-no_contact")
    desk.confirm()
    phone.reaches("closed")
    read(phone.page, "app: closed")  # type: ignore[operator]
    desk.click("reopen")
    look("reopen")
    desk.type("reason", "Shop with a red door")
    desk.confirm()
    desk.click("settings")
    look("settings")
    desk.click("done")
    desk.click("help")
    look("help")
    desk.click("done")
    desk.click("open-call")
    desk.click("confirm")
    look("call refused")
    desk.click("call-kind-fire")
    desk.type("call-caller", "Guard Mbeki")
    desk.type("call-address", "Church Street")
    desk.click("confirm")
    expect(desk.see("who")).to_have_text("Guard Mbeki")
    look("call")
    desk.click("book")
    expect(page.locator(".book-number").first).to_be_visible()
    look("book")
    phone.click("done")
    phone.see("silent").check(force=True)
    read(phone.page, "app: silent ready")  # type: ignore[operator]
    phone.hold()
    phone.reaches("received")
    read(phone.page, "app: silent")  # type: ignore[operator]
    expect(desk.see("entry-opened").or_(page.locator(".k-opened")).first).to_be_visible()
    page.locator("li.row", has_text=phone.known["name"]).first.locator(".row-open").click()
    expect(desk.see("banner-silent")).to_be_visible()
    look("silent")
