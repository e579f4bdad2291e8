"""What the book says of rosters."""

from tocsin.book.facts import Fact, kind


@kind("handover_written", zh="{actor}写了交班记录", en="Hand-over note by {actor}")
class HandoverWritten(Fact):
    handover: int


@kind("handover_confirmed", zh="{actor}已读交班记录", en="{actor} has read the hand-over note")
class HandoverConfirmed(Fact):
    handover: int


@kind("shift_changed", zh="{actor}改了排班", en="{actor} changed the roster")
class ShiftChanged(Fact):
    duty: str
    shift: int | None = None


@kind("shift_swapped", zh="{actor}接下一个班次", en="{actor} took over a shift")
class ShiftSwapped(Fact):
    shift: int


@kind("responder_available", zh="{actor}可出警（{minutes}分钟）", en="{actor} is available ({minutes} min)")
class ResponderAvailable(Fact):
    minutes: int


@kind("responder_unavailable", zh="{actor}不再可出警", en="{actor} is not available any more")
class ResponderUnavailable(Fact):
    pass
