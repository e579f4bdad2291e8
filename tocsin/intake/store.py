"""One batch of signals, one transaction: signals stored, incidents opened or joined, escalation started, book written.

Set-based and pipelined: about ten statements and four waits for the database, whatever the size of the batch.
"""

import os
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import psycopg

from tocsin.book import record as book
from tocsin.book.record import New
from tocsin.centers.network import Network
from tocsin.devices.rules import complaints
from tocsin.gates.signal import Position, Signal
from tocsin.incidents.facts import CancelRequested, HandedOver, Joined, Opened, Tested, Told
from tocsin.incidents.notes import digest_of, sealed_text
from tocsin.intake import rules, sql
from tocsin.intake.registry import Device
from tocsin.lib.pipeline import BEGIN, COMMIT, Pipeline
from tocsin.lib.sql import Statement, array


class Again(Exception):
    """Another process got in between: roll back and do the batch once more."""


class Stored(msgspec.Struct):
    """What became of a signal. `fresh` False: it was there already; `conflict`: there, but with other content."""

    incident: int | None = None
    center: int | None = None
    state: str = "stored"
    alarm: str | None = None
    flags: tuple[str, ...] = ()
    fresh: bool = True
    conflict: bool = False


class Arrived(msgspec.Struct):
    """A signal on its way in. `digest` tells the same content from other content under the same id."""

    device: Device
    signal: Signal
    id: UUID
    digest: bytes


class Row(msgspec.Struct, omit_defaults=True):
    """A signal as it is stored; the field names are those of `sql.SIGNALS`."""

    id: UUID
    device_id: int
    person_id: int | None
    incident_id: int | None
    kind: str
    alarm: str | None
    at: datetime | None
    lat: float | None
    lon: float | None
    accuracy: float | None
    altitude: float | None
    speed: float | None
    course: float | None
    fixed_at: datetime | None
    battery: float | None
    silent: bool
    flags: str
    raw: str | None
    digest: str


class Life(msgspec.Struct, omit_defaults=True):
    """A sign of life of a device; the field names are those of `sql.VITALS`."""

    device_id: int
    due: datetime | None = None
    battery: float | None = None
    troubles: dict[str, datetime | None] = {}
    tested_at: datetime | None = None
    tested_after: float | None = None


class Case(msgspec.Struct):
    """An incident as this batch sees and changes it. `id` is None until it is inserted."""

    id: int | None
    person_id: int | None
    device_id: int | None
    center_id: int
    centers: list[int]
    state: str
    alarm: str
    silent: bool
    touched_at: datetime
    pressed_at: datetime
    presses: int
    flags: str = ""
    cancel_requested_at: datetime | None = None
    lat: float | None = None
    lon: float | None = None
    accuracy: float | None = None
    altitude: float | None = None
    speed: float | None = None
    course: float | None = None
    fixed_at: datetime | None = None
    battery: float | None = None
    anew: bool = False


LACKING = frozenset({"no_fix", "old_fix", "null_island"})  # until the first fresh fix
RACED = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)
Reaction = Callable[[Sequence[int], datetime], Statement]


class Following(msgspec.Struct, frozen=True):
    """What follows, inside the batch's transaction: `opened` gives incidents their first deadline, `text` keeps the
    words of a person (id, words, time) who has no open incident of their own.
    """

    opened: Sequence[Reaction] = ()
    text: Callable[[int, str, datetime], Statement] | None = None


_json = msgspec.json.Encoder().encode
_cases = msgspec.json.Decoder(list[Case]).decode
_known = msgspec.json.Decoder(list[tuple[UUID, str, int | None]]).decode
_opened = msgspec.json.Decoder(list[tuple[int, int | None, int | None]]).decode
_states = msgspec.json.Decoder(list[tuple[int, int, str, str, str]]).decode


