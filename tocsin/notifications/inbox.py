"""Answers: by the link in a message, by a key pressed during a call, or by a text sent back. One page of truth for all.

A text from somebody whose own incident is open is that incident's note (intake sees to it). Any other text of ours is
put into `notifications_reply` in intake's transaction and read here.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import connection, transaction

from tocsin.book.record import New, record
from tocsin.centers.network import Network
from tocsin.incidents import actions as incidents
from tocsin.incidents.models import Dispatch, Incident, centers_of
from tocsin.lib import wall
from tocsin.lib.refused import Refused
from tocsin.lib.sql import Statement
from tocsin.notifications import actions
from tocsin.notifications.facts import Answered
from tocsin.notifications.models import Delivery, Reply
from tocsin.people.models import ACTS, Person

RECENT = timedelta(hours=12)  # a text without a number answers the newest message of so long
AHEAD = timedelta(minutes=1)  # by which the clocks of a provider and ours may differ
COMING = re.compile(
    r"^\s*(?:(?:1|y|yes|ok|okay|coming|on my way)(?![a-z0-9])|来|到|前往|出发|可以|好|在路上|收到)", re.I
)
CANNOT = re.compile(r"^\s*(?:(?:2|n|no|can'?t|cannot)(?![a-z0-9])|不能|不行|没空|去不了|来不了|无法)", re.I)


def keep(person: int, text: str, at: datetime) -> Statement:
    """Put a text aside for `read`; a reaction in intake's transaction."""
    return "INSERT INTO notifications_reply (person_id, text, at) VALUES (%s, %s, %s)", (person, text[:4000], at)


def meaning(text: str) -> tuple[str, int | None, str]:
    """(coming | cannot | "", minutes, their words): "1 20 min", "来，20分钟", "2", or anything else."""
    answer = "coming" if COMING.match(text) else "cannot" if CANNOT.match(text) else ""
    found = re.search(r"(\d{1,3})\s*(?:min|minutes?|m\b|分钟|分)", text, re.I)
    hours = re.search(r"(\d{1,2})\s*(?:h\b|hours?|小时|个小时)", text, re.I)
    eta = int(found[1]) if found else int(hours[1]) * 60 if hours else None
    plain = text.strip() in ("1", "2")
    return answer, eta if answer == "coming" else None, "" if plain else text.strip()


def read(at: datetime, most: int = 100) -> int:
    """Read the texts that came back; each becomes the answer to the newest message its sender was sent."""
    done = 0
    while done < most:
        with transaction.atomic():  # one by one: the book comes last in each
            reply = Reply.objects.select_for_update(skip_locked=True).order_by("id").first()
            if reply is None:
                return done
            sent = Delivery.objects.filter(
                person=reply.person_id, incident__isnull=False, message__in=("alarm", "sent"),
                sent_at__isnull=False, created_at__gt=reply.at - RECENT,
                created_at__lte=reply.at + AHEAD,
            ).select_related("incident", "person")  # fmt: skip
            reply.delete()
            # a real alarm that still runs comes before a drill, and what runs before what is over
            running = sent.exclude(incident__state="closed").order_by("drill", "-created_at", "-pk").first()
            if (delivery := running or sent.order_by("-created_at", "-pk").first()) is not None:
                answer, eta, words = meaning(reply.text)
                take(delivery, answer, at, eta, words)
        done += 1
    return done


def take(delivery: Delivery, answer: str, at: datetime, eta: int | None = None, words: str = "") -> None:
    """Write an answer down: on the delivery, in the book, their own words as a note beside it."""
    incident, person = delivery.incident, delivery.person
    actions.answered(delivery, answer, at, eta, words)
    if incident is None or person is None or incident.state == "closed":
        return
    with transaction.atomic():
        fact = incidents.beside(incident, Answered(answer=answer or "words", eta=eta), words, person, at)
        with connection.cursor() as cursor:
            record(cursor, [New(incident.centers, fact, at, incident.pk, person.pk)])
    if delivery.message == "sent" and answer == "coming":
        with suppress(Refused):  # the officer, or an earlier answer, was quicker
            incidents.mark(incident.pk, person, at, state="on_the_way", dispatched=delivery.round)


def of_dispatch(sent: Dispatch, person: Person, verb: str, at: datetime, eta: int | None = None) -> None:
    """What a responder says of one dispatch of theirs, in the app: coming, cannot, on_scene, done."""
    if verb in ("on_scene", "done"):
        incidents.mark(sent.incident_id, person, at, state=verb, dispatched=sent.pk)
        return
    with wall.lifted():  # the message about it is theirs, its incident may be another center's
        told = Delivery.objects.filter(person=person, message="sent", incident=sent.incident_id, round=sent.pk)
        delivery = told.select_related("incident", "person").order_by("-created_at", "-pk").first()
        if delivery is not None:
            take(delivery, verb, at, eta if verb == "coming" else None)
            return
    with transaction.atomic(), connection.cursor() as cursor:  # sent by themselves: nobody told them
        fact = Answered(answer=verb, eta=eta if verb == "coming" else None)
        record(cursor, [New(sent.incident.centers, fact, at, sent.incident_id, person.pk)])
    if verb == "coming":
        with suppress(Refused):
            incidents.mark(sent.incident_id, person, at, state="on_the_way", dispatched=sent.pk)


def answers_to(dispatches: Sequence[int], person: Person) -> dict[int, str]:
    """dispatch → what this person answered last, where they were told of it."""
    rows = Delivery.objects.filter(person=person, message="sent", round__in=dispatches).exclude(answer="")
    return dict(rows.order_by("answered_at").values_list("round", "answer"))


def claim(delivery: Delivery, network: Network, at: datetime) -> Incident:
    """One tap: the receiver claims. Raises Refused when somebody was quicker, or when they may not claim."""
    incident, person = delivery.incident, delivery.person
    if incident is None or person is None or not may_claim(delivery, network, at):
        raise Refused("not_yours")
    taken = incidents.claim(incident.pk, person, at)
    actions.answered(delivery, "claimed", at)
    return taken


def may_claim(delivery: Delivery, network: Network, at: datetime) -> bool:
    """Whether its receiver may act at one of the incident's centers."""
    if delivery.incident is None or delivery.person is None or not delivery.person.is_active:
        return False
    acting = centers_of(delivery.person, network, at, ACTS)
    return bool(acting.intersection(delivery.incident.centers))
