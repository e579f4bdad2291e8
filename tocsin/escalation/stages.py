"""A step of the escalation, done by the clock: whole batches, set by set, so that thousands can be due at once."""

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.db import InterfaceError, OperationalError, connection, transaction

from tocsin.book.record import New, record
from tocsin.centers.models import Center
from tocsin.centers.network import Network
from tocsin.escalation.facts import Escalated
from tocsin.escalation.models import Plan, Step
from tocsin.escalation.plans import DEFAULT, Rule, Stage, Steps, choose
from tocsin.incidents.models import Incident

# The incident is locked first, as in every verb; a claim that is being committed makes us look elsewhere.
TAKE = """
SELECT s.id, s.incident_id, s.number, s.due, r.steps, r.round, r.started_at
FROM escalation_step s JOIN incidents_incident i ON i.id = s.incident_id
LEFT JOIN escalation_run r ON r.incident_id = s.incident_id
WHERE s.done_at IS NULL AND s.due <= %(at)s AND (%(only)s::bigint IS NULL OR s.id = %(only)s)
ORDER BY s.due LIMIT %(most)s
FOR UPDATE OF i, s SKIP LOCKED
"""
RUNS = """
INSERT INTO escalation_run (incident_id, plan_id, steps, round, started_at)
SELECT incident, plan, steps, round, started_at FROM json_to_recordset(%s::json)
    AS r(incident bigint, plan bigint, steps jsonb, round int, started_at timestamptz)
ON CONFLICT (incident_id) DO UPDATE
SET plan_id = excluded.plan_id, steps = excluded.steps, round = excluded.round, started_at = excluded.started_at
"""
DONE = "UPDATE escalation_step SET done_at = %s WHERE id = ANY(%s)"
NEXT = """
INSERT INTO escalation_step (incident_id, number, due)
SELECT incident, number, due FROM json_to_recordset(%s::json) AS n(incident bigint, number int, due timestamptz)
"""
REACH = """
UPDATE incidents_incident i SET centers = r.centers
FROM json_to_recordset(%s::json) AS r(id bigint, centers bigint[]) WHERE i.id = r.id
"""
LATE = timedelta(seconds=5)
LAST = 30_000  # steps are counted so far; behind it they repeat without a number of their own
log = logging.getLogger(__name__)
_json = msgspec.json.Encoder().encode
_steps = msgspec.json.Decoder(Steps).decode


class Firing(msgspec.Struct):
    """A stage that fires for an incident. `round`: how often its escalation has begun; `step`: 1, 2, …"""

    incident: Incident
    stage: Stage
    step: int
    round: int
    ringing: tuple[int, ...] = ()


class Reactions:
    """What follows a stage that fires; filled by `journey.connect`. Returns what the book must say of it."""

    fired: Sequence[Callable[[Sequence[Firing], Network, datetime], Iterable[New]]] = ()
    drilled: Sequence[Callable[[Sequence[Firing]], None]] = ()  # what a stage of a drill may do, before it does it


def escalate(network: Network, at: datetime, most: int = 200) -> int:
    """Do the steps that are due: choose the plan of those that begin, ring further, tell people, set what is next.

    Returns how many were done. A plan is copied when the incident begins to wait: editing it changes nothing that runs.
    One incident that cannot be served as it should holds up no other: it rings at all centers, and goes on.
    """
    try:
        with transaction.atomic():
            return _batch(network, at, most)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("a batch of steps failed; each is done alone")
    done = 0
    for pk in Step.objects.filter(done_at=None, due__lte=at).order_by("due").values_list("id", flat=True)[:most]:
        try:
            with transaction.atomic():
                done += _batch(network, at, 1, pk)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("step %s failed; it rings at all centers instead", pk)
            with transaction.atomic():
                done += _batch(network, at, 1, pk, only_ring=True)
    return done


