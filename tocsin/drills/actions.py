"""The writers of drills: start one, end one, and end those whose time is over."""

from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction

from tocsin.book.record import New, record
from tocsin.centers.models import Center
from tocsin.centers.network import Network
from tocsin.drills import choose, facts, report
from tocsin.drills.choose import Chosen
from tocsin.drills.models import Drill, DrillIncident
from tocsin.incidents import actions as incidents
from tocsin.incidents.actions import Pretended
from tocsin.lib import wall
from tocsin.lib.refused import Refused
from tocsin.notifications.models import Delivery, State
from tocsin.people.models import Person

MOST = 20  # incidents of one drill
LEAST, LONGEST = 5, 120  # minutes


def start(
    center: Center, by: Person, network: Network, at: datetime, *, title: str, alarm: str, silent: bool, minutes: int,
    chosen: Chosen,
) -> Drill:  # fmt: skip
    """Open its incidents: one for each chosen member and device, or one without anybody. Who may is asked before."""
    cases = check(center, network, at, title=title, minutes=minutes, chosen=chosen)
    with transaction.atomic():
        drill = Drill(
            center=center, title=title.strip(), alarm=alarm, silent=silent, only=list(chosen.staff), started_by=by,
            started_at=at, ends_at=at + timedelta(minutes=minutes),
        )  # fmt: skip
        try:
            with transaction.atomic():
                drill.save()
        except IntegrityError:
            raise Refused("drill_running") from None
        made, opened = incidents.open_drill(center, cases, by, at, alarm=alarm, silent=silent)
        DrillIncident.objects.bulk_create(DrillIncident(incident=each, drill=drill) for each in made)
        fact = facts.DrillStarted(
            drill=drill.pk, alarm=alarm, incidents=len(made), minutes=minutes, only=len(chosen.staff)
        )
        with connection.cursor() as cursor:
            record(cursor, [New([center.pk], fact, at, None, by.pk), *opened])
    return drill


def check(
    center: Center, network: Network, at: datetime, *, title: str, minutes: int, chosen: Chosen
) -> list[Pretended]:
    """The incidents it would open; Refused if it may not be started so. Writes nothing."""
    if not title.strip():
        raise Refused("name_missing")
    if not LEAST <= minutes <= LONGEST:
        raise Refused("drill_minutes", least=LEAST, most=LONGEST)
    if chosen.incidents > MOST:
        raise Refused("too_many", most=MOST)
    if Drill.objects.filter(center=center, ended_at=None).exists():
        raise Refused("drill_running")
    members = choose.members(center.pk, network).in_bulk(chosen.members)
    devices = choose.devices(center.pk, network).in_bulk(chosen.devices)
    staff = choose.staff(center.pk, network, at).filter(pk__in=chosen.staff).count()
    if (len(members), len(devices), staff) != tuple(map(len, (chosen.members, chosen.devices, chosen.staff))):
        raise Refused("drill_stranger")
    cases = [Pretended(members[pk].name, None, center.lat, center.lon) for pk in chosen.members]
    for pk in chosen.devices:
        device, site = devices[pk], devices[pk].site
        known = site is not None and site.lat is not None
        lat, lon = (site.lat, site.lon) if site is not None and known else (center.lat, center.lon)
        cases.append(Pretended(choose.called(device), site.address or None if site else None, lat, lon))
    return cases or [Pretended(title.strip(), None, center.lat, center.lon)]


def end(pk: int, by: Person | None, at: datetime) -> Drill:
    """Close what is still open, stop what is on its way, keep the report. `by` None: its time is over."""
    with transaction.atomic():
        drill = Drill.objects.select_for_update().get(pk=pk)
        if drill.ended_at is not None:
            raise Refused("drill_ended")
        pks = list(drill.incidents.order_by("incident").values_list("incident", flat=True))
        closed, entries = incidents.end_drill(pks, by, at)
        with wall.lifted():  # what is on its way to whomever
            waiting = Delivery.objects.filter(incident__in=pks, state=State.QUEUED)
            waiting.update(state=State.CANCELLED, unread_due=None)
            Delivery.objects.filter(incident__in=pks, unread_due__isnull=False).update(unread_due=None)
        drill.ended_at, drill.ended_by = at, by
        drill.report = report.made(drill)
        drill.save(update_fields=["ended_at", "ended_by", "report"])
        fact = facts.DrillEnded(drill=drill.pk, closed=closed)
        with connection.cursor() as cursor:
            record(cursor, [*entries, New([drill.center_id], fact, at, None, by.pk if by else None)])
    return drill


def end_overdue(at: datetime) -> int:
    """End the drills whose time is over, each alone; any number of clocks may do so. Returns how many it ended."""
    ended = 0
    for pk in Drill.objects.filter(ended_at=None, ends_at__lte=at).order_by("ends_at").values_list("pk", flat=True):
        try:
            end(pk, None, at)
        except Refused:  # somebody was quicker
            continue
        ended += 1
    return ended
