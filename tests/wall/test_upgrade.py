"""An installation that holds something takes this version: what works on empty tables may fail on full ones."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.world import data_folder

#: Brings a database to the version that had no wall, no rosters and no deliveries, and fills its tables.
BEFORE = """
import django
django.setup()
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

was = {"people": "0002_rights", "devices": "0004_sites_and_numbers", "incidents": "0001_initial",
    "book": "0002_append_only", "gates": "0003_meters_and_traces", "escalation": "0001_initial"}
of = MigrationExecutor(connection).migrate(list(was.items())).apps.get_model
make = lambda app, model, **more: of(app, model).objects.create(**more)

at = "2026-01-01T00:00Z"
center = make("centers", "Center", code="A", name_en="A", name_zh="A", lat=0, lon=0)
below = make("centers", "Center", code="B", name_en="B", name_zh="B", lat=1, lon=1, parent=center)
officer = make("people", "Person", name="Duty officer", login="officer", center=center, password="!")
member = make("people", "Person", name="Member", phone="+27835550001", center=below, password="!")
make("people", "Role", person=officer, center=center, name="duty_officer")
make("people", "Role", person=member, center=below, name="member")
make("people", "StaffKey", person=officer, name="tool", digest=b"1" * 32)
device = make("devices", "Device", protocol="app", identifier="one", person=member)
incident = make("incidents", "Incident", center=below, centers=[below.pk, center.pk], person=member, device=device)
make("incidents", "Dispatch", incident=incident, kind="police", to="SAPS", at=at)
make("incidents", "Note", incident=incident, author=officer, text="A white car", salt=b"2" * 16, at=at)
make("escalation", "Step", incident=incident, number=1, due=at)
"""


@pytest.fixture
def data() -> Iterator[Path]:
    from tocsin.database import Server

    folder = data_folder()
    server = Server(folder)
    server.start()
    try:
        yield folder
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def test_a_version_with_data_in_it_becomes_this_one(data: Path) -> None:
    env = {**os.environ, "TOCSIN_DATA": str(data), "DJANGO_SETTINGS_MODULE": "tocsin.settings"}

    def python(*arguments: str) -> str:
        done = subprocess.run([sys.executable, *arguments], env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    python("-c", BEFORE)
    python("-m", "tocsin", "migrate")
    from tocsin.database import socket_folder

    with psycopg.connect(f"postgresql://tocsin@/tocsin?host={socket_folder(data)}") as line:
        rows = line.execute("SELECT count(*) FROM looks_head").fetchone()
        assert rows == (2,), "a chain of looks for each center there was"
        note = line.execute("SELECT n::text FROM incidents_note n").fetchone()
        assert note is not None
        assert "white car" not in note[0], "what was written before is sealed too"
    assert "BAD" not in python("-m", "tocsin", "book", "verify")
