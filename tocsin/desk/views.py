"""The start page and the duty desk's; what it shows comes through the API and the live feed."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET

from tocsin.lib.pages import built
from tocsin.locale.choose import spoken
from tocsin.people.models import GOVERNS, SEES

WORDS: dict[str, tuple[str, str]] = {
    "title": ("守望 Tocsin", "Tocsin 守望"),
    "promise": ("一键报警，有人会来。", "One press, and the right people come."),
    "app": ("会员应用", "The member's app"),
    "join": ("还不是会员？申请加入", "Not a member yet? Apply"),
    "app_open": ("打开应用", "Open the app"),
    "desk_open": ("打开值班台", "Open the desk"),
    "app_what": ("按住按钮，报警就到警民中心。", "Hold the button: the alarm reaches your center."),
    "desk": ("值班台", "The duty desk"),
    "desk_what": ("警报响起，接警、派警、结案、查值班簿。", "The siren sounds: claim, dispatch, close, read the book."),
    "admin": ("管理页", "Administration"),
    "demo": ("演示", "Demo"),
    "demo_what": ("人物、号码均为虚构，只供本机试用。", "All people and numbers are invented, for this machine only."),
    "try": ("试一试：两个页面各开一个窗口，并排放。", "Try it: open each in a window of its own, side by side."),
    "code_shown": ("验证码会显示在页面上。", "The code appears on the page."),
    "inbox": ("演示收件箱", "The demo's inbox"),
    "inbox_what": (
        "值班员的短信、电话和邮件都到这里：点开链接就能接警。",
        "The officers' texts, calls and mails come here: follow a link and claim.",
    ),
    "inbox_open": ("打开收件箱", "Open the inbox"),
    "look": (
        "约翰内斯堡 (JNB) 有自己的入室盗窃预案、安保公司和一次做完的演练，第一位会员登记了两位亲友。"
        "比勒陀利亚 (PTA) 的排班有一个空缺和一个待答复的换班。",
        "Johannesburg (JNB) has a plan of its own for burglaries, a security company and a drill behind it; its first "
        "member named two relatives. Pretoria's roster (PTA) has a gap, and a swap that waits for an answer.",
    ),
    "all": ("所有登录", "All sign-ins"),
    "staff": ("值班人员", "Staff"),
    "members": ("会员", "Members"),
    "role": ("角色", "Role"),
    "center": ("中心", "Center"),
    "login": ("账号", "Login"),
    "password": ("密码", "Password"),
    "member": ("会员", "Member"),
    "phone": ("手机号", "Phone"),
    "no_role": ("您目前没有值班角色，请联系中心主任。", "You have no role at a desk now: ask your center's director."),
    "people_roles": ("人员与角色", "People and roles"),
    "security": ("登录与安全", "Sign-in and security"),
    "again": ("用别的账号登录", "Sign in as someone else"),
    "other": ("English", "简体中文"),
}


def _words() -> dict[str, Any]:
    zh = spoken() == "zh-hans"
    said = {key: pair[0 if zh else 1] for key, pair in WORDS.items()}
    return {"w": said, "html_lang": "zh-Hans" if zh else "en", "other_lang": "en" if zh else "zh-hans"}


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Where to go from here; in the demo with the sign-ins."""
    shown: dict[str, Any] = {}
    if settings.DEMO:
        from tocsin.demo.sheet import sheet

        shown = sheet(spoken())
        shown["officer"], shown["caller"] = shown["staff"][0], shown["members"][0]
    return render(request, "desk/start.html", {**_words(), "demo": settings.DEMO, **shown})


@require_GET
@login_required
@ensure_csrf_cookie
def desk(request: HttpRequest) -> HttpResponse:
    person: Any = request.user
    if not person.roles.in_force(datetime.now(UTC)).filter(name__in=SEES).exists():
        governs = person.is_superuser or person.roles.in_force(datetime.now(UTC)).filter(name__in=GOVERNS).exists()
        return render(request, "desk/no_role.html", {**_words(), "governs": governs}, status=403)
    return built(request, "desk.html", "text/html; charset=utf-8")


@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker. For everybody: a browser asks for it anew when its officer is long signed out."""
    return built(request, "desk-worker.js", "text/javascript; charset=utf-8")
