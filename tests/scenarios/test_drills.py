"""A drill rings as an alarm does, is marked everywhere, ends by itself, and never reaches the police."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.scenarios.test_people_are_told import DONE, carry, contact, owed
from tests.world import Desk, Town
from tocsin.notifications.channel import Receipt

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}
TOLD = {"webpush", "sms", "voice", "email"}


def drill(desk: Desk, **more: Any) -> httpx.Response:
    body = {"center": desk.center, "title": "Robbery at night", "alarm": "robbery", "minutes": 30, **more}
    return desk.client.post(f"{desk.doors[0]}/api/v1/drills", json=body)


def started(desk: Desk, **more: Any) -> dict[str, Any]:
    response = drill(desk, **more)
    assert response.status_code == 201, response.text
    found: dict[str, Any] = response.json()
    return found


def alarms(found: dict[str, Any]) -> list[int]:
    return [row["id"] for row in found["report"]["incidents"]]


@pytest.fixture
def boss(world: Town, place: str) -> Desk:
    return world.desk(place, "supervisor")


@pytest.fixture
def officer(world: Town, place: str) -> Desk:
    desk = world.desk(place)
    for channel in TOLD:
        contact(desk, channel)
    return desk


def test_it_rings_and_is_marked_wherever_it_is_seen(world: Town, place: str, boss: Desk, officer: Desk) -> None:
    from tocsin.notifications.courier import outgoing
    from tocsin.notifications.models import Delivery

    member = world.person_of(world.button(place))
    with officer.watching() as watch:
        found = started(boss, members=[member.pk])
        (incident,) = alarms(found)
        heard = watch.hears("opened", incident).data
        assert heard["drill"] is True
        assert heard["text"].startswith("DRILL: ")
    row = officer.incident(incident)
    assert (row["drill"], row["caller"], row["person"], row["device"]) == (True, member.name, None, None)
    assert "drill" in row["flags"]
    assert all(entry["text"].startswith("DRILL: ") for entry in row["timeline"])
    zh = officer.get(f"incidents/{incident}", lang="zh-hans").json()
    assert all(entry["text"].startswith("【演练】") for entry in zh["timeline"])
    (opened,) = world.book(place).entries("opened", incident)
    assert opened["facts"]["drill"] is True, "under the seal"
    assert world.book(place).verdict().ok
    world.advance(seconds=121)
    sent = Delivery.objects.filter(incident=incident).select_related("partner")
    assert {d.channel for d in sent.filter(person=officer.person)} == TOLD
    for each in sent:
        out = outgoing(each)
        said = (out.text.title, out.text.body, out.text.short, out.text.spoken)
        assert out.drill
        assert all(s.startswith(("【演练】", "DRILL: ", "这是演练。", "This is a drill. ")) for s in said)
        page = httpx.get(f"{officer.doors[0]}/a/{each.token}?lang=en", headers=BROWSER, trust_env=False)
        assert 'data-test="drill"' in page.text
        assert "DRILL" in page.text
    assert world.timeline(incident)[:3] == ["opened", "escalated", "escalated"], "the parent's siren, then all"


def test_a_real_press_during_a_drill_is_a_real_alarm_of_its_own(world: Town, place: str, boss: Desk) -> None:
    button = world.button(place)
    (pretended,) = alarms(started(boss, members=[world.person_of(button).pk]))
    real = button.press()
    assert real.incident not in (None, pretended)
    assert boss.incident(real.incident)["drill"] is False
    assert not any(e["text"].startswith("DRILL") for e in boss.incident(real.incident)["timeline"])
    tracker = world.device("gt06", "359900000000951", place)
    from tocsin.devices.models import Device

    boss.client.post(f"{boss.doors[0]}/api/v1/drills/{drills_of(boss)[0]['id']}/end", json={})
    device = Device.objects.get(identifier="359900000000951")
    (pretended,) = alarms(started(boss, devices=[device.pk]))
    assert "359900000000951" not in boss.incident(pretended)["caller"], "a number that somebody might call"
    tracker.press()
    opened = [e for e in world.book(place).entries("opened") if e["facts"].get("source") == "gt06"]
    assert len(opened) == 1
    assert opened[0]["incident"] != pretended


def drills_of(desk: Desk) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = desk.get("drills", center=desk.center).json()["items"]
    return found


def test_only_the_chosen_are_told(world: Town, place: str, boss: Desk, officer: Desk) -> None:
    asleep = world.desk(place)
    contact(asleep, "webpush")
    province = world.desk("GP")
    contact(province, "sms")
    (incident,) = alarms(started(boss, staff=[officer.person]))
    world.advance(minutes=5)
    carry(world, DONE)
    assert {person for person, *_ in owed(incident)} == {officer.person}
    assert {channel for _, channel, _ in owed(incident)} == TOLD
    assert world.timeline(incident) == ["opened"], "no further desk rings"
    assert boss.incident(incident)["centers"] == [place]


def outside(world: Town, place: str) -> Any:
    """A partner, a plan that tells it and the relatives at once, and a partner's address."""
    from tocsin.centers.models import Center
    from tocsin.escalation.models import Plan
    from tocsin.notifications.models import Partner

    center = Center.objects.get(code=place)
    partner = Partner.objects.create(center=center, name="Guards", url="http://127.0.0.1:9/hook", secret="s" * 32)
    whom = [{"kind": "partner", "ids": [partner.pk]}, {"kind": "relatives"}, {"kind": "on_duty"}]
    stages = [{"after": 0, "whom": whom, "by": ["webpush"]}, {"after": 30, "ring": "all", "whom": whom}]
    Plan.objects.create(center=center, name="all", steps={"stages": stages, "every": 30})
    return partner


