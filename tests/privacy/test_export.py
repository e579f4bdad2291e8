"""A person gets everything that is kept of them, once, and nobody else does."""

import io
import json
import re
import zipfile
from datetime import timedelta
from typing import Any

import pytest

from tests.privacy.conftest import Story, later, now


def box(story: Story, language: str = "en", by: Any = None) -> zipfile.ZipFile:
    from tocsin.privacy import export

    made = export.ask(story.person, by or story.person, language, now())  # type: ignore[arg-type]
    while export.make_next(now()):
        pass
    taken = export.fetch(export.link(made, now()), now())
    assert taken is not None
    return zipfile.ZipFile(io.BytesIO(b"".join(export.pieces(taken))))


def test_every_own_row_is_in_it(story: Story) -> None:
    from tocsin.devices.models import Device, Keyholder, Site, Vitals, Zone
    from tocsin.gates.models import Trace
    from tocsin.notifications.models import Reply
    from tocsin.people.models import StaffKey
    from tocsin.privacy import consent
    from tocsin.rosters.models import Availability, Handover, Pattern, Shift

    incident, me = story.alarm(), story.person
    site = Site.objects.create(name="Own shop", center=me.center, person=me, address="12 Long Street")
    Zone.objects.create(site=site, number="003", name="Back door")
    Keyholder.objects.create(site=site, name="Key Keeper", phone="+27825550177")
    device = Device.objects.create(
        protocol="gt06", identifier=f"87{me.pk:013d}", person=me, settings={"key": "do not tell"}
    )
    Vitals.objects.create(device=device, heard_at=now(), battery=0.5)
    Trace.objects.create(device_id=device.pk, protocol="gt06", at=now(), address="203.0.113.9", frame=b"\x78\x78frame")
    Reply.objects.create(person_id=me.pk, text="a reply of mine", at=now())
    Shift.objects.create(center=me.center, duty="responder", person=me, starts_at=now(), ends_at=later(hours=8))
    Pattern.objects.create(
        center=me.center, duty="responder", person=me, weekday=2, start="08:00", minutes=61, since=now().date()
    )
    Handover.objects.create(center=me.center, author=me, text="the gate is stuck")
    Availability.objects.create(person=me, center=me.center, until=later(hours=1), lat=-25.5)
    StaffKey.objects.create(person=me, name="my tool", digest=f"d{me.pk}".encode().ljust(32))
    consent.say(me, "statistics", True, consent.version("statistics"), "en", now())

    data = json.loads(box(story).read("data.json"))
    assert data["of"] == me.pk
    text = json.dumps(data)
    for needle in (
        story.name, story.phone, story.kin, story.kin_phone, f"{story.name} needs help", "Own shop", "12 Long Street",
        "Back door", "Key Keeper", device.identifier, "203.0.113.9", b"\x78\x78frame".hex(), "a reply of mine",
        "the gate is stuck", "my tool", "statistics", "robbery",
    ):  # fmt: skip
        assert needle in text, f"{needle} is missing"
    for secret in ("do not tell", "digest_", "token", "password"):
        assert secret not in text, f"{secret} is no business of an export"

    counted = {
        "incidents": "SELECT count(*) FROM incidents_incident WHERE person_id = %s",
        "signals": "SELECT count(*) FROM gates_signal WHERE person_id = %s",
        "devices": "SELECT count(*) FROM devices_device WHERE person_id = %s",
        "contacts": "SELECT count(*) FROM notifications_contact WHERE person_id = %s",
        "relatives": "SELECT count(*) FROM notifications_relative WHERE person_id = %s",
        "deliveries": "SELECT count(*) FROM notifications_delivery d LEFT JOIN notifications_relative r "
        "ON r.id = d.relative_id WHERE %s IN (d.person_id, r.person_id)",
        "shifts": "SELECT count(*) FROM rosters_shift WHERE person_id = %s",
        "roles": "SELECT count(*) FROM people_role WHERE person_id = %s",
        "consents": "SELECT count(*) FROM privacy_consent WHERE person_id = %s",
    }
    for section, query in counted.items():
        assert len(data[section]) == story.world.rows(query, me.pk)[0][0] > 0, section
    assert {e["kind"] for e in data["timeline"]} >= {"opened", "claimed", "closed"}
    assert {i["id"] for i in data["incidents"]} == {incident}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_person_can_read_it_without_anything_else(story: Story, language: str) -> None:
    story.alarm()
    page = box(story, language).read("index.html").decode()
    assert story.name in page
    assert "http" not in page.replace("http-equiv", ""), "it fetches nothing"
    assert "<script" not in page
    labels = set(re.findall(r"<dt>([^<]+)</dt>", page))
    assert labels
    if language == "zh-hans":
        assert [x for x in labels if not re.search(r"[一-鿿]", x)] == [], "every field is called something"
    else:
        assert [x for x in labels if re.search(r"[一-鿿]|_", x)] == []


