"""Who is on duty when 排班."""

from datetime import datetime

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from tocsin.centers.models import Center
from tocsin.people.models import Person, Role

DUTIES = ("duty_officer", "responder", "supervisor")


class Pattern(models.Model):
    """A weekly shift: from `start` on `weekday` (0 Monday) for `minutes`, in the center's time zone, local wall time.

    The clock makes shifts of it eight weeks ahead. `since` and `until` are days, both included (open end: None).
    """

    center = models.ForeignKey(Center, models.CASCADE, related_name="patterns")
    duty = models.CharField(max_length=20, choices=[(d, d) for d in DUTIES])
    person = models.ForeignKey(Person, models.CASCADE, related_name="patterns")
    weekday = models.PositiveSmallIntegerField()
    start = models.TimeField()
    minutes = models.PositiveIntegerField()
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(weekday__lte=6), name="a_week_has_seven_days"),
            models.CheckConstraint(
                condition=Q(minutes__gte=15, minutes__lte=24 * 60), name="a_shift_is_15_min_to_a_day"
            ),
        )


class Shifts(models.QuerySet["Shift"]):
    def at(self, moment: datetime) -> "Shifts":
        return self.filter(starts_at__lte=moment, ends_at__gt=moment, removed_at=None)

    def between(self, first: datetime, last: datetime) -> "Shifts":
        """Those that touch the time from `first` to `last`."""
        return self.filter(starts_at__lt=last, ends_at__gt=first, removed_at=None)

    def counting(self) -> "Shifts":
        """Those of people who are here and hold the role until their end: the others cover nothing."""
        held = Role.objects.filter(
            Q(until=None) | Q(until__gte=OuterRef("ends_at")),
            person=OuterRef("person"),
            center=OuterRef("center"),
            name=OuterRef("duty"),
            since__lt=OuterRef("ends_at"),
        )
        return self.filter(Exists(held), person__is_active=True)


class Shift(models.Model):
    """One person on one duty from a moment to a moment (UTC). `pattern` None: entered by hand.

    One of a pattern that was taken out stays with `removed_at`, so that the clock does not make it again.
    """

    center = models.ForeignKey(Center, models.CASCADE, related_name="shifts")
    duty = models.CharField(max_length=20, choices=[(d, d) for d in DUTIES])
    person = models.ForeignKey(Person, models.CASCADE, related_name="shifts")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    pattern = models.ForeignKey(Pattern, models.SET_NULL, null=True, blank=True, related_name="shifts")
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = Shifts.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="a_shift_ends_after_it_starts"),
            models.UniqueConstraint(
                fields=("pattern", "starts_at"),
                condition=Q(pattern__isnull=False),
                name="one_shift_per_pattern_and_time",
            ),
        )
        indexes = (models.Index(fields=("center", "ends_at"), name="shifts_of_a_center"),)
        ordering = ("starts_at", "id")


class Swap(models.Model):
    """A shift offered to a colleague; it moves when they accept."""

    shift = models.ForeignKey(Shift, models.CASCADE, related_name="swaps")
    to = models.ForeignKey(Person, models.CASCADE, related_name="+")
    offered_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)
    accepted = models.BooleanField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("shift", "to"), condition=Q(answered_at=None), name="one_open_offer_per_shift_and_person"
            ),
        )


class Handover(models.Model):
    """What the leaving officer tells the next; `confirmed_by` has read it."""

    center = models.ForeignKey(Center, models.CASCADE, related_name="handovers")
    author = models.ForeignKey(Person, models.PROTECT, related_name="+")
    text = models.TextField()
    at = models.DateTimeField(default=timezone.now)
    confirmed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)


class Availability(models.Model):
    """ "I'm available for the next hours", from the app: on duty as a responder besides the roster.

    The place is where they said it, once; nobody is followed.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="availabilities")
    center = models.ForeignKey(Center, models.CASCADE, related_name="+")
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()
    lat = models.FloatField(null=True, blank=True)
    lon = models.FloatField(null=True, blank=True)


class Feed(models.Model):
    """A person's calendar address (iCalendar); only the digest of its key is kept."""

    person = models.OneToOneField(Person, models.CASCADE, related_name="feed")
    digest = models.BinaryField(max_length=32, unique=True)
