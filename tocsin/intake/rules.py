"""What intake decides about one signal, without a database. Pure."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

import msgspec

from tocsin.gates.signal import ALARMS, Position, Signal

LATE = timedelta(minutes=5)
OLD_FIX = timedelta(minutes=10)
NEARLY = 15.0  # seconds between two signs of life that are written down
AHEAD = timedelta(minutes=10)  # a clock this far ahead is wrong
BEHIND = timedelta(days=30)  # no device buffers for so long: its clock is wrong, and the press is now
#: After so long without anybody touching the incident, a new press on it rings anew.
FORGOTTEN = timedelta(minutes=30)


def clock(signal: Signal, now: datetime) -> str | None:
    """`wrong_clock`, `late`, or None for a signal whose time is plausible (or absent)."""
    if signal.at is None:
        return None
    if signal.at > now + AHEAD or signal.at < now - BEHIND:
        return "wrong_clock"
    return "late" if signal.at < now - LATE else None


def usable(position: Position | None) -> Position | None:
    """The position, unless it is the 0,0 that receivers without a fix report."""
    if position is None or (abs(position.lat) < 0.001 and abs(position.lon) < 0.001):
        return None
    return position


def flags(signal: Signal, now: datetime) -> tuple[str, ...]:
    """The decoder's flags and what intake finds itself, each once."""
    found = list(signal.flags)
    if (about := clock(signal, now)) is not None:
        found.append(about)
    position = signal.position
    if position is not None and usable(position) is None:
        found.append("null_island")
    elif position is None and signal.kind == "alarm":
        found.append("no_fix")
    elif position is not None and position.at is not None and position.at < now - OLD_FIX:
        found.append("old_fix")
    if signal.alarm is not None and signal.alarm not in ALARMS:
        found.append("unknown_kind")
    return tuple(dict.fromkeys(found))


def of_zone(signal: Signal, zones: Mapping[str, tuple[str, bool]]) -> Signal:
    """What the site knows better than its panel: the kind of alarm in that zone, and that it must stay silent."""
    kind, silent = zones.get((signal.zone or "").lstrip("0"), ("", False))
    if signal.kind != "alarm" or not (kind or silent):
        return signal
    return msgspec.structs.replace(signal, alarm=kind or signal.alarm, silent=silent or signal.silent)


def took(signal: Signal, now: datetime) -> float | None:
    """Seconds from the device's own clock to ours; None where its clock says nothing useful."""
    if signal.at is None or clock(signal, now) is not None:
        return None
    return round(max(0.0, (now - signal.at).total_seconds()), 1)


def alarm(signal: Signal) -> str:
    """The kind of alarm: a kind that we do not know is still an alarm."""
    return signal.alarm if signal.alarm in ALARMS else "other"


def rings_anew(state: str, touched_at: datetime, now: datetime, flags: Collection[str]) -> bool:
    """Whether a further press on an open incident must start from the beginning: nobody is at it any more, or whoever
    is must hear that the caller is under duress. What was held up in a device says nothing of now, but for that."""
    if "duress" in flags:
        return state != "new"
    return "late" not in flags and (state == "resolved" or (state != "new" and touched_at < now - FORGOTTEN))
