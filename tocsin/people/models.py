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


class StaffKey(models.Model):
    """A key for the partner API and for tools; only its digest is kept."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="keys")
    name = models.CharField(max_length=60)
    digest = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.person} {self.name}"


class SignInCode(models.Model):
    """A code of six digits to a member's phone: ten minutes, five tries, used once."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="codes")
    digest = models.BinaryField(max_length=32)
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
