"""What is kept, for how long, and why: one table. The clock carries it out in small batches (`tend.py`).

An operator may shorten any of it with TOCSIN_KEEP_<KIND>=days (1 at the least, of looks 365), never lengthen it. What
belongs to an incident that is held (`holds.py`) stays until the hold ends.
"""

import logging
import os
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from tocsin.notifications.models import Contact, Relative
from tocsin.privacy.models import Hold, Left, Run

log = logging.getLogger(__name__)

BATCH = 500  # rows of one transaction: some 10 ms
Pair = tuple[str, str]
#: Deletes (or empties) at most `limit` rows that are older than `before`, and says how many. `now` is for the rest.
Sweep = Callable[[datetime, int, datetime], int]


class Kind(NamedTuple):
    """One kind of data. `days` at most; `since`: from when they count. `sweep` None: its own station does it.

    `own`: it is about members, who see it in the app. `least`: no setting makes it shorter.
    """

    name: str
    days: int
    what: Pair
    since: Pair
    why: Pair
    sweep: Sweep | None
    own: bool = True
    least: int = 1


def held(at: datetime) -> list[int]:
    """Ids of the incidents of which nothing is deleted: those held, and those merged into one of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.id FROM privacy_hold h JOIN incidents_incident i ON h.incident_id IN (i.id, i.merged_into_id) "
            "WHERE h.ended_at IS NULL AND h.until > %s",
            (at,),
        )
        return [pk for (pk,) in cursor.fetchall()]


def is_held(incident: int, at: datetime) -> bool:
    return Hold.objects.in_force(at).exists() and incident in held(at)


#: The incident `i` (or the one it was merged into, `m`) is closed since before the cutoff, and is not held.
_OVER = """
    ((i.merged_into_id IS NULL AND i.state = 'closed' AND i.closed_at < %(before)s)
     OR (m.state = 'closed' AND m.closed_at < %(before)s)) AND NOT i.id = ANY(%(held)s)