async def store(
    pipeline: Pipeline,
    arrived: Sequence[Arrived],
    network: Network,
    following: Following,
    now: datetime,
) -> list[Stored]:
    """Store the batch in one transaction; the answers stand in the order of the signals.

    Raises Again (do it once more), psycopg.OperationalError (the database is away: nothing was acknowledged), or
    another psycopg.Error when a signal of the batch cannot be stored.
    """
    batch = _Batch(pipeline, arrived, network, following, now)
    try:
        answers = await batch.run()
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        if isinstance(error, RACED):
            await pipeline.rollback()
        raise
    except Exception:  # ours included: a transaction left open would be committed with the next batch
        await pipeline.rollback()
        raise
    for a in arrived:  # only now is it true
        a.device.pressed = batch.levels.get(a.device.id, a.device.pressed)
        if a.device.id in batch.lives:
            a.device.heard_at = time.monotonic()
        if a.device.id in batch.tested:
            a.device.testing_until = None
    return answers


class _Batch:
    def __init__(
        self,
        pipeline: Pipeline,
        arrived: Sequence[Arrived],
        network: Network,
        following: Following,
        now: datetime,
    ) -> None:
        self.db, self.arrived, self.network, self.following, self.now = pipeline, arrived, network, following, now
        self.cases: dict[tuple[int | None, int | None], Case] = {}
        self.levels: dict[int, bool] = {}
        self.lives: dict[int, Life] = {}
        self.tested: set[int] = set()
        self.texts: list[Statement] = []
        self.rows: list[tuple[Arrived, Signal, tuple[str, ...], Case | None]] = []
        self.entries: list[tuple[Case | int, Any, str | None]] = []  # case (or the center alone), fact, free text
        self.opened: list[Case] = []
        self.changed: dict[int, Case] = {}

    async def run(self) -> list[Stored]:
        known = await self._look()
        self._locate()
        seen: dict[UUID, bytes] = {}
        for a in self.arrived:
            if a.id not in known and seen.setdefault(a.id, a.digest) is a.digest:
                await self._decide(a)
        await self._open()
        await self._write(await self._noted())
        return await self._answers(known)

    async def _look(self) -> dict[UUID, tuple[bytes, int | None]]:
        """Which of the signals are there already, and the open incidents of those who signal (locked, in order)."""
        people = array({a.device.person for a in self.arrived if a.device.person is not None})
        devices = array({a.device.subject for a in self.arrived if a.device.person is None})
        ids = array(a.id for a in self.arrived)
        _, known, open_ = await self.db.ask(BEGIN, (sql.KNOWN, (ids,)), (sql.OPEN, (people, devices)))
        by_id: dict[int, Case] = {}
        for found in _cases(open_.value()):
            case = by_id.setdefault(found.id or 0, found)
            self.cases[found.person_id, None if found.person_id else found.device_id] = case  # an own one comes last
        return {id_: (bytes.fromhex(digest), incident) for id_, digest, incident in _known(known.value())}

    def _locate(self) -> None:
        """Which center each usable fix belongs to, for the whole batch at once."""
        # What happens at a site is its center's, wherever the panel believes to be.
        fixes = [(a.id, fix) for a in self.arrived if not a.device.site and (fix := rules.usable(a.signal.position))]
        centers = self.network.owners([(fix.lat, fix.lon) for _, fix in fixes])
        self.owners = {id_: center for (id_, _), center in zip(fixes, centers, strict=True) if center}

    async def _decide(self, a: Arrived) -> None:
        subject = (a.device.person, None if a.device.person else a.device.subject)
        case = self.cases.get(subject)
        signal = self._placed(a, rules.of_zone(self._edge(a), a.device.zones))
        flags = rules.flags(signal, self.now)
        own = self.network.line(a.device.center)[:1] or [self.network.owner(None, None, None)]
        if signal.kind == "alarm":
            past = case is None and "late" in flags and "duress" not in flags
            if past and (closed := await self._closed_then(a, signal)):
                self._book(closed, self._joined(a, signal, flags, False), signal.text)
                self._lives(a, signal, flags)
                self.rows.append((a, signal, flags, closed))
                return
            case = self._press(a, signal, flags, subject, case)
        elif case is not None:
            if signal.kind == "cancel":
                case.cancel_requested_at = self.now
                self._book(case, CancelRequested(signal=a.id), signal.text)
            self._follow(case, signal, a.id)
        if signal.kind == "test":
            after = rules.took(signal, self.now)
            self._book(own[0], Tested(source=a.device.protocol, device=a.device.id, signal=a.id, after=after), None)
            case = None
        elif signal.kind == "message" and signal.text:
            if case is not None:
                self._book(case, Told(source=a.device.protocol, signal=a.id), signal.text)
            else:  # of nothing that runs: kept with the signal; an answer, perhaps
                signal = msgspec.structs.replace(signal, raw=signal.text)
                if a.device.person is not None and self.following.text:
                    self.texts.append(self.following.text(a.device.person, signal.text or "", self.now))
        self._lives(a, signal, flags)
        self.rows.append((a, signal, flags, case))

    def _edge(self, a: Arrived) -> Signal:
        """An alarm is always a press. Of an SOS bit that is repeated, only the edge is one; the rest says "alive"."""
        level, last = a.signal.pressed, self.levels.get(a.device.id, a.device.pressed)
        if level is None or level == last:
            return a.signal
        self.levels[a.device.id] = level
        if not level or a.signal.kind == "alarm":
            return a.signal
        return msgspec.structs.replace(a.signal, kind="alarm")

    def _placed(self, a: Arrived, signal: Signal) -> Signal:
        """A press that was announced as a test is one; an alarm of a site without a position of its own is there."""
        if signal.kind != "alarm":
            return signal
        until = a.device.testing_until
        if until is not None and self.now < until and a.device.id not in self.tested:
            self.tested.add(a.device.id)
            return msgspec.structs.replace(signal, kind="test")
        if a.device.place and rules.usable(signal.position) is None:
            return msgspec.structs.replace(signal, position=Position(*a.device.place))
        return signal

    def _lives(self, a: Arrived, signal: Signal, flags: tuple[str, ...]) -> None:
        """Note the sign of life; a heartbeat that says nothing new only now and then. Phones are not waited for."""
        device, tested, said = a.device, signal.kind == "test", complaints(flags, self.now)
        pause = min(rules.NEARLY, device.every / 4) if device.every else rules.NEARLY
        if device.protocol == "app" and not tested:
            return
        if device.id not in self.lives and not tested and not said and time.monotonic() - device.heard_at < pause:
            return
        life = self.lives.setdefault(device.id, Life(device.id))
        if device.every:
            life.due = self.now + timedelta(seconds=device.every + pause)
        life.battery = life.battery if signal.battery is None else signal.battery
        life.troubles |= said
        if tested:
            life.tested_at, life.tested_after = self.now, rules.took(signal, self.now)

    def _press(
        self,
        a: Arrived,
        signal: Signal,
        flags: tuple[str, ...],
        subject: tuple[int | None, int | None],
        case: Case | None,
    ) -> Case:
        if case is None:
            center = self.owners.get(a.id) or self.network.owner(None, None, a.device.center)
            case = self.cases[subject] = Case(
                id=None,
                person_id=a.device.person,
                device_id=a.device.subject,
                center_id=center,
                centers=[center],
                state="new",
                alarm=rules.alarm(signal),
                silent=signal.silent,
                touched_at=self.now,
                pressed_at=self.now,
                presses=1,
            )
            self.opened.append(case)
            fact = Opened(
                alarm=case.alarm,
                source=a.device.protocol,
                silent=signal.silent,
                flags=flags,
                signal=a.id,
                device=a.device.id,
                code=signal.code,
                zone=signal.zone,
            )
            self._book(case, fact, signal.text)
            self._follow(case, signal, a.id)
            case.flags = " ".join(flags)
            return case
        anew = rules.rings_anew(case.state, case.touched_at, self.now, flags)
        if anew:
            case.state, case.anew, case.cancel_requested_at, case.touched_at = "new", True, None, self.now
        if "duress" in flags:  # whatever was asked before was not what they want
            case.cancel_requested_at = None
            case.flags = " ".join(dict.fromkeys([*case.flags.split(), "duress"]))
        if signal.alarm is not None and rules.alarm(signal) != "other":
            case.alarm = rules.alarm(signal)
        case.silent = case.silent or signal.silent
        if not signal.text and rules.alarm(signal) == "other":  # with a kind or words it tells more of the same press
            case.presses += 1
        case.pressed_at = self.now
        self._book(case, self._joined(a, signal, flags, anew), signal.text)
        self._follow(case, signal, a.id)
        return case

    @staticmethod
    def _joined(a: Arrived, signal: Signal, flags: tuple[str, ...], rings: bool) -> Joined:
        return Joined(
            alarm=rules.alarm(signal),
            source=a.device.protocol,
            signal=a.id,
            flags=flags,
            device=a.device.id,
            rings=rings,
            code=signal.code,
            zone=signal.zone,
        )

    def _follow(self, case: Case, signal: Signal, id_: UUID) -> None:
        """Take over the newest fix and battery. The first fix of an unclaimed alarm may show that it is another's."""
        if case.id is not None:
            self.changed[case.id] = case
        if signal.battery is not None:
            case.battery = signal.battery
        fix = rules.usable(signal.position)
        if fix is None:
            return
        at = fix.at or signal.at or self.now
        if at > self.now + rules.AHEAD:
            at = self.now
        if case.fixed_at is not None and at < case.fixed_at:
            return
        lacking = LACKING.intersection(case.flags.split())
        first = case.lat is None or bool(lacking)
        if at > self.now - rules.OLD_FIX:
            case.flags = " ".join(f for f in case.flags.split() if f not in lacking)
        case.lat, case.lon, case.accuracy, case.altitude = fix.lat, fix.lon, fix.accuracy, fix.altitude
        case.speed, case.course, case.fixed_at = fix.speed, fix.course, at
        if first and case.state == "new":
            owner = self.owners.get(id_, case.center_id)
            if owner != case.center_id:
                moved = HandedOver(from_center=case.center_id, to_center=owner)
                case.centers = [owner, *(c for c in case.centers if c != owner)]
                case.center_id = owner
                self._book(case, moved, None)

    async def _closed_then(self, a: Arrived, signal: Signal) -> Case | None:
        """The closed incident during which a late alarm was pressed: it belongs there and must not ring again."""
        at = signal.at or self.now
        who = (a.device.person, a.device.person, a.device.subject, at + timedelta(minutes=10), at)
        (found,) = await self.db.ask((sql.CLOSED_THEN, who))
        return _cases(found.value())[0] if found.value() else None

    def _book(self, case: Case | int, fact: Any, text: str | None) -> None:
        self.entries.append((case, fact, text and text.replace("\0", "")))  # PostgreSQL knows no NUL

    async def _open(self) -> None:
        if not self.opened:
            return
        self.opened.sort(key=lambda c: (c.person_id or 0, c.device_id or 0))  # one order for all: no deadlock
        (opened,) = await self.db.ask((sql.OPEN_INCIDENTS, (self.now, _json(self.opened).decode())))
        rows = _opened(opened.value())
        if len(rows) != len(self.opened):
            raise Again
        ids = {(person, None if person else device): pk for pk, person, device in rows}
        for case in self.opened:
            case.id = ids[case.person_id, None if case.person_id else case.device_id]

    def _signal_rows(self) -> list[Row]:
        nowhere = Position(0, 0)
        rows = []
        for a, signal, flags, case in self.rows:
            # Where a person is, is kept only while an alarm of theirs runs (promise 8); the signal itself is kept.
            fix = signal.position if case or a.device.person is None else None
            p = fix or nowhere
            rows.append(
                Row(
                    a.id,
                    a.device.id,
                    a.device.person,
                    case.id if case else None,
                    signal.kind,
                    rules.alarm(signal) if signal.kind == "alarm" else None,
                    signal.at,
                    p.lat if fix else None,
                    p.lon if fix else None,
                    p.accuracy,
                    p.altitude,
                    p.speed,
                    p.course,
                    p.at,
                    signal.battery,
                    signal.silent,
                    " ".join(flags),
                    signal.raw or (signal.alarm if "unknown_kind" in flags else None),
                    a.digest.hex(),
                )
            )
        return rows

    async def _noted(self) -> list[New]:
        """The entries for the book; free text lies beside it, the fact names it and its salted digest."""
        entries = []
        for case, fact, text in self.entries:
            if isinstance(case, int):
                entries.append(New([case], fact, self.now))
                continue
            if text:
                salt = os.urandom(16)
                hidden = sealed_text(case.id or 0, text, salt)
                (note,) = await self.db.ask((sql.NOTE, (case.id, hidden, salt, self.now)))
                fact = msgspec.structs.replace(fact, note=int(note.value()), digest=digest_of(text, salt))  # noqa: PLW2901
            entries.append(New(case.centers, fact, self.now, case.id))
        return entries

    async def _write(self, entries: list[New]) -> None:
        """Signals, changes and reactions in one wait; the book, its announcement and the commit in the last."""
        rows = self._signal_rows()
        first: list[Statement] = [(sql.SIGNALS, (self.now, _json(rows).decode()))]
        if self.changed:
            changed = sorted(self.changed.values(), key=lambda c: c.id or 0)
            first.append((sql.CHANGES, (_json(changed).decode(),)))
        first += [(sql.LEVEL, (level, device)) for device, level in sorted(self.levels.items())]
        first += [(sql.UNTESTED, (device,)) for device in sorted(self.tested)]
        first += self.texts
        if self.lives:
            first.append((sql.VITALS, (self.now, _json([self.lives[d] for d in sorted(self.lives)]).decode())))
        waiting = [c.id for c in (*self.opened, *(c for c in self.changed.values() if c.anew)) if c.id is not None]
        if waiting:
            first += [react(waiting, self.now) for react in self.following.opened]
        if entries:
            first.append((book.HEADS, (book.centers_of(entries),)))
        done = await self.db.ask(*first)
        if done[0].count != len(rows):
            raise Again
        last: list[Statement] = []
        if entries:
            chained = book.chain(entries, done[-1].rows())
            last += [
                (book.ENTRIES, (chained.rows,)),
                (book.MOVE, (chained.heads,)),
                (book.ANNOUNCE, (chained.announced,)),
            ]
        moving = sorted({c.id for _, s, _, c in self.rows if c and c.id and s.position and s.kind == "position"})
        if moving:
            last.append((sql.MOVING, (",".join(map(str, moving[:500])),)))
        await self.db.ask(*last, COMMIT)

    async def _answers(self, known: dict[UUID, tuple[bytes, int | None]]) -> list[Stored]:
        decided = {a.id: (flags, case) for a, _, flags, case in self.rows}
        first: set[UUID] = set()
        answers = []
        digests = {a.id: a.digest for a in reversed(self.arrived)}
        earlier = {i for a in self.arrived if a.id in known and (i := known[a.id][1]) is not None}
        states: dict[int, tuple[Any, ...]] = {}
        if earlier:
            (found,) = await self.db.ask((sql.STATES, (array(sorted(earlier)),)))
            states = {row[0]: tuple(row[1:]) for row in _states(found.value())}
        for a in self.arrived:
            if a.id in known:
                digest, incident = known[a.id]
                center, state, alarm, flags = states.get(incident or 0, (None, "stored", None, ""))
                answer = Stored(incident, center, state, alarm, tuple(flags.split()), False, digest != a.digest)
            else:
                flags_, case = decided[a.id]
                fresh = a.id not in first
                first.add(a.id)
                answer = Stored(flags=flags_, fresh=fresh, conflict=not fresh and digests[a.id] != a.digest)
                if case:
                    answer.incident, answer.center = case.id, case.center_id
                    answer.state, answer.alarm = case.state, case.alarm
            answers.append(answer)
        return answers
