"""Pairing through the partner API and the app: added, alive, tried with one press, watched, revoked."""

import re
from typing import Any

import pytest

from tests.world import Button, Desk, Town, Tracker, a_client, until
from tocsin.devices import rules
from tocsin.gates.registry import gates, pairings


def add(desk: Desk, **body: Any) -> Any:
    body = {"center": desk.center, "protocol": "gt06", **body}
    return desk.client.post(f"{desk.doors[0]}/api/v1/devices", json=body)


def verb(desk: Desk, pk: int, what: str, /, **body: Any) -> Any:
    return desk.client.post(f"{desk.doors[0]}/api/v1/devices/{pk}/{what}", json=body)


def app(button: Button, method: str, path: str, language: str = "en", **body: Any) -> Any:
    json = {"json": body} if method == "POST" else {}
    return button.client.request(method, f"{button.doors[0]}/app/{path}", headers={"Accept-Language": language}, **json)


def the_tracker(world: Town, identifier: str, center: str, protocol: str = "gt06") -> Tracker:
    return Tracker(protocol, lambda: world.port(protocol), identifier, world.homes[center])


def heard(desk: Desk, pk: int, tracker: Tracker) -> Any:
    """The device as the desk sees it once its heartbeat counts: before the gates know it, that is a stranger's."""

    def found() -> Any:
        tracker.let_go()
        seen = desk.get(f"devices/{pk}").json()
        return seen["heard_at"] and seen

    return until(found, 5, "a sign of life")


def kinds(world: Town, center: str) -> list[str]:
    return [e["kind"] for e in world.book(center).entries() if e["kind"].startswith(("device_", "site_", "tested"))]


def test_a_tracker_is_added_heard_tried_and_works(world: Town, place: str) -> None:
    desk, member = world.desk(place), world.member(place)
    made = add(desk, identifier=" 35900-01500-01234 ", name="Shop", person=member.pk)
    assert made.status_code == 201, made.text
    pk = made.json()["id"]
    assert (made.json()["identifier"], made.json()["state"]) == ("359000150001234", "waiting")
    assert made.json()["owner"] == {"kind": "person", "id": member.pk, "name": member.name, "phone": None}
    assert made.json()["heartbeat_every"] == 1800

    tracker = the_tracker(world, "359000150001234", place)
    seen = heard(desk, pk, tracker)
    assert (seen["state"], seen["tested_at"]) == ("ok", None)

    begun = verb(desk, pk, "test").json()
    assert begun["testing_until"] > begun["now"]
    until(lambda: desk.get(f"devices/{pk}").json()["testing_until"], 3, "the test")
    world.rows("SELECT pg_sleep(1.2)")  # the gates have heard of it
    tracker.press()
    seen = until(lambda: (d := desk.get(f"devices/{pk}").json())["tested_at"] and d, 5, "the test press")
    assert seen["testing_until"] is None
    assert 0 <= seen["tested_after"] < 10
    assert kinds(world, place) == ["device_added", "device_test_begun", "tested"]
    assert desk.queue(center=place) == []
    said = [e["text"] for e in desk.get("book", center=place).json()["items"]]
    assert said[0] == f"Shop added by {desk.name}"

    tracker.let_go()
    tracker.press()  # the test is over: this one is real
    assert len(until(lambda: desk.queue(center=place), 5, "the alarm")) == 1


def test_its_ways_to_be_changed_are_in_the_book(world: Town, place: str) -> None:
    desk = world.desk(place)
    pk = add(desk, identifier="359000150001235").json()["id"]
    assert verb(desk, pk, "rename", name="Gate").json()["name"] == "Gate"
    assert verb(desk, pk, "rename", name="Gate").json()["reason"] == "no_change"
    assert verb(desk, pk, "expect", every=None).json()["heartbeat_every"] is None
    assert verb(desk, pk, "expect", every=3600).json()["heartbeat_every"] == 3600
    assert verb(desk, pk, "expect", every=5).status_code == 422
    assert verb(desk, pk, "end-test").json()["reason"] == "no_change"
    verb(desk, pk, "test")
    assert verb(desk, pk, "end-test").json()["testing_until"] is None
    assert verb(desk, pk, "revoke").status_code == 200
    assert verb(desk, pk, "test").status_code == 404
    assert pk not in [d["id"] for d in desk.get("devices", center=place).json()["items"]]
    assert kinds(world, place) == [
        "device_added",
        *["device_changed"] * 3,
        "device_test_begun",
        "device_test_ended",
        "device_revoked",
    ]
    assert world.book(place).verdict().ok