"""
_INTO = "LEFT JOIN incidents_incident m ON m.id = i.merged_into_id"
_NOWHERE = """lat = NULL, lon = NULL, accuracy = NULL, altitude = NULL, speed = NULL, course = NULL,
    fixed_at = NULL"""

# Of a trail nothing is left; an alarm stays as what it was, without its place: sent again it is known again.
_TRAIL = f"""
WITH due AS (
    SELECT s.id FROM gates_signal s JOIN incidents_incident i ON i.id = s.incident_id {_INTO}
    WHERE s.incident_id IS NOT NULL AND s.lat IS NOT NULL AND s.received_at < %(before)s
        AND i.drill = %(drill)s AND {_OVER}
    ORDER BY s.received_at LIMIT %(limit)s FOR UPDATE OF s SKIP LOCKED
), gone AS (
    DELETE FROM gates_signal s USING due WHERE s.id = due.id AND s.kind = 'position' RETURNING 1
), emptied AS (
    UPDATE gates_signal s SET {_NOWHERE}, raw = NULL FROM due WHERE s.id = due.id AND s.kind <> 'position' RETURNING 1
)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM emptied)
"""
_PLACE = f"""
WITH due AS (
    SELECT i.id FROM incidents_incident i {_INTO}
    WHERE i.lat IS NOT NULL AND i.opened_at < %(before)s AND i.drill = %(drill)s AND {_OVER}
    ORDER BY i.opened_at LIMIT %(limit)s FOR UPDATE OF i SKIP LOCKED
), emptied AS (
    UPDATE incidents_incident i SET {_NOWHERE}, address = NULL FROM due WHERE i.id = due.id RETURNING 1
)
SELECT count(*) FROM emptied
"""
_WORDS = f"""
WITH due AS (
    SELECT n.id FROM incidents_note n JOIN incidents_incident i ON i.id = n.incident_id {_INTO}
    WHERE n.text IS NOT NULL AND n.at < %(before)s AND {_OVER}
    ORDER BY n.at LIMIT %(limit)s FOR UPDATE OF n SKIP LOCKED
), emptied AS (
    UPDATE incidents_note n SET text = NULL, salt = '' FROM due WHERE n.id = due.id RETURNING 1
)
SELECT count(*) FROM emptied
"""
_CALLERS = f"""
WITH due AS (
    SELECT i.id FROM incidents_incident i {_INTO}
    WHERE (i.caller IS NOT NULL OR i.phone IS NOT NULL OR i.address IS NOT NULL)
        AND i.opened_at < %(before)s AND {_OVER}
    ORDER BY i.opened_at LIMIT %(limit)s FOR UPDATE OF i SKIP LOCKED
), emptied AS (
    UPDATE incidents_incident i SET caller = NULL, phone = NULL, address = NULL FROM due WHERE i.id = due.id RETURNING 1
)
SELECT count(*) FROM emptied
"""
#: An emptied delivery still counts; `address` must stay different in each for its constraints.
EMPTY_DELIVERY = """address = 'gone-' || d.id, words = '', "values" = '{}', error = '', ref = NULL, contact_id = NULL,
    "then" = '[]', token = 'gone-' || d.id, unread_due = NULL"""
_DELIVERIES = f"""
WITH due AS (
    SELECT d.id FROM notifications_delivery d
    WHERE d.address NOT LIKE 'gone-%%' AND d.created_at < %(before)s AND d.state NOT IN ('queued', 'sending')
        AND (d.incident_id IS NULL OR NOT d.incident_id = ANY(%(held)s))
    ORDER BY d.created_at LIMIT %(limit)s FOR UPDATE OF d SKIP LOCKED
), emptied AS (
    UPDATE notifications_delivery d SET {EMPTY_DELIVERY} FROM due WHERE d.id = due.id RETURNING 1
)
SELECT count(*) FROM emptied
"""
_HANDOVERS = """
WITH due AS (
    SELECT id FROM rosters_handover WHERE text <> '' AND at < %(before)s LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), emptied AS (UPDATE rosters_handover h SET text = '' FROM due WHERE h.id = due.id RETURNING 1)
SELECT count(*) FROM emptied
"""
_PIECES = """
WITH due AS (
    SELECT id FROM privacy_export WHERE state IN ('ready', 'fetched') AND expires_at < %(now)s
    AND (state = 'ready' OR EXISTS (SELECT FROM privacy_piece p WHERE p.export_id = privacy_export.id))
    LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), pieces AS (DELETE FROM privacy_piece p USING due WHERE p.export_id = due.id),
late AS (UPDATE privacy_export e SET state = 'gone', link = NULL FROM due WHERE e.id = due.id AND e.state = 'ready')
SELECT count(*) FROM due
"""


def _older(table: str, column: str, more: str = "") -> str:
    """Delete rows by their age."""
    return f"""
WITH due AS (
    SELECT ctid FROM {table} WHERE {column} < %(before)s {more}
    ORDER BY {column} LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), gone AS (DELETE FROM {table} t USING due WHERE t.ctid = due.ctid RETURNING 1)
SELECT count(*) FROM gone
"""


def sweeping(*statements: str, **more: Any) -> Sweep:
    """A sweep by statements, of which each gives the number of rows that it changed."""

    def sweep(before: datetime, limit: int, now: datetime) -> int:
        count, values = 0, {"before": before, "limit": limit, "now": now, "held": held(now), **more}
        for statement in statements:
            if count < limit:
                with connection.cursor() as cursor:
                    cursor.execute(statement, values)
                    count += cursor.fetchone()[0]
        return count

    return sweep


def _of_those_who_left(before: datetime, limit: int, now: datetime) -> int:
    """From when somebody left is not written with the person: it counts from when it was first seen."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO privacy_left (person_id, since) SELECT id, %s FROM people_person WHERE NOT is_active "
            "ON CONFLICT DO NOTHING",
            (now,),
        )
        cursor.execute("DELETE FROM privacy_left l USING people_person p WHERE p.id = l.person_id AND p.is_active")
    gone = Left.objects.filter(since__lt=before)
    contacts = Contact.objects.filter(person__in=gone.values("person"))[:limit]
    count, _ = Contact.objects.filter(pk__in=[c.pk for c in contacts]).delete()
    named = Relative.objects.filter(person__in=gone.values("person")).exclude(salt=b"").select_for_update(of=("self",))
    for relative in named[: max(0, limit - count)]:
        forget_relative(relative, now)
        count += 1
    return count


