"""HTTP to a provider: one client for each event loop, and what goes wrong on the way as a Result."""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import httpx

from tocsin.lib.outside import retry_after
from tocsin.notifications.channel import Result

PATIENCE = httpx.Timeout(15, connect=6)
_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient] = WeakKeyDictionary()


def client() -> httpx.AsyncClient:
    """The client of this loop: no proxy of the environment, no redirects, connections kept."""
    loop = asyncio.get_running_loop()
    if (found := _clients.get(loop)) is None:
        found = _clients[loop] = httpx.AsyncClient(trust_env=False, timeout=PATIENCE, follow_redirects=False)
    return found


async def ask(method: str, url: str, **said: Any) -> httpx.Response | Result:
    """The provider's answer, whatever its status; a Result when there is none. No error names more than the host."""
    try:
        return await client().request(method, url, **said)
    except (httpx.TransportError, httpx.InvalidURL) as error:
        return Result("failed", error=f"{urlsplit(url).hostname}: {type(error).__name__} {error}".rstrip())


def read(response: httpx.Response) -> Mapping[str, Any]:
    """The JSON object in an answer; empty when there is none."""
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def pause(response: httpx.Response) -> float | None:
    """Seconds that the provider asks us to wait (Retry-After). None: it does not say."""
    return retry_after(response.headers.get("retry-after", ""))
