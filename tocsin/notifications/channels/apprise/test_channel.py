"""What the receivers of other services can rely on, and what nobody who enters an address can do to us. The far ends
are servers on a socket that speak ntfy, Gotify, Bark, Signal's REST API, Telegram, DingTalk, Feishu; the library is the
real one.
"""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.lib.words import Language
from tocsin.notifications.channel import Outgoing, Result, Text
from tocsin.notifications.channels.apprise import address as addresses
from tocsin.notifications.channels.apprise import guard
from tocsin.notifications.channels.apprise.channel import CHANNEL, check, send, wrong
from tocsin.notifications.channels.server import Asked, Reply, Server
from tocsin.notifications.texts import MESSAGES, render

LINK = "https://x.example/a/token"
FACTS = {
    "number": 7,
    "alarm": "robbery",
    "who": "示例商店",
    "where": "12 Main Rd",
    "link": LINK,
    "center": ["中心", "Center"],
}
INSIDE = {"private": "1"}


def outgoing(address: str, text: Text | None = None, language: Language = "en", **more: Any) -> Outgoing:
    said = text or render("alarm", FACTS, language)
    return Outgoing(key="k", address=address, language=language, text=said, **{"urgent": True, "repeats": True, **more})


def sending(message: Outgoing, said: dict[str, str] = INSIDE) -> Result:
    return asyncio.run(send(message, said))


# ntfy


class Ntfy:
    """An ntfy server: JSON published to its root, with a password for its one topic."""

    def __init__(self) -> None:
        self.shown = list[dict[str, Any]]()
        self.refusal: Reply | None = None
        self.server = Server(self._answer)
        self.host = self.server.url.removeprefix("http://")

    def _answer(self, asked: Asked) -> Reply:
        if self.refusal:
            return self.refusal
        if asked.headers.get("authorization") != "Basic bWVtYmVyOnMzY3JldC13b3Jk":  # member:s3cret-word
            return Reply.json({"code": 40301, "http": 403, "error": "forbidden"}, 403)
        if (asked.method, asked.path) != ("POST", "/") or asked.json.get("topic") != "desk":
            return Reply.json({"code": 40401, "http": 404, "error": "page not found"}, 404)
        given = {name.removeprefix("x-"): value for name, value in asked.headers.items() if name.startswith("x-")}
        self.shown.append({"priority": "default", **asked.json, **given})
        return Reply.json({"id": "sPs71M8A2T", "event": "message", **asked.json})

    def address(self, user: str = "member:s3cret-word", topic: str = "desk") -> str:
        return f"ntfy://{user}@{self.host}/{topic}"


@pytest.fixture
def ntfy() -> Iterator[Ntfy]:
    ntfy = Ntfy()
    yield ntfy
    ntfy.server.close()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_alarm_is_as_loud_as_ntfy_can_be_and_opens_the_link(ntfy: Ntfy, language: Language) -> None:
    assert sending(outgoing(ntfy.address(), language=language)) == Result("sent")
    (shown,) = ntfy.shown
    text = render("alarm", FACTS, language)
    assert shown["title"] == text.title and shown["message"] == f"{text.body}\n{LINK}"
    assert shown["priority"] == "max" and shown["click"] == LINK
    assert "attach" not in shown and "icon" not in shown


def test_what_is_not_urgent_is_as_the_address_says(ntfy: Ntfy) -> None:
    sending(outgoing(ntfy.address() + "?priority=low", urgent=False, repeats=False))
    sending(outgoing(ntfy.address() + "?priority=low"))
    assert [shown["priority"] for shown in ntfy.shown] == ["low", "max"]


@pytest.mark.parametrize("message", MESSAGES)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_message_arrives_whole(ntfy: Ntfy, message: str, language: Language) -> None:
    text = render(message, {**FACTS, "duty": "responder"}, language)
    assert sending(outgoing(ntfy.address(), text, language)).state == "sent"
    assert ntfy.shown[0]["message"].startswith(text.body.rstrip())


