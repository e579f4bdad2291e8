"""An incident, or a part of it, is shown to one named person outside, by a link, for a purpose, until it ends."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.looks.looking import at_me, post
from tests.world import Button, Town, a_client

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/133.0", "Accept-Language": "en"}


def agrees(button: Button, given: bool = True) -> None:
    """The member says yes, or takes it back, on their phone."""
    page = button.client.get(f"{button.doors[0]}/app/privacy").json()
    number = next(c["version"] for c in page["consents"] if c["purpose"] == "media")
    answer = button.client.post(
        f"{button.doors[0]}/app/privacy/consents/media", json={"given": given, "version": number}
    )
    assert answer.status_code == 200, answer.text


def body(**more: Any) -> dict[str, Any]:
    return {
        "kind": "media", "name": "Reporter Chen", "organisation": "Rand Chinese News", "parts": ["summary"],
        "purpose": "to check the facts before a report", "ends_at": (datetime.now(UTC) + timedelta(days=2)).isoformat(),
        **more,
    }  # fmt: skip


def opened(world: Town, link: str, **headers: str) -> httpx.Response:
    with a_client() as client:
        path = "/s/" + link.rsplit("/", 1)[1]
        return client.get(world.doors[0] + path, headers={**BROWSER, **headers})


def test_what_was_shared_and_nothing_else(world: Town, place: str) -> None:
    button, desk = world.button(place), world.desk(place)
    world.rows("UPDATE people_person SET phone = '+27825550511' WHERE id = %s", world.person_of(button).pk)
    agrees(button)
    press = button.press("burglary")
    made = post(desk, f"incidents/{press.incident}/shares", **body())
    assert made.status_code == 201, made.text
    page = opened(world, made.json()["link"])
    assert page.status_code == 200
    assert "burglary" in page.text
    assert "Reporter Chen" in page.text
    assert button.name not in page.text
    assert "+27825550511" not in page.text
    assert str(world.homes[place][0])[:6] not in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    chinese = opened(world, made.json()["link"], **{"Accept-Language": "zh-CN"})
    assert "入室盗窃" in chinese.text

    whole = post(
        desk, f"incidents/{press.incident}/shares",
        **body(kind="police", parts=["summary", "position", "caller"], name="Captain Nkosi", organisation="SAPS"),
    ).json()  # fmt: skip
    page = opened(world, whole["link"])
    assert button.name in page.text
    assert "+27825550511" in page.text

    looks = [look for look in at_me(button) if look["kind"] == "share"]
    assert {(look["who"], look["center"], look["role"]) for look in looks} == {
        ("Reporter Chen", "Rand Chinese News", "media"), ("Captain Nkosi", "SAPS", "police"),
    }  # fmt: skip
    listed = desk.get(f"incidents/{press.incident}/shares").json()["items"]
    assert [(s["name"], s["opened"], s["state"]) for s in listed] == [
        ("Captain Nkosi", 1, "open"), ("Reporter Chen", 1, "open"),
    ]  # fmt: skip
    assert "link" not in listed[0] or listed[0]["link"] is None
    assert [e["facts"]["to_kind"] for e in world.book(place).entries("shared")] == ["media", "police"]
    assert "Chen" not in str(world.book(place).entries("shared"))


def test_after_its_end_it_is_as_if_it_had_never_been(world: Town, place: str) -> None:
    button, desk = world.button(place), world.desk(place)
    agrees(button)
    press = button.press()
    one, two = (post(desk, f"incidents/{press.incident}/shares", **body()).json() for _ in range(2))
    nowhere = opened(world, "/s/" + "x" * 43)
    assert nowhere.status_code == 404
    world.rows("UPDATE looks_share SET ends_at = now() WHERE id = %s", one["id"])
    assert post(desk, f"shares/{two['id']}/revoke").status_code == 200
    for link in (one["link"], two["link"]):
        assert (opened(world, link).status_code, opened(world, link).text) == (404, nowhere.text)
    assert post(desk, f"shares/{two['id']}/revoke").json()["reason"] == "share_over"
    assert [e["kind"] for e in world.book(place).entries() if e["kind"].startswith("share")] == [
        "shared", "shared", "share_revoked",
    ]  # fmt: skip


def test_a_program_that_makes_a_preview_learns_nothing_and_is_no_look(world: Town, place: str) -> None:
    button, desk = world.button(place), world.desk(place)
    agrees(button)
    press = button.press("burglary")
    link = post(desk, f"incidents/{press.incident}/shares", **body()).json()["link"]
    page = opened(world, link, **{"User-Agent": "WhatsApp/2.24"})
    assert "burglary" not in page.text
    assert at_me(button) == []


def test_it_is_refused_without_a_name_a_purpose_a_part_or_an_end_in_time(world: Town, place: str) -> None:
    press, desk = world.button(place).press(), world.desk(place)
    path = f"incidents/{press.incident}/shares"
    late = (datetime.now(UTC) + timedelta(days=31)).isoformat()
    for wrong, reason in (
        ({"name": " "}, "share_whom"), ({"organisation": ""}, "share_whom"), ({"purpose": "x"}, "reason_missing"),
        ({"parts": []}, "share_what"), ({"ends_at": late}, "share_end"),
        ({"ends_at": datetime.now(UTC).isoformat()}, "share_end"),
    ):  # fmt: skip
        refused = post(desk, path, **body(**wrong))
        assert (refused.status_code, refused.json()["reason"]) == (409, reason), wrong
    for stranger in (world.desk("DUR"), world.desk(place, "auditor"), world.desk(place, "responder")):
        assert post(stranger, path, **body()).status_code == 404
    assert world.desk("DUR").get(path).status_code == 404


def test_nobody_shares_what_they_do_not_see_any_more(world: Town, place: str) -> None:
    button, desk = world.button(place), world.desk(place)
    agrees(button)
    press = button.press()
    path = f"incidents/{press.incident}/shares"
    desk.claim(press.incident)
    desk.close(press.incident)
    world.rows(
        "UPDATE incidents_incident SET closed_at = closed_at - interval '25 hours' WHERE id = %s", press.incident
    )
    refused = post(desk, path, **body(parts=["summary", "position"]))
    assert (refused.status_code, refused.json()["reason"]) == (409, "share_withheld")
    assert post(desk, path, **body()).status_code == 201
    assert post(world.desk(place, "director"), path, **body(parts=["position", "caller"])).status_code == 201


def test_the_media_are_shown_a_members_case_only_with_their_yes(world: Town, place: str) -> None:
    button, desk = world.button(place), world.desk(place)
    press = button.press()
    path = f"incidents/{press.incident}/shares"
    for language, words in (("en", "The member has not agreed"), ("zh-hans", "会员尚未同意")):
        refused = desk.client.post(f"{desk.doors[0]}/api/v1/{path}", json=body(), params={"lang": language})
        assert (refused.status_code, refused.json()["reason"]) == (409, "share_media")
        assert words in refused.text
    assert post(desk, path, **body(kind="police")).status_code == 201, "the police need none"
    agrees(button)
    link = post(desk, path, **body()).json()["link"]
    assert opened(world, link).status_code == 200
    agrees(button, False)
    assert opened(world, link).status_code == 404, "withdrawn: at once"
    assert post(desk, path, **body()).json()["reason"] == "share_media"


def test_of_a_caller_who_is_no_member_the_media_get_the_summary_alone(world: Town, place: str) -> None:
    button, desk = world.button(place), world.desk(place)
    press = button.press()
    world.rows("UPDATE incidents_incident SET person_id = NULL, caller = 'Somebody' WHERE id = %s", press.incident)
    world.rows(
        "UPDATE devices_device SET person_id = NULL, center_id = (SELECT id FROM centers_center WHERE code = %s) "
        "WHERE id = (SELECT device_id FROM incidents_incident WHERE id = %s)", place, press.incident,
    )  # fmt: skip
    path = f"incidents/{press.incident}/shares"
    for parts in (["summary", "position"], ["caller"]):
        assert post(desk, path, **body(parts=parts)).json()["reason"] == "share_media_unknown"
    assert post(desk, path, **body()).status_code == 201
