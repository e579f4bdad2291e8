"""What follows from what: the life of an alarm on one page.

A station knows only the stations before it; here they are connected. Every reaction runs inside the transaction of the
verb (or of intake's batch), so it happens exactly when the fact does, and is announced with it.

    press ──▶ Opened ──▶ escalation starts (a row with a due time)
                 │            └─ the clock chooses the plan; each stage that falls due
                 │                 ├─▶ Escalated ──▶ siren at the parent, then at all up to the root
                 │                 └─▶ Notified  ──▶ deliveries owed ──▶ the courier sends them
                 └─▶ book ──▶ live feed ──▶ desk rings
    claim ──▶ Claimed ──▶ escalation stops, what was not sent yet is not sent, the caller is told
    dispatch ─▶ Dispatched ──▶ the responder is told; the answer moves the dispatch
    release, reopen, a press on a forgotten incident ──▶ escalation starts again
    close, merge ──▶ escalation stops; who is on the way hears that they need not come
    a drill ──▶ Opened, marked as one; only inside the house; the clock ends it ──▶ Closed
    a text of somebody without an open incident ──▶ an answer to what they were sent
"""

from tocsin.drills import limits as drills
from tocsin.escalation import actions as escalation
from tocsin.escalation import stages
from tocsin.incidents import actions as incidents
from tocsin.intake.store import Following
from tocsin.notifications import actions as notifications
from tocsin.notifications import aftermath, alarm, inbox
from tocsin.rosters import actions as rosters

#: An incident waits for somebody to claim it: opened, released, handed over, reopened, unmerged.
ON_OPENED = (escalation.start,)

#: What intake does in the transaction of the signals themselves.
ON_SIGNAL = Following(opened=ON_OPENED, text=inbox.keep)

#: Somebody took it, or it ended.
ON_TAKEN = (escalation.stop, notifications.stop)

#: A verb was done: the responder who is sent, the caller who is heard, those who need not come any more.
ON_DONE = (aftermath.done,)

#: A stage of the escalation is due; what one of a drill may do.
ON_FIRED = (alarm.fired,)
ON_DRILLED = (drills.limit,)

#: A colleague is asked to take a shift over.
ON_OFFERED = (aftermath.offered,)


def connect() -> None:
    """Connect the stations; called once at the start of every process."""
    incidents.Reactions.waiting = ON_OPENED
    incidents.Reactions.taken = ON_TAKEN
    incidents.Reactions.done = ON_DONE
    stages.Reactions.fired = ON_FIRED
    stages.Reactions.drilled = ON_DRILLED
    rosters.Reactions.offered = ON_OFFERED
