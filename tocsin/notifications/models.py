"""How people are reached, and what became of each message to them."""

import os
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tocsin.incidents.models import Incident
from tocsin.lib.sealed_field import Sealed
from tocsin.people.models import LANGUAGES, Person

CHANNELS = ("webpush", "sms", "voice", "email", "whatsapp", "wecom", "apprise", "webhook")


class Contact(models.Model):
    """One way to reach a person. `address`: E.164, an e-mail address, a push subscription (JSON), an Apprise URL.

    `confirmed_at`: they answered a test on it. `dead_at`: the far end said that it is gone for good. `wrote_at`: when
    they last wrote to us from it, where a channel must know (WhatsApp).
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="contacts")
    channel = models.CharField(max_length=12, choices=[(c, c) for c in CHANNELS])
    address = models.TextField()
    label = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    dead_at = models.DateTimeField(null=True, blank=True)
    dead_why = models.CharField(max_length=200, blank=True)
    wrote_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("person", "channel", "address"), name="one_contact_per_address"),
        )
        indexes = (models.Index(fields=("person",), condition=Q(dead_at=None), name="living_contacts"),)

    def __str__(self) -> str:
        return f"{self.channel} {self.label or self.address[:40]}"


def new_salt() -> bytes:
    return os.urandom(16)


class Relative(models.Model):
    """A member's own contact: told while that member's alarm runs, if the member wishes and the relative agreed.

    Who it is lies sealed: it is somebody who never asked for an account here. `salt` names the row to the seal.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="relatives")
    salt = models.BinaryField(max_length=16, default=new_salt)
    name = Sealed(row=("person_id", "salt"))
    phone = Sealed(row=("person_id", "salt"), null=True)
    email = Sealed(row=("person_id", "salt"), null=True)
    language = models.CharField(max_length=10, choices=LANGUAGES, default="zh-hans")
    agreed_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)


class Partner(models.Model):
    """A security company or another system that hears of alarms by a signed webhook."""

    center = models.ForeignKey("centers.Center", models.CASCADE, related_name="partners")
    name = models.CharField(max_length=120)
    url = models.URLField(max_length=500)
    secret = models.CharField(max_length=120)
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class State(models.TextChoices):
    QUEUED = "queued"  # waits for `due`, which is when a courier should take it
    SENDING = "sending"  # a courier holds it until `due`
    SENT = "sent"  # the provider took it
    DELIVERED = "delivered"  # the far end has it
    READ = "read"  # opened
    ANSWERED = "answered"
    FAILED = "failed"  # for good; the next channel was tried if there is one
    GIVEN_UP = "given_up"  # tried until it made no sense any more
    CANCELLED = "cancelled"  # claimed before it was sent


class Delivery(models.Model):
    """One message to one person (or relative, or partner) on one contact.

    `message` names the template, `values` fill it. `token` opens the answer page and lets the receiver know a repeat.
    `then`: ids of contacts to try next, when this one fails or stays unread until `unread_due`. `tried` counts.
    """

    incident = models.ForeignKey(
        Incident, models.CASCADE, null=True, related_name="deliveries", db_constraint=False, db_index=False
    )
    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="deliveries")
    relative = models.ForeignKey(Relative, models.CASCADE, null=True, related_name="deliveries")
    partner = models.ForeignKey(Partner, models.CASCADE, null=True, related_name="deliveries")
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="+")
    channel = models.CharField(max_length=12, choices=[(c, c) for c in CHANNELS])
    address = models.TextField()
    language = models.CharField(max_length=10, choices=LANGUAGES)
    message = models.CharField(max_length=20)
    values: "models.JSONField[Any, Any]" = models.JSONField(default=dict)
    round = models.PositiveIntegerField(default=0)  # of the escalation; what is told anew tells in a new round
    urgent = models.BooleanField(default=False)
    drill = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    due = models.DateTimeField()
    unread_due = models.DateTimeField(null=True)
    then: "models.JSONField[Any, Any]" = models.JSONField(default=list)
    tried = models.PositiveSmallIntegerField(default=0)
    token = models.CharField(max_length=43, unique=True)
    ref = models.CharField(max_length=120, null=True)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=12, blank=True)  # coming, cannot, claimed
    eta = models.PositiveIntegerField(null=True)  # minutes
    words = models.TextField(blank=True)  # what they wrote besides

    class Meta:
        constraints = (
            # Nobody gets the same thing twice; a step that is done again by mistake finds its rows there.
            models.UniqueConstraint(
                fields=("incident", "message", "round", "person", "channel", "address"),
                condition=Q(person__isnull=False),
                name="one_delivery_per_person_and_contact",
            ),
            models.UniqueConstraint(
                fields=("incident", "message", "round", "channel", "address"),
                condition=Q(person=None),
                name="one_delivery_per_address",
            ),
        )
        indexes = (
            models.Index(
                fields=("channel", "-urgent", "drill", "due"),
                condition=Q(state__in=("queued", "sending")),
                name="deliveries_due",
            ),
            models.Index(fields=("unread_due",), condition=Q(unread_due__isnull=False), name="deliveries_unread"),
            models.Index(fields=("incident",), condition=Q(incident__isnull=False), name="deliveries_of_an_incident"),
            models.Index(fields=("channel", "ref"), condition=Q(ref__isnull=False), name="deliveries_by_ref"),
        )


class Reply(models.Model):
    """A text that came in from a phone number of ours: an answer to a delivery. Read by the courier, then gone."""

    person_id = models.BigIntegerField()
    text = models.TextField()
    at = models.DateTimeField()


class Heard(models.Model):
    """What a provider handed over and we took: it may come again for days. `id`: the channel, a colon, its own id."""

    id = models.CharField(max_length=200, primary_key=True)
    at = models.DateTimeField()


class Witness(models.Model):
    """How far a center's book was told to its directors, and on which day by the center's clock."""

    center = models.OneToOneField("centers.Center", models.CASCADE, primary_key=True, related_name="+")
    day = models.DateField()
    number = models.BigIntegerField(default=0)


class Health(models.Model):
    """How a channel is doing, as its last sending or test showed."""

    channel = models.CharField(max_length=12, primary_key=True)
    ok = models.BooleanField()
    at = models.DateTimeField()
    detail = models.CharField(max_length=300, blank=True)
