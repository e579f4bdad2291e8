"""Who gives and takes roles. A story of any length against an oracle that knows who has what at any time."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.world import Town

GRAVE = {"director", "administrator", "auditor", "supervisor"}
NAMES = ("responder", "duty_officer", "liaison", "editor", "supervisor", "director", "auditor", "administrator")
_codes = itertools.count(1)


def refused(verb: Any, *arguments: Any) -> str:
    """The reason; "" when it was done."""
    from tocsin.lib.refused import Refused

    try:
        verb(*arguments)
    except Refused as error:
        return error.reason
    return ""


def center_of(world: Town, code: str) -> Any:
    from tocsin.centers.models import Center

    return Center.objects.get(code=code)


def staff(world: Town, center: str, role: str) -> Any:
    from tocsin.people.models import Person

    return Person.objects.get(pk=world.desk(center, role).person)


def kinds(world: Town, center: str) -> list[str]:
    return [e["kind"] for e in world.book(center).entries() if e["kind"].startswith("role_")]


def has(person: Any, center: Any, at: datetime) -> set[str]:
    return set(person.roles.in_force(at).filter(center=center).values_list("name", flat=True))


def test_a_director_makes_a_duty_officer_and_everybody_is_told(world: Town, place: str) -> None:
    from tocsin.book.read import after
    from tocsin.notifications.models import Delivery
    from tocsin.people import roles

    director, member, now = (
        staff(world, place, "director"),
        world.member(place, phone="+27607999001"),
        datetime.now(UTC),
    )
    center = center_of(world, place)
    roles.grant(member, center, "duty_officer", director, now, now, now + timedelta(days=365))
    assert has(member, center, now) == {"duty_officer"}
    assert has(member, center, now + timedelta(days=366)) == set()
    told = Delivery.objects.get(person=member, message="role")
    assert told.values["duty"] == "duty_officer"
    entry = after(center.pk, 0, 50)[-1]
    for language in ("zh-hans", "en"):
        said = entry.said(language)["text"]  # type: ignore[arg-type]
        assert director.name in said and member.name in said and "{" not in said
    role = member.roles.get()
    roles.end(role, director, now + timedelta(hours=1))
    assert has(member, center, now + timedelta(hours=2)) == set()
    assert kinds(world, place) == ["role_granted", "role_ended"]


def test_a_grave_role_takes_two_and_never_oneself(world: Town, place: str) -> None:
    from tocsin.people import roles
    from tocsin.people.models import RoleProposal

    one, two = staff(world, place, "director"), staff(world, "GP", "director")
    member, officer, center, now = (
        world.member(place),
        staff(world, place, "duty_officer"),
        center_of(world, place),
        datetime.now(UTC),
    )
    assert refused(roles.grant, member, center, "supervisor", officer, now, now, None) == "role_not_yours"
    assert refused(roles.grant, one, center, "auditor", one, now, now, None) == "role_own"
    assert refused(roles.grant, one, center, "editor", one, now, now, None) == "role_own"
    proposal = roles.grant(member, center, "supervisor", one, now, now, None)
    assert isinstance(proposal, RoleProposal)
    assert has(member, center, now) == set()
    assert refused(roles.confirm, proposal, one, now) == "role_same"
    assert refused(roles.confirm, proposal, officer, now) == "role_not_yours"
    roles.confirm(proposal, two, now)
    assert has(member, center, now + timedelta(seconds=1)) == {"supervisor"}
    assert refused(roles.confirm, proposal, two, now) == "role_decided"
    # and to take it away it takes two as well
    role = member.roles.get(name="supervisor")
    ending = roles.end(role, two, now + timedelta(hours=1))
    assert isinstance(ending, RoleProposal)
    assert has(member, center, now + timedelta(hours=2)) == {"supervisor"}
    roles.confirm(ending, one, now + timedelta(hours=3))
    assert has(member, center, now + timedelta(hours=4)) == set()
    assert kinds(world, place) == ["role_proposed", "role_confirmed", "role_end_proposed", "role_ended"]
    # whom a proposal is about cannot confirm it, whatever they are by now
    about = roles.grant(two, center, "auditor", one, now, now, None)
    assert refused(roles.confirm, about, two, now) == "role_own"
    world.rows("DELETE FROM people_roleproposal WHERE id = %s", about.pk)


def test_a_proposal_waits_seven_days(world: Town, place: str) -> None:
    from tocsin.notifications.models import Delivery
    from tocsin.people import roles

    one, two, now = staff(world, place, "director"), staff(world, place, "director"), datetime.now(UTC)
    one.phone = "+27607999002"
    one.save()
    member, center = world.member(place), center_of(world, place)
    proposal = roles.grant(member, center, "auditor", one, now, now, None)
    roles.expire(now + timedelta(days=6, hours=23))
    proposal.refresh_from_db()
    assert proposal.outcome == ""
    late = now + timedelta(days=7)
    assert refused(roles.confirm, proposal, two, late) == "role_decided"
    assert roles.expire(late) >= 1
    assert roles.expire(late) == 0
    proposal.refresh_from_db()
    assert (proposal.outcome, proposal.decided_by) == ("expired", None)
    assert kinds(world, place) == ["role_proposed", "role_proposal_expired"]
    assert Delivery.objects.filter(person=one, message="role", values__words="expired").exists()
    roles.grant(member, center, "auditor", one, late, late, None)  # proposed again


def test_who_proposed_and_lost_the_right_proposed_nothing(world: Town, place: str) -> None:
    from tocsin.people import roles

    one, two, now = staff(world, place, "director"), staff(world, place, "director"), datetime.now(UTC)
    proposal = roles.grant(world.member(place), center_of(world, place), "auditor", one, now, now, None)
    roles.end(one.roles.get(), one, now)  # stepped down
    assert refused(roles.confirm, proposal, two, now + timedelta(seconds=1)) == "role_proposer_gone"


def test_the_last_administrator_stays(world: Town) -> None:
    from tocsin.people import roles
    from tocsin.people.models import Role

    director, root = staff(world, "NAT", "director"), center_of(world, "NAT")
    now = datetime.now(UTC)
    rows = Role.objects.in_force(now).filter(name="administrator", center=root)
    last = rows.select_related("person").get()
    assert refused(roles.end, last, last.person, now) == "role_last"
    assert refused(roles.end, last, director, now) == "role_last"
    short = Role.objects.create(
        person=world.member("NAT"), center=root, name="administrator", since=now, until=now + timedelta(days=30)
    )
    assert refused(roles.end, last, last.person, now) == "role_last"  # the other would be gone in a month
    Role.objects.filter(pk=short.pk).update(until=None)
    roles.end(last, last.person, now)
    left = Role.objects.get(pk=short.pk)
    assert refused(roles.end, left, left.person, now + timedelta(seconds=1)) == "role_last"
    Role.objects.filter(pk=last.pk).update(until=None)
    Role.objects.filter(pk=short.pk).delete()


class Story(RuleBasedStateMachine):
    """Grant, propose, confirm, decline, end, wait. The oracle keeps (person, role) → terms, and open proposals."""

    world: Town

    @initialize()
    def begins(self) -> None:
        from tocsin.centers.models import Center
        from tocsin.people.models import Person, Role

        self.now = datetime.now(UTC).replace(microsecond=0)
        parent = Center.objects.get(code="GP")
        n = next(_codes)
        self.center = Center.objects.create(code=f"S{n:05d}", name_en=f"Story {n}", name_zh=f"故事{n}", parent=parent,
                                            lat=-70.0, lon=0.0)  # fmt: skip
        self.people = [Person.objects.create(name=f"S{n} {i}", center=self.center, password="!") for i in range(5)]
        self.terms: dict[int, tuple[int, str, datetime, datetime | None]] = {}  # role → person, name, since, until
        self.open: dict[int, tuple[str, int, str, int, datetime, int | None, datetime | None]] = {}
        for person in self.people[:2]:
            role = Role.objects.create(person=person, center=self.center, name="director", since=self.now)
            self.terms[role.pk] = person.pk, "director", self.now, None

    def holds(self, person: int, name: str, at: datetime) -> bool:
        return any(
            p == person and n == name and since <= at and (until is None or until > at)
            for p, n, since, until in self.terms.values()
        )

    def governs(self, person: int) -> bool:
        return self.holds(person, "director", self.now) or self.holds(person, "administrator", self.now)

    def overlapping(self, person: int, name: str, since: datetime, until: datetime | None) -> bool:
        return any(
            p == person and n == name and (u is None or u > max(s, since)) and (until is None or until > s)
            for p, n, s, u in self.terms.values()
        )

    def pending(self, person: int, name: str, act: str) -> bool:
        return any(o[:3] == (act, person, name) and o[4] > self.now for o in self.open.values())

    @rule(hours=st.integers(1, 24 * 8))
    def wait(self, hours: int) -> None:
        from tocsin.people import roles

        self.now += timedelta(hours=hours)
        roles.expire(self.now)
        self.open = {pk: o for pk, o in self.open.items() if o[4] > self.now}

    @rule(
        by=st.integers(0, 4), who=st.integers(0, 4), name=st.sampled_from(NAMES),
        after=st.sampled_from((0, 0, 0, 5)), days=st.sampled_from((None, 1, 9)),
    )  # fmt: skip
    def grant(self, by: int, who: int, name: str, after: int, days: int | None) -> None:
        from tocsin.people import roles
        from tocsin.people.models import Role

        giver, person = self.people[by], self.people[who]
        since = self.now + timedelta(days=after)
        until = since + timedelta(days=days) if days else None
        expected = (
            "role_not_yours" if not self.governs(giver.pk)
            else "role_own" if giver.pk == person.pk
            else "role_held" if self.overlapping(person.pk, name, since, until)
            else "role_proposed_already" if name in GRAVE and self.pending(person.pk, name, "grant")
            else ""
        )  # fmt: skip
        made: list[Any] = []
        reason = refused(lambda: made.append(roles.grant(person, self.center, name, giver, self.now, since, until)))
        assert reason == expected
        if made and isinstance(made[0], Role):
            assert name not in GRAVE
            self.terms[made[0].pk] = person.pk, name, since, until
        elif made:
            assert name in GRAVE
            self.open[made[0].pk] = "grant", person.pk, name, giver.pk, made[0].expires_at, None, until
            assert made[0].expires_at == self.now + timedelta(days=7)
            self.since = {**getattr(self, "since", {}), made[0].pk: since}

    @precondition(lambda self: self.open)
    @rule(by=st.integers(0, 4), which=st.integers(0, 99), yes=st.booleans())
    def decide(self, by: int, which: int, yes: bool) -> None:
        from tocsin.people import roles
        from tocsin.people.models import RoleProposal

        pk = sorted(self.open)[which % len(self.open)]
        act, person, name, proposer, _, role, until = self.open[pk]
        one = self.people[by]
        proposal = RoleProposal.objects.get(pk=pk)
        if not yes:
            own = one.pk == proposer
            expected = "" if own else self.may(one.pk, person)
            assert refused(roles.decline, proposal, one, self.now) == expected
            if not expected:
                del self.open[pk]
            return
        expected = self.may(one.pk, person) or ("role_same" if one.pk == proposer else "")
        expected = expected or ("" if self.governs(proposer) else "role_proposer_gone")
        if not expected and act == "end":
            gone = self.terms[role or 0][3]
            expected = "role_over" if gone is not None and gone <= self.now else self.last(role or 0)
        if not expected and act == "grant":
            since = max(self.since[pk], self.now)
            expected = "role_term" if until is not None and until <= since else ""
            expected = expected or ("role_held" if self.overlapping(person, name, since, until) else "")
        made: list[Any] = []
        assert refused(lambda: made.append(roles.confirm(proposal, one, self.now))) == expected
        if made:
            del self.open[pk]
            self.take(made[0])

    def may(self, by: int, person: int) -> str:
        return "role_not_yours" if not self.governs(by) else "role_own" if by == person else ""

    def last(self, role: int) -> str:
        """NAT has an administrator without an end above this center: here none is ever the last."""
        return ""

    def take(self, role: Any) -> None:
        self.terms[role.pk] = role.person_id, role.name, role.since, role.until
        if role.until is not None and role.until <= max(self.now, role.since):
            self.open = {pk: o for pk, o in self.open.items() if not (o[0] == "end" and o[5] == role.pk)}

    @precondition(lambda self: self.terms)
    @rule(by=st.integers(0, 4), which=st.integers(0, 99))
    def end(self, by: int, which: int) -> None:
        from tocsin.people import roles
        from tocsin.people.models import Role

        pk = sorted(self.terms)[which % len(self.terms)]
        person, name, _, until = self.terms[pk]
        one = self.people[by]
        if until is not None and until <= self.now:
            expected = "role_over"
        elif one.pk == person:
            expected = ""
        else:
            expected = self.may(one.pk, person)
            if not expected and name in GRAVE and self.pending(person, name, "end"):
                expected = "role_proposed_already"
        made: list[Any] = []
        role = Role.objects.select_related("center").get(pk=pk)
        assert refused(lambda: made.append(roles.end(role, one, self.now))) == expected
        if made and isinstance(made[0], Role):
            assert name not in GRAVE or one.pk == person
            self.take(made[0])
        elif made:
            self.open[made[0].pk] = "end", person, name, one.pk, made[0].expires_at, pk, None

    @invariant()
    def everybody_has_what_the_oracle_says(self) -> None:
        from tocsin.people.models import Role

        if not hasattr(self, "center"):
            return
        for at in (self.now, self.now + timedelta(days=6), self.now + timedelta(days=400)):
            found = set(Role.objects.in_force(at).filter(center=self.center).values_list("person_id", "name"))
            assert found == {(p, n) for p, n, *_ in self.terms.values() if self.holds(p, n, at)}

    def teardown(self) -> None:
        if not hasattr(self, "center"):
            return
        verdict = self.world.book(self.center.code).verdict()
        assert verdict.ok, verdict
        self.world.rows("DELETE FROM people_roleproposal WHERE center_id = %s", self.center.pk)


def test_any_story_of_roles(world: Town) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    Story.world = world
    run_state_machine_as_test(
        Story,
        settings=settings(
            max_examples=30, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_the_wall_lets_nobody_write_a_role(world: Town, place: str) -> None:
    """By itself the web's role of the database adds no role, and takes none."""
    import psycopg

    from tocsin import database

    director = staff(world, place, "director")
    with psycopg.connect(database.url(database.WEB), autocommit=True) as web:
        web.execute("SELECT set_config('tocsin.person', %s, false)", (str(director.pk),))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            web.execute(
                "INSERT INTO people_role (person_id, center_id, name, since) VALUES (%s, %s, 'administrator', now())",
                (director.pk, director.center_id),
            )
        assert web.execute("UPDATE people_role SET until = now()").rowcount == 0
        assert web.execute("SELECT count(*) FROM people_signincode").fetchone() == (0,)