def test_each_way_to_the_police_is_barred(world: Town, place: str, boss: Desk, officer: Desk) -> None:
    from tocsin.centers.network import load
    from tocsin.escalation.plans import Whom
    from tocsin.escalation.stages import Firing, Stage
    from tocsin.incidents.models import Dispatch, Incident
    from tocsin.notifications import actions, alarm
    from tocsin.notifications.models import Delivery, Relative

    partner = outside(world, place)
    member = world.person_of(world.button(place))
    Relative.objects.create(person=member, name="Kin", phone="+27825550199", agreed_at=datetime.now(UTC))
    (incident,) = alarms(started(boss, members=[member.pk]))
    world.advance(seconds=121)

    def nobody_outside() -> None:
        found = Delivery.objects.filter(incident=incident)
        assert found.exists()
        assert not found.exclude(partner=None, relative=None).exists()

    nobody_outside()
    # past the plan: a stage that was not limited, a telling by itself, a row that somebody wrote
    now = datetime.now(UTC) + world.ahead
    there = Incident.objects.select_related("center", "person", "device__site").get(pk=incident)
    stage = Stage(0, "", (Whom("partner", ids=(partner.pk,)), Whom("relatives")), ("webpush",))
    alarm.fired([Firing(there, stage, 90, 1)], load(), now)
    telling = actions.Telling(message="alarm", values={}, partners=frozenset({partner.pk}), incident=there, drill=True)
    actions.tell_all([telling], now)
    nobody_outside()
    smuggled = Delivery.objects.create(
        incident=there, partner=partner, channel="webhook", address=partner.url, language="en", message="alarm",
        due=now, token="smuggled", urgent=True,
    )  # fmt: skip
    assert smuggled.pk not in [d.pk for d in actions.claim(now, 500)]
    smuggled.refresh_from_db()
    assert smuggled.state == "cancelled"
    # by the verbs
    officer.claim(incident)
    tries = [
        {"kind": "police", "to": "SAPS 10111"},
        {"kind": "police"},
        {"kind": "security", "to": "Guards"},
        {"kind": "unit", "to": "the Police station"},
        {"kind": "unit", "to": "派出所"},
        {"to": "SAPS Sunnyside"},
        {"kind": "responder", "to": "police"},
    ]
    for body in tries:
        for lang, word in (("en", "drill"), ("zh-hans", "演练")):
            response = officer.do("dispatch", incident, lang=lang, **body)
            assert response.status_code == 409, body
            assert response.json()["reason"] in ("drill_outside", "no_such_responder"), body
            if response.json()["reason"] == "drill_outside":
                assert word in response.json()["detail"]
    assert not Dispatch.objects.filter(incident=incident).exists()
    assert officer.dispatch(incident, "Unit 7")["state"] == "dispatched", "our own unit may come"
    # into a real one, from which the police could be sent, and back
    real = world.button(place).press().incident
    officer.claim(real)
    for one, other in ((incident, real), (real, incident)):
        assert officer.do("merge", one, into=other).json()["reason"] == "drill_and_real"
    # to another center, which must see what it is
    row = officer.done("hand-over", incident, center="GP", reason="training")
    assert row["drill"] is True
    province = world.desk("GP")
    province.claim(incident)
    assert province.incident(incident)["drill"] is True
    assert province.do("dispatch", incident, kind="police").json()["reason"] == "drill_outside"
    province.done("release", incident)
    world.advance(minutes=2)
    nobody_outside_but_the_smuggled = Delivery.objects.filter(incident=incident).exclude(pk=smuggled.pk)
    assert not nobody_outside_but_the_smuggled.exclude(partner=None, relative=None).exists()
    # by its end
    province.claim(incident)
    assert province.do("close", incident, outcome="genuine").json()["reason"] == "drill_outcome"
    closed = province.done("close", incident, outcome="drill")
    assert "reopen" not in closed["verbs"]
    for lang in ("en", "zh-hans"):
        assert province.do("reopen", incident, lang=lang).json()["reason"] == "drill_over"
    # the real one goes to the police as ever
    assert officer.done("dispatch", real, kind="police", to="SAPS 10111")["state"] == "dispatched"


