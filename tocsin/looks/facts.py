"""What the book says of looking: a broken glass, a share. Never whose data it was nor with whom it was shared."""

from tocsin.book.facts import Fact, kind


@kind(
    "glass_broken",
    zh="{actor}破例查看了一名会员的资料（30分钟）",
    en="{actor} broke the glass: a member's data is open to them for 30 minutes",
)
class GlassBroken(Fact):
    """`glass`: where the stated reason lies. `digest`: of the reason, salted."""

    glass: int
    person: int


@kind("shared", zh="{actor}将警情共享给{to_kind}", en="{actor} shared the incident with: {to_kind}")
class Shared(Fact):
    """`share`: where the receiver's name and the purpose lie. `parts`: what is shown."""

    share: int
    to_kind: str
    parts: tuple[str, ...] = ()


@kind("share_revoked", zh="{actor}收回了给{to_kind}的共享", en="{actor} revoked what was shared with: {to_kind}")
class ShareRevoked(Fact):
    share: int
    to_kind: str
