"""Devices, and how one is paired, as JSON for a person who may see them."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet

from tocsin.devices import rules
from tocsin.devices.models import Device, Vitals
from tocsin.gates.address import address, asks_for, fill
from tocsin.gates.models import Knock
from tocsin.gates.protocol import HttpGate, Pairing, StreamGate
from tocsin.gates.registry import gates, pairings
from tocsin.lib import wall
from tocsin.lib.words import Language, in_language, word

#: What a member can pair alone; panels, and servers that speak for many devices, are for staff.
BY_MEMBERS = frozenset({"sms", "web", "app"})
ORDER = ("sms", "app", "panel", "web", "server")  # what people carry comes first


def devices() -> QuerySet[Device]:
    """What people think of as devices: not the app on a phone, a person's own number, or the SIM in a tracker."""
    own = Q(protocol="sms", identifier=F("person__phone"))
    return (
        Device.objects.filter(revoked_at=None)
        .exclude(protocol="app")
        .exclude(own)
        .exclude(settings__has_key="sim_of")
        .select_related("vitals", "person", "site", "center")
    )


def device(d: Device, now: datetime, language: Language) -> dict[str, Any]:
    """One device. `state`: silent, trouble, waiting (never heard), ok; `took`: seconds of the last test."""
    v: Vitals | None = getattr(d, "vitals", None)
    told = {name: datetime.fromisoformat(at) for name, at in (v.told if v else {}).items()}
    troubles = rules.shown(told, now)
    pairing = pairings().get(d.protocol)
    testing = d.testing_until if d.testing_until and d.testing_until > now else None
    return {
        "id": d.pk,
        "protocol": d.protocol,
        "title": _in(pairing.title, language) if pairing else word(d.protocol, language),
        "identifier": d.identifier,
        "name": d.name,
        "owner": _owner(d, language),
        "state": _state(v, troubles),
        "added_at": d.created_at,
        "revoked_at": d.revoked_at,
        "heartbeat_every": d.heartbeat_every,
        "heard_at": v and v.heard_at,
        "silent_since": v and v.silent_since,
        "battery": v and v.battery,
        "troubles": [{"name": name, "said": word(name, language), "at": told[name]} for name in troubles],
        "testing_until": testing,
        "tested_at": v and v.tested_at,
        "tested_after": v and v.tested_after,
    }


def sim(d: Device) -> str | None:
    """The number of the SIM in it, if it was told."""
    found = Device.objects.filter(protocol="sms", settings__sim_of=d.pk, revoked_at=None)
    return found.values_list("identifier", flat=True).first()


@wall.lifting  # unknown devices are nobody's yet; only likeness to one's own is told
def knocks(d: Device, now: datetime, staff: bool) -> list[dict[str, Any]]:
    """Who knocked unknown today and may be this device: its very identifier at any gate; for staff also one that was
    probably mistyped, or is a part of it (some devices say the last 11 digits of their IMEI)."""
    today = Knock.objects.filter(last_at__gt=now - timedelta(days=1)).order_by("-last_at")
    found = list(today.filter(identifier=d.identifier))
    if staff:
        others = today.filter(protocol=d.protocol).exclude(identifier=d.identifier)[:500]
        found += [k for k in others if rules.alike(k.identifier, d.identifier)]
    return [
        {
            "protocol": k.protocol,
            "identifier": k.identifier,
            "same": k.protocol == d.protocol and k.identifier == d.identifier,
            "count": k.count,
            "last_at": k.last_at,
        }
        for k in found[:3]
    ]


def protocols(language: Language, *, asked: str, staff: bool) -> list[dict[str, Any]]:
    """How each kind of device is paired, its texts filled for this installation."""

    def order(named: tuple[str, Pairing]) -> tuple[int, str]:
        return ORDER.index(named[1].by), _in(named[1].title, language)

    return [
        protocol(name, pairing, language, asked)
        for name, pairing in sorted(pairings().items(), key=order)
        if staff or by_members(name)
    ]


def by_members(name: str) -> bool:
    """Whether a member may add such a device without the center's help: it speaks to us by itself, not through a server
    or a broker that the center runs."""
    pairing, offered = pairings().get(name), gates().get(name, ())
    alone = any(isinstance(gate, StreamGate | HttpGate) for gate in offered)
    keyed = any(isinstance(gate, HttpGate) and gate.keyed for gate in offered)
    return pairing is not None and pairing.by in BY_MEMBERS and alone and not keyed


def protocol(name: str, pairing: Pairing, language: Language, asked: str) -> dict[str, Any]:
    """One kind of device. In `steps`, {identifier}, {password}, {apn} and {network} are left for the page to fill."""
    where = address(name, asked)
    return {
        "name": name,
        "title": _in(pairing.title, language),
        "models": pairing.models,
        "by": pairing.by,
        "identifier": _in(pairing.identifier, language),
        "pattern": pairing.pattern,
        "example": pairing.example,
        "steps": [
            {"text": _in((step.zh, step.en), language), "send": step.send and fill(step.send, where.values())}
            for step in pairing.steps
        ],
        "asks": sorted(asks_for(pairing) & {"password", "apn", "network"}),
        "password": pairing.password,
        "fields": [
            {"name": f.name, "label": _in((f.zh, f.en), language), "pattern": f.pattern, "secret": f.secret}
            for f in pairing.fields
        ],
        "press": _in(pairing.press, language),
        "every": pairing.every,
        "host": where.host,
        "port": where.port,
        "url": where.url,
    }


def _owner(d: Device, language: Language) -> dict[str, Any] | None:
    if d.person:
        return {"kind": "person", "id": d.person.pk, "name": d.person.name, "phone": d.person.phone}
    if d.site:
        return {"kind": "site", "id": d.site.pk, "name": d.site.name, "phone": None}
    if d.center:
        return {"kind": "center", "id": d.center.pk, "name": d.center.name(language), "phone": d.center.phone}
    return None


def _state(v: Vitals | None, troubles: list[str]) -> str:
    if v is None:
        return "waiting"
    return "silent" if v.silent_since else "trouble" if troubles else "ok"


def _in(pair: tuple[str, str], language: Language) -> str:
    return in_language(pair, language)
