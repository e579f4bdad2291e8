"""What the system does by itself, and how often.

| what | how often | where it is written down |
| --- | --- | --- |
| escalation steps that are due | every 0.2 s, at once when the book says something | `escalation_step.due` |
| devices that are silent, back, or in trouble | every second | `devices_vitals.due`, `.changed` |
| its own pulse, by which /health knows that it is alive | every second | `gates_pulse` |
| texts that came back as answers | every second | `notifications_reply` |
| an open incident that nobody serves: shout | every 5 s | `escalation_step`, `notifications_delivery` |
| drills whose time is over | every second | `drills_drill.ends_at` |
| shifts eight weeks ahead; warnings of gaps | every minute | `rosters_pattern`, `rosters_shift` |
| what is older than it may be, a batch at a time, beside the clock | every hour | `privacy/keeping.py`, `privacy_run` |
| people who asked to be erased, copies of one's own data | 10 s; second | `privacy_erasure.due`, `privacy_export` |
| counters of gates after a day | every hour | `gates_meter` |
| codes that somebody asked for: whose the number is, and off they go | every 0.3 s | `people_signincode.answered_at` |
| proposed roles that nobody confirmed in seven days | every minute | `people_roleproposal.expires_at` |
| parts of files whose rest never came, after two days | every hour | `files_attachment.begun_at` |
| the hash of each book to its directors, once a day after 7:00 | every minute | `notifications_witness.day` |
| codes that are past | every hour | `people_signincode.created_at` |
| sessions that are past, records of sign-ins after 90 days | every hour | `django_session`, `people_signin` |
| lists of members that a center brings along, a portion of 100 at a time | every 0.3 s | `enrolment_import.stage` |
| applications that were never confirmed, or decided 30 days ago | every hour | `enrolment_application` |

Nothing waits in this process: a deadline is a column, and any number of clocks may run.
"""

import logging
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
from django.db import OperationalError, close_old_connections, connection
from django.db.models import Q

from tocsin import database
from tocsin.centers.network import Network, load
from tocsin.devices.actions import supervise
from tocsin.devices.models import Vitals
from tocsin.drills.actions import end_overdue
from tocsin.enrolment import actions as enrolment
from tocsin.enrolment import importing
from tocsin.escalation.models import Step
from tocsin.escalation.stages import escalate
from tocsin.files.actions import sweep
from tocsin.gates.forgetting import forget
from tocsin.lib.pulse import PULSE
from tocsin.notifications import gaps, inbox
from tocsin.notifications.watch import watch
from tocsin.notifications.witness import witness
from tocsin.people import codes, roles
from tocsin.privacy.tend import tend
from tocsin.rosters.actions import plan_ahead
from tocsin.signin.models import forget_sign_ins

log = logging.getLogger(__name__)


_network: tuple[float, Network | None] = 0.0, None


def _lines() -> Network:
    """The network, as it was 2 s ago at most: reading all areas costs more than a step does."""
    global _network
    read_at, network = _network
    if network is None or time.monotonic() - read_at > 2:
        network = load()
        _network = time.monotonic(), network
    return network


def _escalate(now: datetime) -> None:
    while Step.objects.filter(done_at=None, due__lte=now).exists() and escalate(_lines(), now):
        pass


def _supervise(now: datetime) -> None:
    while Vitals.objects.filter(Q(changed=True) | Q(silent_since=None, due__lte=now)).exists():
        if not supervise(load(), now):
            break


def _pulse(now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(PULSE, ("clock", now))


def _watch(now: datetime) -> None:
    watch(load(), now)


def _answers(now: datetime) -> None:
    while inbox.read(now):
        pass


def _drills(now: datetime) -> None:
    while end_overdue(now):
        pass


def _rosters(now: datetime) -> None:
    plan_ahead(now)
    gaps.warn(now)


def _codes(now: datetime) -> None:
    codes.answer(now)


def _proposals(now: datetime) -> None:
    roles.expire(now)


def _witness(now: datetime) -> None:
    witness(now)


def _lists(now: datetime) -> None:
    importing.carry(now)  # one portion; the next comes soon


DUTIES: tuple[tuple[float, Callable[[datetime], None]], ...] = (
    (0.2, _escalate),
    (1.0, _supervise),
    (1.0, _pulse),
    (1.0, _answers),
    (1.0, _drills),
    (5.0, _watch),
    (60.0, _rosters),
    (0.3, _codes),
    (60.0, _proposals),
    (60.0, _witness),
    (3600.0, codes.forget),
    (3600.0, forget_sign_ins),
    (3600.0, forget),
    (1.0, tend),
    (3600.0, sweep),
    (0.3, _lists),
    (3600.0, enrolment.forget),
)


class Bell:
    """Waits, and hears meanwhile that a book was written in: an alarm is not kept waiting for the next look."""

    def __init__(self) -> None:
        self.connection: psycopg.Connection[Any] | None = None
        self.again_at = 0.0

    def wait(self, seconds: float) -> bool:
        """True as soon as the book says something; False after so many seconds."""
        until = time.monotonic() + seconds
        try:
            if self.connection is None and time.monotonic() >= self.again_at:
                self.again_at = time.monotonic() + 5
                self.connection = psycopg.connect(database.url(), autocommit=True, connect_timeout=3)
                self.connection.execute("LISTEN book")
            if self.connection is not None:
                heard = list(self.connection.notifies(timeout=seconds, stop_after=1))
                return bool([*heard, *self.connection.notifies(timeout=0)])  # the rest of what is there
        except psycopg.Error as error:
            log.warning("not listening to the book: %s", error)
            if self.connection is not None:
                self.connection.close()
            self.connection = None
        time.sleep(max(0.0, until - time.monotonic()))
        return False


def _do(duty: Callable[[datetime], None]) -> None:
    try:
        duty(datetime.now(UTC))
    except OperationalError as error:
        log.warning("the database is away: %s", error)
        connection.close()
        time.sleep(0.5)
    except Exception:
        log.exception("%s failed; the clock goes on", duty.__name__)


def run() -> None:
    """Do the duties until SIGTERM or SIGINT. One that fails is tried again at its next time; the others go on."""
    stopping = False  # a plain word: an Event set by two signals in a row waits for itself for ever

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, stop)
    due, bell = [0.0] * len(DUTIES), Bell()
    while not stopping:
        close_old_connections()
        for number, (every, duty) in enumerate(DUTIES):
            if time.monotonic() < due[number]:
                continue
            due[number] = time.monotonic() + every
            _do(duty)
            if number and time.monotonic() >= due[0]:  # no alarm waits for a slow duty to be followed by another
                due[0] = time.monotonic() + DUTIES[0][0]
                _do(_escalate)
        if bell.wait(max(0.0, min(due) - time.monotonic())):
            due[0] = 0.0
