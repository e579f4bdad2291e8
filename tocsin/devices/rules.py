"""What a device's own complaints mean, and when a person must hear of them. Pure.

A trouble is told once; said again and again it stays told. Not said for `AGAIN`, it is news the next time.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import msgspec

#: The flags of a signal that a person must do something about.
TROUBLES = frozenset(
    {
        "low_battery",
        "power_cut",
        "tampering",
        "removing",
        "jamming",
        "fault",
        "gps_antenna_cut",
        "unplugged",
        "low_power",
    }
)
#: The flags that end one.
ENDS = {
    "battery_restored": "low_battery",
    "power_restored": "power_cut",
    "tamper_restored": "tampering",
    "fault_restored": "fault",
}
AGAIN = timedelta(hours=12)
CHARGED = 0.3  # a battery that says so is low no more

Times = Mapping[str, datetime | None]


def complaints(flags: Iterable[str], at: datetime) -> dict[str, datetime | None]:
    """What the flags of one signal say of troubles: the time of one that is there, None for one that has ended."""
    found: dict[str, datetime | None] = {}
    for flag in flags:
        if flag in TROUBLES:
            found[flag] = at
        elif flag in ENDS:
            found[ENDS[flag]] = None
    return found


class News(msgspec.Struct, frozen=True):
    """What has begun and what has ended since a person was told; `told` is what they then know."""

    begun: tuple[str, ...]
    ended: tuple[str, ...]
    told: dict[str, datetime]


def news(troubles: Times, told: Mapping[str, datetime], battery: float | None) -> News:
    """Compare what a device complained of last (`troubles`) with what a person was told."""
    begun, ended, known = list[str](), list[str](), dict(told)
    for trouble, at in sorted(troubles.items()):
        if trouble == "low_battery" and battery is not None and battery >= CHARGED:
            at = None  # noqa: PLW2901
        if at is None:
            if known.pop(trouble, None):
                ended.append(trouble)
            continue
        last = known.get(trouble)
        if last is None or at - last > AGAIN:
            begun.append(trouble)
        known[trouble] = at
    return News(tuple(begun), tuple(ended), known)


def shown(told: Mapping[str, datetime], now: datetime) -> list[str]:
    """The troubles of a device at present: an event without an end fades after `AGAIN`."""
    return sorted(trouble for trouble, at in told.items() if trouble == "low_battery" or now - at <= AGAIN)


def alike(said: str, written: str) -> bool:
    """Whether one identifier may be the other one, mistyped: a digit wrong, missing, too much or two exchanged; or a
    part of it, at least 8 characters at its end."""
    short, long = sorted((said, written), key=len)
    if len(short) >= 8 and long.endswith(short):
        return True
    at = next((n for n, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    return short[at + 1 :] == long[at + 1 :] or (
        short[at : at + 2] == long[at : at + 2][::-1] and short[at + 2 :] == long[at + 2 :]
    )
