"""Promises 1, 2, 3 and 5 under kill -9: every process in turn, the database and the supervisor included."""

import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.world import Button, Installation, Tracker, until

SECONDS = 60.0
VICTIMS = ("web", "gates", "clock", "postgres")


class Crowd:
    """People who press for as long as it takes, and resend what is not answered, as their devices do."""

    def __init__(self, installation: Installation) -> None:
        self.ends = time.monotonic() + SECONDS
        self.answered: list[tuple[UUID, int]] = []  # a phone's press and its incident
        self.pressed: Counter[str] = Counter()  # a tracker's: identifier, presses that were answered
        self.tries: list[int] = []
        self.errors: list[BaseException] = []
        phones = installation.buttons()
        random.shuffle(phones)
        trackers = installation.trackers("gt06")[:8] + installation.trackers("osmand")[:8]
        self.threads = [threading.Thread(target=self._guarded, args=(self._phones, phones[n::5])) for n in range(5)]
        self.threads += [
            threading.Thread(target=self._guarded, args=(self._trackers, trackers[n::4])) for n in range(4)
        ]

    def _guarded(self, work: Callable[[list[Any]], None], people: list[Any]) -> None:
        try:
            work(people)
        except BaseException as error:
            self.errors.append(error)

    def _phones(self, phones: list[Button]) -> None:
        """One new caller every second, and old ones who press again in between."""
        for n in itertools.count():
            if time.monotonic() > self.ends:
                return
            button = phones[n // 4 % len(phones)] if n % 4 == 0 else random.choice(phones[: n // 4 + 1])
            answer, tries = button.until_answered(**button._at("home"))
            self.answered.append((UUID(answer.signal), answer.incident))
            self.tries.append(tries)
            time.sleep(0.2)

    def _trackers(self, trackers: list[Tracker]) -> None:
        for tracker in itertools.cycle(trackers):
            if time.monotonic() > self.ends:
                return
            self.tries.append(tracker.press())
            self.pressed[tracker.identifier] += 1
            tracker.let_go()
            time.sleep(0.4)


def test_whatever_is_killed_every_acknowledged_press_is_in_the_book_once_and_somebody_is_called(
    installation: Installation,
) -> None:
    crowd, began, killed = Crowd(installation), datetime.now(UTC), Counter[str]()
    desk = installation.desk("NAT", "supervisor")
    with desk.watching("PTA", lasting=True, after=installation.book("PTA").head) as watch:
        heard_from = installation.book("PTA").head
        for thread in crowd.threads:
            thread.start()
        victims = random.sample(VICTIMS * 3, 12)
        for n, victim in enumerate(victims):
            time.sleep(max(0, crowd.ends - SECONDS + 4.5 * (n + 1) - time.monotonic()))
            killed[victim] += installation.kill(victim)
            if n == 7:
                time.sleep(2)
                killed["supervisor"] += installation.kill("supervisor")
                installation.start()
        for thread in crowd.threads:
            thread.join(60)
        assert crowd.errors == []
        assert not any(thread.is_alive() for thread in crowd.threads), "everybody was answered in the end"
        until(installation.healthy, 15, "health after all")
        head = installation.book("PTA").head
        until(lambda: watch.numbers[-1:] == [head] or watch.events[-1].data["number"] >= head, 10, "catching up")
    print(f"{len(crowd.answered)} + {crowd.pressed.total()} presses in {sum(crowd.tries)} tries; killed {dict(killed)}")
    assert set(killed) == {*VICTIMS, "supervisor"}
    assert all(killed.values())
    assert len(crowd.answered) > 200
    assert sum(crowd.tries) > len(crowd.tries), "some had to be resent, or this proves nothing"

    _every_press_is_stored_once_and_in_the_book_once(installation, crowd)
    _every_incident_is_found_and_owned(installation, crowd, began)
    _every_due_escalation_fired_once(installation, began)
    assert watch.numbers == list(range(heard_from + 1, heard_from + 1 + len(watch.numbers))), (
        "each heard once, in order"
    )
    verified = installation.command("book", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def _every_press_is_stored_once_and_in_the_book_once(installation: Installation, crowd: Crowd) -> None:
    stored = dict(installation.rows("SELECT id, incident_id FROM gates_signal WHERE kind = 'alarm'"))
    entries = installation.rows(
        "SELECT facts->>'signal' FROM book_entry WHERE kind IN ('opened', 'joined') AND NOT echo "
        "AND facts->>'signal' IS NOT NULL"  # a drill has none
    )
    booked = Counter(UUID(signal) for (signal,) in entries)
    for id_, incident in crowd.answered:
        assert stored.get(id_) == incident, f"{id_} was acknowledged"
    assert booked == dict.fromkeys(stored, 1), "each signal is in the book once, and nothing else is"
    of_device = dict(
        installation.rows(
            "SELECT d.identifier, count(*) FROM gates_signal s JOIN devices_device d ON d.id = s.device_id "
            "WHERE s.kind = 'alarm' AND d.protocol <> 'app' GROUP BY 1"
        )
    )
    for identifier, presses in crowd.pressed.items():
        assert of_device[identifier] == presses, f"{identifier}: each press once, however often its frame was resent"


def _every_incident_is_found_and_owned(installation: Installation, crowd: Crowd, began: datetime) -> None:
    root = installation.desk("NAT", "director")
    found = set(root.queue(limit=500))
    assert {incident for _, incident in crowd.answered} <= found
    assert installation.rows("SELECT id FROM incidents_incident WHERE center_id IS NULL") == []
    twice = installation.rows(
        "SELECT person_id FROM incidents_incident WHERE state <> 'closed' GROUP BY person_id HAVING count(*) > 1"
    )
    assert twice == [], "one person, one open incident"
    not_opened_once = installation.rows(
        "SELECT i.id FROM incidents_incident i WHERE (SELECT count(*) FROM book_entry e WHERE e.incident_id = i.id "
        "AND e.kind = 'opened' AND NOT e.echo) <> 1"
    )
    assert not_opened_once == []


def _every_due_escalation_fired_once(installation: Installation, began: datetime) -> None:
    until(lambda: not _overdue(installation), 10, "the steps that are overdue")
    [(now,)] = installation.rows("SELECT now()")
    without_deadline = installation.rows(
        "SELECT i.id FROM incidents_incident i WHERE i.state = 'new' AND (SELECT count(*) FROM escalation_step s "
        "WHERE s.incident_id = i.id AND s.done_at IS NULL) <> 1"
    )
    assert without_deadline == [], "one next deadline each"
    old = installation.rows(
        "SELECT id FROM incidents_incident WHERE state = 'new' AND opened_at < %s", now - timedelta(seconds=32)
    )
    steps = Counter(
        installation.rows(
            "SELECT r.incident_id, s.number + r.round * 1000 FROM escalation_step s "
            "JOIN escalation_run r USING (incident_id) WHERE s.done_at IS NOT NULL"
        )
    )
    assert len(old) > 20
    # the stages of the default plan at 0, 10 and 30 s
    assert [i for (i,) in old for n in (1, 2, 3) if steps[i, 1000 + n] != 1] == [], "each was called out at each stage"
    assert [step for step, times in steps.items() if times > 1] == [], "none twice"
    late = installation.rows(
        "SELECT max(done_at - due) FROM escalation_step WHERE done_at IS NOT NULL AND due > %s", began
    )
    assert late[0][0] < timedelta(seconds=10), "late by no more than what was killed took to come back"


def _overdue(installation: Installation) -> list[Any]:
    return installation.rows("SELECT id FROM escalation_step WHERE done_at IS NULL AND due < now() - interval '1 s'")
