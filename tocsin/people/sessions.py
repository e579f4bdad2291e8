"""Whether a session was opened with a second factor.

django-allauth keeps in the session how its person proved who they are: a list of `{"method": "password" | "mfa",
"at": unix time, "type": "totp" | "recovery_code" | "webauthn", …}`, and whose list it is. A session with a password
alone is a half: it opens nothing but the pages on which a second factor is set up (`tocsin/signin/middleware.py`).
"""

from collections.abc import Mapping
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.conf import settings

WHOSE = f"{AUTHENTICATION_METHODS_SESSION_KEY}_user"


def proofs(session: Any, person: int | None) -> list[Mapping[str, Any]]:
    """How this person proved in this session who they are, the oldest first."""
    found = session.get(AUTHENTICATION_METHODS_SESSION_KEY)
    if person is None or session.get(WHOSE) != str(person) or not isinstance(found, list):
        return []
    return found


def is_whole(session: Any, person: int | None) -> bool:
    """Whether the session opens what its person may see. In the demo a password is enough."""
    return settings.DEMO or any(each.get("method") == "mfa" for each in proofs(session, person))
