"""Views whose address is the permission: who guesses is slowed down, and no such address gets into our log."""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse

from tocsin.lib.buckets import Buckets
from tocsin.locale.nowhere import missing

_guesses = Buckets(burst=60, rate=1)  # by network address, as at the door
View = Callable[..., HttpResponse]


def guarded(view: View) -> View:
    """404 is a guess, as an answer or as Http404; a good address is answered however many were guessed beside it."""

    @wraps(view)
    def inner(request: HttpRequest, **named: str) -> HttpResponse:
        try:
            response = view(request, **named)
        except Http404:
            response = missing(request)
        if response.status_code == 404 and not _guesses.take(request.META.get("REMOTE_ADDR")):
            response = HttpResponse(status=429, headers={"Retry-After": "5"})
        response._has_been_logged = True  # type: ignore[attr-defined]  # else Django logs the path of each 4xx and 5xx
        return response

    return inner