def test_a_wrong_password_or_topic_is_no_use_trying_again(ntfy: Ntfy) -> None:
    for address in (ntfy.address("member:other-word"), ntfy.address(topic="other-topic")):
        result = sending(outgoing(address))
        assert (result.state, result.permanent, result.gone) == ("failed", True, False)
        assert "other-word" not in result.error and "other-topic" not in result.error


@pytest.mark.parametrize(
    ("status", "body", "permanent", "wait"),
    [
        (429, {"code": 42901, "error": "limit reached"}, False, 30),
        (503, {}, False, None),
        (413, {"code": 41301, "error": "too large"}, False, None),
        (400, {"code": 40000, "error": "invalid"}, True, None),
    ],
)
def test_what_a_service_refuses(
    ntfy: Ntfy, status: int, body: dict[str, Any], permanent: bool, wait: float | None
) -> None:
    ntfy.refusal = Reply.json(body, status)
    result = sending(outgoing(ntfy.address()))
    assert (result.state, result.permanent, result.wait) == ("failed", permanent, wait)


def test_a_service_that_is_away_is_tried_again(ntfy: Ntfy) -> None:
    ntfy.server.close()
    result = sending(outgoing(ntfy.address()))
    assert (result.state, result.permanent) == ("failed", False)
    assert "s3cret-word" not in result.error and result.error


def test_a_failure_that_an_address_calls_optional_is_one(ntfy: Ntfy) -> None:
    ntfy.refusal = Reply(500)
    assert sending(outgoing(ntfy.address() + "?optional=yes&retry=9&wait=9")).state == "failed"
    assert len(ntfy.server.asked) == 1


# Others


def far(answer: Callable[[Asked], Reply]) -> Server:
    return Server(answer)


def test_gotify() -> None:
    with far(
        lambda asked: Reply.json({"id": 1}, 200 if asked.headers.get("x-gotify-key") == "Aabcdefgh123456" else 401)
    ) as server:
        host = server.url.removeprefix("http://")
        assert sending(outgoing(f"gotify://{host}/Aabcdefgh123456")).state == "sent"
        assert sending(outgoing(f"gotify://{host}/Babcdefgh123456")).permanent
    assert server.asked[0].json["priority"] == 10 and server.asked[0].path == "/message"


def test_bark_rings_until_it_is_touched() -> None:
    with far(lambda _: Reply.json({"code": 200, "message": "success"})) as server:
        assert sending(outgoing(f"bark://{server.url.removeprefix('http://')}/devicekey123")).state == "sent"
    said = server.asked[0].json
    assert (said["level"], str(said["call"]), said["url"]) == ("critical", "1", LINK)


def test_signal() -> None:
    with far(lambda _: Reply.json({"timestamp": "1795430000"}, 201)) as server:
        address = f"signal://{server.url.removeprefix('http://')}/+27110000000/+27821234567"
        assert sending(outgoing(address, language="zh-hans")).state == "sent"
    said = server.asked[0].json
    assert (said["number"], said["recipients"]) == ("+27110000000", ["+27821234567"])
    assert "抢劫" in said["message"] and LINK in said["message"]


def test_json_to_a_system_inside() -> None:
    with far(lambda _: Reply.json({})) as server:
        assert sending(outgoing(f"json://{server.url.removeprefix('http://')}/hook")).state == "sent"
    assert server.asked[0].json["message"].endswith(LINK)


VENDORS = [
    ("tgram://123456789:abcdefg_hijklmnop/12315544/", "telegram", "NotifyTelegram", "/bot", {"ok": True, "result": {}}),
    ("dingtalk://SECabcdef0123@0123456789abcdef/", "dingtalk", "NotifyDingTalk", "/robot/send?access_token={token}",
     {"errcode": 0, "errmsg": "ok"}),
    ("feishu://0123456789abcdef", "feishu", "NotifyFeishu", "/open-apis/bot/v2/hook/{token}/", {"code": 0}),
]  # fmt: skip


