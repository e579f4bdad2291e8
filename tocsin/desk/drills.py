"""/desk/drills/: start a drill, watch it, end it, read who was reached how soon.

Plain pages: a form, a page that says what will happen and to whom, and the drill itself. Where scripts run, the
running drill counts down and fetches its table anew.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tocsin.centers.models import Center
from tocsin.centers.network import load
from tocsin.desk.views import WORDS as PAGE
from tocsin.drills import actions, choose, report
from tocsin.drills.choose import Chosen
from tocsin.drills.models import Drill
from tocsin.drills.words import WORDS
from tocsin.escalation.simulate import CHANNELS
from tocsin.escalation.stages import Plans
from tocsin.gates.signal import ALARMS
from tocsin.incidents.models import Incident, centers_of
from tocsin.lib.refused import Refused
from tocsin.lib.words import Language, in_language, word
from tocsin.locale.choose import spoken
from tocsin.looks import find
from tocsin.notifications import preview
from tocsin.people.models import Person, Role

MINUTES = (5, 10, 15, 30, 60, 90, 120)


class _Asking:
    """Who looks at the page, and where they may look and start."""

    def __init__(self, request: HttpRequest) -> None:
        person: Any = request.user
        self.person: Person = person
        self.now, self.language, self.network = datetime.now(UTC), spoken(), load()
        self.sees = centers_of(person, self.network, self.now)
        self.starts = choose.may_start(person, self.network, self.now)

    def words(self) -> dict[str, Any]:
        zh = self.language == "zh-hans"
        w = {key: pair[0 if zh else 1] for key, pair in (PAGE | WORDS).items()}
        return {"w": w, "html_lang": "zh-Hans" if zh else "en", "other_lang": "en" if zh else "zh-hans"}

    def center(self, code: str, to_start: bool = False) -> Center:
        """The center with this code; without one their own, else the first."""
        near = Center.objects.filter(pk__in=self.starts if to_start else self.sees).order_by("code")
        if code:
            found = near.filter(code=code).first()
        else:
            roles = set(self.person.roles.in_force(self.now).values_list("center_id", flat=True))
            found = min(near, key=lambda c: (c.pk not in roles, c.pk != self.person.center_id, c.code), default=None)
        if found is None:
            raise Http404
        return found

    def drill(self, pk: str) -> Drill:
        rows = Drill.objects.select_related("center", "started_by", "ended_by")
        found = rows.filter(pk=int(pk), center__in=self.sees).first()
        if found is None:
            raise Http404
        return found


def _page(
    request: HttpRequest, asking: _Asking, template: str, shown: dict[str, Any], status: int = 200
) -> HttpResponse:
    return render(request, template, {**asking.words(), **shown}, status=status)


def _said(drill: Drill, language: Language) -> dict[str, Any]:
    """A drill in words, its times by the center's clock."""
    zone = ZoneInfo(drill.center.time_zone)
    return {
        "pk": drill.pk,
        "title": drill.title,
        "alarm": word(drill.alarm, language),
        "silent": drill.silent,
        "center": drill.center.name(language),
        "by": drill.started_by.name,
        "started": f"{drill.started_at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
        "ends": drill.ends_at.isoformat(),
        "ended": f"{drill.ended_at.astimezone(zone):%Y-%m-%d %H:%M:%S}" if drill.ended_at else "",
        "ended_by": drill.ended_by.name if drill.ended_by else "",
        "running": drill.ended_at is None,
    }


@never_cache
@require_GET
@login_required
def drills(request: HttpRequest) -> HttpResponse:
    asking = _Asking(request)
    if not asking.sees:
        said = asking.words()["w"]["only_desk"]
        return _page(request, asking, "notifications/plain.html", {"said": said}, 403)
    center = asking.center(request.GET.get("center", ""))
    near = asking.network.below(center.pk) & asking.sees
    rows = Drill.objects.filter(center__in=near).select_related("center", "started_by", "ended_by").order_by("-pk")
    found = [_said(d, asking.language) | _sums(d, asking) for d in rows[:50]]
    shown = {
        "center": center,
        "center_name": center.name(asking.language),
        "centers": [
            {"code": c.code, "name": c.name(asking.language)}
            for c in Center.objects.filter(pk__in=asking.sees).order_by("code")
        ],
        "running": [d for d in found if d["running"]],
        "past": [d for d in found if not d["running"]],
        "may_start": center.pk in asking.starts,
    }
    return _page(request, asking, "desk/drills.html", shown)


