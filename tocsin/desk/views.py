"""The duty desk's page and its sign-in; what it shows comes through the API and the live feed."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from tocsin.lib.buckets import Buckets
from tocsin.lib.pages import built
from tocsin.locale.choose import spoken
from tocsin.people.models import SEES

_tries = Buckets(burst=20, rate=0.2)

WORDS: dict[str, tuple[str, str]] = {
    "title": ("守望 Tocsin", "Tocsin 守望"),
    "promise": ("一键报警，有人会来。", "One press, and the right people come."),
    "app": ("会员应用", "The member's app"),
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
    "sign_in": ("登录", "Sign in"),
    "sign_in_title": ("值班台登录", "Sign in to the duty desk"),
    "wrong": ("账号或密码不对。", "The login or the password is not right."),
    "slow": ("尝试过多，请一分钟后再试。", "Too many tries: wait a minute, then try again."),
    "no_role": ("您目前没有值班角色，请联系中心主任。", "You have no role at a desk now: ask your center's director."),
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


class SignIn(LoginView):
    template_name = "desk/sign_in.html"
    next_page = "/desk/"

    def get_initial(self) -> dict[str, Any]:
        return {"username": self.request.GET.get("login", "")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), **_words(), "slow": getattr(self, "slow", False)}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not _tries.take(request.META.get("REMOTE_ADDR")):
            self.slow = True
            return self.render_to_response(self.get_context_data(form=self.get_form()), status=429)
        return super().post(request, *args, **kwargs)


@require_GET
@login_required
@ensure_csrf_cookie
def desk(request: HttpRequest) -> HttpResponse:
    person: Any = request.user
    if not person.roles.in_force(datetime.now(UTC)).filter(name__in=SEES).exists():
        return render(request, "desk/no_role.html", _words(), status=403)
    return built(request, "desk.html", "text/html; charset=utf-8")


@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker. For everybody: a browser asks for it anew when its officer is long signed out."""
    return built(request, "desk-worker.js", "text/javascript; charset=utf-8")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return HttpResponseRedirect("/desk/sign-in/")
