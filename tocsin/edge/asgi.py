"""ASGI in the few words that the edge needs."""

import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from tocsin.lib.problem import problem
from tocsin.lib.words import Language

log = logging.getLogger(__name__)
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

JSON = (b"content-type", b"application/json")
PROBLEM = (b"content-type", b"application/problem+json")
NO_STORE = (b"cache-control", b"no-store")
NOSNIFF = (b"x-content-type-options", b"nosniff")


async def reply(
    send: Send, status: int, content: bytes, kind: tuple[bytes, bytes] = JSON, *headers: tuple[bytes, bytes]
) -> None:
    length = (b"content-length", str(len(content)).encode())
    try:
        said = [kind, length, NO_STORE, NOSNIFF, *headers]
        await send({"type": "http.response.start", "status": status, "headers": said})
        await send({"type": "http.response.body", "body": content})
    except (OSError, RuntimeError):  # uvloop's word for a closed connection is RuntimeError
        log.info("the caller hung up before the answer; what was pressed is stored all the same")


async def trouble(
    send: Send,
    status: int,
    language: Language,
    detail: str = "",
    retry: int | None = None,
    challenge: bool = False,
    **more: Any,
) -> None:
    """Problem details (RFC 9457); `retry` in seconds becomes Retry-After."""
    headers = [(b"retry-after", str(retry).encode())] if retry is not None else []
    if challenge:
        headers.append((b"www-authenticate", b"Bearer"))
    await reply(send, status, problem(status, language, detail, **more), PROBLEM, *headers)
