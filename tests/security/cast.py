"""Everybody who may come to a door, each with all they could have: a phone's token, a whole session, a link."""

import itertools
import json
import re
import secrets
import time as clock
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from functools import cache
from http.client import HTTPConnection
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from tests.files import media
from tests.files.sender import Sender
from tests.world import Town, proven, until

ROLES = (
    "stranger", "member", "neighbour", "sent", "unsent", "officer", "elsewhere", "parent", "director", "auditor",
    "administrator", "media", "police",
)  # fmt: skip
#: Where a phone's token is asked for; everywhere else a session is.
PHONE = ("/app/", "/signals/")
#: What stands about the member, and nowhere else: whoever reads it was told of them.
MARKS = {
    "name": "Wu Markedname", "phone": "+27825550161", "place": "{lat}", "home": "12 Markedhome Lane",
    "health": "Markedhealth", "kin": "Aunt Markedkin", "kin_phone": "+27825550162", "contact": "marked@example.org",
    "note": "Markednote of the officer",
}  # fmt: skip
_addresses, _numbers = itertools.count(1), itertools.count(1)


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


class Caller:
    """One of the roles. Each request comes from an address of its own, so that no limit of strangers is met."""

    def __init__(self, door: str, name: str, person: Any = None, token: str = "", session: str = "") -> None:
        self.door, self.name, self.person, self.token, self.session = (
            urlsplit(door).netloc,
            name,
            person,
            token,
            session,
        )
        #: what only they know, by the name it has in the address; or how it is made anew
        self.secrets: dict[str, str | Callable[[], str]] = {}

    def ask(self, method: str, path: str, body: bytes | None = None, forged: bool = False, **more: str) -> Answer:
        """One request. `forged`: as another site's form would send it, without our token against that."""
        number = next(_addresses)
        source = f"127.{201 + number // 62500 % 50}.{number // 250 % 250}.{number % 250 + 2}"
        headers = {"Accept-Language": "en", "Accept": "text/html", "User-Agent": "Mozilla/5.0 Firefox/140"}
        cookies = ["csrftoken=" + "c" * 32]
        if path.startswith(PHONE) or (path.startswith("/files/") and path.count("/") == 2):
            headers |= {"Authorization": f"Bearer {self.token}"} if self.token else {}
        elif self.session:
            cookies.append(f"sessionid={self.session}")
        headers |= {"Cookie": "; ".join(cookies)} | ({} if forged else {"X-CSRFToken": "c" * 32})
        if body is not None:
            json_ = path.startswith(("/api/", "/app/", "/signals/"))
            headers["Content-Type"] = "application/json" if json_ else "application/x-www-form-urlencoded"
        line = HTTPConnection(self.door, timeout=20, source_address=(source, 0))
        try:
            line.request(method, path, body, headers | more)
            answer = line.getresponse()
            endless = answer.headers.get("Content-Type", "").startswith("text/event-stream")
            said = {k.lower(): v for k, v in answer.headers.items()}
            said["set-cookie"] = "\n".join(answer.headers.get_all("Set-Cookie") or ())
            return Answer(answer.status, said, b"" if endless else answer.read())
        finally:
            line.close()


