"""What the partner API takes and gives about rosters, for the OpenAPI document. Patterns are in wall time."""

from datetime import date, datetime, time
from typing import Annotated, Literal

from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, Field, WithJsonSchema

from tocsin.api.schema import PersonOut

Duty = Literal["duty_officer", "responder", "supervisor"]
Id = Field(ge=1, lt=2**63)


def _wall(at: time) -> time:
    if at.tzinfo is not None:
        raise ValueError("wall time at the center has no zone")
    return at


#: "08:00" or "08:00:00". Not `format: time`, which has a zone (RFC 3339).
_CLOCK = {"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$", "examples": ["08:00"]}
WallTime = Annotated[time, AfterValidator(_wall), WithJsonSchema(_CLOCK)]


class SpanOut(Schema):
    starts_at: datetime
    ends_at: datetime


class ShiftOut(SpanOut):
    """`counts`: false where the person left or has lost the role, so that the time is a gap all the same."""

    id: int
    center: str
    center_name: str
    time_zone: str
    duty: Duty
    person: PersonOut
    pattern: int | None
    counts: bool = True


class OverlapOut(SpanOut):
    """A time in which one person is down for two shifts."""

    person: PersonOut


class DutyOut(Schema):
    """`kept`: a roster is kept for this duty; only then are there gaps."""

    duty: Duty
    kept: bool
    shifts: list[ShiftOut]
    gaps: list[SpanOut]
    overlaps: list[OverlapOut]


class DayOut(SpanOut):
    """A day at the center, from its midnight to the next: 23 or 25 hours when the clocks change."""

    date: date


class WeekOut(Schema):
    center: str
    time_zone: str
    days: list[DayOut]
    duties: list[DutyOut]
    edits: bool
    now: datetime


class OnDutyOut(PersonOut):
    """`by`: a shift, their own word in the app, or just the role while nobody is on the roster."""

    phone: str | None
    duty: Duty
    by: Literal["shift", "available", "role"]
    until: datetime | None


class HandoverOut(Schema):
    id: int
    author: PersonOut
    at: datetime
    text: str
    confirmed_by: PersonOut | None
    confirmed_at: datetime | None


class NowOut(Schema):
    """`gap`: the next time within three days without a duty officer. `handovers`: notes nobody has confirmed."""

    center: str
    time_zone: str
    people: list[OnDutyOut]
    gap: SpanOut | None
    handovers: list[HandoverOut]
    now: datetime


class PatternIn(Schema):
    """`weekday` 0 is Monday; `start` is wall time at the center; `until` is the last day, included."""

    duty: Duty
    person: int = Id
    weekday: int = Field(ge=0, le=6)
    start: WallTime
    minutes: int = Field(ge=15, le=24 * 60)
    since: date
    until: date | None = None


class NewPatternIn(PatternIn):
    center: str = Field(max_length=12)


class PatternOut(Schema):
    id: int
    center: str
    duty: Duty
    person: PersonOut
    weekday: int
    start: WallTime
    minutes: int
    since: date
    until: date | None


class ShiftIn(Schema):
    center: str = Field(max_length=12)
    duty: Duty
    person: int = Id
    starts_at: AwareDatetime
    ends_at: AwareDatetime


class OfferIn(Schema):
    to: int = Id


class SwapOut(Schema):
    id: int
    shift: ShiftOut
    to: PersonOut
    offered_at: datetime
    answered_at: datetime | None
    accepted: bool | None


class SwapsOut(Schema):
    to_me: list[SwapOut]
    by_me: list[SwapOut]


class HandoverIn(Schema):
    center: str = Field(max_length=12)
    text: str = Field(min_length=1, max_length=4000)


class LinkOut(Schema):
    """`url` only where it is made: it is not kept."""

    linked: bool
    url: str | None = None
