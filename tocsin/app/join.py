"""/join/: somebody applies, proves their number, and reads what became of it. Plain pages that work without scripts.

The answers for a number that a member has are those for any other, until whoever applies has proved that it is theirs.
"""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tocsin.centers.models import Center
from tocsin.enrolment import actions, codes, consents
from tocsin.enrolment.models import Application, Invitation, State
from tocsin.enrolment.words import JOIN, SPOKEN
from tocsin.lib.buckets import Buckets
from tocsin.lib.refused import Refused
from tocsin.lib.sealed import Unopened
from tocsin.locale.choose import spoken
from tocsin.people.codes import e164

_by_address = Buckets(burst=120, rate=1)


def _shown(**more: Any) -> dict[str, Any]:
    zh = spoken() == "zh-hans"
    said = {key: pair[0 if zh else 1] for key, pair in JOIN.items()}
    return {
        "w": said, "html_lang": "zh-Hans" if zh else "en", "other_lang": "en" if zh else "zh-hans",
        "demo": settings.DEMO, **more,
    }  # fmt: skip


@never_cache
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, invited: str = "") -> HttpResponse:
    """The form. `invited`: the token of an invitation's link."""
    now, w = datetime.now(UTC), _shown()["w"]
    if not _by_address.take(request.META.get("REMOTE_ADDR")):
        return render(request, "enrolment/join.html", _form(request, None, invited, {"": w["too_fast"]}), status=429)
    invitation = actions.invitation_of(invited, now) if invited else None
    if request.method != "POST":
        return render(request, "enrolment/join.html", _form(request, invitation, invited))
    wrong, given = _read(request, invitation)
    if not wrong:
        place = str(request.META.get("REMOTE_ADDR") or "")[:45]
        try:
            _, token = actions.apply(at=now, place=place, invitation=invitation, **given)
            return HttpResponseRedirect(f"/join/{token}/")
        except Refused as error:
            wrong = {"": error.said(spoken())}
    return render(request, "enrolment/join.html", _form(request, invitation, invited, wrong), status=422)


def _read(request: HttpRequest, invitation: Invitation | None) -> tuple[dict[str, str], dict[str, Any]]:
    """(field → what is wrong with it, what was given)"""
    post, w = request.POST, _shown()["w"]
    wrong: dict[str, str] = {}
    name = " ".join(post.get("name", "").replace("\0", "").split())[:120]
    if not name:
        wrong["name"] = w["wrong_name"]
    phone = e164(post.get("phone", "")[:40])
    if phone is None:
        wrong["phone"] = w["wrong_phone"]
    center = invitation.center if invitation else Center.objects.filter(code=post.get("center", "")[:40]).first()
    if center is None:
        wrong["center"] = w["wrong_center"]
    agreed = consents.given({key[5:]: value for key, value in post.dict().items() if key.startswith("read-")})
    if agreed is None:
        wrong["consent"] = w["wrong_consent"]
    given = {
        "name": name,
        "phone": phone,
        "center": center,
        "language": "en" if post.get("language") == "en" else "zh-hans",
        "languages": [code for code in SPOKEN if code in post.getlist("speaks")],
        "consents": agreed,
    }
    return wrong, given


def _form(
    request: HttpRequest, invitation: Invitation | None, invited: str, wrong: dict[str, str] | None = None
) -> dict[str, Any]:
    language, post = spoken(), request.POST
    shown = _shown()
    w = shown["w"]
    center = invitation.center.name(language) if invitation else ""
    return shown | {
        "wrong": wrong or {},
        "wrong_all": (wrong or {}).get("", ""),
        "given": {key: post.get(key, "") for key in ("name", "phone", "center")},
        "language": post.get("language") or language,
        "centers": [] if invitation else [(c.code, c.name(language)) for c in Center.objects.order_by("code")],
        "invited": w["invited"].format(center=center) if invitation else "",
        "at_once": bool(invitation and invitation.admits),
        "link_over": bool(invited) and invitation is None,
        "speaks": [(code, name, code in post.getlist("speaks")) for code, name in SPOKEN.items()],
        "consents": [
            {"name": f"read-{c.name}", "version": c.version, "label": c.label, "text": c.text.split("\n\n"),
             "said": w["version"].format(n=c.version), "ticked": post.get(f"read-{c.name}") == str(c.version)}
            for c in consents.shown(language)
        ],
    }  # fmt: skip


@never_cache
@require_http_methods(["GET", "POST"])
def status(request: HttpRequest, token: str) -> HttpResponse:
    """The applicant's own page: the code, then what became of it."""
    now = datetime.now(UTC)
    if not _by_address.take(request.META.get("REMOTE_ADDR")):
        return render(request, "enrolment/status.html", _shown(refused=_shown()["w"]["too_fast"]), status=429)
    found = actions.by_token(token)
    if found is None:
        return render(request, "enrolment/status.html", _shown(gone=True), status=404)
    refused = said = ""
    if request.method == "POST":
        try:
            if request.POST.get("do") == "again":
                actions.code_again(found.pk, now)
                said = _shown()["w"]["again_sent"]
            else:
                actions.confirm(found.pk, request.POST.get("code", "")[:12], now)
                return HttpResponseRedirect(f"/join/{token}/")
        except Refused as error:
            refused = error.said(spoken())
        found = actions.by_token(token) or found
    shown = _said(found) | {"refused": refused, "said": said}
    return render(request, "enrolment/status.html", _shown(**shown), status=422 if refused else 200)


def _said(found: Application) -> dict[str, Any]:
    w, center = _shown()["w"], found.center.name(spoken())
    try:
        phone, reason = str(found.phone), str(found.reason or "")
        code = codes.code_of(found) if settings.DEMO and found.state == State.UNCONFIRMED else ""
    except Unopened:
        phone = reason = code = ""
    return {
        "state": found.state,
        "code_sent": w["code_sent"].format(phone=phone),
        "demo_code": code,
        "waiting_why": w["waiting_why"].format(center=center),
        "declined_why": w["declined_why"].format(center=center),
        "reason": reason,
        "center_phone": found.center.phone,
    }
