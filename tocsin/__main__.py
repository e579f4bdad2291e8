"""The command line.

tocsin demo               a demo network on this machine, opened and usable
tocsin up                 production: the whole system, without demo data
tocsin web | gates | clock | courier    one process of it
tocsin simulate PROTOCOL  a device that really speaks on the wire
tocsin decode PROTOCOL    read frames from standard input
tocsin hook PROTOCOL      the address to enter at a provider or server, key included
tocsin seal rotate        a fresh key for what is sealed, and everything sealed with it; `keys`, `forget ID`
tocsin book verify        prove that no book was altered, nor any record of looks
tocsin doctor             examine this installation; exit 1 when something is bad
tocsin admin LOGIN        make an administrator, and the one-time link for their password
tocsin sql QUERY          one query in the database's own shell
"""

import argparse
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tocsin import database

LOCAL = ("127.0.0.1", "::1", "localhost")


def main(arguments: Sequence[str] | None = None) -> None:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy comes with shapely: its threads would do nothing
    parser = argparse.ArgumentParser(prog="tocsin", description="Tocsin 守望: one press, and the right people come.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        made.set_defaults(run=run)
        return made

    demo = command("demo", _demo, "a demo network on this machine, with sign-ins, devices and a little life")
    demo.add_argument("--quiet", action="store_true", help="no simulated life")
    command("up", _up, "production: database, web, gates, clock and courier, without demo data")
    command("web", _web, "the web process alone: front door, desk, app, API")
    command("gates", _gates, "the gates process alone")
    command("clock", _clock, "the clock process alone")
    command("courier", _courier, "the courier process alone: sends messages to people")
    for name, part, text in (
        ("life", _life, "the demo's simulated life alone"),
        ("inbox", _inbox, "the demo's inbox alone: takes what the courier sends"),
    ):
        command(name, part, text)
    command("migrate", migrate, "bring the database to this version")
    admin = command("admin", _admin, "make an administrator; prints a one-time link at which the password is set")
    admin.add_argument("login")
    key = command("key", _key, "a staff key for the partner API, shown once")
    key.add_argument("login")
    key.add_argument("--name", default="tool", help="what it is for")
    key.add_argument("--days", type=int, default=365, help="until it expires")
    key.add_argument("--scopes", default="", help="read,act,manage,report; without it all that the role allows")
    code = command("code", _code, "a sign-in code for a member, to be read out on the phone")
    code.add_argument("phone")
    simulate = command("simulate", _simulate, "a device that really speaks on the wire")
    decode = command("decode", _decode, "frames from standard input, one JSON line for each")
    hook = command("hook", _hook, "the address to enter at a provider or server, key included")
    hook.add_argument("protocol")
    book = command("book", _book, "the occurrence book")
    book.add_argument(
        "what", choices=["verify"], help="check every number and every hash, of looks too; exit 1 at a bad one"
    )
    book.add_argument("--center", metavar="CODE")
    _of_seal(command("seal", _seal, "the keys with which profiles, notes and relatives are sealed"))
    doctor = command("doctor", _doctor, "examine this installation: a line a check; exit 1 when one is bad")
    doctor.add_argument("--lang", choices=["zh", "en"], help="otherwise by the locale")
    doctor.add_argument("--json", action="store_true", help="for machines: [{check, level, zh, en}]")
    sql = command("sql", _sql, "one query in the database's own shell (psql)")
    sql.add_argument("query")

    chosen = (sys.argv[1:] if arguments is None else list(arguments))[:1]
    _of_protocols(chosen, simulate, decode)
    args = parser.parse_args(arguments)
    try:
        sys.exit(args.run(args))
    except (database.DatabaseError, LookupError) as error:
        print(f"tocsin: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _of_protocols(chosen: list[str], simulate: argparse.ArgumentParser, decode: argparse.ArgumentParser) -> None:
    """The protocols are looked up only when one of these is asked for: the other commands start faster."""
    if chosen == ["simulate"]:
        from tocsin.gates import simulate as simulator

        simulator.add_arguments(simulate)
    elif chosen == ["decode"]:
        from tocsin.gates import decode as decoder

        decoder.add_arguments(decode)


def _of_seal(seal: argparse.ArgumentParser) -> None:
    seal.add_argument("what", choices=["rotate", "keys", "forget"], help="rotate: a fresh key, and all under it")
    seal.add_argument("id", nargs="?", default="", help="of the key to forget")


def _django(role: str = "") -> None:
    """Django, signed in to the database as this role; "": as its owner."""
    database.act_as(role)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tocsin.settings")
    import django
    from django.conf import settings

    if settings.configured:  # by the tree that we are a fork of
        settings.DATABASES["default"].update(database.django())
    django.setup()


def migrate(_: argparse.Namespace | None = None) -> int:
    """Apply what is new. Looking costs little; nothing is touched when all is there."""
    _django()
    from django.core.management import call_command
    from django.db import OperationalError, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise database.DatabaseError(f"The database does not answer: {error}") from None
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)
    connection.close()
    database.admit()
    return 0


def _demo(args: argparse.Namespace) -> int:
    os.environ["TOCSIN_DEMO"] = "1"
    from tocsin.demo.run import run

    return run(quiet=args.quiet)


def _up(_: argparse.Namespace) -> int:
    from tocsin.up import run

    return run()


def _web(_: argparse.Namespace) -> int:
    _django(database.WEB)
    from tocsin.edge.app import serve

    serve()
    return 0


def _gates(_: argparse.Namespace) -> int:
    _django(database.SERVICE)
    from tocsin import journey
    from tocsin.edge.gates import serve

    serve(journey.ON_SIGNAL, os.environ.get("TOCSIN_GATES_HOST", "127.0.0.1"), database.data_folder())
    return 0


def _clock(_: argparse.Namespace) -> int:
    _django(database.SERVICE)
    from tocsin import clock

    clock.run()
    return 0


def _courier(_: argparse.Namespace) -> int:
    _django(database.SERVICE)
    from tocsin.notifications.courier import serve

    serve()
    return 0


def _life(_: argparse.Namespace) -> int:
    _django()
    from tocsin.demo import life

    life.run()
    return 0


def _inbox(_: argparse.Namespace) -> int:
    from tocsin.demo import inbox

    inbox.run()
    return 0


def _admin(args: argparse.Namespace) -> int:
    _django()
    from datetime import UTC, datetime

    from tocsin.people.models import Person
    from tocsin.signin.actions import password_link

    person = Person.objects.filter(login=args.login).first() or Person(login=args.login, name=args.login)
    person.is_superuser = True
    if not person.password:
        person.set_unusable_password()
    person.save()
    print(f"{args.login} is an administrator. The password is set here, once, within 24 hours:", file=sys.stderr)
    print(password_link(person, None, datetime.now(UTC)))
    return 0


def _key(args: argparse.Namespace) -> int:
    _django()
    from datetime import UTC, datetime

    from tocsin.lib.refused import Refused
    from tocsin.people import staff_keys
    from tocsin.people.keys import SCOPES
    from tocsin.people.models import Person

    person = Person.objects.filter(login=args.login, is_active=True).first()
    if person is None:
        raise LookupError(f"Nobody signs in as {args.login}")
    chosen = tuple(filter(None, args.scopes.split(","))) or SCOPES
    try:
        _, key = staff_keys.make(person, args.name, chosen, args.days, datetime.now(UTC))
    except Refused as refused:
        print(f"tocsin: {refused.said('en')}", file=sys.stderr)
        return 1
    print(key)
    return 0


def _code(args: argparse.Namespace) -> int:
    _django()
    from datetime import UTC, datetime

    from tocsin.people.codes import issue

    issued = issue(args.phone, datetime.now(UTC))
    if issued is None:
        raise LookupError(f"No member has the number {args.phone}")
    print(f"{issued[1]}  ({issued[0].name}, for ten minutes)")
    return 0


def _simulate(args: argparse.Namespace) -> int:
    from tocsin.gates import simulate

    opened = database.data_folder() / "gates.json"
    if args.port is None and args.host in LOCAL and opened.exists():
        args.port = json.loads(opened.read_text()).get(args.protocol)
    return simulate.run(args)


def _decode(args: argparse.Namespace) -> int:
    from tocsin.gates import decode

    return decode.main(args)


def _hook(args: argparse.Namespace) -> int:
    _django()
    from tocsin.gates.keys import url_of

    print(url_of(args.protocol))
    return 0


def _book(args: argparse.Namespace) -> int:
    import psycopg

    from tocsin.book.verify import LOOKS, ROWS, verify

    try:
        connection = psycopg.connect(database.url(), connect_timeout=5, autocommit=True)
    except psycopg.OperationalError as error:
        raise database.DatabaseError(f"The database does not answer: {error}") from None
    whole = True
    with connection:
        for rows, name, unit in ((ROWS, "", "entries"), (LOOKS, " looks", "looks")):
            for verdict in verify(connection, args.center, rows):
                whole = whole and verdict.ok
                state = f"ok, {verdict.entries} {unit}" if verdict.ok else f"BAD at {verdict.first_bad}: {verdict.why}"
                print(f"{verdict.center}{name}: {state}")
    return 0 if whole else 1


def _seal(args: argparse.Namespace) -> int:
    _django()
    from tocsin.lib import reseal, sealed

    try:
        if args.what == "rotate":
            return reseal.rotate()
        return reseal.show() if args.what == "keys" else reseal.drop(args.id)
    except sealed.Malformed as error:
        raise LookupError(str(error)) from None


def _doctor(args: argparse.Namespace) -> int:
    if (database.data_folder() / "inbox.json").exists():
        from tocsin.demo import inbox

        inbox.connect()  # a demo: its channels lead to its own inbox
    _django()
    from datetime import UTC, datetime

    import msgspec

    from tocsin import doctor

    found = doctor.examine(datetime.now(UTC))
    locale = next((v for n in ("LC_ALL", "LC_MESSAGES", "LANG") if (v := os.environ.get(n))), "")
    chinese = args.lang == "zh" if args.lang else locale.lower().startswith("zh")
    print(msgspec.json.encode(found).decode() if args.json else doctor.report(found, "zh-hans" if chinese else "en"))
    return 1 if any(f.level == "bad" for f in found) else 0


def _sql(args: argparse.Namespace) -> int:
    psql = database.program("psql")
    command = [str(psql if Path(psql).exists() else "psql"), "-X", "-v", "ON_ERROR_STOP=1", "-d", database.url()]
    return subprocess.run([*command, "-c", args.query], check=False).returncode


if __name__ == "__main__":
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    main()
