"""/desk/security/sign-ins/: where I am signed in, how to end it, and what was tried in my name."""

import re
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from tocsin.people.models import Person
from tocsin.signin import actions
from tocsin.signin.models import SignIn
from tocsin.signin.page import address_of, how_said, page, person_of, signed_in

HERE = "/desk/security/sign-ins/"
MOST = 100
#: How browsers and systems write themselves, the more special before the general (MDN, "User-Agent").
BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
            ("Chrome", "Chrome"), ("CriOS", "Chrome"), ("Safari", "Safari"))  # fmt: skip
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
           ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"))  # fmt: skip


def browser_of(agent: str) -> str:
    """ "Chrome 139, Windows"; what is no browser by its first word."""
    system = next((said for sign, said in SYSTEMS if sign in agent), "")
    for sign, said in BROWSERS:
        if sign in agent:
            version = re.search(rf"(?:{re.escape(sign)}\w*/?|Version/)(\d+)", agent)
            return ", ".join(filter(None, (f"{said} {version[1]}" if version else said, system)))
    return agent.split(" ", maxsplit=1)[0][:40] or "?"


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def sign_ins(request: HttpRequest) -> HttpResponse:
    person: Any = person_of(request)
    here = request.session.session_key
    if request.method == "POST":
        return _end(request, person, here or "")
    rows = []
    for each in sorted(UserSession.objects.purge_and_list(person), key=lambda s: s.last_seen_at, reverse=True):
        rows.append({"session": each, "browser": browser_of(each.user_agent), "here": each.session_key == here})
    shown = {"rows": rows, "others": len(rows) > 1, "history": history(SignIn.objects.filter(person=person))}
    return page(request, "sessions", shown | {"ended": request.GET.get("ended") == "1"})


def _end(request: HttpRequest, person: Person, here: str) -> HttpResponse:
    now, chosen = timezone.now(), request.POST.get("end", "")
    if chosen == "others":
        ended = actions.end_all(person, but=here)
    else:
        number = int(chosen) if re.fullmatch(r"\d{1,18}", chosen) else 0
        keys = list(UserSession.objects.filter(user=person, pk=number).values_list("session_key", flat=True))
        if here in keys:
            logout(request)
            return HttpResponseRedirect("/desk/sign-in/")
        ended = actions.end(person, keys)
    if ended:
        actions.write_down(person, "ended", now, person, address_of(request))
    return HttpResponseRedirect(f"{HERE}?ended=1")


def history(rows: Any) -> list[dict[str, Any]]:
    return [
        {"row": row, "how": how_said(row.how), "by": row.by if row.by_id != row.person_id else None}
        for row in rows.select_related("person", "by").order_by("-pk")[:MOST]
    ]
