"""Of many who try at once, one wins, and the others learn who."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx

from tests.world import Desk, Town


def all_at_once(desks: list[Desk], verb: str, incident: int, **body: object) -> list[httpx.Response]:
    start = Barrier(len(desks))

    def do(n: int) -> httpx.Response:
        start.wait()
        return desks[n].do(verb, incident, door=n % 2, **body)

    with ThreadPoolExecutor(len(desks)) as many:
        return list(many.map(do, range(len(desks))))


def test_fifty_officers_claim_at_once_and_one_wins(world: Town, place: str) -> None:
    officers, press = [world.desk(place) for _ in range(50)], world.button(place).press()
    answers = all_at_once(officers, "claim", press.incident)
    winners = [officer for officer, answer in zip(officers, answers, strict=True) if answer.status_code == 200]
    losers = [answer for answer in answers if answer.status_code != 200]
    assert len(winners) == 1
    assert [answer.status_code for answer in losers] == [409] * 49
    assert {answer.json()["detail"] for answer in losers} == {f"{winners[0].name} has claimed it already"}
    assert {answer.json()["reason"] for answer in losers} == {"claimed_already"}
    assert {answer.headers["content-type"] for answer in losers} == {"application/problem+json"}
    assert world.timeline(press.incident) == ["opened", "claimed"]
    seen = winners[0].incident(press.incident)
    assert seen["mine"] is True
    assert seen["claimed_by"]["name"] == winners[0].name
    said = officers[0].do("claim", press.incident, lang="zh-hans").json()["detail"]
    assert said == f"已由 {winners[0].name} 接警"


def test_one_release_of_many_counts(world: Town, place: str) -> None:
    officers, press = [world.desk(place) for _ in range(10)], world.button(place).press()
    officers[0].claim(press.incident)
    answers = all_at_once(officers, "release", press.incident)
    assert sorted(a.status_code for a in answers) == [200] + [409] * 9
    assert world.timeline(press.incident) == ["opened", "claimed", "released"]


def test_one_closing_of_many_counts(world: Town, place: str) -> None:
    officers, press = [world.desk(place) for _ in range(10)], world.button(place).press()
    officers[0].claim(press.incident)
    answers = all_at_once(officers, "close", press.incident, outcome="genuine")
    assert sorted(a.status_code for a in answers) == [200] + [409] * 9
    assert {a.json()["reason"] for a in answers if a.status_code == 409} == {"closed_already"}


def test_two_merges_into_each_other_leave_one_incident_open(world: Town, place: str) -> None:
    for _ in range(4):
        pair = [world.button(place).press().incident for _ in range(2)]
        desks = [world.desk(place) for _ in range(2)]
        with ThreadPoolExecutor(2) as both:
            one = both.submit(desks[0].do, "merge", pair[0], into=pair[1])
            other = both.submit(desks[1].do, "merge", pair[1], into=pair[0])
        assert sorted((one.result().status_code, other.result().status_code)) == [200, 409]
        assert len([i for i in desks[0].queue(center=place) if i in pair and not merged(desks[0], i)]) == 1


def merged(desk: Desk, incident: int) -> bool:
    return desk.incident(incident)["merged_into"] is not None


def test_a_press_while_its_incident_is_closed_is_never_lost(world: Town, place: str) -> None:
    """It joins the one that is being closed, or opens a new one: never neither."""
    desk = world.desk(place)
    for _ in range(4):
        button = world.button(place)
        first = button.press()
        desk.claim(first.incident)
        with ThreadPoolExecutor(2) as both:
            closing = both.submit(desk.close, first.incident)
            second = both.submit(button.press).result()
        closing.result()
        assert second.status == 201
        told = world.timeline(second.incident)
        assert told in (["opened", "claimed", "joined", "closed"], ["opened"]), told


def test_verbs_that_come_too_early_say_what_to_do_first(world: Town, place: str) -> None:
    desk, press = world.desk(place), world.button(place).press()
    for verb, body in (
        ("release", {}),
        ("resolve", {}),
        ("dispatch", {"kind": "police"}),
        ("close", {"outcome": "genuine"}),
    ):
        refused = desk.do(verb, press.incident, **body)
        assert (refused.status_code, refused.json()["reason"]) == (409, "claim_first")
        assert refused.json()["detail"] == "Claim it first"
    assert desk.do("reopen", press.incident).json()["reason"] == "not_closed"
    assert world.timeline(press.incident) == ["opened"]


def test_reopening_is_refused_while_the_person_has_another_open_incident(world: Town, place: str) -> None:
    button, desk = world.button(place), world.desk(place)
    first = button.press()
    desk.claim(first.incident)
    desk.close(first.incident)
    second = button.press()
    refused = desk.do("reopen", first.incident)
    assert (refused.status_code, refused.json()["reason"]) == (409, "other_open")
    assert str(second.incident) in refused.json()["detail"]
