"""Each day the last number and hash of a center's book, and of the looks at its people, go to its directors.

Whoever owns the database could write both anew from the start, whole and false; what lies in a director's mailbox they
cannot. A center without a director tells those of the next above. The first day only begins: there is nothing to prove.
"""

from datetime import datetime
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
    tree, told = family(), 0
    for center in Center.objects.order_by("pk"):
        here = at.astimezone(ZoneInfo(center.time_zone))
        if here.hour < HOUR or Witness.objects.filter(center=center, day__gte=here.date()).exists():
            continue
        with transaction.atomic():
            Center.objects.select_for_update(no_key=True).get(pk=center.pk)  # one clock at a time
            row, new = Witness.objects.get_or_create(center=center, defaults={"day": here.date()})
            if not new and row.day < here.date():
                told += _tell(center, row, tree.line(center.pk), at)
                row.day = here.date()
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
