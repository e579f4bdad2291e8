"""Erasure of a person 删除个人资料: asked, waited for 72 hours, and then done at once and for good.

What it takes away stands with each station (`erasers.py`). What stays is a number: the book goes on to verify, and
where a name was is read "erased person #n".
"""

from datetime import datetime, timedelta

from django.db import connection, transaction

from tocsin.book.facts import Fact
from tocsin.book.record import New, record
from tocsin.centers.models import Center
from tocsin.incidents.models import Incident
from tocsin.lib import wall
from tocsin.lib.refused import Refused
from tocsin.people.models import Person
from tocsin.privacy import keeping
from tocsin.privacy.erasers import ERASERS
from tocsin.privacy.facts import Erased, ErasureAsked, ErasureTakenBack
from tocsin.privacy.models import Erasure

WAIT = timedelta(hours=72)


def waiting(person: Person) -> Erasure | None:
    return Erasure.objects.filter(person=person, taken_back_at=None, done_at=None).first()


@wall.lifting  # what stands against it may be known to others alone
def hindrance(person: Person, at: datetime, asking: bool = False) -> str | None:
    """Why it cannot be done now, as a reason; None: it can. Who asks is not told that a silent alarm runs: it leaves no
    trace on the phone. It is not erased before that is over, either."""
    running = Incident.objects.open().filter(person=person)
    if (running.filter(silent=False) if asking else running).exists():
        return "erasure_open"
    theirs = set(Incident.objects.filter(person=person).values_list("pk", flat=True))
    if theirs.intersection(keeping.held(at)):
        return "erasure_held"
    if person.is_superuser:
        return "erasure_administrator"
    return None


def ask(person: Person, by: Person, at: datetime) -> Erasure:
    """By the person, who confirmed it with a code; or by their center, whose staff signed in anew."""
    with transaction.atomic():
        person = Person.objects.select_for_update(of=("self",), no_key=True).get(pk=person.pk)
        if reason := hindrance(person, at, asking=True):
            raise Refused(reason)
        if waiting(person) is not None:
            raise Refused("erasure_waits")
        if person.erasures.filter(done_at__isnull=False).exists():
            raise Refused("no_change")
        made = Erasure.objects.create(person=person, by=by, asked_at=at, due=at + WAIT)
        write(person, ErasureAsked(person=person.pk, hours=int(WAIT.total_seconds() // 3600)), by, at)
    return made


def take_back(erasure: Erasure, by: Person, at: datetime) -> None:
    with transaction.atomic():
        found = Erasure.objects.select_for_update(of=("self",)).select_related("person").get(pk=erasure.pk)
        if found.taken_back_at is not None or found.done_at is not None:
            raise Refused("no_change")
        found.taken_back_at = at
        found.save(update_fields=["taken_back_at"])
        write(found.person, ErasureTakenBack(person=found.person_id), by, at)


def erase_next(now: datetime) -> bool:
    """The clock's: one that is due and that nothing hinders; False: there is none."""
    due = Erasure.objects.filter(due__lte=now, taken_back_at=None, done_at=None).order_by("due", "pk")
    for erasure in due.select_related("person")[:100]:
        if hindrance(erasure.person, now) is None and _erase(erasure.pk, now):
            return True
    return False


def _erase(pk: int, now: datetime) -> bool:
    with transaction.atomic():
        erasure = Erasure.objects.select_for_update(skip_locked=True).filter(pk=pk, taken_back_at=None, done_at=None)
        found = erasure.first()
        if found is None:
            return False
        person = Person.objects.select_for_update(of=("self",)).get(pk=found.person_id)
        if hindrance(person, now):  # a press came in between
            return False
        count = sum(each.erase(person.pk, now) for each in ERASERS.values())
        keeping.write("erasures", count, now)
        found.done_at = now
        found.save(update_fields=["done_at"])
        write(person, Erased(person=person.pk), None, now)
    return True


def write(person: Person, fact: Fact, by: Person | None, at: datetime) -> None:
    """In the book of the person's center; of one without, in the root's."""
    center = person.center_id or Center.objects.filter(parent=None).order_by("pk").values_list("pk", flat=True).first()
    if center is not None:
        with connection.cursor() as cursor:
            record(cursor, [New([center], fact, at, None, by.pk if by else None)])
