"""Who signed in, when, from where and how, and who tried: kept 90 days, shown to the person and to auditors."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.contrib.sessions.models import Session
from django.db import models
from django.db.models import Q

from tocsin.lib.sealed_field import Sealed
from tocsin.lib.wall import lifting
from tocsin.people.models import Person

KEPT = timedelta(days=90)

#: Ways to prove who one is: the first step, what completes a sign-in, and what is asked again before a grave act.
FIRST = ("password",)
COMPLETE = ("totp", "recovery_code", "passkey")
AGAIN = ("again_password", "again_totp", "again_passkey")
PROOFS = FIRST + COMPLETE + AGAIN


class SignIn(models.Model):
    """One proof that was tried (`how` of PROOFS), or a change of how somebody signs in (then `ok`, `by` whom).

    `login` is what was typed, whether anybody has it or not; `place` is the address, of IPv6 its /64.
    """

    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="sign_ins")
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    login = models.CharField(max_length=60)
    at = models.DateTimeField()
    address = models.GenericIPAddressField(null=True)
    place = models.CharField(max_length=45)
    how = models.CharField(max_length=20)
    ok = models.BooleanField(default=False)

    class Meta:
        db_table = "people_signin"
        indexes = (
            models.Index(fields=("login", "place", "at"), name="people_signin_pair"),
            models.Index(fields=("place", "at"), name="people_signin_place"),
            models.Index(fields=("at",), name="people_signin_at"),
        )

    def __str__(self) -> str:
        return f"{self.login} {self.how} {self.at:%Y-%m-%d %H:%M}"


class Secret(models.Model):
    """What django-allauth would keep with a second factor in the clear; there stands only this id."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    value = Sealed(row=("id",))

    class Meta:
        db_table = "people_signin_secret"

    def __str__(self) -> str:
        return str(self.id)


class Reset(models.Model):
    """Somebody lost their second factor, says `by`; it is taken away when another confirms it in time."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="resets")
    by = models.ForeignKey(Person, models.CASCADE, related_name="+")
    at = models.DateTimeField()
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, models.CASCADE, null=True, related_name="+")
    outcome = models.CharField(max_length=10, blank=True)  # confirmed, declined, withdrawn, expired

    class Meta:
        db_table = "people_signin_reset"
        constraints = (
            models.UniqueConstraint(fields=("person",), condition=Q(decided_at=None), name="one_open_reset"),
        )


@lifting
def forget_secret(instance: Any, **_: Any) -> None:
    """A second factor was removed: its secret goes with it."""
    Secret.objects.filter(pk__in=[instance.data[name] for name in ("secret", "seed") if name in instance.data]).delete()


def forget_sign_ins(now: datetime) -> None:
    """Records older than 90 days go, and sessions that have run out; the clock calls it."""
    SignIn.objects.filter(at__lt=now - KEPT).delete()
    Session.objects.filter(expire_date__lt=now).delete()
