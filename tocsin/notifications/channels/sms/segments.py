"""How long a text message is, and how it is made to fit.

A message is carried in segments: 160 characters of the network's own alphabet (GSM 03.38; those of its extension table
count twice) or 70 of UCS-2, in which a character beyond U+FFFF counts twice. A longer one loses 6 bytes of each segment
to a header: 153 and 67. One character that the network's alphabet lacks puts the whole message into UCS-2.
Sources: 3GPP TS 23.038 (6.2.1, 6.2.1.1), TS 23.040 (9.2.3.24.1).
"""

import unicodedata
from collections.abc import Callable, Iterable
from typing import NamedTuple

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")
#: What keyboards and word processors make of plain signs.
TYPED = {
    **dict.fromkeys("‘’‚‛`´", "'"), **dict.fromkeys("“”„‟", '"'), **dict.fromkeys("‐‑‒–—―−•", "-"), "·": ".",
}  # fmt: skip
UNSEEN = frozenset({"Cc", "Cf", "Cs"})
#: Characters that a loose part keeps in the first round, and in the second.
KEPT = (24, 8)


class Sms(NamedTuple):
    """A text as it is sent. `unicode`: in UCS-2."""

    text: str
    unicode: bool
    segments: int


def measured(text: str) -> Sms:
    """The alphabet that it needs, and how many segments. No segment splits a character."""
    unicode = any(c not in BASIC and c not in EXTENSION for c in text)
    whole, part = (70, 67) if unicode else (160, 153)
    sizes = [1 + (ord(c) > 0xFFFF) if unicode else 1 + (c in EXTENSION) for c in text]
    if sum(sizes) <= whole:
        return Sms(text, unicode, 1)
    segments, filled = 1, 0
    for size in sizes:
        if filled + size > part:
            segments, filled = segments + 1, 0
        filled += size
    return Sms(text, unicode, segments)


def cheapest(text: str) -> Sms:
    """With plain quotes, dashes and letters (ê → e), if those alone keep it out of the network's alphabet."""
    as_it_is, plain = measured(text), measured("".join(map(_plain, text)))
    return plain if not plain.unicode and plain.segments <= as_it_is.segments else as_it_is


def fitted(text: str, most: int, link: str = "", loose: Iterable[str] = ()) -> Sms:
    """The text in at most so many segments. The link is never cut: if it alone is longer, there are more.

    First the `loose` parts of it (where, who) lose their ends, each down to what still says something. Only then goes
    what stands after the link, and then the end of what stands before it: the first words say what, who and where.
    """

    def fits(words: str) -> bool:
        return cheapest(words).segments <= most

    text, parts = cleaned(text), [cleaned(part) for part in loose]
    for least in KEPT:
        for index, part in enumerate(parts):
            before, link_, after = _around(text, link)
            head, found, tail = before.partition(part) if part else ("", "", "")
            if found and not fits(text):
                parts[index] = _shortened(head, part, tail + link_ + after, least, fits)
                text = head + parts[index] + tail + link_ + after
    before, link, after = _around(text, link)
    if link and not fits(text):
        after = _shortened(before + link, after, "", 0, fits)
    if not fits(before + link + after):
        gap = " " if link else ""
        before = _shortened("", before.rstrip(), gap + link + after, 0, fits) + gap
    return cheapest((before + link + after).strip())


def cleaned(text: str) -> str:
    """On one line, without what no phone shows and what nothing can carry (half characters)."""
    return " ".join("".join(c for c in text if c.isspace() or unicodedata.category(c) not in UNSEEN).split())


def _plain(character: str) -> str:
    if character in BASIC or character in EXTENSION:
        return character
    decomposed = unicodedata.normalize("NFKD", TYPED.get(character, character))
    return "".join(TYPED.get(c, c) for c in decomposed if not unicodedata.combining(c))


def _around(text: str, link: str) -> tuple[str, str, str]:
    """What stands before the link, the link, what stands after it; all of it before, if there is none."""
    before, found, after = text.rpartition(link) if link else ("", "", text)
    return (before, found, after) if found else (text, "", "")


def _shortened(head: str, words: str, tail: str, least: int, fits: Callable[[str], bool]) -> str:
    """The longest beginning of `words` with which all fits between head and tail; not under `least` characters."""

    def cut(length: int) -> str:
        kept = words[:length].rstrip()
        return kept + "…" if kept else ""

    low, high = least, len(words)  # `low` fits or is the least there is, `high` does not fit
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(head + cut(middle) + tail) else (low, middle)
    return cut(low) if low < len(words) else words
