"""Devices, sites with their zones and keyholders, and the last frames of a device."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F, Q, TextField, Value
from django.db.models.functions import Cast, Concat

from tocsin.devices.models import Device, Keyholder, Site, Vitals, Zone
from tocsin.gates.models import Trace
from tocsin.people.models import Person
from tocsin.privacy.erasers import Section, label, offer
from tocsin.privacy.own.dump import dump


def erase(person: int, at: datetime) -> int:
    """Devices are revoked and lose number, name, key and settings; sites lose name, place and who has keys."""
    mine = Device.objects.filter(Q(person=person) | Q(site__person=person))
    pks = list(mine.values_list("pk", flat=True))
    count = Trace.objects.filter(device_id__in=pks).delete()[0] + Vitals.objects.filter(device__in=pks).delete()[0]
    gone = Concat(Value("erased-"), Cast(F("pk"), TextField()))
    count += Device.objects.filter(pk__in=pks).update(
        identifier=gone, name="", token_digest=None, settings={}, heartbeat_every=None, testing_until=None
    )
    Device.objects.filter(pk__in=pks, revoked_at=None).update(revoked_at=at)
    phone = Person.objects.values_list("phone", flat=True).get(pk=person)
    keys = (
        Q(site__person=person) | Q(person=person) | (Q(phone=phone) if phone else Q(pk=None))
    )  # who holds keys of others, too
    count += Keyholder.objects.filter(keys).delete()[0] + Zone.objects.filter(site__person=person).update(name="")
    return count + Site.objects.filter(person=person).update(name="–", address="", lat=None, lon=None, note="")


def export(person: int, language: str) -> Iterable[Section]:
    mine = Device.objects.filter(person=person).order_by("pk")
    fields: tuple[str, ...] = ("id", "protocol", "identifier", "name", "heartbeat_every", "created_at", "revoked_at")
    yield Section("devices", ("我的设备", "My devices"), dump(mine, *fields))
    vitals = Vitals.objects.filter(device__person=person).order_by("pk")
    fields = ("device_id", "heard_at", "silent_since", "battery", "troubles", "tested_at")
    yield Section("vitals", ("设备状况", "How they do"), dump(vitals, *fields))
    traces = list(Trace.objects.filter(device_id__in=mine.values("pk")).order_by("pk"))
    frames = [
        {"device_id": t.device_id, "at": t.at, "network_address": t.address, "frame": bytes(t.frame).hex()}
        for t in traces
    ]
    yield Section("frames", ("设备的最近报文", "Their last frames"), frames)
    sites = Site.objects.filter(person=person).order_by("pk")
    yield Section("sites", ("我的场所", "My sites"), dump(sites, "id", "name", "address", "lat", "lon", "note"))
    zones = Zone.objects.filter(site__person=person).order_by("pk")
    yield Section("zones", ("防区", "Zones"), dump(zones, "site_id", "number", "name", "alarm", "silent"))
    keys = Keyholder.objects.filter(Q(site__person=person) | Q(person=person)).order_by("pk")
    yield Section("keyholders", ("持钥匙人", "Keyholders"), dump(keys, "site_id", "order", "name", "phone"))


offer(
    "devices",
    columns=("devices.Device.person", "devices.Site.person", "devices.Keyholder.person"),
    erase=erase,
    export=export,
)
label(
    protocol=("类型", "Kind"), identifier=("编号", "Identifier"), name=("名称", "Name"),
    heartbeat_every=("心跳间隔（秒）", "Heartbeat every (s)"), created_at=("建立", "Made"),
    revoked_at=("停用", "Revoked"),
    heard_at=("最近听到", "Last heard"), silent_since=("静默自", "Silent since"), troubles=("故障", "Troubles"),
    tested_at=("测试", "Tested"), network_address=("网络地址", "Network address"),
    frame=("报文（十六进制）", "Frame (hex)"),
    note=("说明", "Note"), site_id=("场所编号", "Site number"), number=("编号", "Number"), order=("次序", "Order"),
)  # fmt: skip
