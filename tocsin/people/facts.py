"""What can happen to roles, numbers and keys, and how it is said. Whom it is about by number; never a phone number."""

from tocsin.book.facts import Fact, kind


@kind(
    "role_granted",
    zh="{actor}授予{person}角色：{role}{from_day}{to_day}",
    en="{actor} made {person} {role}{from_day}{to_day}",
)
class RoleGranted(Fact):
    """`from_day`, `to_day`: days by the center's clock; None: from now on, without an end."""

    person: int
    role: str
    from_day: str | None = None
    to_day: str | None = None


@kind(
    "role_proposed",
    zh="{actor}提议授予{person}角色：{role}{from_day}{to_day}，待另一人确认",
    en="{actor} proposed {person} as {role}{from_day}{to_day}: another person must confirm",
)
class RoleProposed(RoleGranted, kw_only=True):
    """A grave role, which takes force when another confirms it."""

    proposal: int


@kind(
    "role_end_proposed",
    zh="{actor}提议免去{person}的角色：{role}，待另一人确认",
    en="{actor} proposed that {person} be {role} no longer: another person must confirm",
)
class RoleEndProposed(Fact):
    person: int
    role: str
    proposal: int


@kind(
    "role_confirmed",
    zh="{actor}确认了{proposer}的提议：{person}任{role}{from_day}{to_day}",
    en="{actor} confirmed what {proposer} proposed: {person} is {role}{from_day}{to_day}",
)
class RoleConfirmed(RoleGranted, kw_only=True):
    proposal: int
    proposer: int


@kind(
    "role_declined",
    zh="{actor}否决了关于{person}（{role}）的提议",
    en="{actor} declined the proposal about {person} ({role})",
)
class RoleDeclined(Fact):
    person: int
    role: str
    proposal: int


@kind(
    "role_withdrawn",
    zh="{actor}撤回了关于{person}（{role}）的提议",
    en="{actor} withdrew the proposal about {person} ({role})",
)
class RoleWithdrawn(RoleDeclined):
    """By whoever had made it."""


@kind(
    "role_proposal_expired",
    zh="关于{person}（{role}）的提议无人确认，已过期",
    en="Nobody confirmed the proposal about {person} ({role}): it expired",
)
class RoleProposalExpired(RoleDeclined):
    """After seven days."""


@kind("role_ended", zh="{actor}免去了{person}的角色：{role}", en="{actor} ended that {person} is {role}")
class RoleEnded(Fact):
    """At once. `proposer`: who had proposed it, where two were needed."""

    person: int
    role: str
    proposal: int | None = None
    proposer: int | None = None


@kind("role_left", zh="{actor}卸任{role}", en="{actor} stepped down as {role}")
class RoleLeft(Fact):
    role: str


@kind("number_changed", zh="{actor}更换了手机号码", en="{actor} changed their phone number")
class NumberChanged(Fact):
    """Both phones confirmed it."""

    person: int


@kind(
    "number_changed_at_desk",
    zh="{person}的旧号码已失去，经{proposer}和{actor}确认更换了手机号码",
    en="{person} had lost the old phone number: {proposer} and {actor} confirmed the new one",
)
class NumberChangedAtDesk(Fact):
    person: int
    proposer: int


@kind("key_made", zh="{actor}生成了一个接口密钥", en="{actor} made an API key")
class KeyMade(Fact):
    """`scopes`: what it may be used for; `days`: until it expires."""

    key: int
    scopes: tuple[str, ...]
    days: int


@kind("key_revoked", zh="{actor}吊销了一个接口密钥", en="{actor} revoked an API key")
class KeyRevoked(Fact):
    key: int
