"""/desk/security/: one's own second factors, recovery codes and password. It is where a password alone leads."""

import re
import time
from functools import wraps
from typing import Any
from urllib.parse import quote

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import clear_totp_secret, get_totp_secret
from allauth.mfa.webauthn.internal import auth as webauthn
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils import timezone
from django.utils.http import base36_to_int
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tocsin.people.models import Person
from tocsin.signin import actions, proof, throttle
from tocsin.signin.entry import NEXT, SET_UP, credential_of
from tocsin.signin.fresh import fresh_sign_in
from tocsin.signin.page import View, address_of, for_half, is_half, page, person_of, signed_in, w

SHOWN = "codes_shown"  # until when this session may read the recovery codes that it made, unix time
SHOWN_FOR = 15 * 60


def _me(request: HttpRequest) -> Person:
    person = person_of(request)
    if person is None:
        raise Http404
    return person


def setting_up(view: View) -> View:
    """For whoever is signed in. A half session may add its first factor; whoever has one proves it first."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_half(request):
            return HttpResponseRedirect("/desk/sign-in/") if _strong(_me(request)) else view(request, *args, **kwargs)
        return guarded(request, *args, **kwargs)

    guarded = fresh_sign_in(view)
    return for_half(signed_in(checked))


def _strong(person: Person) -> Any:
    return Authenticator.objects.filter(user=person, type__in=proof.STRONG)


@for_half
@require_GET
@signed_in
def overview(request: HttpRequest) -> HttpResponse:
    person = _me(request)
    return page(request, "security", _mine(person) | {"to_people": _may_see_others(person), "told": _told(request)})


def _told(request: HttpRequest) -> str:
    key = {"password": "password_done", "last": "last_one"}.get(request.GET.get("done", ""))
    return w(key) if key else ""


def _may_see_others(person: Person) -> bool:
    from tocsin.signin.others import looks_after

    return person.is_superuser or bool(looks_after(person, timezone.now()))


def _mine(person: Person) -> dict[str, Any]:
    kinds: dict[str, list[Authenticator]] = {}
    for each in Authenticator.objects.filter(user=person).order_by("created_at"):
        kinds.setdefault(each.type, []).append(each)
    codes = kinds.get(Authenticator.Type.RECOVERY_CODES)
    keys = [
        {"pk": k.pk, "name": k.wrap().name, "added": k.created_at, "used": k.last_used_at}
        for k in kinds.get(Authenticator.Type.WEBAUTHN, [])
    ]
    totp = next(iter(kinds.get(Authenticator.Type.TOTP, [])), None)
    left = len(codes[0].wrap().get_unused_codes()) if codes else 0
    return {
        "keys": keys,
        "totp": totp,
        "codes_left": w("codes_left", n=left) if codes else "",
        "strong": bool(keys or totp),
        "has_password": person.has_usable_password(),
    }


def _complete(request: HttpRequest, person: Person, kind: str, how: str) -> str:
    """A factor was added in this session, which proves it: the session is whole. Returns where it goes on."""
    actions.write_down(person, how, timezone.now(), person, address_of(request))
    if is_half(request):
        record_authentication(request, person, "mfa", type=kind)
        before = request.session.session_key
        request.session["since"] = int(time.time())
        request.session.set_expiry(settings.SESSION_COOKIE_AGE)
        request.session.cycle_key()
        UserSession.objects.filter(session_key=before).update(session_key=request.session.session_key)
    if Authenticator.objects.filter(user=person, type=Authenticator.Type.RECOVERY_CODES).exists():
        return _onwards(request)
    _make_codes(request, person)
    return "/desk/security/codes/"


def _onwards(request: HttpRequest) -> str:
    to: str = request.session.pop(NEXT, SET_UP)
    return to


# ── authenticator app ───────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
@setting_up
def totp(request: HttpRequest) -> HttpResponse:
    person, wrong = _me(request), ""
    sent = request.POST.get("code") if request.method == "POST" else None
    secret = get_totp_secret(regenerate=sent is None)
    if sent is not None:
        if proof.add_totp(person, secret, sent):
            clear_totp_secret(request)
            return HttpResponseRedirect(_complete(request, person, "totp", "totp_added"))
        wrong = w("totp_wrong")
    url = get_adapter().build_totp_url(person, secret)
    spaced = " ".join(re.findall(".{1,4}", secret))
    return page(request, "totp", {"svg": get_adapter().build_totp_svg(url), "secret": spaced, "wrong": wrong})


@require_POST
@signed_in
@fresh_sign_in
def totp_remove(request: HttpRequest) -> HttpResponse:
    return _remove(request, "totp_removed", type=Authenticator.Type.TOTP)


# ── passkeys ────────────────────────────────────────────────────────────────


@require_GET
@setting_up
def passkey_add(request: HttpRequest) -> HttpResponse:
    return page(request, "passkey")


@require_http_methods(["GET", "POST"])
@setting_up
def passkey_make(request: HttpRequest) -> HttpResponse:
    """GET: what the device is to make. POST `name`, `credential`: what it made; {"to"}, or 422."""
    person = _me(request)
    if request.method == "GET":
        return JsonResponse(webauthn.begin_registration(person, passwordless=True))
    name = request.POST.get("name", "").replace("\0", "").strip()[:60] or w("passkey_plain")
    if proof.add_passkey(person, name, credential_of(request)) is None:
        return JsonResponse({"detail": w("passkey_add_failed")}, status=422)
    return JsonResponse({"to": _complete(request, person, "webauthn", "passkey_added")})


@require_POST
@signed_in
@fresh_sign_in
def passkey_remove(request: HttpRequest, pk: str) -> HttpResponse:
    return _remove(request, "passkey_removed", type=Authenticator.Type.WEBAUTHN, pk=int(pk))


def _remove(request: HttpRequest, how: str, **which: Any) -> HttpResponse:
    person = _me(request)
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)  # two removals at once do not leave nothing
        found = Authenticator.objects.filter(user=person, **which).first()
        if found is None:
            raise Http404
        others = _strong(person).exclude(pk=found.pk).exists()
        if not others and not settings.DEMO:
            return HttpResponseRedirect(f"{SET_UP}?done=last")
        found.delete()
        if not others:
            Authenticator.objects.filter(user=person).delete()  # recovery codes alone are no second factor
        actions.write_down(person, how, timezone.now(), person, address_of(request))
    return HttpResponseRedirect(SET_UP)


# ── recovery codes ──────────────────────────────────────────────────────────


def _make_codes(request: HttpRequest, person: Person) -> None:
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)
        Authenticator.objects.filter(user=person, type=Authenticator.Type.RECOVERY_CODES).delete()
        RecoveryCodes.activate(person)
        actions.write_down(person, "codes_made", timezone.now(), person, address_of(request))
    request.session[SHOWN] = int(time.time()) + SHOWN_FOR


def _codes(request: HttpRequest, person: Person) -> list[str]:
    """The codes, while this session that made them may read them."""
    if request.session.get(SHOWN, 0) < time.time():
        return []
    found = Authenticator.objects.filter(user=person, type=Authenticator.Type.RECOVERY_CODES).first()
    return [f"{code[:4]} {code[4:]}" for code in found.wrap().get_unused_codes()] if found else []


@require_GET
@signed_in
def codes(request: HttpRequest) -> HttpResponse:
    return page(request, "codes", {"codes": _codes(request, _me(request))})


@require_POST
@signed_in
@fresh_sign_in
def codes_make(request: HttpRequest) -> HttpResponse:
    person = _me(request)
    if not _strong(person).exists():
        return HttpResponseRedirect(SET_UP)
    _make_codes(request, person)
    return HttpResponseRedirect("/desk/security/codes/")


@require_POST
@signed_in
def codes_kept(request: HttpRequest) -> HttpResponse:
    """They are kept: nobody reads them here any more."""
    request.session.pop(SHOWN, None)
    return HttpResponseRedirect(_onwards(request))


@require_GET
@signed_in
def codes_text(request: HttpRequest) -> HttpResponse:
    person = _me(request)
    found = _codes(request, person)
    if not found:
        raise Http404
    head = w("codes_file", login=person.login or "", date=timezone.now().strftime("%Y-%m-%d"))
    answer = HttpResponse("\n".join([head, "", *found, ""]), content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="tocsin-recovery-codes.txt"'
    return answer


# ── password ────────────────────────────────────────────────────────────────

UNFIT = {"password_too_short": "password_short", "password_too_common": "password_common"}


def _unfit(request: HttpRequest, person: Person) -> str:
    """What is wrong with the new password of the form, or ""."""
    new = request.POST.get("new", "")
    if new != request.POST.get("repeat", ""):
        return w("password_differ")
    if len(new) > proof.LONGEST_PASSWORD or "\0" in new:
        return w("password_unfit")
    try:
        validate_password(new, person)
    except ValidationError as error:
        keys = [UNFIT.get(str(each.code), "password_unfit") for each in error.error_list]
        return (" " if request.LANGUAGE_CODE == "en" else "").join(dict.fromkeys(w(key) for key in keys))
    return ""


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def password(request: HttpRequest) -> HttpResponse:
    person, wrong, status = _me(request), "", 200
    if request.method == "POST" and person.has_usable_password():
        try:
            row = throttle.begin(person.login or "", address_of(request), "again_password", timezone.now())
        except throttle.TooMany as many:
            wrong, status = w("slow", minutes=many.minutes), 429
        else:
            if not proof.by_password(person.login or "", request.POST.get("old", ""))[1]:
                throttle.failed(row, person)
                wrong = w("password_old_wrong")
            else:
                throttle.passed(row, person)
                wrong = _unfit(request, person)
        if not wrong:
            here = request.session.session_key
            actions.set_password(person, request.POST["new"], timezone.now(), address_of(request), but=here)
            update_session_auth_hash(request, person)
            UserSession.objects.filter(session_key=here).update(session_key=request.session.session_key)
            return HttpResponseRedirect(f"{SET_UP}?done=password")
    return page(request, "password", {"wrong": wrong, "has_password": person.has_usable_password()}, status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def password_by_link(request: HttpRequest, whose: str, token: str) -> HttpResponse:
    """The one-time link of an administrator: whoever has it sets the password, once."""
    person = Person.objects.filter(pk=base36_to_int(whose), is_active=True).exclude(login=None).first()
    if person is None or not actions.tokens.check_token(person, token):
        return page(request, "new_password", {"dead": True}, 410)
    wrong = _unfit(request, person) if request.method == "POST" else ""
    if request.method == "POST" and not wrong:
        actions.set_password(person, request.POST["new"], timezone.now(), address_of(request))
        return HttpResponseRedirect(f"/desk/sign-in/?set=1&login={quote(person.login or '')}")
    # no "no-referrer" here: with it a browser sends `Origin: null`, and Django refuses the form as forged
    return page(request, "new_password", {"wrong": wrong, "login": person.login})
