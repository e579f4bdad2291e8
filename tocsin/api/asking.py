"""The person behind a request and what they may see; what they looked at is noted here (`tocsin/looks`)."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, cast

from django.http import Http404, HttpRequest

from tocsin.centers.models import Center
from tocsin.centers.network import load
from tocsin.files import say as say_files
from tocsin.incidents import say
from tocsin.incidents.models import Incident, Incidents, spread
from tocsin.incidents.rules import LEADS
from tocsin.locale.choose import spoken
from tocsin.looks.write import Looked, note_all
from tocsin.notifications import say as deliveries
from tocsin.people.models import ACTS, SEES, Person
from tocsin.profiles import rules as profiles
from tocsin.profiles.rules import CONTACTS
from tocsin.profiles.say import tie


class Asking:
    """The person behind a request and what they may see; every look-up goes through here."""

    def __init__(self, request: HttpRequest) -> None:
        self.person = cast(Person, request.auth)  # type: ignore[attr-defined]
        self.now = datetime.now(UTC)
        self.language = spoken()
        self.network = load()
        self.codes = {place.id: place.code for place in self.network.places.values()}
        held = list(self.person.roles.in_force(self.now).values_list("center_id", "name"))
        self.sees = spread(held, self.network, SEES)
        self.acts = spread(held, self.network, ACTS)
        self.leads = spread(held, self.network, LEADS)

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
        return say.incident(i, self.person, self.acts, self.codes, self.language, self.leads, self.now)

    def rows(self, found: Iterable[Incident]) -> list[dict[str, Any]]:
        """A list of incidents: a glance at each caller."""
        incidents = list(found)
        self.looked("list", incidents)
        return [self.row(i) for i in incidents]

    def detail(self, pk: int) -> dict[str, Any]:
        i = self.incident(pk)
        self.looked("incident", [i])
        row, hidden = self.row(i), say.withheld(i, self.leads, self.now)
        trail = [] if hidden else say.trail(i)
        told = deliveries.of_incident(i.pk, relatives=self._knows_relatives(i))
        timeline = say.timeline(i, self.language)
        files = say_files.of_incident(i, self.person, self.network, self.now, hidden)
        written = {"trail": trail, "timeline": timeline, "files": files}
        return {**row, "site": say.place(i, hidden), **written, **told}

    def told(self, i: Incident) -> dict[str, Any]:
        """Who was told of it."""
        self.looked("incident", [i])
        return deliveries.of_incident(i.pk, relatives=self._knows_relatives(i))

    def _knows_relatives(self, i: Incident) -> bool:
        """A member's own contacts have names for whoever claimed the alarm or was sent, while it runs."""
        return CONTACTS in profiles.parts(tie(i, self.person, self.network, self.now))

    def looked(self, kind: str, incidents: Iterable[Incident]) -> None:
        """Note that this person saw these incidents' callers. A drill has none."""
        seen = [i for i in incidents if not i.drill]
        note_all([Looked(kind, i.person_id, self.person.pk, i.pk) for i in seen], self.now)
