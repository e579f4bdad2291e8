"""Consents: given and withdrawn per purpose, with the text that was shown. What an alarm needs asks for none.

Handling an alarm rests on the member's own asking and on vital interests; a consent is for what goes beyond it. A text
that changes is a new file with the next number: who said yes to an older one is asked again, and until then it counts.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import ClassVar, NamedTuple

from django.db import transaction

from tocsin.lib import wall
from tocsin.lib.refused import Refused
from tocsin.lib.words import Language
from tocsin.people.models import Person
from tocsin.privacy.models import Consent

TEXTS = Path(__file__).parent / "texts"


class Purpose(NamedTuple):
    """`unless`: it holds unless it was withdrawn: the person asked for it by another act (they named a relative)."""

    name: str
    zh: str
    en: str
    unless: bool = False


PURPOSES: dict[str, Purpose] = {
    p.name: p
    for p in (
        Purpose("relatives", "报警时通知我的亲友", "Tell my relatives when I raise an alarm", unless=True),
        Purpose("medical", "保存我的病史备注并给出警的人看", "Keep my medical notes and show them to those who come"),
        Purpose("statistics", "把我的警情计入统计", "Count my incidents in statistics"),
        Purpose("media", "把我的求助交给媒体", "Give my case to the media"),
    )
}


class Reactions:
    """What follows in the same transaction when a consent is given or withdrawn; see `journey.py`."""

    changed: ClassVar[Sequence[Callable[[Person, str, bool, datetime], None]]] = ()


@cache
def version(purpose: str) -> int:
    """The newest text's number; 1 is the first."""
    return max(int(path.name.split(".")[1]) for path in TEXTS.glob(f"{purpose}.*.en.md"))


@cache
def text(name: str, number: int, language: Language) -> str:
    """A text (a purpose's, or "notice") in Markdown: paragraphs and lists, no more."""
    path = TEXTS / f"{name}.{number}.{'zh' if language == 'zh-hans' else 'en'}.md"
    return path.read_text("utf-8").strip()


def digest(purpose: str, number: int, language: Language) -> str:
    return hashlib.sha256(text(purpose, number, language).encode()).hexdigest()


def say(person: Person, purpose: str, given: bool, shown: int, language: Language, at: datetime) -> Consent:
    """Yes or no. `shown`: the number of the text that was on the screen; a yes to an older one is refused."""
    if purpose not in PURPOSES:
        raise Refused("no_such_purpose")
    now = version(purpose)
    if given and shown != now:
        raise Refused("text_changed")
    shown = min(max(shown, 1), now)
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        made = Consent.objects.create(
            person=person, purpose=purpose, given=given, version=shown, language=language,
            digest=digest(purpose, shown, language), at=at,
        )  # fmt: skip
        for react in Reactions.changed:
            react(person, purpose, given, at)
    return made


@wall.lifting  # what the system may do for a person is not the business of whoever happens to stand
def allows(person: int, purpose: str) -> bool:
    """Whether the newest word of the person is a yes (or, where that is enough, no no)."""
    last = Consent.objects.filter(person=person, purpose=purpose).order_by("-pk").values_list("given", flat=True)
    found = last.first()
    return PURPOSES[purpose].unless if found is None else found


@wall.lifting
def without(people: Iterable[int], purpose: str) -> set[int]:
    """Those of them who do not allow it."""
    wanted = set(people)
    said = Consent.objects.filter(person__in=wanted, purpose=purpose).order_by("person", "-pk").distinct("person")
    last = dict(said.values_list("person_id", "given"))
    return {p for p in wanted if not last.get(p, PURPOSES[purpose].unless)}
