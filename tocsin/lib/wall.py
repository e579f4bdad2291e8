"""The second wall: PostgreSQL's row-level security. A query that forgot its filter finds nothing of others.

Django in the web process signs in as `tocsin_web`, which owns nothing. Each table with people, positions, incidents,
messages or entries has a policy that asks the database who stands before it:

    wall.stand(person, centers, knows)    the request is this person's, who sees these centers
    with wall.lifted(): …                 for the system itself: a look-up before anybody is known, what follows a verb
    wall.clear()                          nobody stands: nothing is seen. At the start and the end of each request

Nothing of this costs anything where there is no wall: in the gates, the clock, the courier and the command line.

Who stands is kept here and told to the database before the next statement, if it is not what the database was told
last. So it holds through a rollback (which takes a setting back), a lost connection and any exception.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, migrations
from psycopg.pq import TransactionStatus

from tocsin.database import SERVICE, WEB
from tocsin.lib.sql import array

P = ParamSpec("P")
T = TypeVar("T")
State = tuple[str, str, str, str]

NOBODY: State = ("", "{}", "{}", "")
TELL = (
    "SELECT set_config('tocsin.person', %s, false), set_config('tocsin.centers', %s, false), "
    "set_config('tocsin.knows', %s, false), set_config('tocsin.lifted', %s, false)"
)


class Standing:
    """Who stands before one connection. `told` is what the database knows of it; None: nobody can say."""

    def __init__(self) -> None:
        self.who: tuple[str, str, str] = NOBODY[:3]
        self.lifts = 0
        self.told: State | None = None

    @property
    def wanted(self) -> State:
        return (*self.who, "on" if self.lifts else "")

    def before(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        """Django's hook around each statement."""
        if self.told != self.wanted:
            self.tell(context["connection"])
        return execute(sql, params, many, context)

    def tell(self, connection: Any) -> None:
        if connection.connection.info.transaction_status == TransactionStatus.INERROR:
            return  # only a rollback passes now, and what we say would not; after it the database is told anew
        wanted, self.told = self.wanted, None
        with connection.wrap_database_errors:
            connection.connection.execute(TELL, wanted)
        self.told = wanted


def _standing() -> Standing | None:
    found: Standing | None = getattr(connections[DEFAULT_DB_ALIAS], "standing", None)
    return found


def stand(person: int, centers: Iterable[int], knows: Iterable[int] = ()) -> None:
    """From now on this connection sees what this person sees: their own, and their centers'.

    `centers`: where they see incidents (`centers_of`); `knows`: those of them whose members they may know.
    """
    if (standing := _standing()) is not None:
        standing.who = (str(person), array(sorted(centers)), array(sorted(knows)))


def clear() -> None:
    """Nobody stands any more, and the database is told at once. A connection that cannot be told is closed."""
    standing = _standing()
    if standing is None:
        return
    standing.who, standing.lifts = NOBODY[:3], 0
    connection = connections[DEFAULT_DB_ALIAS]
    if standing.told == NOBODY or connection.connection is None:
        return
    try:
        standing.tell(connection)
    except Exception:
        connection.close()


@contextmanager
def lifted() -> Iterator[None]:
    """Inside, the wall is open: for what the system does itself. Each use says why; they are few."""
    standing = _standing()
    if standing is None:
        yield
        return
    standing.lifts += 1
    try:
        yield
    finally:
        standing.lifts = max(0, standing.lifts - 1)


def lifting(function: Callable[P, T]) -> Callable[P, T]:
    """The function runs lifted. Not for one that gives back a query which is carried out later."""

    @wraps(function)
    def inner(*args: P.args, **kwargs: P.kwargs) -> T:
        with lifted():
            return function(*args, **kwargs)

    return inner


# ── for migrations ──────────────────────────────────────────────────────────

# Each in brackets of its own, so that PostgreSQL asks once a query and not once a row.
ME = "(SELECT wall_person())"  # bigint; NULL when nobody stands
CENTERS = "(SELECT wall_centers())::bigint[]"  # where this person sees incidents
KNOWS = "(SELECT wall_knows())::bigint[]"  # whose members they may know
STAFF = "(SELECT wall_staff())"  # boolean: has a role now that is more than a member's
DISPATCHED = "(SELECT wall_dispatched())::bigint[]"  # open incidents to which they were sent
LIFTED = "(SELECT wall_lifted())"
NEVER = "false"  # only lifted


def incident(column: str, more: str = "") -> str:
    """The row belongs to an incident that the person sees. `column` with its table: "incidents_note.incident_id".

    `more`: a further condition on the incident `i`.
    """
    return f"EXISTS (SELECT FROM incidents_incident i WHERE i.id = {column}{f' AND ({more})' if more else ''})"


#: `more` for what the person whom an incident is about does not see by that: its staff and those who were sent.
WORKING = f"i.centers && {CENTERS} OR i.id = ANY ({DISPATCHED})"


def policy(table: str, read: str, write: str | None = None, insert: str | None = None) -> migrations.RunSQL:
    """A migration's operation: who sees the rows of a table (SQL, true for a row that may be seen).

    `write`: whose rows may be added, changed and deleted; otherwise those that are seen. `insert`: whose may be added,
    where that differs. What is lifted passes always, and so do the services.
    """
    write = read if write is None else write
    insert = write if insert is None else insert
    rules = {
        "read": f"FOR SELECT TO {WEB} USING ({LIFTED} OR {read})",
        "insert": f"FOR INSERT TO {WEB} WITH CHECK ({LIFTED} OR {insert})",
        "change": f"FOR UPDATE TO {WEB} USING ({LIFTED} OR {write})",
        "delete": f"FOR DELETE TO {WEB} USING ({LIFTED} OR {write})",
        "service": f"TO {SERVICE} USING (true) WITH CHECK (true)",
    }
    old = "".join(f"DROP POLICY IF EXISTS wall_{name} ON {table}; " for name in rules)
    new = "".join(f"CREATE POLICY wall_{name} ON {table} {rule}; " for name, rule in rules.items())
    return migrations.RunSQL(
        f"{old}{new}ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"{old}ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    )
