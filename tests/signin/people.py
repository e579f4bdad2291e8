"""Staff with passwords, and browsers in which they sign in: what the stories of this folder have in common."""

import base64
import hmac
import itertools
import re
import time
from datetime import UTC, datetime
from typing import Any

from tests.world import Town

PASSWORD = "a quiet evening 2026"
CODES = "/desk/security/codes/"
_numbers = itertools.count(1)


def staff(world: Town, place: str, role: str = "duty_officer", password: str | None = PASSWORD, **more: Any) -> Any:
    """A person with a login and this role there."""
    from tocsin.centers.models import Center
    from tocsin.people.models import Role

    person = world.member(place, login=f"{role}.{place.lower()}.{next(_numbers)}", **more)
    person.set_password(password)
    person.save()
    Role.objects.create(person=person, center=Center.objects.get(code=place), name=role)
    return person


class Browser:
    """A browser at an address of its own, outside the demo."""

    def __init__(self, language: str = "en", address: str | None = None) -> None:
        from django.test import Client

        number = next(_numbers)
        self.address = address or f"10.7.{number // 250}.{number % 250 + 1}"
        headers = {
            "host": "127.0.0.1",
            "accept-language": language,
            "user-agent": "Mozilla/5.0 (X11; Linux) Firefox/140",
        }
        self.client = Client(headers=headers, REMOTE_ADDR=self.address)
        self.used = ""  # the code with which the app was set up

    def get(self, path: str, **more: Any) -> Any:
        return self.client.get(path, **more)

    def post(self, path: str, data: Any = None, **more: Any) -> Any:
        return self.client.post(path, data or {}, **more)

    def type(self, login: str | None, password: str = PASSWORD, to: str = "") -> Any:
        """The form of the sign-in."""
        return self.post("/desk/sign-in/", {"username": login, "password": password, "next": to})

    def code(self, code: str) -> Any:
        return self.post("/desk/sign-in/code/", {"code": code})

    def set_up(self, person: Any) -> str:
        """Sign in with the password alone, set up an authenticator app; returns its secret."""
        assert self.type(person.login)["Location"] == "/desk/security/"
        secret = secret_on(self.get("/desk/security/app/"))
        self.used = code_of(secret)
        assert self.post("/desk/security/app/", {"code": self.used})["Location"] == CODES
        return secret

    @property
    def session(self) -> Any:
        return self.client.session

    @property
    def cookie(self) -> dict[str, str]:
        return {"sessionid": self.client.cookies["sessionid"].value}

    def older(self, seconds: float) -> None:
        """As if so much time had passed since the last proof."""
        session = self.session
        for each in session["account_authentication_methods"]:
            each["at"] -= seconds
        session.save()


def secret_on(page: Any) -> str:
    found = re.search(r'data-test="secret">([A-Z2-7 ]+)<', page.content.decode())
    assert found, page.content.decode()[:500]
    return found[1].replace(" ", "")


def code_of(secret: str, steps: int = 0) -> str:
    """What the app shows (RFC 6238); without Django, for the browser tests as well."""
    counter = (int(time.time()) // 30 + steps).to_bytes(8, "big")
    mac = hmac.digest(base64.b32decode(secret), counter, "sha1")
    at = mac[-1] & 15
    return f"{(int.from_bytes(mac[at : at + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"


def forget_codes(person: Any) -> None:
    """As if half a minute had passed since the app's last code."""
    from allauth.mfa.models import Authenticator

    for each in Authenticator.objects.filter(user=person, type="totp"):
        each.data["counter"] = -1
        each.save()


def recovery_codes(browser: Browser) -> list[str]:
    return re.findall(r"<li><code>([\d ]+)</code>", browser.get(CODES).content.decode())


def said(page: Any) -> str:
    """The page without what is new in each answer: the token against forged forms."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page.content.decode())


def now() -> datetime:
    return datetime.now(UTC)
