"""Looks 查看记录: who looked at whom, when and why; chained per center like the book. And what opens more than usual:
a broken glass, a share."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tocsin.centers.models import Center
from tocsin.incidents.models import Incident
from tocsin.lib.sealed_field import Sealed
from tocsin.people.models import Person

SHARED_WITH = ("media", "police", "embassy", "other")
PARTS = ("summary", "position", "caller")


class Head(models.Model):
    """Where the looks at a center's people stand: number and hash of the last one."""

    center = models.OneToOneField(Center, models.PROTECT, primary_key=True, related_name="+")
    number = models.BigIntegerField(default=0)
    hash = models.BinaryField(max_length=32, default=bytes(32))


class Start(models.Model):
    """Where the looks at a center's people begin, once those of years ago are gone: number and hash of the last that
    went. Without a row they begin at 1."""

    center = models.OneToOneField(Center, models.PROTECT, primary_key=True, related_name="+")
    number = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)


class Look(models.Model):
    """One look. Written by the database's function `look` alone (`write.py`), never changed; after its time it goes,
    from the beginning of the chain, by the function `looks_forget`.

    `center`: the center of the person looked at, in whose chain it stands. `actor`: who looked; None for one without an
    account, whom `relative` or `share` names. `role`, `from_id`: the looker's role then, and where. `what`: which one
    of its kind (a device's id, a glass's id). `why`: incident (it ran), over, sent, told (by a message's link),
    routine, glass, relative, share.
    """

    pk = models.CompositePrimaryKey("center_id", "number")
    center = models.ForeignKey(Center, models.PROTECT, db_index=False, db_constraint=False, related_name="+")
    number = models.BigIntegerField()
    at = models.DateTimeField()
    kind = models.TextField()
    of_id = models.BigIntegerField(null=True)
    actor_id = models.BigIntegerField(null=True)
    role = models.TextField(default="")
    from_id = models.BigIntegerField(null=True)
    incident_id = models.BigIntegerField(null=True)
    what = models.TextField(default="")
    why = models.TextField()
    glass = models.BooleanField(default=False)
    relative_id = models.BigIntegerField(null=True)
    share_id = models.BigIntegerField(null=True)
    hash = models.BinaryField(max_length=32)

    class Meta:
        indexes = (
            models.Index(fields=("of_id", "at"), name="looks_at_a_person"),
            models.Index(fields=("actor_id", "at"), name="looks_by_a_person"),
            models.Index(fields=("center", "at"), name="looks_of_a_center"),
        )


class Glass(models.Model):
    """Somebody saw a member's data without an incident, and said why. The reason lies sealed and can be erased: the
    book keeps its salted digest."""

    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    of = models.ForeignKey(Person, models.PROTECT, related_name="+")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    reason = Sealed(row=("of_id", "salt"), null=True)
    salt = models.BinaryField(max_length=16)
    at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("by", "of", "until"), name="open_glass"),)


class Shares(models.QuerySet["Share"]):
    def open(self, at: datetime) -> "Shares":
        return self.filter(ends_at__gt=at).filter(Q(revoked_at=None) | Q(revoked_at__gt=at))


class Share(models.Model):
    """An incident, or a part of it, shown by a link to one named person outside until it ends or is revoked.

    Who it is and what for lie sealed. `digest`: of the link's token.
    """

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="shares")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=[(k, k) for k in SHARED_WITH])
    name = Sealed(row=("incident_id", "digest"), null=True)
    organisation = models.CharField(max_length=120)
    purpose = Sealed(row=("incident_id", "digest"), null=True)
    parts = models.TextField()  # words of PARTS
    digest = models.BinaryField(max_length=32, unique=True)
    at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    objects = Shares.as_manager()
