"""Each day the hash of a center's book goes to its directors, beyond the reach of whoever owns the database."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.world import Town

MORNING = datetime(2031, 3, 3, 5, 30, tzinfo=UTC)  # 07:30 in South Africa
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def told(person: int | None) -> list[dict[str, Any]]:
    from tocsin.notifications.models import Delivery

    return list(Delivery.objects.filter(person=person, message="head").order_by("pk").values_list("values", flat=True))


def reachable(world: Town, code: str) -> int | None:
    from tocsin.notifications.models import Contact

    desk = world.desk(code, "director", since=LONG_AGO)
    Contact.objects.create(person_id=desk.person, channel="email", address=f"{desk.person}@example.org")
    return desk.person


def test_each_morning_the_books_hash_goes_to_the_director(world: Town, place: str) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tocsin.centers.models import Center
    from tocsin.notifications.models import Witness
    from tocsin.notifications.witness import witness

    center, director = Center.objects.get(code=place), reachable(world, place)
    press, desk = world.button(place).press(), world.desk(place)
    desk.claim(press.incident)
    witness(MORNING)
    assert told(director) == [], "the first day begins"
    witness(MORNING + DAY - timedelta(hours=1))
    assert told(director) == [], "not at night"
    for _ in range(2):
        witness(MORNING + DAY)
    [said] = told(director)
    [(number, hash_)] = world.rows("SELECT number, encode(hash, 'hex') FROM book_head WHERE center_id = %s", center.pk)
    [(looks, sealed)] = world.rows("SELECT number, encode(hash, 'hex') FROM looks_head WHERE center_id = %s", center.pk)
    assert (said["number"], said["code"], said["words"]) == (number, hash_, f"{looks} {sealed}")
    assert looks > 0
    [(entry,)] = world.rows(
        "SELECT encode(hash, 'hex') FROM book_entry WHERE center_id = %s AND number = %s", center.pk, number
    )
    assert entry == said["code"], "what it proves is found again"
    with CaptureQueriesContext(connection) as asked:
        witness(MORNING + 2 * DAY)
    assert len(told(director)) == 1, "nothing was written since"
    assert len(asked) < 10, "hundreds of books that did not grow cost no more than one"
    desk.close(press.incident)
    witness(MORNING + 3 * DAY)
    assert [said["number"] > number for said in told(director)] == [False, True]
    Witness.objects.filter(center=center).update(day=LONG_AGO)
    assert world.book(place).verdict().ok


def test_without_a_director_those_above_keep_it(world: Town, place: str) -> None:
    from tocsin.centers.models import Center
    from tocsin.notifications.witness import witness

    above = reachable(world, "GP")
    world.button(place).press()
    for days in (10, 11):
        witness(MORNING + days * DAY)
    name = Center.objects.get(code=place).name_en
    assert [said for said in told(above) if said["center"][1] == name]


def test_the_message_is_whole_in_both_languages(world: Town) -> None:
    from tocsin.notifications.texts import render

    values = {
        "number": 7,
        "code": "ab" * 32,
        "words": "3 " + "cd" * 32,
        "center": ["中心", "Center"],
        "when": "2031-03-03",
    }
    for language in ("zh-hans", "en"):
        said = render("head", values, language).body  # type: ignore[arg-type]
        assert all(part in said for part in ("ab" * 32, "cd" * 32, "2031-03-03", " 7"))
    assert "第 3 条 cd" in render("head", values, "zh-hans").body
