"""What the pages of the sign-in share: their words, the address of who asks, and where it goes on."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache

from tocsin.locale.choose import spoken
from tocsin.people.models import Person
from tocsin.people.sessions import is_whole
from tocsin.signin.words import HOW, WORDS

DESK = "/desk/"


def is_zh() -> bool:
    return spoken() == "zh-hans"


def w(key: str, **values: object) -> str:
    return WORDS[key][0 if is_zh() else 1].format(**values)


def how_said(how: str) -> str:
    pair = HOW.get(how)
    return how if pair is None else pair[0 if is_zh() else 1]


def page(request: HttpRequest, name: str, shown: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    zh = is_zh()
    said: dict[str, Any] = {
        "w": {key: pair[0 if zh else 1] for key, pair in WORDS.items()},
        "html_lang": "zh-Hans" if zh else "en",
        "other_lang": "en" if zh else "zh-hans",
        "demo": settings.DEMO,
        "half": is_half(request),
    }
    return render(request, f"signin/{name}.html", said | (shown or {}), status=status)


def address_of(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR") or "0.0.0.0")


def person_of(request: HttpRequest) -> Person | None:
    user: Any = request.user
    return user if user.is_authenticated else None


def is_half(request: HttpRequest) -> bool:
    """Signed in with a password alone, where a second factor is needed."""
    person = person_of(request)
    return person is not None and not is_whole(request.session, person.pk)


def going_to(request: HttpRequest) -> str:
    """`next` of the address or the form, if it is a page of ours; else the desk."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    fine = wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, require_https=request.is_secure()
    )
    return wanted if fine else DESK


View = Callable[..., HttpResponse]


def for_half(view: View) -> View:
    """A page that opens with a password alone: where a second factor is set up, and the way out. All others do not."""
    view.for_half = True  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """For whoever is signed in, to whatever half; others go to the sign-in. Nothing of it is kept by a browser."""
    from django.contrib.auth.decorators import login_required

    return never_cache(login_required(view))
