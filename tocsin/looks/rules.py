"""Who may see what of a person, and for how long. Pure.

A `Tie` is all that binds a looker to a person at one moment; `sees` is the whole rule. More ties never show less.
"""

from datetime import timedelta

import msgspec

FOLD = timedelta(minutes=10)  # the same person at the same thing again within it is one look
GLASS = timedelta(minutes=30)  # for which a broken glass stays open
AFTERWARDS = timedelta(hours=2)  # for which a responder still sees what they were sent to
SHARE_MOST = timedelta(days=30)

PHONE, POSITION = "phone", "position"
PROFILE = "profile"  # addresses, vehicles, family
MEDICAL, CONTACTS = "medical", "contacts"  # notes on health; the member's own contacts
WHAT = (PHONE, POSITION, PROFILE, MEDICAL, CONTACTS)

#: Where a reading of it at night is worth a question: hours of the center's clock.
NIGHT_FROM, NIGHT_UNTIL = 22, 6

#: Why somebody looked, for whom it was no running incident: what an auditor counts.
WITHOUT_INCIDENT = frozenset({"over", "routine", "glass"})


class Tie(msgspec.Struct, frozen=True):
    """What binds a looker to a person now.

    own: it is themselves. running: an incident of theirs is open at a center where the looker sees incidents. lately:
    one was closed there less than 24 h ago. record: one was closed there at any time. leads: supervisor, director or
    auditor where it was. claims: the looker claimed the open one. sent: was sent to it, while it runs or 2 h after.
    glass: broke the glass less than 30 min ago.
    """

    own: bool = False
    running: bool = False
    lately: bool = False
    record: bool = False
    leads: bool = False
    claims: bool = False
    sent: bool = False
    glass: bool = False


def sees(tie: Tie, what: str) -> bool:
    """Whether one who is bound like this may see `what` (one of WHAT). What is unknown is shown to nobody else."""
    if tie.own:
        return True
    if what in (MEDICAL, CONTACTS):
        return tie.claims or tie.sent
    if what == PROFILE:
        return tie.running or tie.claims or tie.sent or tie.glass
    if what == PHONE:
        return tie.running or tie.claims or tie.sent or tie.glass or tie.lately or (tie.record and tie.leads)
    if what == POSITION:
        return tie.running or tie.claims or tie.sent or tie.lately or (tie.record and tie.leads)
    return False


def is_night(hour: int) -> bool:
    return hour >= NIGHT_FROM or hour < NIGHT_UNTIL