class Cast:
    """A center in which something happens, and everybody around it."""

    def __init__(self, world: Town) -> None:
        self.world, self.place, self.other = world, world.place(), world.place()
        self.now = datetime.now(UTC)
        button = world.button(self.place)
        member = world.person_of(button)
        member.name, member.phone = MARKS["name"], MARKS["phone"]
        member.save()
        people = {
            "stranger": Caller(world.doors[0], "stranger"),
            "member": self._comes("member", member, button.token),
            "neighbour": self._comes("neighbour", world.member(self.place, phone=f"+27841{next(_numbers):06}")),
            "sent": self._comes("sent", self._with("responder", self.place)),
            "unsent": self._comes("unsent", self._with("responder", self.place)),
            "officer": self._comes("officer", self._with("duty_officer", self.place)),
            "elsewhere": self._comes("elsewhere", self._with("duty_officer", self.other)),
            "parent": self._comes("parent", self._with("supervisor", "GP", home=self.place)),
            "director": self._comes("director", self._with("director", self.place)),
            "auditor": self._comes("auditor", self._with("auditor", self.place)),
            "administrator": self._comes("administrator", self._with("administrator", self.place, is_superuser=True)),
            "media": Caller(world.doors[0], "media"),
            "police": Caller(world.doors[0], "police"),
        }
        self.people: dict[str, Caller] = {name: people[name] for name in ROLES}
        lat, lon = world.homes[self.place]
        self.marks = MARKS | {"place": str(round(lat + 0.01237, 5))}
        press = button.press("burglary", position=(float(self.marks["place"]), lon))
        self.press, self.incident = str(press.id), int(press.incident)
        self.once: dict[str, str] = {}
        self._tells(member)
        self._happens()
        self._knows()
        photo = Sender(button, media.photo((320, 240)), press)
        photo.send()
        self.file = str(photo.id)
        self.secrets = {name for caller in self.people.values() for name in caller.secrets}

    def person(self, role: str) -> Any:
        return self.people[role].person

    # who comes

    def _with(self, role: str, place: str, home: str = "", **more: Any) -> Any:
        from tocsin.people.models import Role

        phone = f"+27841{next(_numbers):06}"
        person = self.world.member(home or place, login=f"{role}.{uuid4().hex[:12]}", phone=phone, **more)
        Role.objects.create(person=person, center=self._center(place), name=role)
        return person

    def _comes(self, name: str, person: Any, token: str = "") -> Caller:
        return Caller(self.world.doors[0], name, person, token or self._phone(person)[0], self._session(person))

    def sign_in(self) -> None:
        """Everybody has a session and a phone again."""
        for caller in self.people.values():
            if caller.person is not None:
                caller.session, caller.token = self._session(caller.person), self._phone(caller.person)[0]
                until(lambda caller=caller: caller.ask("GET", f"/signals/{uuid4()}").status == 404, 5, "a new phone")

    def _session(self, person: Any) -> str:
        from django.test import Client

        client = Client()
        proven(client, person)
        return str(client.cookies["sessionid"].value)

    def _phone(self, person: Any) -> tuple[str, int]:
        from tocsin.devices.models import Device
        from tocsin.lib.secrets import digest, new_token

        token = new_token()
        made = Device.objects.create(protocol="app", identifier=str(uuid4()), person=person, token_digest=digest(token))
        return token, made.pk

    def _center(self, code: str) -> Any:
        from tocsin.centers.models import Center

        return Center.objects.get(code=code)

    # what there is

    def _tells(self, member: Any) -> None:
        """What the member gave us."""
        from tocsin.notifications.models import Contact, Relative
        from tocsin.privacy import consent
        from tocsin.profiles import actions, shape

        for purpose in ("medical", "media"):
            consent.say(member, purpose, True, consent.version(purpose), "en", self.now)
        told = {"places": [{"kind": "home", "address": MARKS["home"]}], "medical": MARKS["health"]}
        actions.tell(member, shape.clean(told), self.now)
        Contact.objects.create(person=member, channel="email", address=MARKS["contact"])
        Relative.objects.create(
            person=member, name=MARKS["kin"], phone=MARKS["kin_phone"], agreed_at=self.now, language="en"
        )

    def _happens(self) -> None:
        """The responder is sent, the officer holds it; links go out."""
        from tocsin.incidents.actions import claim, note
        from tocsin.incidents.models import Dispatch, Incident
        from tocsin.looks.actions import share
        from tocsin.notifications.models import Delivery
        from tocsin.rosters.actions import link_calendar

        incident, officer, sent = Incident.objects.get(pk=self.incident), self.person("officer"), self.person("sent")
        claim(self.incident, officer, self.now)
        self.dispatch = Dispatch.objects.create(incident=incident, kind="responder", responder=sent, at=self.now).pk
        note(self.incident, officer, self.now, text=MARKS["note"])
        ends = self.now + timedelta(days=1)
        for kind in ("media", "police"):
            made = share(
                incident, officer, self.now, kind=kind, name=f"{kind} person", organisation="Somebody",
                purpose="to check the facts", parts=["summary"], ends_at=ends,
            )  # fmt: skip
            self.people[kind].secrets["share"] = str(made[1]).rstrip("/").rpartition("/")[2]
        for role, name, channel in (("sent", "answer", "sms"), ("stranger", "callback", "webpush")):
            token = secrets.token_urlsafe(16)
            Delivery.objects.create(
                incident=incident, person=sent, channel=channel, address="+27825550199", language="en", message="sent",
                due=self.now, token=token, state="sent", sent_at=self.now,
            )  # fmt: skip
            self.people[role].secrets[name] = token
        self.people["officer"].secrets["calendar"] = link_calendar(officer)

    def _knows(self) -> None:
        """Who was given an address that only they know. A provider, and whoever applies, is a stranger to us."""
        from tocsin.enrolment import actions as enrolment
        from tocsin.enrolment import consents
        from tocsin.notifications.callbacks import key_of

        stranger, center, director = self.people["stranger"].secrets, self._center(self.place), self.person("director")
        stranger["report"] = key_of("sms")
        _, link = enrolment.invite(center, director, self.now, uses=9, days=3, admits=False)
        stranger["invited"] = link.rstrip("/").rpartition("/")[2]
        self.application, stranger["application"] = enrolment.apply(
            center, self.now, name="Ma Applies", phone="+27825550163", language="en", languages=["en"],
            consents={c.name: c.version for c in consents.shown("en")}, place="10.9.8.7",
        )  # fmt: skip
        self.people["member"].secrets["copy"] = self._copy_link
        self.people["officer"].secrets["password"] = self._password_link

    def _copy_link(self) -> str:
        """Each opens the member's copy once."""
        from tocsin.privacy import export
        from tocsin.privacy.models import Export, ExportState

        member, now = self.person("member"), datetime.now(UTC)
        Export.objects.filter(person=member, by=member).delete()
        made = export.ask(member, member, "en", now)
        while export.make_next(now):
            pass
        made.refresh_from_db()
        assert made.state == ExportState.READY
        return export.link(made, now)

    def _password_link(self) -> str:
        from tocsin.people.models import Person
        from tocsin.signin import actions

        officer = Person.objects.get(pk=self.person("officer").pk)
        return actions.password_link(officer, None, datetime.now(UTC)).rstrip("/").rpartition("/")[2]

    @contextmanager
    def ready(self, row: str, caller: Caller) -> Iterator[None]:
        """What must be there for this verb to have anything to do, while it is asked."""
        prepare = READY.get(row)
        undo = prepare(self, caller) if prepare and caller.person is not None else None
        try:
            yield
        finally:
            if undo:
                undo()

    def path(self, pattern: str, caller: Caller, fresh: bool) -> str:
        """An address of that pattern; what a verb would use up is made anew (`fresh`)."""

        def found(match: re.Match[str]) -> str:
            name = match[1]
            if name in self.secrets:
                held = caller.secrets.get(name, "x" * 43)
                return held if isinstance(held, str) else held()
            if fresh and name in AGAIN:
                return str(MAKERS[name](self))
            if name not in self.once:
                self.once[name] = str(MAKERS[name](self))
            return self.once[name]

        return re.sub(r"\{(\w+)\}", found, pattern)

    def make(self, model: Any, **fields: Any) -> Any:
        return model.objects.create(**fields).pk


