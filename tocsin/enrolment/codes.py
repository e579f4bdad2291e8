"""The code that proves an applicant's number. It lies nowhere: it is made of a salt and a key outside the database.

The same for a number that a member has: nobody who cannot read that phone's texts learns anything from it.
"""

import secrets
from datetime import UTC, datetime
from typing import Any

from django.utils.crypto import constant_time_compare, salted_hmac

from tocsin.enrolment import rules
from tocsin.enrolment.models import Application
from tocsin.notifications import single


def number_of(phone: str) -> bytes:
    """A number as it is counted."""
    return salted_hmac("tocsin.enrolment.number", phone, algorithm="sha256").digest()


def code_of(application: Application) -> str:
    about = f"{bytes(application.code_salt).hex()}:{bytes(application.number).hex()}"
    return f"{int.from_bytes(salted_hmac('tocsin.enrolment.code', about, algorithm='sha256').digest()) % 10**6:06d}"


def renew(application: Application, at: datetime) -> None:
    """A fresh code: the one before is worth nothing."""
    application.code_salt, application.code_ends_at, application.tries = secrets.token_bytes(16), at + rules.LIFE, 0


def send(application: Application, at: datetime) -> None:
    """By text. An alarm goes before it. The code is made when the text leaves (`spoken`)."""
    single.to_number(application.phone, application.language, "join", {"application": application.pk}, at)


def spoken(values: dict[str, Any]) -> str | None:
    """The code for the text that leaves now; None when it was used or is over."""
    pk, now = values.get("application"), datetime.now(UTC)
    rows = Application.objects.filter(pk=pk if isinstance(pk, int) else 0, state="unconfirmed", code_ends_at__gt=now)
    found = rows.first()
    return code_of(found) if found else None


def is_right(application: Application, code: str) -> bool:
    return constant_time_compare("".join(code.split()), code_of(application))
