"""Escalation plans through the partner API: written by those who may, checked, played through without a trace."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.world import Desk, Town
from tocsin.escalation.simulate import when

STAGES = [
    {"after": 0, "whom": [{"kind": "on_duty"}], "by": ["webpush"]},
    {"after": 20, "whom": [{"kind": "on_duty"}], "by": ["sms", "voice"]},
    {"after": 90, "ring": "all", "whom": [{"kind": "everyone"}], "by": ["sms"]},
]


def post(desk: Desk, path: str, lang: str = "en", **body: Any) -> Any:
    return desk.client.post(f"{desk.doors[0]}/api/v1/{path}", json=body, params={"lang": lang})


def add(desk: Desk, **more: Any) -> Any:
    body = {"center": desk.center, "name": "Robbery", "alarm": "robbery", "steps": {"stages": STAGES, "every": 60}}
    return post(desk, "plans", **{**body, **more})


def kinds(world: Town, center: str) -> list[str]:
    return [e["kind"] for e in world.book(center).entries() if e["kind"].startswith("plan_")]


def contact(person: int | None, channel: str, confirmed: bool = True) -> None:
    from tocsin.notifications.models import Contact

    now = datetime.now(UTC) if confirmed else None
    Contact.objects.create(person_id=person, channel=channel, address=f"{channel}-{person}", confirmed_at=now)


def on_duty(center: str, person: int | None, start: datetime, hours: float) -> None:
    from tocsin.centers.models import Center
    from tocsin.rosters.models import Shift

    Shift.objects.create(
        center=Center.objects.get(code=center), duty="duty_officer", person_id=person, starts_at=start,
        ends_at=start + timedelta(hours=hours),
    )  # fmt: skip


def test_a_plan_lives_and_the_book_tells_each_change(world: Town, place: str) -> None:
    desk = world.desk(place, "director")
    made = add(desk)
    assert made.status_code == 201, made.text
    pk = made.json()["id"]
    listed = desk.get("plans", center=place).json()
    assert [p["id"] for p in listed["own"]] == [pk]
    assert listed["may_change"] and listed["inherited"] == [] and len(listed["default"]["stages"]) == 5
    change = {
        "center": place,
        "name": "By night",
        "when": "night",
        "steps": {"stages": STAGES[2:], "every": 30},
    }
    changed = post(desk, f"plans/{pk}/change", **change).json()
    assert changed["readable"]
    assert (changed["name"], changed["when"], changed["alarm"], changed["steps"]["every"]) == (
        "By night", "night", "", 30,
    )  # fmt: skip
    assert post(desk, f"plans/{pk}/deactivate").json()["active"] is False
    assert post(desk, f"plans/{pk}/deactivate").json()["reason"] == "no_change"
    assert post(desk, f"plans/{pk}/activate").json()["active"] is True
    assert post(desk, f"plans/{pk}/delete").status_code == 422, "it asks: sure?"
    assert post(desk, f"plans/{pk}/delete", sure=True).json()["deleted"] is True
    assert desk.get(f"plans/{pk}").status_code == 404
    assert kinds(world, place) == ["plan_added", "plan_changed", "plan_deactivated", "plan_activated", "plan_deleted"]
    said = [e["text"] for e in desk.get("book", center=place).json()["items"] if e["kind"] == "plan_changed"]
    assert said == [f"Escalation plan {pk} changed by {desk.name}"]


def test_officers_read_and_directors_and_supervisors_write(world: Town, place: str) -> None:
    officer, supervisor, stranger = world.desk(place), world.desk(place, "supervisor"), world.desk("CPT", "director")
    pk = add(supervisor).json()["id"]
    assert officer.get(f"plans/{pk}").status_code == 200
    assert officer.get("plans", center=place).json()["may_change"] is False
    assert add(officer).status_code == 404
    for desk in (officer, stranger):
        for verb, body in (("deactivate", {}), ("delete", {"sure": True}), ("change", {})):
            given = {"center": place, "name": "x", "steps": {"stages": STAGES}} if verb == "change" else body
            assert post(desk, f"plans/{pk}/{verb}", **given).status_code == 404
    assert stranger.get("plans", center=place).status_code == 404
    assert kinds(world, place) == ["plan_added"]


def test_a_center_inherits_the_plans_above_it_and_its_own_come_first(world: Town, place: str) -> None:
    above, here = world.desk("GP", "director"), world.desk(place, "director")
    inherited = add(above, name="Province", alarm="fire").json()["id"]
    try:
        listed = here.get("plans", center=place).json()
        assert inherited in [p["id"] for p in listed["inherited"]]
        assert post(here, "plans/simulate", center=place, alarm="fire").json()["plan"]["id"] == inherited
        own = add(here, name="Ours", alarm="fire").json()["id"]
        assert post(here, "plans/simulate", center=place, alarm="fire").json()["plan"]["id"] == own
        assert post(here, "plans/simulate", center=place, alarm="medical").json()["plan"] is None, "the default"
        assert post(here, f"plans/{inherited}/delete", sure=True).status_code == 404, "not ours to change"
    finally:
        post(above, f"plans/{inherited}/delete", sure=True)


@pytest.mark.parametrize(
    ("stages", "field", "stage", "en", "zh"),
    [
        ([], "steps.stages", None, "1 to 20 stages", "1 到 20 步"),
        ([{**STAGES[2], "after": -1}], "steps.stages.0.after", 1, "from 0 to 86400", "0 到 86400"),
        ([STAGES[1], {**STAGES[2], "after": 20}], "steps.stages.1.after", 2, "later than", "晚于前一步"),
        ([STAGES[0]], "steps.stages", None, "reach everybody", "所有人"),
        ([{"after": 0}, STAGES[2]], "steps.stages.0.whom", 1, "say whom", "通知谁"),
        ([{**STAGES[2], "by": ["pigeon"]}], "steps.stages.0.by", 1, "pigeon", "pigeon"),
        ([{**STAGES[2], "whom": [{"kind": "people"}]}], "steps.stages.0.whom.0.ids", 1, "one person", "一个人"),
        ([{**STAGES[2], "whom": [{"kind": "people", "ids": [10**8]}]}], "steps.stages.0.whom.0.ids", 1, "nobody", "不"),
        ([{**STAGES[2], "whom": [{"kind": "nearest", "km": 0}]}], "steps.stages.0.whom.0.km", 1, "500 km", "500 公里"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_by_field_and_stage_in_both_languages(
    world: Town, place: str, stages: Any, field: str, stage: int | None, en: str, zh: str
) -> None:
    desk = world.desk(place, "director")
    for language, word in (("en", en), ("zh-hans", zh)):
        body = {"center": place, "name": "Plan", "steps": {"stages": stages, "every": 60}}
        refused = post(desk, "plans", lang=language, **body)
        assert refused.status_code == 422
        found = [(e["field"], e["stage"]) for e in refused.json()["errors"]]
        assert (field, stage) in found
        assert word in " ".join(e["why"] for e in refused.json()["errors"])
    assert kinds(world, place) == []


def test_played_through_it_names_people_times_and_channels_and_writes_nothing(world: Town, place: str) -> None:
    director, first, second = world.desk(place, "director"), world.desk(place), world.desk(place)
    contact(first.person, "webpush")
    contact(first.person, "sms")
    contact(second.person, "email", confirmed=False)
    now = datetime.now(UTC)
    on_duty(place, first.person, now - timedelta(hours=1), 3)
    tables = ("notifications_delivery", "notifications_contact", "book_entry", "incidents_incident")
    before = [world.rows(f"SELECT count(*) FROM {table}") for table in tables]
    played = post(director, "plans/simulate", center=place, steps={"stages": STAGES, "every": 45}).json()
    assert played["every"] == 45
    assert [(s["step"], s["after"]) for s in played["stages"]] == [(1, 0), (2, 20), (3, 90)]
    told = [[(t["name"], t["channels"], t["otherwise"]) for t in s["told"]] for s in played["stages"]]
    assert told[0] == [(first.name, ["webpush"], False)]
    assert told[1] == [(first.name, ["sms"], False)]
    assert (second.name, ["email"], True) in told[2], "none of the stage's channels: the best contact they have"
    assert [c["code"] for c in played["stages"][2]["ring"]] == ["GP", "NAT"]
    reasons = {(w["reason"], w["stage"]) for w in played["warnings"]}
    assert ("no_contact", 3) in reasons and ("unconfirmed", 3) in reasons and ("off_duty", 1) not in reasons
    assert any(f"{director.name} has no contact" in w["text"] for w in played["warnings"])
    assert [world.rows(f"SELECT count(*) FROM {table}") for table in tables] == before


def test_sunday_at_three_nobody_is_on_duty_and_it_says_so(world: Town, place: str) -> None:
    director, first, second = world.desk(place, "director"), world.desk(place), world.desk(place)
    for desk in (first, second):
        contact(desk.person, "webpush")
    now = datetime.now(UTC)
    night = when("sun-03:00", ZoneInfo("Africa/Johannesburg"), now)
    assert (night.astimezone(ZoneInfo("Africa/Johannesburg")).strftime("%a %H:%M"), night > now) == ("Sun 03:00", True)
    on_duty(place, first.person, night - timedelta(hours=9), 8)  # ends at 02:00
    asked = {"center": place, "steps": {"stages": STAGES, "every": 60}}
    played = post(director, "plans/simulate", **asked, at="sun-03:00").json()
    assert datetime.fromisoformat(played["at"]) == night
    assert {t["name"] for t in played["stages"][0]["told"]} == {first.name, second.name}
    (warned, *_) = played["warnings"]
    assert (warned["reason"], warned["stage"]) == ("off_duty", 1)
    assert "all 2 duty officers would be told" in warned["text"]
    earlier = (night - timedelta(hours=2)).astimezone(ZoneInfo("Africa/Johannesburg")).strftime("%Y-%m-%dT%H:%M")
    played = post(director, "plans/simulate", **asked, at=earlier).json()
    assert [t["name"] for t in played["stages"][0]["told"]] == [first.name]
    assert post(director, "plans/simulate", **asked, at="soon").json()["reason"] == "no_such_moment"
    far = post(director, "plans/simulate", **asked, at=(now + timedelta(weeks=9)).isoformat()).json()
    assert far["warnings"][0]["reason"] == "far_off"
