"""What the book says of messages to people: that they were told, and what they answered. Never an address."""

from tocsin.book.facts import Fact, kind


@kind("notified", zh="第 {step} 步：通知 {people} 人", en="Step {step}: told {people}")
class Notified(Fact):
    step: int
    people: int
    channels: tuple[str, ...] = ()


@kind("answered", zh="{actor}答复：{answer}{eta}", en="{actor} answers: {answer}{eta}")
class Answered(Fact):
    """`answer`: coming, cannot. `eta`: minutes. Their own words lie beside as a note."""

    answer: str
    eta: int | None = None


@kind(
    "unreachable",
    zh="联系不上应被通知的人：已试遍全部联系方式",
    en="A person who must be told could not be reached on any contact",
)
class Unreachable(Fact):
    person: int


@kind(
    "unserved",
    zh="自检：升级已超时 {seconds} 秒未执行",
    en="Self-check: a step of the escalation is {seconds} s overdue",
)
class Unserved(Fact):
    seconds: int


@kind(
    "roster_gap",
    zh="排班有空缺：{duty}，{minutes}分钟后起无人值班",
    en="Nobody on the roster: {duty}, from {minutes} minutes on",
)
class RosterGap(Fact):
    """`notice`: days or hours before."""

    duty: str
    minutes: int
    notice: str


@kind(
    "officer_unreachable",
    zh="排班上的{duty}没有确认过的联系方式",
    en="A {duty} on the roster has no contact that was ever confirmed",
)
class OfficerUnreachable(Fact):
    """`notice`: days or hours before."""

    duty: str
    person: int
    notice: str
