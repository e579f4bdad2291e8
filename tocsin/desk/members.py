"""/desk/members/: who wants to be a member, who is invited, whom a center brings along. Plain pages.

For directors, supervisors and liaisons, at their centers (`enrolment.actions.may`); everybody else gets 403 or 404.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tocsin.centers.models import Center
from tocsin.centers.network import load
from tocsin.desk.views import WORDS as PAGE
from tocsin.enrolment import actions, importing, rules, table
from tocsin.enrolment.models import Application, Import, Invitation, Stage, State
from tocsin.enrolment.words import DESK, SPOKEN
from tocsin.lib.buckets import Buckets
from tocsin.lib.refused import Refused
from tocsin.lib.sealed import Unopened
from tocsin.locale.choose import spoken
from tocsin.people.models import Person

SHOWN = 200  # rows of a page
_checks = Buckets(burst=20, rate=1 / 30)


class _Asking:
    """Who looks at the page, and for which centers they verify."""

    def __init__(self, request: HttpRequest) -> None:
        person: Any = request.user
        self.person: Person = person
        self.now, self.language, self.network = datetime.now(UTC), spoken(), load()
        self.zh = self.language == "zh-hans"
        self.may = actions.may(person, self.network, self.now)

    @property
    def w(self) -> dict[str, str]:
        return {key: pair[0 if self.zh else 1] for key, pair in (PAGE | DESK).items()}

    def centers(self) -> list[Center]:
        """Theirs to choose from, their own first."""
        own = set(self.person.roles.in_force(self.now).values_list("center_id", flat=True))
        return sorted(Center.objects.filter(pk__in=self.may), key=lambda c: (c.pk not in own, c.code))

    def center(self, code: str) -> Center:
        found = next((c for c in self.centers() if c.code == code), None)
        if found is None:
            raise Http404
        return found

    def moment(self, at: datetime | None, center: Center) -> str:
        return f"{at.astimezone(ZoneInfo(center.time_zone)):%Y-%m-%d %H:%M}" if at else ""

    def page(self, request: HttpRequest, template: str, status: int = 200, **shown: Any) -> HttpResponse:
        words = {"w": self.w, "html_lang": "zh-Hans" if self.zh else "en", "other_lang": "en" if self.zh else "zh-hans"}
        return render(request, f"enrolment/{template}.html", {**words, **shown}, status=status)


def _for_leaders(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view gets an _Asking; one who may not is told for whom the page is."""

    @never_cache
    @require_http_methods(["GET", "POST"])
    @login_required
    @wraps(view)
    def inner(request: HttpRequest, **more: Any) -> HttpResponse:
        asking = _Asking(request)
        if not asking.may:
            words = asking.w
            shown = {"w": words, "html_lang": "zh-Hans" if asking.zh else "en",
                     "other_lang": "en" if asking.zh else "zh-hans", "said": words["only"]}  # fmt: skip
            return render(request, "notifications/plain.html", shown, status=403)
        return view(request, asking, **more)

    return inner


def _read(value: Callable[[], Any], instead: str) -> str:
    try:
        return str(value() or "")
    except Unopened:
        return instead


# ── applications ────────────────────────────────────────────────────────────


@_for_leaders
def applications(request: HttpRequest, asking: _Asking) -> HttpResponse:
    refused = said = ""
    if request.method == "POST":
        pk = request.POST.get("application", "")
        found = Application.objects.filter(pk=int(pk) if pk.isdecimal() and len(pk) < 19 else 0, center__in=asking.may)
        if not found.exists():
            raise Http404
        try:
            if request.POST.get("do") == "accept":
                actions.accept(int(pk), asking.person, asking.now)
                said = "accepted_now"
            else:
                actions.decline(int(pk), asking.person, request.POST.get("reason", ""), asking.now)
                said = "declined_now"
            return HttpResponseRedirect(f"/desk/members/?said={said}")
        except Refused as error:
            refused = error.said(asking.language)
    rows = Application.objects.filter(center__in=asking.may).select_related("center", "decided_by", "invitation")
    waiting = list(rows.filter(state=State.WAITING).order_by("confirmed_at", "pk")[:SHOWN])
    decided = rows.filter(state__in=(State.ACCEPTED, State.DECLINED), decided_by__isnull=False).order_by("-decided_at")
    said = request.GET.get("said", "")
    shown = {
        "waiting": [_application(each, asking) for each in waiting],
        "decided": [_application(each, asking) for each in decided[:50]],
        "refused": refused,
        "said": asking.w[said] if said in ("accepted_now", "declined_now") else "",
        "here": "applications",
    }
    return asking.page(request, "applications", 409 if refused else 200, **shown)


