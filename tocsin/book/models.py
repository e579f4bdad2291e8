"""The occurrence book 值班簿: numbered entries of a center, chained by hash, never changed."""

import json
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from tocsin.centers.models import Center


class Facts(models.JSONField):
    """PostgreSQL's `json` (not jsonb): it keeps the very bytes that the hash was made of."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "json"

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> Any:
        return json.loads(value) if isinstance(value, str) else value


class Head(models.Model):
    """Where a center's book stands: the number and hash of its last entry. Whoever writes locks this row last."""

    center = models.OneToOneField(Center, models.PROTECT, primary_key=True, related_name="head")
    number = models.BigIntegerField(default=0)
    hash = models.BinaryField(max_length=32, default=bytes(32))


class Entry(models.Model):
    """One entry. An `echo` stands in the book of a center that was called to another center's incident."""

    pk = models.CompositePrimaryKey("center_id", "number")
    center = models.ForeignKey(Center, models.PROTECT, db_index=False, db_constraint=False, related_name="entries")
    number = models.BigIntegerField()
    at = models.DateTimeField()
    kind = models.TextField()
    facts = Facts()
    incident_id = models.BigIntegerField(null=True)
    actor_id = models.BigIntegerField(null=True)
    echo = models.BooleanField(default=False)
    hash = models.BinaryField(max_length=32)

    class Meta:
        indexes = (
            models.Index(
                fields=("incident_id", "at"),
                name="entries_of_an_incident",
                condition=models.Q(incident_id__isnull=False),
            ),
        )
