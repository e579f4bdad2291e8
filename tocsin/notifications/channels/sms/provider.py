"""What a provider offers to the channel. One file in providers/ each; what it answers becomes a `Result`.

A provider that refuses for reasons of its own (who we are, our credit, its routes, its trouble) is followed by the
next one. `gone` ends it: the number is none, or its owner has told us to stop.
"""

import re
from collections.abc import Awaitable, Callable, Mapping

import httpx
import msgspec

from tocsin.notifications.channel import Answer, Callback, Outgoing, Reported, Result, Settings
from tocsin.notifications.channels.sms.segments import Sms
from tocsin.notifications.channels.web import pause

FIRM = frozenset({400, 409, 413, 422})  # what was asked for; 401 to 404 are our account, credit, address


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """`needs`: its settings without the name before them. `receipt`: reads what comes to `Outgoing.callback`;
    `report`: what comes to the one address that such a provider knows, None if it is no report of this one."""

    send: Callable[[Outgoing, Sms, Settings], Awaitable[Result]]
    needs: tuple[str, ...]
    check: Callable[[Settings], list[str]] = lambda _: []
    receipt: Callable[[Callback, Settings], Answer] | None = None
    report: Callable[[bytes], list[Reported] | None] | None = None


def refused(answer: httpx.Response, words: object = "", *, gone: bool = False, busy: bool = False) -> Result:
    """What an answer that is no success means. `busy`: too much at once, whatever its status says.

    What can be put right (our account, credit or address there, an answer that makes no sense) is not permanent.
    """
    error = f"HTTP {answer.status_code} {words}".strip()[:200]
    if gone:
        return Result("failed", error=error, permanent=True, gone=True)
    if busy or answer.status_code == 429:
        return Result("failed", error=error, wait=pause(answer) or 5)
    if answer.status_code >= 500:
        return Result("failed", error=error, wait=pause(answer))
    return Result("failed", error=error, permanent=answer.status_code in FIRM)


def text(fields: Mapping[str, object], name: str) -> str:
    """A word of an answer; "" for what is none."""
    value = fields.get(name)
    return value.strip() if isinstance(value, str) else ""


def number(fields: Mapping[str, object], name: str) -> int:
    """A code of an answer, written as a number or as a word; 0 for what is none."""
    value = fields.get(name)
    if isinstance(value, int):
        return int(value)
    return int(value) if isinstance(value, str) and re.fullmatch(r"\d{1,9}", value, re.ASCII) else 0