def _sums(drill: Drill, asking: _Asking) -> dict[str, Any]:
    found, w = report.of_drill(drill), asking.words()["w"]
    return {
        "told": found["told"],
        "seen": found["seen"],
        "claimed": w["of"].format(n=found["claimed"], all=found["of"]),
    }


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def new(request: HttpRequest) -> HttpResponse:
    asking = _Asking(request)
    if not asking.starts:
        said = asking.words()["w"]["only_start"]
        return _page(request, asking, "notifications/plain.html", {"said": said}, 403)
    given = request.POST if request.method == "POST" else request.GET
    center = asking.center(given.get("center", ""), to_start=True)
    do = request.POST.get("do", "")
    form = _form(request)
    refused = ""
    if do in ("check", "start"):
        try:
            if do == "start":
                made = actions.start(center, asking.person, asking.network, asking.now, **form)
                return HttpResponseRedirect(f"/desk/drills/{made.pk}/")
            return _sure(request, asking, center, form)
        except Refused as error:
            refused = error.said(asking.language)
    return _page(request, asking, "desk/drill_new.html", _asked(request, asking, center, form) | {"refused": refused},
                 409 if refused else 200)  # fmt: skip


def _form(request: HttpRequest) -> dict[str, Any]:
    post = request.POST
    alarm, minutes = post.get("alarm", "robbery"), post.get("minutes", "30")

    def ids(name: str) -> tuple[int, ...]:
        given = (each for each in post.getlist(name) if each.isascii() and each.isdigit() and len(each) < 19)
        return tuple(dict.fromkeys(int(each) for each in given))[:200]

    return {
        "title": post.get("title", "").replace("\0", "").strip()[:120],
        "alarm": alarm if alarm in ALARMS else "other",
        "silent": post.get("silent") == "1",
        "minutes": int(minutes) if minutes.isascii() and minutes.isdigit() and len(minutes) < 5 else 0,
        "chosen": Chosen(ids("member"), ids("device"), ids("staff")),
    }


def _asked(request: HttpRequest, asking: _Asking, center: Center, form: dict[str, Any]) -> dict[str, Any]:
    """The form as it is filled in: those chosen first, then those found."""
    words, chosen = request.POST.get("q", "").replace("\0", "").strip()[:80], form["chosen"]
    members = choose.members(center.pk, asking.network).filter(pk__in=chosen.members)
    devices = choose.devices(center.pk, asking.network).filter(pk__in=chosen.devices)
    found: dict[str, list[Any]] = {"members": list(members), "devices": list(devices)}
    if words:
        people = choose.found_members(center.pk, asking.network, words)
        find.found(asking.person, people, asking.now)
        found["members"] += [p for p in people if p.pk not in chosen.members]
        found["devices"] += [
            d for d in choose.found_devices(center.pk, asking.network, words) if d.pk not in chosen.devices
        ]
    roles: dict[int, list[str]] = {}
    held = Role.objects.in_force(asking.now).filter(center__in=asking.network.below(center.pk), name__in=choose.STAFF)
    for person, name in held.values_list("person_id", "name").distinct():
        roles.setdefault(person, []).append(word(name, asking.language))
    comma = "、" if asking.language == "zh-hans" else ", "
    staff = choose.staff(center.pk, asking.network, asking.now)
    return {
        "center": center,
        "center_name": center.name(asking.language),
        "form": form,
        "q": words,
        "alarms": [(a, word(a, asking.language)) for a in ALARMS],
        "minutes": MINUTES,
        "members": [(p.pk, p.name, p.pk in chosen.members) for p in found["members"]],
        "devices": [(d.pk, choose.called(d), d.pk in chosen.devices) for d in found["devices"]],
        "found_none": bool(words) and not found["members"] and not found["devices"],
        "staff": [(p.pk, p.name, comma.join(roles.get(p.pk, [])), p.pk in chosen.staff) for p in staff],
    }


