"""Who is asking the API: a staff key, or the desk's session (then Django's CSRF check applies)."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer, SessionAuth

from tocsin.people.keys import person_of_key
from tocsin.people.models import Person


class StaffKeyAuth(HttpBearer):
    """`Authorization: Bearer <staff key>`."""

    def authenticate(self, request: HttpRequest, token: str) -> Person | None:
        return person_of_key(token, datetime.now(UTC))


class DeskSession(SessionAuth):
    """The session cookie of the desk, with `X-CSRFToken` on every verb."""

    def authenticate(self, request: HttpRequest, key: str | None) -> Person | None:
        user: Any = request.user
        return user if user.is_authenticated and user.is_active else None
