"""What a desk hears: at once, all of it, in order, once; and only by those who may."""

import time
from datetime import UTC, datetime, timedelta
from statistics import median

from tests.world import Town, until


def test_an_event_reaches_an_open_desk_at_once(world: Town, place: str) -> None:
    with world.desk(place).watching() as watch, world.desk(place).watching(door=1) as other_process:
        took = []
        for _ in range(5):
            started = time.monotonic()
            press = world.button(place).press()
            took.append(watch.hears("opened", press.incident).at - started)
            assert other_process.hears("opened", press.incident).data["number"] == watch.events[-1].data["number"]
    assert median(took) < 0.5


def test_an_event_carries_what_the_desk_needs_in_the_officers_language(world: Town, place: str) -> None:
    with world.desk(place).watching(lang="zh-hans") as zh, world.desk(place).watching(lang="en") as en:
        press = world.button(place).press("fire", silent=True)
        heard = zh.hears("opened", press.incident)
        assert heard.id == heard.data["number"] == 1
        assert heard.data["center"] == place
        assert heard.data["facts"]["silent"] is True
        assert heard.data["text"] == "静默报警：火灾，来自手机应用"
        assert en.hears("opened", press.incident).data["text"] == "silent alarm: fire, from the app"


def test_every_verb_is_heard(world: Town, place: str) -> None:
    desk, press = world.desk(place), world.button(place).press()
    with desk.watching() as watch:
        desk.claim(press.incident)
        desk.dispatch(press.incident)
        desk.done("note", press.incident, text="on our way")
        desk.close(press.incident)
        watch.hears("closed", press.incident)
        assert [e.data["kind"] for e in watch.events] == ["claimed", "dispatched", "noted", "closed"]
        assert "on our way" not in str(watch.events), "personal text is fetched, not broadcast"


def test_last_event_id_replays_exactly_what_was_missed(world: Town, place: str) -> None:
    desk, button = world.desk(place), world.button(place)
    with desk.watching() as watch:
        button.press()
        last = watch.hears("opened").id
    for _ in range(20):
        button.press()
    with desk.watching(last=last) as watch:
        until(lambda: len(watch.events) >= 20, what="the replay")
        button.press()
        until(lambda: len(watch.events) >= 21, what="what is new")
        time.sleep(0.2)
        assert watch.numbers == list(range(2, 23))
    with desk.watching(after=19) as watch:
        until(lambda: len(watch.events) >= 3, what="the replay by address")
        assert watch.numbers == [20, 21, 22]
    with desk.watching(last=22) as watch:
        time.sleep(0.3)
        assert watch.events == [], "nothing was missed, nothing is repeated"


def test_a_desk_that_comes_and_goes_while_it_pours_hears_each_entry_once(world: Town, place: str) -> None:
    import threading

    button, desk = world.button(place), world.desk(place)
    pouring = threading.Thread(target=lambda: [button.press() for _ in range(150)])
    pouring.start()
    numbers: list[int] = []
    while pouring.is_alive():
        with desk.watching(after=numbers[-1] if numbers else 0) as watch:
            time.sleep(0.1)
            watch.closing = True
            numbers += list(watch.numbers)
    with desk.watching(after=numbers[-1]) as watch:
        until(lambda: numbers[-1] == 150 or 150 in watch.numbers, what="the end of the book")
        numbers += watch.numbers
    assert numbers == list(range(1, 151))


def test_one_who_is_far_behind_is_told_to_fetch_everything(world: Town, place: str) -> None:
    from django.db import connection, transaction

    from tocsin.book.record import New, record
    from tocsin.centers.models import Center
    from tocsin.incidents.facts import Noted

    center, desk = Center.objects.get(code=place), world.desk(place)
    with transaction.atomic(), connection.cursor() as cursor:
        record(cursor, [New([center.pk], Noted(), datetime.now(UTC)) for _ in range(700)])
    with desk.watching(last=1) as watch:
        told = watch.hears("reload")
        assert (told.data, told.id) == ({"head": 700}, 700)
        press = world.button(place).press()
        assert watch.hears("opened", press.incident).id == 701, "and from there on it hears everything"
        assert [e.id for e in watch.events] == [700, 701]
    with desk.watching(last=5000) as watch:  # a number that this book has not reached, as after a restored backup
        assert watch.hears("reload").data == {"head": 701}
    with desk.watching(last=250) as watch:
        until(lambda: len(watch.events) >= 451, what="a replay that is not too far")
        assert watch.numbers == list(range(251, 702))


def test_positions_are_heard_and_not_replayed(world: Town, place: str) -> None:
    button, desk = world.button(place), world.desk(place)
    press = button.press()
    lat, lon = world.homes[place]
    with desk.watching() as watch:
        button.moves(lat + 0.01, lon)
        heard = watch.hears("position", press.incident)
        assert heard.data["position"]["lat"] == lat + 0.01
        assert heard.id is None
    with desk.watching(after=0) as watch:
        watch.hears("opened", press.incident)
        time.sleep(0.2)
        assert [e.name for e in watch.events] == [""]


def test_an_idle_line_gives_a_sign_of_life_every_two_seconds(world: Town, place: str) -> None:
    with world.desk(place).watching() as watch:
        time.sleep(4.6)
        beats = watch.beats
    gaps = [b - a for a, b in zip(beats, beats[1:], strict=False)]
    assert len(beats) >= 4
    assert max(gaps) < 3, "the desk takes 5 s of silence for a lost line"


def test_a_stranger_and_a_neighbour_get_404(world: Town, place: str) -> None:
    for desk in (world.desk("DUR"), world.desk(place, "responder"), world.desk(place, "member")):
        with desk.watching(center=place) as watch:
            assert watch.status == 404
    with world.desk(place).watching(center="NOWHERE") as watch:
        assert watch.status == 404
    stranger = world.desk(place)
    stranger.headers = {}
    with stranger.watching() as watch:
        assert watch.status == 404


def test_a_revoked_key_opens_nothing_any_more(world: Town, place: str) -> None:
    from tocsin.people.models import StaffKey

    desk = world.desk(place)
    assert desk.get("me").status_code == 200
    StaffKey.objects.filter(person=desk.person).update(revoked_at=datetime.now(UTC))
    assert desk.get("me").status_code == 401
    with desk.watching() as watch:
        assert watch.status == 404


def test_an_open_feed_ends_soon_after_the_right_to_it(world: Town, place: str) -> None:
    from tocsin.people.models import Role, StaffKey

    stays, loses_key, loses_role = world.desk(place), world.desk(place), world.desk(place)
    with stays.watching() as one, loses_key.watching() as two, loses_role.watching() as three:
        StaffKey.objects.filter(person=loses_key.person).update(revoked_at=datetime.now(UTC))
        Role.objects.filter(person=loses_role.person).update(until=datetime.now(UTC))
        for watch in (two, three):
            until(lambda watch=watch: watch.ended, 4, "the end of the feed")
        press = world.button(place).press()
        one.hears("opened", press.incident)


def test_a_key_that_is_past_and_a_person_who_left_open_nothing(world: Town, place: str) -> None:
    from tocsin.people.models import Person, StaffKey

    past, left = world.desk(place), world.desk(place)
    StaffKey.objects.filter(person=past.person).update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    Person.objects.filter(pk=left.person).update(is_active=False)
    for desk in (past, left):
        assert desk.get("incidents").status_code == 401
        with desk.watching() as watch:
            assert watch.status == 404
