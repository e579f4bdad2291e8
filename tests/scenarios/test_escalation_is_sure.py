"""Whatever people, clocks, couriers and channels do: an alarm that nobody claimed has its next step, no step is done
twice, nothing that is owed is lost, and after a claim nothing more is owed. Sequences are made by Hypothesis.
"""

import itertools
import threading
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.world import Desk, Town
from tocsin.notifications.channel import Receipt, Result

RESULTS = {
    "sent": Result("sent"),
    "delivered": Result("delivered"),
    "busy": Result("failed", error="busy"),
    "slow": Result("failed", error="ask again later", wait=90),
    "refused": Result("failed", error="refused", permanent=True),
    "gone": Result("failed", error="no such number", gone=True),
}
CHANNELS = ("webpush", "sms", "voice", "email")
channels = st.lists(st.sampled_from(CHANNELS), max_size=3, unique=True)
whom = st.lists(
    st.sampled_from(["on_duty", "role", "people", "nearest", "parent", "everyone"]), max_size=3, unique=True
)
stages = st.lists(
    st.tuples(st.sampled_from([0, 5, 10, 30, 60, 120]), st.sampled_from(["", "parent", "all"]), whom, channels),
    min_size=1, max_size=4, unique_by=lambda stage: stage[0],
)  # fmt: skip
plans = st.none() | st.tuples(stages, st.sampled_from([15, 60, 300]))
results = st.sampled_from(sorted(RESULTS))
moves = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.sampled_from([1, 4, 11, 31, 61, 130, 700])),
        st.tuples(st.just("clock"), st.sampled_from([1, 200])),
        st.sampled_from([("clock", 200), ("clocks",), ("died",), ("unread",), ("claim",), ("release",), ("press",)]),
        st.tuples(st.just("carry"), results, st.sampled_from([1, 3, 100])),
        st.tuples(st.just("hold"), st.sampled_from([1, 5])),
        st.tuples(st.just("held"), results),
        st.tuples(st.just("receipt"), st.sampled_from(["delivered", "read", "failed"])),
        st.tuples(st.just("answer"), st.sampled_from(["coming", "cannot", ""])),
        st.sampled_from([("back",), ("close",), ("reopen",), ("hand over",), ("edit",), ("off duty",), ("on duty",)]),
    ),
    min_size=3, max_size=25,
)  # fmt: skip


