"""The database goes away under load: nobody is told a lie, and everything is accepted when it is back."""

import threading
import time
from contextlib import suppress
from uuid import UUID, uuid4

import httpx
import pytest

from tests.world import Answer, Button, Town, Tracker, until


class Load:
    """Phones that resend until they are answered, with a note of everything that they were told."""

    def __init__(self, world: Town, place: str) -> None:
        self.buttons = [world.button(place) for _ in range(6)]
        self.trackers = [world.tracker(protocol, place) for protocol in ("gt06", "osmand")]
        self.acknowledged: list[UUID] = []
        self.presses: dict[str, int] = {}
        self.told: list[Answer] = []
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self._press, args=(b, n % 2)) for n, b in enumerate(self.buttons)]
        self.threads += [threading.Thread(target=self._track, args=(t,)) for t in self.trackers]

    def __enter__(self) -> "Load":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)

    def _press(self, button: Button, door: int) -> None:
        while not self.stopping.is_set():
            id_, answered = uuid4(), False
            while not answered:
                with suppress(httpx.HTTPError):
                    answer = button.press(id_=id_, door=door)
                    self.told.append(answer)
                    answered = answer.status in (200, 201)
                time.sleep(0.05 if answered else 0.3)
            self.acknowledged.append(id_)

    def _track(self, tracker: Tracker) -> None:
        while not self.stopping.is_set():
            tracker.press()
            tracker.let_go()
            self.presses[tracker.identifier] = self.presses.get(tracker.identifier, 0) + 1

    def count(self, status: int) -> int:
        return sum(answer.status == status for answer in self.told)


def away(world: Town) -> bool:
    return world.health()[0] == 503


def everything_is_there(world: Town, load: Load, place: str) -> None:
    assert {a.status for a in load.told} <= {200, 201, 503}
    for refused in (a for a in load.told if a.status == 503):
        assert int(refused.headers["Retry-After"]) >= 1
        assert refused.headers["content-type"] == "application/problem+json"
        assert "incident" not in refused.said
    assert world.stored(*load.acknowledged) == len(set(load.acknowledged))
    booked = [e["facts"]["signal"] for e in world.book(place).entries() if e["kind"] in ("opened", "joined")]
    assert len(booked) == len(set(booked)), "each once"
    assert {str(i) for i in load.acknowledged} <= set(booked)
    for identifier, presses in load.presses.items():
        query = (
            "SELECT count(*) FROM gates_signal s JOIN devices_device d ON d.id = s.device_id "
            "WHERE d.identifier = %s AND s.kind = 'alarm'"
        )
        assert world.rows(query, identifier) == [(presses,)], identifier
    assert world.book(place).verdict().ok


def test_stopped_and_started_under_load(world: Town, place: str) -> None:
    desk = world.desk(place)
    with Load(world, place) as load, desk.watching(lasting=True, after=0) as watch:
        until(lambda: load.count(201) > 20, 10, "load")
        world.database.stop()
        until(lambda: away(world), 5, "/health 503")
        until(lambda: load.count(503) > 20, 10, "503s")
        before = load.count(201)
        time.sleep(0.5)
        assert load.count(201) == before, "nothing is acknowledged without a database"
        world.database.start()
        until(world.healthy, 10, "health")
        until(lambda: load.count(201) > before + 20, 10, "load again")
        head = world.book(place).head
        until(lambda: watch.numbers[-1] >= head, 10, f"catching up to {head} from {watch.numbers[-1]}")
    numbers = list(watch.numbers)
    assert numbers == list(range(1, len(numbers) + 1)), "the desk missed nothing and heard nothing twice"
    everything_is_there(world, load, place)


def test_frozen_for_eight_seconds_under_load(world: Town, place: str) -> None:
    """It neither answers nor refuses: callers are told to come back, the desk sees that the line is dead."""
    with Load(world, place) as load, world.desk(place).watching() as watch:
        until(lambda: load.count(201) > 20, 10, "load")
        with world.database.frozen():
            frozen_at = time.monotonic()
            until(lambda: away(world), 5, "/health 503")
            time.sleep(max(0, frozen_at + 8 - time.monotonic()))
            beats = [beat for beat in watch.beats if beat > frozen_at + 5]
        before = load.count(201)
        until(world.healthy, 10, "health")
        until(lambda: load.count(201) > before + 20, 15, "load again")
    assert load.count(503) > 0, "a press waits for 6 s at most"
    everything_is_there(world, load, place)
    assert beats == [], "no sign of life from a feed that knows nothing"


@pytest.mark.parametrize("protocol", ["gt06", "osmand"])
def test_a_gate_leaves_the_frame_unanswered_and_takes_it_when_it_is_resent(
    world: Town, place: str, protocol: str
) -> None:
    tracker = world.tracker(protocol, place)
    tracker.move(*world.homes[place])
    world.database.stop()
    tracker.device.alarmed = False
    frame = tracker.device.sos(tracker._moment(tracker.pressed_at.now(tracker.pressed_at.tzinfo)))
    assert not tracker.answered(frame, within=1.5)
    world.database.start()
    until(lambda: tracker.answered(frame, within=3), 20, "the answer")
    assert len(world.desk(place).queue(center=place)) == 1


def test_what_the_desk_asks_meanwhile_fails_plainly_and_works_again_at_once(world: Town, place: str) -> None:
    desk, press = world.desk(place), world.button(place).press()
    world.database.stop()
    assert desk.get("incidents").status_code >= 500
    assert world.button(place).state(press.id).status == 503
    with desk.watching() as watch:
        assert watch.status in (404, 500, 503)
    world.database.start()
    until(world.healthy, 10, "health")
    assert desk.queue(center=place) == [press.incident]


def test_a_web_process_that_starts_before_its_database_waits_for_it(world: Town, place: str) -> None:
    world.kill("web two")
    world.database.stop()
    world.run("web two")
    time.sleep(2)
    world.database.start()
    button = world.button(place)

    def pressed() -> bool:
        with suppress(httpx.HTTPError):
            return button.press(door=1).status in (200, 201)
        return False

    until(pressed, 15, "a press at the second door")


def test_a_book_without_its_head_stores_nothing_rather_than_half(world: Town, place: str) -> None:
    """A fault of ours in the middle of a transaction: refused whole, and accepted whole when it is mended."""
    import psycopg

    def head(statement: str, *values: object) -> None:
        with psycopg.connect(world.dsn, autocommit=True) as connection:
            connection.execute("SET session_replication_role = 'replica'")
            connection.execute(statement.encode(), values)

    [center] = world.rows("SELECT id FROM centers_center WHERE code = %s", place)[0]
    button, good, id_ = world.button(place), world.button("JNB"), uuid4()
    head("DELETE FROM book_head WHERE center_id = %s", center)
    assert button.press(id_=id_).status == 503
    assert good.press().status == 201, "others are not harmed"
    assert button.press(id_=id_).status == 503
    assert world.stored(id_) == 0
    assert world.person_of(button).incidents.count() == 0
    head("INSERT INTO book_head (center_id, number, hash) VALUES (%s, 0, decode(repeat('00', 32), 'hex'))", center)
    press = button.press(id_=id_)
    assert (press.status, world.timeline(press.incident)) == (201, ["opened"])
