"""What the pages about people share: their words, the frame, whom a person may look up."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tocsin.centers.models import Center
from tocsin.desk.views import WORDS as PAGE
from tocsin.lib.words import in_language
from tocsin.locale.choose import spoken
from tocsin.looks import find
from tocsin.people.models import Person

MOST = 25

WORDS: dict[str, tuple[str, str]] = {
    "back": ("返回值班台", "Back to the desk"),
    "center": ("中心", "Center"),
    "show": ("显示", "Show"),
    "find": ("姓名，或完整的手机号码", "A name, or the whole number"),
    "find_do": ("查找", "Find"),
    "who": ("谁", "Who"),
    "role": ("角色", "Role"),
    "since": ("开始", "Since"),
    "until": ("结束", "Until"),
    "open_end": ("无期限", "no end"),
    "nobody": ("没有人", "Nobody"),
    "none_found": ("没有找到。", "Nobody was found."),
    "done": ("已完成。", "Done."),
    "sure": ("确定", "Yes, do it"),
    # roles
    "roles": ("人员与角色", "People and roles"),
    "roles_why": (
        "每一步都记入值班簿，当事人会收到通知。重要角色（主任、管理员、审计员、督导）须由一人提议、另一人确认。",
        "Every step is in the book, and the person is told. Grave roles (director, administrator, auditor, supervisor) "
        "are proposed by one and confirmed by another.",
    ),
    "only_roles": ("只有主任和管理员可以查看。", "For directors and administrators."),
    "proposals": ("待确认", "Waiting for another to confirm"),
    "propose_grant": ("授予", "to grant"),
    "propose_end": ("免去", "to end"),
    "by": ("提议人", "Proposed by"),
    "expires": ("过期", "Expires"),
    "confirm": ("确认", "Confirm"),
    "decline": ("否决", "Decline"),
    "withdraw": ("撤回", "Withdraw"),
    "waits": ("等待另一人确认", "waits for another"),
    "holders": ("现有角色", "Roles now"),
    "end": ("免去", "End"),
    "propose_to_end": ("提议免去", "Propose to end"),
    "leave": ("卸任", "Step down"),
    "grant": ("授予角色", "Give a role"),
    "grant_find": ("先查找本中心或您负责的中心的人。", "First find somebody of the centers in your care."),
    "grant_whom": ("给谁", "To whom"),
    "grant_do": ("授予或提议", "Give or propose"),
    "until_why": ("最后一天；留空为无期限。", "The last day; empty for no end."),
    "since_why": ("留空为现在开始。", "Empty for now."),
    "granted": ("已授予。", "The role is given."),
    "proposed": ("已提议，等待另一人确认，7 天内有效。", "Proposed: another person must confirm within 7 days."),
    "ended": ("已结束。", "The role has ended."),
    "confirmed": ("已确认。", "Confirmed."),
    "declined": ("已否决或撤回。", "Declined or withdrawn."),
    # phones
    "phones": ("会员的手机与号码", "Members' phones and numbers"),
    "phones_why": (
        "手机被偷或丢失时，在这里吊销：两秒内任何地方都不再接受它。号码丢失时，由主任和另一位值班人员一起更换。",
        "When a phone is stolen or lost, revoke it here: within two seconds it is refused everywhere. When the number "
        "is lost, the director and another officer change it together.",
    ),
    "only_officers": ("只有值班员、督导和主任可以查看。", "For duty officers, supervisors and directors."),
    "own_phones": ("已登录的手机", "Phones signed in"),
    "no_phones": ("没有已登录的手机。", "No phone is signed in."),
    "phone": ("手机", "Phone"),
    "signed_in": ("登录于", "Signed in"),
    "seen": ("最近使用", "Last seen"),
    "never": ("从未", "never"),
    "revoke": ("吊销", "Revoke"),
    "revoked": ("已吊销，不再被接受。", "Revoked: it is refused from now on."),
    "number": ("手机号码", "Phone number"),
    "number_lost": ("旧号码已丢失", "The old number is lost"),
    "number_lost_why": (
        "请当面核实本人。验证码会发到新号码，由会员读给您；然后由另一位值班人员确认，两人中须有一位是主任。",
        "Make sure of the person, face to face. A code goes to the new number and the member reads it to you; then "
        "another officer confirms. One of the two must be the director.",
    ),
    "number_new": ("新号码", "New number"),
    "number_begin": ("发送验证码", "Send the code"),
    "number_code": ("新手机上的验证码", "Code on the new phone"),
    "number_check": ("核对", "Check"),
    "number_waits": ("新号码已核对，等待另一位值班人员确认。", "The new number is checked: another officer confirms."),
    "number_begun_by": ("开始的人", "Begun by"),
    "number_approve": ("我也核实了本人，确认更换", "I made sure of the person, too: change it"),
    "number_give_up": ("放弃更换", "Give it up"),
    "number_done": ("号码已更换，手机保持登录。", "The number is changed; the phones stay signed in."),
    "number_wrong": ("验证码不对或已过期。", "The code is wrong or has expired."),
    "number_waiting": ("等待确认的号码更换", "Number changes that wait"),
    "too_many": ("请求过多，请稍后再试。", "Too many requests: try again later."),
    "demo_code": ("演示验证码", "Demo code"),
    # keys
    "keys": ("我的接口密钥", "My API keys"),
    "keys_why": (
        "密钥让工具以您的名义工作，权限不会超过您的角色。不再需要时请吊销。",
        "A key lets a tool work in your name, and never does more than your role. Revoke what you do not need.",
    ),
    "key_name": ("用途", "What it is for"),
    "key_scopes": ("可以做什么", "What it may do"),
    "key_days": ("有效期（天，最多 365）", "Lasts (days, 365 at most)"),
    "key_make": ("生成密钥", "Make the key"),
    "key_new": ("新的密钥", "A new key"),
    "key_once": (
        "只显示这一次，请现在复制并妥善保存：",
        "It is shown this once. Copy it now and keep it safe:",
    ),
    "key_all": ("您的角色允许的一切（旧密钥）", "all that your role allows (an old key)"),
    "key_used": ("最近使用", "Last used"),
    "key_expires": ("有效至", "Expires"),
    "key_expired": ("已过期", "expired"),
    "key_revoked": ("已吊销。", "Revoked."),
    "key_none": ("还没有密钥。", "No key yet."),
    "utc": ("时间按您中心的时区；未归属中心时为 UTC。", "Times are your center's; without a center, UTC."),
    "only_staff": ("只有值班台人员可以使用。", "For people of the desk."),
}


def page(request: HttpRequest, template: str, shown: dict[str, Any], status: int = 200) -> HttpResponse:
    zh = spoken() == "zh-hans"
    said = {
        "w": {key: pair[0 if zh else 1] for key, pair in (PAGE | WORDS).items()},
        "html_lang": "zh-Hans" if zh else "en",
        "other_lang": "en" if zh else "zh-hans",
    }
    return render(request, f"desk/{template}.html", said | shown, status=status)


def say(key: str) -> str:
    return in_language(WORDS[key], spoken())


def people_of(centers: set[int]) -> QuerySet[Person]:
    """Members of these centers, and who has a role there."""
    return Person.objects.filter(Q(center__in=centers) | Q(roles__center__in=centers), is_active=True).distinct()


def found(centers: set[int], q: str) -> QuerySet[Person]:
    """Those of them whose name has these words in it, or whose number it is."""
    people = people_of(centers).filter(find.called(q))
    return people.select_related("center").order_by("name", "pk")[:MOST]


def wall_time(moment: datetime | None, center: Center) -> str:
    return f"{moment.astimezone(ZoneInfo(center.time_zone)):%Y-%m-%d %H:%M}" if moment else ""


def number_in(value: str) -> int:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else 0
