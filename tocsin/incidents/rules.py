"""Which verbs an incident takes in which state. Pure."""

import re
from datetime import datetime, timedelta

#: verb → the states in which it may be done
VERBS: dict[str, frozenset[str]] = {
    "claim": frozenset({"new"}),
    "release": frozenset({"claimed", "dispatched", "on_scene", "resolved"}),
    "hand-over": frozenset({"new", "claimed", "dispatched", "on_scene", "resolved"}),
    "dispatch": frozenset({"claimed", "dispatched", "on_scene", "resolved"}),
    "mark": frozenset({"claimed", "dispatched", "on_scene", "resolved"}),
    "classify": frozenset({"new", "claimed", "dispatched", "on_scene", "resolved"}),
    "note": frozenset({"new", "claimed", "dispatched", "on_scene", "resolved", "closed"}),
    "resolve": frozenset({"claimed", "dispatched", "on_scene"}),
    "close": frozenset({"claimed", "dispatched", "on_scene", "resolved"}),
    "reopen": frozenset({"closed"}),
    "merge": frozenset({"new", "claimed", "dispatched", "on_scene", "resolved"}),
    "unmerge": frozenset(),
}


#: Who is never sent to a drill; and how a free text names the police.
OUTSIDE = frozenset({"police", "security"})
POLICE = re.compile(r"\bpolice\b|\bsaps\b|\b10111\b|警察|公安|派出所|刑警|特警|民警", re.I)


#: After an incident is over its caller's number and place are shown for so long; to those who lead, always.
KEPT = timedelta(hours=24)
LEADS = frozenset({"supervisor", "director", "auditor"})


def shows_caller(over_at: datetime | None, leads: bool, at: datetime) -> bool:
    """Whether the caller's number and place are shown. `over_at`: when it was closed; None while it runs."""
    return leads or over_at is None or at < over_at + KEPT


def leaves(kind: str, to: str) -> bool:
    """Whether sending this would carry a drill to the police or to others outside."""
    return kind in OUTSIDE or bool(POLICE.search(to))


def verbs(state: str, merged: bool, acts: bool, drill: bool = False) -> list[str]:
    """The verbs that a person may do now; none without a role that acts. A drill is never reopened."""
    if not acts:
        return []
    if merged:
        return ["unmerge"]
    return [verb for verb, states in VERBS.items() if state in states and not (drill and verb == "reopen")]


def why_not(verb: str, state: str) -> str:
    """The reason for which a verb is refused in a state."""
    if state == "closed":
        return "closed_already"
    if verb == "claim":
        return "not_new"
    return "not_closed" if verb == "reopen" else "claim_first"
