"""What is kept goes in its time, in small batches, and never in an alarm's way."""

import threading
import time
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.privacy.conftest import Story, later, now
from tests.world import Town


def placed(world: Town, incident: int) -> tuple[int, bool]:
    """How many signals of the incident say where, and whether the incident does."""
    ((signals,),) = world.rows("SELECT count(*) FROM gates_signal WHERE incident_id = %s AND lat IS NOT NULL", incident)
    ((own,),) = world.rows("SELECT lat IS NOT NULL FROM incidents_incident WHERE id = %s", incident)
    return int(signals), bool(own)


def test_where_somebody_was_goes_thirty_days_after_closing_and_the_alarm_stays_known(story: Story) -> None:
    from tocsin.privacy import keeping

    world = story.world
    press = story.button.press("robbery", text="help")
    incident = int(press.incident)
    lat, lon = world.homes[story.place]
    story.button.moves(lat + 0.001, lon)
    keeping.sweep_all(later(days=60))
    assert placed(world, incident) == (2, True), "it is open: nothing goes"
    story.desk.claim(incident)
    story.desk.close(incident)
    keeping.sweep_all(later(days=29))
    assert placed(world, incident) == (2, True)
    keeping.sweep_all(later(days=31))
    assert placed(world, incident) == (0, False)
    kinds = world.rows("SELECT kind, alarm FROM gates_signal WHERE incident_id = %s", incident)
    assert kinds == [("alarm", "robbery")], "of a trail nothing stays; that there was an alarm, does"
    assert world.book(story.place).verdict().ok
    again = story.button.press("robbery", text="help", id_=press.id)
    assert (again.status, again.incident) == (200, incident), "a resend opens nothing new"


def test_outside_an_incident_nobody_knows_where_a_member_is(story: Story) -> None:
    from tocsin.privacy import keeping

    world = story.world
    lat, lon = world.homes[story.place]
    answer = story.button.moves(lat, lon)
    assert answer.status == 201, "the signal is kept and answered"
    assert world.rows("SELECT lat, lon, accuracy FROM gates_signal WHERE id = %s", answer.id) == [(None, None, None)]
    alarm = story.button.press("robbery")
    assert world.rows("SELECT lat IS NOT NULL FROM gates_signal WHERE id = %s", alarm.id) == [(True,)]
    keeping.sweep_all(later(hours=23))
    assert world.stored(answer.id) == 1
    keeping.sweep_all(later(hours=25))
    assert world.stored(answer.id, alarm.id) == 1


def test_a_device_of_a_center_says_where_it_is_for_a_day(world: Town, place: str) -> None:
    from tocsin.privacy import keeping

    tracker = world.device("osmand", f"9{time.time_ns()}"[:15], place)
    lat, lon = world.homes[place]
    tracker.move(lat, lon)
    ((number,),) = world.rows("SELECT id FROM devices_device WHERE identifier = %s", tracker.identifier)
    where = "SELECT count(*) FROM gates_signal WHERE device_id = %s AND lat IS NOT NULL"
    assert world.rows(where, number) == [(1,)]
    keeping.sweep_all(later(hours=25))
    assert world.rows(where, number) == [(0,)]


def test_words_go_after_a_year_and_the_book_stays_whole(story: Story) -> None:
    from tocsin.incidents.models import Note
    from tocsin.privacy import keeping

    incident = story.alarm(close=False)
    story.desk.done("note", incident, text="spoke with the aunt")
    story.world.rows(
        "UPDATE incidents_incident SET caller = 'A caller', phone = '+27825550111' WHERE id = %s", incident
    )
    story.desk.claim(incident)
    story.desk.close(incident)
    keeping.sweep_all(later(days=364))
    assert Note.objects.filter(incident=incident, text__isnull=False).count() == 2
    keeping.sweep_all(later(days=366))
    notes = Note.objects.filter(incident=incident)
    assert {(n.text, bytes(n.salt)) for n in notes} == {(None, b"")}, "with the salt nobody can guess short words"
    query = "SELECT caller, phone FROM incidents_incident WHERE id = %s"
    assert story.world.rows(query, incident) == [(None, None)]
    assert story.world.book(story.place).verdict().ok
    assert [e["note"] for e in story.desk.incident(incident)["timeline"] if e["kind"] == "noted"] == [None]


