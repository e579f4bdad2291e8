"""SMS: by the first provider of TOCSIN_CHANNEL_SMS_PROVIDER, and by the next as soon as that refuses or says nothing.

A text that two providers took comes twice: a repeat is better than silence. What a provider is stands in provider.py,
each has a file in providers/; receipts that come to a provider's one address are read by report.py.
"""

import asyncio
import logging
import re
from collections.abc import Sequence

import phonenumbers
from msgspec.structs import replace

from tocsin.notifications.channel import Answer, Callback, Channel, Outgoing, Result, Settings
from tocsin.notifications.channels.sms.providers import PROVIDERS
from tocsin.notifications.channels.sms.report import reported
from tocsin.notifications.channels.sms.segments import Sms, fitted

log = logging.getLogger(__name__)
#: Seconds for a provider that another one follows, and for the last; how many there may be. Together less than the
#: courier's own patience.
HASTE, PATIENCE, MOST = 6.0, 10.0, 3
SEGMENTS = "3"


async def send(outgoing: Outgoing, settings: Settings) -> Result:
    """`sent`: one of them took it; its name stands before `ref`, and `error` tells what is wrong with the others.

    `values["tried"]`: which try this is, if the courier tells it; each begins with another provider.
    """
    if not possible(outgoing.address):
        return Result("failed", error="no number in E.164 (+27821234567)", permanent=True, gone=True)
    sms, heard = text(outgoing, settings), list[Result]()
    names = _turned(ready(settings), outgoing.values.get("tried"))
    for left, name in zip(reversed(range(len(names))), names, strict=True):
        result = await _by(name, outgoing, sms, settings, HASTE if left else PATIENCE)
        heard.append(result)
        if result.gone or (result.state != "failed" and not result.error):
            break
    return _verdict(heard, troubles(settings))


async def _by(name: str, outgoing: Outgoing, sms: Sms, settings: Settings, patience: float) -> Result:
    """What one provider makes of it, under its name; whatever goes wrong with it is its own failure."""
    try:
        async with asyncio.timeout(patience):
            result = await PROVIDERS[name].send(outgoing, sms, settings)
    except TimeoutError:  # it may have taken it
        result = Result("failed", error=f"no answer within {patience:g} s")
    except Exception as error:
        log.exception("sending by %s failed", name)
        result = Result("failed", error=type(error).__name__)
    return _named(name, result)


def _named(name: str, result: Result) -> Result:
    ref, error = (f"{name}:{result.ref}" if result.ref else None), (f"{name}: {result.error}" if result.error else "")
    return replace(result, ref=ref, error=error)


def _verdict(heard: Sequence[Result], wrong: Sequence[str]) -> Result:
    """What they said, as one: gone if one says so; else sent if one took it (best one that does send now)."""
    told = "; ".join(result.error for result in heard if result.error)
    if heard and heard[-1].gone:
        return replace(heard[-1], error=told)
    taken = sorted((result for result in heard if result.state != "failed"), key=lambda result: bool(result.error))
    if taken:
        return replace(taken[0], error="; ".join(filter(None, (told, *wrong))))
    waits = [result.wait for result in heard if result.wait is not None]
    return Result(
        "failed",
        error=told or "; ".join(wrong),
        permanent=bool(heard) and all(result.permanent for result in heard),
        wait=min(waits) if heard and len(waits) == len(heard) else None,
    )


def possible(address: str) -> bool:
    """Can it be anybody's number? (Whether it is somebody's, the network knows.)"""
    if not re.fullmatch(r"\+[1-9]\d{6,14}", address, re.ASCII):
        return False
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(address))
    except phonenumbers.NumberParseException:
        return False


def text(outgoing: Outgoing, settings: Settings) -> Sms:
    """The short text, in as many segments as the settings allow, its link whole."""
    said = settings.get("segments", SEGMENTS)
    loose = [str(outgoing.values.get(name) or "") for name in ("where", "who")]
    return fitted(
        outgoing.text.short, int(said if _SEGMENTS.fullmatch(said) else SEGMENTS), outgoing.text.link or "", loose
    )


_SEGMENTS = re.compile(r"[2-9]|10")


def chosen(settings: Settings) -> list[str]:
    """The names of the setting, the first first, each once."""
    return list(dict.fromkeys(filter(None, (name.strip().lower() for name in settings["provider"].split(",")))))


def ready(settings: Settings) -> list[str]:
    """Those whose settings are complete and right."""
    return [name for name in chosen(settings)[:MOST] if not _wrong(name, settings)]


def _turned(names: list[str], tried: object) -> list[str]:
    """The second try begins with the second one: what took the first did not deliver it."""
    turns = (tried - 1) % len(names) if isinstance(tried, int) and names else 0
    return names[turns:] + names[:turns]


def _wrong(name: str, settings: Settings) -> list[str]:
    provider = PROVIDERS.get(name)
    if provider is None:
        return [f"TOCSIN_CHANNEL_SMS_PROVIDER: there is no {name}; there are {', '.join(PROVIDERS)}"]
    unset = [need for need in provider.needs if f"{name}_{need}" not in settings]
    missing = [f"not set: TOCSIN_CHANNEL_SMS_{name.upper()}_{need.upper()}" for need in unset]
    return missing or provider.check(settings)


def troubles(settings: Settings) -> list[str]:
    """All that is wrong with the settings, with those of a provider that stands in for another as well."""
    names = chosen(settings)
    wrong = [line for name in names[:MOST] for line in _wrong(name, settings)]
    if not names or len(names) > MOST:
        wrong.append(f"TOCSIN_CHANNEL_SMS_PROVIDER: one to {MOST} of {', '.join(PROVIDERS)}, between commas")
    if not _SEGMENTS.fullmatch(settings.get("segments", SEGMENTS)):
        wrong.append("TOCSIN_CHANNEL_SMS_SEGMENTS: 2 to 10")
    return wrong


def check(settings: Settings) -> list[str]:
    """What keeps it from sending at all. One that is ready is enough; `send` tells what is wrong with the others."""
    return [] if ready(settings) else troubles(settings)


def callback(asked: Callback, settings: Settings) -> Answer:
    """A receipt at the delivery's own address; `by` in it is the provider."""
    by = asked.form.get("by", "")
    provider = PROVIDERS.get(by)
    if provider is None or provider.receipt is None:
        return Answer(status=404)
    answer = provider.receipt(asked, settings)
    if answer.receipt is None or not answer.receipt.ref:
        return answer
    return answer._replace(receipt=replace(answer.receipt, ref=f"{by}:{answer.receipt.ref}"))


CHANNEL = Channel(send=send, needs=("provider",), check=check, callback=callback, report=reported)
