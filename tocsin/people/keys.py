"""Who is asking: a staff key or a session cookie becomes a person."""

from datetime import datetime
from http.cookies import CookieError, SimpleCookie
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db.models import Q
from django.utils.crypto import constant_time_compare

from tocsin.lib.secrets import digest
from tocsin.people.models import Person, StaffKey


def person_of_key(key: str, at: datetime) -> Person | None:
    """The person of a staff key that is neither revoked nor expired."""
    found = (
        StaffKey.objects.select_related("person")
        .filter(Q(expires_at=None) | Q(expires_at__gt=at), digest=digest(key), revoked_at=None, person__is_active=True)
        .first()
    )
    return found.person if found else None


def person_of_session(session_key: str) -> Person | None:
    """The person of Django's session, checked as `get_user` does (the password's hash included)."""
    store = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    if not store.get(BACKEND_SESSION_KEY):
        return None
    person = Person.objects.filter(pk=store.get(SESSION_KEY), is_active=True).first()
    if person and constant_time_compare(store.get(HASH_SESSION_KEY, ""), person.get_session_auth_hash()):
        return person
    return None


def person_of(authorization: str | None, cookie: str | None, at: datetime) -> Person | None:
    """From the two headers of a request outside Django."""
    scheme, _, key = (authorization or "").partition(" ")
    if scheme.lower() == "bearer" and key:
        return person_of_key(key.strip(), at)
    try:
        morsel = SimpleCookie(cookie or "").get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    return person_of_session(morsel.value) if morsel else None
