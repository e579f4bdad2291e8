"""Pages and API while the database is away: 503 with Retry-After, not a crash."""

from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse

from tocsin.lib.problem import problem
from tocsin.lib.words import in_language
from tocsin.locale.choose import spoken

DETAIL = ("数据库暂时不可用，请稍后再试", "The database is away for the moment: try again shortly")


class DatabaseAway:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, OperationalError | InterfaceError):
            return None
        language = spoken()
        content = problem(503, language, in_language(DETAIL, language))
        headers = {"Retry-After": "2", "Cache-Control": "no-store"}
        return HttpResponse(content, status=503, content_type="application/problem+json", headers=headers)
