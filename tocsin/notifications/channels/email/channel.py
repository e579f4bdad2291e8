"""E-mail, through the mail server of whoever runs this (SMTP submission, RFC 6409)."""

import re

import aiosmtplib

from tocsin.lib.outside import trust
from tocsin.notifications.channel import Channel, Outgoing, Result, Settings
from tocsin.notifications.channels.email.message import compose, sender

PORTS = {"starttls": 587, "tls": 465, "none": 25}
LONGEST = 20.0  # seconds for one answer of the server
#: No such mailbox, no such domain, moved away, switched off (RFC 3463, RFC 7505).
GONE = re.compile(r"\b5\.(?:1\.(?:1|2|3|6|10)|2\.1)\b")
CODED = re.compile(r"\b5\.\d{1,3}\.\d{1,3}\b")
UNKNOWN = re.compile(
    r"(?:user|mailbox|recipient|address|account).{0,40}(?:unknown|not found|not exist|disabled|unavailable|invalid)"
    r"|(?:no such|unknown|invalid) (?:user|mailbox|recipient|address|account|local)|n.t exist|n.t have an? ",
    re.I | re.S,
)


async def send(out: Outgoing, settings: Settings) -> Result:
    try:
        message = compose(out, settings["from"])
    except ValueError as error:
        return Result("failed", error=str(error), gone=True)
    security = settings.get("security", "starttls")
    try:
        await aiosmtplib.send(
            message,
            hostname=settings["host"],
            port=int(settings.get("port", PORTS[security])),
            username=settings.get("user"),
            password=settings.get("password"),
            use_tls=security == "tls",
            start_tls=security == "starttls",
            tls_context=trust() if security != "none" else None,
            local_hostname=sender(settings["from"]).domain,
            timeout=LONGEST,
        )
    except aiosmtplib.SMTPRecipientsRefused as error:
        refused = error.recipients[0]
        return _refused(refused.code, refused.message)
    except aiosmtplib.SMTPDataError as error:
        return Result("failed", error=_said(error.code, error.message), permanent=error.code >= 500)
    except aiosmtplib.SMTPAuthenticationError as error:
        return Result("failed", error=f"the mail server refuses our sign-in: {_said(error.code, error.message)}")
    except aiosmtplib.SMTPResponseException as error:
        return Result("failed", error=_said(error.code, error.message))
    except (aiosmtplib.SMTPException, OSError) as error:
        return Result("failed", error=f"the mail server: {str(error) or type(error).__name__}"[:300])
    return Result("sent", ref=str(message["Message-ID"]).strip("<>"))


def _refused(code: int, words: str) -> Result:
    """The server does not take mail for this address: not now, not from us, or never, since nobody is there."""
    coded = CODED.search(words)
    nobody = bool(GONE.search(words)) if coded else code in (550, 551, 553) and bool(UNKNOWN.search(words))
    return Result("failed", error=_said(code, words), permanent=code >= 500, gone=code >= 500 and nobody)


def _said(code: int, words: str) -> str:
    return f"{code} {' '.join(words.split())}"[:300]


def check(settings: Settings) -> list[str]:
    wrong = []
    security = settings.get("security", "starttls")
    if security not in PORTS:
        wrong.append("TOCSIN_CHANNEL_EMAIL_SECURITY must be starttls, tls or none")
    port = settings.get("port", "25")
    if not port.isdigit() or not 0 < int(port) < 65536:
        wrong.append("TOCSIN_CHANNEL_EMAIL_PORT is not a port")
    if ("user" in settings) != ("password" in settings):
        wrong.append("TOCSIN_CHANNEL_EMAIL_USER and TOCSIN_CHANNEL_EMAIL_PASSWORD belong together")
    if security == "none" and "user" in settings:
        wrong.append("a password is not sent without TLS: set TOCSIN_CHANNEL_EMAIL_SECURITY to starttls or tls")
    try:
        sender(settings.get("from", ""))
    except ValueError as error:
        wrong.append(f"TOCSIN_CHANNEL_EMAIL_FROM: {error}")
    return wrong


CHANNEL = Channel(send=send, needs=("host", "from"), check=check, at_once=10)
