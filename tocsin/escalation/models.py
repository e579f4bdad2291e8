"""Who is called next, and when: one row a step, one pending step an incident."""

from django.db import models

from tocsin.incidents.models import Incident


class Step(models.Model):
    """A step of an incident's escalation: due at a time, done once by whichever clock comes first."""

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
