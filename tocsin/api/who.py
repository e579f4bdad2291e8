"""Who is asking the API: a staff key, or the desk's session (then Django's CSRF check applies)."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer, SessionAuth

from tocsin.api.scopes import scope_of
from tocsin.incidents.standing import stand
from tocsin.people.keys import person_of_key
from tocsin.people.models import Person


class StaffKeyAuth(HttpBearer):
    """`Authorization: Bearer <staff key>`. Raises OutOfScope for a key that is not for this call (403)."""

    def authenticate(self, request: HttpRequest, token: str) -> Person | None:
        person = person_of_key(token, datetime.now(UTC), scope_of(request.method or "", request.path))
        if person is not None:
            stand(person, datetime.now(UTC))
        request.by_key = person is not None  # type: ignore[attr-defined]  # then nobody is asked again: signin/fresh.py
        return person


class DeskSession(SessionAuth):
    """The session cookie of the desk, with `X-CSRFToken` on every verb."""

    def authenticate(self, request: HttpRequest, key: str | None) -> Person | None:
        user: Any = request.user
        return user if user.is_authenticated and user.is_active else None
