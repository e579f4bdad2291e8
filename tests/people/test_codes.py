"""A code to a phone: whose number it is nobody can tell, the code lies nowhere, and the alarm button needs none."""

import itertools
import logging
import re
import statistics
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.world import Town, a_client

_numbers = itertools.count(1)


def number() -> str:
    return f"+2760{7_000_000 + next(_numbers)}"


def member(world: Town, center: str = "PTA", **fields: Any) -> Any:
    return world.member(center, **{"phone": number(), **fields})


def ask(world: Town, phone: str, door: int = 0, client: httpx.Client | None = None, **more: Any) -> httpx.Response:
    with client or a_client() as caller:
        headers = {"Accept-Language": "en"}
        return caller.post(f"{world.doors[door]}/app/code", json={"phone": phone, **more}, headers=headers)


def enter(world: Town, phone: str, code: str, door: int = 0) -> httpx.Response:
    with a_client() as caller:
        return caller.post(
            f"{world.doors[door]}/app/sign-in", json={"phone": phone, "code": code}, headers={"Accept-Language": "en"}
        )


def sent(person: Any) -> Any:
    """What the clock and the courier do: the newest delivery of a code to this person."""
    from tocsin.notifications.models import Delivery
    from tocsin.people import codes

    codes.answer(datetime.now(UTC))
    return Delivery.objects.filter(person=person, message__in=("code", "move")).order_by("-pk").first()


def code_in(delivery: Any) -> str:
    from tocsin.notifications.courier import outgoing

    found = re.search(r"\d{6}", outgoing(delivery).text.short)
    return found[0] if found else ""


def test_a_member_signs_in_with_the_code_that_was_sent(world: Town) -> None:
    person = member(world, language="en")
    assert ask(world, person.phone).json() == {"sent": True, "call_after": 30}
    delivery = sent(person)
    assert (delivery.channel, delivery.address, delivery.urgent) == ("sms", person.phone, True)
    entered = enter(world, person.phone, code_in(delivery), door=1)  # another process than the one that was asked
    assert entered.status_code == 200
    token = entered.json()["token"]
    with a_client(headers={"Authorization": f"Bearer {token}"}) as phone:
        assert phone.get(f"{world.doors[0]}/app/me").json()["name"] == person.name
    assert enter(world, person.phone, code_in(delivery) or "000000").status_code == 422  # once


def test_a_number_as_it_is_written_at_home(world: Town) -> None:
    person = member(world)
    ask(world, "0" + person.phone[3:])
    assert enter(world, "0" + person.phone[3:], code_in(sent(person))).status_code == 200


def test_the_code_lies_nowhere(world: Town, caplog: pytest.LogCaptureFixture) -> None:
    from tocsin.notifications.courier import outgoing

    person = member(world)
    with caplog.at_level(logging.DEBUG):
        ask(world, person.phone)
        delivery = sent(person)
        code = code_in(delivery)
    assert len(code) == 6
    rows = world.rows("SELECT to_jsonb(d)::text FROM notifications_delivery d WHERE id = %s", delivery.pk)
    rows += world.rows("SELECT to_jsonb(c)::text FROM people_signincode c WHERE person_id = %s", person.pk)
    assert len(rows) == 2
    assert not [row for row in rows if f'"{code}"' in row[0] or f" {code}" in row[0]]
    assert code not in delivery.values.values()
    assert code not in caplog.text
    import hashlib

    kept = world.rows("SELECT number, salt FROM people_signincode WHERE person_id = %s", person.pk)[0]
    plain = {hashlib.sha256(f"{p}{code}".encode()).digest() for p in ("", f"{person.pk}:", person.phone)}
    assert not plain & {bytes(each) for each in kept}  # nor a digest that a million guesses undo
    assert enter(world, person.phone, code).status_code == 200
    assert code not in outgoing(delivery).text.short  # used: nobody can make it any more
    salt = world.rows("SELECT salt, phone FROM people_signincode WHERE person_id = %s", person.pk)
    assert [(bytes(s), p) for s, p in salt] == [(b"", "")]


