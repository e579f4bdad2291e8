"""Before the wall stands the person who asks, with the centers whose incidents they see (`lib/wall.py`)."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

from django.contrib.auth.middleware import get_user
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from tocsin.centers.network import Family, family
from tocsin.incidents.models import spread
from tocsin.lib import wall
from tocsin.people.models import ACTS, SEES, Person
from tocsin.people.sessions import is_whole

#: Where nobody is signed in yet, and who comes must be looked up: these pages run lifted.
SIGN_IN = ("/desk/sign-in/", "/admin/login/")
#: The administrator's pages run lifted for an administrator, and for nobody else.
ADMIN = "/admin/"
#: Whose members one may know besides what one sees of an incident: the registering, the roster, the drills need it.
KNOWS = ACTS | {"liaison"}


def stand(person: Person, at: datetime) -> set[int]:
    """What follows is read as this person; returns the centers where they see incidents (see `centers_of`)."""
    with wall.lifted():
        held = list(person.roles.in_force(at).values_list("center_id", "name"))
        below = family() if held else Family({})
    sees = spread(held, below, SEES)
    wall.stand(person.pk, sees, spread(held, below, KNOWS))
    return sees


class Stand:
    """Nobody stands before a request and after it; meanwhile whoever is signed in by a session, from the moment on when
    `request.user` is first looked at.

    Keys and tokens are read later, by whoever knows them (`api/who.py`, `app/asking.py`), who then lets their person
    stand. A response that is streamed is written when nobody stands any more: read what it needs before.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        wall.clear()
        request.user = cast(Person, SimpleLazyObject(lambda: _signed_in(request)))
        try:
            if request.path.startswith(SIGN_IN) or (request.path.startswith(ADMIN) and _administrates(request)):
                with wall.lifted():
                    return self.get_response(request)
            return self.get_response(request)
        finally:
            wall.clear()


def _signed_in(request: HttpRequest) -> Any:
    with wall.lifted():
        user = get_user(request)
    if isinstance(user, Person) and is_whole(request.session, user.pk):
        stand(user, datetime.now(UTC))
    elif isinstance(user, Person):
        wall.stand(user.pk, ())  # a password alone: what is their own, to set up the rest
    return user


def _administrates(request: HttpRequest) -> Any:
    try:
        user: Any = request.user
        return user.is_staff and is_whole(request.session, user.pk)
    except (OperationalError, InterfaceError):
        return False  # the page itself meets the same trouble, and says so
