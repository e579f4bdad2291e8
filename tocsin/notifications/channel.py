"""What a channel offers to the courier. A channel is a folder `channels/<name>/`; deleting it removes the channel.

    channel.py       CHANNEL = Channel(...): how to send, what its settings are
    README.md        for who installs it: the account to open, the settings, what was verified
    test_channel.py  against the real component of the other side

A channel knows nothing of incidents: it gets an `Outgoing` and says what became of it. It may be called for the same
`token` again after a crash; where the far end takes an idempotency key, the token is it.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from tocsin.lib.words import Language

Settings = Mapping[str, str]  # TOCSIN_CHANNEL_SMS_PROVIDER of the environment is settings["provider"] of `sms`


class Text(msgspec.Struct, frozen=True):
    """A message in one language, in every length: `title` and `body` for screens, `short` for a text message (with
    the link in it), `spoken` for a voice. `link`: where one tap claims or answers; None for who need not answer.
    """

    title: str
    body: str
    short: str
    spoken: str
    link: str | None = None


class Outgoing(msgspec.Struct, frozen=True):
    """One message to one address. `key`: the same in each try of the same delivery. `repeats`: a phone may sound it
    until it is acknowledged. `values`: the facts behind the text, for machines (webhook)."""

    key: str
    address: str
    language: Language
    text: Text
    urgent: bool = False
    drill: bool = False
    repeats: bool = False
    topic: str = ""  # messages of one topic replace each other on a screen
    life: int = 3600  # seconds after which it makes no sense any more
    values: Mapping[str, object] = {}
    callback: str = ""  # where the far end reports receipts and asks for instructions; holds the delivery's token


class Result(msgspec.Struct, frozen=True):
    """What became of one try. `sent`: the provider took it; `delivered`: the far end has it.

    `failed` is tried again after `wait` seconds (None: the courier's own backoff) unless `permanent`; `gone`: the
    address itself is dead (an expired push subscription, a number that does not exist).
    """

    state: Literal["sent", "delivered", "failed"]
    ref: str | None = None
    error: str = ""
    permanent: bool = False
    gone: bool = False
    wait: float | None = None


class Receipt(msgspec.Struct, frozen=True):
    """What a provider tells later about a message: by our token (in the callback's address) or by its `ref`."""

    state: Literal["sent", "delivered", "read", "failed"]
    ref: str | None = None
    error: str = ""
    permanent: bool = True
    gone: bool = False


class Callback(msgspec.Struct, frozen=True):
    """A request of the far end at `Outgoing.callback`: form and query merged, `url` as the caller wrote it.

    Or one at the channel's own address for reports, which is of no delivery: there is no text then."""

    method: str
    url: str
    form: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    language: Language
    text: Text | None = None
    claimable: bool = False


class Answer(NamedTuple):
    """What a callback means and what the far end is told: a receipt, or an answer of the person, or neither."""

    body: bytes = b""
    media: str = "text/plain; charset=utf-8"
    status: int = 200
    receipt: Receipt | None = None
    answer: Literal["claim", "coming", "cannot", "heard"] | None = None


class Reported(NamedTuple):
    """A receipt that came to the channel's own address. `ref`: as in `Result`; `key`: ours, if the far end knows it."""

    ref: str
    receipt: Receipt
    key: str = ""


class Written(NamedTuple):
    """What somebody wrote to us there, or the words of the button they touched. `phone`: E.164; `id`: the same when it
    comes again; `about`: the `ref` that it answers, if it says."""

    phone: str
    text: str
    id: str
    about: str
    at: datetime | None


class Report(NamedTuple):
    """What came to the channel's own address, and what the far end is told."""

    body: bytes = b""
    status: int = 200
    receipts: Sequence[Reported] = ()
    texts: Sequence[Written] = ()


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """`needs`: names of settings without which it is off. `check`: what is wrong with the settings, one line each.
    `report`: reads what comes to `/callbacks/<name>/report/<key>`, the one address that some providers know."""

    send: Callable[[Outgoing, Settings], Awaitable[Result]]
    needs: tuple[str, ...] = ()
    check: Callable[[Settings], list[str]] = lambda _: []
    callback: Callable[[Callback, Settings], Answer] | None = None
    report: Callable[[Callback, Settings], Report] | None = None
    at_once: int = 50  # sendings at the same time


class Sent(msgspec.Struct):
    """For tests and the null channel."""

    outgoing: Outgoing
    at: datetime
