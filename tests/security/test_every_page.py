"""What every answer says to the browser, whoever asked for whatever; and that no page has a script or style in it."""

import re
from html.parser import HTMLParser

import pytest

from tests.security.cast import Cast
from tests.security.walk import Asked, cell, of_administrators, request
from tests.world import Town

pytestmark = pytest.mark.timeout(400)  # the first of them walks through everything

#: Answered before Django, never a page: they need one of the headers.
EDGE = ("/signals/", "/live", "/gates/", "/health", "/metrics")
#: No cookie gives authority here: a token in the address or in a header does.
TOKENS = ("/a/", "/callbacks/", "/app/", *EDGE)


def edge(row: str) -> bool:
    path = row.partition(" ")[2]
    return path.startswith(EDGE) or path in ("/files/{uuid}", "/files/{file}")


def test_the_headers_of_every_answer(answers: list[Asked]) -> None:
    wrong = set()
    for row, role, _, answer in answers:
        has = answer.headers
        expected = {"x-content-type-options": "nosniff"}
        if not edge(row):
            expected |= {"x-frame-options": "DENY", "cross-origin-opener-policy": "same-origin"}
            policy = has.get("content-security-policy", "")
            if "default-src 'none'" not in policy or "frame-ancestors 'none'" not in policy or "unsafe" in policy:
                wrong.add((row, answer.status, "content-security-policy", policy))
            if "geolocation=(self)" not in has.get("permissions-policy", ""):
                wrong.add((row, answer.status, "permissions-policy", has.get("permissions-policy")))
            if has.get("referrer-policy") not in ("same-origin", "no-referrer"):
                wrong.add((row, answer.status, "referrer-policy", has.get("referrer-policy")))
        for name, value in expected.items():
            if has.get(name) != value:
                wrong.add((row, answer.status, name, has.get(name)))
        if "server" in has or "x-powered-by" in has:
            wrong.add((row, answer.status, "server", has.get("server")))
        if has.get("access-control-allow-origin"):
            wrong.add((row, answer.status, "access-control-allow-origin", role))
    assert not wrong, "\n" + "\n".join(map(str, sorted(wrong, key=str)))


def test_cookies_are_secure(answers: list[Asked]) -> None:
    """Outside the demo: never on a line without TLS, never to a script, never with another site's form."""
    seen = set()
    for row, _, _, answer in answers:
        for cookie in filter(None, answer.headers.get("set-cookie", "").split("\n")):
            name, *said = re.split(r"=|; ", cookie.lower(), maxsplit=1)
            seen.add(name)
            about = said[0]
            assert "samesite=lax" in about or "samesite=strict" in about, (row, cookie)
            if about.startswith('""; ') and "max-age=0" in about:  # taken away: there is nothing in it to read
                continue
            assert "; secure" in about, (row, cookie)
            assert "; httponly" in about or name in READ, (row, cookie)
    assert seen <= {"sessionid", "messages", *READ}, seen


#: Our scripts read them: the token against forged forms, the language.
READ = {"csrftoken", "tocsin_language"}


