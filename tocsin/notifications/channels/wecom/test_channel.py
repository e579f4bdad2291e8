"""What a group or a member in WeCom can rely on. `WeCom` speaks the documented API: robots by their key with the limits
of their messages, the token of an app with its end, members who see the app, messages shown once.
"""

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.lib.words import Language
from tocsin.notifications.channel import Outgoing, Result, Text
from tocsin.notifications.channels.server import Asked, Reply, Server
from tocsin.notifications.channels.wecom.channel import _fit, check, robot, send
from tocsin.notifications.texts import render

KEY = "693a91f6-7aac-4bc4-97a0-0ec2sifa5aaa"
APP = {"corpid": "ww0123456789abcdef", "secret": "corp-secret", "agentid": "1000002"}
LINK = "https://x.example/a/token"
FACTS = {
    "number": 7,
    "alarm": "robbery",
    "who": "示例商店",
    "where": "12 Main Rd",
    "link": LINK,
    "center": ["中心", "Center"],
}


class WeCom:
    """Tencent's side. `tokens`: those that are taken, the newest last."""

    def __init__(self) -> None:
        self.tokens = list[str]()
        self.lasts = 7200
        self.shown = list[dict[str, Any]]()
        self.seen = set[str]()
        self.codes = list[int]()  # what the next messages are answered
        self.server = Server(self._answer)
        self.settings = {"url": self.server.url}

    def _answer(self, asked: Asked) -> Reply:
        if asked.path == "/cgi-bin/gettoken" and asked.method == "GET":
            return self._token(asked.query)
        if asked.method != "POST":
            return errcode(40058, "invalid Request Parameter")
        if asked.path == "/cgi-bin/webhook/send":
            if asked.query.get("key") != KEY:
                return errcode(93000, "invalid webhook url, hint: [17], from ip: 192.0.2.1")
            return self._show(asked.json, asked.json)
        if asked.path == "/cgi-bin/message/send":
            return self._app(asked)
        return Reply(404)

    def _token(self, query: dict[str, str]) -> Reply:
        if query.get("corpsecret") != APP["secret"]:
            return errcode(40001, "invalid credential")
        self.tokens.append(f"token-{len(self.tokens) + 1}")
        answer = {"errcode": 0, "errmsg": "ok", "access_token": self.tokens[-1], "expires_in": self.lasts}
        return Reply.json(answer)

    def _app(self, asked: Asked) -> Reply:
        if asked.query.get("access_token") not in self.tokens:
            return errcode(42001, "access_token expired")
        message = asked.json
        if message["agentid"] != int(APP["agentid"]):
            return errcode(40056, "invalid agentid")
        if message["touser"] != "zhangsan":
            return errcode(81013, "user & party & tag all invalid")
        plain = json.dumps(message)
        if message.get("enable_duplicate_check") and plain in self.seen:
            return Reply.json({"errcode": 0, "errmsg": "ok", "msgid": "again"})
        answer = self._show(message, message)
        if json.loads(answer.body)["errcode"] == 0:
            self.seen.add(plain)
        return answer

    def _show(self, message: dict[str, Any], face: dict[str, Any]) -> Reply:
        if self.codes:
            return errcode(self.codes.pop(0), "because")
        kind = face["msgtype"]
        limits = {("text", "content"): 2048, ("markdown", "content"): 4096}
        limits |= {("textcard", "title"): 128, ("textcard", "description"): 512}
        for (of, name), most in limits.items():
            if of == kind and not 0 < len(face[kind][name].encode()) <= most:
                return errcode(45002, "content size out of limit")
        self.shown.append(message)
        return Reply.json({"errcode": 0, "errmsg": "ok", "msgid": f"msg-{len(self.shown)}"})


def errcode(code: int, words: str) -> Reply:
    return Reply.json({"errcode": code, "errmsg": words})


@pytest.fixture
def wecom() -> Iterator[WeCom]:
    wecom = WeCom()
    yield wecom
    wecom.server.close()


def outgoing(
    address: str = KEY, text: Text | None = None, language: Language = "zh-hans", urgent: bool = True
) -> Outgoing:
    said = text or render("alarm", FACTS, language)
    return Outgoing(key="k", address=address, language=language, text=said, urgent=urgent)


def sending(wecom: WeCom, *messages: Outgoing, **settings: str) -> list[Result]:
    async def all_of_them() -> list[Result]:
        said = {**wecom.settings, **settings}
        return [await send(message, said) for message in messages]

    return asyncio.run(all_of_them())


