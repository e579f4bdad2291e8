"""A fresh key: everything is sealed anew while others write, nothing is lost, and an interruption is continued."""

import os
import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.world import Town


def note(world: Town, incident: int, text: str) -> Any:
    from tocsin.incidents.models import Note

    return Note.objects.create(incident_id=incident, text=text, salt=os.urandom(16), at=datetime.now(UTC))


def test_a_note_lies_sealed_and_reads_as_before(world: Town, place: str) -> None:
    press, desk = world.button(place).press(text="Two men, a white bakkie"), world.desk(place)
    desk.claim(press.incident)
    assert desk.do("note", press.incident, text="他们带着枪").status_code == 200
    notes = [e["note"] for e in desk.incident(press.incident)["timeline"] if e["note"]]
    assert sorted(notes) == ["Two men, a white bakkie", "他们带着枪"]
    stored = [bytes(t) for (t,) in world.rows("SELECT text FROM incidents_note WHERE incident_id = %s", press.incident)]
    assert len(stored) == 2 and not any(b"bakkie" in t or "枪".encode() in t for t in stored)
    assert world.book(place).verdict().ok


def test_a_note_that_was_moved_or_altered_hides_only_itself(world: Town, place: str) -> None:
    press, desk = world.button(place).press(text="first words"), world.desk(place)
    desk.claim(press.incident)
    desk.do("note", press.incident, text="second words")
    world.rows(
        "UPDATE incidents_note n SET text = o.text FROM incidents_note o WHERE n.incident_id = %s "
        "AND o.incident_id = %s AND n.author_id IS NULL AND o.author_id IS NOT NULL", press.incident, press.incident,
    )  # fmt: skip
    notes = [e["note"] for e in desk.incident(press.incident)["timeline"] if e["note"]]
    assert "second words" in notes and "first words" not in notes
    assert any("cannot be opened" in n or "无法解封" in n for n in notes), notes
    world.rows("UPDATE incidents_note SET text = NULL WHERE incident_id = %s", press.incident)


def test_a_rotation_keeps_everything_while_others_write(world: Town, place: str) -> None:
    from tocsin.incidents.models import Note
    from tocsin.lib import reseal, sealed

    press = world.button(place).press()
    texts = {note(world, press.incident, f"note {n} 备注").pk: f"note {n} 备注" for n in range(700)}
    stop, more = threading.Event(), dict[int, str]()

    def write() -> None:
        from django.db import connection

        n = 0
        while not stop.is_set():
            n += 1
            more[note(world, press.incident, f"more {n}").pk] = f"more {n}"
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    seen: list[tuple[int, int]] = []
    try:
        before = sealed.keys().first
        made = sealed.add_key()
        done = reseal.everything(lambda done, of: seen.append((done, of)))
    finally:
        stop.set()
        writer.join()
    assert done.failed == 0 and done.sealed >= 700
    assert seen[0][0] == 0 and seen == sorted(seen) and seen[-1][0] == done.sealed
    assert reseal.waiting() == 0 and reseal.in_use()[before] == 0 and made == sealed.keys().first
    kept = {n.pk: n.text for n in Note.objects.filter(incident_id=press.incident)}
    assert kept == texts | more
    assert reseal.show() == 0 and reseal.drop(made) == 1, "the one in use stays"
    assert reseal.drop(before) == 0


def test_an_interrupted_rotation_goes_on_with_the_same_key(
    world: Town, place: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tocsin.incidents.models import Note
    from tocsin.lib import reseal, sealed

    press = world.button(place).press()
    made = [note(world, press.incident, f"note {n}").pk for n in range(30)]
    monkeypatch.setattr(reseal, "BATCH", 7)

    class Killed(Exception):
        pass

    def kill(done: int, of: int) -> None:
        if done >= 7:
            raise Killed

    first = sealed.add_key()
    with pytest.raises(Killed):
        reseal.everything(kill)
    left = reseal.waiting()
    assert left > 0
    assert reseal.rotate() == 0
    assert sealed.keys().first == first, "no further key was made"
    assert "continuing" in capsys.readouterr().err and reseal.waiting() == 0
    assert [n.text for n in Note.objects.filter(pk__in=made).order_by("pk")] == [f"note {n}" for n in range(30)]


def test_what_does_not_open_is_left_named_and_does_not_stop_the_rest(world: Town, place: str) -> None:
    from tocsin import doctor
    from tocsin.lib import reseal, sealed

    press = world.button(place).press()
    bad, good = note(world, press.incident, "altered"), note(world, press.incident, "whole")
    world.rows("UPDATE incidents_note SET text = set_byte(text, length(text) - 1, 0) || '\\x00' WHERE id = %s", bad.pk)
    sealed.add_key()
    done = reseal.everything()
    assert done.failed >= 1
    good.refresh_from_db()
    assert good.text == "whole"
    world.rows("UPDATE incidents_note SET text = NULL WHERE id = %s", bad.pk)
    world.rows(
        "UPDATE incidents_note SET text = '\\x01046c6f7374'::bytea || decode(repeat('00', 40), 'hex') WHERE id = %s",
        bad.pk,
    )
    found = [f for f in doctor.examine(datetime.now(UTC)) if f.check == "seal"]
    assert [f.level for f in found] == ["bad"] and "lost" in found[0].en
    assert reseal.show() == 1
    world.rows("UPDATE incidents_note SET text = NULL WHERE id = %s", bad.pk)


def test_a_sealed_field_cannot_be_searched_or_written_around_its_row(world: Town, place: str) -> None:
    from django.core.exceptions import FieldError

    from tocsin.incidents.models import Note

    press = world.button(place).press()
    made = note(world, press.incident, "x")
    with pytest.raises(FieldError):
        Note.objects.filter(text="x").count()
    with pytest.raises(FieldError):
        Note.objects.filter(pk=made.pk).update(text="y")
    assert Note.objects.filter(pk=made.pk).update(text=None) == 1
    assert Note.objects.filter(pk=made.pk, text=None).exists()
    made.text = "again"
    made.save()
    assert Note.objects.only("pk").get(pk=made.pk).text == "again", "also when it is fetched later"
