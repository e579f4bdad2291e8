"""No staff access without a second factor: app, passkey or recovery code."""

from datetime import timedelta
from typing import Any

from tests.signin.people import (
    CODES,
    PASSWORD,
    Browser,
    code_of,
    forget_codes,
    now,
    recovery_codes,
    said,
    secret_on,
    staff,
)
from tests.world import Town, a_client

CLOSED = [
    "/desk/",
    "/desk/devices/",
    "/desk/plans/",
    "/desk/roster/",
    "/desk/channels/",
    "/desk/drills/",
    "/admin/",
    "/admin/people/person/",
    "/desk/security/sign-ins/",
    "/desk/security/password/",
    "/desk/security/people/",
    CODES,
    "/desk/security/codes.txt",
    "/desk/sign-in/again/",
]


def test_a_password_alone_opens_nothing(world: Town, place: str) -> None:
    person = staff(world, place, is_superuser=True)
    browser = Browser()
    assert browser.type(person.login, to="/desk/plans/")["Location"] == "/desk/security/"
    for path in CLOSED:
        answer = browser.get(path)
        assert answer.status_code == 302, (path, answer.status_code)
        assert answer["Location"].startswith(("/desk/sign-in/?next=", "/admin/login/?next=")), (
            path,
            answer["Location"],
        )
    for path in ("/desk/security/codes/make/", "/desk/security/app/remove/", "/desk/security/passkeys/1/remove/"):
        assert browser.post(path)["Location"].startswith("/desk/sign-in/")
    assert browser.get("/api/v1/me").status_code == 401
    for door in world.doors:
        with a_client(cookies=browser.cookie) as outside:
            assert outside.get(f"{door}/api/v1/me").status_code == 401
            assert outside.get(f"{door}/live", params={"center": place}).status_code == 404
            assert outside.get(f"{door}/admin/").status_code == 302
    page = browser.get("/desk/security/").content.decode()
    assert "Set up a second step" in page and "/desk/security/people/" not in page
    assert browser.get("/desk/security/passkeys/add/").status_code == 200
    assert browser.session.get_expiry_age() <= 1800


def test_setting_up_an_app_opens_the_desk(world: Town, place: str) -> None:
    person = staff(world, place)
    browser = Browser()
    browser.type(person.login, to="/desk/plans/")
    page = browser.get("/desk/security/app/")
    assert "<svg" in page.content.decode() and "style=" not in page.content.decode()
    before = browser.client.cookies["sessionid"].value
    wrong = browser.post("/desk/security/app/", {"code": "000000"})
    assert wrong.status_code == 200 and "That is not right" in wrong.content.decode()
    secret = secret_on(wrong)
    assert secret == secret_on(page), "a slip does not change what was scanned"
    assert browser.get("/api/v1/me").status_code == 401
    assert browser.post("/desk/security/app/", {"code": code_of(secret)})["Location"] == CODES
    assert browser.client.cookies["sessionid"].value != before
    codes = recovery_codes(browser)
    assert len(codes) == 10 and len(set(codes)) == 10
    text = browser.get("/desk/security/codes.txt")
    assert text["Content-Disposition"].startswith("attachment") and text.content.decode().splitlines()[2:] == codes
    assert browser.post("/desk/security/codes/kept/")["Location"] == "/desk/plans/"
    assert recovery_codes(browser) == [] and browser.get("/desk/security/codes.txt").status_code == 404, "shown once"
    assert browser.get("/desk/").status_code == 200 and browser.get("/api/v1/me").status_code == 200
    with a_client(cookies=browser.cookie) as outside:
        assert outside.get(f"{world.doors[1]}/api/v1/me").json()["id"] == person.pk
        with outside.stream("GET", f"{world.doors[1]}/live", params={"center": place}) as feed:
            assert feed.status_code == 200


def test_password_and_code(world: Town, place: str) -> None:
    person = staff(world, place)
    first, browser = Browser(), Browser()
    secret = first.set_up(person)
    assert browser.code(code_of(secret))["Location"] == "/desk/sign-in/", "no code before the password"
    assert browser.type(person.login, to="/desk/drills/")["Location"] == "/desk/sign-in/code/"
    assert browser.get("/desk/")["Location"].startswith("/desk/sign-in/?next=")
    assert browser.get("/api/v1/me").status_code == 401
    for wrong in ("000000", "", "abcdef", "１２３４５６", "9" * 40):
        assert "The code is wrong" in browser.code(wrong).content.decode(), wrong
        world.rows("DELETE FROM people_signin WHERE NOT ok")
    assert "The code is wrong" in browser.code(first.used).content.decode(), "it set the app up: it is used"
    done = browser.code(code_of(secret, 1))
    assert done["Location"] == "/desk/drills/"
    assert browser.get("/api/v1/me").json()["id"] == person.pk
    assert browser.session.get_expiry_age() > 11 * 3600


