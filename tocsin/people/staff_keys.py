"""The verbs of staff API keys: made with scopes and an end, shown once, revoked by their holder."""

from datetime import datetime, timedelta

from django.db import connection, transaction

from tocsin.book.facts import Fact
from tocsin.book.record import New, record
from tocsin.lib.refused import Refused
from tocsin.lib.secrets import digest, new_token
from tocsin.people import facts
from tocsin.people.keys import SCOPES
from tocsin.people.models import Person, StaffKey

LONGEST = 365  # days
MOST = 20
#: What each scope is for (SCOPES).
SAID: dict[str, tuple[str, str]] = {
    "read": ("查看", "look"),
    "act": ("处理警情和自己的值班", "work on incidents and one's own duty"),
    "manage": ("更改设置：设备、预案、排班、演练", "change the set-up: devices, plans, rosters, drills"),
    "report": ("导出报告", "take out reports"),
}


def make(person: Person, name: str, scopes: tuple[str, ...], days: int, at: datetime) -> tuple[StaffKey, str]:
    """The key and its row; the key itself is shown now and never again."""
    chosen = tuple(scope for scope in SCOPES if scope in scopes)
    if not chosen or len(chosen) != len(set(scopes)):
        raise Refused("key_scopes")
    if not 1 <= days <= LONGEST:
        raise Refused("key_days", most=LONGEST)
    if not name.strip():
        raise Refused("name_missing")
    key = new_token()
    with transaction.atomic():
        Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
        if StaffKey.objects.filter(person=person, revoked_at=None, expires_at__gt=at).count() >= MOST:
            raise Refused("too_many", most=MOST)
        made = StaffKey.objects.create(
            person=person, name=name.strip()[:60], digest=digest(key), scopes=" ".join(chosen), created_at=at,
            expires_at=at + timedelta(days=days),
        )  # fmt: skip
        _write(person, facts.KeyMade(key=made.pk, scopes=chosen, days=days), at)
    return made, key


def revoke(pk: int, person: Person, at: datetime) -> bool:
    """One's own key. False: there is none, or it is revoked already."""
    with transaction.atomic():
        if not StaffKey.objects.filter(pk=pk, person=person, revoked_at=None).update(revoked_at=at):
            return False
        _write(person, facts.KeyRevoked(key=pk), at)
    return True


def _write(person: Person, fact: Fact, at: datetime) -> None:
    """In the books of the centers where the person works."""
    held = person.roles.in_force(at).exclude(name="member").values_list("center_id", flat=True)
    centers = sorted(set(held)) or ([person.center_id] if person.center_id else [])
    if centers:
        with connection.cursor() as cursor:
            record(cursor, [New(centers, fact, at, actor=person.pk)])
