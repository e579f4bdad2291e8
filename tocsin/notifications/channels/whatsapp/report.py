"""What WhatsApp reports at the app's one address: receipts of our messages, and what people write to us.

`challenge` answers Meta's GET when the address is entered; `report` and `texts` read a POST. Both may come twice, and
in any order: `ref` is WhatsApp's id of the message, `key` our own, for a receipt may outrun the answer with `ref`.
Source: developers.facebook.com/docs/whatsapp/cloud-api/webhooks, graph-api/webhooks/getting-started.
"""

import hmac
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from tocsin.notifications.channel import Callback, Receipt, Report, Reported, Settings, Written
from tocsin.notifications.channels.whatsapp.faults import DEAD, again

_Kind = TypeVar("_Kind")


class Forbidden(Exception):
    """The holder of the app secret did not send this."""


class _Fault(msgspec.Struct, frozen=True):
    code: int = 0
    title: str = ""


class _Status(msgspec.Struct, frozen=True):
    id: str = ""
    status: str = ""
    biz_opaque_callback_data: str = ""
    errors: list[_Fault] = []


class _Body(msgspec.Struct, frozen=True):
    body: str = ""


class _Button(msgspec.Struct, frozen=True):
    text: str = ""
    title: str = ""


class _Interactive(msgspec.Struct, frozen=True):
    button_reply: _Button = _Button()
    list_reply: _Button = _Button()


class _Reaction(msgspec.Struct, frozen=True):
    emoji: str = ""


class _Context(msgspec.Struct, frozen=True):
    id: str = ""


class _Message(msgspec.Struct, frozen=True):
    id: str = ""
    sender: str = msgspec.field(default="", name="from")
    timestamp: str = ""
    text: _Body = _Body()
    button: _Button = _Button()
    interactive: _Interactive = _Interactive()
    reaction: _Reaction = _Reaction()
    context: _Context = _Context()

    def words(self) -> str:
        return (
            self.text.body
            or self.button.text
            or self.interactive.button_reply.title
            or self.interactive.list_reply.title
            or self.reaction.emoji
        ).strip()


class _Change(msgspec.Struct, frozen=True):
    field: str = ""
    value: dict[str, Any] = {}


class _Entry(msgspec.Struct, frozen=True):
    changes: list[_Change] = []


class _Envelope(msgspec.Struct, frozen=True):
    entry: list[_Entry] = []


def reported(asked: Callback, settings: Settings) -> Report:
    """What came to `/callbacks/whatsapp/report/<key>`; its signature is judged beside the key."""
    if asked.method != "POST":
        echoed = challenge(asked.form, settings)
        if echoed is None:
            return Report(b"the verify token is not TOCSIN_CHANNEL_WHATSAPP_VERIFY\n", 403)
        return Report(echoed.encode())
    try:
        receipts = report(asked.body, asked.headers, settings)
        return Report(receipts=receipts, texts=texts(asked.body, asked.headers, settings))
    except Forbidden as error:
        return Report(f"{error}\n".encode(), 403)


def challenge(query: Mapping[str, str], settings: Settings) -> str | None:
    """What Meta's GET is answered when the address is entered there; None: refuse it (403)."""
    known = settings.get("verify", "")
    given = query.get("hub.verify_token", "")
    if query.get("hub.mode") != "subscribe" or not known or not hmac.compare_digest(known.encode(), given.encode()):
        return None
    return query.get("hub.challenge", "")


def report(body: bytes, headers: Mapping[str, str], settings: Settings) -> list[Reported]:
    """The receipts in it. Raises Forbidden unless X-Hub-Signature-256 over these very bytes is right."""
    found = []
    for status in _each(body, headers, settings, "statuses", _Status):
        if status.id and (receipt := _receipt(status)) is not None:
            found.append(Reported(status.id, receipt, status.biz_opaque_callback_data))
    return found


def texts(body: bytes, headers: Mapping[str, str], settings: Settings) -> list[Written]:
    """What people wrote or touched, oldest first; pictures and the like are left out. Raises Forbidden."""
    return [
        Written(f"+{message.sender}", message.words(), message.id, message.context.id, _moment(message.timestamp))
        for message in _each(body, headers, settings, "messages", _Message)
        if message.sender.isdecimal() and message.words()
    ]


def _receipt(status: _Status) -> Receipt | None:
    if status.status in ("sent", "delivered", "read"):
        return Receipt(status.status, status.id)  # type: ignore[arg-type]
    if status.status != "failed":
        return None
    fault = status.errors[0] if status.errors else _Fault()
    error = f"{fault.code} {fault.title}".strip()
    return Receipt("failed", status.id, error, permanent=not again(fault.code), gone=fault.code in DEAD)


def _each(body: bytes, headers: Mapping[str, str], settings: Settings, name: str, kind: type[_Kind]) -> Iterator[_Kind]:
    """Every struct of that list; one that has another shape is passed over, so that the others are not lost."""
    _judge(body, headers, settings)
    try:
        envelope = msgspec.json.decode(body, type=_Envelope)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return
    values = [change.value for entry in envelope.entry for change in entry.changes if change.field == "messages"]
    for value in values:
        listed = value.get(name)
        for item in listed if isinstance(listed, list) else ():
            try:
                yield msgspec.convert(item, kind)
            except msgspec.ValidationError:
                continue


def _judge(body: bytes, headers: Mapping[str, str], settings: Settings) -> None:
    secret = settings.get("secret", "")
    given = next((value for name, value in headers.items() if name.lower() == "x-hub-signature-256"), "")
    right = "sha256=" + hmac.digest(secret.encode(), body, "sha256").hex()
    if not secret or not hmac.compare_digest(right.encode(), given.encode()):
        raise Forbidden("X-Hub-Signature-256 is wrong: check TOCSIN_CHANNEL_WHATSAPP_SECRET (the app secret)")


def _moment(timestamp: str) -> datetime | None:
    return datetime.fromtimestamp(int(timestamp), UTC) if timestamp.isdecimal() and len(timestamp) < 12 else None
