"""The partner API: what a desk or a tool of a partner can rely on."""

import time
from typing import Any

import httpx
import pytest

from tests.world import Town, a_client


def test_me_tells_who_i_am_and_where(world: Town, place: str) -> None:
    desk = world.desk(place)
    me = desk.get("me").json()
    assert (me["id"], me["name"], me["demo"]) == (desk.person, desk.name, False)
    assert [(c["code"], c["role"], c["verbs"]) for c in me["centers"]] == [(place, "duty_officer", True)]
    assert set(me["map"]) == {"tiles", "pmtiles"}
    codes = [c["code"] for c in world.desk("KZN", "supervisor").get("me").json()["centers"]]
    assert codes == ["KZN", "DUR"]


def test_centers_in_both_languages(world: Town) -> None:
    desk = world.desk("PTA")
    en, zh = ({c["code"]: c for c in desk.get("centers", lang=lang).json()["items"]} for lang in ("en", "zh-hans"))
    assert en["PTA"]["name"] == en["PTA"]["name_en"] != zh["PTA"]["name"] == zh["PTA"]["name_zh"]
    assert en["PTA"]["parent"] == "GP"
    assert en["NAT"]["parent"] is None
    assert en["PTA"]["area"]["type"] == "Polygon"


def test_the_oldest_unclaimed_comes_first(world: Town, place: str) -> None:
    desk = world.desk(place)
    first, second, third, fourth = (world.button(place).press().incident for _ in range(4))
    desk.claim(first)
    desk.claim(fourth)
    desk.close(fourth)
    assert desk.queue(center=place) == [second, third, first]
    assert desk.queue(center=place, open=False) == [fourth]
    everything = [i["id"] for i in desk.get("incidents", center=place).json()["items"]]
    assert everything == [second, third, fourth, first]


def test_an_incident_says_all_that_the_desk_shows(world: Town, place: str) -> None:
    button, desk = world.button(place), world.desk(place)
    press = button.press("medical", battery=0.42, text="my father")
    lat, lon = world.homes[place]
    seen = desk.incident(press.incident)
    assert seen["person"]["name"] == button.name
    assert seen["device"]["protocol"] == "app"
    assert seen["position"]["lat"] == lat
    assert seen["position"]["accuracy"] == 12.0
    assert seen["plus_code"]
    assert seen["battery"] == 0.42
    assert seen["centers"] == [place]
    assert seen["escalation"]["step"] == 0
    assert seen["timeline"][0]["note"] == "my father"
    assert len(seen["trail"]) == 1
    assert "claim" in seen["verbs"]
    assert "dispatch" not in seen["verbs"]


def test_only_what_may_be_done_is_offered_and_what_is_offered_can_be_done(world: Town, place: str) -> None:
    bodies: dict[str, dict[str, Any]] = {
        "hand-over": {"center": "JNB"},
        "dispatch": {"kind": "police"},
        "mark": {"state": "on_scene"},
        "note": {"text": "x"},
        "close": {"outcome": "genuine"},
        "classify": {"alarm": "fire"},
    }
    desk = world.desk(place)
    for prepared in ([], ["claim"], ["claim", "dispatch"], ["claim", "resolve"], ["claim", "close"]):
        offered = None
        while offered is None or offered:
            incident = (
                world.button("CPT" if len(world.phones[place]) < 2 else place)
                .press(position=world.homes[place])
                .incident
            )
            for verb in prepared:
                desk.done(verb, incident, **bodies.get(verb, {}))
            verbs = desk.incident(incident)["verbs"]
            offered = [v for v in verbs if v != "merge"] if offered is None else offered
            verb = offered.pop()
            assert desk.do(verb, incident, **bodies.get(verb, {})).status_code == 200, (prepared, verb)


def test_a_phone_call_becomes_an_incident_that_waits_like_any_other(world: Town, place: str) -> None:
    desk = world.desk(place)
    lat, lon = world.homes[place]
    with desk.watching() as watch:
        call = {"center": place, "alarm": "extortion", "caller": "a neighbour", "phone": "+27825550000"}
        call |= {"text": "men at the gate", "address": "12 Church St", "position": {"lat": lat, "lon": lon}}
        made = desk.client.post(f"{desk.doors[0]}/api/v1/incidents", json=call)
        assert made.status_code == 201
        seen = made.json()
        watch.hears("opened", seen["id"])
    assert (seen["state"], seen["caller"], seen["address"]) == ("new", "a neighbour", "12 Church St")
    assert seen["timeline"][0]["note"] == "men at the gate"
    world.advance(seconds=61)
    assert world.timeline(seen["id"]) == ["opened", "escalated"]