class Play:
    """One incident, and all that happens to it at a time of the play's own."""

    def __init__(self, stage: "Stage", plan: Any, has: list[list[str]]) -> None:
        from tocsin.incidents.actions import open_by_hand
        from tocsin.notifications.models import Contact

        self.stage, self.at = stage, datetime.now(UTC)
        Contact.objects.filter(person__in=stage.people).delete()
        for person, theirs in zip(stage.people, has, strict=True):
            for channel in theirs:
                Contact.objects.create(
                    person_id=person, channel=channel, address=f"{channel}-{person}", confirmed_at=self.at
                )
        self.plan(plan)
        self.pk = open_by_hand(stage.center, stage.by, self.at).pk
        self.seen: set[int] = set()
        self.owed_at_claim: set[int] | None = None
        self.held: list[int] = []

    def plan(self, plan: Any) -> None:
        from tocsin.escalation.models import Plan

        Plan.objects.filter(center=self.stage.center).delete()
        if plan is not None:
            told, every = plan
            steps = [
                {
                    "after": after, "ring": ring, "by": by,
                    "whom": [{"kind": k, "name": "supervisor", "ids": self.stage.people[:2]} for k in whom],
                }
                for after, ring, whom, by in sorted(told)
            ]  # fmt: skip
            steps[-1]["ring"] = "all"
            Plan.objects.create(center=self.stage.center, name="any", steps={"stages": steps, "every": every})

    def move(self, name: str, *how: Any) -> None:
        from tocsin.incidents import actions as incidents
        from tocsin.lib.refused import Refused
        from tocsin.notifications import actions, inbox
        from tocsin.notifications.models import Delivery
        from tocsin.rosters.models import Shift

        by, mine = self.stage.by, Delivery.objects.filter(incident=self.pk)
        if name == "wait":
            self.at += timedelta(seconds=how[0])
        elif name == "clock":
            self.stage.clock(self.at, how[0])
        elif name == "clocks":
            self.stage.clocks(self.at)
        elif name == "died":
            with transaction.atomic():
                self.stage.clock(self.at, 200)
                transaction.set_rollback(True)
        elif name == "carry":
            for delivery in actions.claim(self.at, how[1]):
                actions.finish(delivery.pk, RESULTS[how[0]], self.at)
        elif name == "hold":
            self.held += [d.pk for d in actions.claim(self.at, how[0])]
        elif name == "held":
            actions.finish_all([(pk, RESULTS[how[0]]) for pk in self.held], self.at)
            self.held = []
        elif name == "back":
            actions.give_back(self.held)
            self.held = []
        elif name == "unread":
            actions.unread(self.at)
        elif name == "receipt":
            if (sent := mine.filter(sent_at__isnull=False).order_by("?").first()) is not None:
                actions.receipt(Receipt(how[0], error="undelivered"), self.at, token=sent.token)
        elif name == "answer":
            if (sent := mine.filter(sent_at__isnull=False).order_by("?").first()) is not None:
                inbox.take(sent, how[0], self.at, words="on foot")
        elif name == "edit":
            self.plan(([(0, "", ["everyone"], ["sms"])], 15))
        elif name == "press":
            self.stage.button.press()
        elif name == "on duty":
            Shift.objects.create(
                center=self.stage.center, duty="duty_officer", person_id=self.stage.people[0],
                starts_at=self.at - timedelta(hours=1), ends_at=self.at + timedelta(hours=1),
            )  # fmt: skip
        elif name == "off duty":
            Shift.objects.filter(center=self.stage.center).delete()
        else:
            verbs: dict[str, Any] = {
                "claim": lambda: incidents.claim(self.pk, by, self.at),
                "release": lambda: incidents.release(self.pk, by, self.at),
                "close": lambda: incidents.close(self.pk, by, self.at, outcome="genuine"),
                "reopen": lambda: incidents.reopen(self.pk, by, self.at),
                "hand over": lambda: incidents.hand_over(self.pk, self.stage.swap(self.pk), by, self.at),
            }
            try:
                verbs[name]()
            except Refused:
                return

    def look(self) -> None:
        """What must be true after each move."""
        from tocsin.escalation.models import Run, Step
        from tocsin.incidents.models import Incident
        from tocsin.notifications.actions import APART, OVER, ROUND
        from tocsin.notifications.models import Delivery

        incident = Incident.objects.get(pk=self.pk)
        steps = list(Step.objects.filter(incident=self.pk).order_by("id").values_list("number", "done_at"))
        pending = [number for number, done in steps if done is None]
        assert len(pending) == (incident.state == "new"), f"{incident.state}: {steps}"
        for (before, _), (number, _) in itertools.pairwise(steps):
            assert number in (0, before + 1), f"a step was skipped or done twice: {steps}"

        rows = list(Delivery.objects.filter(incident=self.pk).order_by("created_at", "id"))
        ids = {d.pk for d in rows}
        assert self.seen <= ids, "what was owed is lost"
        self.seen = ids
        keys = [(d.message, d.round, d.person_id, d.channel, d.address) for d in rows]
        assert len(keys) == len(set(keys)), "the same thing twice"
        alarms = [d for d in rows if d.message == "alarm"]
        if incident.state == "new":
            self.owed_at_claim = None
        else:
            assert not [d for d in alarms if d.state == "queued" or d.unread_due], "still owed after the claim"
            asked = {d.pk for d in alarms}
            self.owed_at_claim = self.owed_at_claim or asked
            assert asked == self.owed_at_claim, "owed after the claim"
        told: dict[Any, datetime] = {}
        for d in alarms:
            if d.state in OVER:
                continue
            key = d.round // ROUND, d.person_id, d.channel, d.address
            assert key not in told or d.created_at - told[key] >= APART, f"{key} again within {APART}"
            told[key] = d.created_at
        rounds = {d.round // ROUND for d in alarms}
        run = Run.objects.filter(incident=self.pk).first()
        assert not rounds or (run and max(rounds) <= run.round)

    def finish(self) -> None:
        """Let it be claimed in the end: all that was owed has ended one way or another."""
        from tocsin.notifications import actions
        from tocsin.notifications.models import Delivery

        self.move("release")
        self.at += timedelta(hours=1)
        self.move("clock", 200)
        self.look()
        for name in ("claim", "held"):
            self.move(name, "sent")
            self.look()
        self.at += timedelta(hours=1)
        while taken := actions.claim(self.at, 200):
            actions.finish_all([(d.pk, RESULTS["sent"]) for d in taken], self.at)
        actions.unread(self.at)
        self.look()
        left = Delivery.objects.filter(incident=self.pk, state__in=["queued", "sending"])
        assert not left.exists(), "neither sent nor ended"
        assert self.stage.world.book(self.stage.code).verdict().ok
        self.move("close")
        self.stage.world.rows("DELETE FROM escalation_step WHERE done_at IS NULL")


class Stage:
    """The center and its people, made once; their contacts and roster change with each play."""

    def __init__(self, world: Town, code: str) -> None:
        from tocsin.centers.models import Center
        from tocsin.centers.network import load
        from tocsin.people.models import Person

        self.world, self.code = world, code
        self.center, self.other = Center.objects.get(code=code), Center.objects.get(code=world.place())
        roles = ("duty_officer", "duty_officer", "supervisor", "director", "responder")
        self.people = [self._hire(role) for role in roles]
        self.by = Person.objects.get(pk=self.people[0])
        self.network, self.button = load(), world.button(code)

    def _hire(self, role: str) -> int:
        from tocsin.centers.models import Center
        from tocsin.people.models import Role

        person = self.world.member(self.code)
        for center in (self.center.pk, self.other.pk):
            Role.objects.create(person=person, center=Center.objects.get(pk=center), name=role)
        return int(person.pk)

    def swap(self, pk: int) -> Any:
        from tocsin.incidents.models import Incident

        return self.other if Incident.objects.get(pk=pk).center_id == self.center.pk else self.center

    def clock(self, at: datetime, most: int) -> None:
        """What a clock does in a moment: all that is due."""
        from tocsin.escalation.stages import escalate

        for _ in range(8):
            if not escalate(self.network, at, most):
                return

    def clocks(self, at: datetime) -> None:
        """Two at once, each until nothing is due."""
        from tocsin.escalation.stages import escalate

        failed: list[BaseException] = []

        def run() -> None:
            try:
                while escalate(self.network, at, 1):
                    pass
            except BaseException as error:
                failed.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failed, failed


def test_an_unclaimed_alarm_always_climbs_and_nothing_is_lost_or_told_twice(world: Town) -> None:
    """For any plan, roster, contacts, and sequence of what people, clocks, couriers and channels do."""
    from tocsin.rosters.models import Shift

    stage = Stage(world, world.place())
    has = st.tuples(*[st.lists(st.sampled_from(CHANNELS), max_size=3, unique=True)] * len(stage.people))

    @settings(max_examples=70, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(plan=plans, has=has, moves=moves)
    def plays(plan: Any, has: Any, moves: list[Any]) -> None:
        Shift.objects.filter(center=stage.center).delete()
        play = Play(stage, plan, list(has))
        try:
            play.look()
            for move in moves:
                play.move(*move)
                play.look()
            play.finish()
        finally:
            world.rows("DELETE FROM escalation_step WHERE done_at IS NULL")
            world.rows(
                "UPDATE notifications_delivery SET state = 'cancelled', unread_due = NULL "
                "WHERE state IN ('queued', 'sending') OR unread_due IS NOT NULL"
            )

    plays()


def test_a_roster_hole_on_the_night_when_clocks_change_falls_on_all_with_the_role(world: Town, place: str) -> None:
    """Berlin, 29 March 2026: 02:00 becomes 03:00. The night shift ends at 03:00, the next begins at 04:00."""
    from tocsin.centers.models import Center
    from tocsin.incidents.actions import open_by_hand
    from tocsin.notifications.models import Contact, Delivery
    from tocsin.people.models import Person
    from tocsin.rosters.models import Shift
    from tocsin.rosters.rules import Weekly, gaps, shifts

    center = Center.objects.get(code=place)
    center.time_zone = "Europe/Berlin"
    center.save()
    from zoneinfo import ZoneInfo

    zone, sunday = ZoneInfo("Europe/Berlin"), date(2026, 3, 29)
    desks: list[Desk] = [world.desk(place, since=datetime(2020, 1, 1, tzinfo=UTC)) for _ in range(3)]
    for desk in desks:
        Contact.objects.create(person_id=desk.person, channel="webpush", address=f"w-{desk.person}")
    first, last = datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 12, tzinfo=UTC)
    spans = [
        *shifts(Weekly(5, time(22), 5 * 60, sunday - timedelta(days=7)), zone, first, last),  # Saturday 22:00 to 03:00
        *shifts(Weekly(6, time(4), 8 * 60, sunday - timedelta(days=7)), zone, first, last),  # Sunday 04:00 to 12:00
    ]
    for desk, (start, end) in zip(desks, spans, strict=False):
        Shift.objects.create(
            center=center, duty="duty_officer", person_id=desk.person, starts_at=start, ends_at=end
        )  # fmt: skip
    hole = gaps(spans, spans[0][0], spans[1][1])
    assert hole == [(datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 3, 29, 2, tzinfo=UTC))], "03:00 to 04:00"

    def told(at: datetime) -> set[int | None]:
        from tocsin.centers.network import load
        from tocsin.escalation.stages import escalate

        incident = open_by_hand(center, Person.objects.get(pk=desks[0].person), at)
        network = load()
        while escalate(network, at):
            pass
        world.rows("DELETE FROM escalation_step WHERE done_at IS NULL")
        return set(Delivery.objects.filter(incident=incident).values_list("person_id", flat=True))

    before, within, after = (datetime(2026, 3, 29, *wall, tzinfo=UTC) for wall in ((0, 59), (1, 1), (2, 0)))
    assert told(before) == {desks[0].person}
    assert told(within) == {desk.person for desk in desks}, "nobody is on the roster: all who hold the role"
    assert told(after) == {desks[1].person}


