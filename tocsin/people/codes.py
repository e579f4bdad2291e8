"""Codes to a phone: six digits, ten minutes, five tries, once. For signing in, and for a change of number.

Nothing here tells whether anybody has a number. Asking writes one row, whoever's the number is, and the clock looks
afterwards whose it is (`answer`); redeeming looks at that row. Both do the same work for every number, so they take the
same time and say the same.

A code lies nowhere. The row has a random salt; the code is made from it, the number and a key that is not in the
database (`secret_key`) when it is sent and when it is compared. A delivery holds the row's id: the courier asks for the
code (`spoken`), which is gone once it was used or is over. A digest of six digits would be no secret: a million guesses
take a second.

The rows are the counters of the limits, so that all processes count together. A limit stops codes and nothing else: the
alarm button has a token of its own and never comes here.
"""

import secrets
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

import phonenumbers
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, F, Q, Sum
from django.utils.crypto import constant_time_compare, salted_hmac

from tocsin.lib import wall
from tocsin.lib.refused import Refused
from tocsin.people.models import Person, SignInCode

LIFE = timedelta(minutes=10)
TRIES = 5
HOME = "ZA"  # where a number without a country code belongs
SIGN_IN = "sign_in"
WAYS = ("sms", "voice")
CALL_AFTER = timedelta(seconds=25)  # "call me instead": the page offers it after 30 s

#: How many codes a number, and an address, may ask for; and how many wrong tries a number bears in a day.
OF_NUMBER = ((timedelta(hours=1), 6), (timedelta(days=1), 15))
OF_PLACE = ((timedelta(hours=1), 120),)  # many phones share one address of a mobile network
WRONG = 15
#: How many codes leave in ten minutes, all together; the others wait. Texts cost money.
OVERALL, WINDOW = 600, timedelta(minutes=10)


