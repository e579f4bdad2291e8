"""What a consent that was withdrawn takes back at once; called in its transaction (`journey.py`)."""

from datetime import datetime

from django.apps import apps
from django.db.models import Q

from tocsin.lib import wall
from tocsin.notifications.models import Delivery, State
from tocsin.people.models import Person


@wall.lifting  # what waits for a relative is the system's to stop
def stop_relatives(person: Person, purpose: str, given: bool, at: datetime) -> None:
    """What waits for a relative is not sent any more. (Whom a stage tells: `notifications/whom.py`.)"""
    if purpose == "relatives" and not given:
        mine = Delivery.objects.filter(relative__person=person, message="relative", state=State.QUEUED)
        mine.update(state=State.CANCELLED, unread_due=None)


def forget_medical(person: Person, purpose: str, given: bool, at: datetime) -> None:
    """Medical notes go with the consent to keep them."""
    if purpose == "medical" and not given and apps.is_installed("tocsin.profiles"):
        apps.get_model("profiles", "Medical").objects.filter(person=person).delete()


def end_media_shares(person: Person, purpose: str, given: bool, at: datetime) -> None:
    """What the media were shown of this person's incidents, they are shown no more."""
    if purpose == "media" and not given and apps.is_installed("tocsin.looks"):
        from tocsin.looks.actions import revoke
        from tocsin.looks.models import Share

        with wall.lifted():  # shares are their center's
            theirs = Q(incident__person=person) | Q(incident__person=None, incident__device__site__person=person)
            for share in Share.objects.open(at).filter(theirs, kind="media"):
                revoke(share, person, at)
