"""Proofs of who somebody is: password, authenticator app (TOTP, RFC 6238), recovery code, passkey (WebAuthn).

What is stored is django-allauth's (`Authenticator`). A code of an app counts once, in all web processes: the last time
step that was accepted is kept with the secret, and no earlier one is taken any more.
Whoever proves is not known yet, so the look-ups pass the wall (`lib/wall.py`).
"""

import logging
import re
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from allauth.mfa.webauthn.internal import auth as webauthn
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.crypto import constant_time_compare

from tocsin.lib.sealed import Unopened
from tocsin.lib.wall import lifting
from tocsin.people.models import Person

log = logging.getLogger(__name__)

LONGEST_PASSWORD = 200
STRONG = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


@lifting
def by_password(login: str, password: str) -> tuple[Person | None, bool]:
    """The person with that login, and whether the password is theirs. It takes the same time whoever is asked for."""
    person = Person.objects.filter(login=login, is_active=True).first() if login else None
    password = password[:LONGEST_PASSWORD]
    if person is None or not person.has_usable_password():
        Person().set_password(password)  # hashes, as checking would
        return person, False
    return person, person.check_password(password)


def counter_of(secret: str, code: str, after: int = -1) -> int | None:
    """The time step of this code, if it is of now or a step beside it, and later than `after`."""
    found = None
    for counter in yield_hotp_counters_from_time():
        if constant_time_compare(code, format_hotp_value(hotp_value(secret, counter))) and counter > after:
            found = counter
    return found


@lifting
def by_code(person: Person, code: str, recovery: bool = True) -> str | None:
    """ "totp" or "recovery_code": what this code is of this person, and from now on no more; None: neither."""
    code = re.sub(r"[\s-]", "", code)[:12]
    if not code.isascii() or not code.isdigit():
        return None
    with transaction.atomic():
        for each in Authenticator.objects.select_for_update().filter(user=person).exclude(type="webauthn"):
            if each.type == Authenticator.Type.TOTP:
                found = _by_app(each, code)
            else:
                found = "recovery_code" if recovery and _by_recovery(each, code) else None
            if found:
                each.record_usage()
                return found
    return None


def _by_app(app: Authenticator, code: str) -> str | None:
    try:
        counter = counter_of(decrypt(app.data["secret"]), code, app.data.get("counter", -1))
    except Unopened:
        log.exception("the secret of a second factor does not open")
        return None
    if counter is None:
        return None
    app.data["counter"] = counter
    app.save(update_fields=["data"])
    return "totp"


def _by_recovery(codes: Authenticator, code: str) -> bool:
    try:
        return bool(codes.wrap().validate_code(code))
    except Unopened:
        log.exception("the seed of recovery codes does not open")
        return False


def add_totp(person: Person, secret: str, code: str) -> Authenticator | None:
    """The app that made this code becomes the person's, in place of an earlier one; None: the code is wrong."""
    counter = counter_of(secret, re.sub(r"\s", "", code))
    if counter is None:
        return None
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)
        Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).delete()
        made: Authenticator = TOTP.activate(person, secret).instance
        made.data["counter"] = counter  # the code that set it up is used
        made.save(update_fields=["data"])
    return made


@lifting
def by_passkey(credential: Any, person: Person | None = None) -> Authenticator | None:
    """The passkey that answered our challenge, of that person (None: of whoever it says), with PIN or finger."""
    try:
        webauthn.parse_authentication_response(credential)
        owner = person or webauthn.extract_user_from_response(credential)
        if not owner.is_active:
            return None
        found: Authenticator = webauthn.complete_authentication(owner, credential)
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError):
        return None
    finally:
        webauthn.clear_state()  # a challenge is answered once
    found.user = owner
    found.record_usage()
    return found


def add_passkey(person: Person, name: str, credential: Any) -> Authenticator | None:
    """The passkey that was made for our challenge; None: it was not, or it does not ask who holds it."""
    try:
        webauthn.parse_registration_response(credential)
        if not webauthn.complete_registration(credential).is_user_verified():
            return None
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError):
        return None
    finally:
        webauthn.clear_state()
    made: Authenticator = webauthn.WebAuthn.add(person, name, credential).instance
    return made
