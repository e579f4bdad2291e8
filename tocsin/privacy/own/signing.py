"""How they sign in: second factors, sessions, records; codes, changes of number, keys."""

from collections.abc import Iterable
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

from tocsin.people.models import NumberChange, Person, RoleProposal, SignInCode, StaffKey
from tocsin.privacy.erasers import Section, keep, label, offer
from tocsin.privacy.own.dump import dump
from tocsin.signin.models import Reset, SignIn


def erase(person: int, at: datetime) -> int:
    sessions = UserSession.objects.filter(user=person)
    Session.objects.filter(session_key__in=list(sessions.values_list("session_key", flat=True))).delete()
    tables = (
        sessions,
        Authenticator.objects.filter(user=person),
        SignIn.objects.filter(person=person),
        SignInCode.objects.filter(person=person),
        NumberChange.objects.filter(person=person),
        StaffKey.objects.filter(person=person),
        Reset.objects.filter(person=person),
    )
    count = sum(rows.delete()[0] for rows in tables)
    login = Person.objects.values_list("login", flat=True).get(pk=person)
    if login:  # wrong tries, which belong to nobody
        count += SignIn.objects.filter(login=login).delete()[0]
    open_ = RoleProposal.objects.filter(person=person, decided_at=None)
    return count + open_.update(decided_at=at, outcome="withdrawn")


def export(person: int, language: str) -> Iterable[Section]:
    rows = SignIn.objects.filter(person=person).order_by("pk")
    told = [{"login": r.login, "at": r.at, "network_address": r.address, "how": r.how, "ok": r.ok} for r in rows]
    yield Section("sign_ins", ("我的登录记录", "My sign-ins"), told)
    sessions = UserSession.objects.filter(user=person).order_by("pk")
    here = [
        {"since": s.created_at, "last_seen_at": s.last_seen_at, "network_address": s.ip, "browser": s.user_agent}
        for s in sessions
    ]
    yield Section("sessions", ("我的登录", "Where I am signed in"), here)
    factors = Authenticator.objects.filter(user=person).order_by("pk")
    yield Section("factors", ("第二重验证", "Second steps"), dump(factors, "type", "created_at", "last_used_at"))
    wishes = SignInCode.objects.filter(person=person).order_by("pk")
    rows_ = [{"at": c.created_at, "purpose": c.purpose.split(" ")[0], "network_address": c.place} for c in wishes]
    yield Section("codes", ("验证码请求", "Codes that I asked for"), rows_)
    moves = NumberChange.objects.filter(person=person).order_by("pk")
    yield Section(
        "number_changes", ("更换号码", "Changes of my number"), dump(moves, "at", "phone", "done_at", "ended_at")
    )
    keys = StaffKey.objects.filter(person=person).order_by("pk")
    fields: tuple[str, ...] = ("name", "scopes", "created_at", "expires_at", "revoked_at", "last_used_at")
    yield Section("keys", ("我的密钥（不含密钥本身）", "My keys (not the keys themselves)"), dump(keys, *fields))
    proposed = RoleProposal.objects.filter(person=person).order_by("pk")
    fields = ("act", "name", "center__name_zh", "center__name_en", "at", "decided_at", "outcome")
    yield Section("proposals", ("关于我的角色提议", "Roles proposed for me"), dump(proposed, *fields))
    resets = Reset.objects.filter(person=person).order_by("pk")
    yield Section(
        "resets", ("我的第二重验证的重置", "Resets of my second step"), dump(resets, "at", "decided_at", "outcome")
    )


offer(
    "signing",
    columns=(
        "usersessions.UserSession.user",
        "mfa.Authenticator.user",
        "signin.SignIn.person",
        "people.SignInCode.person",
        "people.NumberChange.person",
        "people.StaffKey.person",
        "people.RoleProposal.person",
        "signin.Reset.person",
    ),
    erase=erase,
    export=export,
)
keep("signin.SignIn.by", "谁改了别人的登录，90 天后删除", "who changed how somebody signs in; goes after 90 days")
keep(
    "people.NumberChange.by",
    "谁在值班台更换号码，只剩编号",
    "who changed a number at the desk: a number, without a name",
)
keep("people.NumberChange.second", "谁确认更换号码，只剩编号", "who confirmed it: a number, without a name")
keep("signin.Reset.by", "谁提出重置，只剩编号", "who asked for a reset: a number, without a name")
keep("signin.Reset.decided_by", "谁决定重置，只剩编号", "who decided on a reset: a number, without a name")
keep("people.RoleProposal.by", "谁提议角色，只剩编号", "who proposed a role: a number, without a name")
keep("people.RoleProposal.decided_by", "谁决定角色，只剩编号", "who decided on a role: a number, without a name")
keep("account.EmailAddress.user", "不使用，没有内容", "not used, and empty")
label(
    login=("账号", "Login"), how=("方式", "How"), ok=("成功", "Worked"), last_seen_at=("最近使用", "Last seen"),
    browser=("浏览器", "Browser"), type=("种类", "Kind"), last_used_at=("最近使用", "Last used"),
    expires_at=("到期", "Expires"), scopes=("范围", "Scope"), act=("动作", "Act"), decided_at=("决定", "Decided"),
    ended_at=("结束", "Ended"),
)  # fmt: skip
