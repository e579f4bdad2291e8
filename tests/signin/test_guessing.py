"""Guessing: it gets slow, it tells nothing, and nobody is locked out by it. Where `next` may lead."""

import statistics
import time
from datetime import timedelta
from typing import Any

import pytest

from tests.signin.people import Browser, code_of, forget_codes, now, said, staff
from tests.world import Town


def test_the_answer_does_not_tell_whether_a_login_exists(world: Town, place: str) -> None:
    person, gone = staff(world, place), staff(world, place, is_active=False)
    keyless = staff(world, place, password=None)
    secured = staff(world, place)
    Browser().set_up(secured)
    for language in ("zh", "en"):
        answers = []
        for login in (person.login, gone.login, keyless.login, secured.login, "nobody.at.all"):
            answer = Browser(language).type(login, "not the password")
            cookies = sorted(answer.cookies)
            answers.append((answer.status_code, said(answer).replace(login, "LOGIN"), cookies))
        assert all(each == answers[0] for each in answers)
        assert answers[0][0] == 200


@pytest.mark.alone
def test_the_time_does_not_tell_either(world: Town, place: str) -> None:
    person, keyless = staff(world, place), staff(world, place, password=None)
    times: dict[str, list[float]] = {person.login: [], keyless.login: [], "nobody.here": []}
    for _ in range(9):
        for login, took in times.items():
            browser = Browser()
            started = time.perf_counter()
            browser.type(login, "not the password")
            took.append(time.perf_counter() - started)
    medians = {login: statistics.median(took) for login, took in times.items()}
    assert max(medians.values()) < 1.5 * min(medians.values()), medians


@pytest.mark.parametrize("known", [True, False])
def test_one_address_and_login_get_slow(world: Town, place: str, known: bool) -> None:
    login = staff(world, place).login if known else f"nobody.{place}"
    browser = Browser()
    for _ in range(5):
        assert browser.type(login, "wrong").status_code == 200
    slow = browser.type(login, "wrong")
    assert slow.status_code == 429 and "try again in 1 min" in slow.content.decode()
    assert "A passkey still works" in slow.content.decode()
    assert browser.get("/desk/sign-in/passkey/").status_code == 200
    assert Browser().type(login, "wrong").status_code == 200, "from elsewhere it is as before"
    if known:
        assert browser.type(login).status_code == 429, "nor is the right one looked at"
        assert Browser().type(login).status_code == 302


def test_it_gets_slower_and_then_forgets(world: Town, place: str) -> None:
    from tocsin.signin import throttle

    at, login, waits = now(), f"slow.{place}", []
    for _ in range(14):
        try:
            throttle.begin(login, "10.9.9.9", "password", at)
        except throttle.TooMany as many:
            waits.append(many.minutes)
            at += timedelta(minutes=many.minutes)
            throttle.begin(login, "10.9.9.9", "password", at)
    assert waits == sorted(waits) and max(waits) <= 15, waits
    throttle.begin(login, "10.9.9.9", "password", at + timedelta(hours=2))


def test_many_addresses_cannot_lock_a_person_out(world: Town, place: str) -> None:
    person = staff(world, place)
    home = Browser()
    secret = home.set_up(person)
    forget_codes(person)
    home.post("/desk/sign-out/")
    home.type(person.login)
    assert home.code(code_of(secret))["Location"] == "/desk/"
    for number in range(30):
        Browser(address=f"10.66.{place[-2:].strip('T') or 0}.{number + 1}").type(person.login, "guess")
    assert Browser().type(person.login).status_code == 429, "an address where this login never signed in waits"
    home.post("/desk/sign-out/")
    assert home.type(person.login)["Location"] == "/desk/sign-in/code/", "where it did, it goes on"


def test_codes_are_counted_with_passwords(world: Town, place: str) -> None:
    person = staff(world, place)
    secret = Browser().set_up(person)
    browser = Browser()
    for _ in range(5):
        browser.type(person.login)  # the right password does not make the counter forget
        assert browser.code("000000").status_code == 200
    assert browser.type(person.login).status_code == 429
    assert browser.code(code_of(secret, 1)).status_code == 429


def test_one_house_of_ipv6_is_one_place(world: Town) -> None:
    from tocsin.signin.throttle import place_of

    assert place_of("2001:db8::1") == place_of("2001:db8::ffff:2") != place_of("2001:db8:0:1::1")
    assert place_of("10.0.0.1") == "10.0.0.1" and place_of("unix") == ""


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example/",
        "//evil.example/desk/",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "desk/",
        "/\t/evil.example",
    ],
)
def test_next_leads_nowhere_else(world: Town, place: str, to: str) -> None:
    person = staff(world, place)
    browser = Browser()
    secret = browser.set_up(person)
    browser.post("/desk/security/codes/kept/")
    assert (
        browser.post("/desk/sign-in/again/", {"again_password": "a quiet evening 2026", "next": to})["Location"]
        == "/desk/"
    )
    browser.post("/desk/sign-out/")
    assert "evil" not in said(browser.get("/desk/sign-in/", data={"next": to}))
    browser.type(person.login, to=to)
    assert browser.code(code_of(secret, 1))["Location"] == "/desk/"


def test_every_try_is_written_down_and_shown(world: Town, place: str) -> None:
    from tocsin.signin.models import SignIn, forget_sign_ins

    person = staff(world, place)
    browser = Browser()
    Browser(address="10.55.5.5").type(person.login, "wrong")
    browser.set_up(person)
    page = browser.get("/desk/security/sign-ins/").content.decode()
    assert "10.55.5.5" in page and "failed" in page and "authenticator app set up" in page
    rows = SignIn.objects.filter(person=person)
    assert {(row.how, row.ok) for row in rows} >= {("password", False), ("password", True), ("totp_added", True)}
    rows.filter(how="password").update(at=now() - timedelta(days=91))
    forget_sign_ins(now())
    assert not rows.filter(how="password").exists() and rows.filter(how="totp_added").exists()


def test_odd_forms_are_answered(world: Town) -> None:
    odd: list[dict[str, Any]] = [
        {},
        {"username": "a\0b", "password": "\0"},
        {"username": "x" * 9000, "password": "y" * 9000},
    ]
    for form in odd:
        assert Browser().post("/desk/sign-in/", form).status_code == 200
    assert Browser().client.put("/desk/sign-in/").status_code == 405
    assert Browser().get("/desk/sign-in/password/zzz/abc-def/").status_code == 410


def test_nothing_of_allauths_own_is_mounted(world: Town) -> None:
    from django.contrib import admin
    from django.urls import NoReverseMatch, get_resolver, reverse

    for name in (
        "account_signup",
        "account_email",
        "account_reset_password",
        "account_inactive",
        "socialaccount_login",
    ):
        with pytest.raises(NoReverseMatch):
            reverse(name)
    assert not any("allauth" in str(getattr(p, "callback", "")) for p in get_resolver().url_patterns)
    assert not any(model._meta.app_label in ("account", "mfa", "usersessions") for model in admin.site._registry)
