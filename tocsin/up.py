"""`tocsin up`: the whole system as one process tree. (The demo is the same tree with demo data.)"""

import hashlib
import logging
import os
import socket
import sys
from importlib.metadata import version
from pathlib import Path

from tocsin import database
from tocsin.supervise import Child, Tree, single

HOST = os.environ.get("TOCSIN_HOST", "127.0.0.1")
PORT = int(os.environ.get("TOCSIN_PORT", "8000"))


def free_port(host: str, port: int) -> None:
    """Raise DatabaseError's plain words when the web's port is taken: better now than in a child's log."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise database.DatabaseError(
                f"Port {port} of {host} cannot be used ({error.strerror}). Choose another: TOCSIN_PORT=8001"
            ) from None


def prepare() -> tuple[object, database.Server | None]:
    """The data folder is ours, the port is free, the database runs and has this version's tables."""
    data = database.data_folder()
    data.mkdir(parents=True, exist_ok=True)
    held = single(data)
    free_port(HOST, PORT)
    server = None
    if not os.environ.get("DATABASE_URL"):
        server = database.Server(data)
        server.start()
    _migrated(data)
    return held, server


def _migrated(data: Path) -> None:
    """Bring the database to this version. Which version it has is kept beside it, for looking costs a second."""
    files = sorted(p.name for p in Path(__file__).parent.glob("*/migrations/0*.py"))
    wanted = hashlib.sha256("\n".join((version("django"), *files)).encode()).hexdigest()
    kept = data / "migrated"
    if os.environ.get("DATABASE_URL") or not kept.exists() or kept.read_text() != wanted:
        from tocsin.__main__ import migrate

        migrate()
        kept.write_text(wanted)


def run() -> int:
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    if (database.data_folder() / "demo.json").exists():
        print("tocsin: this data folder holds a demo; production wants one of its own (TOCSIN_DATA)", file=sys.stderr)
        return 1
    held, server = prepare()
    tree = Tree([Child(name) for name in ("web", "gates", "clock", "courier")], server)
    tree.listen_for_the_end()
    print(f"Tocsin {version('tocsin')}: http://{HOST}:{PORT}/", flush=True)
    tree.run()
    del held
    return 0