@pytest.mark.parametrize(("address", "module", "name", "path", "reply"), VENDORS)
def test_vendors_in_their_own_words(
    address: str, module: str, name: str, path: str, reply: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib

    plugin = getattr(importlib.import_module(f"apprise.plugins.{module}"), name)
    with far(lambda _: Reply.json(reply)) as server:
        monkeypatch.setattr(plugin, "notify_url", f"{server.url}{path}")
        assert sending(outgoing(address, language="zh-hans")).state == "sent"
    (asked,) = server.asked
    said = str(asked.json)
    assert "抢劫" in said and "12 Main Rd" in said and "/a/token" in said
    if module == "dingtalk":
        assert {"timestamp", "sign"} <= set(asked.query)


@pytest.mark.parametrize("schema", sorted(addresses.VENDORS | addresses.HOSTED | addresses.PRIVATE))
def test_every_service_of_the_list_is_known_to_the_library(schema: str) -> None:
    from apprise.plugins import N_MGR

    assert schema in N_MGR and N_MGR[schema].enabled


LOUDEST = [
    ("ntfys://topic", "priority", "max"),
    ("gotifys://h.example/Aabcdefgh123456", "priority", 10),
    ("barks://h.example/devicekey123", "level", "critical"),
    ("pover://" + "u" * 30 + "@" + "a" * 30, "priority", 2),
    ("prowl://" + "a" * 40, "priority", 2),
    ("join://" + "a" * 32 + "/" + "d" * 32, "priority", 2),
    ("psafers://" + "a" * 20, "priority", 2),
    ("spush://token12", "priority", 5),
    ("tgram://123456789:abcdefg_hijklmnop/12315544/", "silent", False),
    ("nctalks://user:word@h.example/room", "silent", False),
    ("opsgenie://" + "a" * 8 + "-aaaa-aaaa-aaaa-" + "a" * 12, "priority", 1),
    ("pagertree://int_abcdefghij", "urgency", "critical"),
    ("pagerduty://" + "a" * 20 + "@" + "b" * 20, "severity", "critical"),
    ("ilert://" + "a" * 32, "priority", "high"),
    ("squadcast://" + "a" * 40, "priority", "P1"),
    ("youlmk://ylk_" + "a" * 32, "priority", "critical"),
]


@pytest.mark.parametrize(("address", "name", "value"), LOUDEST)
def test_the_loudest_that_each_service_has(address: str, name: str, value: Any) -> None:
    import apprise

    judged = addresses.judge(address, {})
    assert judged.parts is not None, judged.refused
    service = apprise.Apprise.instantiate(
        addresses.urgently(judged.parts, outgoing(address)), suppress_exceptions=False
    )
    assert getattr(service, name) == value


# What is refused


@pytest.mark.parametrize(
    "address",
    [
        "", "no address", "file:///etc/passwd", "exec://rm", "syslog://", "rsyslog://h.example", "dbus://", "glib://",
        "gnome://", "macosx://", "windows://", "mailto://u:p@gmail.com", "twilio://AC1:t@+27110000000/+27821234567",
        "whatsapp://t@1/+27821234567", "wechat://c:s@a/@u", "wecombot://botkey", "vapid://u@d.example", "mqtt://h/t",
        "http://127.0.0.1/", "https://example.org/", "json://h.example/", "jsons://h.example/", "xml://h.example",
        "forms://h.example", "ntfy://h.example/topic", "gotify://h.example/Aabcdefgh123456", "tgram://", "ntfys://",
        "JSON://h.example/", "  file:///etc/passwd", "ntfys", "slack://", "apprise://h.example/t",
    ],
)  # fmt: skip
def test_only_listed_services(address: str) -> None:
    result = sending(outgoing(address), {})
    assert (result.state, result.permanent, result.gone) == ("failed", True, True), result
    assert result.error
    assert asyncio.run(wrong(address, {})) == result.error


@pytest.mark.parametrize("name", ["template", "TEMPLATE", "%74emplate", "%20template", "attach"])
def test_no_address_reads_a_file_of_ours(name: str) -> None:
    result = sending(outgoing(f"slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/?{name}=/etc/passwd"))
    assert result.gone and "is not taken" in result.error


@pytest.mark.parametrize(
    "address",
    [
        "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/",
        "https://discord.com/api/webhooks/4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",
        "https://ntfy.sh/topic",
        "ntfys://user:word@ntfy.example.org/topic",
        "Tgram://123456789:abcdefg_hijklmnop/12315544/",
        "matrixs://user:word@matrix.example.org/#room",
    ],
)
def test_addresses_that_people_paste(address: str) -> None:
    assert asyncio.run(wrong(address, {})) == ""


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "127.1", "2130706433"])
def test_nothing_inside_our_network_is_reached(host: str) -> None:
    with far(lambda _: Reply.json({})) as server:
        port = server.url.rpartition(":")[2]
        result = sending(outgoing(f"ntfys://{host}:{port}/topic"), {})
    assert result.state == "failed" and server.asked == []


