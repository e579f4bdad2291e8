"""What is kept of the gates' past, and for how long. The clock calls `forget` each hour."""

from datetime import datetime, timedelta

from tocsin.gates.models import Knock, Meter, Trace

TRACES = timedelta(days=7)
METERS = timedelta(days=1)  # of a process that is not there any more
KNOCKS = timedelta(days=90)
MOST_KNOCKS = 10_000  # the last of them stay: the rest was made up by somebody


def forget(now: datetime) -> None:
    Trace.objects.filter(at__lt=now - TRACES).delete()
    Meter.objects.filter(at__lt=now - METERS).delete()
    Knock.objects.filter(last_at__lt=now - KNOCKS).delete()
    oldest = Knock.objects.order_by("-last_at").values_list("last_at", flat=True)[MOST_KNOCKS : MOST_KNOCKS + 1].first()
    if oldest:
        Knock.objects.filter(last_at__lte=oldest).delete()
