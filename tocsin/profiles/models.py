"""What helps those who come, and hurts most in wrong hands: a member's own words about themselves, sealed.

Two tables, because two circles may read them: `migrations/0002_wall.py`, and `rules.py` for the application.
"""

from django.db import models

from tocsin.lib.sealed_field import Sealed
from tocsin.people.models import Person

ROW = ("person_id",)


class Profile(models.Model):
    """Home, shops, vehicles, family. Shapes in `shape.py`; whatever was not told is None."""

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True, related_name="profile")
    places = Sealed(row=ROW, null=True)
    vehicles = Sealed(row=ROW, null=True)
    family = Sealed(row=ROW, null=True)
    languages = Sealed(row=ROW, null=True)
    wishes = Sealed(row=ROW, null=True)
    changed_at = models.DateTimeField()


class Medical(models.Model):
    """Notes on health."""

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True, related_name="medical")
    notes = Sealed(row=ROW, null=True)
    changed_at = models.DateTimeField()