def test_all_fields_of_all_sections_have_names_in_both_languages(story: Story) -> None:
    from tocsin.privacy.erasers import LABELS, sections

    story.alarm()
    for _, give in sections(story.person.pk, "en"):
        for section in give():
            zh, en = section.title
            assert re.search(r"[一-鿿]", zh) and not re.search(r"[一-鿿]", en), section.name
            for row in section.rows:
                assert set(row) <= set(LABELS), f"{section.name}: {set(row) - set(LABELS)} have no name"


def test_what_somebody_wrote_does_no_harm_in_the_page(story: Story) -> None:
    story.person.name = '<img src=x onerror="alert(1)">'
    story.person.save()
    page = box(story).read("index.html").decode()
    assert "<img" not in page
    assert "&lt;img" in page


def test_it_is_fetched_once_within_its_time(story: Story) -> None:
    from tocsin.lib.refused import Refused
    from tocsin.privacy import export
    from tocsin.privacy.models import Piece

    made = export.ask(story.person, story.person, "en", now())
    with pytest.raises(Refused):
        export.ask(story.person, story.person, "en", now())
    with pytest.raises(Refused):
        export.link(made, now())
    while export.make_next(now()):
        pass
    first = export.link(made, now())
    token = export.link(made, now())
    assert export.fetch(first, now()) is None, "a newer link ends the one before"
    assert export.fetch(token, now() + timedelta(minutes=11)) is None
    token = export.link(made, now())
    assert export.fetch(token, now()) is not None
    assert export.fetch(token, now()) is None
    with pytest.raises(Refused):
        export.link(made, now())
    from tocsin.privacy import keeping

    keeping.sweep_all(later(hours=25))
    assert not Piece.objects.filter(export=made).exists()
    assert [e["kind"] for e in story.world.book(story.place).entries()] == ["export_asked", "export_fetched"]


def test_what_was_not_fetched_is_gone_a_day_later(story: Story) -> None:
    from tocsin.lib.refused import Refused
    from tocsin.privacy import export, keeping

    made = export.ask(story.person, story.person, "en", now())
    while export.make_next(now()):
        pass
    with pytest.raises(Refused):
        export.link(made, later(hours=25))
    keeping.sweep_all(later(hours=25))
    made.refresh_from_db()
    assert made.state == "gone"


def test_nobody_reads_it_in_the_database(story: Story) -> None:
    from tocsin.privacy import export
    from tocsin.privacy.models import Piece

    made = export.ask(story.person, story.person, "en", now())
    while export.make_next(now()):
        pass
    stored = b"".join(bytes(p.sealed) for p in Piece.objects.filter(export=made))
    assert b"PK\x03\x04" not in stored
    assert story.name.encode() not in stored


def test_a_clock_that_was_killed_loses_nothing(story: Story) -> None:
    from tocsin.privacy import export

    made = export.ask(story.person, story.person, "en", now())
    story.world.rows(
        "UPDATE privacy_export SET state = 'making', leased_until = now(), tried = 1 WHERE id = %s", made.pk
    )
    while export.make_next(later(minutes=6)):
        pass
    made.refresh_from_db()
    assert (made.state, made.tried, made.done) == ("ready", 2, made.of)


