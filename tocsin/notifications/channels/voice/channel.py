"""Voice: a call through Twilio, or a server that speaks its API. It says what it is, 1 claims it, 2 passes.

Sources: twilio.com/docs/voice/api/call-resource, /voice/twiml, /voice/answering-machine-detection, /api/errors.
All that the provider asks of us arrives at the delivery's own address: what to say (no `about`), the key that was
pressed (`about=key`), and how the call ended (`about=end`).
"""

import re
from urllib.parse import quote, urlsplit

import httpx

from tocsin.notifications.channel import Answer, Callback, Channel, Outgoing, Receipt, Result, Settings
from tocsin.notifications.channels import web
from tocsin.notifications.channels.twilio import right
from tocsin.notifications.channels.voice import twiml

TWILIO = "https://api.twilio.com"
RING = "30"  # seconds; most voice mail answers later

DEAD = frozenset({21211, 21217})  # the number is none
BUSY = frozenset({10004, 20429})  # too many calls at once
ELSEWHERE = frozenset({404, 410, 484, 604})  # SIP: there is no such number


async def send(outgoing: Outgoing, settings: Settings) -> Result:
    """Have the provider call. `sent`: it will; whether somebody answers comes as a receipt."""
    account = settings["account"]
    base = settings.get("url", TWILIO).rstrip("/")
    fields = {
        "To": outgoing.address,
        "From": settings["from"],
        "Url": outgoing.callback,
        "Method": "POST",
        "FallbackUrl": outgoing.callback,
        "FallbackMethod": "POST",
        "StatusCallback": f"{outgoing.callback}?about=end",
        "StatusCallbackMethod": "POST",
        "Timeout": settings.get("ring", RING),
    }
    if settings.get("machines") == "detect":
        fields["MachineDetection"] = "Enable"
    answer = await web.ask(
        "POST",
        f"{base}/2010-04-01/Accounts/{quote(account, safe='')}/Calls.json",
        data=fields,
        auth=(account, settings["token"]),
    )
    return answer if isinstance(answer, Result) else _result(answer)


def _result(answer: httpx.Response) -> Result:
    said = web.read(answer)
    if answer.status_code in (200, 201):
        return Result("sent", ref=str(said.get("sid") or "") or None)
    code = said.get("code")
    error = f"HTTP {answer.status_code}: {code or ''} {said.get('message') or ''}".rstrip()
    if answer.status_code == 429 or code in BUSY:
        return Result("failed", error=error, wait=web.pause(answer) or 2)
    if answer.status_code >= 500:
        return Result("failed", error=error, wait=web.pause(answer))
    return Result("failed", error=error, permanent=True, gone=code in DEAD)


def callback(asked: Callback, settings: Settings) -> Answer:
    """What the call says, what a key means, and how the call ended."""
    if settings.get("signed") != "no" and not _signed(asked, settings):
        return Answer(b"X-Twilio-Signature is wrong: TOCSIN_CHANNEL_VOICE_TOKEN, or TOCSIN_PUBLIC_URL?\n", status=403)
    about = asked.form.get("about", "")
    if about == "end":
        return Answer(receipt=_receipt(asked))
    if _machine(asked):
        return Answer(twiml.silence(), twiml.MEDIA)
    if asked.text is None:
        return _last("over", asked, settings)
    if about == "key":
        return _key(asked, settings)
    return _question(asked, settings)


def _signed(asked: Callback, settings: Settings) -> bool:
    return right(asked.headers.get("x-twilio-signature", ""), asked.url, asked.body, settings.get("token", ""))


def _question(asked: Callback, settings: Settings) -> Answer:
    """The message and what the keys mean; `claim` in the address remembers what the person was asked."""
    assert asked.text is not None
    spoken = asked.text.spoken
    if asked.text.link is None:  # nothing is asked in it: any key says that it was heard
        gap = "" if asked.language == "zh-hans" else " "
        spoken = f"{spoken}{gap}{twiml.sentence('any_key', asked.language)}"
    claim = "&claim=1" if asked.claimable else ""
    address = f"{asked.url.partition('?')[0]}?about=key{claim}"
    return Answer(twiml.question(spoken, address, asked.language, settings), twiml.MEDIA)


def _key(asked: Callback, settings: Settings) -> Answer:
    key = asked.form.get("Digits", "")
    if asked.text is not None and asked.text.link is None:
        return _last("heard", asked, settings)._replace(answer="heard")
    if key == "2":
        return _last("cannot", asked, settings)._replace(answer="cannot")
    if key != "1":
        return _question(asked, settings)
    if asked.form.get("claim") != "1":
        return _last("coming", asked, settings)._replace(answer="coming")
    if not asked.claimable:  # somebody was quicker
        return _last("taken", asked, settings)
    return _last("yours", asked, settings)._replace(answer="claim")


def _last(name: str, asked: Callback, settings: Settings) -> Answer:
    words = twiml.sentence(name, asked.language)
    return Answer(twiml.last(words, asked.language, settings), twiml.MEDIA)


def _machine(asked: Callback) -> bool:
    return asked.form.get("AnsweredBy", "").startswith(("machine", "fax"))


def _receipt(asked: Callback) -> Receipt | None:
    """How the call ended. An answered call without a key was heard by nobody we know of: it stays `sent`."""
    status, sid = asked.form.get("CallStatus", ""), asked.form.get("CallSid") or None
    if status == "completed":
        if _machine(asked):
            return Receipt("failed", sid, "an answering machine took the call", permanent=False)
        return Receipt("sent", sid)
    if status in ("busy", "no-answer", "canceled"):
        return Receipt("failed", sid, f"the call ended: {status}", permanent=False)
    if status == "failed":  # "most likely because the phone number was non-existent", unless SIP says otherwise
        sip = asked.form.get("SipResponseCode", "")
        error = f"the call failed{f': SIP {sip}' if sip else ''}"
        nobody = sip.isdecimal() and int(sip) in ELSEWHERE
        return Receipt("failed", sid, error, permanent=nobody or not sip.isdecimal(), gone=nobody)
    return None


def check(settings: Settings) -> list[str]:
    """What is wrong with the settings."""
    wrong = []
    if not re.fullmatch(r"\+\d{6,15}|(sip|client):\S+", settings["from"]):
        wrong.append("TOCSIN_CHANNEL_VOICE_FROM: a number as +27110000000")
    if urlsplit(settings.get("url", TWILIO)).scheme not in ("https", "http"):
        wrong.append("TOCSIN_CHANNEL_VOICE_URL: an address with https://")
    ring = settings.get("ring", RING)
    if not ring.isdecimal() or not 5 <= int(ring) <= 600:
        wrong.append("TOCSIN_CHANNEL_VOICE_RING: seconds, 5 to 600")
    if settings.get("machines", "detect") != "detect":
        wrong.append("TOCSIN_CHANNEL_VOICE_MACHINES: detect, or not set")
    return wrong


CHANNEL = Channel(send=send, needs=("account", "token", "from"), check=check, callback=callback, at_once=10)
