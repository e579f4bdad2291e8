"""Which language a page is in: the signed-in person's, the cookie's, else the browser's."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from tocsin.lib.words import Language, language_of

COOKIE = "tocsin_language"


def spoken() -> Language:
    """The language of the request that is being answered."""
    return language_of(translation.get_language())


class ChooseLanguage:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.GET.get("lang") or request.COOKIES.get(COOKIE) or request.headers.get("Accept-Language")
        language = language_of(chosen)
        translation.activate(language)
        request.LANGUAGE_CODE = language
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        if "lang" in request.GET and not request.path.startswith("/api/"):
            secure = settings.SESSION_COOKIE_SECURE
            response.set_cookie(COOKIE, language, max_age=365 * 86400, samesite="Lax", secure=secure)
        return response
