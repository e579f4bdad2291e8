"""WeCom (企业微信): a robot in a group, or a message of our own app to one member.

Sources: developer.work.weixin.qq.com/document/path/91770 (robots), 90236 (app messages), 91039 (the access
token), 90313 (error codes).

An address is a robot's key or its whole webhook address, or `user:` and a member's id.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tocsin.notifications.channel import Channel, Outgoing, Result, Settings
from tocsin.notifications.channels import web
from tocsin.notifications.channels.wecom import token

HOST = "qyapi.weixin.qq.com"
API = f"https://{HOST}"
APP = ("corpid", "secret", "agentid")
FORMATS = ("text", "markdown")

TOKEN_OLD = frozenset({40014, 42001, 41001})  # wrong, expired, missing
BUSY = {-1: None, 45009: 60, 45033: 2}  # overloaded; 20 messages a minute and robot; too many at once
#: No such robot, or taken out of its group; no such member, or one who does not see the app.
DEAD = frozenset({93000, 93008, 40003, 46004, 60111, 81013, 82001})
#: What no second try changes: secret, company, address of ours, rights, app; the message itself.
HOPELESS = frozenset(
    {40001, 40013, 40056, 40058, 40091, 41002, 41004, 44004, 45002, 48002, 50003, 60011, 60020, 93004, 301002}
)

_KEY = re.compile(r"[0-9A-Za-z-]{16,64}")
_USER = re.compile(r"user:([0-9A-Za-z_.@-]{1,64})")


async def send(outgoing: Outgoing, settings: Settings) -> Result:
    """Post it to the group, or to the member. `sent`: WeCom took it; it reports nothing later."""
    if member := _USER.fullmatch(outgoing.address):
        if missing := [f"TOCSIN_CHANNEL_WECOM_{name.upper()}" for name in APP if name not in settings]:
            return Result("failed", error=f"not set: {', '.join(missing)}", permanent=True)
        return await _to_member(member[1], outgoing, settings)
    if (key := robot(outgoing.address)) is None:
        return Result("failed", error="no key of a robot, and no user:", permanent=True, gone=True)
    return await _to_group(key, outgoing, settings)


def robot(address: str) -> str | None:
    """The key of a robot: alone, or in its webhook address at WeCom's own host. None: it is none."""
    if "/" not in address:
        return address if _KEY.fullmatch(address) else None
    parts = urlsplit(address)
    if (parts.scheme, parts.netloc, parts.path) != ("https", HOST, "/cgi-bin/webhook/send"):
        return None
    key = parse_qs(parts.query).get("key", [""])[0]
    return key if _KEY.fullmatch(key) else None


async def _to_group(key: str, outgoing: Outgoing, settings: Settings) -> Result:
    base = settings.get("url", API).rstrip("/")
    message = _message(outgoing, settings)
    if outgoing.urgent and "text" in message and settings.get("mention") != "no":
        message["text"]["mentioned_list"] = ["@all"]  # a muted group sounds as well
    answer = await web.ask("POST", f"{base}/cgi-bin/webhook/send", params={"key": key}, json=message)
    return answer if isinstance(answer, Result) else _result(answer.status_code, web.read(answer))


async def _to_member(member: str, outgoing: Outgoing, settings: Settings) -> Result:
    """With the token that is kept; with a new one when WeCom says that it is too old."""
    message = {
        "touser": member,
        "agentid": int(settings["agentid"]),
        **_message(outgoing, settings, card=True),
        "enable_duplicate_check": 1,  # a second try of the same delivery has the same words: shown once
        "duplicate_check_interval": 120,
    }
    base = settings.get("url", API).rstrip("/")
    result = Result("failed")
    for _ in range(2):
        kept = await token.get(base, settings["corpid"], settings["secret"])
        if isinstance(kept, Mapping):
            return _result(200, kept)
        if isinstance(kept, Result):
            return kept
        answer = await web.ask("POST", f"{base}/cgi-bin/message/send", params={"access_token": kept}, json=message)
        if isinstance(answer, Result):
            return answer
        said = web.read(answer)
        result = _result(answer.status_code, said)
        if said.get("errcode") not in TOKEN_OLD:
            return result
        token.drop(base, settings["corpid"], settings["secret"], kept)
    return result


def _result(status: int, said: Mapping[str, Any]) -> Result:
    code = said.get("errcode")
    if status == 200 and code == 0:
        if nobody := said.get("invaliduser") or said.get("unlicenseduser"):
            return Result("failed", error=f"WeCom knows no such member: {nobody}", permanent=True, gone=True)
        return Result("sent", ref=str(said.get("msgid") or "") or None)
    error = f"HTTP {status}: {'' if code is None else code} {said.get('errmsg') or ''}".rstrip()
    if isinstance(code, int) and code in BUSY:
        return Result("failed", error=error, wait=BUSY[code])
    gone = code in DEAD
    return Result("failed", error=error, permanent=gone or code in HOPELESS, gone=gone)


def _message(outgoing: Outgoing, settings: Settings, card: bool = False) -> dict[str, Any]:
    """Text (which WeChat shows as well), a card that opens the link, or markdown where the settings wish it."""
    text, link = outgoing.text, outgoing.text.link
    title, body = _plain(text.title), _plain(text.body)
    if settings.get("format") == "markdown":
        words = f"[{_open(outgoing)}]({link})" if link else ""
        return {"msgtype": "markdown", "markdown": {"content": _fit(f"**{_flat(title)}**\n{_flat(body)}", words, 4096)}}
    if card and link:
        face = {"title": _fit(title, "", 128), "description": _fit(body, "", 512)}
        return {"msgtype": "textcard", "textcard": {**face, "url": link, "btntxt": _open(outgoing)}}
    return {"msgtype": "text", "text": {"content": _fit(f"{title}\n{body}", link or "", 2048)}}


def _open(outgoing: Outgoing) -> str:
    return "打开" if outgoing.language == "zh-hans" else "Open"


def _plain(words: str) -> str:
    """Without the signs that mention people and colour words: <@userid>, <font>, <div>."""
    return words.replace("<", "\uff1c").replace(">", "\uff1e")


def _flat(words: str) -> str:
    """Without the signs of markdown: what people wrote makes no links."""
    return words.translate({ord(sign): chr(ord(sign) + 0xFEE0) for sign in "[]*`"})


def _fit(words: str, last: str, most: int) -> str:
    """`words`, then the line `last` whole, in that many bytes."""
    tail = f"\n{last}" if last and last not in words else ""
    room = most - len(tail.encode())
    whole = words.encode()
    if len(whole) > room:
        words = whole[: room - 3].decode("utf-8", "ignore") + "…"
    return words + tail


def check(settings: Settings) -> list[str]:
    """What is wrong with the settings. None at all are needed for robots."""
    wrong = []
    some = [name for name in APP if name in settings]
    if some and len(some) < len(APP):
        wrong.append("TOCSIN_CHANNEL_WECOM_CORPID, _SECRET and _AGENTID belong together")
    if not settings.get("agentid", "0").isdecimal():
        wrong.append("TOCSIN_CHANNEL_WECOM_AGENTID: a number")
    if settings.get("format", "text") not in FORMATS:
        wrong.append("TOCSIN_CHANNEL_WECOM_FORMAT: text or markdown")
    if urlsplit(settings.get("url", API)).scheme not in ("https", "http"):
        wrong.append("TOCSIN_CHANNEL_WECOM_URL: an address with https://")
    return wrong


CHANNEL = Channel(send=send, check=check, at_once=10)
