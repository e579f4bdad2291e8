"""Who is on duty now, and when nobody will be. Read by escalation each time somebody must be told."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from tocsin.people.models import Role
from tocsin.rosters import rules
from tocsin.rosters.models import Availability, Pattern, Shift

LAPSED = timedelta(days=7)  # after its last shift a center keeps a roster for so long, and is warned of the hole


def rostered(centers: Iterable[int], duty: str, at: datetime) -> set[int]:
    """Ids of the people whose shift runs at one of these centers; without the role there it counts for nobody."""
    held = Role.objects.in_force(at).filter(person=OuterRef("person"), center=OuterRef("center"), name=duty)
    running = Shift.objects.at(at).filter(Exists(held), center__in=list(centers), duty=duty, person__is_active=True)
    return set(running.values_list("person_id", flat=True))


def holders(centers: Iterable[int], roles: Iterable[str], at: datetime) -> set[int]:
    """Ids of the people who hold one of these roles there."""
    held = Role.objects.in_force(at).filter(center__in=list(centers), name__in=list(roles), person__is_active=True)
    return set(held.values_list("person_id", flat=True))


def officers(center: int, at: datetime) -> set[int]:
    """The duty officers on duty; with nobody on the roster all who hold the role: an alarm falls on nobody."""
    return rostered([center], "duty_officer", at) or holders([center], ["duty_officer"], at)


def responders(center: int, at: datetime) -> list[tuple[int, float | None, float | None]]:
    """Responders on the roster or available: (person, lat, lon); where they said they are, if they did."""
    held = holders([center], ["responder"], at)
    available = Availability.objects.filter(center=center, since__lte=at, until__gt=at, person__in=held)
    places: dict[int, tuple[float | None, float | None]] = dict.fromkeys(
        rostered([center], "responder", at), (None, None)
    )
    places |= {a.person_id: (a.lat, a.lon) for a in available.order_by("since")}
    return [(person, lat, lon) for person, (lat, lon) in sorted(places.items())]


def keeping(duty: str, at: datetime) -> set[int]:
    """Ids of the centers that keep a roster for this duty; the others are told by everybody with the role."""
    lasting = Pattern.objects.filter(Q(until=None) | Q(until__gte=(at - LAPSED).date()), duty=duty)
    shifts = Shift.objects.filter(duty=duty, ends_at__gt=at - LAPSED, removed_at=None)
    return {*lasting.values_list("center_id", flat=True), *shifts.values_list("center_id", flat=True)}


def gaps(center: int, duty: str, first: datetime, last: datetime) -> list[rules.Span]:
    """The times between two moments in which nobody who may is on duty."""
    shifts = Shift.objects.between(first, last).counting().filter(center=center, duty=duty)
    return rules.gaps(shifts.values_list("starts_at", "ends_at"), first, last)
