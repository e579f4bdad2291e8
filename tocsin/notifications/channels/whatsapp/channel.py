"""WhatsApp: Meta's Cloud API. A template that Meta approved; plain text while the person's 24 hours run.

Sources: developers.facebook.com/docs/whatsapp/cloud-api (reference/messages, guides/send-message-templates,
support/error-codes). Receipts and answers arrive at one address for the whole app: report.py.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from tocsin.lib.words import Language
from tocsin.notifications.channel import Channel, Outgoing, Result, Settings
from tocsin.notifications.channels import web
from tocsin.notifications.channels.whatsapp.faults import DEAD, OUTSIDE, PAUSES, again
from tocsin.notifications.channels.whatsapp.report import reported

GRAPH, VERSION = "https://graph.facebook.com", "v25.0"
LANGUAGES: dict[Language, tuple[str, str]] = {"zh-hans": ("zh", "zh_CN"), "en": ("en", "en")}
WINDOW = timedelta(hours=23)  # Meta's are 24, by its own clock


async def send(outgoing: Outgoing, settings: Settings) -> Result:
    """Hand one message to WhatsApp. `sent`: it was accepted; the rest comes as receipts, by `ref` or by our key."""
    if inside(outgoing, datetime.now(UTC)):
        result, code = await _post(_text(outgoing), outgoing, settings)
        if code != OUTSIDE:
            return result
    result, _ = await _post(_template(outgoing, settings), outgoing, settings)
    return result


def inside(outgoing: Outgoing, now: datetime) -> bool:
    """May free text be sent? `values["wrote_at"]`: when this person last wrote to us there (ISO 8601)."""
    try:
        wrote = datetime.fromisoformat(str(outgoing.values.get("wrote_at", "")))
        return now - WINDOW < wrote <= now
    except (ValueError, TypeError):  # it is not known, or says no offset
        return False


async def _post(message: Mapping[str, Any], outgoing: Outgoing, settings: Settings) -> tuple[Result, int]:
    """The result, and the code of WhatsApp's error (0: none)."""
    base, version = settings.get("url", GRAPH).rstrip("/"), settings.get("version", VERSION)
    common = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": outgoing.address,
        "biz_opaque_callback_data": outgoing.key,
    }
    answer = await web.ask(
        "POST",
        f"{base}/{quote(version, safe='')}/{quote(settings['phone_id'], safe='')}/messages",
        json={**common, **message},
        headers={"Authorization": f"Bearer {settings['token']}"},
    )
    return (answer, 0) if isinstance(answer, Result) else _result(answer)


def _result(answer: httpx.Response) -> tuple[Result, int]:
    said = web.read(answer)
    if answer.is_success:
        messages = said.get("messages")
        first = messages[0] if isinstance(messages, list) and messages and isinstance(messages[0], dict) else {}
        if first.get("message_status") == "paused":
            return Result("failed", error="WhatsApp paused the template", permanent=True), 0
        return Result("sent", ref=str(first.get("id") or "") or None), 0
    error = said.get("error")
    told = error if isinstance(error, dict) else {}
    code = told["code"] if isinstance(told.get("code"), int) else 0
    words = f"HTTP {answer.status_code}: {code or ''} {told.get('message') or ''}".rstrip()
    if answer.status_code == 429 or code in PAUSES:
        return Result("failed", error=words, wait=web.pause(answer) or PAUSES.get(code, 5)), code
    if answer.status_code >= 500 or again(code):
        return Result("failed", error=words, wait=web.pause(answer)), code
    return Result("failed", error=words, permanent=True, gone=code in DEAD), code


def _template(outgoing: Outgoing, settings: Settings) -> dict[str, Any]:
    """The approved template of the person's language; its parameters are title, body, link."""
    name, code = template(outgoing.language, settings)
    text = outgoing.text
    parameters = [{"type": "text", "text": _parameter(value)} for value in (text.title, text.body, text.link or "")]
    body = {"type": "body", "parameters": parameters}
    return {"type": "template", "template": {"name": name, "language": {"code": code}, "components": [body]}}


def template(language: Language, settings: Settings) -> tuple[str, str]:
    """Its name, and the language under which it was approved: `tocsin_alarm` or `tocsin_alarm:zh_CN`."""
    short, code = LANGUAGES[language]
    name, _, own = settings[f"template_{short}"].partition(":")
    return name, own or code


def _parameter(value: str) -> str:
    """Neither empty nor with a line break, a tab or more than four spaces: WhatsApp refuses those."""
    return " ".join(value.split())[:700] or "-"


def _text(outgoing: Outgoing) -> dict[str, Any]:
    text = outgoing.text
    lines = [f"*{text.title.replace('*', '')}*", text.body]
    if text.link and text.link not in text.body:
        lines.append(text.link)
    return {"type": "text", "text": {"preview_url": False, "body": "\n".join(lines)[:4096]}}


def check(settings: Settings) -> list[str]:
    """What is wrong with the settings."""
    wrong = []
    if not settings["phone_id"].isdecimal():
        wrong.append("TOCSIN_CHANNEL_WHATSAPP_PHONE_ID: the id of the phone number (digits), not the number itself")
    if not re.fullmatch(r"v\d+\.\d+", settings.get("version", VERSION)):
        wrong.append(f"TOCSIN_CHANNEL_WHATSAPP_VERSION: {VERSION}, for example")
    for short in ("zh", "en"):
        if not re.fullmatch(r"[a-z0-9_]{1,512}(:[A-Za-z_]{2,8})?", settings[f"template_{short}"]):
            wrong.append(f"TOCSIN_CHANNEL_WHATSAPP_TEMPLATE_{short.upper()}: its name, or name:language")
    if urlsplit(settings.get("url", GRAPH)).scheme not in ("https", "http"):
        wrong.append("TOCSIN_CHANNEL_WHATSAPP_URL: an address with https://")
    return wrong


CHANNEL = Channel(
    send=send, needs=("phone_id", "token", "template_zh", "template_en"), check=check, report=reported, at_once=40
)
