"""Who may start a drill, and for whom: members, devices and staff of a center and of those below it."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from django.db.models import Q, QuerySet

from tocsin.centers.network import Network
from tocsin.devices.models import Device
from tocsin.incidents.models import centers_of
from tocsin.looks import find
from tocsin.people.models import Person, Role

MAY_START = frozenset({"director", "supervisor"})
STAFF = ("duty_officer", "supervisor", "director", "responder", "liaison")
FOUND = 30


class Chosen(msgspec.Struct, frozen=True):
    """Ids. Each member and device has one incident; `staff` are told, nobody else (empty: whom the plan says)."""

    members: tuple[int, ...] = ()
    devices: tuple[int, ...] = ()
    staff: tuple[int, ...] = ()

    @property
    def incidents(self) -> int:
        return len(self.members) + len(self.devices) or 1


def may_start(person: Person, network: Network, at: datetime) -> set[int]:
    """Ids of the centers at which the person may start and end a drill."""
    return centers_of(person, network, at, MAY_START)


def members(center: int, network: Network) -> "QuerySet[Person]":
    return Person.objects.filter(center__in=network.below(center), is_active=True).order_by("name", "pk")


def devices(center: int, network: Network) -> "QuerySet[Device]":
    """Those of sites and of the centers themselves, and of members (but for the phones with the app)."""
    below = network.below(center)
    near = Q(center__in=below) | Q(site__center__in=below) | Q(person__center__in=below)
    found = Device.objects.filter(near, revoked_at=None).exclude(protocol__in=("app", "sms"))
    return found.select_related("site", "center", "person").order_by("site__name", "name", "identifier")


def staff(center: int, network: Network, at: datetime) -> "QuerySet[Person]":
    held = Role.objects.in_force(at).filter(center__in=network.below(center), name__in=STAFF)
    return Person.objects.filter(pk__in=held.values("person"), is_active=True).order_by("name", "pk")


def found_members(center: int, network: Network, words: str) -> "Sequence[Person]":
    return list(members(center, network).filter(find.called(words))[:FOUND])


def found_devices(center: int, network: Network, words: str) -> "Sequence[Device]":
    near = Q(name__icontains=words) | Q(identifier__icontains=words) | Q(site__name__icontains=words)
    return list(devices(center, network).filter(near)[:FOUND])


def called(device: Device) -> str:
    """What a device is called in a drill. Never its whole number: nobody is to take it for a phone's and call it."""
    own = device.name or f"{device.protocol} …{device.identifier[-4:]}"
    whose = device.site.name if device.site else device.person.name if device.person else ""
    return f"{whose} · {own}" if whose else own
