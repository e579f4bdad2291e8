"""`tocsin doctor`: what could keep an alarm from being served, one line a check, and what to do about it.

    TOCSIN_BACKUP_MARK   a file that whoever makes backups touches after each
    TOCSIN_BACKUPS       or the folder that they lie in: the newest file counts

It reads only; nothing is sent. Each check stands alone: one that cannot be made says so, and the others go on.
"""

import os
import shutil
import socket
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
import psycopg
from django.conf import settings
from django.db import connection

from tocsin import database
from tocsin.book.record import moment, seal
from tocsin.centers.models import Center
from tocsin.devices.models import Vitals
from tocsin.escalation.models import Step
from tocsin.files import vault
from tocsin.files.rules import FREE
from tocsin.gates.models import Pulse
from tocsin.lib import reseal, sealed
from tocsin.lib.words import Language
from tocsin.notifications import gaps, registry
from tocsin.notifications.models import Contact, Health, Partner
from tocsin.people.models import Role
from tocsin.rosters import on_duty
from tocsin.rosters.models import Shift

Level = Literal["ok", "warning", "bad"]
WORDS = {
    "ok": ("正常", "ok"),
    "warning": ("注意", "warning"),
    "bad": ("故障", "BAD"),
}
PROCESSES = ("web", "gates", "clock", "courier")
LAST = 1000  # entries of each book
DUTIES = ("duty_officer", "supervisor", "director", "administrator")


class Finding(msgspec.Struct, frozen=True):
    """What a check found, in both languages; what to do stands in the same line."""

    check: str
    level: Level
    zh: str
    en: str

    def said(self, language: Language) -> str:
        return self.zh if language == "zh-hans" else self.en


def examine(now: datetime) -> list[Finding]:
    """All checks. Without the database only those that can do without it."""
    found = [*_kept("database", lambda: _database(now))]
    needs_database = (
        ("migrations", _migrations), ("wall", _wall), ("processes", lambda: _processes(now)),
        ("channels", lambda: _channels(now)), ("rosters", lambda: _rosters(now)),
        ("officers", lambda: _officers(now)), ("contacts", lambda: _contacts(now)), ("partners", _partners),
        ("devices", _devices), ("escalation", lambda: _escalation(now)), ("book", _books), ("seal", _seal),
    )  # fmt: skip
    if all(f.level != "bad" for f in found):
        for name, check in needs_database:
            found += _kept(name, check)
    for name, check in (
        ("disk", _disk), ("files", _files), ("gates", _gates), ("backup", lambda: _backup(now)), ("address", _address),
        ("secrets", _secrets),
    ):  # fmt: skip
        found += _kept(name, check)
    return found