def test_a_name_that_leads_inside_is_refused_at_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *a, **k: resolve("127.0.0.1", *a, **k))
    with far(lambda _: Reply.json({})) as server:
        result = sending(outgoing(f"ntfys://ntfy.example.org:{server.url.rpartition(':')[2]}/topic"), {})
    assert (result.state, result.permanent, result.gone) == ("failed", True, False)
    assert "127.0.0.1 is inside our network" in result.error
    assert server.asked == []


def test_no_service_leads_us_elsewhere(ntfy: Ntfy) -> None:
    with far(lambda _: Reply.json({})) as other:
        ntfy.refusal = Reply(307, b"", {"Location": f"{other.url}/"})
        result = sending(outgoing(ntfy.address() + "?redirect=yes"))
        assert result.state == "failed" and other.asked == []


def test_the_guard_guards_only_what_runs_inside_it() -> None:
    with far(lambda _: Reply()) as server:
        to = ("127.0.0.1", int(server.url.rpartition(":")[2]))
        reached = list[bool]()

        def other() -> None:
            with socket.create_connection(to):
                reached.append(True)

        with guard.outside_only() as refused:
            with pytest.raises(guard.Refused):
                socket.create_connection(to)
            with socket.socket(socket.AF_UNIX) as unix, pytest.raises(guard.Refused):
                unix.connect("/run/docker.sock")
            with socket.socket(type=socket.SOCK_DGRAM) as datagram, pytest.raises(guard.Refused):
                datagram.sendto(b"x", to)
            thread = threading.Thread(target=other)
            thread.start()
            thread.join()
        assert refused == ["127.0.0.1", "/run/docker.sock", "127.0.0.1"] and reached == [True]
        socket.create_connection(to).close()


@settings(deadline=None)
@given(
    st.text(max_size=60) | st.builds("{}://{}".format, st.sampled_from(sorted(addresses.VENDORS)), st.text(max_size=60))
)
def test_any_text_is_judged(address: str) -> None:
    judged = addresses.judge(address, {})
    assert (judged.parts is None) == bool(judged.refused)


# Threads


def test_many_slow_services_at_once_do_not_hold_up_the_loop() -> None:
    at_once = threading.Barrier(8)

    def slow(_: Asked) -> Reply:
        at_once.wait(15)  # nobody is answered before all eight have asked
        return Reply.json({})

    async def all_of_them() -> list[Result]:
        host = server.url.removeprefix("http://")
        return await asyncio.gather(*(send(outgoing(f"json://{host}/{n}"), INSIDE) for n in range(8)))

    with far(slow) as server:
        assert asyncio.run(all_of_them()) == [Result("sent")] * 8


def test_a_courier_that_lost_patience_can_go() -> None:
    asked, let_go = threading.Event(), threading.Event()

    def never(_: Asked) -> Reply:
        asked.set()
        let_go.wait(15)
        return Reply.json({})

    async def impatient(address: str) -> None:
        task = asyncio.create_task(send(outgoing(address), INSIDE))
        await asyncio.to_thread(asked.wait, 15)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with far(never) as server:
        asyncio.run(impatient(f"json://{server.url.removeprefix('http://')}/"))
        let_go.set()
        for thread in threading.enumerate():
            if thread.name == "apprise":
                thread.join(15)


def test_wrong_settings_are_named() -> None:
    assert check({}) == [] and check(INSIDE) == []
    assert check({"private": "yes"}) == ["TOCSIN_CHANNEL_APPRISE_PRIVATE: 1, or not set"]
    assert CHANNEL.callback is None
