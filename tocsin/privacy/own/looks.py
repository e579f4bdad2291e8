"""Who looked at whom: a chain of numbers, which an erasure leaves and time takes from its beginning; reasons and
purposes in words go with either."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from tocsin.looks.models import Glass, Look, Share
from tocsin.people.models import Person
from tocsin.privacy import keeping
from tocsin.privacy.erasers import Section, keep, label, offer
from tocsin.privacy.own.dump import hidden

_FORGET = "SELECT looks_forget(%(before)s, %(limit)s, %(held)s)"
_REASONS = """
WITH due AS (
    SELECT id FROM looks_glass WHERE reason IS NOT NULL AND at < %(before)s LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), emptied AS (UPDATE looks_glass g SET reason = NULL, salt = '' FROM due WHERE g.id = due.id RETURNING 1)
SELECT count(*) FROM emptied
"""
_PURPOSES = """
WITH due AS (
    SELECT id FROM looks_share WHERE purpose IS NOT NULL AND ends_at < %(before)s
    AND NOT incident_id = ANY(%(held)s) LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), emptied AS (
    UPDATE looks_share s SET purpose = NULL, name = NULL, organisation = '–' FROM due WHERE s.id = due.id RETURNING 1
)
SELECT count(*) FROM emptied
"""


def erase(person: int, at: datetime) -> int:
    count = Glass.objects.filter(of=person, reason__isnull=False).update(reason=None, salt=b"")
    mine = Share.objects.filter(incident__person=person)
    mine.filter(revoked_at=None, ends_at__gt=at).update(ends_at=at)
    return count + mine.exclude(purpose=None).update(purpose=None, name=None, organisation="–")


def export(person: int, language: str) -> Iterable[Section]:
    looks = list(Look.objects.filter(of_id=person).exclude(incident_id__in=hidden(person)).order_by("at"))
    names = dict(Person.objects.filter(pk__in={e.actor_id for e in looks if e.actor_id}).values_list("pk", "name"))
    rows: list[dict[str, Any]] = [
        {"at": e.at, "who": names.get(e.actor_id or 0, ""), "role": e.role, "kind": e.kind,
         "incident_id": e.incident_id,
         "why": e.why} for e in looks
    ]  # fmt: skip
    yield Section("looks", ("谁看过我的资料", "Who looked at me"), rows)
    mine = Look.objects.filter(actor_id=person).order_by("at")
    rows = [{"at": e.at, "kind": e.kind, "incident_id": e.incident_id, "why": e.why} for e in mine]
    yield Section("my_looks", ("我看过什么", "What I looked at"), rows)
    broken = Glass.objects.filter(of=person).order_by("at")
    rows = [{"at": g.at, "until": g.until, "reason": g.reason} for g in broken]
    yield Section("glass", ("破例查看", "Glass that was broken"), rows)
    shared = Share.objects.filter(incident__person=person).exclude(incident__in=hidden(person)).order_by("at")
    rows = [
        {"at": s.at, "incident_id": s.incident_id, "kind": s.kind, "name": s.name, "organisation": s.organisation,
         "purpose": s.purpose, "parts": s.parts, "ends_at": s.ends_at, "revoked_at": s.revoked_at} for s in shared
    ]  # fmt: skip
    yield Section("shares", ("给了外面的谁", "Who outside was shown my incidents"), rows)


offer("looks", columns=("looks.Glass.of",), erase=erase, export=export)
keep("looks.Look.of_id", "查看记录成链，只记编号，保存三年", "looks are a chain with numbers only, kept three years")
keep("looks.Look.actor_id", "查看记录成链，只记编号，保存三年", "looks are a chain with numbers only, kept three years")
keep("looks.Glass.by", "谁破例查看，只剩编号", "who broke the glass: a number, without a name")
keep("looks.Share.by", "谁共享，只剩编号", "who shared: a number, without a name")
keep("looks.Share.revoked_by", "谁收回共享，只剩编号", "who revoked a share: a number, without a name")
label(
    who=("谁", "Who"), role=("角色", "Role"), why=("原因", "Why"), reason=("理由", "Reason"),
    organisation=("机构", "Organisation"), parts=("内容", "Parts"), ends_at=("结束", "Ends"),
)  # fmt: skip
keeping.add(
    keeping.Kind(
        "looks", 3 * 365,
        ("谁在何时因何查看过您", "Who looked at you, when and why"),
        ("查看后", "after the look"), ("您可以追究滥用", "so that you can hold them to account"),
        keeping.sweeping(_FORGET, _REASONS, _PURPOSES), least=365,
    )
)  # fmt: skip