def _kept(name: str, check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    try:
        return list(check())
    except Exception as error:
        said = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        level: Level = "bad" if name == "database" else "warning"
        return [Finding(name, level, f"无法检查：{said}", f"could not be checked: {said}")]


def _wall() -> Iterator[Finding]:
    """The roles of the processes sign in, and where nobody stands before the wall nothing is seen."""
    for role in database.ROLES:
        try:
            with psycopg.connect(database.url(role), connect_timeout=5, autocommit=True) as line:
                seen = line.execute("SELECT EXISTS (SELECT FROM people_person)").fetchone()
        except psycopg.Error as error:
            said = str(error).splitlines()[0]
            yield Finding(
                "wall", "bad", f"数据库角色 {role} 不能登录或无权限：{said}。请运行 tocsin migrate",
                f"the role {role} cannot sign in or may do nothing: {said}. Run tocsin migrate",
            )  # fmt: skip
            return
        if role == database.WEB and seen and seen[0]:
            yield Finding(
                "wall", "bad", "数据库的行级安全不起作用：网页进程能看到所有人。请运行 tocsin migrate 并检查角色权限",
                "row-level security does not hold: the web sees everybody. Run tocsin migrate, look at its role",
            )  # fmt: skip
            return
    yield Finding("wall", "ok", "网页进程只能看到请求者有权看的内容", "the web sees only what whoever asks may see")


def _database(now: datetime) -> Iterator[Finding]:
    try:
        with psycopg.connect(database.url(), connect_timeout=5, autocommit=True) as line:
            row = line.execute("SELECT clock_timestamp(), pg_is_in_recovery()").fetchone()
    except psycopg.Error as error:
        said = str(error).splitlines()[0]
        yield Finding(
            "database", "bad", f"数据库没有应答：{said}。请启动 PostgreSQL 或检查 DATABASE_URL",
            f"it does not answer: {said}. Start PostgreSQL, or check DATABASE_URL",
        )  # fmt: skip
        return
    assert row is not None
    if row[1]:
        yield Finding("database", "bad", "数据库是只读副本，不能写入", "it is a replica: nothing can be written")
    skew = (row[0] - datetime.now(UTC)).total_seconds()
    if abs(skew) > 2:
        yield Finding(
            "clock", "bad" if abs(skew) > 30 else "warning",
            f"数据库与本机时钟相差 {skew:.1f} 秒，请在两台机器上启用时间同步 (NTP)",
            f"the database's clock and ours differ by {skew:.1f} s: switch on time synchronisation (NTP) on both",
        )  # fmt: skip
    yield Finding("database", "ok", "有应答", "answers")


def _migrations() -> Iterator[Finding]:
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if missing := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield Finding(
            "migrations", "bad", f"有 {len(missing)} 个迁移未执行，请运行 tocsin migrate",
            f"{len(missing)} are missing: run tocsin migrate",
        )  # fmt: skip
    else:
        yield Finding("migrations", "ok", "数据库版本正确", "the database is of this version")


def _processes(now: datetime) -> Iterator[Finding]:
    seen = dict(Pulse.objects.filter(process__in=PROCESSES).values_list("process", "at"))
    for name in PROCESSES:
        if name not in seen:
            yield Finding(
                name, "bad", f"从未启动，请运行 tocsin up 或 tocsin {name}",
                f"it never ran: start tocsin up, or tocsin {name}",
            )  # fmt: skip
            continue
        age = (now - seen[name]).total_seconds()
        if age > 10:
            yield Finding(
                name, "bad", f"已 {age:.0f} 秒没有心跳，请查看其日志并重新启动",
                f"silent for {age:.0f} s: read its log and start it again",
            )  # fmt: skip
        else:
            yield Finding(name, "ok", "在运行", "runs")


def _gates() -> Iterator[Finding]:
    sheet = database.data_folder() / "gates.json"
    if not sheet.exists():
        yield Finding(
            "gates' ports", "warning", "没有 gates.json：网关未在本机运行", "no gates.json: no gates run here"
        )
        return
    ports: dict[str, int] = msgspec.json.decode(sheet.read_bytes())
    udp = _udp_ports()
    closed = [f"{name} ({port})" for name, port in sorted(ports.items()) if port not in udp and not _answers(port)]
    if closed:
        named = ", ".join(closed[:8])
        yield Finding(
            "gates' ports", "bad", f"端口未打开：{named}。请重新启动 tocsin gates",
            f"not open: {named}. Start tocsin gates again",
        )  # fmt: skip
    else:
        yield Finding("gates' ports", "ok", f"{len(ports)} 个端口已打开", f"{len(ports)} are open")


def _udp_ports() -> set[int]:
    found = set[int]()
    for name in ("udp", "udp6"):
        with suppress(OSError, ValueError, IndexError):
            for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
                found.add(int(line.split()[1].rsplit(":", 1)[1], 16))
    return found


def _answers(port: int) -> bool:
    for host in ("127.0.0.1", "::1"):
        with suppress(OSError), socket.create_connection((host, port), timeout=1):
            return True
    return False


def _channels(now: datetime) -> Iterator[Finding]:
    """A channel that needs no settings says nothing by having none: its last sending does."""
    health = {h.channel: h for h in Health.objects.all()}
    used = set(Contact.objects.filter(dead_at=None).values_list("channel", flat=True).distinct())
    working = 0
    for name, channel in registry.channels().items():
        check, last = f"channel {name}", health.get(name)
        set_up, wrong = bool(channel.needs or registry.settings(name)), registry.problems(name)
        if wrong:
            why = "; ".join(wrong)
            level: Level = "warning" if name in used or registry.settings(name) else "ok"
            yield Finding(check, level, f"未启用：{why}", f"off: {why}")
        elif last is not None and not last.ok:
            yield Finding(
                check, "warning", f"最近一次发送失败（{last.at:%Y-%m-%d %H:%M} UTC）：{last.detail}。请发送测试",
                f"its last sending failed ({last.at:%Y-%m-%d %H:%M} UTC): {last.detail}. Send a test from its page",
            )  # fmt: skip
        elif last is not None:
            working += 1
            yield Finding(
                check, "ok", f"最近发送成功 {last.at:%Y-%m-%d %H:%M} UTC", f"sent {last.at:%Y-%m-%d %H:%M} UTC"
            )
        elif set_up:
            working += 1
            yield Finding(
                check,
                "warning",
                "已设置，但从未发送过：请发送一次测试",
                "set up, but nothing was ever sent: send a test",
            )
        else:
            yield Finding(check, "ok", "无需设置，尚未使用", "needs no settings; not used yet")
    if not working:
        yield Finding(
            "channels", "bad", "没有任何可用的通知通道：除值班台响铃外没有人会被通知。请至少设置短信或推送",
            "no channel works: but for the ringing desk nobody is told. Set up text messages or push at least",
        )  # fmt: skip


def _rosters(now: datetime) -> Iterator[Finding]:
    week = now + timedelta(days=7)
    kept = Center.objects.filter(pk__in=on_duty.keeping(gaps.DUTY, now))
    holes = [(center.code, spans[0][0]) for center in kept if (spans := on_duty.gaps(center.pk, gaps.DUTY, now, week))]
    holes.sort(key=lambda hole: hole[1])
    for code, start in holes[:10]:
        soon = start - now < timedelta(hours=6)
        yield Finding(
            "roster", "bad" if soon else "warning", f"{code}：{start:%m-%d %H:%M} UTC 起无人值班，请安排",
            f"{code}: nobody on duty from {start:%m-%d %H:%M} UTC: arrange somebody",
        )  # fmt: skip
    if more := ", ".join(code for code, _ in holes[10:]):
        yield Finding("roster", "warning", f"另有空缺：{more}", f"gaps too at: {more}")
    soon_on = Shift.objects.between(now, week).counting().filter(duty=gaps.DUTY)
    names = sorted(set(soon_on.exclude(person__in=gaps.reached()).values_list("person__name", flat=True)))
    if names:
        yield Finding(
            "roster", "warning", f"值班员没有确认过的联系方式：{'、'.join(names[:50])}。请发送测试",
            f"on the roster without a confirmed contact: {', '.join(names[:50])}. Send them a test",
        )  # fmt: skip
    if not holes and not names:
        yield Finding("roster", "ok", "7 天内没有空缺", "no gaps in the next 7 days")


def _officers(now: datetime) -> Iterator[Finding]:
    held = Role.objects.in_force(now).filter(name="duty_officer", person__is_active=True)
    without = list(Center.objects.exclude(pk__in=held.values("center")).values_list("code", flat=True))
    if not Center.objects.exists():
        yield Finding("centers", "bad", "还没有中心，请先建立", "there is no center yet: make one")
    elif without:
        named = ", ".join(without[:10]) + (" …" if len(without) > 10 else "")
        yield Finding(
            "centers", "warning", f"{len(without)} 个中心没有值班员，其警情由上级升级后才有人接：{named}",
            f"{len(without)} have no duty officer; their alarms wait until they climb: {named}",
        )  # fmt: skip
    else:
        yield Finding("centers", "ok", "每个中心都有值班员", "each has a duty officer")


def _contacts(now: datetime) -> Iterator[Finding]:
    held = Role.objects.in_force(now).filter(name__in=DUTIES, person__is_active=True, person__phone=None)
    reached = Contact.objects.filter(dead_at=None).values("person")
    names = sorted(set(held.exclude(person__in=reached).values_list("person__name", flat=True)))
    if names:
        yield Finding(
            "contacts", "warning",
            f"{len(names)} 名有职务的人没有任何联系方式：{'、'.join(names[:50])}。请登记电话或推送",
            f"{len(names)} with a role cannot be reached: {', '.join(names[:50])}. Enter a phone number, or let them "
            "switch on push",
        )  # fmt: skip
    else:
        yield Finding("contacts", "ok", "有职务的人都有联系方式", "everybody with a role has one")


def _partners() -> Iterator[Finding]:
    """Switched off by a person, or because their system said that it is gone for good."""
    names = list(Partner.objects.filter(active=False).order_by("name").values_list("name", flat=True)[:8])
    if names:
        yield Finding(
            "partners", "warning", f"已停用、不再收到报警的合作方：{'、'.join(names)}。请核对其地址",
            f"switched off, they hear of no alarm: {', '.join(names)}. Look at their addresses",
        )  # fmt: skip


def _devices() -> Iterator[Finding]:
    silent = Vitals.objects.filter(silent_since__isnull=False, device__revoked_at=None).count()
    if silent:
        yield Finding(
            "devices", "warning", f"{silent} 台设备失联，请在值班台“设备”页查看",
            f"{silent} are silent: see the desk's page of devices",
        )  # fmt: skip
    else:
        yield Finding("devices", "ok", "没有失联的设备", "none is silent")


def _escalation(now: datetime) -> Iterator[Finding]:
    late = Step.objects.filter(done_at=None, due__lt=now - timedelta(seconds=10))
    count, oldest = late.count(), late.order_by("due").first()
    if oldest is not None:
        seconds = (now - oldest.due).total_seconds()
        yield Finding(
            "escalation", "bad",
            f"{count} 步升级已超时，最久 {seconds:.0f} 秒（警情 #{oldest.incident_id}）。"
            "请立即查看值班台，并启动 tocsin clock",
            f"{count} steps are overdue, the oldest by {seconds:.0f} s (incident #{oldest.incident_id}). Look at the "
            "desk now, and start tocsin clock",
        )  # fmt: skip
    else:
        yield Finding("escalation", "ok", "没有超时的升级", "nothing is overdue")


ENTRIES = """
SELECT number, at AT TIME ZONE 'UTC', kind, facts::text, incident_id, actor_id, echo, hash FROM book_entry
WHERE center_id = %s AND number > %s ORDER BY number
"""


def _books() -> Iterator[Finding]:
    """The last entries of each book against their hashes; `tocsin book verify` reads all."""
    bad, read = list[str](), 0
    with psycopg.connect(database.url(), connect_timeout=5) as line:
        line.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        heads = line.execute(
            "SELECT c.id, c.code, h.number, h.hash FROM book_head h JOIN centers_center c ON c.id = h.center_id"
        ).fetchall()
        for center, code, head, hash_ in heads:
            rows = line.execute(ENTRIES, (center, max(0, head - LAST - 1))).fetchall()
            read += len(rows)
            if (wrong := _wrong(center, head, bytes(hash_), rows)) is not None:
                bad.append(f"{code} #{wrong}")
    if bad:
        named = ", ".join(bad[:8])
        yield Finding(
            "book", "bad", f"值班簿被改动或有缺号：{named}。请运行 tocsin book verify 并与备份比对",
            f"altered or with gaps at {named}. Run tocsin book verify, and compare with a backup",
        )  # fmt: skip
    else:
        yield Finding("book", "ok", f"最近 {read} 条完好", f"the last {read} entries are whole")


def _wrong(center: int, head: int, head_hash: bytes, rows: list[Any]) -> int | None:
    """The first number that is bad; the very first row read only lends its hash, unless it is the book's first."""
    previous = bytes(32) if head <= LAST + 1 else None
    expected = 1 if previous else rows[0][0] if rows else head
    for number, at, kind, facts, incident, actor, echo, hash_ in rows:
        if number != expected:
            return int(expected)
        if previous is not None:
            sealed = seal(previous, center, number, moment(at), kind, facts.encode(), incident, actor, echo)
            if sealed != bytes(hash_):
                return int(number)
        previous, expected = bytes(hash_), number + 1
    if expected - 1 != head or (head and previous != head_hash):
        return max(1, head)
    return None


def _seal() -> Iterator[Finding]:
    """Every key with which something is sealed is here; without it profiles, notes and relatives are lost."""
    where = sealed.ENVIRONMENT if sealed.from_environment() else str(sealed.path())
    if missing := reseal.unknown():
        named = ", ".join(id_ or "?" for id_ in missing)
        yield Finding(
            "seal", "bad", f"缺少密钥：{named}。用它封存的资料打不开；请从备份恢复到 {where}",
            f"keys are missing: {named}. What they seal cannot be opened: bring them back from a backup into {where}",
        )  # fmt: skip
    elif left := reseal.waiting():
        yield Finding(
            "seal", "warning", f"{left} 条资料仍用旧密钥封存，请运行 tocsin seal rotate",
            f"{left} values are under an older key: run tocsin seal rotate",
        )  # fmt: skip
    else:
        yield Finding("seal", "ok", "所有密钥齐全", "every key is here")


def _disk() -> Iterator[Finding]:
    places = {"data": database.data_folder()}
    with suppress(Exception), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('data_directory', true), inet_server_addr() IS NULL")
        folder, here = cursor.fetchone() or (None, False)
        if folder and here and Path(folder).exists():
            places["postgres"] = Path(folder)
    for name, place in places.items():
        if not place.exists():
            continue
        usage = shutil.disk_usage(place)
        share, free = usage.free / usage.total, usage.free / 2**30
        level: Level = "bad" if free < 0.5 else "warning" if share < 0.1 and free < 20 else "ok"
        todo = ("", "") if level == "ok" else ("，请清理或扩容", ": make room")
        yield Finding(
            f"disk {name}", level, f"{place} 剩余 {free:.1f} GB ({share:.0%}){todo[0]}",
            f"{place} has {free:.1f} GB left ({share:.0%}){todo[1]}",
        )  # fmt: skip


def _files() -> Iterator[Finding]:
    """Whether photos, sound and video are taken: below a free tenth of their disk they are not (`files/rules.py`)."""
    folder = vault.folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    usage = shutil.disk_usage(folder)
    share = usage.free / usage.total
    if not os.access(folder, os.W_OK):
        yield Finding(
            "files", "bad", f"{folder} 不可写：照片、视频和录音发不上来。请修正权限",
            f"{folder} cannot be written: no photo, video or sound arrives. Mend its rights",
        )  # fmt: skip
    elif share < FREE:
        yield Finding(
            "files", "bad", f"{folder} 所在磁盘只剩 {share:.0%}，低于 {FREE:.0%} 不再接收附件。请扩容或清理",
            f"the disk of {folder} has {share:.0%} left: below {FREE:.0%} no photo, video or sound is taken. Make room",
        )  # fmt: skip
    elif share < FREE + 0.05:
        yield Finding(
            "files", "warning", f"{folder} 所在磁盘剩余 {share:.0%}，低于 {FREE:.0%} 将停止接收附件。请扩容或清理",
            f"the disk of {folder} has {share:.0%} left; below {FREE:.0%} attachments are refused. Make room",
        )  # fmt: skip
    else:
        yield Finding("files", "ok", f"{folder} 剩余 {share:.0%}", f"{folder} has {share:.0%} left")


def _backup(now: datetime) -> Iterator[Finding]:
    mark, folder = os.environ.get("TOCSIN_BACKUP_MARK"), os.environ.get("TOCSIN_BACKUPS")
    if not mark and not folder:
        yield Finding(
            "backup", "warning", "不知道备份在哪里：请设置 TOCSIN_BACKUPS（文件夹）或 TOCSIN_BACKUP_MARK（标记文件）",
            "nobody said where they are: set TOCSIN_BACKUPS (a folder) or TOCSIN_BACKUP_MARK (a file)",
        )  # fmt: skip
        return
    files = [Path(mark)] if mark else [p for p in Path(folder or "").rglob("*") if p.is_file()]
    times = [p.stat().st_mtime for p in files if p.exists()]
    if not times:
        yield Finding("backup", "bad", f"没有备份：{mark or folder}", f"there is none: {mark or folder}")
        return
    hours = (now.timestamp() - max(times)) / 3600
    level: Level = "bad" if hours > 7 * 24 else "warning" if hours > 26 else "ok"
    todo = ("", "") if level == "ok" else ("，请检查备份任务", ": look at whoever makes them")
    yield Finding(
        "backup", level, f"最近一次在 {hours:.0f} 小时前{todo[0]}", f"the newest is {hours:.0f} hours old{todo[1]}"
    )


def _address() -> Iterator[Finding]:
    """Links in messages, receipts of providers and push lean on it."""
    said = os.environ.get("TOCSIN_PUBLIC_URL", "")
    if not said:
        yield Finding(
            "address", "warning",
            f"未设置 TOCSIN_PUBLIC_URL：消息里的链接将是 {settings.PUBLIC_URL}，别处的手机打不开",
            f"TOCSIN_PUBLIC_URL is not set: links in messages say {settings.PUBLIC_URL}, which no phone can open",
        )  # fmt: skip
    elif urlsplit(said).scheme != "https" or not urlsplit(said).hostname:
        yield Finding(
            "address", "bad", f"TOCSIN_PUBLIC_URL={said} 不是 https：推送和摄像头等浏览器功能不可用，内容可被偷看",
            f"TOCSIN_PUBLIC_URL={said} is not https: push does not work, and what is sent can be read on the way",
        )  # fmt: skip
    else:
        yield Finding("address", "ok", said, said)


def _secrets() -> Iterator[Finding]:
    folder = database.data_folder()
    names = ("secret_key", "hook_key", sealed.FILE, "*.pem", "*_key", "*.key", "demo.json")
    files = {p for name in names for p in folder.glob(name) if p.is_file()}
    open_ = sorted(p.name for p in files if p.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO) and p.name != "demo.json")
    if open_:
        named = ", ".join(open_)
        yield Finding(
            "secrets", "bad", f"他人可读：{named}。请运行 chmod 600 {folder}/…",
            f"others may read {named}: chmod 600 in {folder}",
        )  # fmt: skip
    else:
        yield Finding("secrets", "ok", "只有本用户可读", "only we may read them")


def report(findings: list[Finding], language: Language) -> str:
    """One line a check."""
    which = 0 if language == "zh-hans" else 1
    width = max(len(f.check) for f in findings)
    return "\n".join(f"{WORDS[f.level][which]:<8}{f.check:<{width}}  {f.said(language)}" for f in findings)
