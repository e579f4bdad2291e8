"""Africa's Talking: a form with from, to, text, date, id, linkId.

Sources: docs.africastalking.com/sms/notifications; the handler of rapidpro/courier (the forms of `date`). Delivery
reports, opt-outs and subscriptions come with phoneNumber in place of from and text.
"""

from tocsin.gates.protocol import Malformed, Request, Session
from tocsin.gates.protocols.sms.message import Provider, Sms, decoded, first, form, moment, word


def read(request: Request, session: Session) -> tuple[Sms, ...]:
    fields = form(request)
    sender = word(fields.get("from"))
    if not sender:
        if "phoneNumber" in fields:
            return ()
        raise Malformed("from: missing")
    date = word(fields.get("date"))
    id_ = word(first(fields, "id", "linkId"))
    return (Sms(sender, decoded(fields.get("text", b"")), id_, date, moment(date)),)


PROVIDER = Provider(read)