def test_it_ends_by_itself_and_nothing_more_is_sent(world: Town, place: str, boss: Desk, officer: Desk) -> None:
    members = [world.person_of(world.button(place)).pk for _ in range(2)]
    found = started(boss, members=members, minutes=5)
    one, two = alarms(found)
    world.advance(seconds=31)
    officer.claim(one)
    world.advance(minutes=4)
    assert boss.incident(two)["state"] == "new"
    world.advance(seconds=30)
    for pk in (one, two):
        row = boss.incident(pk)
        assert (row["state"], row["outcome"]) == ("closed", "drill")
        assert row["timeline"][-1]["text"] == "DRILL: Closed by the system: drill"
    before = len(owed(two))
    world.advance(minutes=10)
    assert carry(world, DONE) == 0
    assert len(owed(two)) == before
    assert {state for *_, state in owed(two)} == {"cancelled"}
    assert world.steps(two)[-1][2] is not None
    over = boss.get(f"drills/{found['id']}").json()
    assert over["ended_by"] is None
    assert abs(datetime.fromisoformat(over["ended_at"]) - datetime.fromisoformat(over["ends_at"])) < timedelta(
        seconds=61
    )
    kinds = [e["kind"] for e in world.book(place).entries() if e["kind"].startswith("drill_")]
    assert kinds == ["drill_started", "drill_ended"]
    assert world.book(place).verdict().ok
    assert boss.do("reopen", two).json()["reason"] == "drill_over"


def test_the_report_says_who_was_reached_how_soon_and_stays(world: Town, place: str, boss: Desk, officer: Desk) -> None:
    from tocsin.notifications import actions
    from tocsin.notifications.models import Delivery

    found = started(boss, members=[world.person_of(world.button(place)).pk], staff=[officer.person])
    (incident,) = alarms(found)
    for seconds in (1, 10, 20):
        world.advance(seconds=seconds)
        carry(world, DONE)
    pushed = Delivery.objects.get(incident=incident, channel="webpush")
    assert actions.receipt(Receipt("read"), datetime.now(UTC) + world.ahead, token=pushed.token)
    officer.claim(incident)
    url = f"{boss.doors[0]}/api/v1/drills/{found['id']}"
    ended = boss.client.post(f"{url}/end", json={})
    assert ended.status_code == 200, ended.text
    assert boss.client.post(f"{url}/end", json={}).json()["reason"] == "drill_ended"
    report = ended.json()["report"]
    (row,) = report["people"]
    assert row["name"] == officer.name
    assert row["push"] < 5 <= row["sms"] < 25 <= row["call"] < 45
    assert row["seen"] >= row["call"]
    assert row["claimed"] is not None
    assert row["email"] is None
    assert (report["told"], report["seen"], report["claimed"], report["of"]) == (1, 1, 1, 1)
    assert report["incidents"][0]["by_name"] == officer.name
    world.rows("DELETE FROM notifications_delivery WHERE incident_id = %s", incident)
    assert boss.get(f"drills/{found['id']}").json()["report"] == report, "it is kept"
    for lang, first in (("en", "Name"), ("zh-hans", "姓名")):
        text = boss.get(f"drills/{found['id']}/report.csv", lang=lang).content.decode("utf-8-sig")
        lines = list(csv.reader(io.StringIO(text)))
        assert lines[0][0] == first
        assert lines[1][:3] == [officer.name, str(row["push"]), str(row["sms"])]