def _device(cast: Cast) -> Any:
    from tocsin.devices.models import Device

    return cast.make(Device, protocol="gt06", identifier=f"86{uuid4().int % 10**13:013d}", person=cast.person("member"))


def _drill(cast: Cast) -> Any:
    from tocsin.drills.models import Drill

    by, center = cast.person("director"), cast._center(cast.place)
    ends = cast.now + timedelta(hours=1)
    return cast.make(
        Drill,
        center=center,
        title="x",
        alarm="fire",
        started_by=by,
        started_at=cast.now,
        ends_at=ends,
        ended_at=cast.now,
    )


def _list(cast: Cast) -> Any:
    from tocsin.enrolment.models import Import

    by, center = cast.person("director"), cast._center(cast.place)
    return cast.make(Import, center=center, by=by, file="a.csv", total=0, good=0, at=cast.now)


def _plan(cast: Cast) -> Any:
    from tocsin.escalation.models import Plan

    return cast.make(Plan, center=cast._center(cast.place), name=uuid4().hex[:8], steps=[], active=False)


def _contact(cast: Cast) -> Any:
    from tocsin.notifications.models import Contact

    address = f"+2782{uuid4().int % 10**7:07d}"
    return cast.make(Contact, person=cast.person("member"), channel="sms", address=address)


def _contact_of_officer(cast: Cast) -> Any:
    from tocsin.notifications.models import Contact

    address = f"+2783{uuid4().int % 10**7:07d}"
    return cast.make(Contact, person=cast.person("officer"), channel="sms", address=address)


def _relative(cast: Cast) -> Any:
    from tocsin.notifications.models import Relative

    return cast.make(Relative, person=cast.person("member"), name="Aunt", phone="+27825550198", language="en")


