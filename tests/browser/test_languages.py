"""The words of the screens are the glossary's, in both languages. That none is of the other language, `eye.py` sees."""

import re

from tests.browser.stage import catalog
from tocsin.lib.words import WORDS


def test_the_words_are_the_glossarys() -> None:
    """Kinds, states, outcomes and the rest are called the same on screens and in books."""
    wrong = {}
    for name in ("app", "desk", "pairing"):
        for key, said in catalog(name).items():
            term = re.sub(r"^(kind|state|outcome|dispatch|to|badge)_", "", key)
            term = term if key != term or (name == "app" and key in WORDS and key in ALARMS) else ""
            if term in WORDS and key not in SENTENCES:
                zh, en = WORDS[term]
                if said[0] not in (zh, "假路检/假警察" if term == "roadblock" else zh) or said[1].lower() != en.lower():
                    wrong[f"{name} {key}"] = (said, (zh, en))
    assert wrong == {}


ALARMS = (
    "roadblock",
    "burglary",
    "robbery",
    "kidnapping",
    "extortion",
    "traffic",
    "medical",
    "fire",
    "unrest",
    "other",
)
SENTENCES = {"to_member"}