def test_a_code_that_is_over_is_not_sent_any_more(world: Town) -> None:
    from tocsin.notifications import actions
    from tocsin.people.models import SignInCode

    person = member(world)
    ask(world, person.phone)
    delivery = sent(person)
    past = datetime.now(UTC) - timedelta(seconds=1)
    SignInCode.objects.filter(person=person).update(expires_at=past)
    assert delivery.pk not in [d.pk for d in actions.claim(datetime.now(UTC), 400)]
    delivery.refresh_from_db()
    assert delivery.state == "cancelled"
    assert enter(world, person.phone, "123456").status_code == 422


def test_a_stranger_gets_no_text_and_the_same_answer(world: Town) -> None:
    person, unknown = member(world), number()
    known, strange = ask(world, person.phone), ask(world, unknown)
    assert (known.status_code, known.content) == (strange.status_code, strange.content)
    assert sorted(known.headers.keys()) == sorted(strange.headers.keys())
    before = world.rows("SELECT count(*) FROM notifications_delivery WHERE address = %s", unknown)
    sent(person)
    assert world.rows("SELECT count(*) FROM notifications_delivery WHERE address = %s", unknown) == before == [(0,)]
    wrong, nobody = enter(world, person.phone, "12"), enter(world, unknown, "12")
    assert (wrong.status_code, wrong.content) == (nobody.status_code, nobody.content)
    left = world.rows("SELECT count(*) FROM people_signincode WHERE phone = %s", unknown)
    assert left == [(0,)]  # numbers that strangers tried are not kept


def test_someone_who_left_is_a_stranger(world: Town) -> None:
    person = member(world, is_active=False)
    assert ask(world, person.phone).status_code == 200
    assert sent(person) is None


def took(client: httpx.Client, url: str, body: dict[str, str]) -> float:
    began = time.perf_counter()
    client.post(url, json=body)
    return time.perf_counter() - began


@pytest.mark.alone
@pytest.mark.slow
def test_time_does_not_tell_whether_a_number_is_known(world: Town) -> None:
    """Pairs taken one after the other, now the one first and now the other: the median of what differs is less than a
    tenth, or half a millisecond."""
    from tocsin.people import codes

    rounds, known, unknown = 150, list[float](), list[float]()
    wrong_known, wrong_unknown = list[float](), list[float]()
    for n in range(rounds):
        if n % 12 == 0:
            client = a_client()  # its address has limits, too
            client.get(f"{world.doors[0]}/health")
        pair = [(member(world).phone, known, wrong_known), (number(), unknown, wrong_unknown)]
        for phone, asking, _ in pair if n % 2 else pair[::-1]:
            asking.append(took(client, f"{world.doors[0]}/app/code", {"phone": phone}))
        codes.answer(datetime.now(UTC))
        for phone, _, entering in pair if n % 2 else pair[::-1]:
            entering.append(took(client, f"{world.doors[0]}/app/sign-in", {"phone": phone, "code": "12"}))
    for one, other, what in ((known, unknown, "asking"), (wrong_known, wrong_unknown, "entering")):
        a, b = statistics.median(one) * 1000, statistics.median(other) * 1000
        apart = [(x - y) * 1000 for x, y in zip(one, other, strict=True)]
        both_ways = [(x + y) / 2 for x, y in zip(apart[::2], apart[1::2], strict=True)]
        differs = statistics.median(both_ways)
        print(f"{what}: known {a:.2f} ms, unknown {b:.2f} ms, differs by {differs:.2f}")
        assert abs(differs) < max(0.5, 0.1 * max(a, b)), what


def test_five_tries_and_it_is_over(world: Town) -> None:
    person = member(world)
    ask(world, person.phone)
    code = code_in(sent(person))
    for n in range(5):
        assert enter(world, person.phone, f"{(int(code) + 1 + n) % 10**6:06d}").status_code == 422
    assert enter(world, person.phone, code).status_code == 422
    ask(world, person.phone)
    fresh = code_in(sent(person))
    assert enter(world, person.phone, fresh).status_code == 200


