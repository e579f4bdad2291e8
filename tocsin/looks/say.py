"""Looks and shares as JSON, for those who may read them: who was looked at, who looked, and a center's auditor."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Count, Max, Model, Q

from tocsin.centers.models import Center
from tocsin.incidents.models import Incident
from tocsin.lib import wall
from tocsin.lib.sealed import Unopened
from tocsin.lib.sql import array
from tocsin.lib.words import Language, word
from tocsin.looks import rules
from tocsin.looks.models import Glass, Look, Share
from tocsin.looks.see import names
from tocsin.looks.words import KINDS, KINDS_OF_YOU, WHYS, WHYS_OF_YOU
from tocsin.people.models import Person

MOST = 200


def told(row: Model, name: str) -> str:
    """A sealed text; "" when it was erased, or its key is gone."""
    try:
        return getattr(row, name) or ""
    except Unopened:
        return ""


def last_digits(phone: str | None) -> str | None:
    """Enough of a number to tell two people of one name apart, too little to call."""
    return f"… {phone[-3:]}" if phone else None


def at_me(person: Person, language: Language) -> list[dict[str, Any]]:
    """Who looked at this person, the newest first, for their phone.

    What happened about a silent alarm is left out: such an alarm leaves no trace on the caller's phone. Their center's
    auditor, and an export of their data, tell it.
    """
    silent = list(Incident.objects.filter(person=person, silent=True).values_list("pk", "opened_at", "closed_at"))
    query = Look.objects.filter(of_id=person.pk).exclude(incident_id__in=[pk for pk, *_ in silent])
    for _, since, until in silent:
        during = Q(at__gte=since, at__lte=until) if until else Q(at__gte=since)
        query = query.exclude(during, incident_id=None)
    return _said(list(query.order_by("-at", "-number")[:MOST]), language, you=True)


def by_me(person: Person, language: Language) -> list[dict[str, Any]]:
    """At whom this person looked, the newest first."""
    return _said(list(Look.objects.filter(actor_id=person.pk).order_by("-at", "-number")[:MOST]), language, whom=True)


@wall.lifting  # the page of a center's auditor; of those who were looked at the number of the incident is enough
def at_center(centers: Sequence[int], by: int, since: datetime, language: Language) -> list[dict[str, Any]]:
    """What one person looked at in these centers."""
    query = Look.objects.filter(center__in=centers, actor_id=by, at__gte=since).exclude(kind="list")
    return _said(list(query.order_by("-at", "-number")[:MOST]), language)


@wall.lifting  # the page of a center's director, who was told of each; the reason lies sealed
def glasses(centers: Sequence[int], since: datetime) -> list[dict[str, Any]]:
    """The glasses that were broken for members of these centers, and the reasons that were stated."""
    rows = Glass.objects.filter(center__in=centers, at__gte=since).select_related("by", "of").order_by("-pk")[:MOST]
    return [{"at": g.at, "who": g.by.name, "of": g.of.name, "reason": told(g, "reason")} for g in rows]


PATTERNS = """
SELECT l.actor_id, max(l.role), count(*), count(DISTINCT l.of_id),
    count(*) FILTER (WHERE extract(hour FROM l.at AT TIME ZONE c.time_zone) >= %s
        OR extract(hour FROM l.at AT TIME ZONE c.time_zone) < %s),
    count(*) FILTER (WHERE l.why = ANY(%s::text[])), count(*) FILTER (WHERE l.kind = 'glass'), max(l.at)
