"""Twilio: a form (or a query) with From, To, Body, MessageSid, signed in X-Twilio-Signature.

Sources: twilio.com/docs/messaging/guides/webhook-request, /usage/security and /usage/webhooks/webhook-shared-keys: the
signature is the HMAC of the whole address and every form field, sorted, name and value glued together; with the
account's token and SHA-1, or with a shared key and the algorithm that X-Twilio-Webhooks-Signature-Settings names.
Twilio says no time. A message's status callback has MessageStatus and no Body.
"""

import hmac
from base64 import b64encode
from urllib.parse import urlsplit

from tocsin.gates.protocol import Malformed, Request, Session
from tocsin.gates.protocols.sms.message import Forbidden, Provider, Sms, decoded, form, pairs, word

PORTS = {"https": 443, "http": 80}
ALGORITHMS = {"HMAC_SHA1": "sha1", "HMAC_SHA256": "sha256"}


def read(request: Request, session: Session) -> tuple[Sms, ...]:
    if token := session.gate.get("twilio_token"):
        check(request, token)
    fields = form(request)
    if "Body" not in fields and ("MessageStatus" in fields or "SmsStatus" in fields):
        return ()
    sender = word(fields.get("From"))
    if not sender:
        raise Malformed("From: missing")
    id_ = word(fields.get("MessageSid") or fields.get("SmsMessageSid") or fields.get("SmsSid"))
    return (Sms(sender, decoded(fields.get("Body", b""), "utf-8"), id_),)


def check(request: Request, token: str) -> None:
    """Raises Forbidden unless the holder of the token signed this very request.

    Twilio signs the address as it was entered, with or without the standard port.
    """
    given = request.headers.get("x-twilio-signature", "").encode()
    settings = request.headers.get("x-twilio-webhooks-signature-settings", "")
    named = settings.partition("algorithm=")[2].partition(",")[0].strip().upper()
    algorithm = ALGORITHMS.get(named or "HMAC_SHA1")
    for url in addresses(request.url):
        if algorithm and hmac.compare_digest(signature(url, request.body, token, algorithm).encode(), given):
            return
    raise Forbidden("X-Twilio-Signature is wrong: check TOCSIN_GATE_SMS_TWILIO_TOKEN and the address entered at Twilio")


def signature(url: str, body: bytes, token: str, algorithm: str = "sha1") -> str:
    """What Twilio writes under a request to this address with this form."""
    fields = b"".join(name.encode("latin-1") + value for name, value in sorted(set(pairs(body))))
    return b64encode(hmac.digest(token.encode(), url.encode() + fields, algorithm)).decode()


def addresses(url: str) -> tuple[str, ...]:
    """The address as it came, and with its standard port added or left out. None for no address."""
    try:
        parts = urlsplit(url)
        port, standard = parts.port, PORTS.get(parts.scheme)
    except ValueError:
        return ()
    if not parts.netloc or standard is None:
        return ()
    if port is None:
        return url, url.replace(parts.netloc, f"{parts.netloc}:{standard}", 1)
    return (url, url.replace(parts.netloc, parts.netloc.rpartition(":")[0], 1)) if port == standard else (url,)


PROVIDER = Provider(read, b'<?xml version="1.0" encoding="UTF-8"?><Response/>', "text/xml; charset=utf-8")