# The robot of a group


@pytest.mark.parametrize("address", [KEY, f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}"])
def test_an_alarm_in_a_group_calls_everybody(wecom: WeCom, address: str) -> None:
    (result,) = sending(wecom, outgoing(address))
    assert result.state == "sent"
    (message,) = wecom.shown
    text = render("alarm", FACTS, "zh-hans")
    assert message == {
        "msgtype": "text",
        "text": {"content": f"{text.title}\n{text.body}\n{LINK}", "mentioned_list": ["@all"]},
    }


def test_what_is_not_urgent_calls_nobody(wecom: WeCom) -> None:
    sending(wecom, outgoing(urgent=False))
    sending(wecom, outgoing(), mention="no")
    assert all("mentioned_list" not in message["text"] for message in wecom.shown)


def test_markdown_if_wished(wecom: WeCom) -> None:
    who = "[打开](https://evil.example) <@all> <font color='warning'>*x*"
    sending(wecom, outgoing(text=render("alarm", {**FACTS, "who": who}, "zh-hans")), format="markdown")
    content = wecom.shown[0]["markdown"]["content"]
    assert content.endswith(f"[打开]({LINK})")
    assert content.count("](") == 1 and "<" not in content and content.count("*") == 4


def test_what_people_wrote_mentions_nobody(wecom: WeCom) -> None:
    sending(wecom, outgoing(text=render("alarm", {**FACTS, "who": "<@zhangsan>"}, "zh-hans")))
    assert "<@" not in wecom.shown[0]["text"]["content"]


def test_a_robot_taken_out_of_its_group_is_gone(wecom: WeCom) -> None:
    (result,) = sending(wecom, outgoing(KEY.replace("6", "7")))
    assert (result.state, result.permanent, result.gone) == ("failed", True, True)
    assert "93000" in result.error


@pytest.mark.parametrize(
    "address",
    [
        "",
        "short",
        f"https://evil.example/cgi-bin/webhook/send?key={KEY}",
        f"http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}",
        f"https://qyapi.weixin.qq.com@evil.example/cgi-bin/webhook/send?key={KEY}",
        f"https://qyapi.weixin.qq.com:8443/cgi-bin/webhook/send?key={KEY}",
        f"https://qyapi.weixin.qq.com/cgi-bin/webhook/../gettoken?key={KEY}",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send",
        "user:zhang san",
        "user:a|b",
        "user:",
    ],
)
def test_only_addresses_of_wecom(wecom: WeCom, address: str) -> None:
    (result,) = sending(wecom, outgoing(address), **APP)
    assert result.gone and wecom.server.asked == []


@given(st.text())
def test_no_text_makes_an_address_elsewhere(address: str) -> None:
    key = robot(address)
    assert key is None or re.fullmatch("[0-9A-Za-z-]+", key)


# The app


def test_a_member_gets_a_card_that_opens_the_link(wecom: WeCom) -> None:
    (result,) = sending(wecom, outgoing("user:zhangsan"), **APP)
    assert result == Result("sent", ref="msg-1")
    (message,) = wecom.shown
    text = render("alarm", FACTS, "zh-hans")
    assert message["touser"] == "zhangsan" and message["agentid"] == 1000002
    assert message["textcard"] == {"title": text.title, "description": text.body, "url": LINK, "btntxt": "打开"}


def test_without_a_link_it_is_text(wecom: WeCom) -> None:
    sending(wecom, outgoing("user:zhangsan", render("ended", FACTS, "en"), "en"), **APP)
    assert wecom.shown[0]["msgtype"] == "text" and "mentioned_list" not in wecom.shown[0]["text"]


def test_the_token_is_fetched_once(wecom: WeCom) -> None:
    async def many() -> list[Result]:
        said = {**wecom.settings, **APP}
        texts = [Text(str(n), "body", "", "") for n in range(20)]
        return await asyncio.gather(*(send(outgoing("user:zhangsan", text), said) for text in texts))

    assert {result.state for result in asyncio.run(many())} == {"sent"}
    assert wecom.tokens == ["token-1"] and len(wecom.shown) == 20


def test_a_token_that_ended_early_is_renewed(wecom: WeCom) -> None:
    async def two() -> list[Result]:
        said = {**wecom.settings, **APP}
        first = await send(outgoing("user:zhangsan"), said)
        wecom.tokens[:] = ["another"]  # somebody else's app renewed it
        return [first, await send(outgoing("user:zhangsan", language="en"), said)]

    assert [result.state for result in asyncio.run(two())] == ["sent", "sent"]
    assert wecom.tokens == ["another", "token-2"]


def test_a_short_token_is_renewed_in_time(wecom: WeCom) -> None:
    wecom.lasts = 0
    results = sending(wecom, outgoing("user:zhangsan"), outgoing("user:zhangsan", language="en"), **APP)
    assert [result.state for result in results] == ["sent", "sent"] and len(wecom.tokens) == 2


def test_a_token_that_is_never_taken_ends_the_try(wecom: WeCom) -> None:
    wecom.codes = [42001, 42001, 42001]
    (result,) = sending(wecom, outgoing("user:zhangsan"), **APP)
    assert (result.state, result.permanent) == ("failed", False)
    assert len(wecom.tokens) == 2


def test_the_same_delivery_tried_twice_is_shown_once(wecom: WeCom) -> None:
    results = sending(wecom, outgoing("user:zhangsan"), outgoing("user:zhangsan"), **APP)
    assert [result.state for result in results] == ["sent", "sent"] and len(wecom.shown) == 1


def test_a_member_who_is_none_is_gone(wecom: WeCom) -> None:
    (result,) = sending(wecom, outgoing("user:nobody"), **APP)
    assert (result.permanent, result.gone) == (True, True)
    with Server(
        lambda asked: Reply.json({"errcode": 0, "access_token": "t", "expires_in": 7200, "invaliduser": "x"})
    ) as server:
        (result,) = sending(wecom, outgoing("user:x"), **APP, url=server.url)
    assert result.gone


def test_a_wrong_secret_or_app_is_ours_to_mend(wecom: WeCom) -> None:
    for wrong in ({"secret": "x"}, {"agentid": "7"}):
        (result,) = sending(wecom, outgoing("user:zhangsan"), **{**APP, **wrong})
        assert (result.state, result.permanent, result.gone) == ("failed", True, False)
        assert APP["secret"] not in result.error
    (result,) = sending(wecom, outgoing("user:zhangsan"))
    assert result.permanent and "TOCSIN_CHANNEL_WECOM_CORPID" in result.error


CODES = [
    (-1, False, None),
    (45009, False, 60),
    (45033, False, 2),
    (60020, True, None),
    (45002, True, None),
    (123456, False, None),
]


@pytest.mark.parametrize(("code", "permanent", "wait"), CODES)
def test_what_error_codes_mean(wecom: WeCom, code: int, permanent: bool, wait: float | None) -> None:
    for address in (KEY, "user:zhangsan"):
        wecom.codes = [code]
        (result,) = sending(wecom, outgoing(address), **APP)
        assert (result.state, result.permanent, result.gone, result.wait) == ("failed", permanent, False, wait)
        assert str(code) in result.error


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"errcode": "0"}'])
def test_answers_of_any_shape_are_tried_again(wecom: WeCom, body: bytes) -> None:
    with Server(lambda _: Reply(502, body)) as server:
        results = sending(wecom, outgoing(), outgoing("user:zhangsan"), **APP, url=server.url)
    assert [(r.state, r.permanent) for r in results] == [("failed", False)] * 2


