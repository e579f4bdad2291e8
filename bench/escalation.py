"""(j) 10,000 open incidents, each with a step due at a random second of the next minute; (k) deliveries carried to
nobody; (l) from a press to its first delivery in the hands of a channel.
"""

import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx

from bench import server

INCIDENTS, DELIVERIES, PRESSES = 10_000, 20_000, 300
CITIES = ("PTA", "JNB", "CPT", "DUR")


def _staff() -> None:
    """Five officers in each city and ten with a role above them, each with three contacts."""
    from tocsin.centers.models import Center
    from tocsin.notifications.models import Contact
    from tocsin.people.models import Person, Role

    places = [*((code, "duty_officer", 5) for code in CITIES), ("GP", "duty_officer", 5), ("NAT", "director", 5)]
    for code, role, count in places:
        center = Center.objects.get(code=code)
        for n in range(count):
            person = Person.objects.create(name=f"{role} {n}", password="!", center=center, language="en")
            Role.objects.create(person=person, center=center, name=role)
            for channel in ("webpush", "sms", "voice"):
                Contact.objects.create(
                    person=person, channel=channel, address=f"{channel}-{person.pk}", confirmed_at=datetime.now(UTC)
                )


def _clear() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM escalation_step WHERE done_at IS NULL")
        cursor.execute("UPDATE notifications_delivery SET state = 'cancelled' WHERE state = 'queued'")
        cursor.execute("UPDATE incidents_incident SET state = 'closed', closed_at = now() WHERE state <> 'closed'")


def _analyze() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _open(count: int) -> None:
    """So many incidents in the midst of the default plan, each at its second step, which is not due for an hour."""
    import msgspec

    from tocsin.centers.models import Center
    from tocsin.escalation.models import Run, Step
    from tocsin.escalation.plans import DEFAULT
    from tocsin.incidents.models import Incident

    centers, steps = list(Center.objects.filter(code__in=CITIES)), msgspec.to_builtins(DEFAULT)
    later = datetime.now(UTC) + timedelta(hours=1)
    made = Incident.objects.bulk_create(
        (
            Incident(center=centers[n % 4], centers=[centers[n % 4].pk], alarm="robbery", lat=-25.7, lon=28.2)
            for n in range(count)
        ),
        batch_size=2000,
    )
    runs = (Run(incident=i, plan_id=None, steps=steps, round=1, started_at=later) for i in made)
    Run.objects.bulk_create(runs, batch_size=2000)
    Step.objects.bulk_create((Step(incident=i, number=2, due=later) for i in made), batch_size=2000)


