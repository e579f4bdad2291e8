"""`tocsin demo`: everything, with demo data, opened and usable."""

import json
import logging
import os
import sys
import time
import urllib.request
from pathlib import Path

from tocsin import database
from tocsin.demo import inbox, sheet
from tocsin.supervise import Child, Tree, processes, with_parent
from tocsin.up import HOST, PORT, prepare


def run(quiet: bool) -> int:
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    started = time.monotonic()
    held, server = prepare()
    data = database.data_folder()
    moved = inbox.settle()
    inbox.connect()
    if sheet.path().exists():
        if moved:
            _move_partner()
    else:
        from tocsin.demo.make import make

        if not make():
            if server:
                server.stop()
            print("tocsin: this database holds no demo; choose another TOCSIN_DATA for one", file=sys.stderr)
            return 1
    names = ("web", "gates", "clock", "courier", "inbox", *([] if quiet else ["life"]))
    tree = Tree([Child(name) for name in names], server)
    tree.listen_for_the_end()
    url = f"http://{'127.0.0.1' if HOST in ('0.0.0.0', '::') else HOST}:{PORT}"
    opened = data / "gates.json"
    before = opened.stat().st_mtime_ns if opened.exists() else 0
    announcer = processes.Process(target=_announce, args=(os.getpid(), url, opened, before, started), daemon=True)
    announcer.start()
    tree.run()
    del held
    return 0


def _move_partner() -> None:
    import psycopg

    with psycopg.connect(database.url(), connect_timeout=5) as line:
        at = "UPDATE notifications_partner SET url = %s WHERE url ~ '^http://127.0.0.1:[0-9]+/partner$'"
        line.execute(at, (inbox.partner(),))


def _announce(tree: int, url: str, opened: Path, before: int, started: float) -> None:
    """When all is up: complete demo.json, and tell the person where to go."""
    with_parent(tree)
    while True:
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=1) as answer:
                healthy = json.load(answer)["clock"]["age"] is not None
            if healthy and opened.exists() and opened.stat().st_mtime_ns != before:
                break
        except OSError:
            pass
        time.sleep(0.05)
    content = {**sheet.read(), "url": url, "gates": json.loads(opened.read_text())}
    sheet.write(content)
    seconds = time.monotonic() - started
    officer = next(s for s in content["staff"] if s["center"] == "PTA" and s["role"] == "duty_officer")
    member = next(m for m in content["members"] if m["center"] == "PTA")
    gates = ", ".join(f"{name} {port}" for name, port in content["gates"].items())
    print(
        f"""
Tocsin 守望 is up ({seconds:.1f} s). Stop it with Ctrl-C.

  Start page   {url}/
  Duty desk    {url}/desk/     {officer["login"]}  {officer["password"]}
  Member app   {url}/app/      phone {member["phone"]} (the code is shown on the page)
  Inbox        {url}/demo/inbox/   what the demo sends to people's phones and mailboxes
  Gates        {gates}
  All sign-ins, tokens and devices: {sheet.path()}

Press in the app, hear the siren on the desk, see the officer's text in the inbox, claim by its link or at the desk.
""",
        flush=True,
    )
