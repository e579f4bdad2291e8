"""One message to one address, which somebody asked for with a tap: a test of a contact, a question to a relative."""

import secrets
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from tocsin.notifications.models import Contact, Delivery, Relative


def to_contact(contact: Contact, message: str, values: dict[str, Any], at: datetime) -> Delivery:
    """Owe it on exactly this contact, whatever else the person has."""
    return _owe(
        Delivery(
            person=contact.person,
            contact=contact,
            channel=contact.channel,
            address=contact.address,
            language=contact.person.language,
        ),
        message,
        values,
        at,
    )


def to_relative(relative: Relative, message: str, values: dict[str, Any], at: datetime) -> Delivery:
    """Owe it to a member's own contact: a text, or a mail where there is no number."""
    channel, address = way(relative)
    return _owe(
        Delivery(relative=relative, channel=channel, address=address, language=relative.language), message, values, at
    )


def to_number(phone: str, language: str, message: str, values: dict[str, Any], at: datetime) -> Delivery:
    """Owe a text to a number that is nobody's here (E.164): an applicant's."""
    return _owe(Delivery(channel="sms", address=phone, language=language), message, values, at)


def way(relative: Relative) -> tuple[str, str]:
    """As an alarm would go."""
    return ("sms", relative.phone) if relative.phone else ("email", relative.email or "")


def _owe(row: Delivery, message: str, values: dict[str, Any], at: datetime) -> Delivery:
    row.message, row.values, row.due, row.created_at, row.token = message, values, at, at, secrets.token_urlsafe(16)
    with transaction.atomic(), connection.cursor() as cursor:
        row.save(force_insert=True)
        cursor.execute("SELECT pg_notify('deliveries', '')")
    return row
