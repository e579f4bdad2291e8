"""/desk/privacy/: what is kept and how long, what was deleted, legal holds, erasures, copies for a request on paper.

Auditors, directors and administrators look; a director holds and ends a hold, and acts for a member who asks on paper.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tocsin.desk.views import WORDS as PAGE
from tocsin.incidents.models import Incident
from tocsin.lib import wall
from tocsin.lib.buckets import Buckets
from tocsin.lib.refused import Refused
from tocsin.locale.choose import spoken
from tocsin.looks import find
from tocsin.looks import write as looks
from tocsin.people.models import Person
from tocsin.privacy import erasure, export, holds, keeping
from tocsin.privacy.models import Erasure, Export, Hold
from tocsin.signin.fresh import fresh_sign_in
from tocsin.signin.others import looks_after

ACTS = frozenset({"director"})
MOST = 100
PAST = timedelta(days=30)
HERE = "/desk/privacy/"
_verbs = Buckets(burst=20, rate=1 / 30)

WORDS: dict[str, tuple[str, str]] = {
    "privacy": ("个人资料", "Personal data"),
    "why": (
        "保存什么、多久、为什么。到期由系统自动删除；这里能看到删了多少。",
        "What is kept, for how long and why. What is past its time is deleted by the system; here is how much.",
    ),
    "back": ("返回值班台", "Back to the desk"),
    "only": ("只有审计员、主任和管理员可以查看。", "For auditors, directors and administrators."),
    "kept": ("保存期限", "What is kept, and how long"),
    "what": ("内容", "What"),
    "days": ("天数", "Days"),
    "since": ("起算", "Counted from"),
    "reason": ("原因", "Why"),
    "deleted": ("近 30 天删除", "Deleted in 30 days"),
    "last": ("最近执行", "Last carried out"),
    "never": ("尚未执行", "not yet"),
    "by_hand": ("不自动删除", "not by itself"),
    "shortened": ("已缩短", "shortened"),
    "ignored": ("设置无效（只能缩短，至少 1 天）", "setting ignored (it may only be shorter, 1 day at least)"),
    "holds": ("资料保全", "Legal holds"),
    "holds_why": (
        "因报案、诉讼或保险需要时，主任可以要求某一警情的资料在期限前不删除。理由会作为备注记入值班簿。",
        "For a case, a court or an insurer a director may hold the data of one incident until a day. The reason is "
        "noted, and the book says that it was done.",
    ),
    "incident": ("警情编号", "Incident number"),
    "hold_reason": ("理由", "Reason"),
    "until": ("保全至", "Held until"),
    "hold_do": ("要求保全", "Hold"),
    "hold_end": ("解除保全", "End the hold"),
    "by": ("由", "By"),
    "none": ("没有", "None"),
    "erasures": ("删除申请", "Erasures"),
    "erasures_why": (
        "会员可以在应用里申请删除，也可以书面请中心代办。72 小时内可以撤回；有未结警情或资料保全时不删除。",
        "Members ask for erasure in the app, or on paper. It can be taken back within 72 hours, and waits while an "
        "incident is open or data are held.",
    ),
    "due": ("执行时间", "Due"),
    "done": ("已完成", "Done"),
    "taken_back": ("已撤回", "Taken back"),
    "waits": ("等待中", "Waiting"),
    "take_back": ("撤回申请", "Take it back"),
    "on_paper": ("为会员代办", "For a member who asks on paper"),
    "on_paper_why": ("请先当面核实本人，并保存书面申请。", "Make sure of the person first, and keep the paper."),
    "find": ("姓名或电话", "Name or phone number"),
    "find_do": ("查找", "Find"),
    "nobody": ("没有找到这位会员", "Nobody was found"),
    "who": ("谁", "Who"),
    "erase_do": ("申请删除", "Ask for erasure"),
    "erase_sure": ("72 小时后删除，删除后无法恢复", "It is done in 72 hours and cannot be undone"),
    "copy_do": ("制作资料副本", "Make a copy of their data"),
    "copies": ("资料副本", "Copies of data"),
    "asked": ("申请", "Asked"),
    "fetch": ("下载（一次）", "Download (once)"),
    "state": ("状态", "State"),
    "told": ("已办理。", "Done."),
    "too_many": ("操作过多，请稍后再试。", "Too many at once: try again in a moment."),
    "utc": ("时间按您中心的时区；未归属中心时为 UTC。", "Times are your center's; without a center, UTC."),
}
STATES: dict[str, tuple[str, str]] = {
    "asked": ("等待制作", "waiting"),
    "making": ("制作中", "being made"),
    "ready": ("可以下载", "ready"),
    "fetched": ("已取走", "fetched"),
    "gone": ("已过期", "over"),
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@wall.lifting  # what is shown of whom, is decided by `looks_after` below
def privacy(request: HttpRequest) -> HttpResponse:
    person: Any = request.user
    now = datetime.now(UTC)
    if not person.is_superuser and not looks_after(person, now):
        return render(request, "notifications/plain.html", {**_words(), "said": _words()["w"]["only"]}, status=403)
    return _do(request) if request.method == "POST" else _page(request, person, now)


@never_cache
@require_http_methods(["POST"])
@login_required
@fresh_sign_in
@wall.lifting  # only one's own request for a copy is found
def copy(request: HttpRequest, pk: int) -> HttpResponse | StreamingHttpResponse:
    """The zip of a copy that this director asked for. It can be fetched once."""
    person: Any = request.user
    now = datetime.now(UTC)
    found = Export.objects.filter(pk=pk, by=person, person__center__in=looks_after(person, now, ACTS)).first()
    try:
        taken = export.fetch(export.link(found, now), now) if found else None
    except Refused as refused:
        return _page(request, person, now, refused.said(spoken()), 409)
    if taken is not None:
        looks.note(person, "export", taken.person_id, now)
    else:
        return render(request, "notifications/plain.html", {**_words(), "said": _words()["w"]["nobody"]}, status=404)
    name = f"tocsin-{taken.person_id}-{taken.asked_at:%Y%m%d}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Length": str(taken.size)}
    return StreamingHttpResponse(export.pieces(taken), content_type="application/zip", headers=headers)


@fresh_sign_in
def _do(request: HttpRequest) -> HttpResponse:
    person: Any = request.user
    now, given = datetime.now(UTC), request.POST
    with wall.lifted():  # asked again, the page above is left before this is done
        try:
            if not _verbs.take(person.pk):
                return _page(request, person, now, _words()["w"]["too_many"], 429)
            _verb(person, given, now)
        except Refused as refused:
            return _page(request, person, now, refused.said(spoken()), 409)
    return HttpResponseRedirect(f"{HERE}?told=1")


def _verb(person: Person, given: Any, now: datetime) -> None:
    """`do`: hold, end-hold <id>, erase, take-back <id>, copy. Only a director, at the centers in their care."""
    mine = looks_after(person, now, ACTS)
    name, _, number = given.get("do", "").partition(" ")
    pk = _number(number)
    if name == "hold":
        incident = Incident.objects.filter(pk=_number(given.get("incident", "")), center__in=mine).first()
        if incident is None:
            raise Refused("no_such_incident", into=given.get("incident", "")[:12])
        holds.hold(incident, given.get("reason", ""), _day(given.get("until", ""), incident), person, now)
    elif name == "end-hold":
        held = Hold.objects.filter(pk=pk, incident__center__in=mine).first()
        if held is None:
            raise Refused("no_change")
        holds.end(held, person, now)
    elif name == "take-back":
        waiting = Erasure.objects.filter(pk=pk, person__center__in=mine).first()
        if waiting is None:
            raise Refused("no_change")
        erasure.take_back(waiting, person, now)
    elif name in ("erase", "copy"):
        whom = _members(mine).filter(pk=_number(given.get("person", ""))).first()
        if whom is None or whom.pk == person.pk:
            raise Refused("no_change")
        if name == "erase":
            erasure.ask(whom, person, now)
        else:
            export.ask(whom, person, "en" if whom.language == "en" else "zh-hans", now)
    else:
        raise Refused("no_change")


def _members(centers: set[int]) -> QuerySet[Person]:
    return Person.objects.filter(center__in=centers, is_active=True)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _day(text: str, incident: Incident) -> datetime:
    """The end of that day by the center's clock."""
    try:
        day = date.fromisoformat(text) + timedelta(days=1)
        return datetime.combine(day, time.min, ZoneInfo(incident.center.time_zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused("no_such_moment") from None


def _words() -> dict[str, Any]:
    zh = spoken() == "zh-hans"
    said = {key: pair[0 if zh else 1] for key, pair in (PAGE | WORDS).items()}
    return {"w": said, "html_lang": "zh-Hans" if zh else "en", "other_lang": "en" if zh else "zh-hans"}


@wall.lifting
def _page(request: HttpRequest, person: Person, now: datetime, refused: str = "", status: int = 200) -> HttpResponse:
    here = 0 if spoken() == "zh-hans" else 1
    sees, mine = looks_after(person, now), looks_after(person, now, ACTS)
    of_all = person.is_superuser
    near = Q() if of_all else Q(incident__center__in=sees)
    held = Hold.objects.filter(near).select_related("incident", "by", "note").order_by("-pk")
    whose = Q() if of_all else Q(person__center__in=sees)
    asked = Erasure.objects.filter(whose).select_related("person", "by").order_by("-pk")
    copies = Export.objects.filter(by=person).exclude(person=person).select_related("person").order_by("-pk")
    q = (request.POST.get("q") or request.GET.get("q") or "").replace("\0", "").strip()[:60]
    shown = {
        **_words(),
        "refused": refused,
        "told": request.GET.get("told") == "1",
        "rows": _kept(now, here),
        "may": bool(mine),
        "today": f"{now:%Y-%m-%d}",
        "held": [{"row": h, "running": h.ended_at is None and h.until > now, "may": h.incident.center_id in mine}
                 for h in held[:MOST]],
        "asked": [{"row": e, "waits": e.done_at is None and e.taken_back_at is None, "may": e.person.center_id in mine}
                  for e in asked[:MOST]],
        "copies": [{"row": c, "said": STATES[c.state][here]} for c in copies[:20]],
        "q": q,
        "found": _found(person, mine, q, now) if q and mine else None,
    }  # fmt: skip
    return render(request, "desk/privacy.html", shown, status=status)


def _kept(now: datetime, here: int) -> list[dict[str, Any]]:
    table = keeping.table()
    done = keeping.runs([k.name for k, *_ in table], now - PAST)
    return [
        {
            "name": kind.name,
            "what": kind.what[here],
            "since": kind.since[here],
            "why": kind.why[here],
            "days": days,
            "shorter": days < kind.days,
            "ignored": ignored,
            "count": done.get(kind.name, (0, None))[0],
            "at": done.get(kind.name, (0, None))[1],
            "automatic": kind.sweep is not None,
        }
        for kind, days, ignored in table
    ]


def _found(by: Person, centers: set[int], q: str, now: datetime) -> list[dict[str, Any]]:
    people = list(_members(centers).filter(find.called(q)).select_related("center").order_by("name", "pk")[:20])
    find.found(by, people, now)
    here = spoken()
    return [{"pk": p.pk, "name": p.name, "center": p.center.name(here) if p.center else ""} for p in people]
