"""What can happen to an incident, and how it is said."""

from uuid import UUID

from tocsin.book.facts import Fact, kind


@kind(
    "opened",
    zh="{silent}：{alarm}，来自{source}{zone}{flags}",
    en="{silent}: {alarm}, from {source}{zone}{flags}",
)
class Opened(Fact):
    """`code` and `zone`: an alarm panel's own words ("E122", "003"). `drill`: an exercise, under the seal."""

    alarm: str
    source: str
    silent: bool = False
    flags: tuple[str, ...] = ()
    signal: UUID | None = None
    device: int | None = None
    code: str | None = None
    zone: str | None = None
    drill: bool = False


@kind(
    "joined", zh="同一人的又一信号：{alarm}{zone}{flags}", en="Another signal of the same caller: {alarm}{zone}{flags}"
)
class Joined(Fact):
    """A further alarm of the same person or device. `rings`: nobody was at it any more, so it rings anew."""

    alarm: str
    source: str
    signal: UUID
    flags: tuple[str, ...] = ()
    device: int | None = None
    rings: bool = False
    code: str | None = None
    zone: str | None = None


@kind("cancel_requested", zh="报警人请求取消：请打电话核实", en="The caller asks to cancel: call to make sure")
class CancelRequested(Fact):
    signal: UUID | None = None


@kind("told", zh="报警人的话，来自{source}", en="The caller says, by {source}")
class Told(Fact):
    """A text of somebody whose incident is open; it lies beside as a note."""

    source: str
    signal: UUID | None = None


@kind("tested", zh="测试信号，来自{source}{after}", en="Test signal, from {source}{after}")
class Tested(Fact):
    """`after`: seconds from the device's own clock to the disk."""

    source: str
    device: int | None = None
    signal: UUID | None = None
    after: float | None = None


@kind("claimed", zh="{actor}接警", en="Claimed by {actor}")
class Claimed(Fact):
    pass


@kind("released", zh="{actor}放回待接警", en="Released by {actor}")
class Released(Fact):
    pass


@kind(
    "handed_over",
    zh="{actor}将警情由{from_center}移交{to_center}",
    en="Handed over from {from_center} to {to_center} by {actor}",
)
class HandedOver(Fact):
    from_center: int
    to_center: int


@kind("dispatched", zh="{actor}派警：{to_kind} {dispatch}", en="{actor} dispatched: {to_kind} {dispatch}")
class Dispatched(Fact):
    dispatch: int
    to_kind: str
    responder: int | None = None


@kind("marked", zh="{actor}标记：{dispatch} {state}", en="{actor} marked: {dispatch} {state}")
class Marked(Fact):
    state: str
    dispatch: int | None = None


@kind("classified", zh="{actor}改类型为：{alarm}", en="{actor} set the kind: {alarm}")
class Classified(Fact):
    alarm: str


@kind("noted", zh="{actor}备注", en="Note by {actor}")
class Noted(Fact):
    pass


@kind("resolved", zh="{actor}标记已处置", en="Resolved by {actor}")
class Resolved(Fact):
    pass


@kind("closed", zh="{actor}结案：{outcome}", en="Closed by {actor}: {outcome}")
class Closed(Fact):
    outcome: str


@kind("reopened", zh="{actor}重新打开", en="Reopened by {actor}")
class Reopened(Fact):
    pass


@kind("merged", zh="{actor}并入警情 #{into}", en="Merged into incident #{into} by {actor}")
class Merged(Fact):
    into: int


@kind("unmerged", zh="{actor}从警情 #{out_of} 拆出", en="Separated from incident #{out_of} by {actor}")
class Unmerged(Fact):
    out_of: int
