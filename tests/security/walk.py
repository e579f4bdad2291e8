"""Every address of Django and of the edge, asked by every role; and the table in which the answers stand."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.security.cast import ROLES, Answer, Caller, Cast, form

TABLE = Path(__file__).with_name("matrix.txt")
METHODS = ("GET", "POST")
WRITTEN = {200, 201, 202, 204, 302, 303, 400, 409, 413, 415, 422}
#: They end what the role comes with, and are asked last.
ENDS = ("POST /app/leave", "POST /app/sign-out", "POST /admin/logout/", "POST /desk/sign-out/")

#: What stands in an address, by its place in the pattern: the first that fits.
NAMES = (
    (r"^/api/v1/incidents/|^/app/incidents/|^/desk/incidents/", "incident"),
    (r"^/api/v1/devices/|^/app/devices/", "device"),
    (r"^/api/v1/(plans)/", "plan"),
    (r"^/api/v1/contacts/", "contact_of_officer"),
    (r"^/app/contacts/", "contact"),
    (r"^/app/relatives/", "relative"),
    (r"^/app/sent/", "dispatch"),
    (r"^/api/v1/patterns/", "weekly"),
    (r"^/(api/v1|app/duty)/shifts/", "shift"),
    (r"^/(api/v1|app/duty)/swaps/", "swap"),
    (r"^/api/v1/handovers/", "handover"),
    (r"^/(api/v1|desk)/drills/", "drill"),
    (r"/looks/by/", "colleague"),
    (r"^/api/v1/people/|^/desk/looks/people/|^/desk/phones/", "person"),
    (r"^/api/v1/shares/", "share_row"),
    (r"^/app/phones/", "phone"),
    (r"^/desk/members/import/", "list"),
    (r"^/desk/privacy/copies/", "copy_row"),
    (r"^/desk/security/passkeys/", "passkey"),
    (r"^/desk/sign-in/password/", "password"),
    (r"^/join/i/", "invited"),
    (r"^/join/", "application"),
    (r"^/calendar/", "calendar"),
    (r"^/copy/", "copy"),
    (r"^/a/", "answer"),
    (r"^/s/", "share"),
    (r"^/callbacks/[^/]+/report/", "report"),
    (r"^/callbacks/", "callback"),
    (r"^/files/", "file"),
)  # fmt: skip
#: A group of a pattern that is one of some words: the first stands for all.
WORDS = {"verb": None, "which": None, "purpose": "medical", "name": "view", "channel": "webpush", "whose": "{whose}"}

#: Before Django (`tocsin/edge/app.py`); a test below compares the prefixes.
EDGE = (
    "PUT /signals/{uuid}", "GET /signals/{press}", "POST /signals/{uuid}", "GET /live?center={center}",
    "PUT /files/{uuid}", "GET /files/{file}", "POST /gates/twilio/x", "POST /gates/osmand/", "GET /health",
    "GET /metrics",
)  # fmt: skip


def addresses() -> Iterator[str]:
    """Every address that Django knows, as `/a/{answer}`; of the administrator's pages the first, the rest by a rule."""
    from django.urls import get_resolver

    for pattern in _walk(get_resolver().url_patterns, ""):
        if not _administrators(pattern):
            yield readable(pattern)


def of_administrators() -> Iterator[str]:
    """All their other pages, each with an object's number."""
    from django.urls import get_resolver

    for pattern in _walk(get_resolver().url_patterns, ""):
        if _administrators(pattern):
            one = re.sub(r"\(\?P<\w+>(\w*)[^)]*\)", r"\1", pattern)  # the first of the words it may be
            yield "/" + re.sub(r"<[^>]*>", "1", re.sub(r"[\^$]", "", one))


def _administrators(pattern: str) -> bool:
    return pattern.startswith("admin/") and pattern not in ("admin/", "admin/login/", "admin/logout/")


