"""Attachments: photos, sound and video of a member's own incident. The bytes lie outside the database (`vault.py`)."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from tocsin.files.rules import TYPES
from tocsin.incidents.models import Incident, centers_of
from tocsin.lib.sealed_field import Sealed
from tocsin.people.models import Person

if TYPE_CHECKING:
    from tocsin.centers.network import Family


class State(models.TextChoices):
    RECEIVING = "receiving"
    ATTACHED = "attached"
    REFUSED = "refused"  # what came is of no type that we take
    REMOVING = "removing"  # its key is gone; its files and the book follow
    REMOVED = "removed"  # by retention or erasure: the row tells what was there


class Attachments(models.QuerySet["Attachment"]):
    def visible_to(self, person: Person, network: "Family", at: datetime) -> "Attachments":
        """Their own, and those of incidents that they see by a role."""
        if not person.is_active:
            return self.none()
        seen = Q(incident__centers__overlap=sorted(centers_of(person, network, at)))
        return self.filter(Q(person=person) | seen, state=State.ATTACHED)


class Attachment(models.Model):
    """One file. Its id is made by the phone, so that sending it again changes nothing."""

    id = models.UUIDField(primary_key=True)
    incident = models.ForeignKey(
        Incident,
        models.PROTECT,
        related_name="attachments",
        db_constraint=False,  # intake waits for no lock of ours
    )
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    size = models.PositiveIntegerField()  # bytes
    key = Sealed(row=("id",), null=True)  # of its files, in hex; erased with them
    digest = models.CharField(max_length=64, blank=True)  # SHA-256 in hex: first the phone's word, then ours
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVING)
    type = models.CharField(max_length=20, choices=[(t, t) for t in TYPES], blank=True)
    copied = models.BooleanField(default=False)  # there is a copy without metadata, which others see
    begun_at = models.DateTimeField()
    attached_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    rule = models.CharField(max_length=20, blank=True)  # by which it was removed: retention, erasure

    objects = Attachments.as_manager()

    class Meta:
        indexes = (models.Index(fields=("begun_at",), condition=Q(state="receiving"), name="files_receiving"),)

    @property
    def kind(self) -> str:
        """photo, video or sound."""
        return TYPES[self.type][0] if self.type in TYPES else ""
