"""Staff keys: what each may do, for how long; shown once, and never more than their holder's role."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.world import Desk, Town, a_client


def key_of(desk: Desk, *scopes: str, days: int = 30) -> str:
    from tocsin.people import staff_keys
    from tocsin.people.models import Person

    return staff_keys.make(Person.objects.get(pk=desk.person), "tool", scopes, days, datetime.now(UTC))[1]


def call(world: Town, key: str, method: str, path: str, body: Any = None) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}", "Accept-Language": "en"}
    with a_client(headers=headers) as client:
        return client.request(method, f"{world.doors[0]}/api/v1/{path}", json=body)


def test_a_key_does_what_it_was_made_for(world: Town, place: str) -> None:
    desk = world.desk(place)
    press = world.button(place).press()
    read, act = key_of(desk, "read"), key_of(desk, "act")
    assert call(world, read, "GET", f"incidents/{press.incident}").status_code == 200
    refused = call(world, read, "POST", f"incidents/{press.incident}/claim", {})
    assert refused.status_code == 403
    assert (refused.json()["reason"], refused.json()["scope"]) == ("out_of_scope", "act")
    assert refused.headers["content-type"] == "application/problem+json"
    assert call(world, act, "GET", "me").status_code == 403
    assert call(world, act, "POST", f"incidents/{press.incident}/claim", {}).status_code == 200
    for door in world.doors:
        for key, wanted in ((read, 200), (act, 404)):
            client = a_client(headers={"Authorization": f"Bearer {key}"})
            with client, client.stream("GET", f"{door}/live?center={place}") as feed:
                assert feed.status_code == wanted


def test_every_call_has_a_scope_and_the_document_names_it(world: Town, place: str) -> None:
    from tocsin.people.keys import SCOPES

    desk = world.desk(place, "director")
    keys = {scope: key_of(desk, *(s for s in SCOPES if s != scope)) for scope in SCOPES}
    with a_client() as client:
        document = client.get(f"{world.doors[0]}/api/v1/openapi.json").json()
    seen = set()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            named = {scope for each in operation.get("security", ()) for scope in each.get("StaffKeyAuth", ())}
            assert named == {operation["x-scope"]}, (method, path)
            (scope,) = named
            seen.add(scope)
            real = path.removeprefix("/api/v1/")
            while "{" in real:
                real = real[: real.index("{")] + "1" + real[real.index("}") + 1 :]
            lacking = call(world, keys[scope], method.upper(), real, {})
            assert (lacking.status_code, lacking.json().get("scope")) == (403, scope), (method, path)
    assert {"read", "act", "manage"} <= seen
    assert "scope" in document["components"]["securitySchemes"]["StaffKeyAuth"]["description"]


def test_an_old_key_keeps_all_that_its_role_allows(world: Town, place: str) -> None:
    desk = world.desk(place)  # made without scopes
    press = world.button(place).press()
    assert desk.claim(press.incident)["state"] == "claimed"
    assert desk.get("me").status_code == 200


def test_a_scope_gives_nothing_that_the_role_does_not(world: Town, place: str) -> None:
    auditor = world.desk(place, "auditor")
    press = world.button(place).press()
    every = key_of(auditor, "read", "act", "manage", "report")
    assert call(world, every, "POST", f"incidents/{press.incident}/claim", {}).status_code == 404


def test_a_key_ends_within_a_year(world: Town, place: str) -> None:
    from tocsin.lib.refused import Refused
    from tocsin.people import staff_keys
    from tocsin.people.keys import person_of_key
    from tocsin.people.models import Person, StaffKey

    desk = world.desk(place)
    person = Person.objects.get(pk=desk.person)
    for scopes, days, reason in (
        (("read",), 366, "key_days"), (("read",), 0, "key_days"), ((), 5, "key_scopes"), (("rule",), 5, "key_scopes")
    ):  # fmt: skip
        with pytest.raises(Refused, match=reason):
            staff_keys.make(person, "tool", scopes, days, datetime.now(UTC))
    key = key_of(desk, "read", days=1)
    now = datetime.now(UTC)
    assert person_of_key(key, now + timedelta(hours=23)) == person
    assert person_of_key(key, now + timedelta(hours=25)) is None
    row = StaffKey.objects.filter(person=person).order_by("-pk")[0]
    assert row.last_used_at is not None
    assert key.encode() not in bytes(row.digest)
    assert [e["kind"] for e in world.book(place).entries("key_made")]


def test_being_used_is_written_once_a_minute_and_changes_nobodys_rights(world: Town, place: str) -> None:
    import psycopg

    from tocsin.people.models import StaffKey

    desk = world.desk(place)
    with psycopg.connect(world.dsn, autocommit=True) as listener:
        listener.execute("LISTEN rights")
        desk.get("me")
        first = StaffKey.objects.get(person=desk.person).last_used_at
        desk.get("me")
        assert first is not None and StaffKey.objects.get(person=desk.person).last_used_at == first
        assert list(listener.notifies(timeout=0.3)) == []
