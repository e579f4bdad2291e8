"""Clickatell: One API, POST /v1/message. Status reports come to one address for the integration, with our key in them.

Sources: docs.clickatell.com/channels/one-api (reference, errors table, message status table),
help.clickatell.com/developers-api-reference/reference/one-api-client-callbacks.
"""

from typing import Any

import msgspec

from tocsin.notifications.channel import Outgoing, Receipt, Reported, Result, Settings
from tocsin.notifications.channels import web
from tocsin.notifications.channels.sms.provider import Provider, number, refused, text
from tocsin.notifications.channels.sms.segments import Sms

CLICKATELL = "https://platform.clickatell.com"
GONE, BUSY = frozenset({25, 26}), 43  # invalid recipient address, recipient opted out; rate limit
#: API key, account, integration, our IP address; its own trouble; balance; channel; sender; demo is over.
OURS = frozenset({1, 2, 3, 7, 18, 19, 20, 38, 39, 44, 45, 46})
WAITS = frozenset({"QUEUED", "SCHEDULED", "SENT_TO_SUPPLIER"})
UNSAID = frozenset({"UNKNOWN", "EMULATED"})
ENDS = frozenset({"STOPPED_BY_USER", "RECIPIENT_DOES_NOT_EXIST"})


async def send(outgoing: Outgoing, sms: Sms, settings: Settings) -> Result:
    """202, or 207 and 4xx with an error of the message or of the whole request."""
    message = {
        "channel": "sms",
        "to": outgoing.address.lstrip("+"),
        "content": sms.text,
        "clientMessageId": outgoing.key,
    }
    if settings.get("clickatell_from"):
        message["from"] = settings["clickatell_from"]
    answer = await web.ask(
        "POST",
        f"{settings.get('clickatell_url', CLICKATELL).rstrip('/')}/v1/message",
        json={"messages": [message]},
        headers={"Authorization": settings["clickatell_key"], "Accept": "application/json"},
    )
    if isinstance(answer, Result):
        return answer
    said = web.read(answer)
    messages = said.get("messages")
    one = messages[0] if isinstance(messages, list) and messages and isinstance(messages[0], dict) else {}
    if answer.is_success and one.get("accepted") is True and (ref := text(one, "apiMessageId")):
        return Result("sent", ref=ref)
    error = next((e for e in (one.get("error"), said.get("error")) if isinstance(e, dict)), {})
    code = number(error, "code")
    words = f"{code or ''} {text(error, 'description')}".strip()
    if not code or code == BUSY:
        return refused(answer, words, busy=code == BUSY)
    return Result("failed", error=words[:100], permanent=code not in OURS, gone=code in GONE)


class _Status(msgspec.Struct, frozen=True):
    messageId: str = ""
    clientMessageId: str | None = None
    status: str = ""


class _Envelope(msgspec.Struct, frozen=True):
    event: dict[str, Any] = {}


def report(body: bytes) -> list[Reported] | None:
    """{"integrationId", "event": {"messageStatusUpdate": [{messageId, clientMessageId, status, statusCode}]}}."""
    try:
        envelope = msgspec.json.decode(body, type=_Envelope)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    if not envelope.event:
        return None
    found = []
    for item in (item for listed in envelope.event.values() if isinstance(listed, list) for item in listed):
        try:
            status = msgspec.convert(item, _Status)
        except msgspec.ValidationError:
            continue
        if status.messageId and (receipt := _receipt(status)):
            found.append(Reported(status.messageId, receipt, status.clientMessageId or ""))
    return found


def _receipt(status: _Status) -> Receipt | None:
    """By its name, since the numbers of Clickatell's APIs contradict each other (4: with the supplier, or received)."""
    name, ref = status.status, status.messageId
    if not name or name in UNSAID:
        return None
    if name in WAITS:
        return Receipt("sent", ref)
    if name == "DEVICE_ACK":
        return Receipt("delivered", ref)
    if name == "READ":
        return Receipt("read", ref)
    return Receipt("failed", ref, name[:100], permanent=name in ENDS, gone=name in ENDS)


PROVIDER = Provider(send=send, needs=("key",), report=report)
