"""What the codes of alarm panels mean here. The tables say it in a few words for each code:

    a kind of alarm (burglary, fire, ...)   it is an alarm; with `silent` nothing may be heard at the site
    test, cancel, message                   a test report; "ask to cancel"; a remark to the open incident
    any other word                          a flag of a sign of life: `fault`, `power_cut`, ...; no word: nothing more

A device's own setting `alarms`, {"E130": "robbery silent", "RP": "heartbeat"}, is written in the same words and goes
before the tables.
"""

from collections.abc import Mapping
from typing import NamedTuple, cast

from tocsin.gates.signal import ALARMS, KINDS, Kind

UNKNOWN = "unknown_kind"
ENDS = {
    "low_battery": "battery_restored",
    "power_cut": "power_restored",
    "tampering": "tamper_restored",
    "fault": "fault_restored",
}


class Event(NamedTuple):
    """One event of a report, as the panel says it. `old`: from its memory."""

    code: str
    zone: str | None = None
    text: str | None = None
    old: bool = False


class Meaning(NamedTuple):
    """What a code means, in the words of a Signal."""

    kind: Kind
    alarm: str | None = None
    silent: bool = False
    flags: tuple[str, ...] = ()


def read(words: str) -> Meaning:
    """The meaning that the words of a table, or of the setting `alarms`, say."""
    kind, alarm, flags = cast(Kind | None, None), cast(str | None, None), list[str]()
    for word in words.split():
        if word in ALARMS:
            kind, alarm = "alarm", word
        elif word == "sos":
            kind = "alarm"
        elif word in KINDS:
            kind = cast(Kind, word)
        elif word != "silent":
            flags.append(word)
    return Meaning(kind or "heartbeat", alarm, "silent" in words.split(), tuple(flags))


def table(*rows: tuple[str, str]) -> dict[str, str]:
    """Words by code, from rows of (words, codes); "100-103" is a range. Raises ValueError for a code that is twice."""
    found: dict[str, str] = {}
    for words, codes in rows:
        for code in codes.split():
            first, _, last = code.partition("-")
            for each in map(str, range(int(first), int(last) + 1)) if last else (code,):
                if each in found:
                    raise ValueError(f"{each} stands twice")
                found[each] = words
    return found


def own(overrides: object, code: str) -> Meaning | None:
    """What the device's own setting says of a code."""
    words = overrides.get(code) if isinstance(overrides, Mapping) else None
    return read(words) if isinstance(words, str) else None


def ended(meaning: Meaning) -> Meaning:
    """What the end of it means: of an alarm a remark, of a trouble its end."""
    if meaning.kind == "alarm":
        return Meaning("message", silent=meaning.silent)
    return meaning._replace(flags=tuple(ENDS[flag] for flag in meaning.flags if flag in ENDS))
