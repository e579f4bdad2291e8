"""/desk/incidents/<id>/shares/: show an incident to one named person outside. /s/<token>: what that person sees.

The token is the permission: 256 random bits, kept as a digest. After its end the page is as if it had never been.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from openlocationcode import openlocationcode

from tocsin.desk.looks import Looking
from tocsin.desk.views import WORDS as PAGE
from tocsin.incidents.models import Incident, centers_of
from tocsin.incidents.rules import LEADS
from tocsin.incidents.say import withheld
from tocsin.lib import wall
from tocsin.lib.refused import Refused
from tocsin.lib.words import word
from tocsin.locale.choose import spoken
from tocsin.looks import actions, say
from tocsin.looks.models import PARTS, SHARED_WITH, Share
from tocsin.looks.words import WORDS
from tocsin.looks.write import note
from tocsin.notifications import robots
from tocsin.notifications.alarm import where
from tocsin.notifications.strangers import guarded
from tocsin.people.models import ACTS

DAYS = (1, 3, 7, 14, 30)


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def shares(request: HttpRequest, pk: str) -> HttpResponse:
    """With whom it was shared; the form for one more, for those who may act on it."""
    asking = Looking(request)
    seen = Incident.objects.visible_to(asking.person, asking.network, asking.now).select_related(
        "center", "merged_into"
    )
    incident = seen.filter(pk=int(pk)).first()
    if incident is None:
        raise Http404
    acts = bool(centers_of(asking.person, asking.network, asking.now, ACTS).intersection(incident.centers))
    refused, link, post = "", "", request.POST
    if request.method == "POST":
        if not acts:
            raise Http404
        try:
            if "revoke" in post:
                _revoke(incident, post["revoke"], asking)
                return HttpResponseRedirect(f"/desk/incidents/{incident.pk}/shares/")
            link = request.build_absolute_uri(f"/s/{_make(incident, request, asking)}")
        except Refused as error:
            refused = error.said(asking.language)
    form = post if refused else {}
    rows = [
        {**row, "time": asking.time(row["at"]), "until": asking.time(row["ends_at"]),
         "last": asking.time(row["opened_at"]) if row["opened_at"] else "",
         "what": [asking.w[f"part_{part}"] for part in row["parts"]]}
        for row in say.shares(incident, asking.now, asking.language)
    ]  # fmt: skip
    shown = {
        "incident": incident,
        "alarm": word(incident.alarm, asking.language),
        "rows": rows,
        "acts": acts and not incident.drill,
        "link": link,
        "refused": refused,
        "form": form,
        "kinds": [(kind, word(kind, asking.language)) for kind in SHARED_WITH],
        "parts": [(part, asking.w[f"part_{part}"], part in _chosen(request, refused)) for part in PARTS],
        "days": DAYS,
        "day": form.get("days", "7") if form else "7",
    }
    return asking.page(request, "looks/shares.html", shown, 409 if refused else 200)


def _chosen(request: HttpRequest, refused: str) -> list[str]:
    return request.POST.getlist("part") if refused else ["summary"]


def _make(incident: Incident, request: HttpRequest, asking: Looking) -> str:
    post, days = request.POST, request.POST.get("days", "")
    leads = centers_of(asking.person, asking.network, asking.now, LEADS)
    length = int(days) if days.isascii() and days.isdigit() and len(days) < 4 else 0
    _, token = actions.share(
        incident, asking.person, asking.now, kind=post.get("kind", ""), name=post.get("name", ""),
        organisation=post.get("organisation", ""), purpose=post.get("purpose", ""), parts=post.getlist("part"),
        ends_at=asking.now + timedelta(days=length), withheld=withheld(incident, leads, asking.now),
    )  # fmt: skip
    return token


def _revoke(incident: Incident, given: str, asking: Looking) -> None:
    found = incident.shares.filter(pk=int(given)).first() if given.isascii() and given.isdigit() else None
    if found is None:
        raise Http404
    actions.revoke(found, asking.person, asking.now)


@never_cache
@guarded
@require_safe
@wall.lifting  # the token is the permission
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """What one outside sees of what was shared with them. Programs that only make a preview learn nothing, and are no
    look."""
    now = datetime.now(UTC)
    share = actions.opened(token, now)
    if share is None:
        raise Http404
    zh = spoken() == "zh-hans"
    w = {key: pair[0 if zh else 1] for key, pair in (PAGE | WORDS).items()}
    frame = {"w": w, "html_lang": "zh-Hans" if zh else "en", "other_lang": "en" if zh else "zh-hans"}
    if request.method == "HEAD" or robots.is_robot(request.headers.get("User-Agent", "")):
        return _private(render(request, "notifications/plain.html", {**frame, "said": w["robot"]}))
    if robots.is_ahead_of_time(request.headers):
        return _private(render(request, "notifications/plain.html", {**frame, "said": w["robot"]}, status=503))
    incident = share.incident
    note(None, "share", incident.person_id, now, incident=incident.pk, why="share", share=share.pk)
    return _private(render(request, "looks/shared.html", {**frame, **_shown(share, w)}))


def _shown(share: Share, w: dict[str, str]) -> dict[str, Any]:
    """The parts that were shared, and nothing else of the incident."""
    incident, language, parts = share.incident, spoken(), share.parts.split()
    zone = ZoneInfo(incident.center.time_zone)

    def time(at: datetime | None) -> str:
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M %z}" if at else ""

    shown: dict[str, Any] = {
        "heading": w["for"].format(name=say.told(share, "name"), organisation=share.organisation),
        "why": w["for_why"].format(time=time(share.ends_at)),
        "silent": incident.silent,
        "center": incident.center.name(language),
        "center_phone": incident.center.phone,
        "purpose": say.told(share, "purpose"),
        "parts": parts,
    }
    if "summary" in parts:
        shown |= {
            "alarm": word(incident.alarm, language),
            "number": incident.pk,
            "state": word(incident.state, language),
            "outcome": word(incident.outcome, language) if incident.outcome else "",
            "opened": time(incident.opened_at),
        }
    if "position" in parts:
        known = incident.lat is not None and incident.lon is not None
        point = f"{incident.lat:.5f},{incident.lon:.5f}" if known else ""
        shown |= {
            "where": where(incident),
            "point": point.replace(",", ", "),
            "plus": openlocationcode.encode(incident.lat, incident.lon) if known else "",
            "map": f"geo:{point}?q={point}" if known else "",
            "fixed": time(incident.fixed_at),
        }
    if "caller" in parts:
        person = incident.person
        shown |= {
            "caller": person.name if person else incident.caller or w["caller"],
            "phone": ("" if incident.silent else (person.phone if person else incident.phone)) or "",
        }
    return shown


def _private(response: HttpResponse) -> HttpResponse:
    response["Referrer-Policy"] = "no-referrer"  # the address is the permission
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response