_days = itertools.count(1)


def _shift(cast: Cast) -> Any:
    from tocsin.rosters.models import Shift

    start = cast.now + timedelta(days=next(_days))
    center, who = cast._center(cast.place), cast.person("officer")
    return cast.make(
        Shift, center=center, duty="duty_officer", person=who, starts_at=start, ends_at=start + timedelta(hours=2)
    )


def _swap(cast: Cast) -> Any:
    from tocsin.rosters.models import Shift, Swap

    shift = Shift.objects.get(pk=_shift(cast))
    shift.person = cast.person("director")
    shift.save()
    return cast.make(Swap, shift=shift, to=cast.person("officer"))


def _pattern(cast: Cast) -> Any:
    from tocsin.rosters.models import Pattern

    center, who = cast._center(cast.place), cast.person("officer")
    return cast.make(
        Pattern, center=center, duty="duty_officer", person=who, weekday=1, start=time(8), minutes=60,
        since=cast.now.date() + timedelta(days=300),
    )  # fmt: skip


def _handover(cast: Cast) -> Any:
    from tocsin.rosters.models import Handover

    return cast.make(Handover, center=cast._center(cast.place), author=cast.person("officer"), text="x", at=cast.now)


def _share(cast: Cast) -> Any:
    from tocsin.looks.models import Share

    incident = cast.incident
    return cast.make(
        Share, incident_id=incident, by=cast.person("officer"), kind="media", name="x", organisation="y", purpose="z",
        parts="summary", digest=secrets.token_bytes(32), at=cast.now, ends_at=cast.now + timedelta(days=1),
    )  # fmt: skip


def _copy(cast: Cast) -> Any:
    from tocsin.privacy.models import Export

    return cast.make(Export, person=cast.person("member"), by=cast.person("director"), language="en", asked_at=cast.now)


def _whose(cast: Cast) -> str:
    from django.utils.http import int_to_base36

    return int_to_base36(cast.person("officer").pk)


#: How each thing in an address is made.
MAKERS: dict[str, Callable[[Cast], Any]] = {
    "incident": lambda cast: cast.incident, "press": lambda cast: cast.press, "uuid": lambda _: uuid4(),
    "dispatch": lambda cast: cast.dispatch, "person": lambda cast: cast.person("member").pk,
    "colleague": lambda cast: cast.person("officer").pk, "phone": lambda cast: cast._phone(cast.person("member"))[1],
    "device": _device, "drill": _drill, "list": _list, "plan": _plan, "contact": _contact, "relative": _relative,
    "contact_of_officer": _contact_of_officer, "shift": _shift, "swap": _swap, "weekly": _pattern,
    "handover": _handover, "share_row": _share, "copy_row": _copy, "file": lambda cast: cast.file, "whose": _whose,
    "passkey": lambda _: 999999,
    "center": lambda cast: cast.place,
}  # fmt: skip
AGAIN = {
    "phone", "device", "drill", "plan", "contact", "relative", "contact_of_officer", "shift", "swap", "weekly",
    "handover", "share_row", "uuid",
}  # fmt: skip


Undo = Callable[[], object]


def _moves(cast: Cast, caller: Caller) -> Undo:
    """Their number is about to become another."""
    from tocsin.people.models import NumberChange

    now = datetime.now(UTC)
    ends = now + timedelta(hours=1)
    NumberChange.objects.filter(person=caller.person, ended_at=None).delete()
    made = NumberChange.objects.create(
        person=caller.person, phone=f"+27851{next(_numbers):06}", at=now, expires_at=ends
    )
    return made.delete


def _wants_erasure(cast: Cast, caller: Caller) -> Undo:
    from tocsin.privacy.models import Erasure

    due = cast.now + timedelta(hours=72)
    return Erasure.objects.create(person=caller.person, by=caller.person, asked_at=cast.now, due=due).delete


def _has_app(cast: Cast, caller: Caller) -> Undo:
    """Two ways to prove it, of which one is an authenticator app."""
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import TOTP

    Authenticator.objects.create(user=caller.person, type="webauthn", data={"name": "x", "credential": {}})
    TOTP.activate(caller.person, "A" * 32)
    return Authenticator.objects.filter(user=caller.person).delete


