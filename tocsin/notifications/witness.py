"""Each day the last number and hash of a center's book, and of the looks at its people, go to its directors.

Whoever owns the database could write both anew from the start, whole and false; what lies in a director's mailbox they
cannot. A center without a director tells those of the next above. The first day only begins: there is nothing to prove.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from tocsin.book.models import Head
from tocsin.centers.models import Center
from tocsin.centers.network import family
from tocsin.looks.models import Head as Looks
from tocsin.notifications import actions
from tocsin.notifications.models import Witness
from tocsin.rosters.on_duty import holders

HOUR = 7  # of the center's clock


def witness(at: datetime) -> int:
    """Tell the directors of each center whose book grew since it was told; returns of how many books."""
    tree, told, begun = family(), 0, list[Witness]()
    rows, numbers = Witness.objects.in_bulk(), dict(Head.objects.values_list("center_id", "number"))
    still: dict[date, list[int]] = {}
    for center in Center.objects.defer("area").order_by("pk"):
        here, row = at.astimezone(ZoneInfo(center.time_zone)), rows.get(center.pk)
        day = here.date()
        if here.hour < HOUR or (row is not None and row.day >= day):
            continue
        if row is None:
            begun.append(Witness(center=center, day=day))
        elif row.number == numbers.get(center.pk, 0):
            still.setdefault(day, []).append(center.pk)
        else:
            told += _told(center, day, tree.line(center.pk), at)
    Witness.objects.bulk_create(begun, ignore_conflicts=True)
    for day, centers in still.items():
        Witness.objects.filter(center__in=centers, day__lt=day).update(day=day)
    return told


def _told(center: Center, day: date, line: list[int], at: datetime) -> int:
    with transaction.atomic():
        row = Witness.objects.select_for_update().get(center=center)  # one clock at a time
        told = _tell(center, row, line, at) if row.day < day else 0
        row.day = max(row.day, day)
        row.save(update_fields=["day", "number"])
    return told


def _tell(center: Center, row: Witness, line: list[int], at: datetime) -> int:
    book, looks = Head.objects.get(center=center), Looks.objects.get(center=center)
    people = next((found for place in line if (found := holders([place], ("director",), at))), set[int]())
    if book.number == row.number or not people:
        return 0
    values = {
        "number": book.number,
        "code": bytes(book.hash).hex(),
        "words": f"{looks.number} {bytes(looks.hash).hex()}",
        "center": [center.name_zh, center.name_en],
        "when": f"{at.astimezone(ZoneInfo(center.time_zone)):%Y-%m-%d}",
    }
    actions.tell(people, "head", values, at, by=("email", "webpush"))
    row.number = book.number
    return 1
