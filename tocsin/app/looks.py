"""Who looked at me, in the member's app."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from tocsin.app.asking import device_of, reply, trouble
from tocsin.lib.buckets import Buckets
from tocsin.locale.choose import spoken
from tocsin.looks import say

_looks = Buckets(burst=60, rate=1)  # by person


@require_GET
def looks(request: HttpRequest) -> HttpResponse:
    """Who, in which role and center, when, what and why; the newest first. Not what concerns a silent alarm: it leaves
    no trace on the phone."""
    phone = device_of(request)
    if phone is None or phone.person is None:
        return trouble(401)
    if not _looks.take(phone.person.pk):
        return trouble(429)
    return reply({"items": say.at_me(phone.person, spoken()), "now": datetime.now(UTC)})
