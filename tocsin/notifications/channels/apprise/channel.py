"""The rest of the world through the library Apprise: Telegram, DingTalk, Feishu, ntfy, Signal, Matrix, pagers …

Sources: appriseit.com (services, and the library's own docstrings, 2.2). Apprise blocks while it sends, so each sending
has a thread of its own; it may reach the public internet and nothing inside our network (guard.py).
"""

import asyncio
import logging
import re
import threading
from collections.abc import Callable
from contextlib import nullcontext, suppress
from typing import Any, TypeVar
from urllib.parse import unquote

from tocsin.notifications.channel import Channel, Outgoing, Result, Settings
from tocsin.notifications.channels.apprise import guard
from tocsin.notifications.channels.apprise.address import HOSTED, PRIVATE, judge, open_inside, urgently

_Kind = TypeVar("_Kind")
_STATUS = re.compile(r"error=(\d{3})(?:\d\d)?\b")  # as nearly all services log it; ntfy adds two digits
HOPELESS = frozenset({400, 401, 403, 404, 405, 410, 422})


async def send(outgoing: Outgoing, settings: Settings) -> Result:
    """Send through one service. `sent`: the service took it; none of them reports more."""
    return await _in_thread(lambda: _send(outgoing, settings))


async def wrong(address: str, settings: Settings) -> str:
    """Why an address cannot be used, for who enters it; "" when it can. Asks nobody."""
    return await _in_thread(lambda: _wrong(address, settings))


def _wrong(address: str, settings: Settings) -> str:
    judged = judge(address, settings)
    if judged.parts is None:
        return judged.refused
    return "" if _service(judged.parts, _asset()) else f"not a complete {judged.parts['schema']}:// address"


def _service(parts: dict[str, Any], asset: Any) -> Any:
    """None: something that it needs is missing."""
    import apprise

    service = apprise.Apprise.instantiate(parts, asset=asset)
    return service if getattr(service, "topics", True) else None  # ntfy takes an address without any


def _send(outgoing: Outgoing, settings: Settings) -> Result:
    import apprise

    judged = judge(outgoing.address, settings)
    if judged.parts is None:
        return Result("failed", error=judged.refused, permanent=True, gone=True)
    asset = _asset()
    service = _service(urgently(judged.parts, outgoing), asset)
    if service is None:
        error = f"not a complete {judged.parts['schema']}:// address"
        return Result("failed", error=error, permanent=True, gone=True)
    one = apprise.Apprise(asset=asset)
    one.add(service)
    text = outgoing.text
    body = f"{text.body}\n{text.link}" if text.link and text.link not in text.body else text.body
    with nullcontext(list[str]()) if open_inside(settings) else guard.outside_only() as refused:
        outcome = one.notify(
            body=body,
            title=text.title,
            notify_type=apprise.NotifyType.FAILURE if outgoing.urgent else apprise.NotifyType.WARNING,
            body_format=apprise.NotifyFormat.TEXT,
            log_level=logging.WARNING,
        )
    if outcome:
        return Result("sent")
    if refused:
        error = f"{refused[0]} is inside our network: TOCSIN_CHANNEL_APPRISE_PRIVATE=1 allows it"
        return Result("failed", error=error, permanent=True)
    said = "; ".join(entry.message for entry in outcome.logs())
    return _failed(_masked(said, outgoing.address, str(judged.parts["schema"])))


def _failed(said: str) -> Result:
    """What the service's words in the log mean."""
    found = _STATUS.search(said)
    status = int(found[1]) if found else 0
    if status == 429:
        return Result("failed", error=said, wait=30)
    return Result("failed", error=said or "Apprise could not send it", permanent=status in HOPELESS)


def _masked(said: str, address: str, schema: str) -> str:
    """Without the keys that the address holds; the host of who runs it himself may stand."""
    parts = re.split(r"[/:@?&=,]+", unquote(address))
    host = re.sub(r".*@", "", address.partition("://")[2].partition("/")[0]).partition(":")[0]
    for part in sorted(parts, key=len, reverse=True):
        if len(part) > 5 and part != schema and not (part == host and schema in HOSTED | PRIVATE):
            said = said.replace(part, "***")
    return said


def _asset() -> Any:
    """How Apprise behaves: it shows our name and no pictures of others, and keeps nothing on this machine."""
    import apprise

    return apprise.AppriseAsset(
        app_id="Tocsin",
        app_desc="Tocsin",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        http_redirects=False,
        async_mode=False,
        storage_mode="memory",
        pgp_autogen=False,
        pem_autogen=False,
        allow_templates=False,
        service_timeout=0,
    )


async def _in_thread(function: Callable[[], _Kind]) -> _Kind:
    """Run it in a thread of its own, which nobody waits for when the process ends or the courier has lost patience."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[_Kind] = loop.create_future()

    def settle(result: _Kind | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        try:
            result, error = function(), None
        except Exception as fault:
            result, error = None, fault
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, name="apprise", daemon=True).start()
    return await done


def check(settings: Settings) -> list[str]:
    """What is wrong with the settings. None at all are needed."""
    if settings.get("private", "1") != "1":
        return ["TOCSIN_CHANNEL_APPRISE_PRIVATE: 1, or not set"]
    return []


CHANNEL = Channel(send=send, check=check, at_once=16)
