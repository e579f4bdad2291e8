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
    break the glass ──▶ GlassBroken ──▶ the member and the center's director are told
    a drill ──▶ Opened, marked as one; only inside the house; the clock ends it ──▶ Closed
    a text of somebody without an open incident ──▶ an answer to what they were sent
    somebody asks for a code ──▶ the clock looks whose the number is ──▶ a text or a call to it
    a lost second factor is asked to be reset ──▶ the person and those who may confirm it are told
    a number is changed ──▶ contacts go along, the old phone hears of it; a role is given or taken ──▶ they are told
"""

from tocsin.devices import pairing
from tocsin.drills import limits as drills
from tocsin.enrolment import actions as enrolment
from tocsin.escalation import actions as escalation
from tocsin.escalation import stages
from tocsin.incidents import actions as incidents
from tocsin.intake.store import Following
from tocsin.looks import actions as looks
from tocsin.notifications import actions as notifications
from tocsin.notifications import aftermath, alarm, asked, inbox, push
from tocsin.people import codes, moving, roles
from tocsin.privacy import consent, effects
from tocsin.profiles import actions as profiles
from tocsin.rosters import actions as rosters
from tocsin.signin import resets

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

#: Somebody's number wants a code; became another; their role changed.
ON_CODE = (asked.send,)
ON_MOVED = (asked.moved,)
ON_ROLE = (asked.role_changed,)

#: Somebody lost their second factor; two take it away: the person and who may confirm it are told.
ON_RESET = (asked.second_factor,)

#: A phone was revoked: nothing is pushed to it any more.
ON_REVOKED = (push.revoked,)

#: Somebody saw a member's data without an incident: the member and the director hear of it.
ON_BROKEN = (aftermath.broken,)


#: A consent was given or withdrawn: what rested on it stops at once.
ON_CONSENT = (effects.stop_relatives, effects.forget_medical, effects.end_media_shares)

#: A member left: what they told about themselves goes at once, the rest when its time is over (`privacy/keeping.py`).
ON_LEFT = (profiles.left,)


def connect() -> None:
    """Connect the stations; called once at the start of every process."""
    incidents.Reactions.waiting = ON_OPENED
    incidents.Reactions.taken = ON_TAKEN
    incidents.Reactions.done = ON_DONE
    stages.Reactions.fired = ON_FIRED
    stages.Reactions.drilled = ON_DRILLED
    rosters.Reactions.offered = ON_OFFERED
    looks.Reactions.broken = ON_BROKEN
    codes.Reactions.asked = ON_CODE
    moving.Reactions.moved = ON_MOVED
    roles.Reactions.changed = ON_ROLE
    resets.Reactions.told = ON_RESET
    pairing.Reactions.revoked = ON_REVOKED
    consent.Reactions.changed = ON_CONSENT
    enrolment.Reactions.left = ON_LEFT
