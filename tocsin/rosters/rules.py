"""Weekly patterns become shifts; gaps and overlaps. Pure: local wall times in, moments in UTC out.

On the night when clocks go forward a wall time may not exist, on the night when they go back it exists twice. A shift
starts at the first moment whose wall time is not earlier than the one written down, and ends `minutes` of wall time
later, so that one shift ends exactly when the next starts: no hole and no overlap, whatever the clocks do.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec


class Weekly(msgspec.Struct, frozen=True):
    """What a Pattern says. `until` is included."""

    weekday: int
    start: time
    minutes: int
    since: date
    until: date | None = None


Span = tuple[datetime, datetime]
SHORTEST, LONGEST = timedelta(minutes=15), timedelta(hours=24)


def moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment (UTC) of a naive wall time: the first of two, and the end of the hole if it falls into one."""
    first = wall.replace(tzinfo=zone, fold=0)
    back = first.astimezone(UTC).astimezone(zone)
    if back.replace(tzinfo=None) == wall:
        return first.astimezone(UTC)
    # In the hole: the change lies between the moments that the offsets before and after it give.
    before, after = wall.replace(tzinfo=zone, fold=0).utcoffset(), wall.replace(tzinfo=zone, fold=1).utcoffset()
    assert before is not None
    assert after is not None
    low, high = (wall - max(before, after)).replace(tzinfo=UTC), (wall - min(before, after)).replace(tzinfo=UTC)
    while high - low > timedelta(seconds=1):  # the change itself, to the second
        middle = low + (high - low) / 2
        if middle.astimezone(zone).replace(tzinfo=None) < wall:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def shifts(weekly: Weekly, zone: ZoneInfo, first: datetime, last: datetime) -> Iterator[Span]:
    """The shifts that touch the time between two moments, in order; one that runs already is among them."""
    day = max(weekly.since, (first.astimezone(zone) - timedelta(days=1)).date())  # no shift is longer than a day
    day += timedelta(days=(weekly.weekday - day.weekday()) % 7)
    while weekly.until is None or day <= weekly.until:
        wall = datetime.combine(day, weekly.start)
        start = moment(wall, zone)
        if start >= last:
            return
        end = moment(wall + timedelta(minutes=weekly.minutes), zone)
        if end > first and end > start:
            yield start, end
        day += timedelta(days=7)


def gaps(spans: Iterable[Span], first: datetime, last: datetime) -> list[Span]:
    """The times from `first` to `last` that no span covers."""
    found, at = list[Span](), first
    for start, end in sorted(spans):
        if start >= last:
            break
        if start > at:
            found.append((at, start))
        at = max(at, end)
    if at < last:
        found.append((at, last))
    return found


def overlaps(spans: Sequence[Span]) -> list[Span]:
    """The times that two of these spans (of one person) share."""
    found, latest = list[Span](), None
    for start, end in sorted(spans):
        if latest is not None and start < latest:
            found.append((start, min(end, latest)))
        latest = end if latest is None else max(latest, end)
    return found
