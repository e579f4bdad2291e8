"""What follows from what: the life of an alarm on one page.

A station knows only the stations before it; here they are connected. Every reaction runs inside the transaction of the
verb (or of intake's batch), so it happens exactly when the fact does, and is announced with it.

    press ──▶ Opened ──▶ escalation starts (a row with a due time)
                 │            └─ nobody claims ──▶ Escalated ──▶ siren at the parent, then at all up to the root
                 └─▶ book ──▶ live feed ──▶ desk rings
    claim ──▶ Claimed ──▶ escalation stops
    release, reopen, a press on a forgotten incident ──▶ escalation starts again
    close, merge ──▶ escalation stops
"""

from tocsin.escalation import actions as escalation
from tocsin.incidents import actions as incidents

#: An incident waits for somebody to claim it: opened, released, handed over, reopened, unmerged.
ON_OPENED = (escalation.start,)

#: Somebody took it, or it ended.
ON_TAKEN = (escalation.stop,)


def connect() -> None:
    """Connect the stations; called once at the start of every process."""
    incidents.Reactions.waiting = ON_OPENED
    incidents.Reactions.taken = ON_TAKEN
