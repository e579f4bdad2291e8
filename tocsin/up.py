"""`tocsin up`: the whole system as one process tree. (The demo is the same tree with demo data.)"""

import logging
import os
import socket
import sys

from tocsin import database
from tocsin.supervise import Child, Tree, single

log = logging.getLogger(__name__)


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
    from tocsin.__main__ import _migrate

    data = database.data_folder()
    data.mkdir(parents=True, exist_ok=True)
    held = single(data)
    free_port(os.environ.get("TOCSIN_HOST", "127.0.0.1"), int(os.environ.get("TOCSIN_PORT", "8000")))
    server = None
    if not os.environ.get("DATABASE_URL"):
        server = database.Server(data)
        server.start()
    _migrate()
    return held, server


def run() -> int:
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    held, server = prepare()
    from django.conf import settings

    from tocsin.demo.marker import is_demo

    if is_demo():
        if server:
            server.stop()
        print("tocsin: this data folder holds a demo; production wants one of its own (TOCSIN_DATA)", file=sys.stderr)
        return 1
    tree = Tree([Child("web"), Child("gates"), Child("clock")], server)
    tree.listen_for_the_end()
    print(f"Tocsin {settings.VERSION}: http://{settings.HOST}:{settings.PORT}/", flush=True)
    tree.run()
    del held
    return 0
