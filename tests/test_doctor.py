"""`tocsin doctor` tells of each thing that is broken, what to do about it, and of nothing that is well."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.world import Town


def examined(check: str | None = None) -> dict[str, Any] | list[Any]:
    """What the doctor says of one check: {level, zh, en}; of the worst when there are several."""
    from tocsin import doctor

    found = doctor.examine(datetime.now(UTC))
    if check is None:
        return found
    levels = ("ok", "warning", "bad")
    worst = max((f for f in found if f.check == check), key=lambda f: levels.index(f.level), default=None)
    assert worst, f"nothing about {check}: {[f.check for f in found]}"
    return {"level": worst.level, "zh": worst.zh, "en": worst.en}


def level(check: str) -> str:
    return str(examined(check)["level"])  # type: ignore[call-overload]


def test_a_well_installation_is_told_so_and_both_languages_are_whole(world: Town) -> None:
    for check in ("database", "migrations", "web", "gates", "escalation", "book", "secrets", "gates' ports"):
        assert level(check) == "ok", examined(check)
    for found in examined():
        assert found.zh  # type: ignore[union-attr]
        assert found.en  # type: ignore[union-attr]
        assert not any("\u4e00" <= letter <= "\u9fff" for letter in found.en.split(":", 1)[0])  # type: ignore[union-attr]


def test_the_database_away(world: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.database.url", lambda: "postgresql://nobody@127.0.0.1:9/none")
    assert level("database") == "bad"


def test_a_process_that_is_silent_or_never_ran(world: Town) -> None:
    world.rows("DELETE FROM gates_pulse WHERE process = 'courier'")
    world.rows(
        "INSERT INTO gates_pulse VALUES ('clock', now() - interval '1 min', now()) "
        "ON CONFLICT (process) DO UPDATE SET at = excluded.at"
    )
    assert level("courier") == "bad"
    assert "silent for 6" in str(examined("clock"))


def test_a_port_that_is_not_open(world: Town) -> None:
    sheet = world.data / "gates.json"
    kept = sheet.read_text()
    try:
        sheet.write_text(json.dumps({**json.loads(kept), "gt06": 9}))
        assert "gt06 (9)" in str(examined("gates' ports"))
    finally:
        sheet.write_text(kept)


def test_no_channel_that_works_and_one_that_fails(world: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from tocsin.notifications import registry
    from tocsin.notifications.channel import Channel, Outgoing, Result, Settings
    from tocsin.notifications.models import Health

    async def send(out: Outgoing, settings: Settings) -> Result:
        return Result("sent")

    there = {"wecom": Channel(send=send), "sms": Channel(send=send, needs=("provider",))}
    monkeypatch.setattr(registry, "channels", lambda: there)
    Health.objects.all().delete()
    assert level("channels") == "bad", "one that needs no settings is not set up by that"
    assert "TOCSIN_CHANNEL_SMS_PROVIDER" in str(examined("channel sms"))
    monkeypatch.setenv("TOCSIN_CHANNEL_SMS_PROVIDER", "kannel")
    assert "never" not in str(examined("channel wecom"))
    assert level("channel sms") == "warning"
    Health.objects.create(channel="sms", ok=False, at=datetime.now(UTC), detail="no credit")
    assert "no credit" in str(examined("channel sms"))
    Health.objects.update(ok=True, detail="")
    assert level("channel sms") == "ok"
    Health.objects.all().delete()


def test_a_gap_an_officer_without_contact_and_a_center_without_officers(world: Town, place: str) -> None:
    from tocsin.centers.models import Center
    from tocsin.rosters.models import Pattern, Shift

    officer, center = world.desk(place), Center.objects.get(code=place)
    assert officer.person is not None
    now = datetime.now(UTC)
    Pattern.objects.create(
        center=center, duty="duty_officer", person_id=officer.person, weekday=0, start="08:00", minutes=60,
        since="2020-01-01",
    )  # fmt: skip
    Shift.objects.create(
        center=center, duty="duty_officer", person_id=officer.person, starts_at=now, ends_at=now + timedelta(hours=1)
    )
    try:
        from tocsin import doctor

        said = [f.en for f in doctor.examine(now) if f.check == "roster"]
        assert any(place in text for text in said), said
        assert any(officer.name in text for text in said), said
        assert "with a role cannot be reached" in str(examined("contacts"))
        assert level("centers") == "warning", "most centers of the Town have nobody"
    finally:
        Pattern.objects.filter(center=center).delete()


def test_an_overdue_step_and_a_book_that_was_altered(world: Town, place: str) -> None:
    incident = world.button(place).press().incident
    world.rows("UPDATE escalation_step SET due = now() - interval '20 s' WHERE incident_id = %s", incident)
    assert f"#{incident}" in str(examined("escalation"))
    center, number = world.rows("SELECT center_id, number FROM book_entry WHERE incident_id = %s", incident)[0]
    where = "WHERE center_id = %s AND number = %s"
    kind = world.rows(f"SELECT kind FROM book_entry {where}", center, number)[0][0]
    world.rows("ALTER TABLE book_entry DISABLE TRIGGER USER")
    world.rows(f"UPDATE book_entry SET kind = 'closed' {where}", center, number)
    try:
        assert f"{place} #{number}" in str(examined("book"))
    finally:
        world.rows(f"UPDATE book_entry SET kind = %s {where}", kind, center, number)
        world.rows("ALTER TABLE book_entry ENABLE TRIGGER USER")
    assert level("book") == "ok"


def test_backups_address_and_secrets(world: Town, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("TOCSIN_BACKUPS", "TOCSIN_BACKUP_MARK", "TOCSIN_PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    assert (level("backup"), level("address")) == ("warning", "warning")
    monkeypatch.setenv("TOCSIN_BACKUPS", str(tmp_path))
    assert level("backup") == "bad"
    dump = tmp_path / "tocsin.dump"
    dump.touch()
    assert level("backup") == "ok"
    old = datetime.now(UTC).timestamp() - 30 * 3600
    os.utime(dump, (old, old))
    assert level("backup") == "warning"
    monkeypatch.setenv("TOCSIN_PUBLIC_URL", "http://tocsin.example")
    assert level("address") == "bad"
    monkeypatch.setenv("TOCSIN_PUBLIC_URL", "https://tocsin.example")
    assert level("address") == "ok"
    (world.data / "secret_key").chmod(0o644)
    try:
        assert "secret_key" in str(examined("secrets"))
    finally:
        (world.data / "secret_key").chmod(0o600)


def test_a_migration_that_is_missing(world: Town) -> None:
    row = world.rows("DELETE FROM django_migrations WHERE app = 'notifications' RETURNING app, name, applied")
    try:
        assert level("migrations") == "bad"
    finally:
        for app, name, applied in row:
            world.rows("INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)", app, name, applied)


def test_the_command_says_it_by_locale_or_as_json_and_ends_with_1(
    world: Town, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tocsin.__main__ import main

    world.rows("DELETE FROM gates_pulse WHERE process = 'courier'")

    def run(*arguments: str, locale: str = "C.UTF-8") -> str:
        monkeypatch.setenv("LC_ALL", locale)
        with pytest.raises(SystemExit) as ended:
            main(["doctor", *arguments])
        assert ended.value.code == 1
        return capsys.readouterr().out

    command = [sys.executable, "-m", "tocsin", "doctor"]
    plain = subprocess.run(
        command, env={**os.environ, "LC_ALL": "C.UTF-8"}, capture_output=True, text=True, check=False
    )
    assert plain.returncode == 1, plain.stderr
    assert "BAD     courier" in plain.stdout
    assert "BAD     courier" in run()
    assert "故障" in run(locale="zh_CN.UTF-8")
    assert {"check", "level", "zh", "en"} == set(json.loads(run("--json"))[0])
    assert "故障" in run("--lang", "zh")
