"""The demo network: 14 centers, invented roles, members and devices. Made once; a second start finds it as it was."""

import json
import secrets
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction

from tocsin.centers.models import Center
from tocsin.devices.models import Device, Keyholder, Site, Zone
from tocsin.lib.secrets import digest, new_token
from tocsin.people.models import Person, Role, StaffKey

NETWORK = Path(__file__).parent.parent / "centers" / "network.json"
PASSWORD = "demo-tocsin-2026"
MEMBERS = 20  # of each center
STAFF: tuple[tuple[str, str, str], ...] = (
    ("duty_officer", "值班员", "Duty officer"),
    ("duty_officer", "值班员二", "Second duty officer"),
    ("responder", "志愿者一", "Volunteer one"),
    ("responder", "志愿者二", "Volunteer two"),
    ("supervisor", "督导", "Supervisor"),
    ("director", "主任", "Director"),
)
SHOPS = ("PTA", "JNB")  # centers with a shop that an alarm panel watches
ROOT_STAFF: tuple[tuple[str, str, str], ...] = (
    ("auditor", "审计员", "Auditor"),
    ("administrator", "管理员", "Administrator"),
)


def seed() -> dict[str, Any]:
    """Fill an empty database; returns the sheet of sign-ins, tokens included (they are only shown now)."""
    with transaction.atomic():
        centers = _centers()
        password = make_password(PASSWORD)
        staff, members, devices = [], [], []
        for number, center in enumerate(centers.values()):
            staff += _staff(center, password, root=center.parent is None)
            found, trackers = _members(center, number)
            members += found
            devices += trackers
            if center.code in SHOPS:
                devices.append(_shop(center, number))
    return {
        "centers": [
            {
                "code": c.code,
                "name": c.name_en,
                "parent": c.parent.code if c.parent else None,
                "lat": c.lat,
                "lon": c.lon,
            }
            for c in centers.values()
        ],
        "staff": staff,
        "members": members,
        "devices": devices,
    }


def _centers() -> dict[str, Center]:
    made: dict[str, Center] = {}
    for row in json.loads(NETWORK.read_text()):
        parent = made[row.pop("parent")] if row["parent"] else row.pop("parent")
        made[row["code"]] = Center.objects.create(parent=parent, **row)
    return made


def _staff(center: Center, password: str, root: bool) -> list[dict[str, Any]]:
    rows = []
    for number, (role, zh, en) in enumerate(STAFF + (ROOT_STAFF if root else ())):
        login = f"{en.lower().replace(' ', '-')}.{center.code.lower()}"
        person = Person.objects.create(
            login=login,
            password=password,
            name=f"{center.code} {zh} {en}",
            phone=f"+2782{5550000 + center.pk * 100 + number}",
            language="zh-hans",
            center=center,
            is_superuser=role == "administrator",
        )
        Role.objects.create(person=person, center=center, name=role)
        key = new_token()
        StaffKey.objects.create(person=person, name="demo", digest=digest(key))
        rows.append(
            {"role": role, "center": center.code, "name": person.name, "login": login, "password": PASSWORD, "key": key}
        )
    return rows


def _shop(center: Center, number: int) -> dict[str, Any]:
    """A shop with an alarm panel on an encrypted line, its zones and who has keys."""
    site = Site.objects.create(
        name=f"{center.code} 便利店 Corner shop",
        center=center,
        address="1 Market Street",
        lat=center.lat + 0.012,
        lon=center.lon - 0.009,
        note="卷帘门在后巷 The roller door is in the back lane",
    )
    for zone, name, alarm in (("1", "收银台 Till", "robbery"), ("2", "后门 Back door", ""), ("3", "仓库 Store", "")):
        Zone.objects.create(site=site, number=zone, name=name, alarm=alarm, silent=zone == "1")
    for order, name in enumerate(("店主 Owner", "店员 Assistant"), 1):
        phone = f"+2784{5550000 + number * 10 + order}"
        Keyholder.objects.create(site=site, order=order, name=name, phone=phone)
    panel = Device.objects.create(
        protocol="dc09",
        identifier=f"{5000 + number}",
        name="报警主机 Alarm panel",
        site=site,
        settings={"key": secrets.token_hex(16)},
        heartbeat_every=180,
    )
    return {
        "protocol": "dc09",
        "identifier": panel.identifier,
        "member": None,
        "center": center.code,
        "key": panel.settings["key"],
    }


def _members(center: Center, number: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    people = Person.objects.bulk_create(
        Person(
            name=f"会员 {center.code}-{i:02d}",
            phone=f"+2783{5550000 + number * 100 + i}",
            center=center,
            language="zh-hans" if i % 3 else "en",
            password="!",
        )
        for i in range(1, MEMBERS + 1)
    )
    Role.objects.bulk_create(Role(person=p, center=center, name="member") for p in people)
    tokens = [new_token() for _ in people]
    phones = [
        Device(protocol="app", identifier=f"demo-{p.pk}", name="手机 Phone", person=p, token_digest=digest(t))
        for p, t in zip(people, tokens, strict=True)
    ]
    trackers = [
        Device(protocol="gt06", identifier=f"86{number:03d}{i:010d}", name="追踪器 GT06", person=people[i])
        for i in range(2)
    ] + [
        Device(protocol="osmand", identifier=f"{660000 + number * 10 + i}", name="Traccar Client", person=people[2 + i])
        for i in range(2)
    ]
    Device.objects.bulk_create([*phones, *trackers])
    members = [
        {"name": p.name, "center": center.code, "phone": p.phone, "token": t}
        for p, t in zip(people, tokens, strict=True)
    ]
    devices = [
        {
            "protocol": d.protocol,
            "identifier": d.identifier,
            "member": d.person.name if d.person else None,
            "center": center.code,
        }
        for d in trackers
    ]
    return members, devices
