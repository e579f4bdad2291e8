"""The harness: a world in which people press buttons and officers hear it. Real sockets, a real PostgreSQL, no mocks.

    button = world.button("PTA")               a member's phone of that center, used by no other test
    press = button.press("robbery")            .status .incident .center_code .flags …
    tracker = world.tracker("gt06", "PTA")     a device that speaks to its gate and resends until it is answered
    desk = world.desk("PTA")                   an officer with a key: desk.claim(incident), desk.queue() …
    with desk.watching() as watch:             the desk's live feed
        watch.hears("opened", press.incident)
    world.advance(seconds=30)                  the clock's duties, done as if that time had passed
    world.book("PTA").verdict()                is the book whole?
    world.kill("web"); world.database.stop()

`Town` is quick and shared by all tests of a session; each test takes people and, with `world.place()`, a center that
nobody else uses. `Installation` is the product as it is installed: `tocsin demo --quiet` in a process of its own.
"""

import ctypes
import itertools
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import httpx
import psycopg

CITIES = {
    "PTA": (-25.7479, 28.2293),
    "JNB": (-26.1767, 28.0983),
    "CPT": (-33.9249, 18.4241),
    "DUR": (-29.8587, 31.0218),
}
PLACES = 400  # centers of the Town that tests may take, one each
_addresses = itertools.count(2)


def data_folder() -> Path:
    """A folder of our own that PostgreSQL's unprivileged user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="tocsin-test-", dir="/tmp"))
    folder.chmod(0o755)
    return folder


def free_port() -> int:
    """Below the ports that the system gives to connections: none of those can take it before its server does."""
    while True:
        port = random.SystemRandom().randrange(12_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def until(true: Callable[[], Any], within: float = 5.0, what: str = "it") -> Any:
    """Wait until it is true; returns what it returned."""
    deadline = time.monotonic() + within
    while not (found := true()):
        assert time.monotonic() < deadline, f"{what} did not happen within {within} s"
        time.sleep(0.02)
    return found


def a_client(**more: Any) -> httpx.Client:
    """A caller with an address of its own (127.x.y.z), so that limits per address do not mix up tests."""
    n = next(_addresses)
    local = f"127.{os.getpid() % 200 + 1}.{n // 250 % 250}.{n % 250 + 2}"
    return httpx.Client(transport=httpx.HTTPTransport(local_address=local), timeout=15, trust_env=False, **more)


def proven(client: Any, person: Any) -> None:
    """Sign a client of Django's in as if with a second factor."""
    client.force_login(person)
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "at": time.time()}]
    session["account_authentication_methods_user"] = str(person.pk)
    session.save()


class Answer:
    """What the door said: `.status`, `.headers`, and the fields of its JSON."""

    def __init__(self, response: httpx.Response, id_: UUID | str) -> None:
        self.status, self.headers, self.id = response.status_code, response.headers, id_
        self.said: dict[str, Any] = response.json()

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["said"][name]
        except KeyError:
            raise AttributeError(f"the answer {self.__dict__.get('said')} has no {name}") from None

    def __repr__(self) -> str:
        return f"<{self.status} {self.said}>"