class Inline(HTMLParser):
    """What a policy without 'unsafe-inline' would not let run, and what would be fetched from elsewhere."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        inert = has.get("type") in ("application/json", "application/ld+json")  # data: the browser runs none of it
        if tag == "style" or (tag == "script" and "src" not in has and not inert):
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name == "style" or name.startswith("on") or (value or "").strip().lower().startswith("javascript:"):
                self.found.append(f"{tag} {name}={value}")
            if name in ("src", "action", "srcset", "data") and re.match(r"(https?:)?//", value or ""):
                self.found.append(f"{tag} {name}={value}")
            if tag == "link" and name == "href" and re.match(r"(https?:)?//", value or ""):
                self.found.append(f"{tag} {name}={value}")


def test_no_page_has_a_script_or_a_style_in_it(answers: list[Asked]) -> None:
    pages = {
        (row, answer.status): Inline(answer.body.decode()).found
        for row, _, _, answer in answers
        if answer.headers.get("content-type", "").startswith("text/html")
    }
    assert len(pages) > 40, len(pages)
    # Django's own admin is a page of its own making: its scripts are files too, but it styles some rows itself.
    wrong = {page: found for page, found in pages.items() if found and not page[0].startswith("GET /admin/")}
    assert not wrong, wrong


def test_who_is_signed_in_is_cached_nowhere(answers: list[Asked]) -> None:
    """Pages with people in them leave no copy in a browser or between."""
    wrong = {
        row
        for row, role, cell, answer in answers
        if role not in ("stranger", "media", "police")
        and cell == "200"
        and row.startswith(("GET /desk/", "GET /app/", "GET /api/", "GET /files/", "GET /s/", "GET /copy/"))
        and answer.headers.get("content-type", "").startswith(("text/html", "application/json", "text/csv"))
        and not re.search("no-store|private", answer.headers.get("cache-control", ""))
    }
    assert wrong <= SHELLS, wrong - SHELLS


#: The same for everybody: no person is in them.
SHELLS = {
    "GET /desk/", "GET /desk/devices/", "GET /desk/plans/", "GET /desk/roster/", "GET /app/",
    "GET /api/v1/openapi.json",
}  # fmt: skip


def test_no_form_of_another_site_is_taken(cast: Cast, answers: list[Asked]) -> None:
    """Each verb that a session opens is refused without our token, to whoever it is open."""
    open_to = {row: role for row, role, cell, _ in answers if cell == "in" and role != "stranger"}
    asked = [row for row in open_to if not row.partition(" ")[2].startswith((*TOKENS, "/files/"))]
    assert len(asked) > 60, len(asked)
    taken = {row: request(cast, row, cast.people[open_to[row]], forged=True).status for row in asked}
    assert {row: status for row, status in taken.items() if status != 403} == {}


def test_the_app_takes_a_token_and_no_cookie(cast: Cast, answers: list[Asked]) -> None:
    """So that a form of another site has nothing to ride on: without the header a verb knows nobody."""
    stranger = {row: cell for row, role, cell, _ in answers if role == "stranger" and row.startswith("POST /app/")}
    closed = [row for row, cell in stranger.items() if cell == "401"]
    assert len(closed) > 20, len(closed)
    member = cast.people["member"]
    headers = {"Cookie": f"sessionid={member.session}"}
    token, member.token = member.token, ""
    try:
        said = {row: request(cast, row, member, **headers).status for row in closed}
    finally:
        member.token = token
    assert {row: status for row, status in said.items() if status != 401} == {}


def test_bodies_have_an_end(cast: Cast, world: Town) -> None:
    officer, member = cast.people["officer"], cast.people["member"]
    big = b"{" + b" " * 300_000 + b"}"
    for caller, method, path in (
        (officer, "POST", f"/api/v1/incidents/{cast.incident}/note"),
        (member, "POST", "/app/contacts"),
        (officer, "POST", "/desk/sign-in/"),
        (member, "PUT", "/signals/6f1f9b2e-0000-4000-8000-000000000001"),
        (officer, "POST", "/gates/osmand/"),
    ):
        answer = caller.ask(method, path, big)
        assert answer.status in (400, 404, 413), (path, answer.status)


def test_the_administrators_pages_are_for_administrators(cast: Cast) -> None:
    """Each of them, with an object's number; Django's own, so by one rule."""
    pages = set(of_administrators()) - {"/admin/password_change/"}  # that one leads everybody to ours
    assert len(pages) > 30
    for page in sorted(pages):
        for role in ("stranger", "officer", "director", "auditor"):
            assert cell(cast.people[role].ask("GET", page), "GET") == "sign", (role, page)
        answer = cast.people["administrator"].ask("GET", page)
        assert answer.status in (200, 302, 403, 404, 405), (page, answer.status, answer.body[:200])
