"""Every column that points to a person is erased, or kept for a reason; no fact of the book has personal text."""

import re
from collections.abc import Iterator
from typing import get_args, get_type_hints

from tests.world import Town

#: Columns without a foreign key that name a person all the same.
NAMED = re.compile(r"^(person|actor|of|author|by|user|owner|responder|caller)_id$")
#: Fields of facts that are words, and of which kind: none of them was written by anybody.
WORDS = {
    "act": "grant or end",
    "alarm": "a kind of alarm",
    "answer": "coming or cannot",
    "channels": "channels",
    "code": "a panel's event code",
    "digest": "SHA-256, salted",
    "duty": "a role",
    "flags": "flags of a signal",
    "from_day": "a day",
    "kind": "a kind",
    "notice": "days or hours",
    "outcome": "an outcome",
    "owner": "person, site or center",
    "parts": "parts that were shared",
    "protocol": "a protocol",
    "role": "a role",
    "rule": "retention or erasure",
    "scopes": "what a key may do",
    "sha256": "of a file",
    "source": "a protocol",
    "state": "a state",
    "to_day": "a day",
    "to_kind": "who is sent, by kind",
    "trouble": "a flag",
    "until": "a day",
    "what": "photo, sound or video",
    "zone": "a panel's zone number",
}


def columns() -> Iterator[str]:
    from django.apps import apps
    from django.db.models import ForeignKey, ManyToManyField

    from tocsin.people.models import Person

    for model in apps.get_models():
        for field in (*model._meta.local_fields, *model._meta.local_many_to_many):
            label = f"{model._meta.label}.{field.name}"
            if isinstance(field, ForeignKey | ManyToManyField):
                if field.related_model is Person or model is Person and isinstance(field, ManyToManyField):
                    yield label
            elif NAMED.match(field.name):
                yield label


def test_every_column_that_points_to_a_person_is_erased_or_kept_for_a_reason(world: Town) -> None:
    from tocsin.privacy import erasers

    wanted, known = set(columns()), erasers.columns()
    missing = sorted(wanted - known)
    assert not missing, f"{missing}: erase it (`offer`) or say why it stays (`keep`); see tocsin/privacy/erasers.py"
    assert not known - wanted, f"{sorted(known - wanted)} point to nobody any more"
    twice = {c for e in erasers.ERASERS.values() for c in e.columns} & set(erasers.KEPT)
    assert not twice
    assert all(zh and en for zh, en in erasers.KEPT.values())


def test_no_fact_of_the_book_has_a_place_for_personal_text(world: Town) -> None:
    from tocsin.book.facts import KINDS

    for kind, fact in KINDS.items():
        for name, type_ in get_type_hints(fact).items():
            if name in ("kind", "zh", "en"):
                continue
            parts = {type_, *get_args(type_), *(a for t in get_args(type_) for a in get_args(t))}
            if str in parts:
                assert name in WORDS, f"{kind}.{name}: words in the book can never be erased; put them beside it"
            assert not parts & {dict, bytes}, f"{kind}.{name}"


def test_every_kind_that_is_kept_is_explained_in_both_languages(world: Town) -> None:
    from tocsin.privacy.keeping import KINDS

    for kind in KINDS.values():
        assert kind.days >= 1
        for zh, en in (kind.what, kind.since, kind.why):
            assert re.search(r"[一-鿿]", zh), kind.name
            assert en, kind.name
            assert not re.search(r"[一-鿿]", en), kind.name


def test_everything_that_an_erasure_takes_is_given_by_an_export(world: Town) -> None:
    from tocsin.privacy.erasers import ERASERS

    assert [e.name for e in ERASERS.values() if e.export is None] == []


def test_the_page_for_people_says_the_same_as_the_code(world: Town) -> None:
    from pathlib import Path

    from tocsin.privacy.keeping import KINDS

    text = (Path(__file__).parents[2] / "docs" / "privacy.md").read_text("utf-8").split("\n## 2.")[0]
    rows = {}
    for line in text.splitlines():
        if line.startswith("| `"):
            names, _, days, _ = (cell.strip() for cell in line.strip("|").split("|"))
            rows |= dict.fromkeys(re.findall(r"`(\w+)`", names), int(days))
    assert rows == {name: kind.days for name, kind in KINDS.items()}