def _batch(network: Network, at: datetime, most: int, only: int | None = None, only_ring: bool = False) -> int:
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {"at": at, "most": most, "only": only})
        taken = cursor.fetchall()
        if not taken:
            return 0
        with_all = Incident.objects.select_related("center", "person", "device__site").defer("center__area")
        incidents = with_all.in_bulk([row[1] for row in taken])
        plans = Plans() if any(row[2] == 0 for row in taken) else None
        runs, following, firings = list[dict[str, Any]](), list[dict[str, Any]](), list[Firing]()
        for _, pk, number, due, written, round_, started_at in taken:
            incident = incidents[pk]
            if number == 0 and plans is not None:
                plan, steps = plans.of(incident, due)
                runs.append(
                    {"incident": pk, "plan": plan, "steps": steps, "round": (round_ or 0) + 1, "started_at": due}
                )
                following.append({"incident": pk, "number": 1, "due": due + timedelta(seconds=steps.after(1))})
                continue
            steps = _read(written)
            firings.append(Firing(incident, steps.stage(number), number, round_ or 1))
            following.append(
                {
                    "incident": pk,
                    "number": min(number + 1, LAST),
                    "due": _following(steps, number, started_at or due, due, at),
                }
            )
        cursor.execute(DONE, (at, [row[0] for row in taken]))
        if runs:
            cursor.execute(RUNS, (_json(runs).decode(),))
        cursor.execute(NEXT, (_json(following).decode(),))
        if only_ring:
            for firing in firings:
                firing.stage = Stage(firing.stage.after, "" if firing.incident.drill else "all")
        elif drilled := [firing for firing in firings if firing.incident.drill]:
            for limit in Reactions.drilled:
                limit(drilled)
        entries = _ring(cursor, firings, network, at)
        for react in () if only_ring else Reactions.fired:
            entries += react(firings, network, at)
        if entries:
            record(cursor, entries)
    return len(taken)


def _following(steps: Steps, number: int, started_at: datetime, due: datetime, at: datetime) -> datetime:
    """When the next step is due. After an outage it counts from now: stages follow quickly, repeats keep their pace."""
    if number >= LAST:
        return at + timedelta(seconds=steps.every)
    planned = started_at + timedelta(seconds=steps.after(number + 1))
    if at - due <= LATE:
        return planned
    return max(planned, at + (timedelta(seconds=steps.every) if number >= len(steps.stages) else LATE))


def _ring(cursor: Any, firings: Sequence[Firing], network: Network, at: datetime) -> list[New]:
    """Let further centers see and hear it."""
    entries, reached = list[New](), list[dict[str, Any]]()
    for firing in firings:
        if not firing.stage.ring:
            continue
        incident, line = firing.incident, network.line(firing.incident.center_id) or [firing.incident.center_id]
        firing.ringing = tuple(line if firing.stage.ring == "all" else line[:2])
        wider = [*incident.centers, *(c for c in firing.ringing if c not in incident.centers)]
        if wider != incident.centers:
            incident.centers = wider
            reached.append({"id": incident.pk, "centers": wider})
        entries.append(New(wider, Escalated(step=firing.step, to_centers=firing.ringing), at, incident.pk))
    if reached:
        cursor.execute(REACH, (_json(reached).decode(),))
    return entries


def _read(written: Any) -> Steps:
    """The copied plan; what cannot be read any more is the default, so that nobody is left alone for a format."""
    try:
        return _steps(written) if isinstance(written, str | bytes) else msgspec.convert(written, Steps)
    except (msgspec.MsgspecError, TypeError, ValueError):
        return DEFAULT


class Plans:
    """The plans of some centers, looked up once for a batch. A center without its own has its nearest parent's."""

    def __init__(self) -> None:
        self.parents: dict[int, int | None] = {}
        self.zones: dict[int, ZoneInfo] = {}
        for pk, parent, zone in Center.objects.values_list("id", "parent_id", "time_zone"):
            self.parents[pk], self.zones[pk] = parent, _zone(zone)
        self.rules: dict[int, list[Rule]] = {}
        self.steps: dict[int, Any] = {}
        for plan in Plan.objects.filter(active=True):
            self.rules.setdefault(plan.center_id, []).append(Rule(plan.pk, plan.alarm, plan.silent, plan.when))  # type: ignore[arg-type]
            self.steps[plan.pk] = plan.steps

    def of(self, incident: Incident, at: datetime) -> tuple[int | None, Steps]:
        center: int | None = incident.center_id
        passed = set[int]()
        while center in self.parents and center not in passed:  # a loop in the data ends it
            passed.add(center)
            rules = self.rules.get(center, ())
            if (chosen := choose(rules, incident.alarm, incident.silent, at, self.zones[center])) is not None:
                return chosen, _read(self.steps[chosen])
            center = self.parents[center]
        return None, DEFAULT


def _zone(name: str) -> ZoneInfo:
    """A time zone that nobody knows costs a night plan, never an alarm."""
    try:
        return ZoneInfo(name)
    except (ValueError, LookupError, OSError):
        return ZoneInfo("UTC")
