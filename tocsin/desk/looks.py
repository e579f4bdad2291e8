"""/desk/looks/: what I looked at; a member, and the glass before their data; who looks how much, for auditors.

Plain pages: they work where scripts do not. The rules are in `tocsin/looks`.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tocsin.centers.models import Center
from tocsin.centers.network import load
from tocsin.desk.views import WORDS as PAGE
from tocsin.devices import say as devices
from tocsin.incidents.models import Incident, centers_of
from tocsin.lib.refused import Refused
from tocsin.locale.choose import spoken
from tocsin.looks import actions, auditing, find, say, see
from tocsin.looks.rules import PHONE
from tocsin.looks.words import WORDS
from tocsin.looks.write import note
from tocsin.people.models import LANGUAGES, Person

DAYS = 30
GLASSES = 90  # days of broken glasses that a director reads
DIRECTS = frozenset({"director"})
FOUND = 50


class Looking:
    """Who looks at the page, and what they may see."""

    def __init__(self, request: HttpRequest) -> None:
        person: Any = request.user
        self.person: Person = person
        self.now, self.language, self.network = datetime.now(UTC), spoken(), load()
        self.sees = centers_of(person, self.network, self.now)
        self.audits = auditing.centers(person, self.network, self.now)
        own = person.center or Center.objects.filter(pk__in=self.sees).order_by("code").first()
        self.zone = ZoneInfo(own.time_zone if own else "Africa/Johannesburg")
        zh = self.language == "zh-hans"
        self.w = {key: pair[0 if zh else 1] for key, pair in (PAGE | WORDS).items()}

    def page(self, request: HttpRequest, template: str, shown: dict[str, Any], status: int = 200) -> HttpResponse:
        zh = self.language == "zh-hans"
        frame = {"w": self.w, "html_lang": "zh-Hans" if zh else "en", "other_lang": "en" if zh else "zh-hans"}
        return render(request, template, {**frame, **shown}, status=status)

    def no(self, request: HttpRequest, word: str) -> HttpResponse:
        return self.page(request, "notifications/plain.html", {"said": self.w[word]}, 403)

    def time(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M}"

    def placed(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{**row, "time": self.time(row["at"])} for row in rows]


@never_cache
@require_GET
@login_required
def looks(request: HttpRequest) -> HttpResponse:
    """My own looks; for a director also the glasses that were broken at the centers in their care, with the reasons."""
    asking = Looking(request)
    if not asking.sees and not asking.audits:
        return asking.no(request, "only_desk")
    rows = asking.placed(say.by_me(asking.person, asking.language))
    directs = sorted(centers_of(asking.person, asking.network, asking.now, DIRECTS))
    broken = asking.placed(say.glasses(directs, asking.now - timedelta(days=GLASSES)))
    shown = {"rows": rows, "audits": bool(asking.audits), "directs": bool(directs), "broken": broken}
    return asking.page(request, "looks/mine.html", shown)


@never_cache
@require_GET
@login_required
def people(request: HttpRequest) -> HttpResponse:
    """Members of the centers where I act, by name or by their whole number; their name alone."""
    asking = Looking(request)
    if not asking.sees:
        return asking.no(request, "only_desk")
    wanted = request.GET.get("q", "").replace("\0", "").strip()[:80]
    found: list[Person] = []
    if wanted:
        known = see.known_to(asking.person, asking.now).select_related("center")
        found = list(known.filter(find.called(wanted)).order_by("name", "pk")[:FOUND])
        find.found(asking.person, found, asking.now)
    rows = [{"pk": p.pk, "name": p.name, "center": p.center.name(asking.language) if p.center else ""} for p in found]
    return asking.page(request, "looks/people.html", {"q": wanted, "rows": rows, "none": bool(wanted) and not rows})


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def person(request: HttpRequest, pk: str) -> HttpResponse:
    """A member: their data while an alarm of theirs runs here; else the glass, which is broken by stating why."""
    asking = Looking(request)
    mine = Q(pk__in=see.known_to(asking.person, asking.now).values("pk"))
    seen = Q(pk__in=see.visible_to(asking.person, asking.now).values("pk"))
    found = Person.objects.select_related("center").filter(mine | seen, pk=int(pk)).first()
    if found is None:
        raise Http404
    refused, reason = "", request.POST.get("reason", "")
    if request.method == "POST":
        if not see.known_to(asking.person, asking.now).filter(pk=found.pk).exists():
            raise Http404
        try:
            actions.break_glass(found, asking.person, reason, asking.now)
            return HttpResponseRedirect(f"/desk/looks/people/{found.pk}/")
        except Refused as error:
            refused = error.said(asking.language)
    glass = see.open_glass(asking.person, asking.now).filter(of=found).order_by("until").last()
    visible = see.Standing(asking.person, asking.now, asking.network).sees_of(found.pk, PHONE)
    if visible:
        note(asking.person, "profile", found, asking.now, why="glass" if glass else "", glass=glass is not None)
    else:
        note(asking.person, "name", found, asking.now)
    here = Incident.objects.visible_to(asking.person, asking.network, asking.now).open()
    shown = {
        "member": found,
        "visible": visible,
        "center_name": found.center.name(asking.language) if found.center else "",
        "spoken": dict(LANGUAGES).get(found.language, ""),
        "devices": [d.name or d.identifier for d in devices.devices().filter(person=found)] if visible else [],
        "incidents": list(here.filter(person=found, drill=False).values_list("pk", flat=True)),
        "until": asking.w["glass_until"].format(time=asking.time(glass.until)) if glass else "",
        "may_break": not visible and see.known_to(asking.person, asking.now).filter(pk=found.pk).exists(),
        "reason": reason,
        "refused": refused,
    }
    return asking.page(request, "looks/person.html", shown, 409 if refused else 200)


@never_cache
@require_GET
@login_required
def patterns(request: HttpRequest) -> HttpResponse:
    """Who looks how much, for auditors."""
    asking = Looking(request)
    if not asking.audits:
        return asking.no(request, "patterns_only")
    center = _audited(asking, request.GET.get("center", ""))
    near = sorted(asking.audits & asking.network.below(center.pk))
    since = asking.now - timedelta(days=DAYS)
    rows = say.patterns(near, since, asking.language)
    shown = {
        "center": center,
        "center_name": center.name(asking.language),
        "centers": [
            {"code": c.code, "name": c.name(asking.language)}
            for c in Center.objects.filter(pk__in=asking.audits).order_by("code")
        ],
        "rows": [{**row, "time": asking.time(row["last_at"])} for row in rows],
        "why": asking.w["patterns_why"].format(days=DAYS),
    }
    return asking.page(request, "looks/patterns.html", shown)


@never_cache
@require_GET
@login_required
def by(request: HttpRequest, pk: str) -> HttpResponse:
    """One person's looks in a center, for its auditors."""
    asking = Looking(request)
    if not asking.audits:
        return asking.no(request, "patterns_only")
    center = _audited(asking, request.GET.get("center", ""))
    near = sorted(asking.audits & asking.network.below(center.pk))
    rows = say.at_center(near, int(pk), asking.now - timedelta(days=DAYS), asking.language)
    if not rows:
        raise Http404
    heading = asking.w["by_one"].format(who=rows[0]["who"])
    return asking.page(request, "looks/by.html", {"rows": asking.placed(rows), "heading": heading, "center": center})


def _audited(asking: Looking, code: str) -> Center:
    near = Center.objects.filter(pk__in=asking.audits).order_by("code")
    found = near.filter(code=code).first() if code else near.first()
    if found is None:
        raise Http404
    return found
