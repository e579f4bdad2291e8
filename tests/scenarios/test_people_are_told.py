"""An alarm that nobody claims climbs until somebody does; each who should be told is told, on what reaches them."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.world import Desk, Town
from tocsin.notifications.channel import Receipt, Result

DONE, BUSY = Result("sent"), Result("failed", error="busy")
GONE, NEVER = Result("failed", error="no such number", gone=True), Result("failed", error="refused", permanent=True)


def contact(desk: Desk, channel: str, address: str | None = None) -> Any:
    from tocsin.notifications.models import Contact

    return Contact.objects.create(
        person_id=desk.person,
        channel=channel,
        address=address or f"{channel}-{desk.person}",
        confirmed_at=datetime.now(UTC),
    )


def owed(incident: int, **more: Any) -> list[tuple[int, str, str]]:
    from tocsin.notifications.models import Delivery

    rows = Delivery.objects.filter(incident=incident, **more).order_by("id")
    return list(rows.values_list("person_id", "channel", "state"))


def carry(world: Town, result: Result, channel: str | None = None, ahead: float = 0) -> int:
    """What a courier does, with this result for every try."""
    from tocsin.notifications import actions

    now = datetime.now(UTC) + world.ahead + timedelta(seconds=ahead)
    taken = actions.claim(now, 500)
    for delivery in taken:
        if channel in (None, delivery.channel):
            actions.finish(delivery.pk, result, now)
        else:
            actions.give_back([delivery.pk])
    return len(taken)


@pytest.fixture
def team(world: Town, place: str) -> dict[str, Desk]:
    """An officer on duty and one who is off, their supervisor; the province's officer; the root's director."""
    from tocsin.centers.models import Center
    from tocsin.rosters.models import Shift

    people = {
        "on": world.desk(place), "off": world.desk(place), "boss": world.desk(place, "supervisor"),
        "province": world.desk("GP"), "root": world.desk("NAT", "director"),
    }  # fmt: skip
    for desk in people.values():
        for channel in ("webpush", "sms", "voice", "email"):
            contact(desk, channel)
    now = datetime.now(UTC)
    for name, code in (("on", place), ("province", "GP")):
        Shift.objects.filter(center__code=code).delete()
        Shift.objects.create(
            center=Center.objects.get(code=code), duty="duty_officer", person_id=people[name].person,
            starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=7),
        )  # fmt: skip
    return people


def test_the_default_plan_tells_those_on_duty_then_the_parent_then_everyone(
    world: Town, place: str, team: dict[str, Desk]
) -> None:
    on, off, boss, province, root = (team[n].person for n in ("on", "off", "boss", "province", "root"))
    incident = world.button(place).press().incident
    told = []
    for seconds in (1, 10, 20, 30, 60):
        world.advance(seconds=seconds)
        rows = owed(incident)
        told.append({(person, channel) for person, channel, _ in rows} - {x for step in told for x in step})
        carry(world, DONE)  # what waits to be sent is not owed again
    assert told[0] == {(on, "webpush")}
    assert told[1] == {(on, "sms")}
    assert told[2] == {(on, "voice")}
    assert {person for person, _ in told[3]} == {province}
    assert {(off, "sms"), (off, "voice"), (boss, "sms"), (root, "email")} <= told[4]
    assert len(owed(incident, person=on, channel="sms")) == 2, "texted at 10 s, and with everyone at 120 s"


@pytest.mark.parametrize("seconds", [0, 1, 11, 31, 61, 121])
def test_a_claim_at_any_stage_stops_the_rest(world: Town, place: str, team: dict[str, Desk], seconds: float) -> None:
    incident = world.button(place).press().incident
    world.advance(seconds=seconds)
    carry(world, DONE)
    before = len(owed(incident))
    team["on"].claim(incident)
    world.advance(minutes=10)
    carry(world, DONE)
    assert len(owed(incident)) == before
    assert {state for *_, state in owed(incident)} <= {"sent", "cancelled"}


def test_what_was_owed_and_not_sent_when_somebody_claims_is_not_sent(
    world: Town, place: str, team: dict[str, Desk]
) -> None:
    incident = world.button(place).press().incident
    world.advance(seconds=31)
    team["on"].claim(incident)
    assert {state for *_, state in owed(incident)} == {"cancelled"}
    assert carry(world, DONE) == 0


def test_a_dead_contact_is_left_and_the_next_is_tried(world: Town, place: str) -> None:
    from tocsin.notifications.models import Contact

    desk = world.desk(place)
    dead, _ = contact(desk, "webpush"), contact(desk, "email")
    incident = world.button(place).press().incident
    world.advance(seconds=1)
    carry(world, GONE)
    assert owed(incident) == [(desk.person, "webpush", "failed"), (desk.person, "email", "queued")]
    assert Contact.objects.get(pk=dead.pk).dead_at is not None
    assert carry(world, DONE) == 1
    assert owed(incident)[1][2] == "sent"


def test_a_busy_channel_is_tried_again_and_the_next_beside_it(world: Town, place: str) -> None:
    desk = world.desk(place)
    contact(desk, "webpush")
    contact(desk, "email")
    incident = world.button(place).press().incident
    world.advance(seconds=1)
    carry(world, BUSY)
    assert owed(incident) == [(desk.person, "webpush", "queued")]
    carry(world, BUSY, ahead=6)
    assert (desk.person, "email", "queued") in owed(incident), "it does not wait for the first to work again"
    carry(world, DONE, ahead=60)
    assert {state for *_, state in owed(incident)} == {"sent"}


def test_unread_it_goes_on_to_the_next_contact_and_read_it_does_not(world: Town, place: str) -> None:
    from tocsin.notifications import actions
    from tocsin.notifications.models import Delivery

    for reads in (True, False):
        desk = world.desk(place)
        contact(desk, "webpush")
        contact(desk, "email")
        incident = world.button(place).press().incident
        world.advance(seconds=1)
        carry(world, DONE)
        if reads:
            token = Delivery.objects.get(incident=incident, person=desk.person).token
            assert actions.receipt(Receipt("read"), datetime.now(UTC), token=token)
        actions.unread(datetime.now(UTC) + world.ahead + timedelta(minutes=1))
        channels = [channel for person, channel, _ in owed(incident) if person == desk.person]
        assert channels == (["webpush"] if reads else ["webpush", "email"])
        desk.claim(incident)


def test_nobody_reachable_is_written_down_once(world: Town, place: str) -> None:
    world.desk(place)
    incident = world.button(place).press().incident
    world.advance(seconds=35)
    assert world.timeline(incident, messages=True).count("unreachable") == 1


def test_a_courier_killed_between_claim_and_sending_sends_it_once_or_more_never_not_at_all(
    world: Town, place: str
) -> None:
    from tocsin.notifications import actions

    desk = world.desk(place)
    contact(desk, "webpush")
    incident = world.button(place).press().incident
    world.advance(seconds=1)
    now = datetime.now(UTC) + world.ahead
    (held,) = actions.claim(now, 10)  # and the courier dies here
    assert actions.claim(now + timedelta(seconds=30), 10) == [], "leased"
    (again,) = actions.claim(now + timedelta(seconds=61), 10)
    assert (again.pk, again.token, again.tried) == (held.pk, held.token, 2), "the receiver can tell the repeat"
    actions.finish(again.pk, DONE, now)
    assert owed(incident) == [(desk.person, "webpush", "sent")]


def test_two_couriers_never_hold_the_same_delivery(world: Town, place: str) -> None:
    from django.db import connection

    from tocsin.notifications import actions

    for _ in range(10):
        contact(world.desk(place), "webpush")
    world.button(place).press()
    world.advance(seconds=1)
    now, held = datetime.now(UTC) + world.ahead, []

    def courier() -> None:
        try:
            while taken := actions.claim(now, 2):
                held.extend(d.pk for d in taken)
        finally:
            connection.close()

    threads = [threading.Thread(target=courier) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(held) == len(set(held)) == 10


def test_a_plan_edited_meanwhile_changes_nothing_that_runs(world: Town, place: str) -> None:
    from tocsin.centers.models import Center
    from tocsin.escalation.models import Plan

    steps = {"stages": [{"after": 0, "ring": "parent"}, {"after": 300, "ring": "all"}], "every": 60}
    plan = Plan.objects.create(center=Center.objects.get(code=place), name="ours", alarm="robbery", steps=steps)
    first = world.button(place).press("robbery").incident
    other = world.button(place).press("fire").incident
    world.advance(seconds=2)
    assert world.timeline(first) == ["opened", "escalated"]
    assert world.timeline(other) == ["opened"], "the default plan is for the others"
    plan.steps = {"stages": [{"after": 5, "ring": "all"}], "every": 15}
    plan.save()
    world.advance(minutes=4)
    assert world.timeline(first) == ["opened", "escalated"]
    world.advance(minutes=2)
    assert world.timeline(first) == ["opened", "escalated", "escalated"] + ["escalated"] * 1


def test_a_plan_that_cannot_be_read_falls_back_to_the_default(world: Town, place: str) -> None:
    from tocsin.centers.models import Center
    from tocsin.escalation.models import Plan

    Plan.objects.create(center=Center.objects.get(code=place), name="broken", steps={"stages": "none"})
    incident = world.button(place).press().incident
    world.advance(seconds=61)
    assert world.timeline(incident) == ["opened", "escalated"]


def test_a_step_that_no_clock_serves_is_shouted_about_by_the_watch(world: Town, place: str) -> None:
    from tocsin.centers.network import load
    from tocsin.notifications.watch import watch

    director = world.desk(place, "director")
    contact(director, "email")
    incident = world.button(place).press().incident
    later = datetime.now(UTC) + timedelta(seconds=15)
    assert watch(load(), later) >= 1
    watch(load(), later + timedelta(seconds=5))
    assert world.timeline(incident) == ["opened", "unserved"]
    assert (director.person, "email", "queued") in owed(incident, message="unserved")


def test_a_text_sent_back_answers_and_the_rest_of_it_is_kept(world: Town, place: str) -> None:
    from tocsin.notifications import inbox

    desk = world.desk(place)
    contact(desk, "sms", "+27825559901")
    incident = world.button(place).press().incident
    world.advance(seconds=11)
    carry(world, DONE)
    world.rows(
        "INSERT INTO notifications_reply (person_id, text, at) VALUES (%s, %s, now())",
        desk.person,
        "1 20 min, at the mall",
    )
    inbox.read(datetime.now(UTC))
    row = world.rows("SELECT answer, eta FROM notifications_delivery WHERE incident_id = %s AND answer <> ''", incident)
    assert row == [("coming", 20)]
    told = desk.incident(incident)["timeline"][-1]
    assert (told["kind"], told["note"]) == ("answered", "1 20 min, at the mall")
    assert told["text"].endswith("answers: coming, in 20 min")
