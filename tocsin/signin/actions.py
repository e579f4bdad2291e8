"""Verbs: ending sign-ins, one-time links for passwords. A lost second factor: `resets.py`."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.utils.http import int_to_base36

from tocsin.book.facts import Fact
from tocsin.book.record import New, record
from tocsin.centers.models import Center
from tocsin.lib.refused import Refused
from tocsin.lib.wall import lifting
from tocsin.people.models import Person
from tocsin.signin.facts import PasswordLinkMade
from tocsin.signin.models import SignIn


class LinkTokens(PasswordResetTokenGenerator):
    """Good once, for a day: it dies with the password that it replaces, and with the next sign-in."""

    key_salt = "tocsin.signin.link"

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        """As Django's, with the microseconds of the last sign-in: two may fall into one second."""
        return f"{user.pk}{user.password}{user.last_login and user.last_login.timestamp()}{timestamp}"


tokens = LinkTokens()


def write_down(person: Person, how: str, at: datetime, by: Person | None = None, address: str | None = None) -> None:
    """A change of how somebody signs in, for them and the auditors to see."""
    SignIn.objects.create(
        person=person, by=by, login=person.login or "", at=at, address=address, how=how, place="", ok=True
    )


def end(person: Person, keys: Iterable[str]) -> int:
    """End these of the person's sign-ins; the rows go, and with them every open live feed. Returns how many."""
    with transaction.atomic():
        found = UserSession.objects.select_for_update().filter(user=person, session_key__in=list(keys))
        chosen = list(found.values_list("session_key", flat=True))
        Session.objects.filter(session_key__in=chosen).delete()
        UserSession.objects.filter(session_key__in=chosen).delete()
    return len(chosen)


def end_all(person: Person, but: str | None = None) -> int:
    keys = UserSession.objects.filter(user=person).values_list("session_key", flat=True)
    return end(person, [key for key in keys if key != but])


@lifting
def password_link(person: Person, by: Person | None, at: datetime) -> str:
    """The one-time address at which the person sets a password; whoever reads it can, so hand it over in person."""
    if not person.login or not person.is_active:
        raise Refused("no_login")
    with transaction.atomic():
        write_down(person, "link_made", at, by)
        token = tokens.make_token(person)
        write_book(person, PasswordLinkMade(person=person.pk), by, at)
    return f"{settings.PUBLIC_URL}/desk/sign-in/password/{int_to_base36(person.pk)}/{token}/"


@lifting
def set_password(person: Person, password: str, at: datetime, address: str, but: str | None = None) -> None:
    """A new password; all other sign-ins of the person end. The caller has asked the validators."""
    with transaction.atomic():
        person.set_password(password)
        person.save(update_fields=["password"])
        write_down(person, "password_changed", at, person, address)
        end_all(person, but)


def centers_of_staff(person: Person, at: datetime) -> list[int]:
    """The centers where the person works; else their own, else the root."""
    centers = sorted(set(person.roles.in_force(at).exclude(name="member").values_list("center_id", flat=True)))
    if not centers:
        root = Center.objects.filter(parent=None).order_by("pk").values_list("pk", flat=True).first()
        centers = [c for c in (person.center_id or root,) if c is not None]
    return centers


def write_book(person: Person, fact: Fact, by: Person | None, at: datetime) -> None:
    """In the books of the centers where the person works."""
    if centers := centers_of_staff(person, at):
        with connection.cursor() as cursor:
            record(cursor, [New(centers, fact, at, None, by.pk if by else None)])
