"""Any other gateway, or an app that forwards the texts of a phone: query, form or JSON with names that tell."""

from tocsin.gates.protocol import Malformed, Request, Session
from tocsin.gates.protocols.sms.message import Provider, Sms, clean, decoded, first, form, is_json, json, moment, word

SENDER = ("from", "sender", "msisdn", "phone", "number")
TEXT = ("text", "message", "body", "content")
ID = ("id", "messageid", "msgid")
TIME = ("at", "time", "timestamp", "date", "receivedat")


def read(request: Request, session: Session) -> tuple[Sms, ...]:
    if is_json(request):
        body = json(request)
        messages = body if isinstance(body, list) else [body]
    else:
        messages = [form(request)]
    return tuple(sms for message in messages for sms in _text(message))


def _text(message: object) -> tuple[Sms, ...]:
    if not isinstance(message, dict):
        raise Malformed("a JSON object is expected")
    fields = {str(name).lower().replace("_", "").replace("-", ""): value for name, value in message.items()}
    sender = word(first(fields, *SENDER))
    given = [fields[name] for name in TEXT if isinstance(fields.get(name), str | bytes)]
    if not given or not sender:
        if "status" in fields:
            return ()
        raise Malformed("from, text: missing")
    text = next((each for each in given if each), given[0])
    if isinstance(text, bytes):
        text = decoded(text, word(fields.get("charset")))
    stamp, id_ = word(first(fields, *TIME)), word(first(fields, *ID))
    if id_:
        id_ += f" {stamp} {clean(text)}"[:500]  # a phone may count its texts anew: the number alone tells no resend
    return (Sms(sender, text, id_, stamp, moment(stamp)),)


PROVIDER = Provider(read)
