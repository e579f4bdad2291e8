"""Members and staff, their roles with terms, and the keys they sign in with."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.utils import timezone

from tocsin.centers.models import Center

LANGUAGES = (("zh-hans", "简体中文"), ("en", "English"))


class People(BaseUserManager["Person"]):
    def create_user(self, login: str | None = None, password: str | None = None, **fields: Any) -> "Person":
        person = self.model(login=login or None, **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, login: str, password: str | None = None, **fields: Any) -> "Person":
        return self.create_user(login, password, is_superuser=True, **fields)


class Person(AbstractBaseUser, PermissionsMixin):
    """A member, or staff, or both. `login` only for staff; `phone` in E.164."""

    name = models.CharField(max_length=120)
    login = models.CharField(max_length=60, unique=True, null=True, blank=True)
    phone = models.CharField(max_length=20, unique=True, null=True, blank=True)
    language = models.CharField(max_length=10, choices=LANGUAGES, default="zh-hans")
    center = models.ForeignKey(Center, models.PROTECT, null=True, blank=True, related_name="members")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[People] = People()
    USERNAME_FIELD = "login"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name_plural = "people"

    def __str__(self) -> str:
        return self.name

    @property
    def is_staff(self) -> bool:
        """Whether the administrator's pages open for this person (Django's word)."""
        return self.is_active and self.is_superuser


class RoleName(models.TextChoices):
    MEMBER = "member"
    RESPONDER = "responder"
    DUTY_OFFICER = "duty_officer"
    SUPERVISOR = "supervisor"
    LIAISON = "liaison"
    EDITOR = "editor"
    DIRECTOR = "director"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


#: Roles that one person proposes and another confirms.
GRAVE = frozenset({"director", "administrator", "auditor", "supervisor"})
#: Who gives roles, at their center and those below.
GOVERNS = frozenset({"director", "administrator"})
#: Roles that see a center's incidents, that may act on them, and that see the centers below as well.
SEES = frozenset({"duty_officer", "supervisor", "director", "auditor", "liaison"})
ACTS = frozenset({"duty_officer", "supervisor", "director"})
SEES_BELOW = frozenset({"supervisor", "director", "auditor"})


class Roles(models.QuerySet["Role"]):
    def in_force(self, at: datetime) -> "Roles":
        return self.filter(Q(until=None) | Q(until__gt=at), since__lte=at)


class Role(models.Model):
    """What a person may do at a center, from `since` to `until` (open end: None)."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="roles")
    center = models.ForeignKey(Center, models.PROTECT, related_name="roles")
    name = models.CharField(max_length=20, choices=RoleName.choices)
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True)

    objects = Roles.as_manager()

    def __str__(self) -> str:
        return f"{self.person} {self.name} {self.center.code}"


class RoleProposal(models.Model):
    """A grave role to be granted (`act` grant) or ended (end), until another confirms it or its time is over."""

    role = models.ForeignKey(Role, models.CASCADE, null=True, related_name="proposals")  # which is to end, or was made
    act = models.CharField(max_length=5, choices=[("grant", "grant"), ("end", "end")])
    person = models.ForeignKey(Person, models.CASCADE, related_name="role_proposals")
    center = models.ForeignKey(Center, models.PROTECT, related_name="role_proposals")
    name = models.CharField(max_length=20, choices=RoleName.choices)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    by = models.ForeignKey(Person, models.CASCADE, related_name="+")
    at = models.DateTimeField()
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, models.CASCADE, null=True, related_name="+")
    outcome = models.CharField(max_length=10, blank=True)  # confirmed, declined, withdrawn, expired

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("person", "center", "name", "act"), condition=Q(decided_at=None), name="one_open_proposal"
            ),
        )
        indexes = (models.Index(fields=("expires_at",), condition=Q(decided_at=None), name="open_role_proposals"),)


class StaffKey(models.Model):
    """A key for the partner API and for tools; only its digest is kept.

    `scopes`: read, act, manage, report, as its holder chose them, with spaces between; "": made before there were any,
    it may do all that its holder may. The role decides in any case.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="keys")
    name = models.CharField(max_length=60)
    digest = models.BinaryField(max_length=32, unique=True)
    scopes = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.person} {self.name}"


class SignInCode(models.Model):
    """One wish for a code (see `codes.py`): for whom is looked up afterwards; the code itself is not here.

    `number`: the number as it is counted (a keyed digest); `phone`: the number itself, until the wish is answered.
    `purpose`: sign_in, or "move <id>" for a change of number.
    """

    number = models.BinaryField(max_length=32)
    phone = models.CharField(max_length=20, blank=True)
    place = models.CharField(max_length=45)
    way = models.CharField(max_length=5)
    purpose = models.CharField(max_length=30)
    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="codes")
    salt = models.BinaryField(max_length=16)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=("number", "created_at"), name="codes_of_a_number"),
            models.Index(fields=("place", "created_at"), name="codes_of_a_place"),
            models.Index(fields=("id",), condition=Q(answered_at=None), name="codes_waiting"),
        )


class NumberChange(models.Model):
    """A member's number is to become another: confirmed on both phones, or by two officers when the old one is lost.

    `by` began it at the desk and `second` confirmed it there; in the app both are empty.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="number_changes")
    phone = models.CharField(max_length=20)
    at = models.DateTimeField()
    expires_at = models.DateTimeField()
    old_at = models.DateTimeField(null=True)
    new_at = models.DateTimeField(null=True)
    by = models.ForeignKey(Person, models.CASCADE, null=True, related_name="+")
    second = models.ForeignKey(Person, models.CASCADE, null=True, related_name="+")
    done_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)  # done, given up or replaced

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("person",), condition=Q(ended_at=None), name="one_number_change"),
        )