class Button:
    """A member's phone: it makes the UUID, and presses again with the same one until it is answered."""

    def __init__(self, doors: Sequence[str], name: str, token: str, home: tuple[float, float]) -> None:
        self.doors, self.name, self.token, self.home = doors, name, token, home
        self.client = a_client(headers={"Authorization": f"Bearer {token}"})

    def send(self, id_: UUID | str | None = None, door: int = 0, language: str = "en", **body: Any) -> Answer:
        """One PUT, exactly as told."""
        id_ = id_ or uuid4()
        url = f"{self.doors[door]}/signals/{id_}"
        return Answer(self.client.put(url, json=body, headers={"Accept-Language": language}), id_)

    def press(self, alarm: str | None = "robbery", *, position: Any = "home", **more: Any) -> Answer:
        """An alarm from home, or from `position=(lat, lon)`, or without GPS: `position=None`."""
        if alarm is not None:
            more["alarm"] = alarm
        return self.send(kind="alarm", **self._at(position), **more)

    def moves(self, lat: float, lon: float, **more: Any) -> Answer:
        return self.send(kind="position", **self._at((lat, lon)), **more)

    def cancel(self) -> Answer:
        return self.send(kind="cancel")

    def until_answered(self, patience: float = 60.0, **body: Any) -> tuple[Answer, int]:
        """Press as a phone does: the same again until 200 or 201. Returns the answer and the number of tries."""
        id_, deadline = body.pop("id_", None) or uuid4(), time.monotonic() + patience
        for tries in itertools.count(1):
            with suppress(httpx.HTTPError, ValueError):
                answer = self.send(id_, **{"kind": "alarm", "alarm": "robbery", **body})
                if answer.status in (200, 201):
                    return answer, tries
                assert answer.status in (429, 503), answer
            assert time.monotonic() < deadline, f"{self.name} was not answered within {patience} s"
            time.sleep(0.2)
        raise AssertionError

    def state(self, id_: UUID | str, language: str = "en") -> Answer:
        """What has become of my press?"""
        headers = {"Accept-Language": language}
        return Answer(self.client.get(f"{self.doors[0]}/signals/{id_}", headers=headers), id_)

    def _at(self, position: Any) -> dict[str, Any]:
        lat, lon = (self.home if position == "home" else position) or (None, None)
        return {} if lat is None else {"position": {"lat": lat, "lon": lon, "accuracy": 12.0}}


class Tracker:
    """A device that speaks a protocol on the wire and resends the very same frame until it is answered."""

    def __init__(self, protocol: str, port: Callable[[], int], identifier: str, home: tuple[float, float]) -> None:
        from tocsin.gates.registry import encoder

        self.protocol, self.port, self.identifier, self.home = protocol, port, identifier, home
        self.device: Any = encoder(protocol)(identifier)
        self.line: socket.socket | None = None
        self.pressed_at = datetime.fromtimestamp(0, UTC)

    def press(self, patience: float = 60.0) -> int:
        """SOS. Returns the number of tries."""
        self.pressed_at = max(datetime.now(UTC), self.pressed_at + timedelta(seconds=1))
        return self._resent(self.device.sos(self._moment(self.pressed_at)), patience)

    def let_go(self, patience: float = 60.0) -> None:
        """The SOS bit is clear again, so that the next one is a new press."""
        self.device.alarmed = False
        if beat := self.device.heartbeat(self._moment(datetime.now(UTC))):
            self._resent(beat, patience)

    def move(self, lat: float, lon: float, patience: float = 60.0) -> None:
        self.home = lat, lon
        self._resent(self.device.position(self._moment(datetime.now(UTC))), patience)

    def answered(self, message: Any, within: float) -> bool:
        """Send it once; was it answered?"""
        try:
            return self._over_http(message, within) if not isinstance(message, bytes) else self._wire(message, within)
        except (OSError, httpx.HTTPError, KeyError, ValueError):
            self.hang_up()
            return False

    def hang_up(self) -> None:
        if self.line:
            self.line.close()
        self.line = None

    def _resent(self, message: Any, patience: float) -> int:
        deadline = time.monotonic() + patience
        for tries in itertools.count(1):
            if self.answered(message, within=8):
                return tries
            assert time.monotonic() < deadline, f"{self.protocol} {self.identifier} stayed unanswered for {patience} s"
            time.sleep(0.3)
        raise AssertionError

    def _moment(self, at: datetime) -> Any:
        from tocsin.gates.protocol import Moment

        return Moment(at, *self.home)

    def _over_http(self, message: Any, within: float) -> bool:
        url = f"http://127.0.0.1:{self.port()}{message.path}?{message.query}"
        return httpx.request(message.method, url, timeout=within, trust_env=False).is_success

    def _wire(self, message: bytes, within: float) -> bool:
        if self.line is None:
            self.line = socket.create_connection(("127.0.0.1", self.port()), timeout=within)
            hello = self.device.hello()
            if hello is not None and not self._exchanged(hello, within):
                self.hang_up()
                return False
        if not self._exchanged(message, within):
            self.hang_up()
            return False
        return True

    def _exchanged(self, message: bytes, within: float) -> bool:
        assert self.line
        self.line.sendall(message)
        got, deadline = b"", time.monotonic() + within
        while not self.device.answered(message, got):
            self.line.settimeout(max(0.01, deadline - time.monotonic()))
            part = self.line.recv(4096)
            if not part:
                return False
            got += part
        return True