class TooMany(Exception):
    """Not now; `wait` at the longest."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(str(wait))
        self.wait = wait


class Reactions:
    """Who sends a code: (row, number, at). Connected by the journey."""

    asked: ClassVar[Sequence[Callable[[SignInCode, str, datetime], object]]] = ()


def e164(phone: str) -> str | None:
    """The number in E.164, or None if it cannot be a phone number."""
    try:
        parsed = phonenumbers.parse(phone, HOME)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _number(phone: str) -> bytes:
    """A number as it is counted: numbers that strangers tried are not kept."""
    return salted_hmac("tocsin.people.codes.number", phone, algorithm="sha256").digest()


def is_for(row: SignInCode, phone: str) -> bool:
    return bytes(row.number) == _number(phone)


def _code(row: SignInCode) -> str:
    about = f"{bytes(row.salt).hex()}:{bytes(row.number).hex()}:{row.purpose}"
    return f"{int.from_bytes(salted_hmac('tocsin.people.codes', about, algorithm='sha256').digest()) % 10**6:06d}"


@wall.lifting  # nobody is known yet
def ask(
    phone: str, place: str, at: datetime, way: str = "sms", purpose: str = SIGN_IN, person: Person | None = None
) -> SignInCode:
    """Somebody at this address wants a code for this number (E.164). Asked again within its life it is the same code.

    Raises TooMany, and Refused where a call is wanted before a text had time to come.
    """
    number = _number(phone)
    _limit(number, place, at)
    living = SignInCode.objects.filter(number=number, purpose=purpose, used_at=None, expires_at__gt=at)
    with transaction.atomic():
        before = living.filter(tries__lt=TRIES).order_by("-pk").first()
        if way == "voice" and (before is None or before.created_at > at - CALL_AFTER):
            raise Refused("call_later")
        row = SignInCode(number=number, phone=phone, place=place, way=way, purpose=purpose, person=person)
        row.created_at, row.expires_at, row.salt = at, at + LIFE, secrets.token_bytes(16)
        if before is not None:  # a text that comes late says the same as the call
            row.salt, row.tries, row.expires_at = before.salt, before.tries, before.expires_at
            row.person_id = row.person_id or before.person_id
            SignInCode.objects.filter(pk=before.pk).update(tries=0)  # counted in the new row
        living.update(used_at=at)
        row.save()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify('codes', '')")
    return row


def _limit(number: bytes, place: str, at: datetime) -> None:
    more = 50 if settings.DEMO else 1
    for rows, limits in (
        (SignInCode.objects.filter(number=number), OF_NUMBER),
        (SignInCode.objects.filter(place=place), OF_PLACE),
    ):
        longest = max(window for window, _ in limits)
        counts = {f"n{n}": Count("pk", filter=Q(created_at__gt=at - window)) for n, (window, _) in enumerate(limits)}
        found = rows.filter(created_at__gt=at - longest).aggregate(wrong=Sum("tries"), **counts)
        for n, (window, most) in enumerate(limits):
            if found[f"n{n}"] >= most * more:
                raise TooMany(window)
        if limits is OF_NUMBER and (found["wrong"] or 0) >= WRONG * more:
            raise TooMany(longest)


@wall.lifting  # the clock's; in the demo the page shows the code
def answer(at: datetime, most: int = 200) -> int:
    """Look whose the numbers are, and have their codes sent. What nobody has is only crossed out."""
    with transaction.atomic():
        SignInCode.objects.filter(answered_at=None, expires_at__lte=at).update(answered_at=at, phone="")
        waiting = SignInCode.objects.select_for_update(skip_locked=True).filter(answered_at=None)
        rows = list(waiting.order_by("pk")[:most])
        if not rows:
            return 0
        sent = SignInCode.objects.filter(answered_at__gt=at - WINDOW, person__isnull=False).count()
        people = {p.phone: p for p in Person.objects.filter(phone__in={r.phone for r in rows}, is_active=True)}
        done = 0
        for row in rows:
            phone = row.phone
            row.person = row.person or people.get(phone)
            if row.person is not None and sent >= OVERALL:
                continue
            row.answered_at, row.phone = at, ""
            row.save(update_fields=["person", "answered_at", "phone"])
            done += 1
            if row.person is not None and row.used_at is None:
                sent += 1
                for react in Reactions.asked:
                    react(row, phone, at)
        return done


@wall.lifting  # a voice asks for it by a callback
def spoken(pk: object, at: datetime) -> str | None:
    """The code of a row, for whoever carries it; None when it was used, replaced or is over."""
    found = SignInCode.objects.filter(pk=pk if isinstance(pk, int) else 0, used_at=None, expires_at__gt=at).first()
    return _code(found) if found else None


@wall.lifting
def redeem(phone: str, code: str, at: datetime, purpose: str = SIGN_IN) -> Person | None:
    """The person to whom this code was sent; each wrong try counts."""
    number = _number(e164(phone) or "")
    with transaction.atomic():
        rows = SignInCode.objects.filter(number=number, purpose=purpose, used_at=None)
        found = rows.select_for_update().filter(expires_at__gt=at, tries__lt=TRIES).order_by("-pk").first()
        if found is None:
            return None
        person = Person.objects.filter(pk=found.person_id or 0, is_active=True).first()
        if not constant_time_compare(code.strip(), _code(found)) or person is None:
            SignInCode.objects.filter(pk=found.pk).update(tries=F("tries") + 1)
            return None
        rows.update(used_at=at, salt=b"")
        return person


def forget(at: datetime) -> None:
    """Codes of which no limit counts any more."""
    SignInCode.objects.filter(created_at__lt=at - timedelta(days=1)).delete()


@wall.lifting
def shown(row: SignInCode, at: datetime, patience: float = 1.0) -> tuple[Person, str] | None:
    """A code that is shown besides being sent: on the demo's page. None if nobody has the number."""
    ends = time.monotonic() + patience
    while True:
        answer(at)
        row.refresh_from_db()
        if row.answered_at is not None or time.monotonic() > ends:
            break
        time.sleep(0.02)  # a clock holds it
    code = spoken(row.pk, at)
    return (row.person, code) if row.person is not None and code is not None else None


def issue(phone: str, at: datetime) -> tuple[Person, str] | None:
    """A code by `tocsin code`, at the machine itself."""
    number = e164(phone)
    return shown(ask(number, "", at), at) if number else None
