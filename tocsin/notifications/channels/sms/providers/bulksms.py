"""BulkSMS: JSON REST API, POST /v1/messages. Reports come to one webhook of the account, by its id.

Source: bulksms.com/developer/json/v1 (its OpenAPI document 1.0.0). `userSuppliedId` holds 20 characters, our key 22:
it is not used. Nor is `deduplication-id`, a number of 32 bits that is good for 12 hours: a message told anew after a
failure, and two whose numbers happen to be equal, would be swallowed in silence.
"""

import msgspec

from tocsin.notifications.channel import Outgoing, Receipt, Reported, Result, Settings
from tocsin.notifications.channels import web
from tocsin.notifications.channels.sms.provider import Provider, refused, text
from tocsin.notifications.channels.sms.segments import Sms

BULKSMS = "https://api.bulksms.com"
NO_TEMPLATE = str.maketrans("{}", "()")  # {F1} and {fn} would be fields of a contact


class _State(msgspec.Struct, frozen=True):
    type: str = ""
    subtype: str | None = None


class _Message(msgspec.Struct, frozen=True):
    id: str = ""
    type: str = "SENT"
    status: _State = _State()


async def send(outgoing: Outgoing, sms: Sms, settings: Settings) -> Result:
    """201 with a list of one message, whose status may already be a failure."""
    message = {
        "to": outgoing.address,
        "body": sms.text.translate(NO_TEMPLATE),
        "encoding": "UNICODE" if sms.unicode else "TEXT",
        "longMessageMaxParts": max(sms.segments, 3),
        "deliveryReports": "ALL",
    }
    if settings.get("bulksms_from"):
        message["from"] = settings["bulksms_from"]
    answer = await web.ask(
        "POST",
        f"{settings.get('bulksms_url', BULKSMS).rstrip('/')}/v1/messages",
        json=[message],
        auth=(settings["bulksms_id"], settings["bulksms_secret"]),
    )
    if isinstance(answer, Result):
        return answer
    if not answer.is_success:
        said = web.read(answer)
        return refused(answer, f"{text(said, 'title')} {text(said, 'detail')}".strip())
    created = _messages(answer.content)
    if not created or not created[0].id:
        return refused(answer, "no message in the answer")
    state = created[0].status
    if state.type == "FAILED":
        error = f"FAILED.{state.subtype or ''}"
        return Result("failed", error=error, permanent=True, gone=state.subtype == "BLOCKED")
    return Result("sent", ref=created[0].id)


def report(body: bytes) -> list[Reported] | None:
    """A list of messages (up to 10), with their status. An empty one is BulkSMS's test of the address."""
    messages = _messages(body)
    if messages is None:
        return None
    sent = [message for message in messages if message.type == "SENT" and message.id]
    return [Reported(m.id, receipt) for m in sent if (receipt := _receipt(m)) is not None]


def _receipt(message: _Message) -> Receipt | None:
    state, ref = message.status, message.id
    if state.type in ("ACCEPTED", "SCHEDULED", "SENT"):
        return Receipt("sent", ref)
    if state.type == "DELIVERED":
        return Receipt("delivered", ref)
    if state.type == "FAILED":
        blocked = state.subtype == "BLOCKED"
        return Receipt("failed", ref, f"FAILED.{state.subtype or ''}", permanent=blocked, gone=blocked)
    return None  # UNKNOWN


def _messages(body: bytes) -> list[_Message] | None:
    """Those of a JSON list; one of another shape is passed over. None: it is no list."""
    try:
        listed = msgspec.json.decode(body, type=list[msgspec.Raw])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    found = []
    for item in listed:
        try:
            found.append(msgspec.json.decode(item, type=_Message))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            continue
    return found


PROVIDER = Provider(send=send, needs=("id", "secret"), report=report)
