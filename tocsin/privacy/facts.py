"""What the book says of people's data: that it is held, was exported, was erased. Never what it was."""

from tocsin.book.facts import Fact, kind


@kind("held", zh="{actor}要求保全资料至 {until}", en="Data held until {until} by {actor}")
class Held(Fact):
    """Nothing of this incident is deleted before that day. The reason lies beside as a note."""

    hold: int
    until: str


@kind("hold_ended", zh="{actor}解除资料保全", en="Hold on the data ended by {actor}")
class HoldEnded(Fact):
    hold: int


@kind("erasure_asked", zh="{actor}申请删除一名会员的个人资料", en="{actor} asks to erase a person's data")
class ErasureAsked(Fact):
    """`hours`: after which it is done, if it is not taken back."""

    person: int
    hours: int


@kind("erasure_taken_back", zh="{actor}撤回删除申请", en="The erasure was taken back by {actor}")
class ErasureTakenBack(Fact):
    person: int


@kind("erased", zh="一名会员的个人资料已删除", en="A person's data were erased")
class Erased(Fact):
    person: int


@kind("export_asked", zh="{actor}申请导出一名会员的资料", en="{actor} asks for a copy of a person's data")
class ExportAsked(Fact):
    person: int


@kind("export_fetched", zh="{actor}取走一名会员的资料副本", en="{actor} took the copy of a person's data")
class ExportFetched(Fact):
    person: int
