"""Where somebody audits looks: they alone read who looked at whom."""

from datetime import datetime

from tocsin.centers.network import Family
from tocsin.incidents.models import centers_of
from tocsin.people.models import Person

AUDITS = frozenset({"auditor"})


def centers(person: Person, network: Family, at: datetime) -> set[int]:
    """The centers of which this person is an auditor, and those below."""
    return centers_of(person, network, at, AUDITS) if person.is_active else set()
