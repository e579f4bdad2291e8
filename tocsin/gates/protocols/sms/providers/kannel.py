"""Kannel's smsbox: the get-url of a sms-service, or its post-url with the text as body and X-Kannel headers.

Source: Kannel user guide 1.4.5, "Parameters (escape codes)" and "X-Kannel headers"; tried with the real boxes.
%b is the text as it came, UCS-2 as UTF-16BE bytes; %a squeezes its white space byte by byte, which turns a 不 (4E 0D)
into another character. %C says which of both it is. %T is Unix time, X-Kannel-Time the same as UTC. %I stays the same
when smsbox asks again. An answer with a body would be sent to the caller's phone.
"""

from datetime import UTC, datetime

from tocsin.gates.protocol import Malformed, Request, Session
from tocsin.gates.protocols.sms.message import Provider, Sms, decoded, first, form, moment, pairs, word


def read(request: Request, session: Session) -> tuple[Sms, ...]:
    posted = request.headers.get("x-kannel-from")
    fields = dict(pairs(request.query)) if posted else form(request)
    if "dlr" in fields:
        return ()
    sender = word(first(fields, "from", "sender", "phone")) or word(posted)
    if not sender:
        raise Malformed("from: missing. get-url needs from=%p&text=%b&time=%T&id=%I&charset=%C")
    charset = word(first(fields, "charset")) or ("utf-16be" if fields.get("coding") == b"2" else "")
    if posted:
        text, charset = request.body, _charset(request) or charset
    else:
        text = first(fields, "text", "message") or b""
    stamp = word(first(fields, "time", "ts")) or request.headers.get("x-kannel-time", "")
    at = moment(stamp) or _utc(stamp if posted else "")
    return (Sms(sender, decoded(text, charset), word(first(fields, "id")), stamp, at),)


def _charset(request: Request) -> str:
    """Of a Content-Type such as `text/plain; charset="UTF-16BE"`."""
    return request.headers.get("content-type", "").lower().partition("charset=")[2].strip(' "')


def _utc(stamp: str) -> datetime | None:
    try:
        return datetime.strptime(stamp, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None


PROVIDER = Provider(read)
