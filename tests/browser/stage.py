"""A stage for stories in a real browser: phones and desks, and the lines between them and the server.

    phone = stage.phone()            a member's phone, signed in with the demo's code
    phone.hold()                     the button, for as long as it takes
    desk = stage.desk()              an officer's screen, signed in by the form
    stage.expects("ERR_FAILED")      a console error that belongs to the story

Whatever happens, no page may ask a third party for anything, break the Content Security Policy or fail in its console.
"""

import json
import re
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, Request, expect

from tests.world import Desk, Installation, until

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HERE = {"latitude": -25.7479, "longitude": 28.2293, "accuracy": 12}  # Pretoria
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SCREEN: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}


class Line:
    """A line to the server that can be cut: for pages and service workers alike (`set_offline` cuts only pages)."""

    def __init__(self, port: int) -> None:
        self.port, self.whole = port, True
        self.open: set[socket.socket] = set()
        self.server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self.whole = False
        for end in list(self.open):
            self._hang_up(end)

    def mend(self) -> None:
        self.whole = True

    def close(self) -> None:
        self.cut()
        self.server.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.server.accept()
            except OSError:
                return
            if not self.whole:
                near.close()
                continue
            with suppress(OSError):
                far = socket.create_connection(("127.0.0.1", self.port))
                self.open |= {near, far}
                threading.Thread(target=self._pass_on, args=(near, far), daemon=True).start()
                threading.Thread(target=self._pass_on, args=(far, near), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while part := one.recv(65536):
                other.sendall(part)
        self._hang_up(one)
        self._hang_up(other)

    def _hang_up(self, end: socket.socket) -> None:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
        self.open.discard(end)


class Window:
    """A page of ours, and what is in it by its name for tests (`data-test`)."""

    def __init__(self, page: Page, url: str, known: dict[str, Any]) -> None:
        self.page, self.url, self.known = page, url, known

    def see(self, name: str) -> Locator:
        return self.page.get_by_test_id(name)

    def click(self, name: str) -> None:
        self.see(name).click()

    def type(self, name: str, text: str) -> None:
        self.see(name).fill(text)

    def speak(self, language: str) -> None:
        """Switch to that language (zh-Hans, en), if the page is in the other."""
        if self.page.locator("html").get_attribute("lang") != language:
            self.click("language")
        expect(self.page.locator("html")).to_have_attribute("lang", language)


class Phone(Window):
    def sign_in(self) -> None:
        self.page.goto(f"{self.url}/app/")
        self.type("phone", self.known["phone"])
        self.click("get-code")
        self.type("code", self.see("demo-code").inner_text())
        self.click("sign-in")
        expect(self.see("press")).to_be_visible()

    def hold(self) -> float:
        """Hold the button until the alarm has begun; returns when that was."""
        button = self.see("press")
        button.hover()
        self.page.mouse.down()
        expect(button).to_be_hidden()
        begun = time.monotonic()
        self.page.mouse.up()
        return begun

    def reaches(self, state: str, within: float = 6) -> None:
        expect(self.see("state")).to_have_attribute("data-state", state, timeout=within * 1000)

    @property
    def incident(self) -> int:
        expect(self.see("state")).to_have_attribute("data-incident", re.compile(r"\d+"))
        return int(self.see("state").get_attribute("data-incident") or 0)

    def offline_ready(self) -> None:
        """Wait until the service worker holds the app."""
        self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        until_page(self.page, "navigator.serviceWorker.controller !== null")


class Screen(Window):
    def sign_in(self, path: str = "/desk/sign-in/") -> None:
        self.page.goto(self.url + path)
        self.page.fill("[name=username]", self.known["login"])
        self.page.fill("[name=password]", self.known["password"])
        self.page.keyboard.press("Enter")  # which also lets the siren sound
        self.connected()

    def connected(self, within: float = 10) -> None:
        expect(self.see("connection")).to_have_attribute("data-state", "on", timeout=within * 1000)

    def rings(self, wanted: bool = True, within: float = 5) -> None:
        expect(self.page.locator("html")).to_have_attribute(
            "data-siren", "on" if wanted else "off", timeout=within * 1000
        )

    def reaches(self, state: str) -> None:
        expect(self.see("state")).to_have_attribute("data-state", state)

    def opens(self, incident: int) -> None:
        self.page.locator(f"li.row[data-id='{incident}'] .row-open").click()
        expect(self.see("incident")).to_have_attribute("data-id", str(incident))

    def confirm(self) -> None:
        """Say yes in the dialog, which goes once the server has accepted it."""
        self.click("confirm")
        expect(self.see("dialog")).to_be_hidden()


class Stage:
    def __init__(self, playwright: Playwright, browser: Browser, installation: Installation, members: Any) -> None:
        self.playwright, self.browser, self.installation, self.members = playwright, browser, installation, members
        self.contexts: list[BrowserContext] = []
        self.lines: list[Line] = []
        self.requests: list[str] = []
        self.troubles: list[str] = []
        self.expected: list[str] = []
        #: The newest incident of the stories before this one.
        self.before: int = installation.rows("SELECT coalesce(max(id), 0) FROM incidents_incident")[0][0]
        self.began = datetime.now(UTC).isoformat()

    @property
    def url(self) -> str:
        return self.installation.doors[0]

    def line(self) -> Line:
        line = Line(self.installation.web_port)
        self.lines.append(line)
        return line

    def expects(self, *parts: str) -> None:
        """Console errors with such a part belong to the story."""
        self.expected += parts

    def phone(self, url: str = "", *, language: str = "en-ZA", folder: Path | None = None, **more: Any) -> Phone:
        """A member whom no other story knows; with a `folder`, a phone whose storage lasts."""
        options = {"permissions": ["geolocation", "background-sync"], "geolocation": HERE, "locale": language}
        page = self.page(**{**options, **PHONE, **more}, folder=folder)
        return Phone(page, url or self.url, next(self.members))

    def desk(self, second: bool = False, *, sign_in: bool = True, language: str = "en", **more: Any) -> Screen:
        staff = [s for s in self.installation.sheet()["staff"] if s["role"] == "duty_officer" and s["center"] == "PTA"]
        screen = Screen(self.page(**{**SCREEN, **more}), self.url, staff[int(second)])
        if sign_in:
            screen.sign_in(f"/desk/sign-in/?lang={language}")
        return screen

    def page(self, folder: Path | None = None, **options: Any) -> Page:
        options = {"reduced_motion": "reduce", **options}  # half the work of a browser without a graphics card
        if folder:
            program = self.browser.browser_type
            context = program.launch_persistent_context(
                folder, executable_path=executable(program.executable_path), args=ARGUMENTS, **options
            )
        else:
            context = self.browser.new_context(**options)
        self.contexts.append(context)
        context.on("request", self._asked)
        context.on("console", lambda said: said.type == "error" and self.troubles.append(said.text))
        context.on("weberror", lambda error: self.troubles.append(str(error.error)))
        return context.pages[0] if context.pages else context.new_page()

    def close(self, window: Window) -> None:
        """The whole browser of that window, as when an app is swept away."""
        context = window.page.context
        context.close()
        self.contexts.remove(context)

    def end(self) -> None:
        for context in self.contexts:
            with suppress(Exception):
                context.close()
        for line in self.lines:
            line.close()
        self.tidy()

    def message(self, to: str, *words: str, within: float = 20) -> dict[str, Any]:
        """The newest message that went out in this story to that number or address and says these words: the demo's
        inbox has it.
        """
        kept = self.installation.data / "inbox.jsonl"

        def found() -> dict[str, Any] | None:
            lines = kept.read_text("utf-8").splitlines() if kept.exists() else []
            rows = [row for row in map(json.loads, lines) if to == row["to"] and row["at"] > self.began]
            fitting = [row for row in rows if all(word in f"{row.get('title', '')} {row['text']}" for word in words)]
            return fitting[-1] if fitting else None

        message: dict[str, Any] = until(found, within, f"a message to {to} that says {words}")
        return message

    def tidy(self) -> None:
        """Nothing rings into the next story."""
        key = self.installation.desk("PTA")
        desk = Desk(self.installation.doors, "PTA", key.key, key.name)
        for incident in desk.queue():
            found = desk.incident(incident)
            if "claim" in found["verbs"]:
                desk.claim(incident)
            desk.do("close", incident, outcome="drill")

    def verify(self) -> None:
        foreign = [url for url in self.requests if urlsplit(url).hostname != "127.0.0.1"]
        assert not foreign, f"asked somebody else: {foreign}"
        troubles = [t for t in self.troubles if not any(part in t for part in self.expected)]
        assert not troubles, troubles

    def _asked(self, request: Request) -> None:
        if urlsplit(request.url).scheme not in ("data", "blob"):
            self.requests.append(request.url)


def executable(otherwise: str) -> str:
    import shutil

    return shutil.which("chromium") or next(filter(Path.exists, [Path("/usr/bin/chromium")]), otherwise)  # type: ignore[return-value]


def until_page(page: Page, expression: str, within: float = 10) -> Any:
    """Poll the page: our Content Security Policy forbids Playwright's own wait_for_function."""
    deadline = time.monotonic() + within
    while not (found := page.evaluate(expression)):
        assert time.monotonic() < deadline, f"{expression} did not come true within {within} s"
        page.wait_for_timeout(50)
    return found


def behind(message: dict[str, Any]) -> str:
    """The path of the page behind a message."""
    found = re.search(r"/a/[\w-]+", message["text"])
    assert found, message
    return found[0]


def seconds(act: Callable[[], Any]) -> float:
    started = time.monotonic()
    act()
    return time.monotonic() - started


def catalog(*names: str) -> dict[str, tuple[str, str]]:
    """The words of the screens: {key: (zh, en)} of `web/src/<name>/words.ts`."""
    web = Path(__file__).parents[2] / "web" / "src"
    line = re.compile(r'^ +(\w+): \{ zh: ("(?:[^"\\]|\\.)*"), en: ("(?:[^"\\]|\\.)*") \}', re.M)
    text = "".join((web / name / "words.ts").read_text("utf-8") for name in names)
    return {key: (json.loads(zh), json.loads(en)) for key, zh, en in line.findall(text)}
