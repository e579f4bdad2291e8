"""The demo shows the whole way without any account: a press becomes a text and a call, and their answers count."""

import re
from collections.abc import Iterator

import pytest

from tests.world import Installation, a_client, until

MESSAGE = re.compile(r'data-channel="(\w+)" data-to="([^"]*)">(.*?)</section>', re.S)


@pytest.fixture(scope="module")
def demo() -> Iterator[Installation]:
    demo = Installation(inbox=True)
    try:
        demo.start()
        until(lambda: demo.rows("SELECT 1 FROM rosters_shift LIMIT 1"), 20, "shifts")
        yield demo
    finally:
        demo.end()


def arrived(demo: Installation, channel: str, words: str, within: float = 30) -> tuple[str, str]:
    """(to, section of the page) of the first message on that channel with those words."""

    def found() -> tuple[str, str] | None:
        with a_client() as visitor:
            page = visitor.get(f"{demo.doors[0]}/demo/inbox/?lang=zh-hans", follow_redirects=True).text
        return next((m[1:] for m in MESSAGE.findall(page) if m[0] == channel and words in m[2]), None)

    said: tuple[str, str] = until(found, within, f"a message by {channel} with {words}")
    return said


def test_a_press_arrives_as_a_text_whose_link_claims_it(demo: Installation) -> None:
    press = demo.button("PTA").press("roadblock")
    number, section = arrived(demo, "sms", f"#{press.incident} ")
    assert "假路检" in section
    link = re.search(r'href="(/a/[\w-]+)"', section)
    assert link
    with a_client() as phone:
        assert phone.get(demo.doors[0] + link[1]).status_code == 200
        assert phone.post(demo.doors[0] + link[1], data={"answer": "claim"}).status_code in (200, 302)
    incident = demo.desk("PTA").incident(press.incident)
    assert incident["state"] == "claimed"
    claimed_by = demo.rows(
        "SELECT p.phone FROM incidents_incident i JOIN people_person p ON p.id = i.claimed_by_id WHERE i.id = %s",
        press.incident,
    )
    assert claimed_by == [(number,)]
    until(lambda: _states(demo, press.incident, "sms") & {"read", "answered"}, 5, "the receipt")


def test_an_officer_claims_by_a_key_in_the_call(demo: Installation) -> None:
    press = demo.button("CPT").press("robbery")
    # as if the 30 seconds after which the plan calls had gone by: each step on the way there is due at once
    sooner = "UPDATE escalation_step SET due = now() WHERE incident_id = %s AND done_at IS NULL"
    until(lambda: _states(demo, press.incident, "voice") or demo.rows(sooner, press.incident), 20, "the call")
    _, section = arrived(demo, "voice", "抢劫")
    call = re.search(r'name="id" value="(\w+)"', section)
    assert call
    with a_client() as visitor:
        page = f"{demo.doors[0]}/demo/inbox/"
        token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', visitor.get(page).text)
        assert token
        pressed = {"id": call[1], "key": "1", "csrfmiddlewaretoken": token[1]}
        assert visitor.post(page, data=pressed, headers={"Referer": page}).status_code == 302
    assert demo.desk("CPT").incident(press.incident)["state"] == "claimed"
    arrived(demo, "voice", "已由您接警")


def test_the_network_is_furnished(demo: Installation) -> None:
    boss = demo.desk("JNB", "director")
    on = (
        "SELECT DISTINCT c.code FROM rosters_shift s JOIN centers_center c ON c.id = s.center_id "
        "WHERE s.duty = 'duty_officer' AND now() BETWEEN s.starts_at AND s.ends_at"
    )
    everywhere = {c["code"] for c in demo.sheet()["centers"]}
    until(lambda: {code for (code,) in demo.rows(on)} | {"PTA"} == everywhere, 20, "shifts; the gap is in Pretoria")
    arrived(demo, "sms", "asks whether you may be told")
    plans = boss.get("plans", center="JNB").text
    assert "Burglary" in plans
    told = demo.rows("SELECT report FROM drills_drill WHERE ended_at IS NOT NULL")[0][0]
    assert [i["claimed"] for i in told["incidents"]] == [27.0]
    assert {p["seen"] for p in told["people"]} == {19.0, 31.0, None}


def _states(demo: Installation, incident: int, channel: str) -> set[str]:
    query = "SELECT state FROM notifications_delivery WHERE incident_id = %s AND channel = %s"
    return {state for (state,) in demo.rows(query, incident, channel)}
