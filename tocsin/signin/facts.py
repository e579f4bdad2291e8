"""What can happen to how somebody signs in, as far as it concerns the book."""

from tocsin.book.facts import Fact, kind


@kind(
    "second_factor_reset_asked",
    zh="{actor}提出重置{person}的第二重验证，待另一人确认",
    en="{actor} asked that the second step of {person} be reset: another person must confirm",
)
class SecondFactorResetAsked(Fact):
    """They lost it, it is said. Nothing has changed yet."""

    person: int


@kind(
    "second_factor_reset",
    zh="经{proposer}提出、{actor}确认，{person}的第二重验证已重置",
    en="{proposer} asked and {actor} confirmed: the second step of {person} is reset",
)
class SecondFactorReset(Fact):
    """Their passkeys, authenticator app and recovery codes are gone and all their sign-ins ended."""

    person: int
    proposer: int


@kind(
    "second_factor_reset_declined",
    zh="{actor}否决或撤回了重置{person}第二重验证的请求",
    en="{actor} declined or withdrew that the second step of {person} be reset",
)
class SecondFactorResetDeclined(Fact):
    """Nothing has changed."""

    person: int


@kind(
    "password_link_made",
    zh="{actor}为{person}生成了密码链接",
    en="{actor} made a password link for {person}",
)
class PasswordLinkMade(Fact):
    """A one-time address at which they set a password."""

    person: int
