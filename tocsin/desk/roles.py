"""/desk/roles/: people and roles of a center. Directors and administrators give and take them: `people/roles.py`."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tocsin.centers.models import Center
from tocsin.desk.people import found, number_in, page, people_of, say, wall_time
from tocsin.lib import wall
from tocsin.lib.refused import Refused
from tocsin.lib.words import word
from tocsin.locale.choose import spoken
from tocsin.looks import find
from tocsin.people import roles as verbs
from tocsin.people.models import GRAVE, Person, Role, RoleProposal
from tocsin.signin.fresh import fresh_sign_in

DONE = ("granted", "proposed", "ended", "confirmed", "declined")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@wall.lifting  # an administrator need not see a center's members otherwise; what is shown is bound to `governs`
def roles(request: HttpRequest) -> HttpResponse:
    person: Any = request.user
    now = datetime.now(UTC)
    governed = verbs.governs(person, now)
    mine = list(person.roles.in_force(now).exclude(name="member").select_related("center"))
    if not governed and not mine:
        return page(request, "roles", {"refused": say("only_roles"), "shut": True}, 403)
    return _do(request) if request.method == "POST" else _page(request, person, governed, now)


@fresh_sign_in
def _do(request: HttpRequest) -> HttpResponse:
    person: Any = request.user
    now, given = datetime.now(UTC), request.POST
    governed = verbs.governs(person, now)
    try:
        done = _verb(person, given, governed, now)
    except Refused as refused:
        return _page(request, person, governed, now, refused.said(spoken()), 409)
    return HttpResponseRedirect(f"/desk/roles/?center={given.get('center', '')[:10]}&done={done}")


def _verb(person: Person, given: Any, governed: set[int], now: datetime) -> str:
    name, _, number = given.get("do", "").partition(" ")
    if name == "grant":
        center = Center.objects.filter(code=given.get("center", "")[:10], pk__in=governed).first()
        whom = people_of(governed).filter(pk=number_in(given.get("person", ""))).first()
        if center is None or whom is None:
            raise Refused("no_such_person")
        zone = ZoneInfo(center.time_zone)
        since, until = _day(given.get("since", ""), zone), _day(given.get("until", ""), zone, last=True)
        made = verbs.grant(whom, center, given.get("role", "")[:20], person, now, max(since or now, now), until)
        return "granted" if isinstance(made, Role) else "proposed"
    if name == "end":
        role = Role.objects.select_related("center").filter(pk=number_in(number)).first()
        if role is None or (role.center_id not in governed and role.person_id != person.pk):
            raise Refused("role_over")
        return "ended" if isinstance(verbs.end(role, person, now), Role) else "proposed"
    proposal = RoleProposal.objects.select_related("center").filter(pk=number_in(number), center__in=governed).first()
    if proposal is None or name not in ("confirm", "decline"):
        raise Refused("role_decided")
    if name == "confirm":
        verbs.confirm(proposal, person, now)
        return "confirmed"
    verbs.decline(proposal, person, now)
    return "declined"


def _day(said: str, zone: ZoneInfo, last: bool = False) -> datetime | None:
    """A day of a form as a moment: its beginning by the center's clock, or its end."""
    if not said:
        return None
    try:
        day = date.fromisoformat(said)
        return datetime.combine(day + timedelta(days=int(last)), datetime.min.time(), zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused("role_term") from None


def _page(
    request: HttpRequest, person: Person, governed: set[int], now: datetime, refused: str = "", status: int = 200
) -> HttpResponse:
    language, given = spoken(), request.POST if request.method == "POST" else request.GET
    roots = set(person.roles.in_force(now).values_list("center_id", flat=True))
    near = sorted(
        Center.objects.filter(pk__in=governed | (roots if not governed else set())),
        key=lambda c: (c.pk not in roots, c.pk != person.center_id, c.code),
    )
    center = next((c for c in near if c.code == given.get("center")), near[0] if near else None)
    if center is None:
        return page(request, "roles", {"refused": say("only_roles"), "shut": True}, 403)
    q = given.get("q", "").replace("\0", "").strip()[:60]
    may = center.pk in governed
    rows = [
        {
            "role": role,
            "name": word(role.name, language),
            "since": wall_time(role.since, center),
            "until": wall_time(role.until, center),
            "mine": role.person_id == person.pk,
            "does": say("leave" if role.person_id == person.pk else "propose_to_end" if role.name in GRAVE else "end"),
            "may": role.person_id == person.pk or may,
        }
        for role in verbs.at_center(center, now)
        if may or role.person_id == person.pk
    ]
    waiting = [
        {
            "proposal": each,
            "name": word(each.name, language),
            "act": say("propose_grant" if each.act == "grant" else "propose_end"),
            "since": wall_time(each.since, each.center) if each.since > now else "",
            "until": wall_time(each.until, each.center),
            "expires": wall_time(each.expires_at, each.center),
            "own": each.by_id == person.pk,
            "may": person.pk not in (each.by_id, each.person_id),
            "center": each.center.name(language),
        }
        for each in verbs.open_proposals(governed, now)
    ]
    done = given.get("done", "")
    people = list(found(governed, q)) if q and may else []
    find.found(person, people, now)
    shown = {
        "refused": refused,
        "told": say(done) if done in DONE and not refused else "",
        "center": center,
        "center_name": center.name(language),
        "centers": [{"code": c.code, "name": c.name(language)} for c in near],
        "rows": rows,
        "waiting": waiting,
        "may": may,
        "q": q,
        "people": [
            {"pk": p.pk, "name": p.name, "center": p.center.name(language) if p.center else ""}
            for p in people
            if p.pk != person.pk
        ],
        "names": [{"name": name, "said": word(name, language)} for name in verbs.GRANTED],
        "today": f"{now.astimezone(ZoneInfo(center.time_zone)):%Y-%m-%d}",
    }
    return page(request, "roles", shown, status)