def test_a_code_counts_once(world: Town, place: str) -> None:
    person = staff(world, place)
    secret = Browser().set_up(person)
    forget_codes(person)
    one, two = Browser(), Browser()
    for each in (one, two):
        each.type(person.login)
    code = code_of(secret)
    assert one.code(code)["Location"] == "/desk/"
    assert "The code is wrong" in two.code(code).content.decode()
    assert "The code is wrong" in two.code(code_of(secret, -1)).content.decode(), "nor an earlier one"
    assert two.code(code_of(secret, 1))["Location"] == "/desk/"


def test_a_recovery_code_counts_once(world: Town, place: str) -> None:
    person = staff(world, place)
    first = Browser()
    first.set_up(person)
    code, other = recovery_codes(first)[:2]
    one, two = Browser(), Browser()
    one.type(person.login)
    assert one.code(code.replace(" ", "-"))["Location"] == "/desk/"
    two.type(person.login)
    assert "The code is wrong" in two.code(code).content.decode()
    assert two.code(other)["Location"] == "/desk/"
    assert "8 left" in two.get("/desk/security/").content.decode()
    assert two.post("/desk/security/codes/make/")["Location"] == CODES
    fresh = recovery_codes(two)
    assert len(fresh) == 10 and not set(fresh) & {code, other}
    three = Browser()
    three.type(person.login)
    assert "The code is wrong" in three.code(other).content.decode(), "the old ones are void"


def test_the_last_factor_cannot_be_removed(world: Town, place: str) -> None:
    from allauth.mfa.models import Authenticator

    person = staff(world, place)
    browser = Browser()
    browser.set_up(person)
    assert browser.post("/desk/security/app/remove/")["Location"] == "/desk/security/?done=last"
    assert "add another first" in browser.get("/desk/security/?done=last").content.decode()
    key = Authenticator.objects.create(user=person, type="webauthn", data={"name": "Key", "credential": {}})
    stranger = Browser()
    stranger.set_up(staff(world, place))
    assert stranger.post(f"/desk/security/passkeys/{key.pk}/remove/").status_code == 404
    assert browser.post("/desk/security/app/remove/")["Location"] == "/desk/security/"
    assert browser.post(f"/desk/security/passkeys/{key.pk}/remove/")["Location"] == "/desk/security/?done=last"
    assert Authenticator.objects.filter(pk=key.pk).exists()


def test_a_half_session_cannot_replace_a_factor(world: Town, place: str) -> None:
    """Somebody knows the password and waits with a half session while its owner sets up: it opens nothing after."""
    person = staff(world, place)
    thief, owner = Browser(), Browser()
    thief.type(person.login)
    owner.set_up(person)
    for path in ("/desk/security/app/", "/desk/security/passkeys/add/", "/desk/security/passkeys/make/"):
        assert thief.get(path)["Location"] == "/desk/sign-in/"
    assert thief.get("/desk/sign-in/").status_code == 200, "and the form is shown again"


def test_a_passkey_that_is_none(world: Town, place: str) -> None:
    person = staff(world, place)
    browser = Browser()
    options = browser.get("/desk/sign-in/passkey/").json()["publicKey"]
    assert options["userVerification"] == "required" and options["rpId"] == "127.0.0.1"
    handle = "ADEyMw"
    for credential in (
        "",
        "null",
        "[]",
        "{}",
        '{"id": "AA", "response": {}}',
        '{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"AA",'
        f'"signature":"AA","userHandle":"{handle}"}}}}',
    ):
        browser.get("/desk/sign-in/passkey/")
        answer = browser.post("/desk/sign-in/passkey/", {"credential": credential})
        assert answer.status_code == 422 and answer.json()["detail"], credential
    browser.type(person.login)
    made = browser.get("/desk/security/passkeys/make/").json()["publicKey"]
    assert made["authenticatorSelection"]["residentKey"] == "required"
    assert browser.post("/desk/security/passkeys/make/", {"credential": "{}"}).status_code == 422


def test_a_deactivated_person_is_out(world: Town, place: str) -> None:
    person = staff(world, place)
    browser = Browser()
    secret = browser.set_up(person)
    waiting = Browser()
    waiting.type(person.login)
    person.is_active = False
    person.save(update_fields=["is_active"])
    assert browser.get("/api/v1/me").status_code == 401
    assert waiting.code(code_of(secret, 1))["Location"] == "/desk/sign-in/"
    assert "is wrong" in Browser().type(person.login).content.decode()


def reason(verb: Any, *arguments: Any) -> str:
    from tocsin.lib.refused import Refused

    try:
        verb(*arguments)
    except Refused as refused:
        return refused.reason
    return ""