def test_call_me_instead_says_the_same_code(world: Town) -> None:
    from tocsin.people.models import SignInCode

    person = member(world, language="en")
    assert ask(world, person.phone, way="voice").status_code == 409  # no text was asked for
    ask(world, person.phone)
    text = code_in(sent(person))
    assert ask(world, person.phone, way="voice").status_code == 409  # it may still come
    earlier = datetime.now(UTC) - timedelta(seconds=31)
    SignInCode.objects.filter(person=person, used_at=None).update(created_at=earlier)
    assert ask(world, person.phone, way="voice").status_code == 200
    call = sent(person)
    assert (call.channel, code_in(call)) == ("voice", text)
    assert enter(world, person.phone, text).status_code == 200


def test_a_try_is_not_given_back_by_asking_again(world: Town) -> None:
    person = member(world)
    ask(world, person.phone)
    code = code_in(sent(person))
    for _ in range(4):
        enter(world, person.phone, "x")
    ask(world, person.phone)
    assert code_in(sent(person)) == code
    assert enter(world, person.phone, "x").status_code == 422
    assert enter(world, person.phone, code).status_code == 422


def test_limits_stop_codes_and_never_the_button(world: Town, place: str) -> None:
    button = world.button(place)
    person = world.person_of(button)
    person.phone = number()
    person.save()
    answers = [ask(world, person.phone, door=n % 2).status_code for n in range(8)]  # both processes count together
    assert answers == [200] * 6 + [429] * 2
    stranger = number()
    assert [ask(world, stranger).status_code for _ in range(8)] == answers  # a stranger's number just the same
    refused = ask(world, person.phone)
    assert int(refused.headers["retry-after"]) >= 60
    assert ask(world, member(world).phone).status_code == 200  # and nobody else
    world.rows("DELETE FROM django_session")
    assert button.press().status == 201
    with a_client(headers={"Authorization": f"Bearer {button.token}"}) as phone:
        assert phone.get(f"{world.doors[0]}/app/me").status_code == 200


def test_an_address_has_a_limit_of_its_own(world: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from tocsin.people import codes

    monkeypatch.setattr(codes, "OF_PLACE", ((timedelta(hours=1), 3),))
    now, here = datetime.now(UTC), f"192.0.2.{next(_numbers) % 250}"
    for _ in range(3):
        codes.ask(number(), here, now)
    with pytest.raises(codes.TooMany):
        codes.ask(number(), here, now)
    codes.ask(number(), "198.51.100.7", now)


def test_overall_codes_wait_and_strangers_do_not_fill_the_room(world: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from tocsin.notifications.models import Delivery
    from tocsin.people import codes

    now = datetime.now(UTC)
    codes.answer(now)
    left = now + timedelta(days=30)  # a window of its own
    monkeypatch.setattr(codes, "OVERALL", 2)
    for _ in range(5):
        codes.ask(number(), "192.0.2.1", left)
    people = [member(world) for _ in range(3)]
    for person in people:
        codes.ask(person.phone, "192.0.2.2", left)
    codes.answer(left)
    told = set(Delivery.objects.filter(person__in=people).values_list("person", flat=True))
    assert told == {people[0].pk, people[1].pk}
    codes.answer(left + timedelta(minutes=5))
    assert Delivery.objects.filter(person=people[2]).count() == 0
    world.rows("UPDATE people_signincode SET expires_at = %s WHERE place = '192.0.2.2'", left + timedelta(hours=1))
    codes.answer(left + timedelta(minutes=11))
    assert Delivery.objects.filter(person=people[2]).count() == 1
    world.rows("DELETE FROM people_signincode WHERE created_at > %s", now + timedelta(days=1))


def test_wrong_tries_of_a_day_are_counted_whoever_asks(world: Town) -> None:
    from tocsin.people import codes

    phone, at = number(), datetime.now(UTC)
    for n in range(3):
        codes.ask(phone, "192.0.2.9", at + timedelta(minutes=20 * n))
        for _ in range(5):
            assert codes.redeem(phone, "x", at + timedelta(minutes=20 * n)) is None
    with pytest.raises(codes.TooMany):
        codes.ask(phone, "192.0.2.9", at + timedelta(hours=2))
    codes.ask(phone, "192.0.2.9", at + timedelta(hours=25))
