"""Whoever stands finds exactly theirs, whatever the query: no filter of the application takes part here."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest

from tests.wall.conftest import as_web
from tests.world import Desk, Town, until


class Scene(NamedTuple):
    """Two centers with a member, an alarm and an officer each; one responder who was sent to the first alarm."""

    world: Town
    here: str
    there: str
    mine: Any  # the member of the first
    theirs: Any
    a: int  # their incidents
    b: int
    officer: Desk
    other: Desk
    parent: Desk
    sent: Any
    idle: Any


@pytest.fixture
def scene(world: Town, place: str) -> Scene:
    from django.utils import timezone

    from tocsin.centers.models import Center
    from tocsin.escalation.models import Step
    from tocsin.notifications.models import Contact, Relative
    from tocsin.people.models import Role

    there = world.place()
    officer, other, parent = world.desk(place), world.desk(there), world.desk("GP", "supervisor")
    first, second = world.button(place), world.button(there)
    a, b = first.press().incident, second.press().incident
    responders = []
    for n in (1, 2):
        person = world.member(place, name=f"Responder {n} {place}", phone=f"+2782{place[1:]}555{n}")
        Role.objects.create(person=person, center=Center.objects.get(code=place), name="responder")
        responders.append(person)
    mine, theirs = world.person_of(first), world.person_of(second)
    for person in (mine, theirs):
        Contact.objects.create(person=person, channel="email", address=f"{person.pk}@example.org")
        Relative.objects.create(person=person, name="Sister", phone="+27825550000")
    officer.claim(a)
    officer.done("dispatch", a, kind="responder", responder=responders[0].pk)
    officer.done("note", a, text="of the first")
    other.claim(b)
    other.done("note", b, text="of the second")
    for incident in (a, b):
        Step.objects.create(incident_id=incident, number=1, due=timezone.now(), done_at=timezone.now())
    return Scene(world, place, there, mine, theirs, a, b, officer, other, parent, *responders)


def person(pk: Any) -> Any:
    from tocsin.people.models import Person

    return Person.objects.get(pk=pk)


def found(scene: Scene, who: Any) -> dict[str, Any]:
    """What whole tables hold for this person, of the scene's two sides: "a", "b", "ab" or ""."""
    from tocsin.book.models import Entry
    from tocsin.devices.models import Device
    from tocsin.escalation.models import Step
    from tocsin.gates.models import Knock, StoredSignal, Trace
    from tocsin.incidents.models import Dispatch, Incident, Note
    from tocsin.incidents.standing import stand
    from tocsin.lib import wall
    from tocsin.notifications.models import Contact, Delivery, Relative, Reply
    from tocsin.people.models import Person, SignInCode, StaffKey

    def sides(values: Any, a: Any, b: Any) -> str:
        there = set(values)
        return ("a" if a in there else "") + ("b" if b in there else "")

    def incidents(query: Any) -> str:
        return sides(query.values_list("incident_id", flat=True), scene.a, scene.b)

    def people(query: Any, field: str = "person_id") -> str:
        return sides(query.values_list(field, flat=True), scene.mine.pk, scene.theirs.pk)

    with as_web():
        wall.clear()
        if who is not None:
            stand(who, datetime.now(UTC))
        return {
            "incidents": sides(Incident.objects.values_list("pk", flat=True), scene.a, scene.b),
            "signals": incidents(StoredSignal.objects.all()),
            "notes": incidents(Note.objects.all()),
            "sent": incidents(Dispatch.objects.all()),
            "entries": incidents(Entry.objects.all()),
            "steps": incidents(Step.objects.all()),
            "people": people(Person.objects.all(), "pk"),
            "devices": people(Device.objects.all()),
            "contacts": people(Contact.objects.all()),
            "relatives": people(Relative.objects.all()),
            "deliveries": sorted(set(Delivery.objects.values_list("person_id", flat=True))),
            "keys": sorted(set(StaffKey.objects.values_list("person_id", flat=True))),
            "never": [model.objects.count() for model in (SignInCode, Reply, Knock, Trace)],
        }


@pytest.fixture
def nothing() -> dict[str, Any]:
    names = ["incidents", "signals", "notes", "sent", "entries", "steps", "people", "devices", "contacts", "relatives"]
    return {**dict.fromkeys(names, ""), "deliveries": [], "keys": [], "never": [0, 0, 0, 0]}


@pytest.fixture
def all_of_it() -> dict[str, str]:
    return dict.fromkeys(["incidents", "signals", "notes", "entries", "steps", "people", "devices"], "a")


def test_nobody(scene: Scene, nothing: dict[str, Any]) -> None:
    assert found(scene, None) == nothing


def test_a_member_finds_their_own_alarm_and_what_they_gave_us(scene: Scene, nothing: dict[str, Any]) -> None:
    own = dict.fromkeys(("incidents", "signals", "sent", "steps", "people", "devices", "contacts", "relatives"), "a")
    seen = found(scene, scene.mine)
    assert seen == {**nothing, **own, "deliveries": seen["deliveries"]}
    assert set(seen["deliveries"]) <= {scene.mine.pk}


def test_a_member_knows_who_helps_them_and_no_other_member(scene: Scene) -> None:
    from tocsin.incidents.standing import stand
    from tocsin.people.models import Person

    with as_web():
        stand(scene.mine, datetime.now(UTC))
        known = set(Person.objects.values_list("pk", flat=True))
    assert known == {scene.mine.pk, scene.officer.person, scene.sent.pk}


def test_an_officer_finds_what_is_at_their_center(
    scene: Scene, nothing: dict[str, Any], all_of_it: dict[str, Any]
) -> None:
    seen = found(scene, person(scene.officer.person))
    assert seen == {**nothing, **all_of_it, "sent": "a", "keys": [scene.officer.person]}


