"""A device that falls silent is noticed, once; its complaints too; and a test is a test."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.world import Town, until
from tocsin.devices import rules

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def kinds(world: Town, place: str) -> list[str]:
    return [e["kind"] for e in world.book(place).entries() if e["kind"].startswith(("device_", "tested", "opened"))]


def heard(world: Town, identifier: str) -> None:
    """Wait until its signs of life are written down."""
    query = "SELECT 1 FROM devices_vitals v JOIN devices_device d ON d.id = v.device_id WHERE d.identifier = %s"
    until(lambda: world.rows(query, identifier), what="a sign of life")


def test_a_device_falls_silent_and_comes_back_each_told_once(world: Town, place: str) -> None:
    tracker = world.device("gt06", "359900000000001", place, heartbeat_every=60, name="Shop tracker")
    tracker.let_go()
    heard(world, "359900000000001")
    world.advance(seconds=50)
    assert kinds(world, place) == []
    world.advance(minutes=5)
    for _ in range(5):
        world.advance(minutes=30)
    assert kinds(world, place) == ["device_silent"]
    world.rows("UPDATE devices_vitals SET heard_at = heard_at - interval '1 minute'")
    tracker.hang_up()
    world.kill("gates")  # the next heartbeat is not held back as one of many
    world.run("gates")
    until(lambda: _speaks(tracker), 20, "the gates")
    world.ahead = timedelta()  # the present again
    world.advance()
    world.advance(seconds=10)
    assert kinds(world, place) == ["device_silent", "device_back"]
    (silent,) = world.book(place).entries("device_silent")
    assert silent["facts"]["minutes"] >= 5
    assert world.book(place).verdict().ok


def _speaks(tracker) -> bool:  # type: ignore[no-untyped-def]
    try:
        tracker.let_go(patience=2)
    except AssertionError:
        return False
    return True


def test_our_own_outage_makes_no_device_silent(world: Town, place: str) -> None:
    from django.db import connection

    from tocsin.centers.network import load
    from tocsin.devices.actions import supervise

    world.device("gt06", "359900000000002", place, heartbeat_every=60).let_go()
    heard(world, "359900000000002")
    later = datetime.now(UTC) + timedelta(minutes=30)
    with connection.cursor() as cursor:  # the gates came back ten seconds ago
        cursor.execute(
            "UPDATE gates_pulse SET at = %s, since = %s WHERE process = 'gates'", (later, later - timedelta(seconds=10))
        )
        supervise(load(), later)
    assert kinds(world, place) == []


def test_a_power_cut_said_each_minute_is_told_once(world: Town, place: str) -> None:
    from tocsin.gates.protocols.gt06.frame import build

    tracker = world.device("gt06", "359900000000003", place, name="Gate tracker")
    tracker.let_go()
    cut = [build(0x19, n, bytes.fromhex("028f0a29e10036f10003040202")) for n in range(100, 104)]
    for frame in cut:
        assert tracker.answered(frame, within=8)
        world.advance(minutes=1)
    assert kinds(world, place) == ["device_trouble"]
    (told,) = world.book(place).entries("device_trouble")
    assert told["facts"]["trouble"] == "power_cut"
    desk = world.desk(place)
    (entry,) = [e for e in desk.get("book", center=place).json()["items"] if e["kind"] == "device_trouble"]
    assert entry["text"] == "Gate tracker: power cut"


def test_a_press_that_was_announced_as_a_test_rings_nowhere_and_is_measured(world: Town, place: str) -> None:
    until_ = datetime.now(UTC) + timedelta(minutes=5)
    tracker = world.device("gt06", "359900000000004", place, testing_until=until_)
    tracker.press()
    assert kinds(world, place) == ["tested"]
    (entry,) = world.book(place).entries("tested")
    assert entry["incident"] is None
    assert entry["facts"]["after"] < 5
    ((after, again),) = world.rows(
        "SELECT v.tested_after, d.testing_until FROM devices_vitals v JOIN devices_device d ON d.id = v.device_id "
        "WHERE d.identifier = '359900000000004'"
    )
    assert after is not None
    assert again is None
    tracker.let_go()
    tracker.press()  # and the next one is an alarm
    until(lambda: "opened" in kinds(world, place), what="the alarm")


def test_two_devices_of_a_site_make_one_incident_at_the_site_of_its_center(world: Town, place: str) -> None:
    from tocsin.centers.models import Center
    from tocsin.devices.models import Site, Zone

    lat, lon = world.homes[place]
    center = Center.objects.get(code=place)
    site = Site.objects.create(name="Corner shop", center=center, lat=lat, lon=lon, address="1 Main Road")
    Zone.objects.create(site=site, number="001", name="Till", alarm="robbery", silent=True)
    first = world.device("gt06", "359900000000005", place, site=site)
    second = world.device("gt06", "359900000000006", place, site=site)
    first.home = second.home = (0.0, 0.0)  # no fix: the site is where it is
    first.press()
    second.press()
    desk = world.desk(place)
    (number,) = desk.queue()
    incident = desk.incident(number)
    assert incident["position"]["lat"] == lat
    assert incident["center"] == place
    assert world.timeline(number) == ["opened", "joined"]


def test_the_app_of_a_member_may_send_words_that_become_a_note(world: Town, place: str) -> None:
    button = world.button(place)
    press = button.press("robbery")
    assert button.send(kind="message", text="yes, in 2 hours").status == 201
    told = world.desk(place).incident(press.incident)["timeline"][-1]
    assert (told["kind"], told["note"]) == ("told", "yes, in 2 hours")


times = st.integers(0, 60 * 48).map(lambda minutes: NOON + timedelta(minutes=minutes))
complaint = st.tuples(st.sampled_from(sorted(rules.TROUBLES)), st.booleans())


@given(st.lists(st.tuples(st.integers(1, 600), complaint), max_size=30))
def test_beginnings_and_ends_of_a_trouble_take_turns(steps: list[tuple[int, tuple[str, bool]]]) -> None:
    told: dict[str, datetime] = {}
    there: dict[str, datetime | None] = {}
    last: dict[str, tuple[str, datetime]] = {}
    now = NOON
    for minutes, (trouble, begins) in steps:
        now += timedelta(minutes=minutes)
        there[trouble] = now if begins else None
        news = rules.news(there, told, None)
        for name in news.begun:
            before = last.get(name)
            assert before is None or before[0] == "ended" or now - before[1] > rules.AGAIN
        for name in news.ended:
            assert last[name][0] == "begun"
        last |= dict.fromkeys(news.begun, ("begun", now)) | dict.fromkeys(news.ended, ("ended", now))
        if begins and trouble in last and last[trouble][0] == "begun":
            last[trouble] = ("begun", now)
        told = news.told
        assert rules.news(there, told, None) == rules.News((), (), told)
