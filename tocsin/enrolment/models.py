"""How people become members: applications, invitations, lists that a center brings along. Who they are lies sealed."""

import os
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from tocsin.centers.models import Center
from tocsin.lib.sealed_field import Sealed
from tocsin.people.models import LANGUAGES, Person


def new_salt() -> bytes:
    return os.urandom(16)


class Invitation(models.Model):
    """A link that leads to one center. `admits`: whoever confirms a number by it is a member at once; otherwise the
    center still verifies. Only the link's digest is kept: it is shown once."""

    center = models.ForeignKey(Center, models.CASCADE, related_name="invitations")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    digest = models.BinaryField(max_length=32, unique=True)
    label = models.CharField(max_length=80, blank=True)
    admits = models.BooleanField(default=False)
    uses = models.PositiveIntegerField()
    used = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()
    ends_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")


class State(models.TextChoices):
    UNCONFIRMED = "unconfirmed"  # the number was not proved yet
    WAITING = "waiting"  # for the center
    ACCEPTED = "accepted"
    DECLINED = "declined"
    KNOWN = "known"  # the number is a member's already; only whoever proved the number learns it


class Application(models.Model):
    """Somebody wants to be a member of a center. `number`: their number as it is counted (a keyed digest).

    `token`: digest of what stands in their address. The code that proves the number lies nowhere (`codes.py`).
    """

    center = models.ForeignKey(Center, models.CASCADE, related_name="applications")
    invitation = models.ForeignKey(Invitation, models.SET_NULL, null=True, related_name="applications")
    salt = models.BinaryField(max_length=16, default=new_salt)
    name = Sealed(row=("salt",))
    phone = Sealed(row=("salt",))
    languages = Sealed(row=("salt",), null=True)
    language = models.CharField(max_length=10, choices=LANGUAGES)
    consents: "models.JSONField[Any, Any]" = models.JSONField(default=dict)  # text → version that was on the screen
    state = models.CharField(max_length=12, choices=State.choices, default=State.UNCONFIRMED)
    number = models.BinaryField(max_length=32)
    place = models.CharField(max_length=45)
    token = models.BinaryField(max_length=32, unique=True)
    code_salt = models.BinaryField(max_length=16)
    code_ends_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    codes = models.PositiveSmallIntegerField(default=1)  # how many were sent
    at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    reason = Sealed(row=("salt",), null=True)
    person = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="applications")

    class Meta:
        indexes = (
            models.Index(fields=("number", "at"), name="applications_of_a_number"),
            models.Index(fields=("place", "at"), name="applications_of_a_place"),
            models.Index(fields=("center", "at"), condition=Q(state="waiting"), name="applications_waiting"),
        )


class Stage(models.TextChoices):
    CHECKED = "checked"  # shown, nothing written
    RUNNING = "running"  # the clock carries it on, a portion at a time
    REVERTING = "reverting"  # all or nothing: what was made goes again
    DONE = "done"
    FAILED = "failed"  # all or nothing: nothing
    UNDONE = "undone"
    DROPPED = "dropped"


class Import(models.Model):
    """A list of members that a center brings along. `rows`: what the file said (`table.Row`), until it is carried out.

    `whole`: all or nothing. `position`: rows done with. `made`: ids of the people it made. `failed`: rows that could
    not be written after all, as (number, reason).
    """

    center = models.ForeignKey(Center, models.CASCADE, related_name="imports")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    file = models.CharField(max_length=120)
    salt = models.BinaryField(max_length=16, default=new_salt)
    rows = Sealed(row=("salt",), null=True)
    total = models.PositiveIntegerField()
    good = models.PositiveIntegerField()
    whole = models.BooleanField(default=True)
    stage = models.CharField(max_length=9, choices=Stage.choices, default=Stage.CHECKED)
    position = models.PositiveIntegerField(default=0)
    made = ArrayField(models.BigIntegerField(), default=list)
    failed: "models.JSONField[Any, Any]" = models.JSONField(default=list)
    kept = models.PositiveIntegerField(default=0)  # members that an undoing left, because they are in use
    at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=("at",), condition=Q(stage__in=("running", "reverting")), name="imports_running"),
        )
