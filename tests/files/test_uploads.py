"""Photos, sound and video over a bad line, through the running web; who sees them; and how they go again."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.files import media
from tests.files.sender import PIECE, Sender, pressed
from tests.world import Town, until


def big(size: int = 5 * PIECE + 999) -> bytes:
    return media.video(more=size - len(media.video()))


def test_a_photo_in_pieces_is_attached_and_stands_in_the_book(world: Town, place: str) -> None:
    button, press = pressed(world, place)
    sender = Sender(button, media.photo(), press)
    said = sender.send()
    assert said == {
        "file": str(sender.id),
        "offset": len(sender.content),
        "size": len(sender.content),
        "state": "attached",
    }
    [entry] = world.book(place).entries("attached", press.incident)
    assert entry["facts"] == {
        "attachment": str(sender.id), "what": "photo", "sha256": sender.digest, "size": len(sender.content)
    }  # fmt: skip
    assert world.book(place).verdict().ok
    desk = world.desk(place)
    detail = desk.incident(press.incident)
    [file] = detail["files"]
    assert (file["kind"], file["sha256"], file["copied"], file["original"]) == ("photo", sender.digest, True, None)
    assert "photo" in next(e["text"] for e in detail["timeline"] if e["kind"] == "attached")


def test_the_same_again_changes_nothing(world: Town, place: str) -> None:
    button, press = pressed(world, place)
    sender = Sender(button, media.photo(), press)
    sender.send()
    assert sender.send()["state"] == "attached"
    assert sender.put(0).json()["offset"] == len(sender.content)
    assert sender.put(len(sender.content), b"").json()["state"] == "attached"
    assert len(world.book(place).entries("attached", press.incident)) == 1


def test_pieces_that_come_twice_too_early_or_short(world: Town, place: str) -> None:
    button, press = pressed(world, place)
    sender = Sender(button, big(), press)
    assert sender.put(0).json()["offset"] == PIECE
    assert sender.put(0).json()["offset"] == PIECE  # twice
    early = sender.put(3 * PIECE)
    assert (early.status_code, early.json()["offset"]) == (409, PIECE)
    overlapping = sender.put(PIECE - 10)
    assert (overlapping.status_code, overlapping.json()["offset"]) == (409, PIECE)
    assert sender.put(PIECE, sender.content[PIECE : PIECE + 7]).json()["offset"] == PIECE + 7
    assert sender.where() == PIECE + 7
    assert sender.send(PIECE + 7)["state"] == "attached"
    assert sender.get("original").content == sender.content


def test_what_a_broken_line_brought_is_kept(world: Town, place: str) -> None:
    import socket
    from urllib.parse import urlsplit

    button, press = pressed(world, place)
    sender = Sender(button, big(), press)
    where = urlsplit(button.doors[0])
    with socket.create_connection((where.hostname or "", where.port or 0)) as line:
        head = (
            f"PUT /files/{sender.id} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {button.token}\r\n"
            f"Upload-Length: {len(sender.content)}\r\nUpload-Offset: 0\r\nUpload-Presses: {press.id}\r\n"
            f"Upload-Digest: {sender.digest}\r\nContent-Length: {PIECE}\r\n\r\n"
        )
        line.sendall(head.encode() + sender.content[:50_000])
        time.sleep(0.5)
    until(lambda: button.client.get(f"{button.doors[0]}/files/{sender.id}").status_code == 200, what="the part")
    assert until(sender.where) == 50_000
    assert sender.send(50_000)["state"] == "attached"


def test_the_web_is_killed_and_the_upload_goes_on(world: Town, place: str) -> None:
    button, press = pressed(world, place)
    sender = Sender(button, big(), press)
    assert sender.put(0).json()["offset"] == PIECE
    world.kill("web")
    try:
        assert sender.put(PIECE, door=1).json()["offset"] == 2 * PIECE  # another process goes on
    finally:
        world.run("web")
    until(world.healthy, 30)
    until(lambda: button.client.get(f"{button.doors[0]}/signals/{press.id}").status_code == 200, 10)
    assert sender.where() == 2 * PIECE
    assert sender.send(2 * PIECE)["state"] == "attached"
    assert len(world.book(place).entries("attached", press.incident)) == 1
    assert sender.get("original").content == sender.content
    assert not list((world.data / "files" / "parts").glob(f"{sender.id}*"))


def test_two_lines_at_once_store_it_once(world: Town, place: str) -> None:
    button, press = pressed(world, place)
    sender = Sender(button, media.photo(), press)

    def stubborn(door: int) -> None:
        def done() -> bool:
            response = sender.put(0, door=door)
            if response.status_code == 200:
                offset = response.json()["offset"]
                while offset < len(sender.content) and response.status_code == 200:
                    response = sender.put(offset, door=door)
                    offset = response.json().get("offset", offset)
            return response.status_code == 200 and response.json()["state"] == "attached"

        until(done, 20, "being attached")

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(stubborn, [0, 1, 0, 1]))
    assert len(world.book(place).entries("attached", press.incident)) == 1
    assert sender.get("original").content == sender.content


def test_what_arrives_other_than_it_was_sent_is_asked_for_again(world: Town, place: str) -> None:
    button, press = pressed(world, place)
    content = media.photo((300, 200))
    sender = Sender(button, content, press)
    wrong = sender.put(0, bytes(len(content)))
    assert (wrong.status_code, wrong.json()["offset"]) == (409, 0)
    assert sender.send()["state"] == "attached"


# who may send


def test_only_to_ones_own_alarm(world: Town, place: str) -> None:
    idle, (button, press) = world.button(place), pressed(world, place)
    nobody = Sender(idle, media.photo((64, 64)), press).put(0)
    assert (nobody.status_code, nobody.json()["reason"]) == (409, "no_own_alarm")
    assert "alarm" in nobody.json()["detail"]
    mine = Sender(button, media.photo((64, 64)))  # without naming the press: the open one
    assert mine.send()["state"] == "attached"
    idle.press()
    theirs = Sender(idle, mine.content, id_=mine.id).put(0)
    assert (theirs.status_code, theirs.json()["reason"]) == (409, "conflict")
    assert idle.client.get(f"{idle.doors[0]}/files/{mine.id}").status_code == 404


def test_an_alarm_that_is_over_still_takes_what_was_held_up_for_a_day(world: Town, place: str) -> None:
    button, press = pressed(world, place)
    desk = world.desk(place)
    desk.claim(press.incident)
    desk.close(press.incident)
    assert Sender(button, media.photo((64, 64)), press).send()["state"] == "attached"
    world.rows("UPDATE incidents_incident SET closed_at = now() - interval '25 hours' WHERE id = %s", press.incident)
    assert Sender(button, media.photo((64, 64)), press).put(0).json()["reason"] == "no_own_alarm"


def test_a_stranger_and_a_revoked_phone_send_nothing(world: Town, place: str) -> None:
    button, press = pressed(world, place)
    sender = Sender(button, media.photo((64, 64)), press)
    assert sender.put(0, Authorization="Bearer nonsense").status_code == 401
    world.rows(
        "UPDATE devices_device SET revoked_at = now() WHERE person_id = %s AND protocol = 'app'",
        world.person_of(button).pk,
    )
    until(lambda: sender.put(0).status_code == 401, 2, "being refused")


def test_limits(world: Town, place: str) -> None:
    button, press = pressed(world, place)
    sender = Sender(button, media.photo((64, 64)), press)
    large = sender.put(0, b"x", Upload_Length=str(25 * 2**20 + 1))
    assert (large.status_code, large.json()["reason"]) == (413, "file_large")
    assert sender.put(0, bytes(300 * 1024), Upload_Length="400000").status_code == 413
    assert sender.put(0, bytes(1000), Upload_Length="500").status_code == 413
    for wrong in (
        {"Upload_Length": "-1"},
        {"Upload_Length": ""},
        {"Upload_Offset": "x"},
        {"Upload_Digest": "../../etc"},
    ):
        assert sender.put(0, b"x", **wrong).status_code == 422, wrong
    for path in ("/files/..%2f..%2fsecret_key", "/files/x", "/files/%00", f"/files/{uuid4()}/../../secret_key"):
        assert button.client.put(f"{button.doors[0]}{path}", content=b"x").status_code in (404, 405), path
    for _ in range(20):
        assert Sender(button, media.wav(0.01), press).send()["state"] == "attached"
    many = Sender(button, media.wav(0.01), press).put(0)
    assert (many.status_code, many.json()["reason"]) == (409, "files_many")


def test_a_full_disk_takes_no_file_but_every_press(world: Town, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    from tocsin.doctor import _files
    from tocsin.files import actions

    button, press = pressed(world, place)
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(total=1000 * 2**30, free=99 * 2**30))
    with pytest.raises(actions.NoRoom):
        actions.begin(actions.Wanted(uuid4(), 1000, [press.id]), world.person_of(button).pk, datetime.now(UTC))
    assert [f.level for f in _files()] == ["bad"]
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(total=1000 * 2**30, free=400 * 2**30))
    assert [f.level for f in _files()] == ["ok"]


# what it is


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", b"<html><script>alert(1)</script></html>",
        media.photo((64, 64)) + b"<script>alert(1)</script>", media.photo((64, 64)) + b"PK\x05\x06" + bytes(18),
        b"%PDF-1.7 not a photo", b"MZ" + bytes(100),
    ],
)  # fmt: skip
def test_hostile_files_are_refused_whatever_they_are_called(world: Town, place: str, content: bytes) -> None:
    button, press = pressed(world, place)
    sender = Sender(button, content, press)
    refused = sender.put(0, Content_Type="image/jpeg")
    assert (refused.status_code, refused.json()["reason"]) == (422, "file_kind")
    assert sender.put(0).status_code == 422  # and again the same
    assert world.book(place).entries("attached", press.incident) == []
    assert not list((world.data / "files").rglob(f"{sender.id}*"))


def test_a_bomb_costs_nothing_and_has_no_copy(world: Town, place: str) -> None:
    button, press = pressed(world, place)
    sender = Sender(button, media.bomb(), press)
    assert sender.send()["state"] == "attached"
    [file] = world.desk(place).incident(press.incident)["files"]
    assert (file["copied"], file["view"], file["thumb"]) == (False, None, None)


def test_others_see_a_copy_without_metadata(world: Town, place: str) -> None:
    button, press = pressed(world, place)
    desk, director = world.desk(place), world.desk(place, "director")
    for content in (media.photo(), media.video(), media.webm()):
        sender = Sender(button, content, press)
        sender.send()
        view = sender.get("view", desk.client)
        assert view.status_code == 200
        assert not [secret for secret in media.SECRETS if secret in view.content]
        assert sender.get("original", desk.client).status_code == 404
        assert sender.get("original", director.client).content == content
        assert sender.get("original").content == content  # one's own
        assert not [p for p in (world.data / "files").rglob(f"{sender.id}*") if b"Geheim" in p.read_bytes()]


def test_without_a_copy_there_is_the_original_and_it_says_so(world: Town, place: str) -> None:
    button, press = pressed(world, place)
    sender = Sender(button, media.wav(), press)
    sender.send()
    desk = world.desk(place)
    [file] = desk.incident(press.incident)["files"]
    assert (file["copied"], file["view"]) == (False, None)
    assert sender.get("original", desk.client).content == sender.content
    assert sender.get("view", desk.client).status_code == 404


# who sees it


def test_strangers_get_404_and_each_look_is_written(world: Town, place: str) -> None:
    button, press = pressed(world, place)
    sender = Sender(button, media.photo(), press)
    sender.send()
    outsiders = [world.desk("DUR").client, world.desk(place, "editor").client, world.button(place).client]
    for client in outsiders:
        for variant in ("thumb", "view", "original"):
            assert sender.get(variant, client).status_code == 404
    assert sender.get("view", world.desk("GP", "supervisor").client).status_code == 200
    assert sender.get("view", Authorization="").status_code == 404
    desk = world.desk(place)
    assert sender.get("view", desk.client, Range="bytes=1-").status_code == 206  # all but one byte of it is a look too
    assert sender.get("view", desk.client).status_code == 200
    seen = world.rows(
        "SELECT of_id, incident_id FROM looks_look WHERE actor_id = %s AND kind = 'attachment' AND what = %s",
        desk.person, str(sender.id),
    )  # fmt: skip
    assert seen == [(world.person_of(button).pk, press.incident)]


def test_a_day_after_the_alarm_only_those_who_lead_see_it(world: Town, place: str) -> None:
    button, press = pressed(world, place)
    sender = Sender(button, media.photo((64, 64)), press)
    sender.send()
    desk, director = world.desk(place), world.desk(place, "director")
    desk.claim(press.incident)
    desk.close(press.incident)
    assert sender.get("view", desk.client).status_code == 200
    world.rows("UPDATE incidents_incident SET closed_at = now() - interval '25 hours' WHERE id = %s", press.incident)
    assert sender.get("view", desk.client).status_code == 404
    assert [f["view"] for f in desk.incident(press.incident)["files"]] == [None]
    assert sender.get("view", director.client).status_code == 200


def test_the_database_itself_gives_the_rows_to_nobody_else(world: Town, place: str) -> None:
    import psycopg

    button, press = pressed(world, place)
    Sender(button, media.photo((64, 64)), press).send()
    stranger = world.person_of(world.button(place)).pk
    with psycopg.connect(world.dsn) as line:
        line.execute("SET LOCAL ROLE tocsin_web")
        for person, rows in (("", 0), (str(stranger), 0), (str(world.person_of(button).pk), 1)):
            line.execute("SELECT set_config('tocsin.person', %s, true)", (person,))
            found = line.execute("SELECT count(*) FROM files_attachment WHERE incident_id = %s", (press.incident,))
            assert found.fetchone() == (rows,), person


def test_what_a_browser_is_told(world: Town, place: str) -> None:
    button, press = pressed(world, place)
    sender = Sender(button, media.photo(), press)
    sender.send()
    view, original = sender.get("view"), sender.get("original")
    for answer in (view, original):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert view.headers["content-type"] == original.headers["content-type"] == "image/jpeg"
    assert view.headers["content-disposition"].startswith("inline; filename=")
    assert original.headers["content-disposition"].startswith("attachment; filename=")
    assert sender.get("secret").status_code == 404


def test_a_player_asks_for_parts(world: Town, place: str) -> None:
    button, press = pressed(world, place)
    sender = Sender(button, big(3 * 2**20), press)
    sender.send()
    content, size = sender.content, len(sender.content)
    for asked, start, end in (
        ("0-", 0, 2**20),
        ("100-199", 100, 200),
        (f"{size - 5}-", size - 5, size),
        ("-7", size - 7, size),
    ):
        part = sender.get("original", Range=f"bytes={asked}")
        assert part.status_code == 206 and part.content == content[start:end]
        assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{size}"
    assert sender.get("original", Range=f"bytes={size}-").status_code == 416
    assert sender.get("original", Range="lines=1-2").content == content
    assert sender.get("original").headers["content-length"] == str(size)


def test_an_altered_file_is_refused_and_said_to_be(world: Town, place: str) -> None:
    button, press = pressed(world, place)
    sender = Sender(button, media.photo(), press)
    sender.send()
    [path] = (world.data / "files" / "sealed").rglob(f"{sender.id}.view")
    raw = bytearray(path.read_bytes())
    raw[100] ^= 1
    path.write_bytes(raw)
    refused = sender.get("view", world.desk(place).client)
    assert (refused.status_code, refused.json()["reason"]) == (409, "file_altered")
    assert sender.get("thumb").status_code == 200


# how it goes again


def files_of(world: Town, sender: Sender) -> list[Path]:
    return list((world.data / "files").rglob(f"{sender.id}*"))


def test_erased_and_expired_the_files_are_gone_and_the_book_is_whole(world: Town, place: str) -> None:
    from tocsin.files import actions
    from tocsin.privacy import keeping

    (button, press), (other, second) = pressed(world, place), pressed(world, place)
    mine, theirs = Sender(button, media.photo((64, 64)), press), Sender(other, media.photo((64, 64)), second)
    mine.send()
    theirs.send()
    now = datetime.now(UTC)
    assert actions.erase(world.person_of(button), now) == 1
    assert actions.erase(world.person_of(button), now) == 0
    assert (files_of(world, mine), len(files_of(world, theirs))) == ([], 3)
    assert mine.get("original").status_code == 404
    desk = world.desk(place)
    [file] = desk.incident(press.incident)["files"]
    assert file["removed_at"] and not (file["view"] or file["original"] or file["thumb"])
    desk.claim(second.incident)
    desk.close(second.incident)
    assert keeping.sweep("attachments", now) == 0
    world.rows("UPDATE incidents_incident SET closed_at = now() - interval '400 days' WHERE id = %s", second.incident)
    assert keeping.sweep("attachments", now) == 1
    assert files_of(world, theirs) == []
    said: list[Any] = [e["facts"]["rule"] for e in world.book(place).entries("attachment_removed")]
    assert said == ["erasure", "retention"]
    assert world.rows("SELECT count(*) FROM files_attachment WHERE key IS NOT NULL AND state = 'removed'") == [(0,)]
    assert world.book(place).verdict().ok


def test_parts_whose_rest_never_comes_are_swept_away(world: Town, place: str) -> None:
    from tocsin.files import actions

    button, press = pressed(world, place)
    sender = Sender(button, big(), press)
    sender.put(0)
    assert len(files_of(world, sender)) == 1
    actions.sweep(datetime.now(UTC) + timedelta(hours=49))
    assert files_of(world, sender) == []
    assert os.path.isdir(world.data / "files")