def _application(each: Application, asking: _Asking) -> dict[str, Any]:
    unopened, by = asking.w["unopened"], asking.w["by_invitation"]
    languages = _read(lambda: ("、" if asking.zh else ", ").join(SPOKEN.get(c, c) for c in each.languages or []), "")
    return {
        "pk": each.pk,
        "name": _read(lambda: each.name, unopened),
        "phone": _read(lambda: each.phone, "") if each.state == State.WAITING else "",
        "center": each.center.name(asking.language),
        "languages": languages,
        "at": asking.moment(each.confirmed_at, each.center),
        "invitation": by.format(n=each.invitation_id) if each.invitation_id else "",
        "state": asking.w.get(f"state_{each.state}", ""),
        "decided_at": asking.moment(each.decided_at, each.center),
        "by": each.decided_by.name if each.decided_by else "",
        "reason": _read(lambda: each.reason, unopened),
    }


# ── invitations ─────────────────────────────────────────────────────────────


@_for_leaders
def invitations(request: HttpRequest, asking: _Asking) -> HttpResponse:
    refused = link = ""
    if request.method == "POST":
        post = request.POST
        try:
            if post.get("do") == "revoke":
                pk = post.get("invitation", "")
                mine = Invitation.objects.filter(center__in=asking.may)
                if not mine.filter(pk=int(pk) if pk.isdecimal() and len(pk) < 19 else 0).exists():
                    raise Http404
                actions.revoke(int(pk), asking.person, asking.now)
                return HttpResponseRedirect("/desk/members/invitations/")
            _, link = actions.invite(
                asking.center(post.get("center", "")),
                asking.person,
                asking.now,
                uses=_whole(post.get("uses", "")),
                days=_whole(post.get("days", "")),
                admits=post.get("admits") == "1",
                label=post.get("label", ""),
            )
        except Refused as error:
            refused = error.said(asking.language)
    rows = Invitation.objects.filter(center__in=asking.may).select_related("center", "by").order_by("-pk")[:SHOWN]
    shown = {
        "centers": [(c.code, c.name(asking.language)) for c in asking.centers()],
        "rows": [_invitation(each, asking) for each in rows],
        "link": link,
        "refused": refused,
        "most_uses": rules.MOST_USES,
        "most_days": rules.LONGEST.days,
        "here": "invitations",
    }
    return asking.page(request, "invitations", 409 if refused else 200, **shown)


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _invitation(each: Invitation, asking: _Asking) -> dict[str, Any]:
    open_ = rules.open_link(each.ends_at, each.revoked_at, each.used, each.uses, asking.now)
    return {
        "pk": each.pk,
        "label": each.label,
        "center": each.center.name(asking.language),
        "by": each.by.name,
        "used": f"{each.used} / {each.uses}",
        "ends": asking.moment(each.ends_at, each.center),
        "admits": asking.w["at_once" if each.admits else "verified"],
        "open": open_,
        "state": asking.w["open" if open_ else "revoked" if each.revoked_at else "over"],
    }


# ── lists ───────────────────────────────────────────────────────────────────


@_for_leaders
def imports(request: HttpRequest, asking: _Asking) -> HttpResponse:
    refused = ""
    if request.method == "POST":
        center = asking.center(request.POST.get("center", ""))
        file = request.FILES.get("file")
        language = "en" if request.POST.get("language") == "en" else "zh-hans"
        if not _checks.take(asking.person.pk):
            refused = Refused("too_soon").said(asking.language)
        elif file is None or (file.size or 0) > table.MOST_BYTES:
            refused = table.said([("empty" if file is None else "too_big", "")], asking.zh)[0]
        else:
            try:
                made = importing.check(center, asking.person, str(file.name or ""), file.read(), language, asking.now)
                return HttpResponseRedirect(f"/desk/members/import/{made.pk}/")
            except table.Wrong as error:
                refused = table.said([(error.why, "")], asking.zh)[0]
    rows = Import.objects.filter(center__in=asking.may).select_related("center", "by").defer("rows").order_by("-pk")
    shown = {
        "centers": [(c.code, c.name(asking.language)) for c in asking.centers()],
        "rows": [_list(each, asking) for each in rows[:SHOWN]],
        "language": asking.language,
        "refused": refused,
        "here": "imports",
    }
    return asking.page(request, "imports", 422 if refused else 200, **shown)