def test_a_members_call_is_refused_while_their_alarm_runs_and_says_where(world: Town, place: str) -> None:
    desk, button = world.desk(place), world.button(place)
    person = world.person_of(button)
    person.phone = "+27825551234"
    person.save()
    press = button.press()
    again = desk.client.post(f"{desk.doors[0]}/api/v1/incidents", json={"center": place, "phone": person.phone})
    assert (again.status_code, again.json()["reason"]) == (409, "other_open")
    assert str(press.incident) in again.json()["detail"]


def test_named_responders_can_be_sent_and_others_cannot(world: Town, place: str) -> None:
    desk, responder, stranger = world.desk(place), world.desk(place, "responder"), world.desk("DUR", "responder")
    press = world.button(place).press()
    desk.claim(press.incident)
    offered = [r["id"] for r in desk.get("responders", center=place).json()["items"]]
    assert responder.person in offered
    assert stranger.person not in offered
    seen = desk.done("dispatch", press.incident, kind="responder", responder=responder.person)
    assert (seen["state"], seen["dispatches"][0]["who"]) == ("dispatched", responder.name)
    sent = seen["dispatches"][0]["id"]
    assert desk.done("mark", press.incident, dispatch=sent, state="on_scene")["state"] == "on_scene"
    refused = desk.do("dispatch", press.incident, kind="responder", responder=stranger.person)
    assert (refused.status_code, refused.json()["reason"]) == (409, "no_such_responder")


BAD = [
    ("close", {"outcome": "boredom"}, "outcome"),
    ("close", {}, "outcome"),
    ("dispatch", {"kind": "army"}, "kind"),
    ("dispatch", {"kind": "responder", "responder": "x"}, "responder"),
    ("mark", {"state": "asleep"}, "state"),
    ("note", {"text": ""}, "text"),
    ("note", {"text": "x" * 4001}, "text"),
    ("merge", {"into": 2**64}, "into"),
    ("classify", {"alarm": "aliens"}, "alarm"),
    ("hand-over", {}, "center"),
]


@pytest.mark.parametrize(("verb", "body", "field"), BAD)
def test_what_is_not_right_is_named(world: Town, verb: str, body: dict[str, Any], field: str) -> None:
    desk = world.desk("PTA")
    refused = desk.do(verb, world.button("PTA").press().incident, **body)
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert any(e["field"].endswith(field) for e in refused.json()["errors"])


@pytest.mark.parametrize("text", ["\0", "a\0b"])
def test_a_note_that_no_database_can_hold_is_refused_as_such(world: Town, text: str) -> None:
    desk = world.desk("PTA")
    refused = desk.do("note", world.button("PTA").press().incident, text=text)
    assert refused.status_code == 422
    assert desk.get("incidents", center=text).status_code == 422


def test_without_a_key_401_and_with_a_session_only_with_its_csrf_token(world: Town, place: str) -> None:
    url = world.doors[0]
    with a_client() as nobody:
        for path in ("me", "incidents", "incidents/1", "centers", "book?center=PTA", "responders?center=PTA"):
            assert nobody.get(f"{url}/api/v1/{path}").status_code == 401, path
    officer, press = world.desk(place), world.button(place).press()
    session = signed_in(world, officer.person)
    with a_client(cookies={"sessionid": session}) as browser:
        assert browser.get(f"{url}/api/v1/me").json()["id"] == officer.person
        claim = f"{url}/api/v1/incidents/{press.incident}/claim"
        assert browser.post(claim, json={}).status_code == 403
        browser.cookies.set("csrftoken", "a" * 32)
        answer = browser.post(claim, json={}, headers={"X-CSRFToken": "a" * 32, "Referer": url})
        assert answer.status_code == 200, answer.text


def signed_in(world: Town, person: int | None) -> str:
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from tocsin.people.models import Person

    store = SessionStore()
    store[SESSION_KEY] = str(person)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = Person.objects.get(pk=person).get_session_auth_hash()
    store["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "at": time.time()}]
    store["account_authentication_methods_user"] = str(person)
    store.save()
    assert store.session_key
    return store.session_key


def test_the_api_describes_itself(world: Town) -> None:
    with a_client() as client:
        document = client.get(f"{world.doors[0]}/api/v1/openapi.json")
    assert document.status_code == 200
    paths = document.json()["paths"]
    verbs = (
        "claim",
        "release",
        "hand-over",
        "dispatch",
        "mark",
        "note",
        "resolve",
        "close",
        "reopen",
        "merge",
        "unmerge",
    )
    for verb in verbs:
        assert any(path.endswith(f"/{verb}") for path in paths), verb


def test_the_book_is_read_in_pages(world: Town, place: str) -> None:
    button, desk = world.button(place), world.desk(place)
    for _ in range(7):
        button.press()
    page: httpx.Response = desk.get("book", center=place, after=2, limit=3)
    assert [e["number"] for e in page.json()["items"]] == [3, 4, 5]
    assert page.json()["head"] == 7
