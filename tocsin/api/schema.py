"""What the partner API takes and gives, for the OpenAPI document."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from tocsin.gates.signal import Alarm

Text = Field(None, max_length=4000)


class Where(Schema):
    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)


class OpenIn(Schema):
    center: str = Field(max_length=12)
    alarm: Alarm = "other"
    caller: str | None = Field(None, max_length=200)
    phone: str | None = Field(None, max_length=40)
    text: str | None = Text
    address: str | None = Field(None, max_length=400)
    position: Where | None = None
    silent: bool = False


class Nothing(Schema):
    pass


class ReasonIn(Schema):
    reason: str | None = Text


class HandOverIn(ReasonIn):
    center: str = Field(max_length=12)


class DispatchIn(Schema):
    kind: Literal["responder", "unit", "security", "police"] | None = None  # else: a responder if named, or a unit
    responder: int | None = Field(None, ge=1, lt=2**63)
    to: str = Field("", max_length=400)


class MarkIn(Schema):
    state: Literal["sent", "on_the_way", "on_scene", "done"]
    dispatch: int | None = Field(None, ge=1, lt=2**63)


class NoteIn(Schema):
    text: str = Field(min_length=1, max_length=4000)


class TextIn(Schema):
    text: str | None = Text


class CloseIn(TextIn):
    outcome: Literal["genuine", "false_alarm", "drill", "duplicate", "no_contact"]


class MergeIn(Schema):
    into: int = Field(ge=1, lt=2**63)


class ClassifyIn(Schema):
    alarm: Alarm


class PersonOut(Schema):
    id: int
    name: str


class IncidentOut(Schema):
    """An incident; `trail` and `timeline` only where one incident is read. `withheld`: it was closed more than
    24 h ago, and the caller's number and place are only for who leads the center."""

    id: int
    number: int
    center: str
    center_name: str
    centers: list[str]
    state: str
    outcome: str | None
    alarm: str
    silent: bool
    drill: bool
    opened_at: datetime
    claimed_at: datetime | None
    closed_at: datetime | None
    person: dict[str, Any] | None
    caller: str | None
    phone: str | None
    withheld: bool = False
    device: dict[str, Any] | None
    site: dict[str, Any] | None
    claimed_by: PersonOut | None
    mine: bool
    position: dict[str, Any] | None
    address: str | None
    plus_code: str | None
    battery: float | None
    flags: list[str]
    pressed_at: datetime
    presses: int
    cancel_requested_at: datetime | None
    escalation: dict[str, Any] | None
    merged_into: int | None
    dispatches: list[dict[str, Any]]
    verbs: list[str]


class EntryOut(Schema):
    number: int
    center: str
    at: datetime
    kind: str
    incident: int | None
    facts: dict[str, Any]
    actor: PersonOut | None
    text: str
    drill: bool = False
    note: str | None = None


class DeliveryOut(Schema):
    """One message to one person on one channel. `state`: queued, sending, sent, delivered, read, answered, failed,
    given_up, cancelled; `then`: the channels that are tried next if this one fails or stays unread; `why`: no_answer,
    refused, address_dead or not_set_up where it went wrong, with the channel's own words in `error`."""

    id: int
    who: dict[str, Any]
    message: str
    channel: str
    state: str
    at: datetime
    created_at: datetime
    tried: int
    answer: str
    eta: int | None
    words: str
    error: str
    why: str
    drill: bool
    then: list[str]


class ToldOut(Schema):
    """`told`: how many people are owed a message, were told, have seen it, are coming, could not be reached."""

    told: dict[str, int]
    deliveries: list[DeliveryOut]


class FileOut(Schema):
    """An attachment; `thumb`, `view`, `original`: where you may fetch each copy. Others see copies without metadata."""

    id: UUID
    kind: str
    type: str
    size: int
    at: datetime
    sha256: str
    removed_at: datetime | None
    copied: bool
    thumb: str | None
    view: str | None
    original: str | None


class IncidentDetail(IncidentOut, ToldOut):
    trail: list[tuple[float, float, datetime, float | None]]
    timeline: list[EntryOut]
    files: list[FileOut]


class CenterOut(Schema):
    code: str
    name: str
    name_zh: str
    name_en: str
    parent: str | None
    lat: float
    lon: float
    time_zone: str
    phone: str
    area: dict[str, Any] | None


class ResponderOut(Schema):
    id: int
    name: str
    kind: str
    phone: str | None


class DeviceIn(Schema):
    """Whose it is: `person` or `site` by id, else the center itself."""

    center: str = Field(max_length=12)
    protocol: str = Field(max_length=20)
    identifier: str = Field(min_length=1, max_length=120)
    name: str = Field("", max_length=120)
    person: int | None = Field(None, ge=1, lt=2**63)
    site: int | None = Field(None, ge=1, lt=2**63)
    settings: dict[str, str] = {}
    sim: str = Field("", max_length=40)


class RenameIn(Schema):
    name: str = Field(max_length=120)


class ExpectIn(Schema):
    every: int | None = Field(ge=60, le=30 * 86400)


class SiteIn(Schema):
    center: str = Field(max_length=12)
    name: str = Field(min_length=1, max_length=120)
    address: str = Field("", max_length=240)
    position: Where | None = None


class StepOut(Schema):
    text: str
    send: str | None


class ProtocolOut(Schema):
    """A kind of device. In `steps`, {identifier} and what `asks` names are left for you to fill."""

    name: str
    title: str
    models: str
    by: str
    identifier: str
    pattern: str
    example: str
    steps: list[StepOut]
    asks: list[str]
    password: str
    fields: list[dict[str, Any]]
    press: str
    every: int | None
    host: str
    port: int | None
    url: str | None


class TroubleOut(Schema):
    name: str
    said: str
    at: datetime


class DeviceOut(Schema):
    """A device. `tested_after`: how many seconds its last test took; null where the device has no clock."""

    id: int
    protocol: str
    title: str
    identifier: str
    name: str
    owner: dict[str, Any] | None
    state: Literal["silent", "trouble", "waiting", "ok"]
    added_at: datetime
    revoked_at: datetime | None
    heartbeat_every: int | None
    heard_at: datetime | None
    silent_since: datetime | None
    battery: float | None
    troubles: list[TroubleOut]
    testing_until: datetime | None
    tested_at: datetime | None
    tested_after: float | None


class DeviceDetail(DeviceOut):
    sim: str | None
    knocks: list[dict[str, Any]]
    now: datetime


class DevicesOut(Schema):
    items: list[DeviceOut]
    now: datetime
