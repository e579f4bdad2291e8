"""The person behind a request and what they may see."""

from datetime import UTC, datetime
from typing import Any, cast

from django.http import Http404, HttpRequest

from tocsin.centers.models import Center
from tocsin.centers.network import load
from tocsin.incidents import say
from tocsin.incidents.models import Incident, Incidents, centers_of
from tocsin.locale.choose import spoken
from tocsin.notifications import say as deliveries
from tocsin.people.models import ACTS, Person


class Asking:
    """The person behind a request and what they may see; every look-up goes through here."""

    def __init__(self, request: HttpRequest) -> None:
        self.person = cast(Person, request.auth)  # type: ignore[attr-defined]
        self.now = datetime.now(UTC)
        self.language = spoken()
        self.network = load()
        self.codes = {place.id: place.code for place in self.network.places.values()}
        self.sees = centers_of(self.person, self.network, self.now)
        self.acts = centers_of(self.person, self.network, self.now, ACTS)

    def incidents(self) -> Incidents:
        return Incident.objects.visible_to(self.person, self.network, self.now)

    def incident(self, pk: int) -> Incident:
        found = say.complete(self.incidents()).filter(pk=pk).first()
        if found is None:
            raise Http404
        return found

    def seen(self, pk: int) -> int:
        """The incident's id, if the person may see it."""
        if not self.incidents().filter(pk=pk).exists():
            raise Http404
        return pk

    def to_act_on(self, pk: int) -> int:
        """The incident's id, if the person may act on it. One who may only look gets 404, like a stranger."""
        if not self.incidents().filter(pk=pk, centers__overlap=sorted(self.acts)).exists():
            raise Http404
        return pk

    def center(self, code: str, acting: bool = False) -> Center:
        found = Center.objects.filter(code=code, pk__in=self.acts if acting else self.sees).first()
        if found is None:
            raise Http404
        return found

    def row(self, i: Incident) -> dict[str, Any]:
        return say.incident(i, self.person, self.acts, self.codes, self.language)

    def detail(self, pk: int) -> dict[str, Any]:
        i = self.incident(pk)
        row, site = self.row(i), say.place(i)
        told = deliveries.of_incident(i.pk)
        return {**row, "site": site, "trail": say.trail(i), "timeline": say.timeline(i, self.language), **told}
