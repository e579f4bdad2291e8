"""Whom a stage of a plan means: ids of people, relatives and partners."""

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from tocsin.centers.network import Network
from tocsin.escalation.plans import Whom
from tocsin.incidents.models import Incident
from tocsin.notifications.models import Partner, Relative
from tocsin.privacy import consent
from tocsin.rosters import on_duty

T = TypeVar("T")
TOP = ("duty_officer", "supervisor", "director")


class Found(msgspec.Struct):
    people: set[int] = msgspec.field(default_factory=set)
    relatives: set[int] = msgspec.field(default_factory=set)
    partners: set[int] = msgspec.field(default_factory=set)


class Known:
    """What was looked up already for a moment: thousands of incidents of one center ask for the same people."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.said: dict[tuple[object, ...], Any] = {}

    def officers(self, center: int) -> set[int]:
        return self._once(("officers", center), lambda: on_duty.officers(center, self.at))

    def holders(self, centers: Sequence[int], roles: Sequence[str]) -> set[int]:
        key = ("holders", *centers, *roles)
        return self._once(key, lambda: on_duty.holders(centers, roles, self.at))

    def responders(self, center: int) -> list[tuple[int, float | None, float | None]]:
        return self._once(("responders", center), lambda: on_duty.responders(center, self.at))

    def partners(self, ids: Sequence[int]) -> set[int]:
        active = Partner.objects.filter(pk__in=ids, active=True).values_list("id", flat=True)
        return self._once(("partners", *ids), lambda: set(active))

    def _once(self, key: tuple[object, ...], look: Callable[[], T]) -> T:
        if key not in self.said:
            self.said[key] = look()
        found: T = self.said[key]
        return found


def found(
    whom: Sequence[Whom], incident: Incident, network: Network, at: datetime, known: Known | None = None
) -> Found:
    """All whom a stage means, each once. The caller is never told of their own alarm."""
    result, owner, known = Found(), incident.center_id, known or Known(at)
    line = network.line(owner) or [owner]
    for each in whom:
        if each.kind == "on_duty":
            result.people |= known.officers(owner)
        elif each.kind == "role":
            result.people |= known.holders([owner], [each.name])
        elif each.kind == "people":
            result.people |= set(each.ids)
        elif each.kind == "parent":
            for parent in line[1:2]:
                result.people |= known.officers(parent)
        elif each.kind == "everyone":
            result.people |= known.holders(line, TOP)
        elif each.kind == "nearest":
            result.people |= nearest(each, incident, known.responders(owner))
        elif each.kind == "relatives" and incident.person_id and consent.allows(incident.person_id, "relatives"):
            agreed = Relative.objects.filter(person=incident.person_id, withdrawn_at=None, agreed_at__isnull=False)
            result.relatives |= set(agreed.values_list("id", flat=True))
        elif each.kind == "partner":
            result.partners |= known.partners(each.ids)
    result.people.discard(incident.person_id or 0)
    return result


def nearest(whom: Whom, incident: Incident, responders: Iterable[tuple[int, float | None, float | None]]) -> set[int]:
    """Available responders by distance; one who did not say where they are comes after those within reach."""
    ranked = []
    for person, lat, lon in responders:
        if person == incident.person_id:
            continue
        known = None not in (lat, lon, incident.lat, incident.lon)
        away = kilometres(lat or 0, lon or 0, incident.lat or 0, incident.lon or 0) if known else whom.km
        if away <= whom.km:
            ranked.append((away, person))
    return {person for _, person in sorted(ranked)[: whom.count]}


def kilometres(lat: float, lon: float, to_lat: float, to_lon: float) -> float:
    """The great circle on a sphere of 6,371 km."""
    a, b = math.radians(lat), math.radians(to_lat)
    h = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(to_lon - lon) / 2) ** 2
    return 12_742 * math.asin(math.sqrt(min(1.0, h)))
