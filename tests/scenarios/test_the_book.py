"""Promise 5: the book has no gaps and cannot be altered unnoticed."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.world import Town


@pytest.fixture
def written(world: Town, place: str) -> Iterator[str]:
    """A center whose book has ten entries, all of them about the same press."""
    button = world.button(place)
    for _ in range(10):
        button.press()
    assert world.book(place).head == 10
    assert world.book(place).verdict().ok
    with psycopg.connect(world.dsn, autocommit=True) as connection:  # forged books are put right: others look at them
        connection.execute("SET session_replication_role = 'replica'")
        mine = f"center_id = (SELECT id FROM centers_center WHERE code = '{place}')"
        for table in ("book_entry", "book_head"):
            connection.execute(f"CREATE TEMP TABLE kept_{table} AS SELECT * FROM {table} WHERE {mine}".encode())
        yield place
        for table in ("book_entry", "book_head"):
            connection.execute(f"DELETE FROM {table} WHERE {mine}".encode())
            connection.execute(f"INSERT INTO {table} SELECT * FROM kept_{table}".encode())


def forge(world: Town, statement: str, place: str) -> None:
    """What somebody with all rights on the database can do: the triggers asleep."""
    with psycopg.connect(world.dsn, autocommit=True) as connection:
        connection.execute("SET session_replication_role = 'replica'")
        [center] = connection.execute("SELECT id FROM centers_center WHERE code = %s", (place,)).fetchone() or (0,)
        for part in statement.split(";"):
            assert connection.execute(part.format(center=center).encode()).rowcount


ENTRY = "WHERE center_id = {center} AND number ="
FORGERIES = {
    "an edited fact": (f'UPDATE book_entry SET facts = \'{{{{"alarm":"fire"}}}}\' {ENTRY} 4', 4),
    "one blank more in the facts": (f"UPDATE book_entry SET facts = (facts::text || ' ')::json {ENTRY} 7", 7),
    "another time": (f"UPDATE book_entry SET at = at - interval '1 microsecond' {ENTRY} 3", 3),
    "another kind": (f"UPDATE book_entry SET kind = 'noted' {ENTRY} 1", 1),
    "another actor": (f"UPDATE book_entry SET actor_id = 1 {ENTRY} 5", 5),
    "another incident": (f"UPDATE book_entry SET incident_id = incident_id + 1 {ENTRY} 6", 6),
    "an echo made the owner's": (f"UPDATE book_entry SET echo = NOT echo {ENTRY} 6", 6),
    "another hash": (f"UPDATE book_entry SET hash = decode(repeat('ab', 32), 'hex') {ENTRY} 9", 9),
    "the first deleted": (f"DELETE FROM book_entry {ENTRY} 1", 1),
    "one deleted": (f"DELETE FROM book_entry {ENTRY} 5", 5),
    "one deleted and the gap closed": (
        f"DELETE FROM book_entry {ENTRY} 5;"
        "UPDATE book_entry SET number = -number WHERE center_id = {center} AND number > 5;"
        "UPDATE book_entry SET number = -number - 1 WHERE center_id = {center} AND number < 0;"
        "UPDATE book_head SET number = 9 WHERE center_id = {center}",
        5,
    ),
    "two exchanged": (
        f"UPDATE book_entry SET number = -1 {ENTRY} 3;"
        f"UPDATE book_entry SET number = 3 {ENTRY} 8;"
        f"UPDATE book_entry SET number = 8 {ENTRY} -1",
        3,
    ),
    "the tail cut off": ("DELETE FROM book_entry WHERE center_id = {center} AND number > 7", 8),
    "the last deleted": (f"DELETE FROM book_entry {ENTRY} 10", 10),
    "everything deleted": ("DELETE FROM book_entry WHERE center_id = {center}", 1),
    "the head moved back": ("UPDATE book_head SET number = 6 WHERE center_id = {center}", 7),
    "the head moved on": ("UPDATE book_head SET number = 11 WHERE center_id = {center}", 11),
    "the head's hash edited": (
        "UPDATE book_head SET hash = decode(repeat('00', 32), 'hex') WHERE center_id = {center}",
        10,
    ),
    "the head deleted": ("DELETE FROM book_head WHERE center_id = {center}", 1),
    "an entry added": (
        "INSERT INTO book_entry (center_id, number, at, kind, facts, incident_id, actor_id, echo, hash) "
        f"SELECT center_id, 11, at, kind, facts, incident_id, actor_id, echo, hash FROM book_entry {ENTRY} 10",
        11,
    ),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_every_forgery_is_found_with_the_first_bad_number(world: Town, written: str, forgery: str) -> None:
    statement, first_bad = FORGERIES[forgery]
    forge(world, statement, written)
    verdict = world.book(written).verdict()
    assert not verdict.ok
    assert verdict.first_bad == first_bad, verdict
    assert verdict.why


def test_a_forged_book_does_not_hide_behind_the_others(world: Town, written: str) -> None:
    """`tocsin book verify` reads them all and ends with 1; one center alone can be asked for."""
    import os
    import subprocess
    import sys

    def verify(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tocsin", "book", "verify", *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False)

    assert verify("--center", written).returncode == 0
    forge(world, FORGERIES["one deleted"][0], written)
    found = verify()
    assert found.returncode == 1
    assert f"{written}: BAD at 5" in found.stdout
    assert "DUR: ok" in found.stdout
    assert verify("--center", written).returncode == 1
    assert verify("--center", "DUR").returncode == 0
    assert verify("--center", "NOWHERE").returncode == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE book_entry SET at = now() WHERE center_id = {center} AND number = 2",
        "DELETE FROM book_entry WHERE center_id = {center} AND number = 2",
        "TRUNCATE book_entry",
        "UPDATE book_head SET number = 9 WHERE center_id = {center}",
        "UPDATE book_head SET hash = decode(repeat('00', 32), 'hex') WHERE center_id = {center}",
        "DELETE FROM book_head WHERE center_id = {center}",
        "TRUNCATE book_head",
    ],
)
def test_the_database_refuses_to_change_the_book(world: Town, written: str, statement: str) -> None:
    [center] = world.rows("SELECT id FROM centers_center WHERE code = %s", written)[0]
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only"):
        world.rows(statement.format(center=center))
    assert world.book(written).verdict().entries == 10


def test_the_whole_of_an_incident_is_in_the_book_and_can_be_read_in_both_languages(world: Town, place: str) -> None:
    desk, press = world.desk(place), world.button(place).press("kidnapping")
    desk.claim(press.incident)
    desk.dispatch(press.incident)
    desk.done("mark", press.incident, state="on_scene")
    desk.done("note", press.incident, text="two men, a white car")
    desk.done("resolve", press.incident)
    desk.close(press.incident)
    entries = world.book(place).entries(incident=press.incident)
    assert [e["number"] for e in entries] == list(range(1, 8))
    kinds = ["opened", "claimed", "dispatched", "marked", "noted", "resolved", "closed"]
    assert [e["kind"] for e in entries] == kinds
    assert "white car" not in str([e["facts"] for e in entries]), "personal text lies beside the book"
    said = {lang: desk.get("book", center=place, lang=lang).json()["items"] for lang in ("en", "zh-hans")}
    assert [e["kind"] for e in said["en"]] == kinds
    assert said["en"][0]["text"] == "alarm: kidnapping, from the app"
    assert said["zh-hans"][0]["text"] == "报警：绑架，来自手机应用"
    assert said["en"][4]["note"] == "two men, a white car"
    assert all(a["text"] != b["text"] for a, b in zip(said["en"], said["zh-hans"], strict=True))


def test_erasing_a_note_leaves_the_book_whole(world: Town, place: str) -> None:
    desk, press = world.desk(place), world.button(place).press()
    desk.done("note", press.incident, text="a name that must be forgotten")
    world.rows("UPDATE incidents_note SET text = NULL, salt = '' WHERE incident_id = %s", press.incident)
    assert desk.incident(press.incident)["timeline"][-1]["note"] is None
    assert world.book(place).verdict().ok