def test_who_may_and_what_is_refused(world: Town, place: str, boss: Desk, officer: Desk) -> None:
    stranger = world.person_of(world.button("CPT")).pk
    assert drill(officer).status_code == 404, "officers start none"
    assert drill(boss, title=" ").json()["reason"] == "name_missing"
    for minutes in (0, 4, 121, 100_000):
        assert drill(boss, minutes=minutes).json()["reason"] == "drill_minutes"
    assert drill(boss, members=[stranger]).json()["reason"] == "drill_stranger"
    assert drill(boss, staff=[world.desk("GP").person]).json()["reason"] == "drill_stranger"
    assert drill(boss, devices=[1]).json()["reason"] == "drill_stranger"
    assert drill(boss, members=list(range(1, 22))).json()["reason"] == "too_many"
    assert drill(boss, members=list(range(1, 60))).status_code == 422
    assert drills_of(boss) == []
    found = started(boss)
    assert boss.incident(alarms(found)[0])["caller"] == "Robbery at night", "nobody's"
    assert drill(boss).json()["reason"] == "drill_running"
    assert officer.get(f"drills/{found['id']}").json()["may_end"] is False
    assert officer.client.post(f"{officer.doors[0]}/api/v1/drills/{found['id']}/end", json={}).status_code == 404
    elsewhere = world.desk("CPT", "director")
    assert elsewhere.get(f"drills/{found['id']}").status_code == 404
    assert boss.get("drills/choices", center=place, q=place).json()["members"]
    assert officer.get("drills/choices", center=place).status_code == 404


def test_a_mark_without_a_drill_tells_nobody(world: Town, place: str, boss: Desk, officer: Desk) -> None:
    """Should the link ever be lost, silence is the right side to fail on: it is no alarm."""
    (incident,) = alarms(started(boss))
    world.rows("DELETE FROM drills_drillincident WHERE incident_id = %s", incident)
    world.advance(minutes=3)
    assert owed(incident) == []
    assert world.timeline(incident) == ["opened"]


def test_a_reply_by_text_goes_to_the_real_alarm_that_runs(world: Town, place: str, boss: Desk) -> None:
    from tocsin.notifications import inbox

    desk = world.desk(place)
    contact(desk, "sms", "+27825559977")
    real = world.button(place).press().incident
    world.advance(seconds=11)
    carry(world, DONE)
    (pretended,) = alarms(started(boss, staff=[desk.person]))
    world.advance(seconds=30)
    carry(world, DONE)
    assert owed(pretended, channel="sms", state="sent")
    world.rows("INSERT INTO notifications_reply (person_id, text, at) VALUES (%s, '1', now())", desk.person)
    inbox.read(datetime.now(UTC))
    assert "answered" in world.timeline(real)
    assert "answered" not in world.timeline(pretended)


def test_two_clocks_end_it_once(world: Town, place: str, boss: Desk) -> None:
    import threading

    from django.db import connection

    from tocsin.drills.actions import end_overdue

    started(boss, minutes=5)
    done: list[int] = []

    def clock() -> None:
        try:
            done.append(end_overdue(datetime.now(UTC) + timedelta(minutes=6)))
        finally:
            connection.close()

    threads = [threading.Thread(target=clock) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(done) == 1
    assert len(world.book(place).entries("drill_ended")) == 1