def test_one_incident_that_cannot_be_served_holds_up_no_other(
    world: Town, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tocsin.escalation import stages as station
    from tocsin.notifications import alarm

    broken, well = (world.button(place).press().incident for _ in range(2))

    def faulty(firings: Any, network: Any, at: datetime) -> Any:
        if any(firing.incident.pk == broken for firing in firings):
            raise ZeroDivisionError
        return alarm.fired(firings, network, at)

    monkeypatch.setattr(station.Reactions, "fired", (faulty,))
    world.advance(seconds=61)
    assert [number for number, _, _ in world.steps(broken)] == [0, 1, 2, 3, 4, 5]
    assert [number for number, _, _ in world.steps(well)] == [0, 1, 2, 3, 4, 5]
    assert world.timeline(broken).count("escalated") == 4, "it rings everywhere instead"
    assert world.timeline(well) == ["opened", "escalated"]


def test_after_an_outage_repeats_keep_their_pace(world: Town, place: str) -> None:
    from tocsin.centers.network import load
    from tocsin.escalation.stages import escalate

    incident = world.button(place).press().incident
    world.advance(seconds=125)
    at = datetime.now(UTC) + timedelta(minutes=30)  # nobody served it for half an hour
    network, begun = load(), len(world.steps(incident))
    for second in range(0, 61, 5):
        escalate(network, at + timedelta(seconds=second))
    assert len(world.steps(incident)) - begun == 2, "at once, then a minute later"
