"""What a fact is: a typed struct, past participle, and one template a language. Facts hold ids, never personal text."""

from collections.abc import Callable
from typing import Any, ClassVar

import msgspec

from tocsin.lib.words import Language, word


class Fact(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Something that happened. `note` and `digest` name the free text that lies beside the book, if there is one."""

    kind: ClassVar[str]
    zh: ClassVar[str]
    en: ClassVar[str]

    note: int | None = None
    digest: str | None = None

    def words(self, language: Language, names: "Names") -> dict[str, str]:
        """The values for the template; words of the field are translated, ids become names."""
        found: dict[str, str] = {}
        for name in self.__struct_fields__:
            value = getattr(self, name)
            say = SPEAKERS.get(name)
            found[name] = say(value, language, names) if say else word(str(value), language)
        return found


Speaker = Callable[[Any, Language, "Names"], str]


class Names(msgspec.Struct):
    """Names of what facts point to, looked up by the reader for whom the sentence is made."""

    people: dict[int, str] = msgspec.field(default_factory=dict)
    centers: dict[int, tuple[str, str]] = msgspec.field(default_factory=dict)
    dispatches: dict[int, str] = msgspec.field(default_factory=dict)
    devices: dict[int, tuple[str, str]] = msgspec.field(default_factory=dict)
    drills: set[int] = msgspec.field(default_factory=set)  # incidents that are drills

    def person(self, pk: int | None, language: Language) -> str:
        if pk is None:
            return word("the system", language)
        return self.people.get(pk) or word("somebody", language)

    def center(self, pk: int, language: Language) -> str:
        zh, en = self.centers.get(pk, ("?", "?"))
        return zh if language == "zh-hans" else en

    def device(self, pk: int | None, language: Language) -> str:
        """What it is called; without a name by protocol and identifier."""
        protocol, name = self.devices.get(pk or 0, ("", ""))
        return f"{word(protocol, language)} {name}".strip() or word("a device", language)


def _flags(value: tuple[str, ...], language: Language, names: Names) -> str:
    said = ("、" if language == "zh-hans" else ", ").join(word(v, language) for v in value)
    return (f"（{said}）" if language == "zh-hans" else f" ({said})") if said else ""


def _zone(value: str | None, language: Language, names: Names) -> str:
    if not value:
        return ""
    return f"，防区 {value}" if language == "zh-hans" else f", zone {value}"


def _after(value: float | None, language: Language, names: Names) -> str:
    if value is None:
        return ""
    return f"，用时 {value:g} 秒" if language == "zh-hans" else f", after {value:g} s"


SPEAKERS: dict[str, Speaker] = {
    "to_center": lambda v, language, names: names.center(v, language),
    "from_center": lambda v, language, names: names.center(v, language),
    "to_centers": lambda v, language, names: ("、" if language == "zh-hans" else ", ").join(
        names.center(c, language) for c in v
    ),
    "dispatch": lambda v, language, names: names.dispatches.get(v, "") if v is not None else "",
    "device": lambda v, language, names: names.device(v, language),
    "person": lambda v, language, names: names.person(v, language),
    "proposer": lambda v, language, names: names.person(v, language),
    "from_day": lambda v, language, names: "" if v is None else f"，自{v}" if language == "zh-hans" else f", from {v}",
    "to_day": lambda v, language, names: "" if v is None else f"，至{v}" if language == "zh-hans" else f", until {v}",
    "flags": _flags,
    "zone": _zone,
    "after": _after,
    "eta": lambda v, language, names: "" if v is None else f"，{v}分钟内" if language == "zh-hans" else f", in {v} min",
    "silent": lambda v, language, names: word("silent alarm", language) if v else word("alarm", language),
}

#: Every kind of fact by its name; filled by the stations as they define theirs.
KINDS: dict[str, type[Fact]] = {}


def kind(name: str, *, zh: str, en: str) -> Callable[[type[Fact]], type[Fact]]:
    """Register a fact under the name that stands in the book, with its sentence in each language."""

    def register(fact: type[Fact]) -> type[Fact]:
        if name in KINDS:
            raise ValueError(f"two facts are called {name}")
        fact.kind, fact.zh, fact.en = name, zh, en
        KINDS[name] = fact
        return fact

    return register


def sentence(name: str, facts: dict[str, Any], actor: int | None, language: Language, names: Names) -> str:
    """An entry as a sentence. A kind of a newer version is shown by its name: a reader must never fail on the book."""
    known = KINDS.get(name)
    if known is None:
        return name
    try:
        fact = msgspec.convert(facts, known)
    except msgspec.ValidationError:
        return name
    template = known.zh if language == "zh-hans" else known.en
    return template.format(actor=names.person(actor, language), **fact.words(language, names)).strip()