def forget_relative(relative: Relative, at: datetime) -> None:
    """Nobody can be told any more, nor who it was. The row stays: messages that were sent to them still count."""
    relative.salt = b""  # an empty one: it was forgotten
    relative.name, relative.phone, relative.email = "", None, None
    relative.withdrawn_at = relative.withdrawn_at or at
    relative.save(update_fields=["salt", "name", "phone", "email", "withdrawn_at"])


KINDS: dict[str, Kind] = {}


def add(kind: Kind) -> None:
    """A line of the table; other stations add theirs in their `personal.py`."""
    KINDS[kind.name] = kind


_CLOSED: Pair = ("结案后", "after the incident was closed")
_RECEIVED: Pair = ("收到后", "after it came in")

for _kind in (
    Kind(
        "positions", 30,
        ("警情期间的位置（轨迹、最后位置、地址）", "Where you were during an incident: trail, last place, address"),
        _CLOSED, ("复盘和投诉", "to look back at what was done, and for complaints"),
        sweeping(_TRAIL, _PLACE, drill=False),
    ),
    Kind(
        "drill_positions", 7,
        ("演练中的位置", "Positions of drills"),
        _CLOSED, ("演练报告", "for the drill's report"),
        sweeping(_TRAIL, _PLACE, drill=True),
    ),
    Kind(
        "outside", 1,
        ("警情以外的信号（心跳、测试）；会员的位置根本不保存",
         "Signals outside an incident (signs of life, tests); of a member without their place"),
        _RECEIVED, ("同一信号再次到达时能认出", "so that the same signal sent again is known"),
        sweeping(_older("gates_signal", "received_at", "AND incident_id IS NULL AND kind <> 'alarm'")),
    ),
    Kind(
        "raw_frames", 7,
        ("设备的最近 20 条原始报文", "The last 20 raw frames of a device"),
        _RECEIVED, ("查设备故障", "to find out what is wrong with a device"),
        sweeping(_older("gates_trace", "at")),
    ),
    Kind(
        "notes", 365,
        ("警情备注、来电人姓名和电话（值班簿只留摘要）",
         "Notes about an incident, a caller's name and number (the book keeps a digest)"),
        _CLOSED, ("报案、保险和后续求助", "for the police, insurance and help that takes longer"),
        sweeping(_WORDS, _CALLERS),
    ),
    Kind(
        "deliveries", 90,
        ("通知的地址和内容（数量保留）", "Addresses and words of messages (their number stays)"),
        ("发出后", "after it was made"), ("查为什么没有送到", "to see why somebody was not reached"),
        sweeping(_DELIVERIES),
    ),
    Kind(
        "replies", 7,
        ("尚未归入警情的短信回复", "Texts that came back and belong to no incident"),
        _RECEIVED, ("通常几秒内就处理", "read within seconds, as a rule"),
        sweeping(_older("notifications_reply", "at")),
    ),
    Kind(
        "codes", 1,
        ("验证码请求（不含验证码）", "That a code was asked for (not the code)"),
        ("发出后", "after they were asked for"), ("限制尝试次数", "to count tries"),
        sweeping(_older("people_signincode", "created_at")),
    ),
    Kind(
        "sign_ins", 90,
        ("登录记录：时间、地址、方式", "Sign-ins: when, from which address, how"),
        ("登录后", "after the sign-in"), ("发现盗用", "to notice a stolen sign-in"),
        sweeping(_older("people_signin", "at")),
    ),
    Kind(
        "contacts", 30,
        ("已离开者的联系方式和亲友", "Contacts and relatives of people who left"),
        ("离开后", "after they left"), ("误操作可以恢复", "so that a mistake can be undone"),
        _of_those_who_left,
    ),
    Kind(
        "availability", 1,
        ("“可出警”及当时所在位置", '"I am available", and where that was said'),
        ("到期后", "after it ran out"), ("不再需要", "it is of no use any more"),
        sweeping(_older("rosters_availability", "until")),
    ),
    Kind(
        "knocks", 90,
        ("未登记设备的编号和地址", "Numbers and addresses of unknown devices"),
        ("最后一次连接后", "after it last tried"), ("登记遗漏的设备", "to register a device that was forgotten"),
        sweeping(_older("gates_knock", "last_at")), own=False,
    ),
    Kind(
        "handovers", 365,
        ("交班记录的内容", "Words of hand-over notes"),
        ("写下后", "after they were written"), ("查阅", "to look up"),
        sweeping(_HANDOVERS), own=False,
    ),
    Kind(
        "admin_log", 365,
        ("管理页的操作记录", "What was done on the administrator's pages"),
        ("操作后", "after it was done"), ("查账", "to account for it"),
        sweeping(_older("django_admin_log", "action_time")), own=False,
    ),
    Kind(
        "exports", 1,
        ("您要的资料副本", "The copy of your data that you asked for"),
        ("做好后", "after it was made"), ("供您下载", "for you to fetch it"),
        sweeping(_PIECES),
    ),
    Kind(
        "runs", 3 * 365,
        ("删除记录：种类、数量、时间", "What was deleted: kind, number, when"),
        ("删除后", "after it was deleted"), ("证明已按期删除", "to prove that it was done"),
        sweeping(_older("privacy_run", "at")), own=False,
    ),
):  # fmt: skip
    add(_kind)


