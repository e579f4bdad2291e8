"""A push arrives: what the phone shows, how often it sounds, what a tap opens; and turning it on and off.

The push service of a real Chromium is out of reach here, so messages are handed to the real worker through the
DevTools (which is what the browser does once it has decrypted one), and where a page subscribes, `SUBSCRIBES` stands in
for the browser maker's service.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Worker, expect

from tests.browser.stage import Stage, Window
from tocsin.notifications.channel import Outgoing, Text
from tocsin.notifications.channels.webpush.message import payload
from tocsin.notifications.channels.webpush.push_service import Browser

QUICK = "() => { const slow = self.setTimeout; self.setTimeout = (act, ms) => slow(act, ms / 40); }"
SHOWN = """async (scope) => (await (await navigator.serviceWorker.getRegistration(scope)).getNotifications()).map(
  (n) => ({
    title: n.title, body: n.body, tag: n.tag, stays: n.requireInteraction, silent: n.silent, lang: n.lang,
    key: n.data?.key,
  }),
)"""
COUNTED = """() => {
  self.sounded = 0;
  const show = self.registration.showNotification.bind(self.registration);
  self.registration.showNotification = (...said) => { self.sounded += 1; return show(...said); };
}"""
TAPPED = """async () => {
  const [notification] = await self.registration.getNotifications();
  self.opened = [];
  self.clients.openWindow = async (url) => self.opened.push(url);
  self.dispatchEvent(new NotificationEvent("notificationclick", {notification}));
  await new Promise((done) => setTimeout(done, 500));
  return [self.opened, (await self.registration.getNotifications()).length];
}"""
SUBSCRIBES = """(() => {
  const keys = %s;
  let mine = null, count = 0;
  const subscription = (options) => ({
    endpoint: `http://127.0.0.1:9/push/${location.pathname.split("/")[1]}-${performance.timeOrigin}-${(count += 1)}`,
    options, toJSON() { return {endpoint: this.endpoint, expirationTime: null, keys}; },
    unsubscribe: async () => { mine = null; return true; },
  });
  PushManager.prototype.getSubscription = async () => mine;
  PushManager.prototype.subscribe = async ({applicationServerKey}) => {
    if (applicationServerKey.length !== 65) throw new DOMException("the key", "InvalidAccessError");
    return (mine ??= subscription({applicationServerKey: applicationServerKey.buffer}));
  };
})()"""
TEXT = Text(
    "Alarm: robbery · Wei", "12 Main Rd. Nobody has claimed it: tap to claim.", "", "", "https://x.example/a/tok"
)


class Pushed:
    """A window, its worker, and the browser's hand that gives pushes to it."""

    def __init__(self, window: Window, scope: str) -> None:
        self.page, self.scope, self.origin = window.page, scope, window.url
        self.wire = window.page.context.new_cdp_session(window.page)
        self.registration = ""
        self.wire.on("ServiceWorker.workerRegistrationUpdated", self._registered)
        self.wire.send("ServiceWorker.enable")
        window.page.wait_for_timeout(200)
        self.worker: Worker = next(w for w in window.page.context.service_workers if scope in w.url)

    def _registered(self, said: dict[str, Any]) -> None:
        for each in said["registrations"]:
            if urlsplit(each["scopeURL"]).path == self.scope and not each["isDeleted"]:
                self.registration = each["registrationId"]

    def push(self, text: Text | str = TEXT, key: str = "tok", topic: str = "alarm-7", **more: Any) -> None:
        said = {"urgent": True, "language": "en", **more}
        if isinstance(text, Text):
            data = payload(Outgoing(key=key, address="", text=text, topic=topic, **said)).decode()
        else:
            data = text
        self.wire.send(
            "ServiceWorker.deliverPushMessage",
            {"origin": self.origin, "registrationId": self.registration, "data": data},
        )

    def shown(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.page.evaluate(SHOWN, self.scope)
        return found

    def until(self, true: Callable[[list[dict[str, Any]]], bool], within: float = 15) -> list[dict[str, Any]]:
        for _ in range(int(within * 20)):
            if true(found := self.shown()):
                return found
            self.page.wait_for_timeout(50)
        raise AssertionError(f"the screen shows {self.shown()}")


def a_phone(stage: Stage, **more: Any) -> Pushed:
    phone = stage.phone(permissions=["geolocation", "background-sync", "notifications"], **more)
    phone.sign_in()
    phone.offline_ready()
    stage.expects("404")  # nobody waits for the receipt of a message that no courier sent
    return Pushed(phone, "/app/")


def test_an_alarm_is_shown_with_all_that_matters_and_stays(stage: Stage) -> None:
    phone = a_phone(stage)
    phone.push()
    (shown,) = phone.until(lambda found: bool(found))
    assert shown == {
        "title": TEXT.title, "body": TEXT.body, "tag": "alarm-7", "stays": True, "silent": False, "lang": "en",
        "key": "tok",
    }  # fmt: skip
    phone.push(
        Text("报警：抢劫", "中央大街", "", "", None), topic="gap-3", key="calm", urgent=False, language="zh-hans"
    )
    calm = phone.until(lambda found: len(found) == 2)[-1 if phone.shown()[-1]["key"] == "calm" else 0]
    assert (calm["stays"], calm["lang"]) == (False, "zh-Hans")


def test_a_drill_is_never_taken_for_an_alarm(stage: Stage) -> None:
    """The word first, and a yellow sign instead of the red one; also where the text forgot to say so."""
    phone = a_phone(stage)
    shows = "async () => (await self.registration.getNotifications()).map((n) => n.icon.split('/').at(-1))"
    for key, title, language in (("said", "DRILL: Alarm: robbery", "en"), ("not", "报警：抢劫", "zh-hans")):
        phone.push(Text(title, "12 Main Rd", "", ""), key=key, topic=f"alarm-{key}", drill=True, language=language)
    shown = phone.until(lambda found: len(found) == 2)
    assert {n["key"]: n["title"] for n in shown} == {"said": "DRILL: Alarm: robbery", "not": "【演练】报警：抢劫"}
    assert phone.worker.evaluate(shows) == ["icon-drill-192.png"] * 2
    phone.push(key="real", topic="alarm-real")
    phone.until(lambda found: len(found) == 3)
    assert sorted(phone.worker.evaluate(shows)) == ["icon-192.png", *["icon-drill-192.png"] * 2]


def test_messages_of_one_topic_replace_each_other_and_the_end_clears_the_alarm(stage: Stage) -> None:
    phone = a_phone(stage)
    phone.push(key="one")
    phone.until(lambda found: [n["key"] for n in found] == ["one"])
    phone.push(key="two")
    phone.until(lambda found: [n["key"] for n in found] == ["two"])
    phone.push(key="other", topic="alarm-77")
    phone.until(lambda found: len(found) == 2)
    phone.push(Text("You need not come", "#7", "", ""), key="end", topic="ended-7", urgent=False)
    phone.until(lambda found: sorted(n["key"] for n in found) == ["end", "other"])


def test_it_sounds_again_until_somebody_looks(stage: Stage) -> None:
    phone = a_phone(stage)
    phone.worker.evaluate(QUICK)
    phone.worker.evaluate(COUNTED)
    phone.push(repeats=True)
    for _ in range(100):
        if (sounded := phone.worker.evaluate("() => self.sounded")) >= 3:
            break
        phone.page.wait_for_timeout(50)
    assert sounded >= 3
    assert len(phone.shown()) == 1
    opened, left = phone.worker.evaluate(TAPPED)
    assert opened == [f"{phone.origin}/a/tok"], "our own page, whatever server the link names"
    assert left == 0
    sounded = phone.worker.evaluate("() => self.sounded")
    phone.page.wait_for_timeout(1000)
    assert phone.worker.evaluate("() => self.sounded") == sounded
    assert phone.shown() == []


def test_what_is_swept_away_or_not_to_be_repeated_is_quiet(stage: Stage) -> None:
    phone = a_phone(stage)
    phone.worker.evaluate(QUICK)
    phone.worker.evaluate(COUNTED)
    phone.push(repeats=False)
    phone.until(lambda found: bool(found))
    phone.page.wait_for_timeout(800)
    assert phone.worker.evaluate("() => self.sounded") == 1
    phone.push(repeats=True, key="more")
    phone.until(lambda found: [n["key"] for n in found] == ["more"])
    phone.worker.evaluate("async () => (await self.registration.getNotifications()).forEach((n) => n.close())")
    phone.page.wait_for_timeout(800)
    assert phone.shown() == []


def test_an_unreadable_push_is_shown_all_the_same(stage: Stage) -> None:
    phone = a_phone(stage)
    phone.push("\x00 not JSON")
    (shown,) = phone.until(lambda found: bool(found))
    assert shown["title"] == "Tocsin: a new message"
    assert shown["stays"]


def test_a_phone_whose_own_silent_alarm_runs_gives_nothing_away(stage: Stage) -> None:
    """Its holder may be an officer too: another alarm must neither sound nor be read beside whom they are afraid of."""
    phone = a_phone(stage)
    window = phone.page
    window.get_by_test_id("silent").check(force=True)
    window.get_by_test_id("press").hover()
    window.mouse.down()
    expect(window.get_by_test_id("press")).to_be_hidden()
    window.mouse.up()
    phone.worker.evaluate(QUICK)
    phone.worker.evaluate(COUNTED)
    phone.push(repeats=True)
    (shown,) = phone.until(lambda found: bool(found))
    assert (shown["title"], shown["body"], shown["silent"], shown["stays"]) == ("Safety tips", "", True, False)
    window.wait_for_timeout(800)
    assert phone.worker.evaluate("() => self.sounded") == 1


def test_a_lost_subscription_is_renewed_by_the_worker(stage: Stage) -> None:
    phone = a_phone(stage)
    saved = phone.worker.evaluate(
        """async (keys) => {
          const subscription = (n) => ({endpoint: `http://127.0.0.1:9/push/renewed-${n}-${Date.now()}`, options: {},
            toJSON() { return {endpoint: this.endpoint, keys}; }});
          const asked = [], real = self.fetch;
          self.fetch = async (url, options) => {
            const answer = await real(url, options);
            asked.push([options.method, answer.status]);
            return answer;
          };
          const event = new ExtendableEvent("pushsubscriptionchange");
          event.oldSubscription = subscription(1);
          event.newSubscription = subscription(2);
          self.dispatchEvent(event);
          for (let n = 0; n < 100 && asked.length < 2; n += 1) await new Promise((done) => setTimeout(done, 50));
          return asked;
        }""",
        Browser().keys,
    )
    assert saved == [["POST", 201], ["DELETE", 200]]


def see(page: Page, state: str, within: float = 8) -> None:
    expect(page.get_by_test_id("push")).to_have_attribute("data-state", state, timeout=within * 1000)


@pytest.mark.parametrize("place", ["app", "desk"])
def test_turned_on_tested_and_turned_off(stage: Stage, place: str) -> None:
    more: dict[str, Any] = {"permissions": ["notifications"]}
    window: Window = stage.phone(**more) if place == "app" else stage.desk(sign_in=False, **more)
    window.page.context.add_init_script(SUBSCRIBES % json.dumps(Browser().keys))
    window.sign_in()  # type: ignore[attr-defined]
    window.click("settings")
    see(window.page, "off")
    window.click("push-on")
    see(window.page, "on")
    window.click("push-test")
    expect(window.see("push")).to_have_text(re.compile("on its way|测试通知已发出"))
    kept = stage.installation.rows(
        "SELECT address FROM notifications_contact WHERE address LIKE %s", f"%push/{place}-%"
    )
    assert len(kept) == 1
    window.click("push-off")
    see(window.page, "off")
    kept = stage.installation.rows("SELECT 1 FROM notifications_contact WHERE address LIKE %s", f"%push/{place}-%")
    assert kept == []


def test_it_is_mended_at_the_next_start_and_ends_with_the_sign_out(stage: Stage) -> None:
    """The stand-in forgets its subscription with the page, as push services let one die."""
    phone = stage.phone(permissions=["notifications"])
    phone.page.context.add_init_script(SUBSCRIBES % json.dumps(Browser().keys))
    phone.sign_in()
    phone.click("settings")
    phone.click("push-on")
    see(phone.page, "on")
    one = "SELECT address FROM notifications_contact c JOIN people_person p ON p.id = c.person_id WHERE p.phone = %s"
    number = re.sub(r"\s", "", phone.known["phone"])
    query = f"{one} AND c.channel = 'webpush'"
    assert len(stage.installation.rows(query, number)) == 1
    phone.page.reload()
    expect(phone.see("press")).to_be_visible()
    for _ in range(100):
        if len(stage.installation.rows(query, number)) == 2:
            break
        phone.page.wait_for_timeout(50)
    assert len(stage.installation.rows(query, number)) == 2, "the new one; the old dies at the next try"
    phone.click("settings")
    see(phone.page, "on")
    phone.click("sign-out")
    phone.click("sign-out-yes")
    expect(phone.see("phone")).to_be_visible()
    assert len(stage.installation.rows(query, number)) == 1


@pytest.mark.parametrize(("place", "language"), [("app", "zh-Hans"), ("desk", "en")])
def test_what_stands_in_the_way_is_said(stage: Stage, place: str, language: str) -> None:
    def settings(script: str = "", **more: Any) -> Window:
        window: Window
        if place == "app":
            window = stage.phone(language=language, permissions=[], **more)
        else:
            window = stage.desk(sign_in=False, permissions=[], **more)
        if script:
            window.page.context.add_init_script(script)
        window.sign_in(*() if place == "app" else ("/desk/sign-in/?lang=en",))  # type: ignore[attr-defined]
        window.click("settings")
        return window

    def says(window: Window, state: str, en: str, zh: str, button: int = 0) -> None:
        see(window.page, state)
        expect(window.see("push")).to_contain_text(en if language == "en" else zh)
        expect(window.see("push-on")).to_have_count(button)
        stage.close(window)

    denied = "Object.defineProperty(Notification, 'permission', {get: () => 'denied'})"
    asked = denied.replace("denied", "default")
    iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Safari/604.1"
    says(settings(asked), "off", "Off", "未开启", button=1)
    says(settings(denied), "blocked", "blocked", "已拦截")
    says(settings("delete window.PushManager"), "unsupported", "cannot receive", "不能接收")
    says(settings("delete window.PushManager", user_agent=iphone), "iphone", "Home Screen", "主屏幕")


def test_a_browser_whose_push_service_refuses_is_said(stage: Stage, tmp_path: Path) -> None:
    """As it is here: Chromium has no line to its maker's service, and would try for ever."""
    phone = stage.phone(permissions=["notifications"], folder=tmp_path)
    phone.sign_in()
    phone.click("settings")
    phone.click("push-on")
    see(phone.page, "refused", within=25)
    expect(phone.see("push-on")).to_be_visible()