def test_a_revoked_device_is_heard_no_more_and_can_be_added_again(world: Town, place: str) -> None:
    desk = world.desk(place)
    pk = add(desk, identifier="359000150001236").json()["id"]
    heard(desk, pk, the_tracker(world, "359000150001236", place))
    verb(desk, pk, "revoke")
    again = add(desk, identifier="359000150001236", name="Second life")
    assert (again.status_code, again.json()["id"], again.json()["heard_at"]) == (201, pk, None)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_what_cannot_be_added_is_refused_with_a_reason(world: Town, place: str, language: str) -> None:
    desk = world.desk(place)
    assert add(desk, identifier="359000150001237").status_code in (201, 409)
    cases = [
        ({"identifier": "359000150001237"}, "device_known"),
        ({"identifier": "35900015000123"}, "identifier_malformed"),
        ({"identifier": "１２３"}, "identifier_malformed"),
        ({"identifier": "x", "protocol": "app"}, "no_such_protocol"),
        ({"identifier": "359000150001238", "person": 2**40}, "no_such_owner"),
        ({"identifier": "359000150001238", "site": 2**40}, "no_such_owner"),
        ({"identifier": "359000150001238", "sim": "12"}, "number_malformed"),
        ({"identifier": "lookout-7", "protocol": "osmand", "sim": "+27825550123"}, "number_malformed"),
    ]
    for body, reason in cases:
        refused = desk.client.post(
            f"{desk.doors[0]}/api/v1/devices",
            json={"center": place, "protocol": "gt06", **body},
            params={"lang": language},
        )
        assert (refused.status_code, refused.json()["reason"]) == (409, reason), body
        assert refused.headers["content-type"] == "application/problem+json"
        assert bool(re.search("[\u4e00-\u9fff]", refused.json()["detail"])) == (language == "zh-hans")


def test_a_sim_is_a_device_of_the_same_owner(world: Town, place: str) -> None:
    desk, member = world.desk(place), world.member(place)
    made = add(desk, identifier="359000150001239", person=member.pk, name="Li's car", sim="082 555 0177")
    assert made.status_code == 201
    rows = world.rows(
        "SELECT person_id, name FROM devices_device WHERE protocol = 'sms' AND identifier = %s", "+27825550177"
    )
    assert rows == [(member.pk, "Li's car SIM")]
    assert made.json()["sim"] == "+27825550177"
    assert [d["name"] for d in desk.get("devices", center=place, q="Li's").json()["items"]] == ["Li's car"]
    other = add(desk, identifier="359000150001240", sim="+27825550177")
    assert other.json()["reason"] == "number_known"
    assert world.rows("SELECT 1 FROM devices_device WHERE identifier = '359000150001240'") == []
    verb(desk, made.json()["id"], "revoke")
    assert add(desk, identifier="359000150001240", sim="+27825550177").status_code == 201


def test_a_site_is_added_and_found_again(world: Town, place: str) -> None:
    desk, member = world.desk(place), world.member(place, name="Zhang Wei", phone="+27825550166")
    body = {
        "center": place,
        "name": "Golden Rice shop",
        "address": "12 Church St",
        "position": {"lat": -25.7, "lon": 28.2},
    }
    site = desk.client.post(f"{desk.doors[0]}/api/v1/sites", json=body).json()
    found = desk.get("owners", center=place, q="rice").json()
    assert found == {"people": [], "sites": [{"id": site["id"], "name": "Golden Rice shop", "address": "12 Church St"}]}
    for words in ("zhang", "wei zhang", "0825550166"):
        assert [p["id"] for p in desk.get("owners", center=place, q=words).json()["people"]] == [member.pk], words
    made = add(desk, identifier="359000150001241", site=site["id"]).json()
    assert made["owner"]["name"] == "Golden Rice shop"
    assert kinds(world, place) == ["site_added", "device_added"]


