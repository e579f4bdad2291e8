"""Promise 4, in its first form: an alarm never waits behind positions."""

import asyncio
import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx

from tests.world import Town


def test_an_alarm_overtakes_a_flood_of_positions(world: Town, place: str) -> None:
    walkers, caller = [world.button("CPT") for _ in range(6)], world.button(place)
    lat, lon = world.homes["CPT"]

    async def flood() -> tuple[list[Any], Any]:
        limits = httpx.Limits(max_connections=2000)
        async with httpx.AsyncClient(limits=limits, timeout=20, trust_env=False) as client:

            def put(button: Any, id_: Any, body: dict[str, Any]) -> Any:
                headers = {"Authorization": f"Bearer {button.token}"}
                return asyncio.create_task(client.put(f"{world.doors[0]}/signals/{id_}", json=body, headers=headers))

            body = {"kind": "position", "position": {"lat": lat, "lon": lon}}
            first = put(walkers[0], uuid4(), body)
            await asyncio.sleep(0.2)  # the writer holds this one in its hands
            positions = [put(walkers[n % 6], ids[n], body) for n in range(1200)]
            await asyncio.sleep(2)  # all of them are in the queue
            alarm = put(caller, alarm_id, {"kind": "alarm", "alarm": "kidnapping"})
            await asyncio.sleep(0.2)
            released.set()
            await asyncio.gather(first, *positions)
            return [p.result().status_code for p in positions], await alarm

    ids, alarm_id, released = [uuid4() for _ in range(1200)], uuid4(), asyncio.Event()

    async def both() -> tuple[list[Any], Any]:
        with world.held_back():
            task = asyncio.create_task(flood())
            await released.wait()
        return await task

    statuses, alarm = asyncio.run(both())
    assert set(statuses) == {201}
    assert alarm.status_code == 201
    moments = world.rows(
        "SELECT s.received_at - a.received_at FROM gates_signal s, gates_signal a "
        "WHERE a.id = %s AND s.id = ANY(%s::uuid[])",
        str(alarm_id),
        [str(i) for i in ids],
    )
    assert len(moments) == 1200
    assert all(later > timedelta(0) for (later,) in moments), "it was stored before every position that waited"


def test_a_device_that_sends_too_many_positions_may_still_alarm(world: Town, place: str) -> None:
    button = world.button(place)
    deadline = time.monotonic() + 20
    while (answer := button.send(kind="heartbeat")).status == 201:
        assert time.monotonic() < deadline
    assert answer.status == 429
    assert int(answer.headers["Retry-After"]) >= 1
    assert button.press().status == 201
    assert button.cancel().status == 201
