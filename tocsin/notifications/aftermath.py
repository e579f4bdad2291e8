"""What a verb means for people: who is sent, the caller, and who need not come any more hear of it.

A reaction of the verbs, in their transaction. A phone that sounds can betray its owner: only callers of alarms without
an enemy are sent a message; all others see it in the app, which makes no sound.
"""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from tocsin.book.record import New
from tocsin.centers.network import family
from tocsin.incidents.actions import Verb
from tocsin.incidents.models import Incident
from tocsin.looks.models import Glass
from tocsin.notifications import actions
from tocsin.notifications.alarm import values_of
from tocsin.notifications.facts import Unreachable
from tocsin.notifications.models import Delivery
from tocsin.people.models import Person, Role
from tocsin.rosters.models import Swap

WITHOUT_ENEMY = frozenset({"traffic", "medical", "fire"})


def done(verb: Verb) -> Iterable[New]:
    """Owe what follows from this verb; returns what the book must say of it."""
    follows = {"dispatch": _sent, "claim": _claimed, "close": _ended}.get(verb.name)
    return follows(verb) if follows else ()


def _sent(verb: Verb) -> Iterable[New]:
    """To the responder, by push and text at once, by a call when both stay unread; each dispatch tells anew."""
    incident, sent = verb.incident, verb.sent
    if sent is None or sent.responder_id is None or sent.responder_id == verb.by.pk:
        return
    _, lost = actions.tell(
        [sent.responder_id], "sent", values_of(incident), verb.at,
        by=("webpush", "sms"), incident=incident, round=sent.pk, urgent=True, drill=incident.drill,
    )  # fmt: skip
    for person in lost:
        yield New(incident.centers, Unreachable(person=person), verb.at, incident.pk)


def _claimed(verb: Verb) -> Iterable[New]:
    incident = verb.incident
    if incident.person_id and incident.alarm in WITHOUT_ENEMY and not (incident.silent or incident.drill):
        claims = int(verb.at.timestamp()) // 60  # a release and another claim say it again
        actions.tell(
            [incident.person_id], "claimed", values_of(incident), verb.at,
            incident=incident, round=claims, urgent=True,
        )  # fmt: skip
    return ()


def _ended(verb: Verb) -> Iterable[New]:
    """To those who said that they are coming, and to those who were sent and are not done."""
    incident = verb.incident
    coming = Delivery.objects.filter(incident=incident, answer="coming", person__isnull=False)
    people = set(coming.values_list("person_id", flat=True))
    people |= set(
        incident.dispatches.exclude(state__in=("done", "on_scene"))
        .filter(responder__isnull=False)
        .values_list("responder_id", flat=True)
    )
    actions.tell(
        people - {verb.by.pk, None}, "ended", values_of(incident), verb.at,
        incident=incident, round=int(verb.at.timestamp()) // 60, urgent=True, drill=incident.drill,
    )  # fmt: skip
    return ()


def offered(swap: Swap, by: Person, at: datetime) -> None:
    """A colleague is asked to take a shift over."""
    shift, center = swap.shift, swap.shift.center
    zone = ZoneInfo(center.time_zone)
    values = {
        "who": by.name,
        "duty": shift.duty,
        "center": [center.name_zh, center.name_en],
        "when": f"{shift.starts_at.astimezone(zone):%Y-%m-%d %H:%M}–{shift.ends_at.astimezone(zone):%H:%M %z}",
    }
    actions.tell([swap.to_id], "swap", values, at, by=("webpush", "email"))


def broken(glass: Glass) -> None:
    """Somebody saw a member's data without an incident: the member hears of it, and the center's directors, at once.

    The stated reason stays where it lies sealed: both read it where they may look, not in a message.

    If the one who looked is the only director, those of the next center above. A member whose alarm runs anywhere is
    not told now, for the phone that sounds can betray them: they read it in the app.
    """
    by, of, center = glass.by, glass.of, glass.center
    roles = by.roles.in_force(glass.at).exclude(name="member").order_by("pk")
    held = roles.filter(center=center).first() or roles.first()
    values = {
        "who": by.name,
        "duty": held.name if held else "",
        "center": [center.name_zh, center.name_en],
    }
    if not Incident.objects.open().filter(person=of).exists():
        actions.tell([of.pk], "glass", values, glass.at, round=glass.pk)
    for place in family().line(center.pk):
        directors = Role.objects.in_force(glass.at).filter(center=place, name="director", person__is_active=True)
        people = set(directors.values_list("person_id", flat=True)) - {by.pk, of.pk}
        if people:
            told = {**values, "whom": of.name}
            actions.tell(people, "glass", told, glass.at, round=glass.pk)
            return
