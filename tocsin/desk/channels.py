"""/desk/channels/: how each channel is doing, and a test to oneself. For directors and administrators.

A plain page: it works for an administrator who has no desk, and where scripts do not.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tocsin.desk.views import WORDS as PAGE
from tocsin.escalation.simulate import CHANNELS
from tocsin.lib import wall
from tocsin.lib.buckets import Buckets
from tocsin.lib.refused import Refused
from tocsin.lib.words import Language, word
from tocsin.locale.choose import spoken
from tocsin.notifications import actions, callbacks, contacts, registry
from tocsin.notifications.models import Contact, Delivery, Health, Partner
from tocsin.notifications.why import went_wrong, why
from tocsin.people.models import Person

MAY = ("director", "administrator")
RECENT = timedelta(minutes=10)
_tests = Buckets(burst=10, rate=1 / 30)

WORDS: dict[str, tuple[str, str]] = {
    "channels": ("通知通道", "Channels"),
    "why": (
        "报警通过这些通道找到人。每个通道请定期测试。",
        "These carry alarms to people. Test each of them now and then.",
    ),
    "back": ("返回值班台", "Back to the desk"),
    "only": ("只有主任和管理员可以查看通道。", "Channels are for directors and administrators."),
    "ready": ("已设置", "Set up"),
    "off": ("未设置", "Not set up"),
    "broken": ("有问题", "Trouble"),
    "problems": ("缺少的设置", "What is missing"),
    "health": ("最近一次发送", "Last sending"),
    "worked": ("成功", "worked"),
    "failed": ("失败", "failed"),
    "never": ("还没有发送过", "Nothing was sent yet"),
    "details": ("详情", "Details"),
    "waiting": ("排队中", "Waiting"),
    "test": ("给自己发测试", "Send me a test"),
    "your": ("发到", "To"),
    "no_contact": ("您没有这个通道的联系方式", "You have no contact on this channel"),
    "add": ("在值班台“设置”里添加", "add one in the desk's settings"),
    "trial": ("您的测试", "Your test"),
    "partners_only": ("只用于安保公司等外部系统", "For security companies and other systems only"),
    "report": (
        "在提供商处填写的回执地址（含密钥，请勿外传）",
        "Where the provider reports to: enter it there. It holds a key, keep it to yourself",
    ),
    "switched_off": (
        "已停用的合作方，报警不再发给它们",
        "Partners that are switched off and hear of no alarm any more",
    ),
    "sent_now": ("测试已交给信使。", "The test is on its way."),
}
STATES: dict[str, tuple[str, str]] = {
    "queued": ("排队中", "waiting"),
    "sending": ("正在发送", "being sent"),
    "sent": ("已发出", "sent"),
    "delivered": ("已送达", "delivered"),
    "read": ("已打开，联系方式可用", "opened: it works"),
    "answered": ("已答复", "answered"),
    "failed": ("失败", "failed"),
    "given_up": ("多次未成，已放弃", "given up"),
    "cancelled": ("已取消", "cancelled"),
}


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def channels(request: HttpRequest) -> HttpResponse:
    person: Any = request.user
    now, zh = datetime.now(UTC), spoken() == "zh-hans"
    w = {key: pair[0 if zh else 1] for key, pair in (PAGE | WORDS).items()}
    shown: dict[str, Any] = {"w": w, "html_lang": "zh-Hans" if zh else "en", "other_lang": "en" if zh else "zh-hans"}
    if not person.is_superuser and not person.roles.in_force(now).filter(name__in=MAY).exists():
        return render(request, "notifications/plain.html", {**shown, "said": w["only"]}, status=403)
    if request.method == "POST":
        try:
            _test(person, request.POST.get("channel", ""), now)
        except Refused as refused:
            shown["refused"] = refused.said("zh-hans" if zh else "en")
        else:
            return HttpResponseRedirect(f"/desk/channels/?tested={request.POST['channel']}")
    rows = _rows(person, now, w, zh)
    if person.is_superuser or person.roles.in_force(now).filter(name="administrator").exists():  # it is their secret
        for row in rows:
            row["report"] = callbacks.address_of(row["name"])
    shown["switched_off"] = list(Partner.objects.filter(active=False).order_by("name").values_list("name", flat=True))
    pending = any(row["trial"] and row["trial"]["state"] in ("queued", "sending", "sent") for row in rows)
    shown |= {"rows": rows, "tested": request.GET.get("tested"), "pending": pending and request.method == "GET"}
    return render(request, "desk/channels.html", shown, status=409 if "refused" in shown else 200)


def _test(person: Person, channel: str, now: datetime) -> None:
    contact = Contact.objects.filter(person=person, channel=channel, dead_at=None).select_related("person").first()
    if contact is None:
        raise Refused("contact_none")
    if not _tests.take(person.pk):
        raise Refused("too_soon")
    contacts.trial(contact, now)


def _address(contact: Contact | None) -> str:
    """What the person calls it; a push subscription says nothing to anybody."""
    if contact is None:
        return ""
    return contact.label or ("" if contact.channel == "webpush" else contact.address)


def _rows(person: Person, now: datetime, w: dict[str, str], zh: bool) -> list[dict[str, Any]]:
    language: Language = "zh-hans" if zh else "en"
    zone = ZoneInfo(person.center.time_zone) if person.center else UTC
    there, health = registry.channels(), {h.channel: h for h in Health.objects.all()}
    actions.contacts_of([person.pk])
    mine: dict[str, Contact] = {}
    for each in Contact.objects.filter(person=person, dead_at=None).order_by("pk"):
        mine.setdefault(each.channel, each)
    trials = {}
    for trial in Delivery.objects.filter(person=person, message="trial", created_at__gt=now - RECENT).order_by("pk"):
        trials[trial.channel] = trial
    waiting: dict[str, int] = {}
    with wall.lifted():  # of all: how many, and nothing else
        for channel in Delivery.objects.filter(state="queued", due__lte=now).values_list("channel", flat=True)[:10_000]:
            waiting[channel] = waiting.get(channel, 0) + 1
    rows = []
    for name, said in CHANNELS.items():
        last, contact, tried = health.get(name), mine.get(name), trials.get(name)
        problems = registry.problems(name) if name in there else [f"tocsin/notifications/channels/{name}/"]
        rows.append(
            {
                "name": name,
                "said": said[0 if zh else 1],
                "state": "off" if problems else "broken" if last and not last.ok else "ready",
                "problems": problems,
                "health": last,
                "health_at": f"{last.at.astimezone(zone):%Y-%m-%d %H:%M:%S %z}" if last else "",
                "why": word(why(name, last.detail), language) if last and not last.ok else w["details"],
                "waiting": waiting.get(name, 0),
                "contact": _address(contact),
                "mine": contact is not None,
                "partners": name == "webhook",
                "trial": tried
                and {
                    "state": tried.state,
                    "said": STATES[tried.state][0 if zh else 1],
                    "at": f"{(tried.sent_at or tried.created_at).astimezone(zone):%H:%M:%S}",
                    **went_wrong(tried),
                    "why": word(went_wrong(tried)["why"], language),
                },
            }
        )
    return rows