def test_a_delivery_loses_address_and_words_and_still_counts(story: Story) -> None:
    from tocsin.notifications.models import Delivery
    from tocsin.privacy import keeping

    incident = story.alarm()
    for n in range(2):  # two numbers of one person, for one message: they stay two rows
        Delivery.objects.create(
            incident_id=incident, person=story.person, channel="sms", address=f"+2782555000{n}", language="en",
            message="alarm", values={"who": story.name}, due=now(), token=f"{story.phone}-{n}", state="answered",
            words="on my way", error="x",
        )  # fmt: skip
    waiting = Delivery.objects.create(
        person=story.person, channel="sms", address="+27825550009", language="en", message="trial", values={},
        due=now(), token=f"{story.phone}-waits",
    )  # fmt: skip
    mine = Delivery.objects.filter(incident=incident, person=story.person)
    keeping.sweep_all(later(days=89))
    assert mine.filter(words="on my way").count() == 2
    keeping.sweep_all(later(days=91))
    assert mine.count() == 2
    for row in mine:
        assert (row.address, row.words, row.values, row.error) == (f"gone-{row.pk}", "", {}, "")
        assert row.token != f"{story.phone}-0"
    waiting.refresh_from_db()
    assert waiting.address == "+27825550009", "what is still to be sent is not emptied"


def test_a_drill_forgets_where_after_a_week(story: Story) -> None:
    from tocsin.privacy import keeping

    incident = story.alarm()
    story.world.rows("UPDATE incidents_incident SET drill = true WHERE id = %s", incident)
    keeping.sweep_all(later(days=6))
    assert placed(story.world, incident)[1]
    keeping.sweep_all(later(days=8))
    assert placed(story.world, incident) == (0, False)


def test_who_left_is_not_reached_any_more_a_month_later(story: Story) -> None:
    from tocsin.notifications.models import Contact, Relative
    from tocsin.privacy import keeping

    keeping.sweep_all(now())
    assert Contact.objects.filter(person=story.person).exists()
    story.person.is_active = False
    story.person.save()
    keeping.sweep_all(now())
    keeping.sweep_all(later(days=29))
    assert Contact.objects.filter(person=story.person).exists()
    keeping.sweep_all(later(days=31))
    assert not Contact.objects.filter(person=story.person).exists()
    gone = Relative.objects.get(person=story.person)
    assert (gone.name, gone.phone, gone.withdrawn_at is None) == ("", None, False)


def test_a_hold_keeps_everything_until_it_ends_and_the_book_says_so(story: Story) -> None:
    from tocsin.incidents.models import Incident
    from tocsin.lib.refused import Refused
    from tocsin.privacy import holds, keeping

    incident, boss = story.alarm(), story.director()
    row = Incident.objects.get(pk=incident)
    for reason, until in (("", later(days=5)), ("a case", now() - timedelta(days=1)), ("a case", later(days=2000))):
        with pytest.raises(Refused):
            holds.hold(row, reason, until, boss, now())
    held = holds.hold(row, "Case 12/3/2026 before the court", later(days=100), boss, now())
    with pytest.raises(Refused):
        holds.hold(row, "again", later(days=100), boss, now())
    assert keeping.is_held(incident, now())
    keeping.sweep_all(later(days=99))
    assert placed(story.world, incident) == (2, True)
    holds.end(held, boss, now())
    keeping.sweep_all(later(days=99))
    assert placed(story.world, incident) == (0, False)
    entries = story.world.book(story.place).entries(incident=incident)
    assert [e["kind"] for e in entries if "h" in e["kind"][:2] and "hold" in e["kind"] or e["kind"] == "held"] == [
        "held",
        "hold_ended",
    ]
    assert "court" not in str(entries), "the reason lies beside"
    assert story.world.book(story.place).verdict().ok


def test_a_hold_that_ran_out_holds_nothing_and_another_may_follow(story: Story) -> None:
    from tocsin.incidents.models import Incident
    from tocsin.privacy import holds, keeping

    incident, boss = story.alarm(), story.director()
    row = Incident.objects.get(pk=incident)
    holds.hold(row, "a first", later(days=40), boss, now())
    keeping.sweep_all(later(days=39))
    assert placed(story.world, incident)[1]
    holds.hold(row, "a second", later(days=80), boss, later(days=41))
    keeping.sweep_all(later(days=79))
    assert placed(story.world, incident)[1]
    keeping.sweep_all(later(days=81))
    assert not placed(story.world, incident)[1]


def test_what_was_merged_goes_with_that_into_which_it_was(story: Story) -> None:
    from tocsin.privacy import keeping

    world = story.world
    other = world.button(story.place)
    one, two = int(story.button.press("robbery").incident), int(other.press("robbery").incident)
    story.desk.claim(one)
    story.desk.done("merge", two, into=one)
    keeping.sweep_all(later(days=99))
    assert placed(world, two)[1], "the other one is open"
    story.desk.close(one)
    keeping.sweep_all(later(days=31))
    assert placed(world, one) == placed(world, two) == (0, False)


