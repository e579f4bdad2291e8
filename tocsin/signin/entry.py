"""/desk/sign-in/: the way in. Password and code, or a passkey; nothing here tells whether a login exists."""

from typing import Any
from urllib.parse import quote

import msgspec
from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login import perform_login, perform_password_login, record_authentication
from allauth.account.internal.stagekit import clear_login
from allauth.account.models import Login
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.webauthn.internal import auth as webauthn
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from tocsin.lib.buckets import Buckets
from tocsin.people.models import Person
from tocsin.signin import fresh, proof, throttle
from tocsin.signin.middleware import HALF
from tocsin.signin.models import SignIn
from tocsin.signin.page import address_of, for_half, going_to, is_half, page, person_of, signed_in, w

SET_UP = "/desk/security/"
NEXT = "signin_next"
_challenges = Buckets(burst=60, rate=1)


@for_half
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _password(request)
    person = person_of(request)
    if person is not None and is_half(request):
        if not Authenticator.objects.filter(user=person, type__in=proof.STRONG).exists():
            return HttpResponseRedirect(SET_UP)
        _leave(request)  # set up elsewhere meanwhile: sign in with it
    return _form(request, request.GET.get("login", ""))


def _form(request: HttpRequest, login: str, wrong: str = "", status: int = 200) -> HttpResponse:
    shown = {"login": login[:60], "next": going_to(request), "wrong": wrong, "slow": status == 429}
    return page(request, "sign_in", shown | {"set": request.GET.get("set") == "1"}, status)


def _password(request: HttpRequest) -> HttpResponse:
    login = request.POST.get("username", "").replace("\0", "").strip()[:60]
    try:
        row = throttle.begin(login, address_of(request), "password", timezone.now())
    except throttle.TooMany as many:
        return _form(request, login, w("slow", minutes=many.minutes), 429)
    person, right = proof.by_password(login, request.POST.get("password", ""))
    if person is None or not right:
        throttle.failed(row, person)
        return _form(request, login, w("wrong"))
    throttle.passed(row, person)
    _leave(request)
    to = going_to(request)
    response: HttpResponse = perform_password_login(request, {}, Login(user=person, redirect_url=to))
    if is_half(request):
        request.session[NEXT] = to
        request.session.set_expiry(HALF)
        return HttpResponseRedirect(SET_UP)
    return response


def _leave(request: HttpRequest) -> None:
    """Whoever was signed in here is so no more; a sign-in that was begun is forgotten."""
    if request.user.is_authenticated:
        logout(request)
    clear_login(request)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_stage_required(stage=AuthenticateStage.key, redirect_urlname="account_login")  # type: ignore[untyped-decorator]
def code(request: HttpRequest) -> HttpResponse:
    """The second step behind the password."""
    stage: Any = request._login_stage  # type: ignore[attr-defined]
    person: Person = stage.login.user
    if not person.is_active:
        clear_login(request)
        return HttpResponseRedirect("/desk/sign-in/")
    kinds = set(Authenticator.objects.filter(user=person).values_list("type", flat=True))
    shown = {"passkey": Authenticator.Type.WEBAUTHN in kinds, "next": stage.login.redirect_url}
    if request.method != "POST":
        return page(request, "code", shown)
    try:
        row = throttle.begin(person.login or "", address_of(request), "totp", timezone.now())
    except throttle.TooMany as many:
        return page(request, "code", shown | {"wrong": w("slow", minutes=many.minutes)}, 429)
    how = proof.by_code(person, request.POST.get("code", ""))
    if how is None:
        throttle.failed(row, person)
        return page(request, "code", shown | {"wrong": w("code_wrong")})
    throttle.passed(row, person, how)
    record_authentication(request, person, "mfa", type=how)
    done: HttpResponse = stage.exit()
    return done


@for_half
@never_cache
@require_http_methods(["GET", "POST"])
def passkey(request: HttpRequest) -> HttpResponse:
    """GET: a challenge. POST `credential`: the answer to it; {"to": where it goes on}, or 422."""
    if request.method == "GET":
        return challenge(request)
    found = proof.by_passkey(credential_of(request))
    if found is None:
        return JsonResponse({"detail": w("passkey_failed")}, status=422)
    person: Any = found.user
    to = going_to(request)
    _leave(request)
    write(request, person, "passkey")
    record_authentication(request, person, "mfa", type="webauthn", id=found.pk, passwordless=True)
    perform_login(request, Login(user=person, redirect_url=to))
    return JsonResponse({"to": to})


def challenge(request: HttpRequest, person: Person | None = None) -> HttpResponse:
    if not _challenges.take(throttle.place_of(address_of(request))):
        return JsonResponse({"detail": w("slow", minutes=1)}, status=429)
    return JsonResponse(webauthn.begin_authentication(person))


def credential_of(request: HttpRequest) -> Any:
    try:
        return msgspec.json.decode(request.POST.get("credential", ""))
    except (msgspec.DecodeError, UnicodeError):
        return None


def write(request: HttpRequest, person: Person, how: str) -> None:
    address = address_of(request)
    place = throttle.place_of(address)
    SignIn.objects.create(
        person=person, login=person.login or "", at=timezone.now(), address=address, place=place, how=how, ok=True
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def again(request: HttpRequest) -> HttpResponse:
    """Prove it once more, then go on to `next`. Who asks for JSON (the desk's dialog) gets {"to"}, or 422."""
    person = person_of(request)
    assert person is not None
    to = going_to(request)
    if request.method != "POST":
        return fresh.question(request, person, then=to)
    wrong = fresh.prove(request, person)
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"detail": wrong} if wrong else {"to": to}, status=422 if wrong else 200)
    return fresh.question(request, person, wrong, then=to) if wrong else HttpResponseRedirect(to)


@require_http_methods(["GET", "POST"])
@signed_in
def again_passkey(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    assert person is not None
    if request.method == "GET":
        return challenge(request, person)
    found = proof.by_passkey(credential_of(request), person)
    if found is None:
        return JsonResponse({"detail": w("passkey_failed")}, status=422)
    write(request, person, "again_passkey")
    record_authentication(request, person, "mfa", type="webauthn", id=found.pk, reauthenticated=True)
    return JsonResponse({"to": going_to(request)})


@for_half
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    _leave(request)
    return HttpResponseRedirect("/desk/sign-in/")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def admin_door(request: HttpRequest) -> HttpResponse:
    """Django's own pages have no sign-in of their own: it is this one."""
    to = request.GET.get("next", "/admin/")
    return HttpResponseRedirect(f"/desk/sign-in/?next={quote(to)}")


def admin_password(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect("/desk/security/password/")
