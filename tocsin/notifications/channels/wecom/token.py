"""The access token of our app: fetched once, kept for its two hours, renewed five minutes before they end.

WeCom blocks who asks for it all the time, so those who need one at the same moment wait for one request.
"""

import asyncio
import time
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from tocsin.notifications.channel import Result
from tocsin.notifications.channels import web

EARLY = 300.0  # seconds

_App = tuple[str, str, str]  # base address, company, secret


class _Kept:
    """What one event loop knows."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.tokens: dict[_App, tuple[str, float]] = {}  # and until when, by the monotonic clock


_kept: WeakKeyDictionary[asyncio.AbstractEventLoop, _Kept] = WeakKeyDictionary()


async def get(base: str, company: str, secret: str) -> str | Mapping[str, Any] | Result:
    """The token; or WeCom's answer that refuses it; or a Result when it is out of reach."""
    app, kept = (base, company, secret), _of_this_loop()
    async with kept.lock:
        token, until = kept.tokens.get(app, ("", 0.0))
        if token and time.monotonic() < until:
            return token
        answer = await web.ask("GET", f"{base}/cgi-bin/gettoken", params={"corpid": company, "corpsecret": secret})
        if isinstance(answer, Result):
            return answer
        said = web.read(answer)
        fresh, lasts = said.get("access_token"), said.get("expires_in", 7200)
        if said.get("errcode") != 0 or not isinstance(fresh, str) or not isinstance(lasts, int):
            return said if said.get("errcode") else Result("failed", error=f"no token: HTTP {answer.status_code}")
        kept.tokens[app] = fresh, time.monotonic() + max(lasts - EARLY, lasts / 2)
        return fresh


def drop(base: str, company: str, secret: str, token: str) -> None:
    """WeCom does not take this one any more. One that was fetched meanwhile stays."""
    tokens = _of_this_loop().tokens
    if tokens.get((base, company, secret), ("", 0.0))[0] == token:
        del tokens[(base, company, secret)]


def _of_this_loop() -> _Kept:
    loop = asyncio.get_running_loop()
    if (found := _kept.get(loop)) is None:
        found = _kept[loop] = _Kept()
    return found
