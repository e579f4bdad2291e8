"""Twilio: Messages API 2010-04-01; its status callbacks are signed.

Sources: twilio.com/docs/messaging/api/message-resource, /messaging/guides/outbound-message-status-in-status-callbacks,
/usage/webhooks/webhooks-security, /api/errors (each code has its page).
"""

from urllib.parse import quote

from tocsin.notifications.channel import Answer, Callback, Outgoing, Receipt, Result, Settings
from tocsin.notifications.channels import web
from tocsin.notifications.channels.sms.provider import Provider, number, refused, text
from tocsin.notifications.channels.sms.segments import Sms
from tocsin.notifications.channels.twilio import right

TWILIO = "https://api.twilio.com"
NOBODY = frozenset({21211, 21265, 21614, 21635})  # no number, a short code, no mobile phone, a landline
STOPPED = 21610  # they texted STOP to our number
BUSY = frozenset({20429, 21611})  # too many requests; too many messages wait at our number
#: Of a receipt: blocked, unknown number, landline, filtered, STOP. It would end the same way again.
ENDS = frozenset({30004, 30005, 30006, 30007, STOPPED})
GONE = frozenset({30005, STOPPED})


async def send(outgoing: Outgoing, sms: Sms, settings: Settings) -> Result:
    """201 with the message's SID: queued."""
    account, sender = settings["twilio_account"], settings["twilio_from"]
    fields = {
        "To": outgoing.address,
        "MessagingServiceSid" if sender.startswith("MG") else "From": sender,
        "Body": sms.text,
        "ValidityPeriod": str(min(max(outgoing.life, 60), 36000)),
    }
    if outgoing.callback:
        fields["StatusCallback"] = f"{outgoing.callback}?by=twilio"
    base = settings.get("twilio_url", TWILIO).rstrip("/")
    answer = await web.ask(
        "POST",
        f"{base}/2010-04-01/Accounts/{quote(account, safe='')}/Messages.json",
        data=fields,
        auth=(account, settings["twilio_token"]),
    )
    if isinstance(answer, Result):
        return answer
    said = web.read(answer)
    if answer.is_success and (sid := text(said, "sid")):
        return Result("sent", ref=sid)
    code = number(said, "code")
    words = f"{code or ''} {text(said, 'message')}".strip()
    return refused(answer, words, gone=code in NOBODY or code == STOPPED, busy=code in BUSY)


def receipt(asked: Callback, settings: Settings) -> Answer:
    """MessageStatus: accepted, queued, sending, sent are on the way; delivered, undelivered, failed are the end."""
    signed = asked.headers.get("x-twilio-signature", "")
    if not right(signed, asked.url, asked.body, settings.get("twilio_token", "")):
        return Answer(
            b"X-Twilio-Signature is wrong: TOCSIN_CHANNEL_SMS_TWILIO_TOKEN, or TOCSIN_PUBLIC_URL?\n", status=403
        )
    status, sid = asked.form.get("MessageStatus", ""), asked.form.get("MessageSid") or None
    if status in ("sent", "delivered", "read"):
        return Answer(receipt=Receipt(status, sid))  # type: ignore[arg-type]
    if status in ("undelivered", "failed", "canceled"):
        code = number(asked.form, "ErrorCode")
        error = f"{status} {code or ''}".strip()
        return Answer(receipt=Receipt("failed", sid, error, permanent=code in ENDS, gone=code in GONE))
    return Answer()


PROVIDER = Provider(send=send, needs=("account", "token", "from"), receipt=receipt)