@given(st.integers(-10, 5000) | st.text(max_size=6))
def test_an_operator_may_shorten_and_never_lengthen(value: int | str) -> None:
    import os

    from tocsin.privacy import keeping

    kind = keeping.KINDS["positions"]
    text = str(value).replace("\0", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    os.environ["TOCSIN_KEEP_POSITIONS"] = text
    try:
        days, ignored = keeping.setting(kind)
    finally:
        del os.environ["TOCSIN_KEEP_POSITIONS"]
    assert 1 <= days <= kind.days
    if isinstance(value, int) and 1 <= value <= kind.days:
        assert (days, ignored) == (value, None)
    elif text.strip() and not (text.strip().isdigit() and text.isascii()):
        assert (days, ignored) == (kind.days, text.strip())


def test_shortened_it_goes_sooner(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    from tocsin.privacy import keeping

    incident = story.alarm()
    monkeypatch.setenv("TOCSIN_KEEP_POSITIONS", "3")
    keeping.sweep_all(later(days=4))
    assert placed(story.world, incident) == (0, False)


def test_what_was_done_is_written_and_shown(story: Story) -> None:
    from tocsin.privacy import keeping
    from tocsin.privacy.models import Run

    story.alarm()
    done = keeping.sweep_all(later(days=400))
    assert done["positions"] >= 3
    run = Run.objects.get(kind="positions", day=later(days=400).date())
    assert run.count >= 3
    counted = keeping.runs(["positions"], later(days=399))
    assert counted["positions"][0] == run.count


def test_a_batch_waits_for_nobody_and_takes_no_more_than_it_may(story: Story) -> None:
    from tocsin.privacy import keeping

    incidents = [story.alarm() for _ in range(3)]
    with psycopg.connect(story.world.dsn) as busy:
        busy.execute("SELECT 1 FROM gates_signal WHERE incident_id = %s FOR UPDATE", (incidents[0],))
        begun = time.monotonic()
        keeping.sweep_all(later(days=31))
        assert time.monotonic() - begun < 5
        assert placed(story.world, incidents[0])[0] == 2, "somebody works on it: next time"
        assert placed(story.world, incidents[1])[0] == 0
    assert keeping.sweep("positions", later(days=31), limit=1) == 1
    keeping.sweep_all(later(days=31))
    assert placed(story.world, incidents[0]) == (0, False)


def test_the_clock_goes_on_at_once(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    from tocsin.privacy import keeping, tend

    done: list[str] = []
    gone_on = threading.Event()
    monkeypatch.setattr(tend, "_due", {})

    def sweep(name: str, *_: object) -> int:
        assert gone_on.wait(10), "the clock waits for us"
        done.append(name)
        return 0

    monkeypatch.setattr(keeping, "sweep", sweep)
    tend.tend(now())
    assert not done
    gone_on.set()
    assert tend._thread
    tend._thread.join(20)
    assert set(done) == set(keeping.KINDS)
    tend.tend(now())
    assert not tend._thread.is_alive() or len(done) == len(keeping.KINDS), "each kind once an hour"


def test_the_page_is_for_auditors_directors_and_administrators(story: Story) -> None:
    client = _signed_in(story, "auditor")
    page = client.get("/desk/privacy/?lang=en")
    assert page.status_code == 200
    text = page.content.decode()
    assert "30" in text
    assert "Where you were during an incident" in text
    assert 'name="do" value="hold"' not in text, "an auditor looks and does nothing"
    assert _signed_in(story, "responder").get("/desk/privacy/").status_code == 403
    zh = client.get("/desk/privacy/?lang=zh-hans").content.decode()
    assert "保存期限" in zh


def test_a_director_holds_by_the_page_and_only_at_their_center(story: Story) -> None:
    from tocsin.privacy.models import Hold

    incident = story.alarm()
    boss = _signed_in(story, "director")
    day = f"{later(days=50):%Y-%m-%d}"
    done = boss.post("/desk/privacy/", {"do": "hold", "incident": incident, "until": day, "reason": "The insurer"})
    assert done.status_code == 302, done.content.decode()[-500:]
    held = Hold.objects.get(incident=incident)
    assert "The insurer" in boss.get("/desk/privacy/?lang=en").content.decode()
    elsewhere = _signed_in(Story(story.world), "director")
    assert elsewhere.post("/desk/privacy/", {"do": f"end-hold {held.pk}"}).status_code == 409
    auditor = _signed_in(story, "auditor")
    assert auditor.post("/desk/privacy/", {"do": f"end-hold {held.pk}"}).status_code == 409
    assert boss.post("/desk/privacy/", {"do": f"end-hold {held.pk}"}).status_code == 302
    held.refresh_from_db()
    assert held.ended_at is not None


def _signed_in(story: Story, role: str) -> Any:
    """Somebody with that role at the story's center, signed in a moment ago with a second factor."""
    from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY as PROOFS
    from django.test import Client

    from tocsin.people.models import Role

    n = next(story.world._people)
    person = story.world.member(story.place, name=f"Staff {n}", login=f"staff{n}")
    Role.objects.create(person=person, center=person.center, name=role)
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(person)
    session = client.session
    session[PROOFS] = [{"method": "mfa", "type": "totp", "at": time.time()}]
    session[f"{PROOFS}_user"] = str(person.pk)
    session.save()
    return client
