"""The shapes of what a member tells about themselves. Pure; `clean` is for whatever a phone sends."""

from typing import Any, Literal

import msgspec

MOST = 10  # of each list
SHORT, LINE, LONG = 40, 200, 2000  # letters

PlaceKind = Literal["home", "shop", "other"]
#: What people say they speak, as ISO 639 codes; the names are the browser's.
LANGUAGES = (
    "zh", "yue", "nan", "hak", "wuu", "en", "af", "zu", "xh", "st", "tn", "pt", "fr", "vi", "ko", "ja",
)  # fmt: skip


class Place(msgspec.Struct):
    """Where they are often. `way_in`: gate, floor, code, dogs."""

    kind: PlaceKind = "home"
    address: str = ""
    way_in: str = ""


class Vehicle(msgspec.Struct):
    plate: str = ""
    what: str = ""


class Kin(msgspec.Struct):
    """Who belongs to the household, or should be known of. `who`: wife, son of 8, shop assistant."""

    name: str = ""
    who: str = ""
    phone: str = ""


class Told(msgspec.Struct, omit_defaults=True):
    """All of it; everything may be left out."""

    places: list[Place] = []
    vehicles: list[Vehicle] = []
    family: list[Kin] = []
    languages: list[str] = []
    wishes: str = ""
    medical: str = ""


def clean(given: Any) -> Told:
    """What was sent, tidied: too long is cut off, empty rows go, an unknown language is left out.

    Raises msgspec.ValidationError when it is not of this shape at all.
    """
    told = msgspec.convert(given, Told)
    places = [Place(p.kind, _line(p.address), _line(p.way_in)) for p in told.places]
    vehicles = [Vehicle(plate(v.plate), _line(v.what)) for v in told.vehicles]
    family = [Kin(_line(k.name), _line(k.who), _line(k.phone)) for k in told.family]
    return Told(
        places=[p for p in places if p.address or p.way_in][:MOST],
        vehicles=[v for v in vehicles if v.plate or v.what][:MOST],
        family=[k for k in family if k.name or k.who or k.phone][:MOST],
        languages=[code for code in LANGUAGES if code in told.languages],
        wishes=_text(told.wishes),
        medical=_text(told.medical),
    )


def plate(text: str) -> str:
    """A plate as it is read out: capitals, single spaces. "gp  12-ab " → "GP 12-AB"."""
    return " ".join(text.replace("\0", "").upper().split())[:SHORT]


def _line(text: str) -> str:
    return " ".join(text.replace("\0", "").split())[:LINE]


def _text(text: str) -> str:
    return text.replace("\0", "").strip()[:LONG]