def test_wecom_away_is_tried_again(wecom: WeCom) -> None:
    wecom.server.close()
    results = sending(wecom, outgoing(), outgoing("user:zhangsan"), **APP)
    assert [(r.state, r.permanent) for r in results] == [("failed", False)] * 2
    assert all(KEY not in r.error and APP["secret"] not in r.error for r in results)


@given(st.text(max_size=3000), st.integers(64, 4096))
def test_what_is_too_long_keeps_its_link(words: str, most: int) -> None:
    fitted = _fit(words, LINK, most)
    assert len(fitted.encode()) <= most and LINK in fitted


def test_long_words_are_taken(wecom: WeCom) -> None:
    long = Text("题" * 300, "文" * 3000, "", "", LINK)
    for settings in (APP, {**APP, "format": "markdown"}):
        results = sending(wecom, outgoing(text=long), outgoing("user:zhangsan", long), **settings)
        assert [result.state for result in results] == ["sent", "sent"]


def test_wrong_settings_are_named() -> None:
    assert check({}) == [] and check(APP) == []
    bad = check({"corpid": "ww1", "agentid": "x", "format": "html", "url": "qyapi"})
    assert [re.sub(r"[,:].*", "", line) for line in bad] == [
        f"TOCSIN_CHANNEL_WECOM_{name}" for name in ("CORPID", "AGENTID", "FORMAT", "URL")
    ]
