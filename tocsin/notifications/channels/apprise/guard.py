"""No connection to an address inside our own network while a guarded function runs.

Python tells every connection to its audit hooks before it is made, with the address that the name came to. So it does
not matter who chose the name, what it resolved to a moment ago, or where a server redirects to.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

from tocsin.lib.outside import is_public

_refused: ContextVar[list[str] | None] = ContextVar("refused", default=None)


class Refused(OSError):
    """The address is inside."""


@contextmanager
def outside_only() -> Iterator[list[str]]:
    """Guard what runs inside, in this context and those copied from it; yields the addresses that were refused."""
    _install()
    refused = list[str]()
    mark = _refused.set(refused)
    try:
        yield refused
    finally:
        _refused.reset(mark)


@cache
def _install() -> None:
    sys.addaudithook(
        _judge
    )  # for good: Python has no way to take one out, and it does nothing where nothing is guarded


def _judge(event: str, arguments: tuple[object, ...]) -> None:
    if event not in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        return
    refused = _refused.get()
    if refused is None:
        return
    address = arguments[1] if len(arguments) > 1 else None
    host = address[0] if isinstance(address, tuple) and address else address
    if not isinstance(host, str) or not is_public(host):
        refused.append(str(host))
        raise Refused(f"{host} is inside our network")