def _has_passkey(cast: Cast, caller: Caller) -> Undo:
    """The officer does, whoever asks."""
    from allauth.mfa.models import Authenticator

    whose = cast.person("officer")
    made = Authenticator.objects.create(user=whose, type="webauthn", data={"name": "x", "credential": {}})
    cast.once["passkey"] = str(made.pk)
    return Authenticator.objects.filter(user=whose).delete


def _made_codes(cast: Cast, caller: Caller) -> Undo:
    """Recovery codes, a moment ago."""
    from allauth.mfa.models import Authenticator
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from django.contrib.sessions.backends.db import SessionStore

    from tocsin.signin.security import SHOWN

    RecoveryCodes.activate(caller.person)
    session = SessionStore(caller.session)
    session[SHOWN] = int(clock.time()) + 60
    session.save()
    return Authenticator.objects.filter(user=caller.person).delete


READY: dict[str, Callable[[Cast, Caller], Undo]] = {
    "POST /app/number/old/confirm": _moves,
    "POST /app/number/old/again": _moves,
    "POST /app/privacy/erasure/take-back": _wants_erasure,
    "POST /desk/security/app/remove/": _has_app,
    "POST /desk/security/passkeys/{passkey}/remove/": _has_passkey,
    "GET /desk/security/codes.txt": _made_codes,
}


@cache
def _schema() -> tuple[dict[str, Any], dict[str, Any]]:
    from tocsin.api.views import api

    found = api.get_openapi_schema(path_prefix="/api/v1/")
    bodies = {
        re.sub(r"\{\w+\}", "{}", path): verbs["post"]["requestBody"]["content"]["application/json"]["schema"]
        for path, verbs in found["paths"].items()
        if "requestBody" in verbs.get("post", {})
    }
    return bodies, found["components"]["schemas"]


def _least(schema: dict[str, Any], known: dict[str, Any]) -> Any:
    """The least that this schema takes: what is `known` by its name, else words that mean nothing."""
    if "$ref" in schema:
        return _least(_schema()[1][schema["$ref"].rpartition("/")[2]], known)
    for word in ("allOf", "anyOf", "oneOf"):
        if word in schema:
            return _least(schema[word][0], known)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    kind, shape = schema.get("type"), schema.get("format")
    if kind == "object":
        names = schema.get("required", ())
        return {name: known.get(name) or _least(schema["properties"][name], known) for name in names}
    if kind == "string":
        return {"date-time": "2030-01-01T00:00:00Z", "date": "2030-01-01"}.get(shape or "", "xx")
    if kind in ("integer", "number"):
        return schema.get("minimum", 1)
    return {"boolean": False, "array": []}.get(str(kind))


#: Names of a verb that the document leaves out.
OLD = {"/api/v1/incidents/{incident}/hand_over": "/api/v1/incidents/{incident}/hand-over"}
#: Where less is refused before anybody asks who it is.
MORE = {"/api/v1/incidents/{incident}/mark": {"state": "on_scene"}}
#: What a form or the app says besides, that the verb may find whom or what it is about.
ABOUT: dict[str, Callable[[Cast], dict[str, Any]]] = {
    "/app/duty/shifts/{shift}/offer": lambda cast: {"to": cast.person("director").pk},
    "/desk/security/people/": lambda cast: {"link": cast.person("officer").pk},
    "/desk/members/": lambda cast: {"application": cast.application.pk, "do": "decline", "reason": ""},
}


def form(pattern: str, path: str, cast: Cast) -> bytes:
    """The least a verb can be sent."""
    if path.startswith("/api/"):
        schema = _schema()[0].get(re.sub(r"\{\w+\}", "{}", OLD.get(pattern, pattern)))
        known = {"center": cast.place, "person": cast.person("officer").pk, "start": "08:00"}
        return json.dumps((_least(schema, known) if schema else {}) | MORE.get(pattern, {})).encode()
    about = ABOUT.get(pattern, lambda _: {})(cast)
    return json.dumps(about).encode() if path.startswith(PHONE) else urlencode({"center": cast.place} | about).encode()


def made(cast: Cast, path: str) -> int:
    """Something that stands at this address of the API, by its first word."""
    names = {
        "incidents": "incident", "devices": "device", "plans": "plan", "contacts": "contact_of_officer",
        "patterns": "weekly", "shifts": "shift", "swaps": "swap", "handovers": "handover", "drills": "drill",
        "people": "person", "looks": "colleague", "shares": "share_row",
    }  # fmt: skip
    return int(MAKERS[names[path.removeprefix("/api/v1/").split("/")[0]]](cast))
