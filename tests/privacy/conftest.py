"""A member with something of everything, and what can be found of them anywhere in the database."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.world import Town

NAME, PHONE, KIN, PLACE = "Zhou Unmistakable", "+27825550199", "Aunt Unforgettable", "77 Nowhere Lane"


def now() -> datetime:
    return datetime.now(UTC)


class Story:
    """One member, their phone, their center's desk."""

    def __init__(self, world: Town) -> None:
        from tocsin.notifications.models import Contact, Delivery, Relative
        from tocsin.people.models import Role

        self.world, self.place = world, world.place()
        n = next(world._people)
        self.name, self.kin, self.phone = f"{NAME} {n:06}", f"{KIN} {n:06}", f"+2783666{n % 10_000:04}"
        # nobody else's in this session: what is found of them, is theirs
        self.kin_phone, self.email = f"+2783777{n % 10_000:04}", f"zhou{n:06}@example.org"
        self.person = world.member(self.place, name=self.name, phone=self.phone, language="en")
        self.button = world.phone_of(self.person, world.homes[self.place])
        self.desk = world.desk(self.place, "director")
        Role.objects.create(person=self.person, center=self.person.center, name="member")
        Contact.objects.create(person=self.person, channel="email", address=self.email)
        self.relative = Relative.objects.create(
            person=self.person, name=self.kin, phone=self.kin_phone, agreed_at=now(), language="en"
        )
        Delivery.objects.create(
            person=self.person, channel="email", address=self.email, language="en", message="trial",
            values={"who": self.name}, due=now(), token=f"story-{n}", state="sent", sent_at=now(),
        )  # fmt: skip

    @property
    def secrets(self) -> list[str]:
        return [self.name, self.phone, self.kin, self.kin_phone, self.email]

    def alarm(self, close: bool = True, **more: Any) -> int:
        """An alarm with a trail and words, closed by the desk."""
        press = self.button.press("robbery", text=f"{self.name} needs help", **more)
        incident = int(press.incident)
        lat, lon = self.world.homes[self.place]
        self.button.moves(lat + 0.001, lon)
        if close:
            self.desk.claim(incident)
            self.desk.close(incident)
        return incident

    def director(self) -> Any:
        from tocsin.people.models import Person

        return Person.objects.get(pk=self.desk.person)


@pytest.fixture
def story(world: Town) -> Story:
    return Story(world)


@pytest.fixture
def found(world: Town) -> Callable[[str], set[str]]:
    """The tables in which these characters stand in any row, in any column."""

    def look(needle: str) -> set[str]:
        tables = world.rows("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        return {
            t for (t,) in tables if world.rows(f"SELECT 1 FROM {t} x WHERE x::text ILIKE %s LIMIT 1", f"%{needle}%")
        }

    return look


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    import os

    for name in list(os.environ):
        if name.startswith("TOCSIN_KEEP_"):
            monkeypatch.delenv(name)
    yield


def later(**by: float) -> datetime:
    return now() + timedelta(**by)
