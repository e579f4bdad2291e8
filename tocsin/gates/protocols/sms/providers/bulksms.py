"""BulkSMS: a JSON array of messages, or the older query (EAPI "HTTP push") with sender, message, msg_id, dca.

Sources: bulksms.com/developer/webhooks and the message of its JSON API 1 (`from`, `body` as words or as objects; type
RECEIVED or SENT; an empty array is a try of the address); developer.bulksms.com/eapi/reception/http_push (16bit: the
text as hexadecimal UTF-16BE; msisdn is our own number; at least one character is to be answered).
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from tocsin.gates.protocol import Malformed, Request, Session
from tocsin.gates.protocols.sms.message import Provider, Sms, decoded, first, form, is_json, json, moment, word


def read(request: Request, session: Session) -> tuple[Sms, ...]:
    if not is_json(request):
        return _older(form(request))
    body = json(request)
    if request.headers.get("x-bulksms-event") == "status-report":
        return ()
    messages = body if isinstance(body, list) else [body]
    return tuple(_text(each) for each in messages if isinstance(each, dict) and each.get("type") != "SENT")


def _text(message: Mapping[str, Any]) -> Sms:
    sender, body, submission = (message.get(name) for name in ("from", "body", "submission"))
    number = word(sender.get("address") if isinstance(sender, dict) else sender)
    text = body.get("value") if isinstance(body, dict) else body
    stamp = word(submission.get("date")) if isinstance(submission, dict) else ""
    return Sms(number, text if isinstance(text, str) else "", word(message.get("id")), stamp, moment(stamp))


def _older(fields: Mapping[str, bytes]) -> tuple[Sms, ...]:
    sender = word(first(fields, "sender", "from"))
    if not sender or "message" not in fields:
        if "status" in fields or "batch_id" in fields:
            return ()
        raise Malformed("sender, message: missing")
    text = decoded(fields["message"])
    if fields.get("dca") == b"16bit":
        with suppress(ValueError):  # then it is not in hexadecimal
            text = decoded(bytes.fromhex(text), "utf-16be")
    return (Sms(sender, text, word(fields.get("msg_id")), word(fields.get("received_time"))),)


PROVIDER = Provider(read, b"OK")