def test_the_troubled_come_first_and_alone(world: Town, place: str) -> None:
    desk = world.desk(place)
    names = {}
    for n, name in enumerate(("well", "silent", "low", "unheard")):
        names[name] = add(desk, identifier=f"35900015000125{n}", name=name).json()["id"]
    heard = """INSERT INTO devices_vitals (device_id, heard_at, silent_since, troubles, told, changed)
        VALUES (%s, now(), {}, '{{}}', %s, false)"""
    world.rows(heard.format("NULL"), names["well"], "{}")
    world.rows(heard.format("now()"), names["silent"], "{}")
    world.rows(heard.format("NULL"), names["low"], '{"low_battery": "2026-11-23T01:00:00Z"}')
    everything = [d for d in desk.get("devices", center=place).json()["items"] if d["name"]]
    assert [d["name"] for d in everything] == ["silent", "low", "unheard", "well"]
    assert everything[1]["troubles"][0]["said"] == "low battery"
    assert [d["name"] for d in desk.get("devices", center=place, troubled=True).json()["items"]] == ["silent", "low"]
    assert [d["name"] for d in desk.get("devices", center=place, q="359000150001250").json()["items"]] == ["well"]


def test_strangers_and_those_who_only_look_get_404(world: Town, place: str) -> None:
    officer, stranger, auditor = world.desk(place), world.desk("CPT"), world.desk(place, "auditor")
    pk = add(officer, identifier="359000150001260").json()["id"]
    for other in (stranger, auditor):
        assert other.get(f"devices/{pk}").status_code == 404
        assert other.get("devices", center=place).status_code == 404
        assert other.get("owners", center=place).status_code == 404
        assert verb(other, pk, "test").status_code == 404
        assert verb(other, pk, "revoke").status_code == 404
        assert (
            other.client.post(
                f"{other.doors[0]}/api/v1/devices",
                json={"center": place, "protocol": "gt06", "identifier": "359000150001261"},
            ).status_code
            == 404
        )
    assert stranger.get("devices").json()["items"] == [] or pk not in [
        d["id"] for d in stranger.get("devices").json()["items"]
    ]
    assert auditor.get("protocols").status_code == 404
    with a_client() as nobody:
        assert nobody.get(f"{world.doors[0]}/api/v1/devices").status_code == 401


def test_a_knock_shows_where_the_device_speaks_already(world: Town, place: str) -> None:
    desk = world.desk(place)
    tracker = the_tracker(world, "359000150001271", place)
    tracker.answered(tracker.device.hello(), within=3)
    until(lambda: world.rows("SELECT 1 FROM gates_knock WHERE identifier = '359000150001271'"), 5, "the knock")
    right = add(desk, identifier="359000150001271").json()
    assert [(k["identifier"], k["same"]) for k in right["knocks"]] == [("359000150001271", True)]
    mistyped = add(desk, identifier="359000150001721").json()
    assert [(k["identifier"], k["same"]) for k in mistyped["knocks"]] == [("359000150001271", False)]


@pytest.mark.parametrize(
    ("said", "written", "alike"),
    [
        ("359000150001271", "359000150001271", True),
        ("359000150001271", "359000150001721", True),
        ("359000150001271", "359000150007271", True),
        ("35900015000127", "359000150001271", True),
        ("3590000150001271", "359000150001271", True),
        ("00150001271", "359000150001271", True),
        ("359000150001234", "359000150001271", False),
        ("359000150001217", "359000150001712", False),
        ("", "1", True),
        ("359", "0359000150001271", False),
    ],
)
def test_a_mistyped_number_is_recognised_and_its_neighbour_in_the_box_is_not(
    said: str, written: str, alike: bool
) -> None:
    assert rules.alike(said, written) == rules.alike(written, said) == alike


def test_every_text_is_filled_for_this_installation(world: Town) -> None:
    desk = world.desk("PTA")
    found = {p["name"]: p for p in desk.get("protocols").json()["items"]}
    assert found.keys() == pairings().keys()
    assert {"text": "Where to report.", "send": f"SERVER,1,127.0.0.1,{world.port('gt06')},0#"} in found["gt06"]["steps"]
    left = {name for p in found.values() for s in p["steps"] for name in re.findall(r"\{([a-z]+)\}", s["send"] or "")}
    assert left <= {"identifier", "password", "apn", "network"}, left
    zh = {p["name"]: p for p in desk.get("protocols", lang="zh-hans").json()["items"]}
    assert all(re.search("[\u4e00-\u9fff]", s["text"]) for p in zh.values() for s in p["steps"])