def test_an_officer_of_another_center_finds_nothing_of_it(
    scene: Scene, nothing: dict[str, Any], all_of_it: dict[str, Any]
) -> None:
    other = dict.fromkeys(all_of_it, "b")
    assert found(scene, person(scene.other.person)) == {**nothing, **other, "keys": [scene.other.person]}


def test_a_parent_s_supervisor_finds_both(scene: Scene, nothing: dict[str, Any], all_of_it: dict[str, Any]) -> None:
    both = dict.fromkeys(all_of_it, "ab")
    assert found(scene, person(scene.parent.person)) == {
        **nothing, **both, "sent": "a", "keys": [scene.parent.person],
    }  # fmt: skip


def test_a_responder_finds_what_they_were_sent_to_while_it_runs(
    scene: Scene, nothing: dict[str, Any], all_of_it: dict[str, Any]
) -> None:
    seen = found(scene, scene.sent)
    own = {**all_of_it, "entries": "", "sent": "a", "deliveries": [scene.sent.pk]}
    assert seen == {**nothing, **own}
    assert found(scene, scene.idle) == nothing, "who was not sent finds nothing"
    scene.officer.close(scene.a)
    assert found(scene, scene.sent) == {**nothing, "deliveries": [scene.sent.pk]}


def test_a_role_that_is_over_opens_nothing(scene: Scene, nothing: dict[str, Any]) -> None:
    gone = scene.world.desk(scene.here, until=datetime(2026, 1, 1, tzinfo=UTC))
    assert found(scene, person(gone.person)) == {**nothing, "keys": [gone.person]}


def writes(scene: Scene) -> Iterator[tuple[str, Any]]:
    """What must touch no row of the first center."""
    from tocsin.devices.models import Device, Site
    from tocsin.incidents.models import Dispatch, Incident, Note
    from tocsin.notifications.models import Contact, Delivery, Relative
    from tocsin.people.models import Person, Role, StaffKey

    yield "incident", Incident.objects.filter(pk=scene.a).update(state="closed")
    yield "dispatch", Dispatch.objects.filter(incident=scene.a).update(state="done")
    yield "note", Note.objects.filter(incident=scene.a).update(text=None)
    yield "note gone", Note.objects.filter(incident=scene.a)._raw_delete("default")
    yield "person", Person.objects.filter(pk=scene.mine.pk).update(phone="+27820000000")
    others = Person.objects.exclude(pk__in=(scene.other.person, scene.theirs.pk))
    yield "superuser", others.update(is_superuser=True)
    yield "role", Role.objects.all().update(until=None)
    yield "key", StaffKey.objects.exclude(person=scene.other.person).update(revoked_at=None)
    yield "device", Device.objects.filter(person=scene.mine).update(revoked_at=datetime.now(UTC))
    yield "site", Site.objects.filter(center__code=scene.here).update(name="x")
    yield "contact", Contact.objects.filter(person=scene.mine).update(address="x")
    yield "relative", Relative.objects.filter(person=scene.mine).update(withdrawn_at=None)
    yield "delivery", Delivery.objects.filter(incident=scene.a).update(state="cancelled")


def test_writing_to_what_is_others_touches_nothing(scene: Scene) -> None:
    from tocsin.incidents.standing import stand

    for who in (person(scene.other.person), scene.theirs):
        with as_web():
            stand(who, datetime.now(UTC))
            for name, touched in writes(scene):
                assert touched == 0, (name, who)


def test_nobody_gives_themselves_a_role_or_writes_in_another_s_name(scene: Scene) -> None:
    from django.db import ProgrammingError, transaction

    from tocsin.centers.models import Center
    from tocsin.incidents.models import Incident, Note
    from tocsin.incidents.standing import stand
    from tocsin.people.models import Role

    me = person(scene.other.person)
    center = Center.objects.get(code=scene.here)
    incident, officer = Incident.objects.get(pk=scene.a), person(scene.officer.person)
    with as_web() as connection:
        stand(me, datetime.now(UTC))
        for attempt in (
            lambda: Role.objects.create(person=me, center=center, name="director"),
            lambda: Note.objects.create(incident=incident, author=officer, text="x", salt=b"", at=me.created_at),
            lambda: Incident.objects.create(center=center, centers=[center.pk]),
            lambda: connection.cursor().execute(
                "INSERT INTO book_entry (center_id, number, at, kind, facts, actor_id, echo, hash) "
                "VALUES (%s, 999999, now(), 'noted', '{}', %s, false, '')",
                (center.pk, scene.officer.person),
            ),
        ):
            with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
                attempt()
        with pytest.raises(ProgrammingError, match="administrator"), transaction.atomic():
            type(me).objects.filter(pk=me.pk).update(is_superuser=True)


def test_the_page_and_the_wall_agree(scene: Scene) -> None:
    """The API, whose process is behind the wall: names, positions, timeline and deliveries are all there."""
    seen = scene.officer.incident(scene.a)
    assert seen["person"]["id"] == scene.mine.pk
    assert seen["claimed_by"]["name"] == scene.officer.name
    assert seen["dispatches"][0]["who"] == scene.sent.name
    assert seen["device"]["protocol"] == "app"
    assert seen["trail"] and "of the first" in str(seen["timeline"])
    assert [d["who"]["name"] for d in seen["deliveries"]] == [scene.sent.name] * len(seen["deliveries"]) != []
    assert scene.other.get(f"incidents/{scene.a}").status_code == 404
    until(lambda: scene.parent.incident(scene.a)["state"] == "dispatched")
