"""Who is called next, and when: one row a step, one pending step an incident."""

from typing import Any

from django.db import models
from django.utils import timezone

from tocsin.centers.models import Center
from tocsin.incidents.models import Incident


class Plan(models.Model):
    """A center's own plan (see `plans.Steps`) for a kind of alarm, silent or not, by day or night; empty: for all.

    Centers without one use their parent's; without any, the default.
    """

    center = models.ForeignKey(Center, models.CASCADE, related_name="plans")
    name = models.CharField(max_length=120)
    alarm = models.CharField(max_length=20, blank=True)
    silent = models.BooleanField(null=True, blank=True)
    when = models.CharField(max_length=5, blank=True, choices=[("day", "day"), ("night", "night")])
    steps: "models.JSONField[Any, Any]" = models.JSONField()
    active = models.BooleanField(default=True)
    changed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class Run(models.Model):
    """The plan of one incident, copied when it began to wait: editing a plan changes nothing that runs."""

    incident = models.OneToOneField(Incident, models.CASCADE, primary_key=True, related_name="run", db_constraint=False)
    plan_id = models.BigIntegerField(null=True)
    steps: "models.JSONField[Any, Any]" = models.JSONField()
    round = models.PositiveIntegerField(default=1)  # how often it began to wait
    started_at = models.DateTimeField()


class Step(models.Model):
    """A step of an incident's escalation: due at a time, done once by whichever clock comes first.

    Number 0 chooses the plan; the stages of the plan are 1, 2, …
    """

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="steps", db_constraint=False, db_index=False)
    number = models.PositiveSmallIntegerField()
    due = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("incident",), condition=models.Q(done_at=None), name="one_next_deadline_per_incident"
            ),
        )
        indexes = (models.Index(fields=("due",), condition=models.Q(done_at=None), name="steps_due"),)