def _walk(patterns: Any, before: str) -> Iterator[str]:
    for pattern in patterns:
        here = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from _walk(pattern.url_patterns, here)
        else:
            yield here


def readable(pattern: str) -> str:
    path = "/" + re.sub(r"[\^$]", "", pattern).replace("\\.", ".")
    path = path.replace("<slug:channel>/report/", "sms/report/")  # not every channel has both
    thing = next((name for fits, name in NAMES if re.search(fits, path)), "")

    def group(match: re.Match[str]) -> str:
        name, options = match["name"], match.groupdict().get("options") or ""
        if name in WORDS:
            return WORDS[name] or options.partition("|")[0] or "test"
        assert thing, f"{path}: what stands here? Say so in NAMES"
        return f"{{{thing}}}"

    path = re.sub(r"\(\?P<(?P<name>\w+)>(?P<options>[^)]*)\)", group, path)
    return re.sub(r"<(?:\w+:)?(?P<name>\w+)>", group, path)


def rows() -> list[str]:
    """`GET /desk/` … in the order in which they are asked: reading first, what ends a session last."""
    found = list(dict.fromkeys(addresses()))
    asked = [f"{method} {path}" for method in METHODS for path in found]
    asked += [f"DELETE {path}" for path in found if path == "/api/v1/push"]
    asked = [row for row in (*EDGE, *asked) if row not in ENDS]
    return [*sorted(asked, key=lambda row: not row.startswith("GET")), *ENDS]


def cell(answer: Answer, method: str) -> str:
    to = answer.headers.get("location", "")
    if answer.status in (301, 302, 303) and to.startswith(("/desk/sign-in/", "/admin/login/")):
        return "sign"
    return "in" if method != "GET" and answer.status in WRITTEN else str(answer.status)


class Asked(NamedTuple):
    row: str
    role: str
    cell: str
    answer: Answer


def everything(cast: Cast) -> list[Asked]:
    found = [each for row in rows() for each in _row(cast, row)]
    cast.sign_in()  # the last rows signed everybody out
    return found


def request(cast: Cast, row: str, caller: Caller, **more: Any) -> Answer:
    """One row, asked by one role."""
    method, _, pattern = row.partition(" ")
    with cast.ready(row, caller):
        path = cast.path(pattern, caller, fresh=method != "GET")
        body = None if method == "GET" else form(pattern, path, cast)
        if method == "GET" and pattern.startswith("/api/"):
            path += f"?center={cast.place}&duty=duty_officer&q=Marked"
        return caller.ask(method, path, body, **more)


def _row(cast: Cast, row: str) -> Iterator[Asked]:
    first, said = ("stranger", "officer"), {}
    for role in (*first, *(role for role in ROLES if role not in first)):
        if role in ("media", "police") and not any(f"{{{name}}}" in row for name in cast.secrets):
            found = said["stranger"]  # a link is all they have
        elif role not in first and {said[each].status for each in first} == {405}:
            found = said["stranger"]  # said before anybody is looked at
        else:
            found = request(cast, row, cast.people[role])
        said[role] = found
        yield Asked(row, role, cell(found, row.partition(" ")[0]), found)


def written(table: dict[str, dict[str, str]]) -> str:
    wide = max(map(len, table)) + 1
    columns = [max(len(role), 4) for role in ROLES]

    def line(first: str, cells: Any) -> str:
        said = "  ".join(f"{c:<{n}}" for c, n in zip(cells, columns, strict=True))
        return f"{first:<{wide}} {said}".rstrip()

    lines = [line("", ROLES)]
    for row in sorted(table, key=lambda row: (row.split(" ")[1], row.split(" ")[0])):
        lines.append(line(row, table[row].values()))
    return "\n".join(lines) + "\n"


def kept() -> dict[str, dict[str, str]]:
    """The table, from its file."""
    if not TABLE.exists():
        return {}
    _, *lines = [line for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    return {" ".join((w := line.split())[:2]): dict(zip(ROLES, w[2:], strict=True)) for line in lines}