class Event(NamedTuple):
    """One server-sent event, and when it came."""

    id: int | None
    name: str
    data: dict[str, Any]
    at: float


class Watch:
    """An open /live. Collects what it hears, reconnects with Last-Event-ID when the line is lost (`lasting`)."""

    def __init__(self, url: str, headers: dict[str, str], params: dict[str, Any], lasting: bool) -> None:
        self.url, self.headers, self.params, self.lasting = url, headers, params, lasting
        self.events: list[Event] = []
        self.last: str | None = None
        self.beats: list[float] = []  # when anything at all came, pings included
        self.status, self.ended, self.closing = 0, False, False
        self.news = threading.Condition()
        self.client = a_client()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def hears(self, kind: str, incident: int | None = None, within: float = 3.0) -> Event:
        """Wait for an entry of this kind (or an event of this name) about this incident."""

        def found() -> Event | None:
            for e in self.events:
                named = e.name == kind or e.data.get("kind") == kind
                if named and incident in (None, e.data.get("incident")):
                    return e
            return None

        with self.news:
            self.news.wait_for(found, within)
        event = found()
        assert event, (
            f"no {kind} of {incident} within {within} s; heard {[(e.id, e.name, e.data) for e in self.events]}"
        )
        return event

    @property
    def numbers(self) -> list[int]:
        return [e.data["number"] for e in self.events if "number" in e.data]

    def open(self) -> None:
        self.thread.start()
        until(lambda: self.status, what="an answer of /live")

    def close(self) -> None:
        """Stop listening; the thread ends with the next ping."""
        self.closing = True

    def _run(self) -> None:
        while not self.closing:
            with suppress(httpx.HTTPError, OSError, RuntimeError):
                self._listen()
            if not self.lasting:
                break
            time.sleep(0.1)
        self.ended = True

    def _listen(self) -> None:
        headers = {**self.headers, **({"Last-Event-ID": self.last} if self.last else {})}
        timeout = httpx.Timeout(5, read=6)
        with self.client.stream("GET", self.url, params=self.params, headers=headers, timeout=timeout) as response:
            self.status = response.status_code
            if self.status != 200:
                return
            name, data, id_ = "", "", ""
            for line in response.iter_lines():
                self.beats.append(time.monotonic())
                if self.closing:
                    return
                field, _, value = line.partition(": ")
                if line == "":
                    self.last = id_ or self.last
                    if data:
                        self._take(Event(int(id_) if id_ else None, name, json.loads(data), time.monotonic()))
                    name, data, id_ = "", "", ""
                elif field == "id":
                    id_ = value
                elif field == "event":
                    name = value
                elif field == "data":
                    data += value

    def _take(self, event: Event) -> None:
        with self.news:
            self.events.append(event)
            self.news.notify_all()


class Desk:
    """A person with a staff key."""

    def __init__(self, doors: Sequence[str], center: str, key: str, name: str, person: int | None = None) -> None:
        self.doors, self.center, self.key, self.name, self.person = doors, center, key, name, person
        self.headers = {"Authorization": f"Bearer {key}"}
        self.client = a_client(headers=self.headers, params={"lang": "en"})

    def get(self, path: str, **params: Any) -> httpx.Response:
        return self.client.get(f"{self.doors[0]}/api/v1/{path}", params={"lang": "en", **params})

    def do(self, verb: str, incident: int, door: int = 0, lang: str = "en", **body: Any) -> httpx.Response:
        url = f"{self.doors[door]}/api/v1/incidents/{incident}/{verb}"
        return self.client.post(url, json=body, params={"lang": lang})

    def done(self, verb: str, incident: int, **body: Any) -> dict[str, Any]:
        """The verb, which must succeed."""
        response = self.do(verb, incident, **body)
        assert response.status_code == 200, f"{verb}: {response.status_code} {response.text}"
        found: dict[str, Any] = response.json()
        return found

    def claim(self, incident: int) -> dict[str, Any]:
        return self.done("claim", incident)

    def dispatch(self, incident: int, to: str = "Unit 7") -> dict[str, Any]:
        return self.done("dispatch", incident, kind="unit", to=to)

    def close(self, incident: int, outcome: str = "genuine") -> dict[str, Any]:
        return self.done("close", incident, outcome=outcome)

    def incident(self, incident: int) -> dict[str, Any]:
        response = self.get(f"incidents/{incident}")
        assert response.status_code == 200, f"{incident}: {response.status_code} {response.text}"
        found: dict[str, Any] = response.json()
        return found

    def queue(self, **params: Any) -> list[int]:
        """Numbers of the incidents on this desk, in their order."""
        response = self.get("incidents", **{"open": True, **params})
        assert response.status_code == 200, response.text
        return [i["id"] for i in response.json()["items"]]

    @contextmanager
    def watching(
        self, center: str | None = None, lasting: bool = False, door: int = 0, **params: Any
    ) -> Iterator[Watch]:
        last = params.pop("last", None)
        found = {"center": center or self.center, "lang": "en", **params}
        watch = Watch(f"{self.doors[door]}/live", self.headers, found, lasting)
        watch.last = None if last is None else str(last)
        watch.open()
        try:
            yield watch
        finally:
            watch.close()