def _sure(request: HttpRequest, asking: _Asking, center: Center, form: dict[str, Any]) -> HttpResponse:
    """What will happen, and to whom."""
    chosen: Chosen = form["chosen"]
    asked = {key: form[key] for key in ("title", "minutes", "chosen")}
    cases = actions.check(center, asking.network, asking.now, **asked)
    w = asking.words()["w"]
    name, zone = center.name(asking.language), ZoneInfo(center.time_zone)
    stages = [] if chosen.staff else _stages(asking, center, form)
    comma = "、" if asking.language == "zh-hans" else ", "
    people = [
        (p.name, comma.join(_channel(c, asking.language) for c in p.channels) or w["sure_channels_none"])
        for p in preview.reach(chosen.staff)
    ]
    shown = {
        "center": center,
        "center_name": name,
        "form": form,
        "alarm": word(form["alarm"], asking.language),
        "cases": [(case.caller, case.address or "") for case in cases],
        "rings": w["sure_one" if len(cases) == 1 else "sure_alarms"].format(center=name, n=len(cases)),
        "people": people,
        "stages": stages,
        "ends": w["sure_end"].format(
            time=f"{(asking.now + timedelta(minutes=form['minutes'])).astimezone(zone):%H:%M}"
        ),
    }
    return _page(request, asking, "desk/drill_sure.html", shown)


def _stages(asking: _Asking, center: Center, form: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(after, who by which channels, further sirens) for each stage of the plan that would be chosen now."""
    w, zh = asking.words()["w"], asking.language == "zh-hans"
    incident = Incident(center=center, centers=[center.pk], alarm=form["alarm"], silent=form["silent"], drill=True)
    _, steps = Plans().of(incident, asking.now)
    comma = "、" if zh else ", "
    rows = []
    for moment in preview.play(steps, incident, asking.network, asking.now):
        told = []
        for each in moment.told:
            channels = comma.join(_channel(c, asking.language) for c in each.channels)
            told.append(f"{each.name} ({channels or w['sure_channels_none']})")
        places = [asking.network.places[c].name(asking.language) for c in moment.ring if c in asking.network.places]
        ring = w["sure_ring"].format(centers=comma.join(places)) if places else ""
        rows.append((w["after"].format(n=moment.after), ("；" if zh else "; ").join(told), ring))
    return rows


def _channel(name: str, language: Language) -> str:
    return in_language(CHANNELS.get(name, (name, name)), language)


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def one(request: HttpRequest, pk: str) -> HttpResponse:
    asking = _Asking(request)
    drill = asking.drill(pk)
    refused = ""
    if request.method == "POST":
        if drill.center_id not in asking.starts:
            raise Http404
        try:
            actions.end(drill.pk, asking.person, asking.now)
            return HttpResponseRedirect(f"/desk/drills/{drill.pk}/")
        except Refused as error:
            refused = error.said(asking.language)
            drill = asking.drill(pk)
    found = report.of_drill(drill)
    seconds = max(0, int((drill.ends_at - asking.now).total_seconds()))
    shown = {
        "drill": _said(drill, asking.language) | _sums(drill, asking),
        "left": f"{seconds // 60}:{seconds % 60:02d}",
        "headings": [in_language(pair, asking.language) for pair in report.HEADINGS.values()],
        "people": [[_cell(row, c, asking.language) for c in report.HEADINGS] for row in found["people"]],
        "incidents": found["incidents"],
        "may_end": drill.ended_at is None and drill.center_id in asking.starts,
        "refused": refused,
    }
    return _page(request, asking, "desk/drill.html", shown, 409 if refused else 200)


def _cell(row: dict[str, Any], column: str, language: Language) -> str:
    value = row[column]
    if column == "answer" and value:
        return word(value, language)
    return "—" if value in (None, "") else str(value)


@never_cache
@require_GET
@login_required
def as_csv(request: HttpRequest, pk: str) -> HttpResponse:
    asking = _Asking(request)
    drill = asking.drill(pk)
    content = report.as_csv(report.of_drill(drill)["people"], asking.language)
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="drill-{drill.pk}.csv"'
    return response
