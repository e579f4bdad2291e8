"""Shifts, swaps, hand-overs, availability, the calendar's address."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from tocsin.privacy.erasers import Section, keep, label, offer
from tocsin.privacy.own.dump import dump
from tocsin.rosters.models import Availability, Feed, Handover, Pattern, Shift, Swap


def erase(person: int, at: datetime) -> int:
    """What lies ahead goes; who was on duty stays as a number."""
    count = Availability.objects.filter(person=person).delete()[0] + Feed.objects.filter(person=person).delete()[0]
    swaps = Swap.objects.filter(Q(to=person) | Q(shift__person=person), answered_at=None)
    count += swaps.delete()[0] + Shift.objects.filter(person=person, starts_at__gt=at).delete()[0]
    return count + Pattern.objects.filter(person=person).delete()[0]


def export(person: int, language: str) -> Iterable[Section]:
    shifts = Shift.objects.filter(person=person).order_by("pk")
    yield Section("shifts", ("我的班次", "My shifts"), dump(shifts, "id", "duty", "starts_at", "ends_at", "removed_at"))
    patterns = Pattern.objects.filter(person=person).order_by("pk")
    fields: tuple[str, ...] = ("duty", "weekday", "start", "minutes", "since", "until")
    yield Section("patterns", ("我的每周班次", "My weekly shifts"), dump(patterns, *fields))
    swaps = Swap.objects.filter(to=person).order_by("pk")
    fields = ("shift_id", "offered_at", "answered_at", "accepted")
    yield Section("swaps", ("请我接的班", "Shifts I was asked to take"), dump(swaps, *fields))
    notes = Handover.objects.filter(author=person).order_by("pk")
    yield Section("handovers", ("我的交班记录", "My hand-over notes"), dump(notes, "id", "at", "text", "confirmed_at"))
    there = Availability.objects.filter(person=person).order_by("pk")
    yield Section("availability", ("可出警", "When I was available"), dump(there, "since", "until", "lat", "lon"))
    feeds = Feed.objects.filter(person=person)
    yield Section("calendar", ("日历地址", "Calendar address"), dump(feeds, "id"))


offer(
    "rosters",
    columns=(
        "rosters.Pattern.person",
        "rosters.Shift.person",
        "rosters.Swap.to",
        "rosters.Availability.person",
        "rosters.Feed.person",
    ),
    erase=erase,
    export=export,
)
keep("rosters.Handover.author", "交班记录一年后清空", "hand-over notes are emptied after a year")
keep("rosters.Handover.confirmed_by", "谁确认了交班，只剩编号", "who read a hand-over: a number, without a name")
label(
    duty=("职务", "Duty"), starts_at=("开始", "From"), ends_at=("结束", "To"), removed_at=("取消", "Taken out"),
    weekday=("星期（0 为周一）", "Weekday (0: Monday)"), start=("开始时刻", "Starts"), minutes=("分钟", "Minutes"),
    since=("自", "Since"), until=("至", "Until"), shift_id=("班次编号", "Shift number"), offered_at=("提出", "Offered"),
    accepted=("接受", "Accepted"),
)  # fmt: skip
