"""`fresh_sign_in`: for a grave act, prove again who you are.

Whoever proved it within the last 5 minutes, by signing in or by being asked, goes straight on. Put it on whatever
exports, erases, gives a role, changes a plan:

    @fresh_sign_in                        a page of Django's (put `login_required` above it)
    def export(request): ...

    @router.post("/plans")                a call of the API: below the router's decorator
    @fresh_sign_in
    def add(request, body): ...

- A page that was asked for (GET) leads to /desk/sign-in/again/ and from there back to itself.
- A form that was sent (POST) is answered with the question, which carries the form's fields along: the right answer
  does what was wanted. Files are not carried: ask on the page before the form as well.
- A call of the API is answered 403 with `reason: "sign_in_again"` and `methods`; the desk asks in a dialog and calls
  again (`web/src/desk/api.ts`). Other callers prove at POST /desk/sign-in/again/.
- A staff key is no session: what its holder may do, it may do at once.
"""

import functools
import time
from collections.abc import Callable
from typing import Any, TypeVar, cast
from urllib.parse import quote

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from tocsin.lib.problem import problem
from tocsin.locale.choose import spoken
from tocsin.people.models import Person
from tocsin.people.sessions import proofs
from tocsin.signin import proof, throttle
from tocsin.signin.page import address_of, page, person_of, w

FRESH = 5 * 60
PASSWORD, CODE = "again_password", "again_code"  # the fields of the question
F = TypeVar("F", bound=Callable[..., Any])


def is_fresh(request: HttpRequest) -> bool:
    """Whether the person proved within the last 5 minutes who they are."""
    person = person_of(request)
    told = proofs(request.session, person.pk) if person else []
    return bool(told) and time.time() - float(told[-1].get("at", 0)) < FRESH


def methods(person: Person) -> list[str]:
    """How this person can prove it: password, totp, passkey."""
    there = set(Authenticator.objects.filter(user=person).values_list("type", flat=True))
    ways = (
        ("password", person.has_usable_password()),
        ("totp", Authenticator.Type.TOTP in there),
        ("passkey", Authenticator.Type.WEBAUTHN in there),
    )
    return [name for name, usable in ways if usable]


def prove(request: HttpRequest, person: Person) -> str | None:
    """Look at the question's fields; None when it is proven, else what is wrong, in the reader's words."""
    password, code = request.POST.get(PASSWORD, ""), request.POST.get(CODE, "")
    if not password and not code:
        return w("again_fill")
    how = "password" if password else "totp"
    try:
        row = throttle.begin(person.login or "", address_of(request), f"again_{how}", timezone.now())
    except throttle.TooMany as many:
        return w("slow", minutes=many.minutes)
    right = proof.by_password(person.login or "", password)[1] if password else proof.by_code(person, code, False)
    if not right:
        throttle.failed(row, person)
        return w("again_wrong")
    throttle.passed(row, person)
    if password:
        record_authentication(request, person, "password", reauthenticated=True)
    else:
        record_authentication(request, person, "mfa", type="totp", reauthenticated=True)
    return None


def fresh_sign_in(view: F) -> F:
    @functools.wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        person = person_of(request)
        if getattr(request, "by_key", False) or person is None or is_fresh(request):
            return view(request, *args, **kwargs)
        if hasattr(request, "auth"):
            return _call(person)
        if request.method != "POST":
            return HttpResponseRedirect(f"/desk/sign-in/again/?next={quote(request.get_full_path())}")
        wrong = prove(request, person) if PASSWORD in request.POST or CODE in request.POST else ""
        if wrong is None:
            return view(request, *args, **kwargs)
        return question(request, person, wrong)

    return cast(F, asked)


def question(request: HttpRequest, person: Person, wrong: str = "", then: str = "") -> HttpResponse:
    """The page that asks, with the fields of what is to be done; 403, for it is not done yet."""
    ours = ("csrfmiddlewaretoken", PASSWORD, CODE)
    carried = [(name, value) for name, values in request.POST.lists() if name not in ours for value in values]
    shown = {"wrong": wrong, "methods": methods(person), "carried": [] if then else carried, "then": then}
    return page(request, "again", shown, status=403)


def _call(person: Person) -> HttpResponse:
    content = problem(403, spoken(), w("again_why"), reason="sign_in_again", methods=methods(person))
    return HttpResponse(content, status=403, content_type="application/problem+json")
