"""A profile as JSON: for its member, and for those who come to help. Each look by somebody else is written down."""

from datetime import datetime
from typing import Any

from tocsin.centers.network import Network
from tocsin.incidents.models import Dispatch, Incident, State
from tocsin.lib import wall
from tocsin.lib.sealed import Unopened
from tocsin.looks import write as looks
from tocsin.notifications.models import Relative
from tocsin.people.models import Person
from tocsin.privacy import consent
from tocsin.profiles import rules
from tocsin.profiles.models import Medical, Profile

FIELDS = ("places", "vehicles", "family", "languages", "wishes")
EMPTY: dict[str, Any] = {"places": [], "vehicles": [], "family": [], "languages": [], "wishes": ""}


def mine(person: Person) -> dict[str, Any]:
    """All that a member told. What does not open any more is as if it were never told: they tell it anew."""
    found = Profile.objects.filter(person=person).first()
    health = Medical.objects.filter(person=person).first()
    changed = [row.changed_at for row in (found, health) if row is not None]
    said = {**_profile(found)[0], "medical": _notes(health)[0] or ""}
    return {**said, "changed_at": max(changed, default=None)}


def _profile(found: Profile | None) -> tuple[dict[str, Any], bool]:
    """The fields; and whether all of them opened."""
    said, whole = dict(EMPTY), True
    for name in FIELDS if found else ():
        try:
            said[name] = getattr(found, name) or EMPTY[name]
        except Unopened:
            whole = False
    return said, whole


def _notes(found: Medical | None) -> tuple[str | None, bool]:
    try:
        return (found.notes if found else None), True
    except Unopened:
        return None, False


def tie(incident: Incident, by: Person, network: Network, at: datetime) -> rules.Tie:
    sees = Incident.objects.visible_to(by, network, at).filter(pk=incident.pk).exists()
    return rules.Tie(
        running=incident.state != State.CLOSED and incident.merged_into_id is None,
        sees=sees,
        claimed=sees and incident.claimed_by_id == by.pk,
        sent=Dispatch.objects.filter(incident=incident, responder=by).exclude(state="done").exists(),
    )


def of_incident(pk: int, by: Person, network: Network, at: datetime) -> dict[str, Any] | None:
    """What `by` may know of the member whom an incident is about, and so it is written that they looked.

    None: the incident is not theirs to look at, does not run any more, or is about nobody whom we know. `parts` says
    what they may see; `unopened`, that something is there and its key is not.
    """
    incident = Incident.objects.select_related("person").filter(pk=pk).first()
    if incident is None or incident.person is None:
        return None
    member = incident.person
    parts = rules.parts(tie(incident, by, network, at))
    if not parts:
        return None
    looks.note_all([looks.Looked(part, member.pk, by.pk, incident.pk) for part in parts], at)
    said, whole = _profile(Profile.objects.filter(person=member).first())
    shown: dict[str, Any] = {"parts": parts, **said}
    if rules.MEDICAL in parts and consent.allows(member.pk, "medical"):
        shown["medical"], opens = _notes(Medical.objects.filter(person=member).first())
        whole = whole and opens
    if rules.CONTACTS in parts:
        shown["contacts"], opens = _contacts(member)
        whole = whole and opens
    return {**shown, "unopened": not whole}


@wall.lifting  # relatives are their member's; who may see them was asked above, and the look is written
def _contacts(member: Person) -> tuple[list[dict[str, Any]], bool]:
    found, whole = [], True
    for relative in Relative.objects.filter(person=member, agreed_at__isnull=False, withdrawn_at=None).order_by("pk"):
        try:
            if relative.phone or relative.email:
                found.append({"name": relative.name, "phone": relative.phone or "", "email": relative.email or ""})
        except Unopened:
            whole = False
    return found, whole
