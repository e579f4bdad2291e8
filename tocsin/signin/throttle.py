"""How fast one may guess. Nobody can lock a person out from everywhere by it, and it answers alike for every login.

The rows of `people_signin` are the counters, so that all web processes count together and a restart forgets nothing.
- One login from one address: five tries in an hour are free, then 5 s, 10 s, 20 s … up to 15 min after each failure.
- One address: 60 failures in ten minutes, whatever the logins.
- One login from addresses where it never signed in: 30 failures in an hour, from all of them together.
The last two do not hold where this login has signed in before, and no passkey is counted: it cannot be guessed.
"""

import ipaddress
from datetime import datetime, timedelta

from django.conf import settings

from tocsin.lib.wall import lifting
from tocsin.people.models import Person
from tocsin.signin.models import COMPLETE, FIRST, PROOFS, SignIn

FREE = 5
FIRST_WAIT, LONGEST = timedelta(seconds=5), timedelta(minutes=15)
PAIR_WINDOW = LOGIN_WINDOW = timedelta(hours=1)
PLACE_WINDOW = timedelta(minutes=10)
OF_PLACE, OF_LOGIN = 60, 30


class TooMany(Exception):
    """Wait for so long, then try again."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(str(wait))
        self.minutes = max(1, -(-int(wait.total_seconds()) // 60))


def place_of(address: str) -> str:
    """The address itself; of IPv6 the /64, in which one household or one thief has them all."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)


@lifting
def begin(login: str, address: str, how: str, at: datetime) -> SignIn:
    """The row of a try, counted before it is looked at, so that a hundred at once count as well. Raises TooMany."""
    place = place_of(address)
    row = SignIn.objects.create(login=login, address=address if place else None, place=place, how=how, at=at)
    wait = _wait(row, at)
    if wait > timedelta(0):
        row.delete()  # who only waits is not made to wait longer
        raise TooMany(wait)
    return row


@lifting
def passed(row: SignIn, person: Person, how: str | None = None) -> None:
    row.person, row.ok, row.how = person, True, how or row.how
    row.save(update_fields=["person", "ok", "how"])


@lifting
def failed(row: SignIn, person: Person | None) -> None:
    """Somebody guessed at this person; they will see it."""
    if person is not None:
        SignIn.objects.filter(pk=row.pk).update(person=person)


def _wait(row: SignIn, at: datetime) -> timedelta:
    complete = COMPLETE + FIRST if settings.DEMO else COMPLETE
    here = SignIn.objects.filter(login=row.login, place=row.place, pk__lt=row.pk)
    last = here.filter(ok=True, how__in=complete).order_by("-pk").values_list("pk", flat=True).first()
    tries = list(
        here.filter(ok=False, how__in=PROOFS, at__gt=at - PAIR_WINDOW, pk__gt=last or 0)
        .order_by("-at")
        .values_list("at", flat=True)[:64]
    )
    if len(tries) >= FREE:
        doubled = int(2 ** min(len(tries) - FREE, 20))
        wait = min(LONGEST, FIRST_WAIT * doubled) - (at - tries[0])
        if wait > timedelta(0):
            return wait
    if last is not None:
        return timedelta(0)
    others = SignIn.objects.filter(ok=False, how__in=PROOFS, pk__lt=row.pk)
    if others.filter(place=row.place, at__gt=at - PLACE_WINDOW).count() >= OF_PLACE:
        return PLACE_WINDOW
    if others.filter(login=row.login, at__gt=at - LOGIN_WINDOW).count() >= OF_LOGIN:
        return LONGEST
    return timedelta(0)
