"""Deliveries as JSON, for a person who may see their incident. Never an address: a name and a channel say enough."""

from typing import Any

from tocsin.lib import wall
from tocsin.lib.sealed import Unopened
from tocsin.notifications import actions
from tocsin.notifications.models import Contact, Delivery
from tocsin.notifications.why import went_wrong

MOST = 300


@wall.lifting  # deliveries are their receivers'; no address leaves this page
def of_incident(incident: int, relatives: bool) -> dict[str, Any]:
    """`told`: people, each once; `deliveries`: what was sent to whom, the newest first. `then`: what is tried next;
    `why`: what went wrong, in a word; `error`: in the channel's own. `relatives`: whether they have names."""
    rows = list(
        Delivery.objects.filter(incident=incident)
        .select_related("person", "relative", "partner", "contact")
        .order_by("-created_at", "-pk")[:MOST]
    )
    following = {pk for row in rows for pk in row.then}
    channels = dict(Contact.objects.filter(pk__in=following, dead_at=None).values_list("pk", "channel"))
    return {"told": actions.counts(incident), "deliveries": [_row(row, channels, relatives) for row in rows]}


def _row(d: Delivery, channels: dict[int, str], relatives: bool) -> dict[str, Any]:
    who = d.person or d.relative or d.partner
    kind = "person" if d.person_id else "relative" if d.relative_id else "partner"
    return {
        "id": d.pk,
        "who": {
            "kind": kind,
            "id": who.pk if who else None,
            "name": _name(who) if relatives or kind != "relative" else "",
        },
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


def _name(who: Any) -> str:
    """A relative's is sealed; one that does not open must not hide the incident."""
    try:
        return str(who.name) if who else ""
    except Unopened:
        return "?"
