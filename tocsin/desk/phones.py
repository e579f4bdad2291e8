"""/desk/phones/: a member's phones, for the officer whom they call when one is stolen; and a lost number."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tocsin.centers.models import Center
from tocsin.desk.people import found, number_in, page, say, wall_time
from tocsin.devices import pairing
from tocsin.devices.models import Device
from tocsin.lib import wall
from tocsin.lib.refused import Refused
from tocsin.locale.choose import spoken
from tocsin.looks import find
from tocsin.looks.write import note
from tocsin.people import codes, moving
from tocsin.people.models import NumberChange, Person, SignInCode
from tocsin.signin.fresh import fresh_sign_in
from tocsin.signin.throttle import place_of

DONE = ("revoked", "number_done", "number_waits", "number_wrong", "done")


@never_cache
@require_http_methods(["GET", "HEAD"])
@login_required
@wall.lifting  # bound to `officers`
def phones(request: HttpRequest) -> HttpResponse:
    """Find the member."""
    person: Any = request.user
    now = datetime.now(UTC)
    near = moving.officers(person, now)
    if not near:
        return page(request, "phones", {"refused": say("only_officers"), "shut": True}, 403)
    q = request.GET.get("q", "").replace("\0", "").strip()[:60]
    rows = [p for p in found(near, q) if p.center_id in near] if len(q) > 1 else []
    find.found(person, rows, now)
    shown = {"q": q, "people": rows, "waiting": moving.at_desk(near, now)}
    return page(request, "phones", shown)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@wall.lifting  # bound to `officers`
def one(request: HttpRequest, pk: str) -> HttpResponse:
    by: Any = request.user
    now = datetime.now(UTC)
    member = Person.objects.select_related("center").filter(pk=int(pk), is_active=True).first()
    if member is None or member.center_id not in moving.officers(by, now):
        raise Http404
    if request.method != "POST":
        return _page(request, by, member, now)
    name, _, number = request.POST.get("do", "").partition(" ")
    if name == "revoke":  # somebody waits at the phone: it is not asked again
        return _did(request, by, member, name, number)
    return _grave(request, by, member, name, number)


@fresh_sign_in
def _grave(request: HttpRequest, by: Person, member: Person, name: str, number: str) -> HttpResponse:
    return _did(request, by, member, name, number)


def _did(request: HttpRequest, by: Person, member: Person, name: str, number: str) -> HttpResponse:
    now = datetime.now(UTC)
    try:
        done = _verb(request, by, member, name, number, now)
    except Refused as refused:
        return _page(request, by, member, now, refused.said(spoken()), 409)
    except codes.TooMany:
        return _page(request, by, member, now, say("too_many"), 429)
    return HttpResponseRedirect(f"/desk/phones/{member.pk}/?done={done}")


def _verb(request: HttpRequest, by: Person, member: Person, name: str, number: str, now: datetime) -> str:
    given = request.POST
    if name == "revoke":
        phone = _phones(member).filter(pk=number_in(number)).first()
        if phone is None:
            raise Refused("device_revoked")
        pairing.revoke(phone.pk, by, now)
        return "revoked"
    place = place_of(str(request.META.get("REMOTE_ADDR") or ""))
    if name == "begin":
        moving.begin_at_desk(member, given.get("phone", "")[:40], by, place, now)
        return "done"
    change = _change(member, now)
    if change is None:
        raise Refused("move_over")
    if name == "code":
        code = "".join(c for c in given.get("code", "")[:20] if c.isdigit())
        return "number_waits" if moving.confirm(change, "new", code, now) else "number_wrong"
    if name == "again":
        moving.again(change, "new", "voice" if given.get("way") == "voice" else "sms", place, now)
        return "done"
    if name == "approve":
        moving.approve(change, by, now)
        return "number_done"
    moving.give_up(change, now)
    return "done"


def _phones(member: Person) -> Any:
    rows = Device.objects.filter(person=member, protocol="app", revoked_at=None)
    return rows.select_related("vitals").order_by("-pk")


def _change(member: Person, now: datetime) -> NumberChange | None:
    found = moving.running(member, now)
    return found if found is not None and found.by_id is not None else None


def _page(
    request: HttpRequest, by: Person, member: Person, now: datetime, refused: str = "", status: int = 200
) -> HttpResponse:
    note(by, "device", member, now, what="phones")
    center = member.center or Center()
    change, done = _change(member, now), request.GET.get("done", "")
    demo = ""
    if settings.DEMO and change is not None and change.new_at is None:
        row = SignInCode.objects.filter(purpose=moving.purpose(change), used_at=None).order_by("-pk").first()
        shown_code = codes.shown(row, now) if row else None
        demo = shown_code[1] if shown_code else ""
    shown = {
        "member": member,
        "center_name": center.name(spoken()),
        "own": member.pk == by.pk,
        "rows": [
            {
                "pk": d.pk,
                "name": d.name,
                "since": wall_time(d.created_at, center),
                "seen": wall_time(d.vitals.heard_at, center) if hasattr(d, "vitals") else "",
            }
            for d in _phones(member)
        ],
        "change": change,
        "mine": change is not None and change.by_id == by.pk,
        "demo_code": demo,
        "refused": refused or (say(done) if done == "number_wrong" else ""),
        "told": say(done) if done in DONE and done != "number_wrong" and not refused else "",
    }
    return page(request, "phone", shown, status)
