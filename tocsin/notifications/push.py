"""Browsers that a person wants pushes on, for the app's door and the API's alike. Each is one Contact of `webpush`."""

import ipaddress
import re
from datetime import datetime
from typing import Any

from django.db import transaction

from tocsin.devices.models import Device
from tocsin.lib import wall
from tocsin.lib.outside import is_public
from tocsin.lib.refused import Refused
from tocsin.notifications import actions, registry
from tocsin.notifications.channels.webpush import keys, subscription
from tocsin.notifications.channels.webpush.subscription import Subscription
from tocsin.notifications.models import Contact
from tocsin.people.models import Person

MOST = 10  # browsers of one person; the one that was added first makes room
# In the order in which they name themselves: most say that they are Safari and Chrome as well.
BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
            ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"))  # fmt: skip
SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
           ("CrOS", "ChromeOS"), ("Mac OS", "macOS"), ("Linux", "Linux"))  # fmt: skip


def about() -> dict[str, Any]:
    """Our public key, and whether pushes can be sent from here."""
    ready = not registry.problems("webpush")
    return {"key": keys.public_key() if ready else "", "ready": ready}


def read(said: Any) -> Subscription:
    """A subscription as a browser gives it. Raises ValueError for one that is none, or that we would never send to."""
    found = subscription.read(said)
    if registry.settings("webpush").get("private") != "1" and not _is_outside(found):
        raise ValueError("the endpoint is not the address of a public push service")
    return found


def _is_outside(found: Subscription) -> bool:
    scheme, _, rest = found.origin.partition("://")
    host = re.sub(r":\d*$", "", rest).strip("[]")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return (
            scheme == "https" and "." in host and not host.rstrip(".").endswith((".localhost", ".local", ".internal"))
        )
    return scheme == "https" and is_public(host)


def subscribe(person: Person, found: Subscription, browser: str, at: datetime) -> tuple[Contact, bool]:
    """Push to this browser from now on; True when it is new. A browser belongs to whoever subscribed on it last.

    Raises Refused when its push service told us that this subscription has ended: the page then makes a new one.
    """
    if registry.problems("webpush"):
        raise Refused("push_unset")
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)
        same = Contact.objects.filter(channel="webpush", address__startswith=found.start())
        known = same.filter(person=person, address=found.written()).first()
        with wall.lifted():  # whosever it was before
            (same.exclude(pk=known.pk) if known else same).delete()
        if known and known.dead_at:
            raise Refused("push_dead")
        if known:
            return known, False
        mine = Contact.objects.filter(person=person, channel="webpush").order_by("-pk")
        Contact.objects.filter(pk__in=list(mine.values_list("pk", flat=True)[MOST - 1 :])).delete()
        made = Contact(person=person, channel="webpush", address=found.written(), label=label(browser), created_at=at)
        made.save()
    return made, True


PUSHED = "push"  # in a phone's settings: the contact by which it is pushed to


def belongs(device: Device, contact: Contact) -> None:
    """The subscription is this phone's: it goes when the phone is revoked."""
    if device.settings.get(PUSHED) != contact.pk:
        device.settings = {**device.settings, PUSHED: contact.pk}
        device.save(update_fields=["settings"])


@wall.lifting  # whoever revokes the phone may not see the contacts of its owner
def revoked(device: Device) -> None:
    """A phone that is gone is not pushed to any more: what is pushed says names and places."""
    if device.person_id and (contact := device.settings.get(PUSHED)):
        Contact.objects.filter(pk=contact, person=device.person_id, channel="webpush").delete()


def unsubscribe(person: Person, endpoint: str) -> bool:
    """No pushes to this browser any more; False when there were none."""
    start = Subscription(endpoint, subscription.Keys("", "")).start()
    gone, _ = Contact.objects.filter(person=person, channel="webpush", address__startswith=start).delete()
    return gone > 0


def test(person: Person, at: datetime) -> int:
    """A trial to each of the person's browsers; opening it confirms that it works. Returns how many are on the way."""
    if not Contact.objects.filter(person=person, channel="webpush", dead_at=None).exists():
        raise Refused("push_off")
    with transaction.atomic():
        return actions.tell([person.pk], "trial", {}, at, by=("webpush",))[0]


def said(contact: Contact) -> dict[str, Any]:
    return {"id": contact.pk, "label": contact.label, "since": contact.created_at, "confirmed_at": contact.confirmed_at}


def label(user_agent: str) -> str:
    """ "Chrome · Android": so that a person knows their browsers apart."""
    found = [next((name for sign, name in table if sign in user_agent), "") for table in (BROWSERS, SYSTEMS)]
    return " · ".join(filter(None, found))
