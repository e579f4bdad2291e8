"""A message as a mail: text and HTML, with the headers that keep it out of loops and on top of the others."""

import hashlib
import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, parseaddr
from html import escape

from tocsin.lib.words import word
from tocsin.notifications.channel import Outgoing

PLAIN = re.compile(r'[^\s<>()\[\]",;:\\@]+@[^\s<>()\[\]",;:\\@]+')
OPEN = ("打开", "Open")
FOOT = ("本邮件由守望自动发出，请勿直接回复。", "Sent by Tocsin. Replies to this address are not read.")
PAGE = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"></head>
<body style="margin:0;padding:16px;font:16px/1.5 system-ui,'PingFang SC','Microsoft YaHei',sans-serif">
{drill}<h1 style="margin:0 0 8px;font-size:20px;line-height:1.3">{title}</h1>
<p style="margin:0 0 16px;white-space:pre-line">{body}</p>
{button}<p style="margin:16px 0 0;font-size:13px;color:#6b7280">{foot}</p>
</body></html>
"""
DRILL = (
    '<p style="display:inline-block;margin:0 0 8px;padding:2px 10px;background:#fde68a;color:#1f2937;font-weight:700">'
    "{drill}</p>\n"
)
BUTTON = (
    '<p style="margin:0"><a href="{link}" style="display:inline-block;padding:12px 24px;border-radius:8px;'
    'background:#c4122f;color:#ffffff;font-weight:700;text-decoration:none">{open}</a></p>\n'
)


def sender(said: str) -> Address:
    """ "Name <address>" or an address. Raises ValueError."""
    name, address = parseaddr(said)
    return Address(name, addr_spec=_plain(address))


def compose(out: Outgoing, from_: str) -> EmailMessage:
    """The mail. Raises ValueError when one of the addresses is none."""
    author = sender(from_)
    message = EmailMessage(policy=SMTP)
    message["From"] = author
    message["To"] = _plain(out.address)
    message["Subject"] = " ".join(out.text.title.split())
    message["Date"] = formatdate(usegmt=True)
    message["Message-ID"] = f"<{_name(out.key)}@{author.domain}>"  # the same in each try: a repeat is known by it
    if out.topic:
        message["References"] = f"<{_name(out.topic)}@{author.domain}>"  # mails of one incident lie together
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday answers it
    message["X-Auto-Response-Suppress"] = "All"
    message["Content-Language"] = "zh-Hans" if out.language == "zh-hans" else "en"
    if out.urgent:
        message["X-Priority"] = "1 (Highest)"
        message["Importance"] = "high"
    message.set_content(_text(out), cte="quoted-printable")
    message.add_alternative(_page(out), subtype="html", cte="quoted-printable")
    return message


def _plain(address: str) -> str:
    """An address without a name; a domain in other letters as DNS has it."""
    if not PLAIN.fullmatch(address):
        raise ValueError(f"{address[:80]!r} is not an e-mail address")
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.encode('idna').decode('ascii')}"


def _name(key: str) -> str:
    """A name from a key: mail servers write it into their logs, where the key itself would open the answer page."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def _side(out: Outgoing) -> int:
    return 0 if out.language == "zh-hans" else 1


def _body(out: Outgoing) -> str:
    return out.text.body.replace(out.text.link, "").rstrip() if out.text.link else out.text.body


def _text(out: Outgoing) -> str:
    link = f"{OPEN[_side(out)]}: {out.text.link}\n\n" if out.text.link else ""
    return f"{out.text.title}\n\n{_body(out)}\n\n{link}-- \n{FOOT[_side(out)]}\n"


def _page(out: Outgoing) -> str:
    button = BUTTON.format(link=escape(out.text.link), open=OPEN[_side(out)]) if out.text.link else ""
    return PAGE.format(
        lang="zh-Hans" if out.language == "zh-hans" else "en",
        drill=DRILL.format(drill=escape(word("drill", out.language).upper())) if out.drill else "",
        title=escape(out.text.title),
        body=escape(_body(out)),
        button=button,
        foot=FOOT[_side(out)],
    )