class Book:
    """A center's occurrence book, read past all caches: from its table."""

    def __init__(self, world: "World", center: str) -> None:
        self.world, self.center = world, center

    def entries(self, kind: str | None = None, incident: int | None = None) -> list[dict[str, Any]]:
        return [
            {"number": number, "at": at, "kind": kind_, "incident": about, "facts": facts, "echo": echo}
            for number, at, kind_, about, facts, echo in self.world.rows(
                "SELECT number, at, kind, incident_id, facts, echo FROM book_entry e JOIN centers_center c "
                "ON c.id = e.center_id WHERE c.code = %s ORDER BY number",
                self.center,
            )
            if kind in (None, kind_) and incident in (None, about)
        ]

    @property
    def head(self) -> int:
        found = self.world.rows(
            "SELECT number FROM book_head h JOIN centers_center c ON c.id = h.center_id WHERE c.code = %s", self.center
        )
        return int(found[0][0])

    def verdict(self) -> Any:
        from tocsin.book.verify import verify

        with psycopg.connect(self.world.dsn, autocommit=True) as connection:
            return next(iter(verify(connection, self.center)))


class World:
    """What can be said of any installation."""

    dsn: str
    doors: list[str]
    data: Path

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """One statement in the database itself; [] for one that returns nothing."""
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            cursor = connection.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    def book(self, center: str) -> Book:
        return Book(self, center)

    def timeline(self, incident: int, messages: bool = False) -> list[str]:
        """What the book says of an incident: within a book by number, between books by time; echoes left out, and
        whom messages were owed to unless asked for.
        """
        rows = self.rows(
            "SELECT center_id, number, kind FROM book_entry WHERE incident_id = %s AND NOT echo "
            "AND (%s OR kind NOT IN ('notified', 'unreachable')) ORDER BY at",
            incident,
            messages,
        )
        books = {center: iter(sorted(row for row in rows if row[0] == center)) for center, _, _ in rows}
        return [next(books[center])[2] for center, _, _ in rows]

    def steps(self, incident: int) -> list[tuple[int, datetime, datetime | None]]:
        """Its escalation: (step, due, done_at)."""
        query = "SELECT number, due, done_at FROM escalation_step WHERE incident_id = %s ORDER BY id"
        return [(number, due, done) for number, due, done in self.rows(query, incident)]

    def owner(self, incident: int) -> str:
        query = "SELECT c.code FROM incidents_incident i JOIN centers_center c ON c.id = i.center_id WHERE i.id = %s"
        return str(self.rows(query, incident)[0][0])

    def stored(self, *ids: UUID | str) -> int:
        """How many of these signals are stored."""
        return int(
            self.rows("SELECT count(*) FROM gates_signal WHERE id = ANY(%s::uuid[])", [str(i) for i in ids])[0][0]
        )

    def port(self, protocol: str) -> int:
        return int(json.loads((self.data / "gates.json").read_text())[protocol])

    def health(self) -> tuple[int, dict[str, Any]]:
        with a_client() as client:
            response = client.get(f"{self.doors[0]}/health")
        return response.status_code, response.json()

    def healthy(self) -> bool:
        with suppress(httpx.HTTPError):
            return self.health()[0] == 200
        return False

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Hold back every commit of a signal (for 3 s at most), so that what is sent meanwhile makes one batch."""
        with psycopg.connect(self.dsn) as connection:
            connection.execute("LOCK TABLE gates_signal IN EXCLUSIVE MODE")
            yield
            connection.rollback()


class Process:
    """One of Tocsin's processes, ours to kill."""

    def __init__(self, *arguments: str, **env: str) -> None:
        self.arguments, self.env = arguments, env
        self.popen: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.popen = subprocess.Popen(
            [sys.executable, "-m", "tocsin", *self.arguments],
            env={**os.environ, **self.env},
            preexec_fn=_die_with_us,  # noqa: PLW1509 - one call of libc, no locks
            stdin=subprocess.DEVNULL,
        )

    def kill(self) -> None:
        if self.popen:
            self.popen.kill()
            self.popen.wait()

    def stop(self) -> None:
        if self.popen:
            self.popen.terminate()
            try:
                self.popen.wait(5)
            except subprocess.TimeoutExpired:
                self.kill()


