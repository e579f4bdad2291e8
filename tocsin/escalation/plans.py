"""A plan: who is told, how and when, until somebody claims. Pure: structs, the default, and choosing one.

Seconds count from the start of the escalation. The last stage repeats every `every` seconds.
"""

from collections.abc import Iterable
from datetime import datetime, time
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec

Ring = Literal["", "parent", "all"]
Channel = Literal["webpush", "sms", "voice", "email", "whatsapp", "wecom", "apprise"]
WhomKind = Literal["on_duty", "role", "people", "nearest", "relatives", "parent", "everyone", "partner"]


class Whom(msgspec.Struct, frozen=True, omit_defaults=True):
    """Somebody to tell.

    `on_duty`    the roster's duty officers of the owner; nobody on it: everybody with that role there
    `role`       everybody at the owner with this role (`name`)
    `people`     named persons (`ids`)
    `nearest`    the `count` responders whose last known place is nearest, within `km`
    `relatives`  the caller's own contacts, if the caller wishes
    `parent`     the duty officers on duty at the parent center
    `everyone`   duty officers, supervisors and directors of the owner and all centers above it
    `partner`    a security company's webhook (`ids`)
    """

    kind: WhomKind
    name: str = ""
    ids: tuple[int, ...] = ()
    count: Annotated[int, msgspec.Meta(ge=1, le=50)] = 5
    km: Annotated[float, msgspec.Meta(gt=0, le=500)] = 20


class Stage(msgspec.Struct, frozen=True, omit_defaults=True):
    """What happens `after` so many seconds: further desks ring (the owner's rings from the press to the claim), and
    `whom` is told by these channels, each person by all of them.
    """

    after: Annotated[int, msgspec.Meta(ge=0, le=86_400)]
    ring: Ring = ""
    whom: tuple[Whom, ...] = ()
    by: tuple[Channel, ...] = ()


class Steps(msgspec.Struct, frozen=True):
    """A whole plan, as it is copied into an incident."""

    stages: Annotated[tuple[Stage, ...], msgspec.Meta(min_length=1, max_length=20)]
    every: Annotated[int, msgspec.Meta(ge=15, le=3600)] = 60

    def __post_init__(self) -> None:
        times = [stage.after for stage in self.stages]
        if times != sorted(set(times)):
            raise ValueError("stages follow one another: each needs a later time than the one before it")
        if not any(stage.ring == "all" or any(w.kind == "everyone" for w in stage.whom) for stage in self.stages):
            raise ValueError("the plan must reach everybody in the end: let a stage ring at all centers")

    def after(self, step: int) -> int:
        """Seconds from the start to step 1, 2, …; steps behind the last stage repeat it."""
        beyond = step - len(self.stages)
        if beyond <= 0:
            return self.stages[step - 1].after
        return self.stages[-1].after + beyond * self.every

    def stage(self, step: int) -> Stage:
        return self.stages[min(step, len(self.stages)) - 1]


ON_DUTY, PARENT, EVERYONE = Whom("on_duty"), Whom("parent"), Whom("everyone")

#: Ring at once, text at 10 s, call at 30 s, the parent at 60 s, everyone at 120 s, then again each minute.
DEFAULT = Steps(
    (
        Stage(0, "", (ON_DUTY,), ("webpush", "apprise", "wecom")),
        Stage(10, "", (ON_DUTY,), ("sms", "whatsapp")),
        Stage(30, "", (ON_DUTY,), ("voice",)),
        Stage(60, "parent", (PARENT,), ("webpush", "sms", "voice")),
        Stage(120, "all", (EVERYONE,), ("webpush", "sms", "voice", "email")),
    )
)


class Rule(msgspec.Struct, frozen=True):
    """When a center's plan applies. Empty or None: always. NIGHT is local wall time."""

    id: int
    alarm: str = ""
    silent: bool | None = None
    when: Literal["", "day", "night"] = ""


NIGHT = (time(22), time(6))


def is_night(at: datetime, zone: ZoneInfo) -> bool:
    wall = at.astimezone(zone).time()
    return wall >= NIGHT[0] or wall < NIGHT[1]


def choose(rules: Iterable[Rule], alarm: str, silent: bool, at: datetime, zone: ZoneInfo) -> int | None:
    """The id of the plan that fits best: one that names the kind of alarm before one that names silence before one
    that names the time of day; among equals the newest. None: the default."""
    now = "night" if is_night(at, zone) else "day"
    fitting = [
        rule for rule in rules if rule.alarm in ("", alarm) and rule.silent in (None, silent) and rule.when in ("", now)
    ]
    best = max(fitting, key=lambda r: (r.alarm != "", r.silent is not None, r.when != "", r.id), default=None)
    return best.id if best else None
