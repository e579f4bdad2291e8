"""The glossary for people and the words of the code are one list."""

from pathlib import Path

from tocsin.lib.words import WORDS

GLOSSARY = Path(__file__).parent.parent / "docs" / "glossary.md"
SECTIONS = ("Kinds of alarm", "States of an incident", "Outcomes", "States of a dispatch", "Roles", "Flags of a signal")


def rows() -> list[tuple[str, str, str]]:
    chosen: list[tuple[str, str, str]] = []
    for section in GLOSSARY.read_text("utf-8").split("\n## ")[1:]:
        if section.startswith(SECTIONS):
            for line in section.splitlines():
                if line.startswith("| `"):
                    code, english, chinese = (cell.strip() for cell in line.split("|")[1:4])
                    chosen.append((code.strip("`"), english, chinese))
    return chosen


def test_every_term_of_the_glossary_is_what_the_code_says() -> None:
    for code, english, chinese in rows():
        if code in WORDS:
            zh, en = WORDS[code]
            assert chinese.split(" / ")[0] == zh, f"{code}: {chinese} in the glossary, {zh} on the screens"
            assert english == en, f"{code}: {english} in the glossary, {en} on the screens"


def test_every_word_of_the_code_is_in_the_glossary() -> None:
    text = GLOSSARY.read_text("utf-8")
    sentences = {"desk", "the system", "somebody", "a device"}  # parts of sentences rather than terms
    assert [code for code in WORDS if code not in sentences and f"`{code}`" not in text] == []