def _die_with_us() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Database:
    """The Town's PostgreSQL."""

    def __init__(self, data: Path) -> None:
        from tocsin.database import Server

        self.server = Server(data)

    def start(self) -> None:
        self.server.start()

    def stop(self) -> None:
        """Fast shutdown (SIGINT)."""
        from django.db import connection

        connection.close()
        self.server.stop()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """SIGSTOP for the postmaster and every backend: it neither answers nor refuses."""
        assert self.server.process
        pids = [self.server.process.pid, *children(self.server.process.pid)]
        for pid in pids:
            _send(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                _send(pid, signal.SIGCONT)


class Town(World):
    """The quick world: a database, two web processes, the gates. Its clock stands until `advance` is called."""

    def __init__(self) -> None:
        from tocsin import database

        self.data = database.data_folder()
        self.dsn = database.url()
        self.database = Database(self.data)
        ports = free_port(), free_port()
        self.doors = [f"http://127.0.0.1:{port}" for port in ports]
        self.processes = {
            "web": Process("web", TOCSIN_PORT=str(ports[0])),
            "web two": Process("web", TOCSIN_PORT=str(ports[1])),
            "gates": Process("gates"),
            "clock": Process("clock"),
            "clock two": Process("clock"),
        }
        self.ahead = timedelta()
        self._people = itertools.count(1)

    def start(self) -> None:
        self.database.start()
        from tocsin.__main__ import migrate

        migrate()
        self._settle()
        for name in ("web", "web two", "gates"):
            self.processes[name].start()
        until(self.healthy, 90, "health")
        until(lambda: self._answers(1), 90, "the second web process")
        until((self.data / "gates.json").exists, 90, "the gates")

    def end(self) -> None:
        for process in self.processes.values():
            process.stop()
        self.database.stop()
        shutil.rmtree(self.data, ignore_errors=True)

    def kill(self, name: str) -> None:
        self.processes[name].kill()

    def run(self, name: str) -> None:
        """Start a process: a clock, or one that was killed."""
        self.processes[name].start()

    def database_back(self) -> None:
        """The database is started again, and whoever stores presses has noticed: web, web two and the gates."""
        self.database.start()
        lines = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'tocsin %% intake'"
        until(lambda: self.rows(lines)[0][0] >= 3, 15, "new lines to the database")
        until(self.healthy, 15, "health")

    def tidy(self) -> None:
        """After a test: its incidents escalate no more, its clocks stand still, and all is well."""
        for name in ("clock", "clock two"):
            self.processes[name].stop()
        self.ahead = timedelta()
        self.rows("DELETE FROM escalation_step WHERE done_at IS NULL")
        self.rows("UPDATE drills_drill SET ended_at = now() WHERE ended_at IS NULL")
        self.rows("UPDATE notifications_delivery SET state = 'cancelled', unread_due = NULL WHERE sent_at IS NULL")
        until(self.healthy, 15, "health after the test")

    # people and places

    def place(self) -> str:
        """The code of a city center under Gauteng that no other test uses."""
        assert self.places, "there are not enough places: raise PLACES"
        return self.places.pop(0)

    def button(self, center: str = "PTA", name: str = "") -> Button:
        """The phone of a member whom no other test uses."""
        token, known = self.phones[center].pop(0)
        return Button(self.doors, name or known, token, self.homes[center])

    def tracker(self, protocol: str, center: str = "PTA") -> Tracker:
        identifier = self.trackers[protocol, center].pop(0)
        return Tracker(protocol, lambda: self.port(protocol), identifier, self.homes[center])

    def member(self, center: str | None, **fields: Any) -> Any:
        """A new person; phones follow with `phone_of`."""
        from tocsin.centers.models import Center
        from tocsin.people.models import Person

        n = next(self._people)
        home = Center.objects.get(code=center) if center else None
        return Person.objects.create(**{"name": f"Person {n}", "center": home, "password": "!", **fields})

    def phone_of(self, person: Any, home: tuple[float, float] = CITIES["PTA"]) -> Button:
        """A further phone of a person, known at both doors."""
        from tocsin.devices.models import Device
        from tocsin.lib.secrets import digest, new_token

        token = new_token()
        Device.objects.create(protocol="app", identifier=str(uuid4()), person=person, token_digest=digest(token))
        button = Button(self.doors, person.name, token, home)
        for door in self.doors:
            until(lambda door=door: button.client.get(f"{door}/signals/{uuid4()}").status_code == 404, 3, "knowing")
        return button

    def device(self, protocol: str, identifier: str, center: str, **fields: Any) -> Tracker:
        """A new device of that center (or of `person=`, `site=`), known to the gates."""
        from tocsin.centers.models import Center
        from tocsin.devices.models import Device

        if not fields.keys() & {"person", "site"}:
            fields["center"] = Center.objects.get(code=center)
        Device.objects.create(protocol=protocol, identifier=identifier, **fields)
        time.sleep(1.2)  # the gates look at the registry each second at the latest
        return Tracker(protocol, lambda: self.port(protocol), identifier, self.homes[center])

    def person_of(self, button: Button) -> Any:
        from tocsin.devices.models import Device
        from tocsin.lib.secrets import digest

        return Device.objects.select_related("person").get(token_digest=digest(button.token)).person

    def desk(self, center: str = "PTA", role: str = "duty_officer", **term: Any) -> Desk:
        """A new person with this role there (`since`, `until`) and a key."""
        from tocsin.centers.models import Center
        from tocsin.lib.secrets import digest, new_token
        from tocsin.people.models import Role, StaffKey

        person, key = self.member(center, name=f"Officer {next(self._people)} {center}"), new_token()
        Role.objects.create(person=person, center=Center.objects.get(code=center), name=role, **term)
        StaffKey.objects.create(person=person, name="test", digest=digest(key))
        return Desk(self.doors, center, key, person.name, person.pk)

    # time

    def advance(self, seconds: float = 0, minutes: float = 0) -> datetime:
        """Let that time pass for the clock: each escalation that falls due is done at its very time."""
        from django.db import connection, transaction

        from tocsin.centers.network import load
        from tocsin.devices.actions import supervise
        from tocsin.drills.actions import end_overdue
        from tocsin.escalation.models import Step
        from tocsin.escalation.stages import escalate

        self.ahead += timedelta(seconds=seconds, minutes=minutes)
        now = datetime.now(UTC) + self.ahead
        with transaction.atomic(), connection.cursor() as cursor:  # as if the gates had listened all the time
            cursor.execute("UPDATE gates_pulse SET at = %s, since = '2020-01-01Z' WHERE process = 'gates'", (now,))
            supervise(load(), now)
        while first := Step.objects.filter(done_at=None, due__lte=now).order_by("due").first():
            if not end_overdue(first.due):
                assert escalate(load(), first.due), "a step was due and was not done"
        end_overdue(now)
        return now

    # how it is made

    def _settle(self) -> None:
        """The demo's network, and centers, members, phones and trackers for the tests to take."""
        from django.db import transaction

        from tocsin.centers.models import Center
        from tocsin.demo.seed import seed

        with transaction.atomic():
            seed()
            gauteng = Center.objects.get(code="GP")
            self.places = [f"T{n:03d}" for n in range(PLACES)]
            self.homes = dict(CITIES)
            for n, code in enumerate(self.places):
                lat, lon = -60.5 + n // 16, -20.5 + n % 16  # in the ocean, far from everybody
                corners = [
                    [lon + x, lat + y] for x, y in ((-0.4, -0.4), (0.4, -0.4), (0.4, 0.4), (-0.4, 0.4), (-0.4, -0.4))
                ]
                area = {"type": "Polygon", "coordinates": [corners]}
                Center.objects.create(
                    code=code, name_en=f"Test {n}", name_zh=f"测试{n}", parent=gauteng, lat=lat, lon=lon, area=area
                )
                self.homes[code] = lat, lon
            self.phones: dict[str, list[tuple[str, str]]] = {}
            self.trackers: dict[tuple[str, str], list[str]] = {}
            self._populate()

    def _populate(self) -> None:
        from tocsin.centers.models import Center
        from tocsin.devices.models import Device
        from tocsin.lib.secrets import digest, new_token
        from tocsin.people.models import Person

        devices = []
        for number, center in enumerate(Center.objects.filter(code__in=self.homes)):
            size = 250 if center.code == "PTA" else 60 if center.code in CITIES else 12
            people = Person.objects.bulk_create(
                Person(name=f"{center.code} {n}", center=center, password="!", language="en") for n in range(size)
            )
            self.phones[center.code] = [(new_token(), person.name) for person in people]
            for person, (token, _) in zip(people, self.phones[center.code], strict=True):
                devices.append(
                    Device(protocol="app", identifier=f"t{person.pk}", person=person, token_digest=digest(token))
                )
            for protocol, prefix in (("gt06", "35"), ("osmand", "77")):
                names = [f"{prefix}{number:03d}{n:010d}" for n in range(size // 6)]
                self.trackers[protocol, center.code] = names
                owners = people[::-1] if protocol == "gt06" else people[-size // 4 :: -1]
                devices += [
                    Device(protocol=protocol, identifier=name, person=person)
                    for name, person in zip(names, owners, strict=False)
                ]
        Device.objects.bulk_create(devices)

    def _answers(self, door: int) -> bool:
        with suppress(httpx.HTTPError), a_client() as client:
            return client.get(f"{self.doors[door]}/health").status_code == 200
        return False


#: A copy of the person with that number, their role and their app's device under another name, number and token.
NEWCOMER = """
WITH given (name, phone, digest, "like") AS (VALUES (%s, %s, %s, %s)), person AS (
  INSERT INTO people_person SELECT (jsonb_populate_record(p, jsonb_build_object(
    'id', nextval(pg_get_serial_sequence('people_person', 'id')), 'name', given.name, 'phone', given.phone))).*
  FROM people_person p, given WHERE p.phone = given."like" RETURNING id),
role AS (
  INSERT INTO people_role SELECT (jsonb_populate_record(r, jsonb_build_object(
    'id', nextval(pg_get_serial_sequence('people_role', 'id')), 'person_id', person.id))).*
  FROM people_role r JOIN people_person p ON p.id = r.person_id, given, person WHERE p.phone = given."like")
INSERT INTO devices_device SELECT (jsonb_populate_record(d, jsonb_build_object(
  'id', nextval(pg_get_serial_sequence('devices_device', 'id')), 'person_id', person.id,
  'identifier', 'newcomer-' || person.id, 'token_digest', '\\x' || given.digest))).*
FROM devices_device d JOIN people_person p ON p.id = d.person_id, given, person
WHERE p.phone = given."like" AND d.protocol = 'app' AND d.identifier LIKE 'demo-%%'
"""


class Installation(World):
    """`tocsin demo --quiet`, as a person would start it, with a data folder and ports of its own.

    Without `inbox` no channel is set up: messages are owed, and the demo's inbox stays empty.
    """

    def __init__(self, inbox: bool = False) -> None:
        self.data = data_folder()
        self.web_port = free_port()
        self.doors = [f"http://127.0.0.1:{self.web_port}"]
        self.env = {
            **{k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "TOCSIN_GATES_HOST")},
            "TOCSIN_DATA": str(self.data),
            "TOCSIN_PORT": str(self.web_port),
            "TOCSIN_GATES_PORTS": "any",
        }
        if not inbox:
            off = ("SMS_PROVIDER", "VOICE_ACCOUNT", "EMAIL_HOST", "WEBHOOK_PRIVATE", "WEBPUSH_SUBJECT")
            self.env.update({f"TOCSIN_CHANNEL_{name}": "" for name in off})
        from tocsin.database import socket_folder

        self.dsn = f"postgresql://tocsin@/tocsin?host={socket_folder(self.data)}"
        self.tree: subprocess.Popen[bytes] | None = None
        self.used: dict[str, int] = {}

    def start(self, within: float = 110.0) -> float:
        """Start it, gates included; returns the seconds until it was healthy."""
        started, sheet = time.monotonic(), self.data / "gates.json"
        before = sheet.stat().st_mtime_ns if sheet.exists() else 0
        with open(self.data / "tree.log", "ab") as log:
            self.tree = subprocess.Popen(
                [str(Path(sys.executable).parent / "tocsin"), "demo", "--quiet"],
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

        def up() -> bool:
            assert self.tree
            assert self.tree.poll() is None, f"it ended: {self.log()[-2000:]}"
            return self.healthy()

        until(up, within, "a healthy start")
        seconds = time.monotonic() - started
        until(lambda: sheet.exists() and sheet.stat().st_mtime_ns != before, within, "the gates")
        return seconds

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> float:
        """Ask it to stop; returns the seconds until it was gone."""
        assert self.tree
        started = time.monotonic()
        _send(self.tree.pid, sign)
        self.tree.wait(20)
        return time.monotonic() - started

    def end(self) -> None:
        if self.tree and self.tree.poll() is None:
            self.stop()
        shutil.rmtree(self.data, ignore_errors=True)

    def log(self) -> str:
        return (self.data / "tree.log").read_text(errors="replace")

    def pid(self, name: str) -> int | None:
        """Of `web`, `gates`, `clock`, `postgres` or `supervisor`; None while it is not there."""
        assert self.tree
        if name == "supervisor":
            return self.tree.pid
        if name == "postgres":
            with suppress(OSError, ValueError, IndexError):
                return int((self.data / "postgres" / "postmaster.pid").read_text().splitlines()[0])
            return None
        for pid in children(self.tree.pid):
            with suppress(OSError):
                if Path(f"/proc/{pid}/comm").read_text() == f"tocsin {name}\n":
                    return pid
        return None

    def kill(self, name: str) -> bool:
        """kill -9. False: it was not there."""
        pid = self.pid(name)
        if pid is None:
            return False
        _send(pid, signal.SIGKILL)
        if name == "supervisor":
            assert self.tree
            self.tree.wait()
        return True

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`tocsin …` of this installation."""
        tocsin = str(Path(sys.executable).parent / "tocsin")
        return subprocess.run(
            [tocsin, *arguments], env=self.env, capture_output=True, text=True, timeout=60, check=False
        )

    def sheet(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.data / "demo.json").read_text())
        return found

    def button(self, center: str = "PTA") -> Button:
        """The phone of the center's next member."""
        members = [m for m in self.sheet()["members"] if m["center"] == center]
        n = self.used[center] = self.used.get(center, 0) + 1
        return Button(self.doors, members[n - 1]["name"], members[n - 1]["token"], self._home(center))

    def newcomers(self, center: str, count: int) -> list[dict[str, str]]:
        """So many more members, like the center's first: with a phone number, and the token of its app."""
        from tocsin.lib.secrets import digest, new_token

        like = next(m for m in self.sheet()["members"] if m["center"] == center)
        made = [
            {"name": f"新会员 {center}-{n:03d}", "center": center, "phone": f"+2784555{n:04d}", "token": new_token()}
            for n in range(count)
        ]
        with psycopg.connect(self.dsn) as connection, connection.cursor() as cursor:
            cursor.executemany(
                NEWCOMER, [(m["name"], m["phone"], digest(m["token"]).hex(), like["phone"]) for m in made]
            )
        return made

    def buttons(self) -> list[Button]:
        """Every member's phone."""
        return [Button(self.doors, m["name"], m["token"], self._home(m["center"])) for m in self.sheet()["members"]]

    def trackers(self, protocol: str) -> list[Tracker]:
        return [
            Tracker(protocol, lambda: self.port(protocol), d["identifier"], self._home(d["center"]))
            for d in self.sheet()["devices"]
            if d["protocol"] == protocol
        ]

    def desk(self, center: str = "PTA", role: str = "duty_officer") -> Desk:
        staff = next(s for s in self.sheet()["staff"] if s["center"] == center and s["role"] == role)
        return Desk(self.doors, center, staff["key"], staff["name"])

    def _home(self, code: str) -> tuple[float, float]:
        center = next(c for c in self.sheet()["centers"] if c["code"] == code)
        return center["lat"], center["lon"]


def children(pid: int) -> list[int]:
    try:
        return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _send(pid: int, sign: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, sign)