@pytest.mark.parametrize("name", sorted(pairings()))
def test_every_pairing_is_whole(name: str) -> None:
    pairing = pairings()[name]
    assert re.fullmatch(pairing.pattern, pairing.example)
    words = [pairing.title, pairing.identifier, pairing.press, *((s.zh, s.en) for s in pairing.steps)]
    words += [(f.zh, f.en) for f in pairing.fields]
    for zh, en in words:
        assert re.search("[\u4e00-\u9fff]", zh), zh
        assert en, (zh, en)
        assert not re.search("[\u4e00-\u9fff，。：（）]", en), en
    known = {"host", "ip", "port", "identifier", "url", "password", "apn", "network"}
    assert {p for s in pairing.steps for p in re.findall(r"\{([a-z]+)\}", s.send or "")} <= known
    assert gates()[name]


def test_a_member_adds_and_tries_a_device_alone(world: Town, place: str) -> None:
    button = world.button(place)
    kinds_of = {p["name"]: p for p in app(button, "GET", "protocols").json()["items"]}
    assert {"gt06", "osmand", "watch"} <= kinds_of.keys()
    assert all(p["by"] in ("sms", "web", "app") for p in kinds_of.values())
    assert not any(g.keyed for name in kinds_of for g in gates()[name] if hasattr(g, "keyed"))
    made = app(
        button, "POST", "devices", protocol="watch", identifier="9900 0012 34", name="Mother's watch", sim="0825550188"
    )
    assert made.status_code == 201, made.text
    pk = made.json()["id"]
    assert (made.json()["identifier"], made.json()["owner"]["name"]) == ("9900001234", button.name)
    assert [d["name"] for d in app(button, "GET", "devices").json()["items"]] == ["Mother's watch"]
    assert app(button, "POST", f"devices/{pk}/test").json()["testing_until"]
    assert app(button, "POST", f"devices/{pk}/end-test").json()["testing_until"] is None
    assert app(button, "POST", f"devices/{pk}/rename", name="Watch").json()["name"] == "Watch"
    other = world.button(place)
    assert app(other, "GET", f"devices/{pk}").status_code == 404
    assert app(other, "POST", f"devices/{pk}/revoke").status_code == 404
    taken = app(other, "POST", "devices", "zh-hans", protocol="watch", identifier="9900001234")
    assert (taken.status_code, button.name in taken.text) == (409, False)
    assert "已经登记" in taken.json()["detail"]
    assert app(button, "POST", f"devices/{pk}/revoke").json()["revoked_at"]
    assert app(button, "GET", f"devices/{pk}").status_code == 404
    assert kinds(world, place)[-1] == "device_revoked"
    said = [e["text"] for e in world.desk(place).get("book", center=place).json()["items"]]
    assert f"Test of Watch begun by {button.name}" in said
    assert app(button, "POST", f"devices/{pk}/polish").status_code == 404


def test_a_member_can_neither_add_for_others_nor_what_needs_the_center(world: Town, place: str) -> None:
    button = world.button(place)
    for protocol in ("traccar", "ttn", "sms", "dc09", "shelly", "tasmota", "app", "nonsense", ""):
        assert app(button, "POST", "devices", protocol=protocol, identifier="359000150001281").status_code == 409, (
            protocol
        )
    with a_client() as nobody:
        for path in ("devices", "protocols", "devices/1"):
            assert nobody.get(f"{world.doors[0]}/app/{path}").status_code == 401
    tries = [app(button, "POST", "devices", protocol="gt06", identifier="1").status_code for _ in range(20)]
    assert tries[-1] == 429


def test_the_phones_of_members_and_their_own_numbers_are_no_devices_here(world: Town, place: str) -> None:
    desk, member = world.desk(place), world.member(place, phone="+27825550199")
    world.phone_of(member)
    listed = desk.get("devices", center=place).json()["items"]
    assert {d["protocol"] for d in listed} == {"gt06", "osmand"}  # the trackers of the place
    assert "+27825550199" not in [d["identifier"] for d in listed]
