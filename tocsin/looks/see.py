"""Who may see what of a person, asked of the database.

may_see(person, of, "medical", now)    one question; `rules.WHAT` is what can be asked
visible_to(person, now)                the people whose data this person may see now
known_to(person, now)                  those whose name they may know: members of their centers
"""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet

from tocsin.centers.network import Family, family
from tocsin.incidents.models import Dispatch, Incident, State, spread
from tocsin.incidents.rules import KEPT, LEADS
from tocsin.lib import wall
from tocsin.looks import rules
from tocsin.looks.models import Glass
from tocsin.people.models import ACTS, SEES, Person


class Standing:
    """Where a person sees incidents, leads and acts: read once for as many questions as there are."""

    def __init__(self, person: Person, at: datetime, network: Family | None = None) -> None:
        self.person, self.at = person, at
        held = list(person.roles.in_force(at).values_list("center_id", "name")) if person.is_active else []
        below = (network or family()) if held else Family({})
        self.sees = spread(held, below, SEES)
        self.leads = spread(held, below, LEADS)
        self.acts = spread(held, below, ACTS)

    def tie(self, of: int) -> rules.Tie:
        """All that binds them to this person now."""
        if of == self.person.pk:
            return rules.Tie(own=True)
        running = claims = lately = record = leads = False
        seen = Incident.objects.filter(person=of, drill=False, centers__overlap=sorted(self.sees), merged_into=None)
        for state, closed_at, claimed_by, centers in seen.values_list("state", "closed_at", "claimed_by", "centers"):
            if state != State.CLOSED:
                running = True
                claims = claims or claimed_by == self.person.pk
            else:
                record = True
                lately = lately or closed_at is None or self.at < closed_at + KEPT
                leads = leads or bool(self.leads.intersection(centers))
        return rules.Tie(
            running=running,
            lately=lately,
            record=record,
            leads=leads,
            claims=claims,
            sent=sent_to(self.person, self.at).filter(incident__person=of).exists(),
            glass=open_glass(self.person, self.at).filter(of=of).exists(),
        )

    def sees_of(self, of: int, what: str) -> bool:
        return rules.sees(self.tie(of), what)


def may_see(person: Person, of: Person | int, what: str, at: datetime) -> bool:
    """Whether `person` may see `what` of the other now."""
    return Standing(person, at).sees_of(of.pk if isinstance(of, Person) else of, what)


def visible_to(person: Person, at: datetime) -> QuerySet[Person]:
    """Themselves; whoever has an open incident where they see incidents, or one to which they were sent; and those for
    whom they broke the glass."""
    if not person.is_active:
        return Person.objects.none()
    here = Incident.objects.open().filter(drill=False, centers__overlap=sorted(Standing(person, at).sees))
    return Person.objects.filter(
        Q(pk=person.pk)
        | Q(pk__in=here.filter(person__isnull=False).values("person"))
        | Q(pk__in=sent_to(person, at).filter(incident__person__isnull=False).values("incident__person"))
        | Q(pk__in=open_glass(person, at).values("of"))
    )


def known_to(person: Person, at: datetime) -> QuerySet[Person]:
    """Members of the centers where this person acts: their name, and no more."""
    return Person.objects.filter(center__in=Standing(person, at).acts, is_active=True)


def sent_to(person: Person, at: datetime) -> QuerySet[Dispatch]:
    """The dispatches that a responder sees: while their incident runs, and 2 h after."""
    over = Q(incident__state=State.CLOSED) & ~Q(incident__closed_at__gt=at - rules.AFTERWARDS)
    return Dispatch.objects.filter(responder=person.pk, incident__merged_into=None).exclude(over)


def open_glass(person: Person, at: datetime) -> QuerySet[Glass]:
    return Glass.objects.filter(by=person.pk, at__lte=at, until__gt=at)


@wall.lifting  # names beside looks that one may read; no more than the name
def names(people: Collection[int]) -> dict[int, str]:
    return dict(Person.objects.filter(pk__in=people).values_list("pk", "name")) if people else {}
