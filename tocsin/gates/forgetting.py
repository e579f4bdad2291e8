"""Counters of processes that are gone, and a flood of made-up knocks. The clock calls `forget` each hour.

How long frames and knocks are kept otherwise: `tocsin/privacy/keeping.py`.
"""

from datetime import datetime, timedelta

from tocsin.gates.models import Knock, Meter

METERS = timedelta(days=1)  # of a process that is not there any more
MOST_KNOCKS = 10_000  # the last of them stay: the rest was made up by somebody


def forget(now: datetime) -> None:
    Meter.objects.filter(at__lt=now - METERS).delete()
    oldest = Knock.objects.order_by("-last_at").values_list("last_at", flat=True)[MOST_KNOCKS : MOST_KNOCKS + 1].first()
    if oldest:
        Knock.objects.filter(last_at__lte=oldest).delete()
