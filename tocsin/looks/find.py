"""Finding a member: by words of the name, or by the whole number. Part of a number finds nobody, for otherwise a search
would tell a number digit by digit."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from tocsin.looks.write import Looked, note_all
from tocsin.people.codes import e164
from tocsin.people.models import Person

FEW = 3  # who finds no more than these looked for somebody; a longer list is the list of members


def called(words: str, prefix: str = "") -> Q:
    """The people whose name has all these words in it, or whose number this is. `prefix`: "person__"."""
    names = Q(**{f"{prefix}pk__isnull": False})
    for part in words.split():
        names &= Q(**{f"{prefix}name__icontains": part})
    number = e164(words)
    return names | Q(**{f"{prefix}phone": number}) if number else names


def found(by: Person, people: Sequence[Person], at: datetime) -> None:
    """`by` looked somebody up: a look at each, when they are few."""
    if len(people) <= FEW:
        note_all([Looked("name", each.pk, by.pk) for each in people], at)
