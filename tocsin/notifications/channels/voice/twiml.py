"""What a call says, as TwiML. Source: twilio.com/docs/voice/twiml (Response, Gather, Say, Pause, Hangup)."""

import re
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

from tocsin.lib.words import Language, in_language

MEDIA = "text/xml; charset=utf-8"
LONGEST = 1000  # characters; <Say> takes four times as many, nobody listens to that

#: (language, voice) of <Say>; both can be set anew, since other servers have other voices.
VOICES: dict[Language, tuple[str, str]] = {
    "zh-hans": ("cmn-CN", "Polly.Zhiyu"),
    "en": ("en-ZA", "Polly.Ayanda-Neural"),
}

SENTENCES: dict[str, tuple[str, str]] = {
    "yours": ("已由您接警。请打开值班台继续处理。", "It is yours. Please go on at the desk."),
    "taken": ("已有他人接警，谢谢您。", "Somebody else has claimed it. Thank you."),
    "coming": ("已记下，您前往。请注意安全。", "Noted: you are coming. Please take care."),
    "cannot": ("已记下，您不能前往。", "Noted: you cannot come."),
    "heard": ("已记下，谢谢。", "Noted, thank you."),
    "any_key": ("听到请按任意键。", "Press any key to say that you have heard this."),
    "no_key": (
        "没有收到按键，请查看手机消息。",
        "No key was pressed. Please look at your messages.",
    ),
    "over": ("这条消息已无需答复。", "This needs no answer any more."),
}

_LONG_NUMBER = re.compile(r"(?<!\d)\d{5,}(?!\d)")
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def sentence(name: str, language: Language) -> str:
    return in_language(SENTENCES[name], language)


def question(spoken: str, action: str, language: Language, settings: Mapping[str, str]) -> bytes:
    """Say it, repeat it twice, and take one key at any moment of it; without one, end the call."""
    say = _say(spoken, language, settings)
    gather = f'<Gather input="dtmf" numDigits="1" timeout="5" method="POST" action={quoteattr(action)}>'
    return _response(
        f'{gather}<Pause length="1"/>{say}<Pause length="1"/>{say}</Gather>'
        f"{gather}{say}</Gather>"
        f"{_say(sentence('no_key', language), language, settings)}<Hangup/>"
    )


def last(words: str, language: Language, settings: Mapping[str, str]) -> bytes:
    """One sentence, and the call ends."""
    return _response(f"{_say(words, language, settings)}<Hangup/>")


def silence() -> bytes:
    """Hang up."""
    return _response("<Hangup/>")


def _say(words: str, language: Language, settings: Mapping[str, str]) -> str:
    short = "zh" if language == "zh-hans" else "en"
    tongue, voice = VOICES[language]
    tongue, voice = settings.get(f"language_{short}", tongue), settings.get(f"voice_{short}", voice)
    attributes = f"language={quoteattr(tongue)}" + ("" if voice == "none" else f" voice={quoteattr(voice)}")
    return f"<Say {attributes}>{escape(_speakable(words))}</Say>"


def _speakable(words: str) -> str:
    """Long numbers digit by digit: a code is no million. Without what XML cannot hold."""
    plain = _NOT_XML.sub("", words)[:LONGEST]
    return _LONG_NUMBER.sub(lambda found: " ".join(found[0]), plain)


def _response(inside: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{inside}</Response>'.encode()
