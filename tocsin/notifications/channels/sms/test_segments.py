"""How long a text is, judged by packing it as a network does; and what is kept when it must be shortened."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tocsin.lib.words import Language
from tocsin.notifications.channels.sms.segments import BASIC, EXTENSION, cheapest, cleaned, fitted, measured
from tocsin.notifications.texts import MESSAGES, render

LINK = "https://alarm.example.org/a/AbCdEfGhIjKlMnOpQrStUv"
ALPHABET = "".join(sorted(BASIC | EXTENSION))
TEXTS = st.one_of(
    st.text(),
    st.text(ALPHABET, max_size=700),
    st.text("中文报警…é€a b\U0001f198\u0301", max_size=300),
    st.text(st.characters(codec="utf-8"), max_size=400),
)


def packed(text: str, unicode: bool) -> list[bytes]:
    """Octets of user data as TS 23.038 packs them, 140 at most with the header of a part: an independent account."""
    units = [c.encode("utf-16-be") if unicode else (b"\x1b." if c in EXTENSION else b".") for c in text]
    if _octets(sum(map(len, units)), unicode) <= 140:
        return [b"".join(units)]
    parts = [b""]
    for unit in units:
        taken = len(parts[-1]) + len(unit)
        if _octets(taken + (6 if unicode else 7), unicode) > 140:  # the 6 octets of the header take 7 septets
            parts.append(b"")
        parts[-1] += unit
    return parts


def _octets(units: int, unicode: bool) -> int:
    return units if unicode else -(-units * 7 // 8)


def test_the_alphabet_has_its_size() -> None:
    assert (len(BASIC), len(EXTENSION)) == (127, 10)  # 128 without the escape; with form feed


@pytest.mark.parametrize(
    ("text", "unicode", "segments"),
    [
        ("", False, 1),
        ("a" * 160, False, 1),
        ("a" * 161, False, 2),
        ("a" * 306, False, 2),
        ("a" * 307, False, 3),
        ("€" * 80, False, 1),
        ("€" * 81, False, 2),
        ("a" * 152 + "€" * 77, False, 3),  # the escape and its sign do not part
        ("警" * 70, True, 1),
        ("警" * 71, True, 2),
        ("警" * 134, True, 2),
        ("警" * 135, True, 3),
        ("\U0001f198" * 35, True, 1),
        ("\U0001f198" * 36, True, 2),
        ("警" * 66 + "\U0001f198" * 34, True, 3),  # nor do the halves of a character
        ("é" * 160, False, 1),
        ("ê" * 70, True, 1),
    ],
)
def test_known_lengths(text: str, unicode: bool, segments: int) -> None:
    assert measured(text)[1:] == (unicode, segments)


@given(TEXTS.filter(lambda text: all(unicodedata.category(c) != "Cs" for c in text)))
@example("a" * 153 + "€" * 100)
def test_it_is_as_long_as_it_packs(text: str) -> None:
    sms = measured(text)
    assert sms.text == text
    assert sms.unicode == any(c not in ALPHABET for c in text)
    assert sms.segments == len(packed(text, sms.unicode))


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("“It’s here” – now…", '"It\'s here" - now...'),
        ("Zoë Pêrel, Skêrpioenstraat", "Zoe Perel, Skerpioenstraat"),
        ("René Müller ñ Å", "René Müller ñ Å"),
        ("No：１２", "No:12"),
        ("Zoë 在家", "Zoë 在家"),
        ("Łódź", "Łódź"),
    ],
)
def test_signs_that_only_look_better_do_not_double_the_price(text: str, plain: str) -> None:
    assert cheapest(text).text == plain


def test_what_no_phone_shows_is_left_out() -> None:
    assert cleaned(" a\ud83d\u200eb\r\n\tc\x00\x1b ") == "ab c"


@given(TEXTS)
def test_plain_signs_never_make_it_longer(text: str) -> None:
    assert cheapest(text).segments <= measured(text).segments


@given(TEXTS, TEXTS, TEXTS, TEXTS, st.integers(1, 10), st.booleans())
def test_any_text_fits_and_its_link_is_whole(
    what: str, who: str, where: str, after: str, most: int, linked: bool
) -> None:
    text = f"{what} {who} {where} #7 {LINK if linked else ''} {after}"
    sms = fitted(text, most, LINK if linked else "", (where, who))
    assert sms.segments <= most or (linked and sms.text == LINK)
    assert sms[1:] == measured(sms.text)[1:]
    if linked:
        assert LINK in sms.text.split()
    sms.text.encode()  # it can be sent at all


@given(TEXTS)
def test_what_fits_is_not_touched(text: str) -> None:
    clean = cleaned(text)
    most = measured(clean).segments
    assert fitted(text, most).text == cheapest(clean).text


@pytest.mark.parametrize("most", [2, 3])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("silent", [False, True])
def test_a_long_alarm_keeps_what_who_where_what_not_to_do_and_the_link(
    most: int, language: Language, silent: bool
) -> None:
    who, where = (
        "陈记示例超市（总店） Example Supermarket" * 9,
        "约翰内斯堡 Cyrildene, 12 Derrick Avenue, 2nd floor" * 9,
    )
    facts = {"number": 123456, "alarm": "kidnapping", "silent": silent, "who": who, "where": where, "link": LINK}
    text = render("alarm", facts, language)
    sms = fitted(text.short, most, text.link or "", (where, who))
    assert sms.segments <= most
    kind, person, place, *_ = text.short.partition(who[:8])
    assert sms.text.startswith(kind + who[:8]) and where[:8] in sms.text
    assert sms.text.endswith(LINK) and "#123456" in sms.text
    if silent:
        assert ("切勿回拨报警人" if language == "zh-hans" else "Do not call the caller back") in sms.text


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("message", MESSAGES)
def test_every_message_of_usual_length_is_sent_whole(message: str, language: Language) -> None:
    facts = {
        "number": 4711, "alarm": "robbery", "silent": True, "drill": True, "who": "示例超市 Example Shop",
        "where": "12 Derrick Avenue, Cyrildene", "center": ("约翰内斯堡警民中心", "Johannesburg center"), "link": LINK,
        "code": "482913", "duty": "responder", "when": "2026-11-23 08:00",
    }  # fmt: skip
    text = render(message, facts, language)
    sms = fitted(text.short, 3, text.link or "", (facts["where"], facts["who"]))  # type: ignore[arg-type]
    assert "…" not in sms.text and "..." not in sms.text
    assert cleaned(text.short) == sms.text or not sms.unicode
