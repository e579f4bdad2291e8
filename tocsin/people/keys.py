"""Who is asking: a staff key or a session cookie becomes a person."""

from datetime import datetime, timedelta
from http.cookies import CookieError, SimpleCookie
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db.models import Q
from django.utils.crypto import constant_time_compare

from tocsin.lib import wall
from tocsin.lib.secrets import digest
from tocsin.people.models import Person, StaffKey
from tocsin.people.sessions import is_whole

#: What a key may be used for: looking, working on incidents, changing how a center is set up, taking data out.
SCOPES = ("read", "act", "manage", "report")
USED_EVERY = timedelta(minutes=1)


class OutOfScope(Exception):
    """The key is good, but not for this. `scope`: the one that it lacks."""

    def __init__(self, scope: str) -> None:
        super().__init__(scope)
        self.scope = scope


@wall.lifting
def person_of_key(key: str, at: datetime, scope: str = "read") -> Person | None:
    """The person of a staff key that is neither revoked nor expired. Raises OutOfScope.

    A key without scopes is older than they are: it may do what its person may.
    """
    found = (
        StaffKey.objects.select_related("person")
        .filter(Q(expires_at=None) | Q(expires_at__gt=at), digest=digest(key), revoked_at=None, person__is_active=True)
        .first()
    )
    if found is None:
        return None
    if found.scopes and scope not in found.scopes.split():
        raise OutOfScope(scope)
    if found.last_used_at is None or at - found.last_used_at >= USED_EVERY:
        StaffKey.objects.filter(pk=found.pk).update(last_used_at=at)
    return found.person


@wall.lifting
def person_of_session(session_key: str) -> Person | None:
    """The person of Django's session, checked as `get_user` does (the password's hash included); whole ones only."""
    store = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    if not store.get(BACKEND_SESSION_KEY):
        return None
    person = Person.objects.filter(pk=store.get(SESSION_KEY), is_active=True).first()
    if not person or not is_whole(store, person.pk):
        return None
    if constant_time_compare(store.get(HASH_SESSION_KEY, ""), person.get_session_auth_hash()):
        return person
    return None


def person_of(authorization: str | None, cookie: str | None, at: datetime) -> Person | None:
    """From the two headers of a request outside Django."""
    scheme, _, key = (authorization or "").partition(" ")
    if scheme.lower() == "bearer" and key:
        try:
            return person_of_key(key.strip(), at)
        except OutOfScope:
            return None
    try:
        morsel = SimpleCookie(cookie or "").get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    return person_of_session(morsel.value) if morsel else None
