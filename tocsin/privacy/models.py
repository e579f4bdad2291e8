"""Consents, holds, erasures and exports of people's data, and what the clock deleted."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from tocsin.people.models import LANGUAGES, Person


class Consent(models.Model):
    """A yes or a no for one purpose, with the very text that was shown. The newest one counts; none is ever changed."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=20)
    given = models.BooleanField()
    version = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=10, choices=LANGUAGES)
    digest = models.CharField(max_length=64)  # SHA-256 of the text, in hex
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("person", "purpose", "-id"), name="consents_of_a_person"),)

    def __str__(self) -> str:
        return f"{self.person_id} {self.purpose} {'yes' if self.given else 'no'}"


class Run(models.Model):
    """What was deleted of a kind on a day (UTC): one row, counted up."""

    kind = models.CharField(max_length=30)
    day = models.DateField()
    count = models.PositiveBigIntegerField(default=0)
    at = models.DateTimeField()  # when it was last looked for

    class Meta:
        db_table = "privacy_run"
        constraints = (models.UniqueConstraint(fields=("kind", "day"), name="one_run_per_kind_and_day"),)


class Left(models.Model):
    """Since when somebody is known to have left: what reaches them goes 30 days later."""

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True, related_name="+")
    since = models.DateTimeField()


class Holds(models.QuerySet["Hold"]):
    def in_force(self, at: datetime) -> "Holds":
        return self.filter(ended_at=None, until__gt=at)


class Hold(models.Model):
    """A director's word that nothing of an incident is deleted before `until`. The reason is a note beside the book."""

    incident = models.ForeignKey("incidents.Incident", models.PROTECT, related_name="holds")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    note = models.ForeignKey("incidents.Note", models.PROTECT, null=True, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    objects = Holds.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="a_hold_has_an_end"),
            models.UniqueConstraint(
                fields=("incident",), condition=Q(ended_at=None), name="one_running_hold_per_incident"
            ),
        )


class Erasure(models.Model):
    """Asked by the person (`by` is they) or by their center; done by the clock at `due`, unless it was taken back."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="erasures")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    due = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("person",), condition=Q(taken_back_at=None, done_at=None), name="one_erasure_waits_per_person"
            ),
        )
        indexes = (models.Index(fields=("due",), condition=Q(taken_back_at=None, done_at=None), name="erasures_due"),)


class ExportState(models.TextChoices):
    ASKED = "asked"
    MAKING = "making"  # by a clock that holds it until `leased_until`
    READY = "ready"
    FETCHED = "fetched"
    GONE = "gone"  # too late, or it could not be made


class Export(models.Model):
    """A copy of all that is kept of a person. `done` of `of` parts are made; it can be fetched once, until
    `expires_at`, by the link whose digest is here. The bytes lie sealed in `Piece`.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="exports")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    language = models.CharField(max_length=10, choices=LANGUAGES)
    state = models.CharField(max_length=10, choices=ExportState.choices, default=ExportState.ASKED)
    asked_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    tried = models.PositiveSmallIntegerField(default=0)
    done = models.PositiveSmallIntegerField(default=0)
    of = models.PositiveSmallIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0)
    made_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    link = models.BinaryField(max_length=32, null=True, unique=True)
    link_until = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("person", "by"), condition=Q(state__in=("asked", "making")), name="one_export_in_the_making"
            ),
        )
        indexes = (models.Index(fields=("asked_at",), condition=Q(state__in=("asked", "making")), name="exports_due"),)


class Piece(models.Model):
    """A piece of an export's zip, sealed (`lib/sealed.py`)."""

    export = models.ForeignKey(Export, models.CASCADE, related_name="pieces", db_index=False)
    number = models.PositiveIntegerField()
    sealed = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("export", "number"), name="one_piece_per_number"),)
