"""Clickatell: the One API (JSON, event.moText), the SMS platform (JSON, fromNumber), and the older GET or form.

Sources: help.clickatell.com "One API client callbacks" (a list, today of one; milliseconds; events that we do not
know are to be let pass); the handler of rapidpro/courier (text of another charset comes percent-encoded within the
JSON); two-way technical guide 2.0 (api_id, moMsgId, from, to, timestamp in GMT+2, charset, udh, text).
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import unquote_to_bytes

from tocsin.gates.protocol import Malformed, Request, Session
from tocsin.gates.protocols.sms.message import Provider, Sms, decoded, first, form, is_json, json, moment, word

GMT_2 = timezone(timedelta(hours=2))


def read(request: Request, session: Session) -> tuple[Sms, ...]:
    if not is_json(request):
        return _older(form(request))
    body = json(request)
    event = body.get("event") if isinstance(body, dict) else None
    if isinstance(event, dict):
        told = event.get("moText")
        return tuple(_text(each) for each in (told if isinstance(told, list) else [told]) if isinstance(each, dict))
    if not isinstance(body, dict):
        raise Malformed("a JSON object is expected")
    if first(body, "fromNumber", "from") is None or ("text" not in body and "content" not in body):
        if "messageId" in body or "integrationId" in body:
            return ()
        raise Malformed("neither event.moText nor fromNumber")
    return (_text(body),)


def _text(fields: Mapping[str, Any]) -> Sms:
    sender, charset = word(first(fields, "from", "fromNumber")), word(fields.get("charset")).upper()
    text = first(fields, "content", "text")
    text = text if isinstance(text, str) else ""
    if charset in ("UTF-16BE", "ISO-8859-1") and text.isascii() and "%" in text:
        text = decoded(unquote_to_bytes(text.replace("+", " ")), charset)
    stamp = word(fields.get("timestamp"))
    return Sms(sender, text, word(fields.get("messageId")), stamp, moment(stamp))


def _older(fields: Mapping[str, bytes]) -> tuple[Sms, ...]:
    sender = word(fields.get("from"))
    if "text" not in fields or not sender:
        if first(fields, "apiMsgId", "cliMsgId") is not None:
            return ()
        raise Malformed("from, text: missing")
    stamp = word(fields.get("timestamp"))
    text = decoded(fields["text"], word(fields.get("charset")))
    return (Sms(sender, text, word(fields.get("moMsgId")), stamp, moment(stamp) or _south_african(stamp)),)


def _south_african(stamp: str) -> datetime | None:
    try:
        return datetime.strptime(stamp, "%Y-%m-%d %H:%M:%S").replace(tzinfo=GMT_2).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


PROVIDER = Provider(read)
