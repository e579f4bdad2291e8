"""A number moves when both phones say so; a phone that was stolen is refused everywhere within two seconds."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.people.test_codes import code_in, member, number
from tests.world import Town, a_client, until


def headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Accept-Language": "en"}


def codes_of(person: Any) -> dict[str, str]:
    """{number: code} of the change that runs."""
    from tocsin.notifications.models import Delivery
    from tocsin.people import codes

    codes.answer(datetime.now(UTC))
    rows = Delivery.objects.filter(person=person, message="move").order_by("pk")
    return {row.address: code_in(row) for row in rows}


def test_both_numbers_confirm_and_everything_goes_along(world: Town, place: str) -> None:
    from tocsin.notifications import actions
    from tocsin.notifications.models import Contact, Delivery

    person, new = member(world, place, language="en"), number()
    old = person.phone
    button = world.phone_of(person, world.homes[place])
    actions.contacts_of([person.pk])  # its own number takes texts and calls
    door = world.doors[0]
    with a_client(headers=headers(button.token)) as phone:
        begun = phone.post(f"{door}/app/number", json={"phone": new})
        assert begun.status_code == 201, begun.text
        assert begun.json()["change"] == {
            "phone": new, "old": False, "new": False, "desk": False, "until": begun.json()["change"]["until"],
        }  # fmt: skip
        said = codes_of(person)
        assert set(said) == {old, new}
        assert phone.post(f"{door}/app/number/new/confirm", json={"code": said[old]}).status_code in (200, 422)
        half = phone.post(f"{door}/app/number/new/confirm", json={"code": said[new]}).json()
        assert half["phone"] == old, "one alone moves nothing"
        whole = phone.post(f"{world.doors[1]}/app/number/old/confirm", json={"code": said[old]})
        assert whole.json() == {"phone": new, "change": None}
        assert phone.get(f"{door}/app/me").status_code == 200  # still signed in
    assert button.press(position=world.homes[place]).status == 201
    own = Contact.objects.filter(person=person, channel__in=("sms", "voice"))
    assert {c.address for c in own} == {new}
    assert Delivery.objects.filter(person=person, message="moved", address=old).exists()  # a thief is not unnoticed
    rows = world.rows("SELECT facts::text, kind FROM book_entry WHERE kind LIKE 'number_changed%%' ORDER BY at DESC")
    assert str(person.pk) in rows[0][0]
    assert old[-6:] not in rows[0][0] and new[-6:] not in rows[0][0]
    devices = dict(
        world.rows(
            "SELECT identifier, revoked_at IS NULL FROM devices_device WHERE protocol = 'sms' AND person_id = %s",
            person.pk,
        )
    )
    assert devices == {old: False, new: True}  # a text from the old number is a stranger's


def test_a_sign_in_code_is_none_for_a_change(world: Town) -> None:
    from tocsin.people import codes, moving

    person, now = member(world), datetime.now(UTC)
    change = moving.begin(person, number(), "192.0.2.3", now)
    codes.ask(person.phone, "192.0.2.3", now)
    codes.answer(now)
    row = person.codes.get(purpose=codes.SIGN_IN)
    assert not moving.confirm(change, "old", codes.spoken(row.pk, now) or "", now)


def test_a_number_that_is_somebodys_is_told_only_to_who_holds_it(world: Town) -> None:
    from tocsin.lib.refused import Refused
    from tocsin.people import codes, moving

    person, other, now = member(world), member(world), datetime.now(UTC)
    change = moving.begin(person, other.phone, "192.0.2.4", now)  # says nothing
    said = codes_of(person)
    assert moving.confirm(change, "old", said[person.phone], now)
    with pytest.raises(Refused) as refused:
        moving.confirm(change, "new", said[other.phone], now)
    assert refused.value.reason == "number_taken"
    person.refresh_from_db()
    assert person.phone != other.phone
    assert codes.redeem(other.phone, "x", now) is None


def officer(world: Town, center: str, role: str) -> Any:
    from tocsin.people.models import Person

    return Person.objects.get(pk=world.desk(center, role).person)


def test_a_lost_number_is_changed_at_the_desk_by_two(world: Town, place: str) -> None:
    from tocsin.lib.refused import Refused
    from tocsin.people import moving

    person = member(world, place)
    old, new = person.phone, number()
    director, duty, second = (officer(world, place, r) for r in ("director", "duty_officer", "duty_officer"))
    stranger, now = officer(world, "DUR", "director"), datetime.now(UTC)
    with pytest.raises(Refused, match="role_not_yours"):
        moving.begin_at_desk(person, new, stranger, "192.0.2.5", now)
    change = moving.begin_at_desk(person, new, duty, "192.0.2.5", now)
    said = codes_of(person)
    assert set(said) == {new}  # the old phone is in somebody's hands
    with pytest.raises(Refused, match="move_code_first"):
        moving.approve(change, director, now)
    assert not moving.confirm(change, "old", said[new], now)
    assert moving.confirm(change, "new", said[new], now)
    for by, reason in ((duty, "role_same"), (second, "move_director"), (stranger, "role_not_yours")):
        with pytest.raises(Refused, match=reason):
            moving.approve(change, by, now)
    person.refresh_from_db()
    assert person.phone == old
    moving.approve(change, director, now)
    person.refresh_from_db()
    assert person.phone == new
    assert len(world.book(place).entries("number_changed_at_desk")) == 1
    with pytest.raises(Refused, match="move_over"):
        moving.approve(change, director, now)


def test_a_change_waits_an_hour(world: Town) -> None:
    from tocsin.lib.refused import Refused
    from tocsin.people import moving

    person, now = member(world), datetime.now(UTC)
    change = moving.begin(person, number(), "192.0.2.6", now)
    with pytest.raises(Refused, match="move_over"):
        moving.confirm(change, "old", "123456", now + timedelta(hours=1))


# ── devices ─────────────────────────────────────────────────────────────────


def test_a_stolen_phone_is_revoked_by_another_and_dead_everywhere_in_two_seconds(world: Town, place: str) -> None:
    person = member(world, place)
    stolen, mine = world.phone_of(person, world.homes[place]), world.phone_of(person, world.homes[place])
    assert stolen.press(position=world.homes[place]).status == 201
    with a_client(headers=headers(mine.token)) as phone:
        items = phone.get(f"{world.doors[0]}/app/phones").json()["items"]
        assert [each["here"] for each in items] == [True, False]
        assert stolen.token not in str(items)
        began = time.monotonic()
        assert phone.post(f"{world.doors[0]}/app/phones/{items[1]['id']}/revoke", json={}).status_code == 200
        for door in (0, 1):
            left = 2 - (time.monotonic() - began)
            until(lambda door=door: stolen.send(door=door, kind="alarm", alarm="other").status == 401, left, "refusing")
            with a_client(headers=headers(stolen.token)) as thief:
                assert thief.get(f"{world.doors[door]}/app/me").status_code == 401
                assert thief.get(f"{world.doors[door]}/app/phones").status_code == 401
                assert thief.post(f"{world.doors[door]}/app/number", json={"phone": number()}).status_code == 401
        assert time.monotonic() - began < 2
        assert [each["here"] for each in phone.get(f"{world.doors[1]}/app/phones").json()["items"]] == [True]
    assert mine.press(position=world.homes[place]).status in (200, 201)


def test_nobody_revokes_a_strangers_phone(world: Town, place: str) -> None:
    mine, other = world.button(place), world.button(place)
    found = world.rows(
        "SELECT id FROM devices_device WHERE person_id = %s AND protocol = 'app'", world.person_of(other).pk
    )
    with a_client(headers=headers(mine.token)) as phone:
        assert phone.post(f"{world.doors[0]}/app/phones/{found[0][0]}/revoke", json={}).status_code == 404
    assert other.press().status == 201


def test_the_gates_refuse_a_revoked_device_within_two_seconds(world: Town, place: str) -> None:
    from tocsin.devices import pairing
    from tocsin.devices.models import Device

    tracker = world.tracker("gt06", place)
    tracker.press()
    device = Device.objects.select_related("person").get(protocol="gt06", identifier=tracker.identifier)
    pairing.revoke(device.pk, device.person, datetime.now(UTC))
    began = time.monotonic()
    heard = "SELECT count(*) FROM gates_signal WHERE device_id = %s"

    def answered(within: float) -> bool:
        """A new press, on a new line."""
        tracker.hang_up()
        tracker.pressed_at = max(datetime.now(UTC), tracker.pressed_at + timedelta(seconds=1))
        return tracker.answered(tracker.device.sos(tracker._moment(tracker.pressed_at)), within)

    until(lambda: not answered(0.5), 2, "the gates' refusal")
    assert time.monotonic() - began < 2.5
    before = world.rows(heard, device.pk)
    assert not answered(1.5), "it was slow, not refused"
    assert world.rows(heard, device.pk) == before


def test_a_revoked_staff_key_is_dead_on_both_doors_and_its_feed_ends(world: Town, place: str) -> None:
    from tocsin.people import staff_keys
    from tocsin.people.models import Person, StaffKey

    desk = world.desk(place)
    with desk.watching() as watch:
        key = StaffKey.objects.get(person=desk.person)
        assert staff_keys.revoke(key.pk, Person.objects.get(pk=desk.person), datetime.now(UTC))
        for door in world.doors:
            with a_client(headers=desk.headers) as client:
                assert client.get(f"{door}/api/v1/me").status_code == 401
        until(lambda: watch.ended or watch.status != 200, 2, "the end of the feed")


def test_a_revoked_phone_is_not_pushed_to(world: Town, place: str) -> None:
    from tocsin.devices import pairing
    from tocsin.devices.models import Device
    from tocsin.notifications import push
    from tocsin.notifications.models import Contact

    person = member(world, place)
    world.phone_of(person, world.homes[place])
    phone = Device.objects.get(person=person, protocol="app")
    here = Contact.objects.create(person=person, channel="webpush", address="{}")
    other = Contact.objects.create(person=person, channel="webpush", address='{"other": 1}')
    push.belongs(phone, here)
    pairing.revoke(phone.pk, person, datetime.now(UTC))
    assert list(Contact.objects.filter(person=person, channel="webpush")) == [other]
