"""The verbs of pairing: a device is added, tried with one press, watched, revoked.

As in `incidents/actions.py`: one verb, one transaction, the book last; what a person can mend is Refused.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import IntegrityError, connection, transaction

from tocsin.book.facts import Fact
from tocsin.book.record import New, record
from tocsin.centers.models import Center
from tocsin.centers.network import load
from tocsin.devices import facts
from tocsin.devices.models import Device, Site, Vitals
from tocsin.gates.protocol import Pairing
from tocsin.gates.registry import pairings
from tocsin.lib import wall
from tocsin.lib.refused import Refused
from tocsin.people.codes import e164
from tocsin.people.models import Person

TEST = timedelta(minutes=5)
#: Seconds of quiet that say nothing yet: a tracker may stand in a cellar for a while, a panel may not.
PATIENCE = {"panel": 300}
OTHERWISE = 1800


class Reactions:
    """What goes with a revoked device. Connected by the journey."""

    revoked: ClassVar[Sequence[Callable[[Device], object]]] = ()


def add(
    protocol: str,
    identifier: str,
    by: Person,
    at: datetime,
    *,
    name: str = "",
    person: Person | None = None,
    site: Site | None = None,
    center: Center | None = None,
    settings: Mapping[str, str] | None = None,
    sim: str = "",
) -> Device:
    """Register a device of one owner. `sim`: the number of the SIM in it, whose text messages are its owner's too.

    A device that was revoked can be added again, for anybody; its signs of life and tests begin anew.
    """
    pairing = pairings().get(protocol)
    if pairing is None:
        raise Refused("no_such_protocol", protocol=protocol)
    if sum(owner is not None for owner in (person, site, center)) != 1:
        raise Refused("one_owner")
    said = identify(protocol, pairing, identifier)
    number = e164(sim) if sim.strip() else ""
    if number is None or (number and pairing.by != "sms"):
        raise Refused("number_malformed")
    device = Device(
        protocol=protocol,
        identifier=said,
        name=name.strip(),
        person=person,
        site=site,
        center=center,
        settings=checked(pairing, settings or {}),
        heartbeat_every=patience(pairing),
        created_at=at,
    )
    with transaction.atomic():
        _register(device, "device_known")
        if number:
            _register_sim(device, number, at)
        owner = "person" if person else "site" if site else "center"
        _write(device, facts.DeviceAdded(device=device.pk, protocol=protocol, owner=owner), by, at)
    return device


def rename(pk: int, name: str, by: Person, at: datetime) -> Device:
    with _verb(pk) as device:
        if device.name == name.strip():
            raise Refused("no_change")
        device.name = name.strip()
        device.save(update_fields=["name"])
        _write(device, facts.DeviceChanged(device=device.pk), by, at)
    return device


def expect(pk: int, every: int | None, by: Person, at: datetime) -> Device:
    """It must be heard within `every` seconds; None: nobody waits for it."""
    with _verb(pk) as device:
        if device.heartbeat_every == every:
            raise Refused("no_change")
        device.heartbeat_every = every
        device.save(update_fields=["heartbeat_every"])
        due = device.vitals.heard_at + timedelta(seconds=every) if every and hasattr(device, "vitals") else None
        Vitals.objects.filter(device=device.pk).update(due=due)
        _write(device, facts.DeviceChanged(device=device.pk), by, at)
    return device


def begin_test(pk: int, by: Person, at: datetime) -> Device:
    """Its next press within five minutes is a test: measured, written, and it rings nowhere."""
    with _verb(pk) as device:
        device.testing_until = at + TEST
        device.save(update_fields=["testing_until"])
        _write(device, facts.DeviceTestBegun(device=device.pk, minutes=TEST.seconds // 60), by, at)
    return device


def end_test(pk: int, by: Person, at: datetime) -> Device:
    """Its presses are alarms again."""
    with _verb(pk) as device:
        if device.testing_until is None or device.testing_until <= at:
            raise Refused("no_change")
        device.testing_until = None
        device.save(update_fields=["testing_until"])
        _write(device, facts.DeviceTestEnded(device=device.pk), by, at)
    return device


def revoke(pk: int, by: Person, at: datetime) -> Device:
    """It is heard no more, nor is the SIM in it. Its signals stay in the book."""
    with _verb(pk) as device:
        device.revoked_at, device.testing_until = at, None
        device.save(update_fields=["revoked_at", "testing_until"])
        Device.objects.filter(protocol="sms", settings__sim_of=pk).update(revoked_at=at)
        for react in Reactions.revoked:
            react(device)
        _write(device, facts.DeviceRevoked(device=device.pk), by, at)
    return device


def add_site(
    name: str,
    center: Center,
    by: Person,
    at: datetime,
    *,
    address: str = "",
    lat: float | None = None,
    lon: float | None = None,
) -> Site:
    """A place that a panel or a button watches: a shop, a home, a school."""
    if not name.strip():
        raise Refused("name_missing")
    with transaction.atomic():
        site = Site.objects.create(name=name.strip(), center=center, address=address.strip(), lat=lat, lon=lon)
        with connection.cursor() as cursor:
            record(cursor, [New([center.pk], facts.SiteAdded(site=site.pk), at, actor=by.pk)])
    return site


def identify(protocol: str, pairing: Pairing, written: str) -> str:
    """The identifier as the device says it, from how people write it down: with spaces, dashes, in capitals, with
    zeros in front. Refused if none of these readings is one of this protocol."""
    plain = written.strip()
    bare = re.sub(r"[\s.:/_-]", "", plain)
    for reading in (plain, bare, bare.upper(), bare.lower(), bare.lstrip("0")):
        said = e164(reading) if protocol == "sms" else reading
        if said and len(said) <= 64 and re.fullmatch(pairing.pattern, said):
            return said
    raise Refused("identifier_malformed", example=pairing.example)


def checked(pairing: Pairing, settings: Mapping[str, str]) -> dict[str, str]:
    """The settings that this protocol asks for, and no others. What may be empty and is, is left out."""
    found = {}
    for field in pairing.fields:
        value = settings.get(field.name, "").strip()
        if not re.fullmatch(field.pattern, value):
            raise Refused("field_malformed", zh=field.zh, en=field.en)
        if value:
            found[field.name] = value
    return found


def patience(pairing: Pairing) -> int | None:
    """Seconds within which it must be heard: three signs of life may be lost."""
    return None if pairing.every is None else max(3 * pairing.every, PATIENCE.get(pairing.by, OTHERWISE))


@wall.lifting  # the number may be anybody's, and a revoked one anybody's anew
def _register(device: Device, otherwise: str) -> None:
    """Store a device, or take the row of a revoked one."""
    same = Device.objects.select_for_update().filter(protocol=device.protocol, identifier=device.identifier)
    if known := same.first():
        if known.revoked_at is None:
            raise Refused(otherwise)
        device.pk = known.pk
        Vitals.objects.filter(device=known.pk).delete()
        device.save(force_update=True)
        return
    try:
        with transaction.atomic():
            device.save(force_insert=True)
    except IntegrityError:
        raise Refused(otherwise) from None


@wall.lifting
def _register_sim(device: Device, number: str, at: datetime) -> None:
    known = Device.objects.filter(protocol="sms", identifier=number, revoked_at=None).first()
    whose = (device.person_id, device.site_id, device.center_id)
    if known and (known.person_id, known.site_id, known.center_id) == whose:
        if "sim_of" in known.settings:  # it was taken out of one device and put into another
            known.settings = {"sim_of": device.pk}
            known.save(update_fields=["settings"])
        return
    name = f"{device.name or device.identifier} SIM"[:120]
    sim = Device(protocol="sms", identifier=number, name=name, settings={"sim_of": device.pk}, created_at=at)
    sim.person_id, sim.site_id, sim.center_id = whose
    _register(sim, "number_known")


@contextmanager
def _verb(pk: int) -> Iterator[Device]:
    """The device, locked. Refused if it was revoked."""
    with transaction.atomic():
        device = Device.objects.select_for_update(of=("self",)).get(pk=pk)
        if device.revoked_at is not None:
            raise Refused("device_revoked")
        yield device


def _write(device: Device, fact: Fact, by: Person, at: datetime) -> None:
    """In the book of its owner's center."""
    center = device.center_id or (device.site and device.site.center_id) or (device.person and device.person.center_id)
    own = load().owner(None, None, center or None)
    with connection.cursor() as cursor:
        record(cursor, [New([own], fact, at, actor=by.pk)])