def test_a_lost_second_factor_takes_two_and_never_oneself(world: Town, place: str) -> None:
    from tocsin.notifications.models import Delivery
    from tocsin.signin import resets

    person, officer = staff(world, place, phone="+27607999031"), staff(world, place)
    one, two = staff(world, place, "director"), staff(world, place, "administrator", phone="+27607999032")
    elsewhere = staff(world, world.place(), "director")
    browser = Browser()
    assert reason(resets.ask, person, one, now()) == "no_second_factor"
    browser.set_up(person)
    for stranger in (officer, elsewhere):
        assert reason(resets.ask, person, stranger, now()) == "reset_not_yours"
    assert reason(resets.ask, person, person, now()) == "role_own"
    reset = resets.ask(person, one, now())
    assert reason(resets.ask, person, two, now()) == "reset_asked_already"
    assert browser.get("/api/v1/me").status_code == 200, "nothing changes before another confirms"
    assert Delivery.objects.get(person=person, message="reset").values["words"] == "yours"
    assert Delivery.objects.get(person=two, message="reset").values["words"] == "asked"
    assert reason(resets.confirm, reset, one, now()) == "role_same"
    assert reason(resets.confirm, reset, person, now()) == "role_own"
    for stranger in (officer, elsewhere):
        assert reason(resets.confirm, reset, stranger, now()) == "reset_not_yours"
    assert reason(resets.confirm, reset, two, now() + timedelta(days=1)) == "reset_over"
    resets.confirm(reset, two, now())
    assert browser.get("/api/v1/me").status_code == 401, "every sign-in ended"
    assert Browser().type(person.login)["Location"] == "/desk/security/", "and sets up anew"
    assert Delivery.objects.filter(person=person, message="reset", values__words="done").exists()
    assert reason(resets.confirm, reset, two, now()) == "reset_over"
    book = world.book(place)
    told = [e["facts"] for e in book.entries() if "second_factor" in e["kind"]]
    assert told == [{"person": person.pk}, {"person": person.pk, "proposer": one.pk}]
    assert book.verdict().ok


def test_whoever_asked_must_still_be_one_who_may_and_another_may_say_no(world: Town, place: str) -> None:
    from tocsin.people import roles
    from tocsin.signin import resets

    person, one, two = staff(world, place), staff(world, place, "director"), staff(world, place, "director")
    browser = Browser()
    browser.set_up(person)
    resets.decline(resets.ask(person, one, now()), two, now())
    resets.decline(resets.ask(person, one, now()), one, now())
    reset = resets.ask(person, one, now())
    roles.end(one.roles.exclude(name="member").get(), one, now())
    assert reason(resets.confirm, reset, two, now()) == "role_proposer_gone"
    assert browser.get("/api/v1/me").status_code == 200


def test_an_administrator_of_the_system_or_of_two_centers_is_nobodys_of_one(world: Town, place: str) -> None:
    from tocsin.centers.models import Center
    from tocsin.people.models import Role
    from tocsin.signin import resets

    high, both = staff(world, place, is_superuser=True), staff(world, place)
    Role.objects.create(person=both, center=Center.objects.get(code=world.place()), name="duty_officer")
    one, root = staff(world, place, "director"), staff(world, place, is_superuser=True)
    for each in (high, both):
        Browser().set_up(each)
        assert reason(resets.ask, each, one, now()) == "reset_not_yours"
        assert resets.ask(each, root, now())


def test_on_the_page_one_asks_and_another_confirms(world: Town, place: str) -> None:
    from allauth.mfa.models import Authenticator

    person, one, two = staff(world, place), staff(world, place, "director"), staff(world, place, "director")
    Browser().set_up(person)
    first, second, auditor = Browser(), Browser(), Browser()
    first.set_up(one)
    second.set_up(two)
    auditor.set_up(staff(world, place, "auditor"))
    path = "/desk/security/people/"
    assert f"ask-{person.pk}" not in auditor.get(path).content.decode()
    assert auditor.post(path, {"reset": f"ask {person.pk}"}).status_code == 409
    assert f"ask-sure-{person.pk}" in first.get(path).content.decode()
    first.older(600)
    assert first.post(path, {"reset": f"ask {person.pk}"}).status_code == 403, "who you are is asked again"
    first.older(-600)
    assert "another person must confirm" in first.post(path, {"reset": f"ask {person.pk}"}).content.decode()
    reset = person.resets.get().pk
    assert f"confirm-{reset}" not in first.get(path).content.decode()
    assert first.post(path, {"reset": f"confirm {reset}"}).status_code == 409
    assert auditor.post(path, {"reset": f"confirm {reset}"}).status_code == 409
    assert Authenticator.objects.filter(user=person).exists()
    assert f"confirm-{reset}" in second.get(path).content.decode()
    assert "It is reset" in second.post(path, {"reset": f"confirm {reset}"}).content.decode()
    assert not Authenticator.objects.filter(user=person).exists()
    assert second.post(path, {"reset": f"confirm {reset}"}).status_code == 409
    assert second.post(path, {"reset": "ask x"}).status_code == 409


def test_pages_in_both_languages(world: Town, place: str) -> None:
    person = staff(world, place)
    for language, word in (("zh", "第二重验证"), ("en", "second step")):
        browser = Browser(language)
        browser.type(person.login)
        assert word in browser.get("/desk/security/").content.decode()
    assert PASSWORD not in said(browser.get("/desk/security/"))
