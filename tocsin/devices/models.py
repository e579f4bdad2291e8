"""Phones, trackers, panels, buttons."""

from typing import Any

from django.db import models
from django.utils import timezone

from tocsin.centers.models import Center
from tocsin.people.models import Person


class Device(models.Model):
    """Something that can send an alarm for a person, or for a place of a center (then `person` is None).

    An `app` device signs with a token (its digest is kept); a tracker is known by protocol and identifier.
    `pressed` is the last level of an SOS bit that the device repeats, so that only its edge is a press.
    """

    protocol = models.SlugField(max_length=20)
    identifier = models.CharField(max_length=64)
    name = models.CharField(max_length=120, blank=True)
    person = models.ForeignKey(Person, models.CASCADE, null=True, blank=True, related_name="devices")
    center = models.ForeignKey(Center, models.PROTECT, null=True, blank=True, related_name="devices")
    token_digest = models.BinaryField(max_length=32, null=True, blank=True, unique=True)
    settings: "models.JSONField[Any, Any]" = models.JSONField(default=dict, blank=True)
    pressed = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)  # kept by a trigger

    class Meta:
        constraints = (models.UniqueConstraint(fields=("protocol", "identifier"), name="one_device_per_identifier"),)

    def __str__(self) -> str:
        return self.name or f"{self.protocol} {self.identifier}"