def test_a_silent_alarm_that_runs_is_not_in_it(story: Story) -> None:
    incident = story.alarm(close=False, silent=True)
    data = json.loads(box(story).read("data.json"))
    assert data["incidents"] == []
    assert str(incident) not in [str(s["incident_id"]) for s in data["signals"]]
    story.desk.claim(incident)
    story.desk.close(incident)
    data = json.loads(box(story).read("data.json"))
    assert [i["id"] for i in data["incidents"]] == [incident]


def test_in_the_app_a_fresh_code_opens_it(story: Story) -> None:
    from tocsin.people import codes
    from tocsin.privacy import export

    door, client = story.world.doors[0], story.button.client
    assert client.post(f"{door}/app/privacy/copy", json={}).status_code == 201
    while export.make_next(now()):
        pass
    assert client.get(f"{door}/app/privacy").json()["copy"]["state"] == "ready"
    wrong = client.post(f"{door}/app/privacy/copy/link", json={"code": "000000"})
    assert wrong.status_code == 422
    wish = codes.ask(story.phone, "127.0.0.1", now(), purpose="erase", person=story.person)
    for_erasure = codes.spoken(wish.pk, now())
    refused = client.post(f"{door}/app/privacy/copy/link", json={"code": for_erasure})
    assert refused.status_code == 422, "a code is good for what it was asked for"
    assert client.post(f"{door}/app/privacy/code", json={"purpose": "export"}).json()["sent"]
    wish = codes.ask(story.phone, "127.0.0.1", now(), purpose="export", person=story.person)
    linked = client.post(f"{door}/app/privacy/copy/link", json={"code": codes.spoken(wish.pk, now())})
    assert linked.status_code == 200, linked.text
    got = client.get(door + linked.json()["url"])
    assert got.headers["content-type"] == "application/zip"
    assert zipfile.ZipFile(io.BytesIO(got.content)).testzip() is None
    assert client.get(door + linked.json()["url"]).status_code == 404
    assert client.get(f"{door}/copy/{'x' * 43}").status_code == 404


def test_in_the_app_a_fresh_code_asks_for_erasure(story: Story) -> None:
    from tocsin.people import codes
    from tocsin.privacy import erasure

    door, client = story.world.doors[0], story.button.client
    assert client.post(f"{door}/app/privacy/erasure", json={"code": "123456"}).status_code == 422
    wish = codes.ask(story.phone, "127.0.0.1", now(), purpose="erase", person=story.person)
    done = client.post(f"{door}/app/privacy/erasure", json={"code": codes.spoken(wish.pk, now())})
    assert done.status_code == 200, done.text
    assert done.json()["erasure"]["own"]
    assert erasure.waiting(story.person)
    back = client.post(f"{door}/app/privacy/erasure/take-back", json={})
    assert back.json()["erasure"] is None
    assert client.post(f"{door}/app/privacy/erasure/take-back", json={}).status_code == 404


def test_a_director_makes_one_for_a_request_on_paper(story: Story) -> None:
    from tests.privacy.test_keeping import _signed_in
    from tocsin.privacy import export
    from tocsin.privacy.models import Export

    boss = _signed_in(story, "director")
    page = boss.get("/desk/privacy/", {"q": story.name, "lang": "en"})
    assert f'value="{story.person.pk}"' in page.content.decode()
    assert boss.post("/desk/privacy/", {"do": "copy", "person": story.person.pk}).status_code == 302
    while export.make_next(now()):
        pass
    made = Export.objects.get(person=story.person)
    other = _signed_in(Story(story.world), "director")
    assert other.post(f"/desk/privacy/copies/{made.pk}/").status_code == 404
    got = boss.post(f"/desk/privacy/copies/{made.pk}/")
    assert got["Content-Type"] == "application/zip"
    assert zipfile.ZipFile(io.BytesIO(b"".join(got.streaming_content))).testzip() is None
    assert boss.post(f"/desk/privacy/copies/{made.pk}/").status_code in (404, 409)
