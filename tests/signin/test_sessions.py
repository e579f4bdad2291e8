"""Sessions: listed, ended everywhere within two seconds, and over by themselves."""

import time
from datetime import timedelta

from tests.signin.people import Browser, code_of, staff
from tests.world import Town, a_client, until


def two_browsers(world: Town, place: str) -> tuple[Browser, Browser]:
    person = staff(world, place)
    here, there = Browser(), Browser(address="10.44.4.4")
    secret = here.set_up(person)
    there.type(person.login)
    assert there.code(code_of(secret, 1))["Location"] == "/desk/"
    return here, there


def listed(browser: Browser) -> dict[str, int]:
    from allauth.usersessions.models import UserSession

    return {row.ip: row.pk for row in UserSession.objects.filter(user_id=browser.session["_auth_user_id"])}


def test_an_ended_session_is_dead_everywhere(world: Town, place: str) -> None:
    here, there = two_browsers(world, place)
    page = here.get("/desk/security/sign-ins/").content.decode()
    assert "10.44.4.4" in page and here.address in page and "Firefox 140, Linux" in page and "this one" in page
    with a_client(cookies=there.cookie) as outside:
        for door in world.doors:
            assert outside.get(f"{door}/api/v1/me").status_code == 200
        with outside.stream("GET", f"{world.doors[1]}/live", params={"center": place}) as feed:
            parts = feed.iter_bytes()
            next(parts)
            begun = time.monotonic()
            here.post("/desk/security/sign-ins/", {"end": listed(here)["10.44.4.4"]})
            for door in world.doors:
                assert outside.get(f"{door}/api/v1/me").status_code == 401
            for _ in parts:
                assert time.monotonic() - begun < 5
            assert time.monotonic() - begun < 2.5, "the feed ends with it"
    assert here.get("/api/v1/me").status_code == 200
    assert list(listed(here)) == [here.address]


def test_all_others_end_and_this_one_stays(world: Town, place: str) -> None:
    here, there = two_browsers(world, place)
    assert here.post("/desk/security/sign-ins/", {"end": "others"})["Location"].endswith("?ended=1")
    assert there.get("/desk/")["Location"].startswith("/desk/sign-in/")
    assert here.get("/desk/").status_code == 200


def test_nobody_ends_somebody_elses(world: Town, place: str) -> None:
    here, there = two_browsers(world, place)
    stranger = Browser()
    stranger.set_up(staff(world, place))
    for end in (str(listed(there)["10.44.4.4"]), "0", "-1", "x", "9" * 40):
        stranger.post("/desk/security/sign-ins/", {"end": end})
    assert there.get("/api/v1/me").status_code == 200


def test_ending_this_one_signs_out(world: Town, place: str) -> None:
    here, _ = two_browsers(world, place)
    assert here.post("/desk/security/sign-ins/", {"end": listed(here)[here.address]})["Location"] == "/desk/sign-in/"
    assert here.get("/api/v1/me").status_code == 401


def test_a_session_ends_by_itself(world: Town, place: str) -> None:
    here, there = two_browsers(world, place)
    assert 11 * 3600 < here.session.get_expiry_age() <= 12 * 3600, "12 h since it was last used"
    session = here.session
    session["since"] -= 7 * 86400 - 3600
    session["seen"] -= 120
    session.save()
    assert here.get("/api/v1/me").status_code == 200
    assert here.session.get_expiry_age() <= 3600, "and 7 days since the sign-in, whatever happens"
    world.rows(
        "UPDATE django_session SET expire_date = expire_date - interval '61 minutes' WHERE session_key = %s",
        here.cookie["sessionid"],
    )
    with a_client(cookies=here.cookie) as outside:
        assert outside.get(f"{world.doors[0]}/api/v1/me").status_code == 401
        assert outside.get(f"{world.doors[0]}/live", params={"center": place}).status_code == 404
    old = there.session
    old["since"] -= 8 * 86400
    old.save()
    assert there.get("/api/v1/me").status_code == 401


def test_last_seen_moves(world: Town, place: str) -> None:
    from allauth.usersessions.models import UserSession

    here, _ = two_browsers(world, place)
    row = UserSession.objects.get(session_key=here.cookie["sessionid"])
    UserSession.objects.filter(pk=row.pk).update(last_seen_at=row.last_seen_at - timedelta(hours=3))
    here.get("/api/v1/me")
    row.refresh_from_db()
    before = row.last_seen_at
    session = here.session
    session["seen"] -= 120
    session.save()
    here.get("/api/v1/me")
    row.refresh_from_db()
    assert row.last_seen_at > before + timedelta(hours=2)


def test_a_new_password_ends_the_others(world: Town, place: str) -> None:
    here, there = two_browsers(world, place)
    form = {"old": "a quiet evening 2026", "new": "another evening 2026", "repeat": "another evening 2026"}
    assert "wrong" in here.post("/desk/security/password/", form | {"old": "no"}).content.decode()
    assert "not the same" in here.post("/desk/security/password/", form | {"repeat": "x"}).content.decode()
    assert "too short" in here.post("/desk/security/password/", form | {"new": "ab", "repeat": "ab"}).content.decode()
    common = here.post("/desk/security/password/", form | {"new": "1234567890", "repeat": "1234567890"})
    assert "too common" in common.content.decode()
    assert here.post("/desk/security/password/", form)["Location"] == "/desk/security/?done=password"
    assert here.get("/api/v1/me").status_code == 200
    with a_client(cookies=there.cookie) as outside:
        assert until(lambda: outside.get(f"{world.doors[1]}/api/v1/me").status_code == 401, 2)