def _list(each: Import, asking: _Asking) -> dict[str, Any]:
    return {
        "pk": each.pk,
        "file": each.file,
        "center": each.center.name(asking.language),
        "by": each.by.name,
        "at": asking.moment(each.at, each.center),
        "stage": each.stage,
        "state": asking.w[f"stage_{each.stage}"],
        "total": each.total,
        "made": len(each.made),
    }


@_for_leaders
def one_import(request: HttpRequest, asking: _Asking, pk: str) -> HttpResponse:
    mine = Import.objects.select_related("center", "by").filter(center__in=asking.may)
    found = mine.filter(pk=int(pk)).first()
    if found is None:
        raise Http404
    refused = ""
    if request.method == "POST":
        try:
            _do(request.POST.get("do", ""), found, asking)
            return HttpResponseRedirect(f"/desk/members/import/{found.pk}/")
        except Refused as error:
            refused = error.said(asking.language)
            found = mine.get(pk=found.pk)
    shown = {"list": _list(found, asking), "refused": refused, "here": "imports", **_result(found, asking)}
    if found.stage == Stage.CHECKED:
        shown |= _preview(found, asking)
    return asking.page(request, "import", 409 if refused else 200, **shown)


def _do(what: str, found: Import, asking: _Asking) -> None:
    if what in ("whole", "partly"):
        importing.start(found.pk, asking.person, what == "whole", asking.now)
        importing.carry(asking.now)  # a short list is done at once; the clock goes on with a long one
    elif what == "undo":
        importing.undo(found.pk, asking.person, asking.now)
    else:
        importing.drop(found.pk)


def _preview(found: Import, asking: _Asking) -> dict[str, Any]:
    try:
        rows = importing.rows_of(found)
    except Unopened:
        return {"errors": [], "sample": [], "good": ""}
    bad = [row for row in rows if row.wrong]
    w = asking.w
    return {
        "good": w["good_of" if bad else "all_good"].format(good=found.good, total=found.total),
        "errors": [_row(row, asking) for row in bad[:SHOWN]],
        "errors_more": w["errors_more"].format(n=len(bad) - SHOWN) if len(bad) > SHOWN else "",
        "sample": [_row(row, asking) for row in rows if not row.wrong][:5],
        "whole": not bad,
        "partly": w["partly"].format(n=found.good) if bad and found.good else "",
    }  # fmt: skip


def _row(row: table.Row, asking: _Asking) -> dict[str, Any]:
    return {
        "number": row.number, "name": row.name, "phone": row.phone,
        "language": "中文" if row.language == "zh-hans" else "English",
        "trouble": ("；" if asking.zh else "; ").join(table.said(row.wrong, asking.zh)),
    }  # fmt: skip


def _result(found: Import, asking: _Asking) -> dict[str, Any]:
    w, made = asking.w, len(found.made)
    said = {
        Stage.RUNNING: w["progress"].format(done=found.position, total=found.total),
        Stage.REVERTING: w["stage_reverting"],
        Stage.DONE: w["result"].format(made=made, refused=found.total - made),
        Stage.FAILED: w["failed_result"],
        Stage.UNDONE: w["undone_result"].format(kept=found.kept),
        Stage.DROPPED: w["dropped_result"],
    }
    return {
        "result": said.get(Stage(found.stage), ""),
        "moving": found.stage in (Stage.RUNNING, Stage.REVERTING),
        "failed": [(number, table.said([(why, "")], asking.zh)[0]) for number, why in found.failed[:SHOWN]],
        "may_undo": rules.may_undo(found.done_at, found.stage, asking.now),
        "position": found.position,
    }
