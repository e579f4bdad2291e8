"""DATABASE_URL: an owner who is no superuser, passwords for all, and a secret that changes."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.world import data_folder

HBA = "local all tocsin trust\nlocal all all scram-sha-256\n"


class Operator:
    def __init__(self, data: Path) -> None:
        from tocsin.database import Server

        self.server = Server(data)
        self.server.start()
        (self.server.cluster / "pg_hba.conf").write_text(HBA)
        self.host = self.server.run
        with self.admin() as line:
            line.execute("SELECT pg_reload_conf()")
            line.execute("CREATE ROLE owner LOGIN CREATEROLE PASSWORD 'of the owner'")
            line.execute("CREATE DATABASE theirs OWNER owner")

    def admin(self) -> psycopg.Connection[object]:
        return psycopg.connect(f"postgresql://tocsin@/postgres?host={self.host}", autocommit=True)

    def tocsin(self, *arguments: str, secret: str = "one") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tocsin", *arguments],
            env={
                **os.environ,
                "DATABASE_URL": f"postgresql://owner:of%20the%20owner@/theirs?host={self.host}",
                "TOCSIN_DATABASE_SECRET": secret,
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def enters(self, role: str, secret: str) -> bool:
        from tocsin import database

        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DATABASE_URL", f"postgresql://owner@/theirs?host={self.host}")
            patch.setenv("TOCSIN_DATABASE_SECRET", secret)
            url = database.url(role)
        try:
            with psycopg.connect(url) as line:
                return line.execute("SELECT count(*) FROM people_person").fetchone() == (0,)
        except psycopg.OperationalError:
            return False


@pytest.fixture(scope="module")
def operator() -> Iterator[Operator]:
    data = data_folder()
    made = Operator(data)
    try:
        yield made
    finally:
        made.server.stop()
        shutil.rmtree(data, ignore_errors=True)


def test_it_is_brought_up_by_migrate_alone_and_a_changed_secret_is_applied(operator: Operator) -> None:
    with operator.admin() as line:
        line.execute("ALTER ROLE owner NOCREATEROLE")
    refused = operator.tocsin("migrate")
    assert refused.returncode == 1
    assert "CREATE ROLE tocsin_web LOGIN; CREATE ROLE tocsin_service LOGIN" in refused.stderr

    with operator.admin() as line:  # who runs the database makes the roles, and no more
        line.execute("CREATE ROLE tocsin_web LOGIN")
        line.execute("CREATE ROLE tocsin_service LOGIN")
    refused = operator.tocsin("migrate")
    assert refused.returncode == 1
    command = refused.stderr[refused.stderr.index("ALTER ROLE tocsin_web") :].strip()
    assert "SCRAM-SHA-256$" in command
    with operator.admin() as line:
        line.execute(command.encode())
        assert not operator.enters("tocsin_web", "another")
        assert operator.enters("tocsin_web", "one")
        line.execute("DROP OWNED BY tocsin_web")
    for database in ("theirs", "postgres"):
        with psycopg.connect(f"postgresql://tocsin@/{database}?host={operator.host}", autocommit=True) as line:
            line.execute("DROP OWNED BY tocsin_web, tocsin_service")
    with operator.admin() as line:
        line.execute("DROP DATABASE theirs")
        line.execute("DROP ROLE tocsin_web, tocsin_service")
        line.execute("ALTER ROLE owner CREATEROLE")
        line.execute("CREATE DATABASE theirs OWNER owner")

    done = operator.tocsin("migrate")
    assert done.returncode == 0, done.stderr
    assert operator.enters("tocsin_web", "one")
    assert operator.enters("tocsin_service", "one")
    assert operator.tocsin("migrate", secret="two").returncode == 0
    assert operator.enters("tocsin_web", "two")
    assert not operator.enters("tocsin_web", "one")
    assert '"check":"wall","level":"ok"' in operator.tocsin("doctor", "--json", secret="two").stdout

    with operator.admin() as line:
        line.execute("ALTER ROLE tocsin_web BYPASSRLS")
    grown = operator.tocsin("migrate", secret="two")
    assert grown.returncode == 1
    assert "may do too much" in grown.stderr
