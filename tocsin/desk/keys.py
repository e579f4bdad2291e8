"""/desk/keys/: my staff API keys. Made with scopes and an end, shown once, revoked by their holder."""

from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tocsin.desk.people import number_in, page, say
from tocsin.lib.refused import Refused
from tocsin.locale.choose import spoken
from tocsin.people import staff_keys
from tocsin.people.keys import SCOPES
from tocsin.people.models import Person, StaffKey
from tocsin.people.staff_keys import SAID
from tocsin.signin.fresh import fresh_sign_in


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def keys(request: HttpRequest) -> HttpResponse:
    person: Any = request.user
    if not person.is_superuser and not person.roles.in_force(datetime.now(UTC)).exclude(name="member").exists():
        return page(request, "keys", {"refused": say("only_staff"), "shut": True}, 403)
    if request.method != "POST":
        return _page(request, person)
    if request.POST.get("do", "").startswith("revoke "):
        return _revoke(request, person)
    return _make(request, person)


def _revoke(request: HttpRequest, person: Person) -> HttpResponse:
    staff_keys.revoke(number_in(request.POST["do"].removeprefix("revoke ")), person, datetime.now(UTC))
    return HttpResponseRedirect("/desk/keys/?done=1")


@fresh_sign_in
def _make(request: HttpRequest, person: Person) -> HttpResponse:
    given = request.POST
    scopes = tuple(scope for scope in given.getlist("scopes") if scope in SCOPES)
    try:
        _, key = staff_keys.make(
            person, given.get("name", "").replace("\0", ""), scopes, number_in(given.get("days", "")), datetime.now(UTC)
        )
    except Refused as refused:
        return _page(request, person, {"refused": refused.said(spoken())}, 409)
    return _page(request, person, {"key": key})


def _page(request: HttpRequest, person: Person, more: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    zh, now = spoken() == "zh-hans", datetime.now(UTC)
    rows = [
        {
            "key": key,
            "scopes": [SAID[scope][0 if zh else 1] for scope in key.scopes.split()],
            "over": key.expires_at is not None and key.expires_at <= now,
        }
        for key in StaffKey.objects.filter(person=person, revoked_at=None).order_by("-pk")
    ]
    shown = {
        "rows": rows,
        "scopes": [{"name": name, "said": SAID[name][0 if zh else 1]} for name in SCOPES],
        "told": say("key_revoked") if request.GET.get("done") == "1" else "",
        "days": staff_keys.LONGEST,
    }
    return page(request, "keys", shown | (more or {}), status)
