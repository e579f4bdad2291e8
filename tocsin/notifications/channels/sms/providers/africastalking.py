"""Africa's Talking: POST /version1/messaging. Delivery reports come to one address for the whole account, by its id.

Sources: docs.africastalking.com/sms/sending, /sms/notifications, /sms/deliveryreports. A message can carry nothing of
ours: neither an address for its report nor a key.
"""

from urllib.parse import parse_qsl

from tocsin.notifications.channel import Outgoing, Receipt, Reported, Result, Settings
from tocsin.notifications.channels import web
from tocsin.notifications.channels.sms.provider import Provider, number, refused, text
from tocsin.notifications.channels.sms.segments import Sms

LIVE, SANDBOX = "https://api.africastalking.com", "https://api.sandbox.africastalking.com"
TAKEN = frozenset({100, 101, 102})  # processed, sent, queued
GONE = frozenset({403, 406})  # InvalidPhoneNumber, UserInBlacklist
FIRM = frozenset({403, 404, 406, 407, 409})  # UnsupportedNumberType, CouldNotRoute, DoNotDisturbRejection
WAITS = frozenset({"Sent", "Submitted", "Buffered"})
#: Reasons of a report that end it: no such number, closed, stopped.
NOBODY = frozenset({"UserDoesNotExist", "UserInBlackList"})
ENDS = NOBODY | {"UserAccountSuspended", "DoNotDisturbRejection"}


async def send(outgoing: Outgoing, sms: Sms, settings: Settings) -> Result:
    """201, with a status code of the one recipient."""
    user = settings["africastalking_user"]
    fields = {"username": user, "to": outgoing.address, "message": sms.text, "bulkSMSMode": "1"}
    if settings.get("africastalking_from"):
        fields["from"] = settings["africastalking_from"]
    base = settings.get("africastalking_url", SANDBOX if user == "sandbox" else LIVE).rstrip("/")
    answer = await web.ask(
        "POST",
        f"{base}/version1/messaging",
        data=fields,
        headers={"apiKey": settings["africastalking_key"], "Accept": "application/json"},
    )
    if isinstance(answer, Result):
        return answer
    data = web.read(answer).get("SMSMessageData")
    recipients = data.get("Recipients") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(recipients, list):
        return refused(answer, answer.text.strip()[:100])
    one = recipients[0] if recipients else {}
    if not isinstance(one, dict) or not one:  # "InvalidSenderId", for example
        return Result("failed", error=text(data, "Message")[:100] or "no recipient in the answer")
    code, words = number(one, "statusCode"), text(one, "status")
    if code in TAKEN:
        return Result("sent", ref=text(one, "messageId") or None)
    if not code:
        return refused(answer, "no status code in the answer")
    return Result("failed", error=f"{code} {words}"[:100], permanent=code in FIRM, gone=code in GONE)


def report(body: bytes) -> list[Reported] | None:
    """A form: id, status, phoneNumber, failureReason."""
    fields = dict(parse_qsl(body.decode("utf-8", "replace")))
    ref, status, reason = fields.get("id", ""), fields.get("status", ""), fields.get("failureReason", "")
    if not ref or not status:
        return None
    if status in WAITS:
        return [Reported(ref, Receipt("sent", ref))]
    if status == "Success":
        return [Reported(ref, Receipt("delivered", ref))]
    error = f"{status} {reason}".strip()[:200]
    return [Reported(ref, Receipt("failed", ref, error, permanent=reason in ENDS, gone=reason in NOBODY))]


PROVIDER = Provider(send=send, needs=("user", "key"), report=report)
