"""What a text means: an alarm and of which kind, a cancel, a test, a device's report, or a message. Pure.

The rule, which README.md tells people: whoever calls for help or names a danger alarms, wherever in the text it
stands. A missed alarm is worse than a false one; only what says plainly that no help is needed does not count.
"""

import re
from datetime import datetime

from msgspec.structs import replace

from tocsin.gates.protocols.sms import places, tracker
from tocsin.gates.protocols.sms.phrases import CANCELLED, CANCELS, FILLERS, NOT_CANCELLED, QUIET, TESTS
from tocsin.gates.protocols.sms.words import ALONE, CALLS, KINDS, NOT, fold, own_words
from tocsin.gates.signal import Signal

EARLY = 12  # a Chinese character is one, a word of Latin letters two: where a cancel has to begin
OLD = 10  # minutes
FELT = {"fall_down": "medical", "crash": "traffic"}  # a device felt it, and its owner may be unable to press

_UNIT = re.compile(r"[a-z0-9']+|[^\W\d_]")
# Our app's own text: time of the press, plus code, place, and the time of the place in brackets.
_APP = re.compile(r"(\d\d):(\d\d) [2-9cfghjmpqrvwx]{8}\+\w{2} -?[\d.]+,-?[\d.]+ \((\d\d):(\d\d)\)")


def signal(text: str, at: datetime | None = None, own: str = "") -> Signal:
    """The signal of one text. `own`: further words that alarm, between commas."""
    folded = fold(text)
    words = places.URL.sub(" ", folded)
    position = places.find(text)
    report = tracker.read(folded, position is not None)
    if position is not None and report.speed is not None:
        position = replace(position, speed=report.speed)
    flags = report.flags
    if _is_old(folded):
        flags += ("old_fix",)
    bare = Signal(kind="position" if position else "heartbeat", at=at, position=position, battery=report.battery)
    said = replace(bare, text=text, flags=flags)
    if report.state == "sos_ended":
        return replace(bare, flags=(report.state, *flags))
    if is_test(words):
        return replace(said, kind="test")
    withdrawn = is_cancel(words)
    felt = next((kind for flag, kind in FELT.items() if flag in flags), None)
    if felt or alarms(CANCELLED.sub(" | ", words) if withdrawn else words, own):
        return replace(said, kind="alarm", alarm=kind_of(words) or felt)
    if withdrawn:
        return replace(said, kind="cancel")
    if report.state:
        return replace(bare, flags=tuple(dict.fromkeys((report.state, *flags))))
    if not folded or (report.machine and position is not None):
        return replace(bare, flags=flags)  # an empty text, or a place and nothing else
    return replace(said, kind="message")


def alarms(words: str, own: str = "") -> bool:
    """Does it ask for help, or name a danger? Phrases that say the opposite are taken out first."""
    rest = QUIET.sub(" | ", words)
    mine = own_words(own)
    return bool(CALLS.search(rest) or ALONE.fullmatch(rest) or (mine and mine.search(rest)) or kind_of(rest))


def kind_of(words: str) -> str | None:
    """The kind of alarm that the text names first; where several begin at one spot, the longest."""
    rest = QUIET.sub(" | ", words)
    found = [
        (match.start(), -match.end(), kind)
        for kind, pattern in KINDS.items()
        for match in pattern.finditer(rest)
        if not NOT.search(rest, max(0, match.start() - 40), match.start())
    ]
    return min(found)[2] if found else None


def is_test(words: str) -> bool:
    """Only a test: "test", "SOS test", "测试一下". Anything more in it, and it is none."""
    rest = CALLS.sub(" ", words)
    return bool(TESTS.search(rest)) and not FILLERS.sub("", TESTS.sub(" ", rest))


def is_cancel(words: str) -> bool:
    """Takes the alarm back, near its beginning: "cancel", "SOS 误报", "sorry, wrong button"; not "don't cancel"."""
    for match in CANCELS.finditer(words):
        before = words[: match.start()]
        units = sum(2 if unit.isascii() else 1 for unit in _UNIT.findall(before))
        if units < EARLY and not NOT_CANCELLED.search(before):
            return True
    return False


def _is_old(folded: str) -> bool:
    """Was the place in our app's text found long before the press? Both are times of day on the same clock."""
    if not (match := _APP.search(folded)):
        return False
    hours, minutes, then_hours, then_minutes = map(int, match.groups())
    return (hours * 60 + minutes - then_hours * 60 - then_minutes) % 1440 in range(OLD + 1, 1440 - OLD)
