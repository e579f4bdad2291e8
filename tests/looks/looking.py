"""Helpers: what the phone of a member reads of looks, and what stands in the table."""

from typing import Any

from tests.world import Button, Desk, Town


def at_me(button: Button, language: str = "en") -> list[dict[str, Any]]:
    answer = button.client.get(f"{button.doors[0]}/app/looks", headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def kinds(world: Town, person: int) -> list[str]:
    return [kind for (kind,) in world.rows("SELECT kind FROM looks_look WHERE of_id = %s ORDER BY at, number", person)]


def verdict(world: Town, center: str) -> Any:
    import psycopg

    from tocsin.book.verify import LOOKS, verify

    with psycopg.connect(world.dsn, autocommit=True) as connection:
        return next(iter(verify(connection, center, LOOKS)))


def post(desk: Desk, path: str, **body: Any) -> Any:
    return desk.client.post(f"{desk.doors[0]}/api/v1/{path}", json=body, params={"lang": "en"})
