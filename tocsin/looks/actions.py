"""Verbs that open more than usual: break the glass, share, revoke. Each is in the book, and tells whom it concerns."""

import os
from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import connection, transaction

from tocsin.book.record import New, record
from tocsin.incidents.models import Incident, State
from tocsin.incidents.notes import digest_of
from tocsin.lib import wall
from tocsin.lib.refused import Refused
from tocsin.lib.secrets import digest, new_token
from tocsin.looks import facts, rules, write
from tocsin.looks.models import PARTS, SHARED_WITH, Glass, Share
from tocsin.people.models import Person
from tocsin.privacy import consent

LEAST = 10  # characters of a reason that says something; in Chinese half of them do
MOST = 2000


class Reactions:
    """What follows; filled by `journey.connect` at start."""

    broken: Sequence[Callable[[Glass], None]] = ()


def _said(text: str) -> str:
    """A reason or a purpose, trimmed; refused when it says nothing."""
    text = text.replace("\0", "").strip()[:MOST]
    weight = sum(2 if ord(c) > 0x2E80 else 1 for c in text if c.isalnum())
    if weight < LEAST:
        raise Refused("reason_missing")
    return text


def break_glass(of: Person, by: Person, reason: str, at: datetime) -> Glass:
    """See a member's data without an incident, for 30 minutes. The member and the center's director hear of it at once.

    Whoever may do so is looked up before: `see.known_to`. Broken already and still open: the same again.
    """
    reason = _said(reason)
    if of.pk == by.pk or of.center is None:
        raise Refused("no_change")
    with transaction.atomic():
        found = (
            Glass.objects.filter(by=by, of=of, at__lte=at, until__gt=at).select_related("center", "of", "by").first()
        )
        if found:
            return found
        glass = Glass.objects.create(
            by=by, of=of, center=of.center, reason=reason, salt=os.urandom(16), at=at, until=at + rules.GLASS
        )
        with wall.lifted():  # messages go to the member's and the director's own contacts
            for tell in Reactions.broken:
                tell(glass)
        fact = facts.GlassBroken(glass=glass.pk, person=of.pk, digest=digest_of(reason, bytes(glass.salt)))
        with connection.cursor() as cursor:
            record(cursor, [New([glass.center_id], fact, at, None, by.pk)])
    write.note(by, "glass", of, at, what=str(glass.pk), why="glass", glass=True)
    return glass


def share(
    incident: Incident, by: Person, at: datetime, *, kind: str, name: str, organisation: str, purpose: str,
    parts: Sequence[str], ends_at: datetime, withheld: bool = False,
) -> tuple[Share, str]:  # fmt: skip
    """Show an incident, or parts of it, to one named person outside. Returns the share and its token, shown once.

    `withheld`: the caller's number and place are not shown to `by` any more, who therefore cannot share them. The media
    are shown a member's case only with their consent, and of somebody who is no member the summary alone.
    """
    name, organisation = name.replace("\0", "").strip()[:120], organisation.replace("\0", "").strip()[:120]
    if kind not in SHARED_WITH or not name or not organisation:
        raise Refused("share_whom")
    if incident.drill:
        raise Refused("drill_outside")
    chosen = [part for part in PARTS if part in parts]
    if not chosen:
        raise Refused("share_what")
    if withheld and chosen != ["summary"]:
        raise Refused("share_withheld")
    if not at < ends_at <= at + rules.SHARE_MOST:
        raise Refused("share_end", most=rules.SHARE_MOST.days)
    purpose, token = _said(purpose), new_token()
    with transaction.atomic():
        if kind == "media":
            _media_may(incident, chosen)
        made = Share.objects.create(
            incident=incident, by=by, kind=kind, name=name, organisation=organisation, purpose=purpose,
            parts=" ".join(chosen), digest=digest(token), at=at, ends_at=ends_at,
        )  # fmt: skip
        fact = facts.Shared(share=made.pk, to_kind=kind, parts=tuple(chosen))
        with connection.cursor() as cursor:
            record(cursor, [New(incident.centers, fact, at, incident.pk, by.pk)])
    return made, token


@wall.lifting  # what a member said to the media is asked for them, not for whoever shares
def _media_may(incident: Incident, chosen: Sequence[str]) -> None:
    """Whose case it is said yes; withdrawn a moment before or after, the one waits for the other."""
    whose = incident.whose
    if whose is None:
        if chosen != ["summary"]:
            raise Refused("share_media_unknown")
        return
    Person.objects.select_for_update(no_key=True).get(pk=whose)
    if not consent.allows(whose, "media"):
        raise Refused("share_media")


def revoke(share: Share, by: Person, at: datetime) -> Share:
    """Nothing is shown any more, from now on."""
    with transaction.atomic():
        found = Share.objects.select_for_update(of=("self",)).select_related("incident").get(pk=share.pk)
        if found.revoked_at is not None or found.ends_at <= at:
            raise Refused("share_over")
        found.revoked_at, found.revoked_by = at, by
        found.save(update_fields=["revoked_at", "revoked_by"])
        fact = facts.ShareRevoked(share=found.pk, to_kind=found.kind)
        with connection.cursor() as cursor:
            record(cursor, [New(found.incident.centers, fact, at, found.incident_id, by.pk)])
    return found


def opened(token: str, at: datetime) -> Share | None:
    """The share behind a link, if it is still open."""
    found = Share.objects.open(at).select_related("incident__center", "incident__person", "incident__device__site")
    return found.filter(digest=digest(token)).first()


def over(incident: Incident) -> bool:
    return incident.state == State.CLOSED or incident.merged_into_id is not None
