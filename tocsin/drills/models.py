"""Drills 演练: alarms that are none, to see who hears them and how soon."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from tocsin.centers.models import Center
from tocsin.gates.signal import ALARMS
from tocsin.incidents.models import Incident
from tocsin.people.models import Person


class Drill(models.Model):
    """One exercise of a center. `only`: ids of the people who are told; empty: whom the plan says.

    `ends_at` is kept by the clock; `ended_by` None: it ended by itself. `report` is kept at the end (see `report`).
    """

    center = models.ForeignKey(Center, models.PROTECT, related_name="drills")
    title = models.CharField(max_length=120)
    alarm = models.CharField(max_length=20, choices=[(a, a) for a in ALARMS])
    silent = models.BooleanField(default=False)
    only: "ArrayField[Any, Any]" = ArrayField(models.BigIntegerField(), default=list, blank=True)
    started_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    report: "models.JSONField[Any, Any]" = models.JSONField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("center",), condition=Q(ended_at=None), name="one_running_drill_per_center"
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("started_at")), name="a_drill_ends"),
        )
        indexes = (models.Index(fields=("ends_at",), condition=Q(ended_at=None), name="running_drills"),)

    def __str__(self) -> str:
        return self.title


class DrillIncident(models.Model):
    """An incident of a drill. (The incident itself knows only that it is one.)"""

    incident = models.OneToOneField(
        Incident, models.CASCADE, primary_key=True, related_name="drilled", db_constraint=False
    )
    drill = models.ForeignKey(Drill, models.CASCADE, related_name="incidents")
