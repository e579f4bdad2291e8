"""Deliveries as JSON, for a person who may see their incident. Never an address: a name and a channel say enough."""

from typing import Any

from tocsin.notifications import actions
from tocsin.notifications.models import Contact, Delivery
from tocsin.notifications.why import went_wrong

MOST = 300


def of_incident(incident: int) -> dict[str, Any]:
    """`told`: people, each once; `deliveries`: what was sent to whom, the newest first. `then`: what is tried next;
    `why`: what went wrong, in a word; `error`: in the channel's own."""
    rows = list(
        Delivery.objects.filter(incident=incident)
        .select_related("person", "relative", "partner", "contact")
        .order_by("-created_at", "-pk")[:MOST]
    )
    following = {pk for row in rows for pk in row.then}
    channels = dict(Contact.objects.filter(pk__in=following, dead_at=None).values_list("pk", "channel"))
    return {"told": actions.counts(incident), "deliveries": [_row(row, channels) for row in rows]}


def _row(d: Delivery, channels: dict[int, str]) -> dict[str, Any]:
    who = d.person or d.relative or d.partner
    kind = "person" if d.person_id else "relative" if d.relative_id else "partner"
    return {
        "id": d.pk,
        "who": {"kind": kind, "id": who.pk if who else None, "name": who.name if who else ""},
        "message": d.message,
        "channel": d.channel,
        "state": d.state,
        "at": d.answered_at or d.read_at or d.delivered_at or d.sent_at or d.created_at,
        "created_at": d.created_at,
        "tried": d.tried,
        "answer": d.answer,
        "eta": d.eta,
        "words": d.words,
        **went_wrong(d, dead=d.contact is not None and d.contact.dead_at is not None),
        "drill": d.drill,
        "then": [channels[pk] for pk in d.then if pk in channels],
    }
