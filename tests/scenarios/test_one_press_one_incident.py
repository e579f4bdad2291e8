"""Promise 2: one press is one incident, however often it is resent and by however many frames and devices."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID, uuid4

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.world import Answer, Button, Town


def at_once(calls: list[tuple[Button, UUID, int]]) -> list[Answer]:
    """All of these presses (button, uuid, door) at the same moment, each on a connection of its own."""

    async def run() -> list[Answer]:
        limits = httpx.Limits(max_connections=200)
        async with httpx.AsyncClient(limits=limits, timeout=15, trust_env=False) as client:

            async def one(button: Button, id_: UUID, door: int) -> Answer:
                headers = {"Authorization": f"Bearer {button.token}"}
                body = {"kind": "alarm", "alarm": "robbery"}
                return Answer(await client.put(f"{button.doors[door]}/signals/{id_}", json=body, headers=headers), id_)

            return await asyncio.gather(*(one(*call) for call in calls))

    return asyncio.run(run())


def test_a_press_resent_fifty_times_is_one_incident(world: Town, place: str) -> None:
    button, id_ = world.button(place), uuid4()
    answers = at_once([(button, id_, 0)] * 50)
    assert sorted(a.status for a in answers) == [200] * 49 + [201]
    assert len({a.incident for a in answers}) == 1
    assert world.timeline(answers[0].incident) == ["opened"]
    assert world.desk(place).incident(answers[0].incident)["presses"] == 1


def test_a_press_resent_through_two_web_processes_at_once_is_one_incident(world: Town, place: str) -> None:
    for _ in range(5):
        button, id_ = world.button(place), uuid4()
        answers = at_once([(button, id_, n % 2) for n in range(50)])
        assert sorted(a.status for a in answers) == [200] * 49 + [201]
        assert len({a.incident for a in answers}) == 1
        assert world.timeline(answers[0].incident) == ["opened"]
        assert world.stored(id_) == 1


def test_two_devices_of_one_person_pressed_at_once_are_one_incident(world: Town, place: str) -> None:
    for _ in range(3):
        phone = world.button(place)
        other = world.phone_of(world.person_of(phone), world.homes[place])
        presses = [uuid4() for _ in range(20)]
        answers = at_once([((phone, other)[n % 2], id_, n // 2 % 2) for n, id_ in enumerate(presses)])
        assert [a.status for a in answers] == [201] * 20
        assert len({a.incident for a in answers}) == 1
        told = world.timeline(answers[0].incident)
        assert sorted(told) == ["joined"] * 19 + ["opened"]
        assert told[0] == "opened"
        assert world.stored(*presses) == 20


def test_a_phone_and_a_tracker_of_one_person_are_one_incident(world: Town, place: str) -> None:
    from tocsin.devices.models import Device

    tracker = world.tracker("gt06", place)
    person = Device.objects.get(identifier=tracker.identifier).person
    phone = world.phone_of(person, world.homes[place])
    with ThreadPoolExecutor(2) as both:
        gate, door = both.submit(tracker.press), both.submit(phone.press)
    gate.result()
    assert world.timeline(door.result().incident) in (["opened", "joined"], ["joined", "opened"])
    assert world.rows("SELECT count(*) FROM incidents_incident WHERE person_id = %s", person.pk) == [(1,)]


def test_an_sos_bit_that_a_tracker_repeats_is_one_press(world: Town, place: str) -> None:
    tracker = world.tracker("gt06", place)
    tracker.press()
    for _ in range(5):
        beat = tracker.device.heartbeat(tracker._moment(tracker.pressed_at))  # its SOS bit is still set
        assert tracker.answered(beat, within=5)
    [incident] = world.desk(place).queue(center=place)
    assert world.timeline(incident) == ["opened"]
    tracker.let_go()
    tracker.press()
    assert world.timeline(incident) == ["opened", "joined"]


def test_a_frame_resent_on_a_new_connection_is_the_same_press(world: Town, place: str) -> None:
    for protocol in ("gt06", "osmand"):
        tracker = world.tracker(protocol, place)
        frame = tracker.device.sos(tracker._moment(tracker.pressed_at.now(tracker.pressed_at.tzinfo)))
        for _ in range(5):
            assert tracker.answered(frame, within=5)
            tracker.hang_up()
    incidents = world.desk(place).queue(center=place)
    assert len(incidents) == 2
    assert [world.timeline(i) for i in incidents] == [["opened"], ["opened"]]


def test_two_people_who_press_at_the_same_moment_are_two_incidents(world: Town, place: str) -> None:
    first, one, other = (world.button(place) for _ in range(3))
    with ThreadPoolExecutor(3) as many:
        with world.held_back():
            many.submit(first.press)
            time.sleep(0.2)
            presses = [many.submit(one.press), many.submit(other.press)]
            time.sleep(0.3)
        answers = [p.result() for p in presses]
    assert [a.status for a in answers] == [201, 201]
    assert answers[0].incident != answers[1].incident
    ids = [str(a.id) for a in answers]
    moments = world.rows("SELECT count(DISTINCT received_at) FROM gates_signal WHERE id = ANY(%s::uuid[])", ids)
    assert moments == [(1,)], "they were in one batch"
    assert [world.timeline(a.incident) for a in answers] == [["opened"], ["opened"]]


def test_the_uuid_of_another_device_is_refused_and_changes_nothing(world: Town, place: str) -> None:
    mine, yours = world.button(place), world.button(place)
    press = mine.press()
    stolen = yours.press(id_=press.id)
    assert stolen.status == 409
    assert "incident" not in stolen.said, "nor does it tell of what is not theirs"
    assert world.rows("SELECT device_id <> %s FROM gates_signal WHERE id = %s", 0, press.id) == [(True,)]
    assert world.timeline(press.incident) == ["opened"]
    assert world.person_of(yours).incidents.count() == 0


def test_the_same_uuid_with_other_content_is_refused(world: Town, place: str) -> None:
    button = world.button(place)
    press = button.press("robbery")
    assert button.press("fire", id_=press.id).status == 409
    assert button.press("robbery", id_=press.id).status == 200
    assert world.desk(place).incident(press.incident)["alarm"] == "robbery"


def test_two_devices_with_one_uuid_in_one_batch_store_the_first_and_refuse_the_second(world: Town, place: str) -> None:
    first, one, other = (world.button(place) for _ in range(3))
    id_ = uuid4()
    with ThreadPoolExecutor(3) as many:
        with world.held_back():
            many.submit(first.press)
            time.sleep(0.2)
            presses = [many.submit(button.press, id_=id_) for button in (one, other)]
            time.sleep(0.3)
        answers = [p.result() for p in presses]
    assert sorted(a.status for a in answers) == [201, 409]
    assert world.stored(id_) == 1
    assert world.person_of(one).incidents.count() + world.person_of(other).incidents.count() == 1


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 2), st.booleans(), st.integers(0, 1)), max_size=12))
def test_whatever_is_sent_in_whatever_order_the_first_under_a_uuid_counts(
    world: Town, sent: list[tuple[int, int, bool, int]]
) -> None:
    """Two phones, three UUIDs, two contents, two doors."""
    pair, ids = people(world), [uuid4() for _ in range(3)]
    first: dict[UUID, tuple[int, bool]] = {}
    for who, which, silent, door in sent:
        answer = pair[who].send(ids[which], door=door, kind="heartbeat", silent=silent)
        expected = 201 if ids[which] not in first else 200 if first[ids[which]] == (who, silent) else 409
        assert answer.status == expected
        first.setdefault(ids[which], (who, silent))
    assert world.stored(*ids) == len(first)


_pairs: list[Button] = []


def people(world: Town) -> list[Button]:
    while len(_pairs) < 2:
        _pairs.append(world.button("PTA"))
    return _pairs


def test_thirty_phones_in_one_burst_are_thirty_incidents_and_one_book(world: Town) -> None:
    buttons = [world.button("JNB") for _ in range(30)]
    start = Barrier(30)

    def press(button: Button) -> Answer:
        start.wait()
        return button.press(door=hash(button.name) % 2)

    with ThreadPoolExecutor(30) as many:
        answers = list(many.map(press, buttons))
    assert [a.status for a in answers] == [201] * 30
    assert len({a.incident for a in answers}) == 30
    assert world.book("JNB").verdict().ok


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 1)), min_size=1, max_size=24))
def test_whatever_is_pressed_at_once_each_person_has_one_incident_and_each_uuid_one_entry(
    world: Town, sent: list[tuple[int, int, int]]
) -> None:
    """Two phones of one person and one of another, four UUIDs, two doors, everything at the same moment."""
    one, further, other = trio(world)
    phones, ids = (one, further, other), [uuid4() for _ in range(4)]
    answers = at_once([(phones[who], ids[which], door) for who, which, door in sent])
    for which, id_ in enumerate(ids):
        mine = [(who, a) for (who, w, _), a in zip(sent, answers, strict=True) if w == which]
        if not mine:
            continue
        [winner] = {who for who, a in mine if a.status == 201}
        assert sum(a.status == 201 for _, a in mine) == 1
        assert all(a.status == (200 if who == winner else 409) for who, a in mine if a.status != 201)
        assert world.stored(id_) == 1
        booked = (
            "SELECT count(*) FROM book_entry WHERE facts->>'signal' = %s AND kind IN ('opened', 'joined') AND NOT echo"
        )
        assert world.rows(booked, str(id_)) == [(1,)]
    for person in (world.person_of(one), world.person_of(other)):
        assert person.incidents.exclude(state="closed").count() <= 1


_trio: list[Button] = []


def trio(world: Town) -> list[Button]:
    if not _trio:
        one, other = world.button("PTA"), world.button("PTA")
        _trio.extend((one, world.phone_of(world.person_of(one)), other))
    return _trio
