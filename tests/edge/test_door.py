"""`PUT /signals/<uuid>`: every answer that the front door gives, in both languages."""

import time
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from tests.world import Town, a_client, until


def test_first_201_then_200_with_the_same_answer(world: Town, place: str) -> None:
    button = world.button(place)
    first = button.press("burglary")
    again = button.press("burglary", id_=first.id)
    assert (first.status, again.status) == (201, 200)
    assert first.said == again.said
    assert set(first.said) == {"signal", "incident", "center", "center_code", "state", "alarm", "flags"}
    assert first.headers["cache-control"] == "no-store"


def test_the_center_is_named_in_the_callers_language(world: Town) -> None:
    button = world.button("PTA")
    press = button.press(language="zh-Hans")
    assert press.center == world.rows("SELECT name_zh FROM centers_center WHERE code = 'PTA'")[0][0]
    assert button.press(id_=press.id, language="en").center.startswith("Pretoria")


def test_a_later_answer_tells_the_present_state(world: Town, place: str) -> None:
    button = world.button(place)
    press = button.press()
    world.desk(place).claim(press.incident)
    assert button.press(id_=press.id).state == "claimed"


BAD: list[tuple[dict[str, Any], str]] = [
    ({"kind": "dance"}, "kind"),
    ({}, "kind"),
    ({"kind": 7}, "kind"),
    ({"kind": "alarm", "alarm": 7}, "alarm"),
    ({"kind": "alarm", "alarm": "x" * 201}, "alarm"),
    ({"kind": "alarm", "at": "yesterday"}, "at"),
    ({"kind": "alarm", "at": "2026-01-31T12:00:00"}, "at"),
    ({"kind": "alarm", "at": 5}, "at"),
    ({"kind": "alarm", "position": []}, "position"),
    ({"kind": "alarm", "position": {"lat": 91, "lon": 0}}, "position.lat"),
    ({"kind": "alarm", "position": {"lat": -91, "lon": 0}}, "position.lat"),
    ({"kind": "alarm", "position": {"lat": "1", "lon": 0}}, "position.lat"),
    ({"kind": "alarm", "position": {"lat": 1, "lon": 181}}, "position.lon"),
    ({"kind": "alarm", "position": {"lat": 1}}, "position.lon"),
    ({"kind": "alarm", "position": {"lat": 1, "lon": 1, "accuracy": "near"}}, "position.accuracy"),
    ({"kind": "alarm", "position": {"lat": 1, "lon": 1, "altitude": 1e300}}, "position.altitude"),
    ({"kind": "alarm", "position": {"lat": 1, "lon": 1, "at": "2026-01-31"}}, "position.at"),
    ({"kind": "alarm", "silent": "yes"}, "silent"),
    ({"kind": "alarm", "battery": 1.5}, "battery"),
    ({"kind": "alarm", "battery": -0.1}, "battery"),
    ({"kind": "alarm", "text": "x" * 4001}, "text"),
    ({"kind": "alarm", "text": 5}, "text"),
]


@pytest.mark.parametrize(("body", "field"), BAD, ids=[f"{field} {str(body)[-40:]}" for body, field in BAD])
def test_what_is_not_right_is_named_in_both_languages(world: Town, body: dict[str, Any], field: str) -> None:
    if not _somebody:
        _somebody.append(world.button("PTA"))
    button = _somebody[0]
    zh, en = (button.send(language=language, **body) for language in ("zh-Hans", "en"))
    for answer in (zh, en):
        assert (answer.status, answer.said["status"]) == (422, 422)
        assert answer.headers["content-type"] == "application/problem+json"
        assert [e["field"] for e in answer.errors] == [field]
        assert answer.errors[0]["why"]
    assert any("\u4e00" <= c <= "\u9fff" for c in zh.title + zh.errors[0]["why"])
    assert (en.title + en.errors[0]["why"]).isascii()
    assert zh.errors[0]["why"] != en.errors[0]["why"]
    assert world.stored(zh.id, en.id) == 0


_somebody: list[Any] = []


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"alarm"', b"\xff\xfe", b'{"kind":"alarm"} more', b"NaN"])
def test_what_is_no_json_object_is_refused(world: Town, content: bytes) -> None:
    button = world.button("PTA")
    response = button.client.put(f"{world.doors[0]}/signals/{uuid4()}", content=content)
    assert response.status_code == 422
    assert response.json()["errors"][0]["why"]