def setting(kind: Kind) -> tuple[int, str | None]:
    """Days in force, and a setting that is not followed: no number, too short, or longer than the table allows."""
    given = os.environ.get(f"TOCSIN_KEEP_{kind.name.upper()}", "").strip()
    if not given:
        return kind.days, None
    if not given.isascii() or not given.isdigit() or not kind.least <= int(given) <= kind.days:
        return kind.days, given
    return int(given), None


def days(name: str) -> int:
    return setting(KINDS[name])[0]


def sweep(name: str, now: datetime, limit: int = BATCH) -> int:
    """One batch of a kind, in one transaction that waits for nobody; what it did is written down."""
    kind = KINDS[name]
    if kind.sweep is None:
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '250ms'; SET LOCAL statement_timeout = '20s'")
        count = kind.sweep(now - timedelta(days=days(name)), limit, now)
        write(name, count, now)
    return count


def write(name: str, count: int, now: datetime) -> None:
    """`privacy_run`: so many of this kind on this day."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO privacy_run AS r (kind, day, count, at) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (kind, day) DO UPDATE SET count = r.count + excluded.count, at = excluded.at",
            (name, now.date(), count, now),
        )


def sweep_all(now: datetime, limit: int = BATCH) -> dict[str, int]:
    """Everything that is due, batch by batch; returns what was done of each kind."""
    done: dict[str, int] = {}
    for name in KINDS:
        while count := sweep(name, now, limit):
            done[name] = done.get(name, 0) + count
            if count < limit:
                break
    return done


def table(own: bool = False) -> list[tuple[Kind, int, str | None]]:
    """The lines with the days in force and an ignored setting; `own`: those about members alone."""
    return [(kind, *setting(kind)) for kind in KINDS.values() if kind.own or not own]


def runs(kinds: Sequence[str], since: datetime) -> dict[str, tuple[int, datetime]]:
    """Kind → how many since then, and when it was last looked for."""
    found: dict[str, tuple[int, datetime]] = {}
    for row in Run.objects.filter(kind__in=kinds, day__gte=timezone.localdate(since)).order_by("day"):
        count = found.get(row.kind, (0, row.at))[0]
        found[row.kind] = count + row.count, row.at
    return found
