"""What the system does by itself, and how often.

| what | how often | where it is written down |
| --- | --- | --- |
| escalation steps that are due | every 0.2 s | `escalation_step.due` |
| devices that are silent, back, or in trouble | every second | `devices_vitals.due`, `.changed` |
| its own pulse, by which /health knows that it is alive | every second | `gates_pulse` |
| raw frames after 7 days, counters after a day, old knocks | every hour | `gates_trace`, `gates_meter`, `gates_knock` |
| sign-in codes that are past | every hour | `people_signincode.expires_at` |

Nothing waits in this process: a deadline is a column, and any number of clocks may run.
"""

import logging
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.db import OperationalError, close_old_connections, connection
from django.db.models import Q

from tocsin.centers.network import load
from tocsin.devices.actions import supervise
from tocsin.devices.models import Vitals
from tocsin.escalation.actions import escalate
from tocsin.escalation.models import Step
from tocsin.gates.forgetting import forget
from tocsin.lib.pulse import PULSE
from tocsin.people.models import SignInCode

log = logging.getLogger(__name__)


def _escalate(now: datetime) -> None:
    while Step.objects.filter(done_at=None, due__lte=now).exists() and escalate(load(), now):
        pass


def _supervise(now: datetime) -> None:
    while Vitals.objects.filter(Q(changed=True) | Q(silent_since=None, due__lte=now)).exists():
        if not supervise(load(), now):
            break


def _pulse(now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(PULSE, ("clock", now))


def _forget_codes(now: datetime) -> None:
    SignInCode.objects.filter(expires_at__lt=now - timedelta(days=1)).delete()


DUTIES: tuple[tuple[float, Callable[[datetime], None]], ...] = (
    (0.2, _escalate),
    (1.0, _supervise),
    (1.0, _pulse),
    (3600.0, _forget_codes),
    (3600.0, forget),
)


def run() -> None:
    """Do the duties until SIGTERM or SIGINT. One that fails is tried again at its next time; the others go on."""
    stopping = False  # a plain word: an Event set by two signals in a row waits for itself for ever

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, stop)
    due = [0.0] * len(DUTIES)
    while not stopping:
        close_old_connections()
        for number, (every, duty) in enumerate(DUTIES):
            if time.monotonic() < due[number]:
                continue
            due[number] = time.monotonic() + every
            try:
                duty(datetime.now(UTC))
            except OperationalError as error:
                log.warning("the database is away: %s", error)
                connection.close()
                time.sleep(0.5)
            except Exception:
                log.exception("%s failed; the clock goes on", duty.__name__)
        time.sleep(max(0.0, min(due) - time.monotonic()))
