"""Which verbs an incident takes in which state. Pure."""

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


def verbs(state: str, merged: bool, acts: bool) -> list[str]:
    """The verbs that a person may do now; none without a role that acts."""
    if not acts:
        return []
    if merged:
        return ["unmerge"]
    return [verb for verb, states in VERBS.items() if state in states]


def why_not(verb: str, state: str) -> str:
    """The reason for which a verb is refused in a state."""
    if state == "closed":
        return "closed_already"
    if verb == "claim":
        return "not_new"
    return "not_closed" if verb == "reopen" else "claim_first"
