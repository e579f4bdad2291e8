"""A duress PIN looks like a cancel and is an alarm: it rings anew, silently, and nothing that comes back tells."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.world import Town


def test_under_duress_it_rings_anew_and_stays_silent(world: Town, place: str) -> None:
    button, desk = world.button(place), world.desk(place)
    press = button.press()
    button.cancel()
    desk.claim(press.incident)
    with desk.watching() as watch:
        said = button.send(kind="alarm", duress=True)
        watch.hears("joined", press.incident)
    assert (said.status, said.incident, said.flags) == (201, press.incident, ["no_fix"])
    seen = desk.incident(press.incident)
    assert (seen["state"], seen["claimed_by"], seen["silent"]) == ("new", None, True)
    assert "duress" in seen["flags"]
    assert seen["cancel_requested_at"] is None
    entry = world.book(place).entries(kind="joined")[-1]
    assert "duress" in entry["facts"]["flags"]
    assert entry["facts"]["rings"] is True
    assert "duress" not in str(button.state(said.id).said)
    world.advance(seconds=61)
    assert "escalated" in world.timeline(press.incident)


@pytest.mark.parametrize("kind", ["cancel", "position", "alarm"])
def test_whatever_it_is_called_it_is_an_alarm(world: Town, place: str, kind: str) -> None:
    button, desk = world.button(place), world.desk(place)
    said = button.send(kind=kind, duress=True)
    seen = desk.incident(said.incident)
    assert (seen["state"], seen["silent"], "duress" in seen["flags"]) == ("new", True, True)


def test_held_up_on_the_phone_it_is_still_an_alarm_of_now(world: Town, place: str) -> None:
    """The alarm was closed meanwhile; a late press would only be written there."""
    button, desk = world.button(place), world.desk(place)
    press = button.press()
    desk.claim(press.incident)
    desk.close(press.incident)
    said = button.send(kind="alarm", duress=True, at=_ago(minutes=6))
    assert said.incident != press.incident
    assert desk.incident(said.incident)["state"] == "new"


def _ago(**time: Any) -> str:
    return (datetime.now(UTC) - timedelta(**time)).isoformat()
