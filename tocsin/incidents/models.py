"""Incidents 警情, what is sent to them, and the words people wrote about them."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from tocsin.centers.models import Center
from tocsin.devices.models import Device
from tocsin.gates.signal import ALARMS
from tocsin.lib.sealed_field import Sealed
from tocsin.people.models import SEES, SEES_BELOW, Person

if TYPE_CHECKING:
    from tocsin.centers.network import Family, Network


class State(models.TextChoices):
    NEW = "new"
    CLAIMED = "claimed"
    DISPATCHED = "dispatched"
    ON_SCENE = "on_scene"
    RESOLVED = "resolved"
    CLOSED = "closed"


class Outcome(models.TextChoices):
    GENUINE = "genuine"
    FALSE_ALARM = "false_alarm"
    DRILL = "drill"
    DUPLICATE = "duplicate"
    NO_CONTACT = "no_contact"


def centers_of(person: Person, network: "Family", at: datetime, roles: frozenset[str] = SEES) -> set[int]:
    """Ids of the centers where the person holds one of these roles; with a role that says so, those below too."""
    return spread(person.roles.in_force(at).filter(name__in=roles).values_list("center_id", "name"), network, roles)


def spread(held: Iterable[tuple[int, str]], network: "Family", roles: frozenset[str]) -> set[int]:
    """The same, from the roles (center, name) that somebody holds."""
    found: set[int] = set()
    for center, name in held:
        if name in roles:
            found |= network.below(center) if name in SEES_BELOW else {center}
    return found


class Incidents(models.QuerySet["Incident"]):
    def visible_to(self, person: Person, network: "Network", at: datetime) -> "Incidents":
        """Those owned by, or called to, a center where the person has a role that sees incidents."""
        if not person.is_active:
            return self.none()
        return self.filter(centers__overlap=sorted(centers_of(person, network, at)))

    def open(self) -> "Incidents":
        return self.exclude(state=State.CLOSED).filter(merged_into=None)


class Incident(models.Model):
    """One thing that happens to somebody. `centers` is who sees it: the owner, then those it was escalated to."""

    center = models.ForeignKey(Center, models.PROTECT, related_name="incidents", db_index=False, db_constraint=False)
    centers = ArrayField(models.BigIntegerField())
    state = models.TextField(choices=State.choices, default=State.NEW)
    outcome = models.TextField(choices=Outcome.choices, null=True, blank=True)
    alarm = models.TextField(choices=[(a, a) for a in ALARMS], default="other")
    silent = models.BooleanField(default=False)
    drill = models.BooleanField(db_default=False, default=False)  # an exercise: marked everywhere, never told outside
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="incidents", db_constraint=False
    )
    device = models.ForeignKey(
        Device, models.PROTECT, null=True, blank=True, related_name="incidents", db_index=False, db_constraint=False
    )
    caller = models.TextField(null=True, blank=True)
    phone = models.TextField(null=True, blank=True)
    opened_at = models.DateTimeField(default=timezone.now)
    pressed_at = models.DateTimeField(default=timezone.now)
    presses = models.PositiveIntegerField(default=1)
    touched_at = models.DateTimeField(default=timezone.now)
    claimed_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="claims", db_index=False)
    claimed_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    lon = models.FloatField(null=True, blank=True)
    accuracy = models.FloatField(null=True, blank=True)
    altitude = models.FloatField(null=True, blank=True)
    speed = models.FloatField(null=True, blank=True)
    course = models.FloatField(null=True, blank=True)
    fixed_at = models.DateTimeField(null=True, blank=True)
    address = models.TextField(null=True, blank=True)
    battery = models.FloatField(null=True, blank=True)
    flags = models.TextField(default="", blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", db_index=False
    )

    objects = Incidents.as_manager()
    sent: list["Dispatch"]  # these two by `say.complete` only
    ladder: list[Any]  # of escalation.Step

    class Meta:
        # One open incident per person; per device where nobody owns the device. Intake leans on these two.
        constraints = (
            models.UniqueConstraint(
                fields=("person",),
                condition=Q(merged_into=None) & ~Q(state="closed"),
                name="one_open_incident_per_person",
            ),
            models.UniqueConstraint(
                fields=("device",),
                condition=Q(merged_into=None, person=None) & ~Q(state="closed"),
                name="one_open_incident_per_device",
            ),
        )
        indexes = (
            models.Index(fields=("device",), condition=Q(person=None), name="incidents_of_a_device"),
            models.Index(
                fields=("opened_at",), condition=Q(merged_into=None) & ~Q(state="closed"), name="open_incidents"
            ),
        )

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def whose(self) -> int | None:
        """Whom to ask about it: the caller if a member, else whose site it rings at. None: nobody whom we know."""
        site = self.device.site if self.person_id is None and self.device else None
        return self.person_id or (site.person_id if site else None)


class Dispatch(models.Model):
    """Who was sent: a responder by name, or a unit, a security company, the police in free text."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="dispatches")
    kind = models.TextField(choices=[(k, k) for k in ("responder", "unit", "security", "police")])
    responder = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="dispatches")
    to = models.TextField(blank=True)
    state = models.TextField(choices=[(s, s) for s in ("sent", "on_the_way", "on_scene", "done")], default="sent")
    at = models.DateTimeField()


class Note(models.Model):
    """Free text about an incident, sealed. It lies beside the book, which keeps only its salted digest, so it can be
    erased. Intake writes the same by SQL (`notes.sealed_text`)."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="notes")
    author = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    text = Sealed(row=("incident_id", "salt"), null=True)
    salt = models.BinaryField(max_length=16)
    at = models.DateTimeField()
