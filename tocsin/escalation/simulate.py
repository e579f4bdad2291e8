"""A plan played through: who would be told, when and by which channel. Pure; nothing is written and nobody is told."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from tocsin.escalation.plans import Stage, Steps, Whom
from tocsin.lib.words import Language
from tocsin.rosters.rules import moment

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKLY = re.compile(r"(mon|tue|wed|thu|fri|sat|sun)-(\d\d):(\d\d)")

SAID: dict[str, tuple[str, str]] = {
    "off_duty": (
        "第 {step} 步：{center}届时排班上无人，将通知全部 {count} 位值班员",
        "Stage {step}: nobody is on the roster of {center} then; all {count} duty officers would be told",
    ),
    "nobody": ("第 {step} 步：一个人也通知不到", "Stage {step}: nobody at all would be told"),
    "no_contact": ("第 {step} 步：{who}没有任何联系方式", "Stage {step}: {who} has no contact"),
    "unconfirmed": ("第 {step} 步：{who}的联系方式从未确认过", "Stage {step}: no contact of {who} was ever confirmed"),
    "channel_off": (
        "第 {step} 步：{channel}尚未设置，发不出去",
        "Stage {step}: {channel} is not set up: it cannot be sent",
    ),
    "far_off": (
        "排班只做到 8 周以后，更晚的值班未知",
        "Rosters reach eight weeks ahead: who is on duty then is unknown",
    ),
}
CHANNELS: dict[str, tuple[str, str]] = {
    "webpush": ("推送", "push"),
    "sms": ("短信", "text message"),
    "voice": ("电话", "voice call"),
    "email": ("邮件", "e-mail"),
    "whatsapp": ("WhatsApp", "WhatsApp"),
    "wecom": ("企业微信", "WeCom"),
    "apprise": ("其他应用", "other apps"),
    "webhook": ("安保公司接口", "webhook"),
}


class Reach(msgspec.Struct, frozen=True):
    """A person, and the channels of their living contacts in the order in which they would be tried."""

    id: int
    name: str
    channels: tuple[str, ...] = ()
    confirmed: bool = False


class Met(msgspec.Struct):
    """Whom one stage means at its time. `empty`: centers without anybody on the roster, and how many officers then."""

    people: list[Reach] = []
    relatives: bool = False
    partners: list[str] = []
    empty: list[tuple[int, int]] = []


class Told(msgspec.Struct):
    """`otherwise`: the person has none of the stage's channels and is told on the best one they have."""

    id: int
    name: str
    channels: list[str]
    otherwise: bool = False


class Warned(msgspec.Struct):
    reason: str
    step: int = 0
    who: str = ""
    center: int = 0
    count: int = 0
    channel: str = ""

    def said(self, language: Language, center: str) -> str:
        zh = language == "zh-hans"
        channel = CHANNELS.get(self.channel, (self.channel, self.channel))[0 if zh else 1]
        template = SAID[self.reason][0 if zh else 1]
        return template.format(step=self.step, who=self.who, center=center, count=self.count, channel=channel)


class Moment(msgspec.Struct):
    """A stage at its time. `ring`: ids of the centers where the siren sounds besides the owner's."""

    step: int
    after: int
    at: datetime
    ring: list[int]
    told: list[Told]
    relatives: bool = False
    partners: list[str] = []
    warnings: list[Warned] = []


def play(
    steps: Steps,
    start: datetime,
    line: Sequence[int],
    meet: Callable[[Sequence[Whom], datetime], Met],
    off: Iterable[str] = (),
) -> list[Moment]:
    """Each stage once; the last one repeats every `steps.every` seconds. `line`: the owner and the centers above it;
    `off`: channels that are not set up."""
    dead, known, played = set(off), set[tuple[object, ...]](), list[Moment]()
    for number, stage in enumerate(steps.stages, 1):
        at = start + timedelta(seconds=stage.after)
        met = meet(stage.whom, at)
        told, warnings = list[Told](), list[Warned]()
        for person in met.people:
            chosen = [c for c in person.channels if not stage.by or c in stage.by]
            chosen = chosen if stage.by else chosen[:1]
            otherwise = bool(person.channels) and not chosen
            told.append(Told(person.id, person.name, chosen or list(person.channels[:1]), otherwise))
            if not person.channels:
                warnings.append(Warned("no_contact", number, person.name))
            elif not person.confirmed:
                warnings.append(Warned("unconfirmed", number, person.name))
        warnings[:0] = [Warned("off_duty", number, center=center, count=count) for center, count in met.empty]
        warnings += [Warned("channel_off", number, channel=c) for c in _used(stage, met) if c in dead]
        warnings = [w for w in warnings if _what(w) not in known]  # each trouble is told once, where it first comes
        known |= {_what(w) for w in warnings}
        if stage.whom and not (told or met.relatives or met.partners):
            warnings.append(Warned("nobody", number))
        ring = list(line[1:] if stage.ring == "all" else line[1:2]) if stage.ring else []
        played.append(Moment(number, stage.after, at, ring, told, met.relatives, met.partners, warnings))
    return played


def _what(w: Warned) -> tuple[object, ...]:
    return w.reason, w.who, w.center, w.channel


def _used(stage: Stage, met: Met) -> list[str]:
    return [*stage.by, *(["webhook"] if met.partners else [])]


def when(asked: str, zone: ZoneInfo, now: datetime) -> datetime:
    """The moment that is meant: "" now; "sun-03:00" the next one by the center's clock; a wall time without an offset
    is the center's. ValueError: it is none."""
    if not asked:
        return now
    if weekly := _WEEKLY.fullmatch(asked):
        clock = time(int(weekly[2]), int(weekly[3]))
        day = now.astimezone(zone).date()
        day += timedelta(days=(DAYS.index(weekly[1]) - day.weekday()) % 7)
        found = moment(datetime.combine(day, clock), zone)
        return found if found > now else moment(datetime.combine(day + timedelta(days=7), clock), zone)
    given = datetime.fromisoformat(asked)
    return moment(given, zone) if given.tzinfo is None else given.astimezone(UTC)