def _due(start: datetime) -> list[datetime]:
    """Each step falls due at a random second of the minute that starts then; returns when, in order."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE escalation_step SET due = %s + floor(random() * 60) * interval '1 s' WHERE done_at IS NULL",
            (start,),
        )
        cursor.execute(
            "UPDATE escalation_run r SET started_at = s.due - interval '10 s' FROM escalation_step s "
            "WHERE s.incident_id = r.incident_id AND s.done_at IS NULL"
        )
        cursor.execute("SELECT due FROM escalation_step WHERE done_at IS NULL ORDER BY due")
        return [due for (due,) in cursor.fetchall()]


def _fired(clocks: int) -> str:
    from tocsin.escalation.models import Step
    from tocsin.notifications.models import Delivery

    _clear()
    before, first = Delivery.objects.count(), Step.objects.order_by("-id").values_list("id", flat=True).first() or 0
    _open(INCIDENTS)
    _analyze()
    late: list[float] = []
    with ExitStack() as running:
        pids = [running.enter_context(server.process("-m", "tocsin", "clock", ready=None))[0] for _ in range(clocks)]
        start = datetime.now(UTC) + timedelta(seconds=15)
        dues = _due(start)
        time.sleep(max(0.0, (start - datetime.now(UTC)).total_seconds() - 1))
        while len(late) < INCIDENTS and datetime.now(UTC) < start + timedelta(seconds=150):
            done = Step.objects.filter(id__gt=first, number=2, done_at__isnull=False).count()
            now = datetime.now(UTC)  # after the look, so that lateness is never made smaller than it is
            late += [(now - due).total_seconds() for due in dues[len(late) : done]]
            time.sleep(0.1)
        weight = server.footprint(pids[0])
    all_ = Step.objects.filter(id__gt=first, done_at__isnull=False).count()
    late.sort()
    share = sum(1 for each in late if each <= 1) / INCIDENTS
    p50, p99, most = (late[min(len(late) - 1, int(len(late) * q))] for q in (0.5, 0.99, 1))
    owed = Delivery.objects.count() - before
    return (
        f"| {clocks} | {all_:,} | {owed:,} | {share:.2%} | {p50 * 1000:.0f} | {p99 * 1000:.0f} "
        f"| {most * 1000:.0f} | {weight} |"
    )


def _carried(couriers: int) -> str:
    from tocsin.incidents.models import Incident
    from tocsin.notifications.models import Contact, Delivery

    _clear()
    _open(100)
    incidents = list(Incident.objects.filter(state="new")[:100])
    contacts = list(Contact.objects.all()[:60])
    now, first = datetime.now(UTC), Delivery.objects.order_by("-id").values_list("id", flat=True).first() or 0
    Delivery.objects.bulk_create(
        (
            Delivery(
                incident=incidents[n % 100], person_id=contacts[n % 60].person_id, contact=contacts[n % 60],
                channel=contacts[n % 60].channel, address=f"{n}", language="en", message="alarm", urgent=True,
                values={"number": incidents[n % 100].pk, "alarm": "robbery", "who": "Somebody", "where": "6GCRMQPX+JX",
                        "center": ["比勒陀利亚", "Pretoria"]},
                round=100_001, due=now, token=f"bench-{couriers}-{n}",
            )
            for n in range(DELIVERIES)
        ),
        batch_size=2000,
    )  # fmt: skip
    left = Delivery.objects.filter(id__gt=first, sent_at=None)
    with ExitStack() as running:
        pids = [running.enter_context(server.process("-m", "bench.courier", ready=None))[0] for _ in range(couriers)]
        while left.count() == DELIVERIES:
            time.sleep(0.02)
        started, begun = time.perf_counter(), left.count()
        while left.exists() and time.perf_counter() - started < 120:
            time.sleep(0.05)
        rate = begun / (time.perf_counter() - started)
        weight = server.footprint(pids[0])
    return f"| {couriers} | {rate:,.0f} | {weight} |"


def _handed() -> str:
    _clear()
    tokens = server.members(PRESSES)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        path = Path(folder) / "handed"
        _, port = running.enter_context(server.process("-m", "tocsin", "web"))
        running.enter_context(server.process("-m", "tocsin", "clock", ready=None))
        running.enter_context(server.process("-m", "bench.courier", ready=None, BENCH_HANDED=str(path)))
        time.sleep(8)
        sent: dict[int, float] = {}
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            for token in tokens:
                pressed = time.time()
                body = {"kind": "alarm", "alarm": "robbery", "position": {"lat": -25.7479, "lon": 28.2293}}
                answer = client.put(f"/signals/{uuid4()}", json=body, headers={"Authorization": f"Bearer {token}"})
                sent[answer.json()["incident"]] = pressed
                time.sleep(0.05)
        time.sleep(3)
        first: dict[int, float] = {}
        for line in path.read_text().splitlines():
            number, at = line.split()
            first.setdefault(int(number), float(at))
    took = sorted(first[i] - at for i, at in sent.items() if i in first)
    p50, p99 = (took[int(len(took) * q)] * 1000 for q in (0.5, 0.99))
    return f"| {len(took)} of {PRESSES} | {p50:.0f} | {p99:.0f} | {took[-1] * 1000:.0f} |"


def run(_data: Path) -> None:
    _staff()
    print("\n## (j) 10,000 open incidents, a step due at a random second of a minute\n")
    print("| clocks | steps done | deliveries owed | within 1 s of due | p50 ms | p99 ms | last ms | clock |")
    print("|---|---|---|---|---|---|---|---|")
    for clocks in (1, 2):
        print(_fired(clocks), flush=True)
    print("\n## (k) Deliveries carried, channels that hand over to nobody\n")
    print("| couriers | deliveries/s | courier |\n|---|---|---|")
    for couriers in (1, 2):
        print(_carried(couriers), flush=True)
    print("\n## (l) From a press to its first delivery in the hands of a channel\n")
    print("| presses, 20 a second | p50 ms | p99 ms | longest ms |\n|---|---|---|---|")
    print(_handed(), flush=True)
