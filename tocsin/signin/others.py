"""/desk/security/people/: how the staff of my centers sign in. Auditors, directors look; administrators make links.

Two of those who give roles take a lost second factor away: one asks, another confirms (`resets.py`).
"""

from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from tocsin.centers.network import load
from tocsin.lib.refused import Refused
from tocsin.lib.wall import lifting
from tocsin.locale.choose import spoken
from tocsin.people.models import SEES_BELOW, Person, Role
from tocsin.people.roles import governs
from tocsin.signin import actions, proof, resets
from tocsin.signin.fresh import fresh_sign_in
from tocsin.signin.models import Reset, SignIn
from tocsin.signin.page import page, person_of, signed_in, w
from tocsin.signin.sessions import history

LOOK = frozenset({"auditor", "director", "administrator"})
MAKE = frozenset({"administrator"})
MOST = 200


def looks_after(person: Person, at: datetime, roles: frozenset[str] = LOOK) -> set[int]:
    """The centers whose staff this person may look at; an auditor or director also sees the centers below."""
    network, found = load(), set()
    for center, name in person.roles.in_force(at).filter(name__in=roles).values_list("center_id", "name"):
        found |= network.below(center) if name in SEES_BELOW else {center}
    return found


def staff_of(person: Person, at: datetime, roles: frozenset[str] = LOOK) -> QuerySet[Person]:
    """Those with a login whose roles are at these centers; for the administrator of the system everybody with one."""
    staff = Person.objects.exclude(login=None)
    if person.is_superuser:
        return staff
    held = Role.objects.in_force(at).filter(person=OuterRef("pk"), center__in=looks_after(person, at, roles))
    found = staff.filter(Exists(held.exclude(name="member")))
    return found.filter(is_superuser=False) if roles == MAKE else found


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def people(request: HttpRequest) -> HttpResponse:
    person: Any = person_of(request)
    now = timezone.now()
    if not person.is_superuser and not looks_after(person, now):
        return page(request, "people", {"refused": w("people_only")}, 403)
    return _make(request) if request.method == "POST" else _page(request, person, now)


@fresh_sign_in
def _make(request: HttpRequest) -> HttpResponse:
    person: Any = person_of(request)
    now = timezone.now()
    do, _, number = request.POST.get("reset", "").partition(" ")
    if do:
        return _reset(request, person, do, _number(number), now)
    whose = staff_of(person, now, MAKE).filter(pk=_number(request.POST.get("link", ""))).first()
    if whose is None:
        return page(request, "people", {"refused": w("people_only")}, 403)
    try:
        link = actions.password_link(whose, person, now)
    except Refused as refused:
        return _page(request, person, now, {"refused": refused.said(spoken())}, 409)
    return _page(request, person, now, {"link": link, "told": w("link_made", name=whose.name)})


def _number(said: str) -> int:
    return int(said) if said.isascii() and said.isdigit() and len(said) < 19 else 0


def _reset(request: HttpRequest, person: Person, do: str, number: int, now: datetime) -> HttpResponse:
    """ask <person>, confirm <reset>, decline <reset>."""
    try:
        if do == "ask":
            whose = staff_of(person, now).filter(pk=number).first()
            if whose is None:
                raise Refused("reset_not_yours")
            resets.ask(whose, person, now)
            return _page(request, person, now, {"told": w("reset_asked")})
        found = next((each for each in resets.waiting(person, now) if each.pk == number), None)
        if found is None or do not in ("confirm", "decline"):
            raise Refused("reset_over")
        if do == "decline":
            resets.decline(found, person, now)
            return _page(request, person, now, {"told": w("reset_declined")})
        resets.confirm(found, person, now)
        return _page(request, person, now, {"told": w("reset_done", name=found.person.name)})
    except Refused as refused:
        return _page(request, person, now, {"refused": refused.said(spoken())}, 409)


def _waits(reset: Reset, person: Person) -> dict[str, Any]:
    return {"reset": reset, "own": reset.by_id == person.pk}


@lifting  # whose sign-ins these are, `staff_of` has decided
def _page(
    request: HttpRequest, person: Person, now: datetime, more: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    q = (request.POST.get("q") or request.GET.get("q") or "").replace("\0", "").strip()[:60]
    strong = Authenticator.objects.filter(user=OuterRef("pk"), type__in=proof.STRONG)
    staff = staff_of(person, now).annotate(strong=Exists(strong))
    if q:
        staff = staff.filter(Q(name__icontains=q) | Q(login__icontains=q))
    may = set(staff_of(person, now, MAKE).values_list("pk", flat=True))
    shown = list(staff.order_by("name", "pk")[:MOST])
    governed, waiting = governs(person, now), resets.waiting(person, now)
    asked = {each.person_id for each in waiting}
    rows = [
        {
            "person": each,
            "may": each.pk in may and each.is_active,
            "may_reset": bool(governed) and each.strong and each.pk not in asked
            and resets.may(person, each, now, governed),
        }
        for each in shown
    ]  # fmt: skip
    told = history(SignIn.objects.filter(person__in=[each.pk for each in shown]))
    waits = [_waits(each, person) for each in waiting]
    said = {"rows": rows, "history": told, "q": q, "waits": waits, "resets": bool(governed), **(more or {})}
    return page(request, "people", said, status)
