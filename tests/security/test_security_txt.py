"""Whom to tell of a weakness: RFC 9116."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.world import Town

AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def asked(world: Town) -> Any:
    from django.test import Client

    return Client(headers={"host": "127.0.0.1"}).get("/.well-known/security.txt")


def test_the_lines() -> None:
    from tocsin.desk.wellknown import security_txt

    assert security_txt(["sec@example.org", "https://example.org/tell"], "https://t.example", AT).splitlines() == [
        "Contact: mailto:sec@example.org",
        "Contact: https://example.org/tell",
        "Expires: 2027-11-22T00:00:00Z",
        "Preferred-Languages: zh, en",
        "Canonical: https://t.example/.well-known/security.txt",
    ]


def test_it_is_never_out_of_date_and_says_what_it_is(world: Town) -> None:
    from django.test import override_settings

    with override_settings(SECURITY_CONTACT=["sec@example.org"]):
        page = asked(world)
    assert (page.status_code, page["Content-Type"]) == (200, "text/plain; charset=utf-8")
    [expires] = [line for line in page.content.decode().splitlines() if line.startswith("Expires: ")]
    left = datetime.fromisoformat(expires.removeprefix("Expires: ")) - datetime.now(UTC)
    assert timedelta(days=360) < left < timedelta(days=365)


def test_without_a_contact_there_is_none(world: Town) -> None:
    assert asked(world).status_code == 404
