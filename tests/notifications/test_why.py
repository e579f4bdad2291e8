"""A channel's own words become one of four that a person can act on."""

import pytest

from tocsin.lib.words import WORDS
from tocsin.notifications.why import why


@pytest.mark.parametrize(
    ("channel", "error", "how", "word"),
    [
        ("email", "", {}, ""),
        ("email", "550 5.1.1 no such mailbox", {"dead": True}, "address_dead"),
        ("email", "550 5.7.1 spam", {}, "refused"),
        ("email", "no answer within 25 s", {}, "no_answer"),
        ("email", "ConnectTimeout", {}, "no_answer"),
        ("email", "450 4.2.0 greylisted", {"firm": False}, "no_answer"),
        ("email", "HTTP 503", {}, "no_answer"),
        ("pigeon", "there is no channel pigeon", {}, "not_set_up"),
        ("whatsapp", "not set: TOCSIN_CHANNEL_WHATSAPP_TOKEN", {}, "not_set_up"),
    ],
)
def test_the_reason_in_a_word(
    monkeypatch: pytest.MonkeyPatch, channel: str, error: str, how: dict[str, bool], word: str
) -> None:
    monkeypatch.setenv("TOCSIN_CHANNEL_EMAIL_HOST", "mail.example")
    monkeypatch.setenv("TOCSIN_CHANNEL_EMAIL_FROM", "duty@tocsin.example")
    monkeypatch.delenv("TOCSIN_CHANNEL_WHATSAPP_TOKEN", raising=False)
    assert why(channel, error, **how) == word
    assert word in ("", *WORDS)
