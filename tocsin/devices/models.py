"""Phones, trackers, panels, buttons; the sites that panels watch; and how each device is doing."""

from typing import Any

from django.db import models
from django.utils import timezone

from tocsin.centers.models import Center
from tocsin.gates.signal import ALARMS
from tocsin.people.models import Person


class Site(models.Model):
    """A place that alarm panels and buttons watch: a shop, a home, a school. WGS 84 degrees.

    What happens there belongs to its center, and its position is the incident's where the device has none of its own.
    """

    name = models.CharField(max_length=120)
    center = models.ForeignKey(Center, models.PROTECT, related_name="sites")
    person = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="sites")
    address = models.CharField(max_length=240, blank=True)
    lat = models.FloatField(null=True, blank=True)
    lon = models.FloatField(null=True, blank=True)
    note = models.TextField(blank=True, help_text="门禁、犬只、路线 Gates, dogs, the way in")

    def __str__(self) -> str:
        return self.name


class Zone(models.Model):
    """A detector or a room of a site, by the number that its panel sends. `alarm` and `silent` override the panel."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="zones")
    number = models.CharField(max_length=8)
    name = models.CharField(max_length=80)
    alarm = models.CharField(max_length=20, choices=[(a, a) for a in ALARMS], blank=True)
    silent = models.BooleanField(default=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("site", "number"), name="one_zone_per_number"),)
        ordering = ("number",)

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class Keyholder(models.Model):
    """Who can open the site, in the order in which to call them."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="keyholders")
    order = models.PositiveSmallIntegerField(default=1)
    name = models.CharField(max_length=120)
    phone = models.CharField(max_length=20)
    person = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("order", "id")

    def __str__(self) -> str:
        return f"{self.name} {self.phone}"


class Device(models.Model):
    """Something that can send an alarm for a person, for a site, or for a center (then `person` and `site` are None).

    An `app` device signs with a token (its digest is kept); the others are known by protocol and identifier.
    `pressed` is the last level of an SOS bit that the device repeats, so that only its edge is a press.
    `heartbeat_every`: seconds within which it must be heard; None: nobody waits for it.
    `testing_until`: until then its next press is a test and rings nowhere (pairing).
    """

    protocol = models.SlugField(max_length=20)
    identifier = models.CharField(max_length=64)
    name = models.CharField(max_length=120, blank=True)
    person = models.ForeignKey(Person, models.CASCADE, null=True, blank=True, related_name="devices")
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="devices")
    center = models.ForeignKey(Center, models.PROTECT, null=True, blank=True, related_name="devices")
    token_digest = models.BinaryField(max_length=32, null=True, blank=True, unique=True)
    settings: "models.JSONField[Any, Any]" = models.JSONField(default=dict, blank=True)
    heartbeat_every = models.PositiveIntegerField(null=True, blank=True)
    testing_until = models.DateTimeField(null=True, blank=True)
    pressed = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)  # kept by a trigger

    class Meta:
        constraints = (models.UniqueConstraint(fields=("protocol", "identifier"), name="one_device_per_identifier"),)

    def __str__(self) -> str:
        return self.name or f"{self.protocol} {self.identifier}"


class Vitals(models.Model):
    """How a device is doing. Written by intake (at most each quarter of a minute), judged by the clock.

    `due`: when it must have been heard again. `troubles`: what it complained of last, each with the time;
    `told`: what the desk was told, each with the time. `tested_at`, `tested_after`: its last test and how many seconds
    it took from the device's own clock to the disk (None: it has no clock).
    """

    device = models.OneToOneField(Device, models.CASCADE, primary_key=True, related_name="vitals", db_constraint=False)
    heard_at = models.DateTimeField()
    due = models.DateTimeField(null=True)
    silent_since = models.DateTimeField(null=True)
    battery = models.FloatField(null=True)
    troubles: "models.JSONField[Any, Any]" = models.JSONField(default=dict)
    told: "models.JSONField[Any, Any]" = models.JSONField(default=dict)
    changed = models.BooleanField(default=False)  # the clock has something to look at
    tested_at = models.DateTimeField(null=True)
    tested_after = models.FloatField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=("due",), condition=models.Q(silent_since=None), name="vitals_due"),
            models.Index(fields=("device",), condition=models.Q(changed=True), name="vitals_changed"),
        )