FROM looks_look l JOIN centers_center c ON c.id = l.center_id
WHERE l.center_id = ANY(%s::bigint[]) AND l.at >= %s AND l.actor_id IS NOT NULL AND l.kind <> 'list'
GROUP BY l.actor_id ORDER BY 7 DESC, 6 DESC, 3 DESC LIMIT 500
"""


@wall.lifting  # whoever asks was found to be an auditor there
def patterns(centers: Sequence[int], since: datetime, language: Language) -> list[dict[str, Any]]:
    """Who looked how much at these centers' people: in all, at how many, at night, without an open incident, by broken
    glass. Those with most to explain come first."""
    without = array(sorted(rules.WITHOUT_INCIDENT))
    with connection.cursor() as cursor:
        cursor.execute(PATTERNS, (rules.NIGHT_FROM, rules.NIGHT_UNTIL, without, array(centers), since))
        rows = cursor.fetchall()
    called = names([row[0] for row in rows])
    return [
        {
            "person": {"id": pk, "name": called.get(pk, "?")},
            "role": role,
            "role_said": word(role, language) if role else "",
            "looks": looks,
            "people": people,
            "night": night,
            "without": without_,
            "glass": glass,
            "last_at": last,
        }
        for pk, role, looks, people, night, without_, glass, last in rows
    ]


@wall.lifting  # names and stated reasons beside looks that one may read
def _said(looks: list[Look], language: Language, *, you: bool = False, whom: bool = False) -> list[dict[str, Any]]:
    """`you`: in sentences for the one who was looked at. `whom`: with their name."""
    zh, kinds, whys = language == "zh-hans", KINDS_OF_YOU if you else KINDS, WHYS_OF_YOU if you else WHYS
    people = names({pk for look in looks for pk in (look.actor_id, look.of_id) if pk})
    centers = {c.pk: c.name(language) for c in Center.objects.filter(pk__in={look.from_id for look in looks})}
    shares = Share.objects.in_bulk({look.share_id for look in looks if look.share_id})
    glasses = Glass.objects.in_bulk({int(look.what) for look in looks if look.kind == "glass" and look.what})
    kin = _relatives({look.relative_id for look in looks if look.relative_id})
    rows = []
    for look in looks:
        share, role = shares.get(look.share_id or 0), look.role
        who, center = people.get(look.actor_id or 0, "?"), centers.get(look.from_id or 0, "")
        if share is not None:
            who, center, role = told(share, "name") or "?", share.organisation, share.kind
        elif look.relative_id:
            who, center, role = kin.get(look.relative_id, "?"), "", "relative"
        glass = glasses.get(int(look.what)) if look.kind == "glass" and look.what else None
        rows.append(
            {
                "at": look.at,
                "who": who,
                "role": word(role, language) if role else "",
                "center": center,
                "kind": look.kind,
                "said": kinds.get(look.kind, (look.kind, look.kind))[0 if zh else 1],
                "why": whys.get(look.why, (look.why, look.why))[0 if zh else 1],
                "reason": told(glass, "reason") if glass else told(share, "purpose") if share else "",
                "glass": look.glass,
                "incident": look.incident_id,
                **({"of": people.get(look.of_id or 0, "")} if whom else {}),
            }
        )
    return rows


def _relatives(pks: set[int]) -> dict[int, str]:
    """Looks come before notifications: they know the table by its name, not the module."""
    found = apps.get_model("notifications", "Relative")._default_manager.in_bulk(pks) if pks else {}
    return {pk: told(row, "name") or "?" for pk, row in found.items()}


@wall.lifting  # the names of colleagues, and how often a link was opened; the incident was found by who asks
def shares(incident: Incident, at: datetime, language: Language) -> list[dict[str, Any]]:
    """With whom an incident was shared, and how often each link was opened."""
    rows = list(incident.shares.select_related("by", "revoked_by").order_by("-pk"))
    counted = Look.objects.filter(share_id__in=[s.pk for s in rows]).values_list("share_id")
    opened = {pk: (n, last) for pk, n, last in counted.annotate(n=Count("*"), last=Max("at"))}
    return [share(row, at, language) | _openings(opened.get(row.pk)) for row in rows]


def _openings(found: tuple[int, datetime] | None) -> dict[str, Any]:
    return {"opened": found[0] if found else 0, "opened_at": found[1] if found else None}


def share(s: Share, at: datetime, language: Language) -> dict[str, Any]:
    """`state`: open, revoked, ended."""
    state = "revoked" if s.revoked_at else "ended" if s.ends_at <= at else "open"
    return {
        "id": s.pk,
        "kind": s.kind,
        "kind_said": word(s.kind, language),
        "name": told(s, "name"),
        "organisation": s.organisation,
        "purpose": told(s, "purpose"),
        "parts": s.parts.split(),
        "by": {"id": s.by_id, "name": s.by.name},
        "at": s.at,
        "ends_at": s.ends_at,
        "revoked_at": s.revoked_at,
        "state": state,
    }
