"""What people write to us at a channel's own address (WhatsApp): an answer, as a text message is."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, Q

from tocsin.notifications import actions, inbox
from tocsin.notifications.channel import Written
from tocsin.notifications.models import Contact, Delivery, Heard
from tocsin.people.models import Person

AGAIN = timedelta(days=10)  # Meta hands over the same again for 7 days
LATE = timedelta(hours=1)  # words that came so late, and do not say to what, were about something else


def take(channel: str, said: Written, now: datetime) -> None:
    """The answer to the message that it names, else to the newest; once, however often it is handed over."""
    at = min(said.at or now, now)
    with transaction.atomic(), connection.cursor() as cursor:
        theirs = Contact.objects.filter(channel=channel, address=said.phone)
        theirs.filter(Q(wrote_at=None) | Q(wrote_at__lt=at)).update(wrote_at=at)
        if said.id and not _first(f"{channel}:{said.id}", now):
            return
        named = Delivery.objects.select_related("incident", "person").filter(
            channel=channel, ref=said.about, address=said.phone, person__is_active=True
        )
        delivery = named.order_by("-pk").first() if said.about else None
        if delivery is not None and delivery.message == "trial":
            actions.opened(delivery.token, now)
        elif delivery is not None and delivery.incident_id and delivery.message in ("alarm", "sent"):
            inbox.take(delivery, *_answer(said.text, now))
        elif now - at < LATE and (person := _person(channel, said.phone)) is not None:
            cursor.execute(*inbox.keep(person, said.text, at))


def _answer(text: str, at: datetime) -> tuple[str, datetime, int | None, str]:
    answer, eta, words = inbox.meaning(text)
    return answer, at, eta, words


def _first(id_: str, now: datetime) -> bool:
    """Whether it is new; whoever hands it over at the same moment waits for us."""
    Heard.objects.filter(at__lt=now - AGAIN).delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO notifications_heard (id, at) VALUES (%s, %s) ON CONFLICT DO NOTHING", (id_[:200], now)
        )
        return bool(cursor.rowcount)


def _person(channel: str, phone: str) -> int | None:
    """Whose number it is: their own before one that somebody entered, a confirmed one before others."""
    own = Person.objects.filter(phone=phone, is_active=True).values_list("pk", flat=True).first()
    if own is not None:
        return own
    entered = Contact.objects.filter(channel=channel, address=phone, person__is_active=True)
    return entered.order_by(F("confirmed_at").asc(nulls_last=True), "pk").values_list("person_id", flat=True).first()
