"""Kannel's smsbox: `sendsms` by POST, so that neither words nor password stand in an address (and in logs).

Source: Kannel 1.4.5 User's Guide, chapter 7 (Using the HTTP interface, Extended headers) and 10 (delivery reports).
It says no id of its own: `ref` is our key, which stands in the address of the receipt as well.
"""

import re
from urllib.parse import urlsplit

from tocsin.notifications.channel import Answer, Callback, Outgoing, Receipt, Result, Settings
from tocsin.notifications.channels import web
from tocsin.notifications.channels.sms.provider import Provider, refused
from tocsin.notifications.channels.sms.segments import Sms

DELIVERED, FAILED, REJECTED = 1, 2, 16  # what dlr-mask asks for; 4 and 8 (waits, submitted) are states in between
QUEUED, ROUTELESS = "3:", "Not routable"
NOBODY = "0x0000000b"  # SMPP: the destination address is none


async def send(outgoing: Outgoing, sms: Sms, settings: Settings) -> Result:
    """202 "0:": the network has it. 202 "3:": no network now; it is kept, and is sent as soon as there is one."""
    headers = {
        "Content-Type": "text/plain; charset=UTF-8",
        "X-Kannel-Username": settings["kannel_user"],
        "X-Kannel-Password": settings["kannel_password"],
        "X-Kannel-To": outgoing.address,
        "X-Kannel-Coding": "2" if sms.unicode else "0",
        "X-Kannel-Validity": str(max(1, outgoing.life // 60)),
        "X-Kannel-Priority": "3" if outgoing.urgent else "0",
    }
    if settings.get("kannel_from"):
        headers["X-Kannel-From"] = settings["kannel_from"]
    if outgoing.callback:
        address = outgoing.callback.replace("%", "%%")
        headers["X-Kannel-DLR-Mask"] = str(DELIVERED + FAILED + REJECTED)
        headers["X-Kannel-DLR-Url"] = f"{address}?by=kannel&dlr=%d&answer=%A"
    answer = await web.ask("POST", _address(settings), content=sms.text.encode(), headers=headers)
    if isinstance(answer, Result):
        return answer
    words = answer.text.strip()[:100]
    if answer.status_code == 202 and words.startswith(("0:", QUEUED)):
        waits = "it has no network now and keeps the text" if words.startswith(QUEUED) else ""
        return Result("sent", ref=outgoing.key, error=waits)
    if words.startswith(ROUTELESS):
        return Result("failed", error=words, permanent=True)
    return refused(answer, words)


def _address(settings: Settings) -> str:
    base = settings["kannel_url"].rstrip("/")
    return base if urlsplit(base).path else f"{base}/cgi-bin/sendsms"


def receipt(asked: Callback, _settings: Settings) -> Answer:
    """GET …?dlr=%d&answer=%A, once or more; of a long text, for one of its segments."""
    said, answer = asked.form.get("dlr", ""), asked.form.get("answer", "")[:100]
    ref = asked.url.partition("?")[0].rpartition("/")[2]  # the delivery's token, which is our key
    if said == str(DELIVERED):
        return Answer(receipt=Receipt("delivered", ref))
    if said == str(FAILED):
        return Answer(receipt=Receipt("failed", ref, f"not delivered {answer}".strip(), permanent=False))
    if said == str(REJECTED):
        error = f"rejected by the network {answer}".strip()
        gone = NOBODY in answer.lower()
        return Answer(receipt=Receipt("failed", ref, error, permanent=gone, gone=gone))
    return Answer()


def check(settings: Settings) -> list[str]:
    wrong = []
    if urlsplit(settings["kannel_url"]).scheme not in ("http", "https"):
        wrong.append("TOCSIN_CHANNEL_SMS_KANNEL_URL: smsbox's address, http://127.0.0.1:13013 for example")
    if not re.fullmatch(r"[ -~]*", settings.get("kannel_from", "")):
        wrong.append("TOCSIN_CHANNEL_SMS_KANNEL_FROM: a number, or a name in plain letters")
    return wrong


PROVIDER = Provider(send=send, needs=("url", "user", "password"), check=check, receipt=receipt)
