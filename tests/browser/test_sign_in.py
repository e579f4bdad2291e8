"""Staff sign-in outside the demo, in a real browser: passkey, authenticator app, recovery code, ending a session.

The passkeys are made by Chromium's virtual authenticator (WebAuthn, section 11). A passkey needs a name for its server,
so the pages are read from http://localhost rather than from a number.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core import signing
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from tests.browser.eye import CHINESE, LATIN, SHOWN, SIZES, check
from tests.browser.stage import ARGUMENTS, executable
from tests.signin.people import code_of
from tests.world import Installation, until

PASSWORD = "a quiet evening 2026"
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
#: Names of products, the demo's data and what people typed themselves.
NAMES = {"Tocsin", "PIN", "Chrome", "HeadlessChrome", "Linux", "UTC", "English", "Key", "localhost"}
#: Who signs in in these stories, each in one of them.
LOGINS = ("thandi", "lindiwe", "johan", "nomsa.password", "nomsa.passkey", "chen.en", "chen.zh")
#: `tocsin admin` of each, in one process.
ADMINS = """
import sys
from contextlib import suppress
from tocsin.__main__ import main
for login in sys.argv[1:]:
    with suppress(SystemExit):
        main(["admin", login])
"""


class Real(Installation):
    """`tocsin up` as an operator starts it, without HTTPS, with a center and people who have a link each."""

    def __init__(self) -> None:
        super().__init__()
        self.env["TOCSIN_HTTPS"] = "0"
        self.env["TOCSIN_PUBLIC_URL"] = self.url = f"http://localhost:{self.web_port}"

    def start(self, within: float = 60.0) -> float:
        with open(self.data / "tree.log", "ab") as log:
            tocsin = str(Path(sys.executable).parent / "tocsin")
            self.tree = subprocess.Popen(
                [tocsin, "up"], env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        until(self.healthy, within, "a healthy start")
        center = "INSERT INTO centers_center (code, name_zh, name_en, lat, lon, time_zone, phone) VALUES "
        self.rows(f"{center} ('PTA', '比勒陀利亚', 'Pretoria', -25.7, 28.2, 'Africa/Johannesburg', '')")
        return 0

    def appoint(self, *logins: str) -> None:
        """New directors who sign in with these logins; `links`: the address at which each sets the password."""
        run = [sys.executable, "-c", ADMINS, *logins]
        done = subprocess.run(run, env=self.env, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        self.links = dict(zip(logins, done.stdout.split(), strict=True))
        self.rows(
            "INSERT INTO people_role (person_id, center_id, name, since) "
            "SELECT p.id, c.id, 'director', now() FROM people_person p, centers_center c WHERE p.login = ANY(%s)",
            list(logins),
        )

    def ages(self, session: str, seconds: int) -> None:
        """As if all proofs of that session were given so much earlier."""
        key, salt = (self.data / "secret_key").read_text(), "django.contrib.sessions.SessionStore"
        kept = self.rows("SELECT session_data FROM django_session WHERE session_key = %s", session)[0][0]
        held = signing.loads(kept, key=key, salt=salt, fallback_keys=[])
        for each in held["account_authentication_methods"]:
            each["at"] -= seconds
        older = signing.dumps(held, key=key, salt=salt, compress=True)
        self.rows("UPDATE django_session SET session_data = %s WHERE session_key = %s", older, session)


@pytest.fixture(scope="module")
def real() -> Iterator[Real]:
    real = Real()
    try:
        real.start()
        real.appoint(*LOGINS)
        yield real
    finally:
        real.end()


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(
        executable_path=executable(playwright.chromium.executable_path), args=ARGUMENTS
    )
    yield browser
    browser.close()


class Officer:
    """A person at a browser of their own, with a virtual key if they have one."""

    def __init__(self, chromium: Browser, real: Real, login: str, language: str = "en", **more: Any) -> None:
        self.real, self.login, self.language = real, login, language
        options = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce", **more}
        self.context: BrowserContext = chromium.new_context(locale="zh-CN" if language == "zh" else "en-ZA", **options)
        self.troubles: list[str] = []
        self.context.on("console", lambda said: said.type == "error" and self.troubles.append(said.text))
        self.context.on("request", self._asked)
        self.page: Page = self.context.new_page()

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.real.url, "data:", "blob:")):
            self.troubles.append(f"asked {request.url}")

    def key(self) -> Any:
        wire = self.context.new_cdp_session(self.page)
        wire.send("WebAuthn.enable")
        return wire, wire.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})["authenticatorId"]

    def go(self, path: str) -> None:
        self.page.goto(self.real.url + path)

    def see(self, name: str) -> Any:
        return self.page.get_by_test_id(name)

    def set_password(self) -> None:
        self.page.goto(self.real.links[self.login])
        self.page.fill("[name=new]", PASSWORD)
        self.page.fill("[name=repeat]", PASSWORD)
        self.page.keyboard.press("Enter")
        expect(self.page.get_by_role("status")).to_be_visible()

    def type(self) -> None:
        self.page.fill("[name=username]", self.login)
        self.page.fill("[name=password]", PASSWORD)
        self.page.keyboard.press("Enter")

    def begin(self) -> None:
        """The link of the administrator, then the first sign-in: led to the second step."""
        self.set_password()
        self.type()
        expect(self.page).to_have_url(f"{self.real.url}/desk/security/")

    def set_up_app(self) -> str:
        self.see("add-totp").click()
        secret = self.see("secret").inner_text().replace(" ", "")
        self.page.fill("[name=code]", code_of(secret))
        self.see("finish").click()
        expect(self.see("recovery-codes")).to_be_visible()
        return secret

    def on_the_desk(self) -> None:
        expect(self.see("connection")).to_have_attribute("data-state", "on", timeout=15_000)

    def sign_out(self) -> None:
        self.go("/desk/")
        self.on_the_desk()
        self.see("sign-out").click()
        expect(self.page).to_have_url(re.compile("/desk/sign-in/"))

    def end(self) -> None:
        self.context.close()
        refused = re.compile("status of (401|403|410|422) ")  # what the stories ask for
        assert [t for t in self.troubles if not refused.search(t)] == []


def test_a_passkey_from_the_first_day(real: Real, chromium: Browser) -> None:
    officer = Officer(chromium, real, "thandi")
    _, key = officer.key()
    officer.begin()
    officer.go("/desk/")
    expect(officer.page.locator("h1"), "nothing opens before").to_have_text("Set up a second step")
    officer.see("add-passkey").click()
    officer.page.fill("[name=name]", "Key")
    officer.see("make").click()
    expect(officer.see("recovery-codes").locator("li")).to_have_count(10)
    with officer.page.expect_download() as loading:
        officer.see("download").click()
    assert "thandi" in Path(loading.value.path()).read_text("utf-8")
    officer.see("kept").click()
    officer.on_the_desk()
    officer.sign_out()
    officer.see("passkey").click()
    officer.on_the_desk()
    officer.go("/desk/security/")
    expect(officer.see("passkeys")).to_contain_text("Key")
    expect(officer.see("codes")).to_contain_text("10 left")
    officer.end()


def test_a_foreign_passkey_is_refused(real: Real, chromium: Browser) -> None:
    officer = Officer(chromium, real, "pieter")
    wire, key = officer.key()
    officer.go("/desk/sign-in/")
    wire.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    officer.see("passkey").click()
    expect(officer.page.get_by_role("alert")).to_contain_text("did not work", timeout=15_000)
    officer.end()


def test_password_and_app_then_a_recovery_code(real: Real, chromium: Browser) -> None:
    officer = Officer(chromium, real, "lindiwe")
    officer.begin()
    secret = officer.set_up_app()
    recovery = officer.see("recovery-codes").locator("code").first.inner_text()
    officer.see("kept").click()
    expect(officer.page).to_have_url(f"{real.url}/desk/")
    officer.sign_out()
    officer.type()
    expect(officer.page.locator("[name=code]")).to_be_focused()
    officer.page.keyboard.type("000000")
    officer.page.keyboard.press("Enter")
    expect(officer.page.get_by_role("alert")).to_contain_text("The code is wrong")
    officer.page.fill("[name=code]", code_of(secret, 1))
    officer.page.keyboard.press("Enter")
    officer.on_the_desk()
    officer.sign_out()
    officer.type()
    officer.page.fill("[name=code]", recovery)
    officer.page.keyboard.press("Enter")
    officer.on_the_desk()
    officer.end()


def test_ending_another_session(real: Real, chromium: Browser) -> None:
    here, there = Officer(chromium, real, "johan"), Officer(chromium, real, "johan")
    here.begin()
    secret = here.set_up_app()
    here.see("kept").click()
    there.go("/desk/sign-in/")
    there.type()
    there.page.fill("[name=code]", code_of(secret, 1))
    there.page.keyboard.press("Enter")
    there.on_the_desk()
    here.go("/desk/security/sign-ins/")
    expect(here.page.locator("[data-test^=session-]")).to_have_count(2)
    here.see("end-others").click()
    expect(here.page.locator("[data-test^=session-]")).to_have_count(1)
    expect(there.see("connection")).not_to_have_attribute("data-state", "on", timeout=8000)
    there.go("/desk/")
    expect(there.page).to_have_url(re.compile("/desk/sign-in/"))
    here.end()
    there.context.close()


@pytest.mark.parametrize("way", ["password", "passkey"])
def test_the_desk_asks_again_and_goes_on(real: Real, chromium: Browser, way: str) -> None:
    officer = Officer(chromium, real, f"nomsa.{way}")
    officer.go("/desk/sign-in/?lang=en")  # else the desk speaks the language of the account
    officer.key()
    officer.begin()
    officer.see("add-passkey").click()
    officer.see("make").click()
    officer.see("kept").click()
    officer.on_the_desk()
    officer.go("/desk/plans/")
    officer.see("plan-add").click()
    officer.page.get_by_test_id("plan-name").fill("At night")
    session = next(c["value"] for c in officer.context.cookies() if c["name"] == "sessionid")
    real.ages(session, 600)
    officer.see("plan-save").click()
    dialog = officer.see("again")
    expect(dialog).to_be_visible()
    if way == "password":
        officer.see("again-password").fill("not it")
        officer.see("again-confirm").click()
        expect(officer.see("again-problem")).to_contain_text("not right")
        found: dict[str, list[str]] = {}
        check(officer.page, "again", found)
        assert found == {}
        officer.see("again-password").fill(PASSWORD)
        officer.page.keyboard.press("Enter")
    else:
        officer.see("again-passkey").click()
    expect(dialog).to_have_count(0)
    until(lambda: real.rows("SELECT count(*) FROM escalation_plan WHERE name = 'At night'")[0][0] >= 1, 5, "the plan")
    real.rows("DELETE FROM escalation_plan")
    officer.end()


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("zh", "dark")])
def test_every_page_in_its_language_for_everybody(
    real: Real, chromium: Browser, language: str, scheme: str, request: pytest.FixtureRequest
) -> None:
    """axe, 48 px, no string of the other language, no wider than the screen; on a phone and on a desktop."""
    login = f"chen.{language}"
    officer = Officer(chromium, real, login, language, color_scheme=scheme)
    officer.key()
    found: dict[str, list[str]] = {}
    folder = os.environ.get("TOCSIN_SHOTS")

    def look(where: str) -> None:
        for size in SIZES:
            officer.page.set_viewport_size(size)
            check(officer.page, f"{where}, {size['width']}", found)
            texts = [t.replace(login, "") for t in officer.page.evaluate(SHOWN)]
            odd = [t for t in texts if _strange(t, language)]
            if odd:
                found[f"{where}: the other language"] = odd
            wide = officer.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if wide > 1:
                found[f"{where}, {size['width']}: wider than the screen"] = [str(wide)]
            if folder:
                officer.page.screenshot(path=f"{folder}/{where}-{language}-{size['width']}.png", full_page=True)
        officer.page.set_viewport_size(SIZES[0])

    link = real.links[login]
    officer.page.goto(link)
    look("link")
    officer.set_password()
    look("sign-in")
    officer.page.goto(link)
    look("link-dead")
    officer.go("/desk/sign-in/")
    officer.page.fill("[name=username]", login)
    officer.page.fill("[name=password]", "nothing")
    officer.page.keyboard.press("Enter")
    expect(officer.page.get_by_role("alert")).to_be_visible()
    look("sign-in-wrong")
    officer.type()
    expect(officer.see("add-totp")).to_be_visible()
    look("set-up")
    officer.see("add-passkey").click()
    look("passkey")
    officer.go("/desk/security/app/")
    officer.page.fill("[name=code]", "000000")
    officer.see("finish").click()
    look("app")
    officer.go("/desk/security/")
    secret = officer.set_up_app()
    look("codes")
    officer.see("kept").click()
    officer.go("/desk/security/passkeys/add/")
    officer.page.fill("[name=name]", "Key")
    officer.see("make").click()
    expect(officer.see("passkeys")).to_contain_text("Key")
    look("security")
    officer.go("/desk/security/codes/")
    officer.see("kept") if officer.see("kept").count() else look("codes-gone")
    for path in ("sign-ins", "people", "password"):
        officer.go(f"/desk/security/{path}/")
        look(path)
    officer.go("/desk/sign-in/again/?next=/desk/security/")
    look("again")
    officer.sign_out()
    officer.type()
    expect(officer.page.locator("[name=code]")).to_be_visible()
    look("code")
    officer.page.fill("[name=code]", code_of(secret, 1))
    officer.page.keyboard.press("Enter")
    officer.on_the_desk()
    assert found == {}
    officer.end()


def _strange(text: str, language: str) -> bool:
    text = text.replace("简体中文", "").replace("守望", "")
    if language == "en":
        return bool(CHINESE.search(text))
    return any(word not in NAMES for word in LATIN.findall(re.sub(r"https?://\S+|\S*[./:]\S*|[A-Z2-7]{4}\b", "", text)))
