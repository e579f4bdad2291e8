"""What came in: every signal once, and the devices that nobody knows."""

from typing import Any

from django.db import models
from django.utils import timezone


class StoredSignal(models.Model):
    """A signal as stored by intake: written there in SQL, read everywhere. No foreign keys: the hot path pays for them.

    `digest` is what makes "the same again" (200) differ from "the same UUID with other content" (409).
    Units as in `signal.Position`. `raw` is kept when the signal could not be read in full.
    """

    id = models.UUIDField(primary_key=True)
    device_id = models.BigIntegerField()
    person_id = models.BigIntegerField(null=True)
    incident_id = models.BigIntegerField(null=True)
    kind = models.TextField()
    alarm = models.TextField(null=True)
    at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    accuracy = models.FloatField(null=True)
    altitude = models.FloatField(null=True)
    speed = models.FloatField(null=True)
    course = models.FloatField(null=True)
    fixed_at = models.DateTimeField(null=True)
    battery = models.FloatField(null=True)
    silent = models.BooleanField(default=False)
    flags = models.TextField(default="", blank=True)
    raw = models.TextField(null=True)
    digest = models.BinaryField(max_length=16)

    class Meta:
        db_table = "gates_signal"
        indexes = (
            models.Index(
                fields=("incident_id", "received_at"),
                name="signals_of_an_incident",
                condition=models.Q(incident_id__isnull=False),
            ),
        )


class Knock(models.Model):
    """A device that spoke and that nobody registered: shown to the administrator, never silently dropped."""

    protocol = models.SlugField(max_length=20)
    identifier = models.CharField(max_length=64)
    address = models.CharField(max_length=64)
    raw = models.TextField(blank=True)
    count = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("protocol", "identifier"), name="one_knock_per_identifier"),)
        ordering = ("-last_at",)

    def __str__(self) -> str:
        return f"{self.protocol} {self.identifier}"


class Pulse(models.Model):
    """The last sign of life of a process that writes: a real commit, so a full disk shows too.

    `since`: alive without a break of more than 10 s. A device can be called silent only by those who listened.
    """

    process = models.CharField(max_length=60, primary_key=True)
    at = models.DateTimeField()
    since = models.DateTimeField(default=timezone.now)


class Meter(models.Model):
    """What a gate of a process counted since the process started (`listeners.Counters`), written every few seconds."""

    host = models.TextField()
    process = models.TextField()
    gate = models.TextField()
    counts: "models.JSONField[Any, Any]" = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("host", "process", "gate"), name="one_meter_per_gate"),)
        verbose_name = verbose_name_plural = "网关 Gates"

    def __str__(self) -> str:
        return f"{self.gate} ({self.process} {self.host})"


class Trace(models.Model):
    """One of the last frames of a device (`traces.LAST`), its secrets masked, and what was answered."""

    device_id = models.BigIntegerField()
    protocol = models.TextField()
    at = models.DateTimeField()
    address = models.TextField()
    frame = models.BinaryField()
    reply = models.BinaryField(null=True)

    class Meta:
        indexes = (models.Index(fields=("device_id", "id"), name="traces_of_a_device"),)
        verbose_name = verbose_name_plural = "设备的最近报文 Last frames of devices"

    def __str__(self) -> str:
        return f"{self.protocol} {self.device_id} {self.at}"