@pytest.mark.parametrize("address", ["not-a-uuid", "", "1234", "01234567-89ab-4cde-8f01-23456789abcdx"])
def test_an_address_without_a_uuid_is_refused(world: Town, address: str) -> None:
    button = world.button("PTA")
    response = button.client.put(f"{world.doors[0]}/signals/{address}", json={"kind": "alarm"})
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "uuid"


def test_fields_that_a_newer_client_adds_do_no_harm(world: Town) -> None:
    assert world.button("PTA").press(heart_rate=180, position=None).status == 201


def test_what_is_too_large_is_refused_and_the_connection_lives(world: Town) -> None:
    button = world.button("PTA")
    for language, said in (("en", "At most 16 kB"), ("zh-Hans", "最多 16 kB")):
        answer = button.send(language=language, kind="alarm", text="x" * 20_000)
        assert (answer.status, answer.detail) == (413, said)
    assert button.press().status == 201


@pytest.mark.parametrize("authorization", [None, "Bearer nonsense", "Bearer", "Basic eDp5", "Bearer \u00e9"])
def test_without_a_valid_token_401(world: Town, authorization: str | None) -> None:
    headers = [] if authorization is None else [(b"Authorization", authorization.encode("latin-1"))]
    for language, title in (("en", "Not signed in"), ("zh-Hans", "未登录")):
        with a_client() as client:
            url = f"{world.doors[0]}/signals/{uuid4()}"
            response = client.put(
                url, json={"kind": "alarm"}, headers=[*headers, (b"Accept-Language", language.encode())]
            )
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == "Bearer"
        assert response.json()["title"].startswith(title)


def test_who_guesses_tokens_is_slowed_down_and_others_are_not(world: Town) -> None:
    with a_client() as guesser:
        url, headers = f"{world.doors[0]}/signals/{uuid4()}", {"Authorization": "Bearer guess"}
        statuses = [guesser.put(url, json={"kind": "alarm"}, headers=headers).status_code for _ in range(80)]
        assert statuses[:50] == [401] * 50
        assert 429 in statuses
        member = world.button("PTA")
        good = guesser.put(url, json={"kind": "alarm"}, headers={"Authorization": f"Bearer {member.token}"})
        assert good.status_code == 201, "a member at the same address may alarm all the same"


def test_a_revoked_token_is_refused_within_two_seconds_at_every_door(world: Town, place: str) -> None:
    from tocsin.devices.models import Device
    from tocsin.lib.secrets import digest

    button = world.button(place)
    assert button.press().status == 201
    Device.objects.filter(token_digest=digest(button.token)).update(revoked_at=datetime.now(UTC))
    started = time.monotonic()
    for door in (0, 1):
        until(lambda door=door: button.press(door=door).status == 401, 2, "the refusal")
    assert time.monotonic() - started < 2


def test_a_member_who_left_is_refused_within_two_seconds(world: Town, place: str) -> None:
    button = world.button(place)
    person = world.person_of(button)
    person.is_active = False
    person.save()
    until(lambda: button.press().status == 401, 2, "the refusal")


def test_a_member_who_moved_belongs_to_the_new_center_within_two_seconds(world: Town, place: str) -> None:
    from tocsin.centers.models import Center

    button = world.button(place)
    person = world.person_of(button)
    person.center = Center.objects.get(code="DUR")
    person.save()
    time.sleep(1.5)
    assert button.press(position=None).center_code == "DUR"


def test_other_methods_are_refused(world: Town) -> None:
    button = world.button("PTA")
    for method in ("POST", "DELETE", "PATCH"):
        assert button.client.request(method, f"{world.doors[0]}/signals/{uuid4()}").status_code == 405


def test_health_says_what_is_alive(world: Town) -> None:
    status, said = world.health()
    assert (status, said["status"], said["database"], said["queue"]) == (200, "ok", "ok", 0)
    assert said["writer"]["age"] < 3


def test_a_caller_who_hangs_up_does_not_lose_the_press(world: Town, place: str) -> None:
    import httpx

    button, id_ = world.button(place), uuid4()
    with world.held_back():
        with pytest.raises(httpx.ReadTimeout):
            button.client.put(
                f"{world.doors[0]}/signals/{id_}",
                json={"kind": "alarm"},
                timeout=httpx.Timeout(5, read=0.3),
            )
        time.sleep(0.2)
    until(lambda: world.stored(id_) == 1, 3, "storing")
    assert button.send(id_, kind="alarm").status == 200
