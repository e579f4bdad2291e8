"""What an applicant must have before their eyes: texts with versions, which tocsin/privacy keeps.

To ask for one more, name it here: its box is ticked by hand, and its version is kept with the application.
"""

from typing import NamedTuple

from tocsin.lib.words import Language
from tocsin.privacy import consent

#: text of tocsin/privacy/texts → what stands beside its box (zh, en)
ASKED: dict[str, tuple[str, str]] = {
    "notice": ("我已阅读个人信息说明", "I have read how my data is handled"),
}


class Shown(NamedTuple):
    name: str
    version: int
    label: str
    text: str


def shown(language: Language) -> list[Shown]:
    zh = language == "zh-hans"
    return [
        Shown(name, number := consent.version(name), pair[0 if zh else 1], consent.text(name, number, language))
        for name, pair in ASKED.items()
    ]


def given(ticked: dict[str, str]) -> dict[str, int] | None:
    """Text → version, of the boxes as they were sent; None when one is missing or its text has changed since."""
    now = {name: consent.version(name) for name in ASKED}
    return now if all(ticked.get(name) == str(number) for name, number in now.items()) else None
