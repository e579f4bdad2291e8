"""The one struct that every protocol speaks. Units are SI: metres, metres a second, degrees true, UTC."""

from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

import msgspec

Kind = Literal["alarm", "position", "cancel", "test", "heartbeat", "message"]
KINDS: frozenset[str] = frozenset(get_args(Kind))
Alarm = Literal[
    "roadblock",
    "burglary",
    "robbery",
    "kidnapping",
    "extortion",
    "traffic",
    "medical",
    "fire",
    "unrest",
    "other",
]
ALARMS: tuple[str, ...] = get_args(Alarm)


class Position(msgspec.Struct, frozen=True, omit_defaults=True):
    """A fix: WGS 84 degrees; `accuracy` and `altitude` in metres, `speed` in m/s, `course` in degrees from north."""

    lat: float
    lon: float
    accuracy: float | None = None
    altitude: float | None = None
    speed: float | None = None
    course: float | None = None
    at: datetime | None = None


class Signal(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a device says, once. A decoder fills what its protocol carries and nothing else.

    `pressed` is for protocols that repeat an SOS as a status bit: True while the bit is set, False while it is
    clear, None when the frame says nothing of it. Only the edge from False to True is a press (an alarm);
    intake keeps the last level of each device.

    `text` of an alarm or a message becomes a note of the open incident. `code` and `zone` are an alarm panel's own
    words ("E122", "BA"; "003"): the site says what the zone is called.
    """

    kind: Kind
    alarm: str | None = None
    at: datetime | None = None
    position: Position | None = None
    silent: bool = False
    battery: float | None = None
    text: str | None = None
    flags: tuple[str, ...] = ()
    pressed: bool | None = None
    code: str | None = None
    zone: str | None = None
    id: UUID | None = None
    raw: str | None = None
