"""Who is sent hears of it, the caller hears that somebody has it unless that could betray them, who need not come is
told.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.scenarios.test_people_are_told import DONE, carry, contact
from tests.world import Desk, Town


def owed(incident: int, message: str) -> list[tuple[int, str, str]]:
    from tocsin.notifications.models import Delivery

    rows = Delivery.objects.filter(incident=incident, message=message).order_by("id")
    return list(rows.values_list("person_id", "channel", "state"))


@pytest.fixture
def officer(world: Town, place: str) -> Desk:
    return world.desk(place)


@pytest.fixture
def responder(world: Town, place: str) -> Desk:
    desk = world.desk(place, "responder")
    for channel in ("webpush", "sms", "voice"):
        contact(desk, channel)
    return desk


def test_a_responder_who_is_sent_is_told_and_their_answer_moves_the_dispatch(
    world: Town, place: str, officer: Desk, responder: Desk
) -> None:
    from tocsin.notifications import inbox
    from tocsin.notifications.models import Delivery

    incident = world.button(place).press("traffic").incident
    officer.claim(incident)
    officer.done("dispatch", incident, kind="responder", responder=responder.person)
    told = owed(incident, "sent")
    assert told == [(responder.person, "webpush", "queued"), (responder.person, "sms", "queued")]
    carry(world, DONE)
    delivery = Delivery.objects.filter(incident=incident, message="sent").first()
    assert delivery is not None
    inbox.take(delivery, "coming", datetime.now(UTC), 12)
    shown = officer.incident(incident)
    assert [d["state"] for d in shown["dispatches"]] == ["on_the_way"]
    assert "answered" in world.timeline(incident)
    officer.done("dispatch", incident, kind="responder", responder=responder.person)
    assert len(owed(incident, "sent")) == 4, "sent again: told again"


def test_a_responder_who_opens_neither_push_nor_text_is_called(
    world: Town, place: str, officer: Desk, responder: Desk
) -> None:
    from tocsin.notifications import actions

    incident = world.button(place).press("traffic").incident
    officer.claim(incident)
    officer.done("dispatch", incident, kind="responder", responder=responder.person)
    carry(world, DONE)
    actions.unread(datetime.now(UTC) + timedelta(minutes=2))
    assert [channel for _, channel, _ in owed(incident, "sent")] == ["webpush", "sms", "voice"], "one call, not two"


def test_whoever_opened_one_message_is_not_called_for_the_other(
    world: Town, place: str, officer: Desk, responder: Desk
) -> None:
    from tocsin.notifications import actions
    from tocsin.notifications.models import Delivery

    incident = world.button(place).press("traffic").incident
    officer.claim(incident)
    officer.done("dispatch", incident, kind="responder", responder=responder.person)
    carry(world, DONE)
    actions.opened(Delivery.objects.get(incident=incident, channel="sms", message="sent").token, datetime.now(UTC))
    actions.unread(datetime.now(UTC) + timedelta(minutes=2))
    assert [channel for _, channel, _ in owed(incident, "sent")] == ["webpush", "sms"]


@pytest.mark.parametrize(
    ("alarm", "silent", "told"),
    [("traffic", False, True), ("medical", False, True), ("medical", True, False), ("other", False, False),
     ("kidnapping", False, False), ("burglary", False, False)],
)  # fmt: skip
def test_a_caller_is_told_of_the_claim_only_where_no_enemy_may_hear_it(
    world: Town, place: str, officer: Desk, alarm: str, silent: bool, told: bool
) -> None:
    from tocsin.notifications.models import Contact

    button = world.button(place)
    caller = world.person_of(button).pk
    Contact.objects.create(person_id=caller, channel="webpush", address=f"phone-{caller}")
    incident = button.press(alarm, **({"silent": True} if silent else {})).incident
    officer.claim(incident)
    assert [person for person, *_ in owed(incident, "claimed")] == ([caller] if told else [])


def test_at_the_end_those_on_their_way_hear_that_they_need_not_come(
    world: Town, place: str, officer: Desk, responder: Desk
) -> None:
    from tocsin.notifications import inbox
    from tocsin.notifications.models import Delivery

    other = world.desk(place)
    for desk in (officer, other):
        contact(desk, "webpush")
    incident = world.button(place).press().incident
    world.advance(seconds=1)
    carry(world, DONE)
    inbox.take(Delivery.objects.get(incident=incident, person=other.person), "coming", datetime.now(UTC))
    officer.claim(incident)
    officer.done("dispatch", incident, kind="responder", responder=responder.person)
    officer.done("resolve", incident)
    officer.done("close", incident, outcome="false_alarm")
    assert {person for person, *_ in owed(incident, "ended")} == {other.person, responder.person}
    waiting: Any = [state for *_, state in owed(incident, "sent")]
    carry(world, DONE)
    assert waiting == ["queued", "queued"]
    assert [state for *_, state in owed(incident, "sent")] == ["cancelled", "cancelled"], "over before it was sent"
