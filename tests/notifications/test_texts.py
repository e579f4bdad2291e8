"""Every message in both languages, whole, unmixed, and short enough to be read with one look."""

import itertools
import re
from typing import Any

import pytest

from tocsin.gates.signal import ALARMS
from tocsin.notifications.texts import MESSAGES, render

LINK = "https://alarm.example.org/a/0123456789abcdefghijkl"
CJK, LATIN = re.compile(r"[一-鿿，。：？！、【】]"), re.compile(r"[A-Za-z]{2,}")


def values(language: str, **more: Any) -> dict[str, Any]:
    zh = language == "zh-hans"
    return {
        "number": 1042, "who": "会员" if zh else "A member", "where": "教堂街十二号" if zh else "12 Church Street",
        "center": ["比勒陀利亚警民中心", "Pretoria Center"], "link": LINK, "code": "123456", "duty": "duty_officer",
        "when": "2026-11-23 22:00 +0200", **more,
    }  # fmt: skip


def lengths(text: Any) -> dict[str, str]:
    return {name: getattr(text, name) for name in ("title", "body", "short", "spoken")}


@pytest.mark.parametrize("message", sorted(MESSAGES))
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_message_is_whole_and_in_one_language(message: str, language: Any) -> None:
    for alarm, silent, drill in itertools.product(ALARMS, (False, True), (False, True)):
        text = render(message, values(language, alarm=alarm, silent=silent, drill=drill), language)
        for name, said in lengths(text).items():
            plain = said.replace(LINK, "")
            assert plain.strip(), f"{message} {language}: no {name}"
            if language == "en":
                assert not CJK.search(plain), f"{message}: Chinese in English: {plain}"
                assert "  " not in plain
            else:
                assert CJK.search(plain), f"{message}: no Chinese: {plain}"
                assert not LATIN.search(plain), f"{message}: English in Chinese: {plain}"
            assert ("演练" in said or "DRILL" in said.upper()) is drill, (
                f"{message} {name}: a drill is marked, and only a drill"
            )


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_alarm_says_what_who_and_where_first_and_how_to_claim_it_last(language: Any) -> None:
    facts = values(language, alarm="robbery")
    short = render("alarm", facts, language).short
    kind = "抢劫" if language == "zh-hans" else "robbery"
    places = [short.index(word) for word in (kind, facts["who"], facts["where"], LINK)]
    assert places == sorted(places)
    assert short.endswith(LINK)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_silent_alarm_says_not_to_call_back_in_every_length(language: Any) -> None:
    text = render("alarm", values(language, alarm="extortion", silent=True), language)
    warning = "切勿回拨" if language == "zh-hans" else "Do not call"
    assert all(warning in said for name, said in lengths(text).items() if name != "title")


def test_an_alarm_without_a_place_or_a_name_is_still_a_sentence() -> None:
    for language in ("zh-hans", "en"):
        text = render("alarm", {"number": 1, "alarm": "other", "link": LINK}, language)  # type: ignore[arg-type]
        assert "None" not in text.body
        assert text.title


def test_there_is_no_message_without_a_name() -> None:
    with pytest.raises(KeyError):
        render("no such message", {}, "en")
