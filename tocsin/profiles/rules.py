"""Who reads which part of somebody's profile. Pure."""

import msgspec

PROFILE, MEDICAL, CONTACTS = "profile", "medical", "contacts"


class Tie(msgspec.Struct, frozen=True):
    """What binds whoever looks to an incident. running: it is neither closed nor merged. sees: it is at a center where
    they see incidents. claimed: they claimed it, and see it still. sent: they were sent to it, and are not done."""

    running: bool = False
    sees: bool = False
    claimed: bool = False
    sent: bool = False


def parts(tie: Tie) -> tuple[str, ...]:
    """Where somebody lives and drives: whoever works at it while it runs. Health and relatives: those who act."""
    if not tie.running:
        return ()
    if tie.claimed or tie.sent:
        return (PROFILE, MEDICAL, CONTACTS)
    return (PROFILE,) if tie.sees else ()
