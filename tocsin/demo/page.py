"""/demo/inbox/: the messages that the demo sent, as their receivers would get them. Mounted in the demo alone."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template import engines
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tocsin.demo import inbox
from tocsin.escalation.simulate import CHANNELS
from tocsin.lib import wall
from tocsin.locale.choose import spoken
from tocsin.notifications.models import Contact, Partner, Relative
from tocsin.people.models import Person

SHOWN = 60
TEMPLATE = Path(__file__).with_name("inbox.html")
LINK = re.compile(r"https?://[^\s\"]+")

WORDS: dict[str, tuple[str, str]] = {
    "title": ("守望 Tocsin", "Tocsin 守望"),
    "other": ("English", "简体中文"),
    "demo": ("演示", "Demo"),
    "inbox": ("演示收件箱", "The demo's inbox"),
    "why": (
        "演示发出的短信、电话、邮件和接口消息都到这里，不会离开这台机器。点开链接，就像在手机上一样。页面每 3 秒更新。",
        "Texts, calls, mails and webhooks of this demo end here; none leaves this machine. Follow a link as one would "
        "on a phone. The page renews itself every 3 seconds.",
    ),
    "none": (
        "还没有消息。打开会员应用并报警，几秒后值班员的短信就会出现。",
        "Nothing yet. Open the member's app and press: some seconds later the officer's text is here.",
    ),
    "push": (
        "推送不到这里：请在值班台或应用的设置里为浏览器打开推送。",
        "Push does not come here: turn it on for your browser in the settings of the desk or the app.",
    ),
    "key_1": ("按 1", "Press 1"),
    "key_2": ("按 2", "Press 2"),
    "pressed": ("按了 {key}，电话说", "Pressed {key}, the call says"),
    "back": ("返回首页", "Back to the start page"),
}


@never_cache
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        call = next((m for m in inbox.read() if m["id"] == request.POST.get("id") and m.get("action")), None)
        key = request.POST.get("key", "")
        if call is None or key not in ("1", "2"):
            raise Http404
        inbox.press(call, key)
        return HttpResponseRedirect("/demo/inbox/")
    zh = spoken() == "zh-hans"
    w = {name: pair[0 if zh else 1] for name, pair in WORDS.items()}
    messages = inbox.read(SHOWN)
    names, answered = _names(messages), {m["call"] for m in messages if "call" in m}
    shown = {
        "w": w,
        "html_lang": "zh-Hans" if zh else "en",
        "other_lang": "en" if zh else "zh-hans",
        "demo": True,
        "messages": [_shown(m, names, answered, w, int(not zh)) for m in messages],
    }
    template = engines["django"].from_string(TEMPLATE.read_text())
    return HttpResponse(template.render(shown, request))


def _shown(m: dict[str, Any], names: dict[str, str], answered: set[str], w: dict[str, str], n: int) -> dict[str, Any]:
    text, link = m["text"], LINK.search(m["text"])
    ours = link is not None and link[0].startswith(settings.PUBLIC_URL)
    return {
        **m,
        "at": datetime.fromisoformat(m["at"]),
        "said": CHANNELS[m["channel"]][n],
        "who": names.get(m["channel"] if m["channel"] == "webhook" else m["to"], ""),
        "heading": w["pressed"].format(key=m["key"]) if "key" in m else m.get("title", ""),
        "before": text[: link.start()] if link else text,
        "link": link[0] if link else "",
        "open": link[0].removeprefix(settings.PUBLIC_URL) if link and ours else "",
        "after": text[link.end() :] if link else "",
        "keys": bool(m.get("action")) and m["id"] not in answered,
    }


@wall.lifting  # the demo shows to everybody what its invented people get
def _names(messages: list[dict[str, Any]]) -> dict[str, str]:
    """Whose number or mailbox it is."""
    addresses = {m["to"] for m in messages}
    known = [
        *((r.phone, r.name) for r in Relative.objects.all() if r.phone in addresses),  # a demo has few
        *Contact.objects.filter(address__in=addresses).values_list("address", "person__name"),
        *Person.objects.filter(phone__in=addresses).values_list("phone", "name"),
    ]
    names = {str(address): str(name) for address, name in known}
    if partner := Partner.objects.filter(url__endswith="/partner").first():
        names["webhook"] = partner.name
    return names
