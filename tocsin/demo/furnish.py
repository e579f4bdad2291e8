"""What a network that has run for a while has besides people: rosters, contacts, relatives, a partner, a plan, a drill.

Apart from `seed`, which tests use without it. Johannesburg has a plan of its own and a drill behind it; Pretoria has a
gap in its roster, and a swap that waits for an answer.
"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from tocsin.centers.models import Center
from tocsin.centers.network import load
from tocsin.demo import inbox
from tocsin.drills import actions as drills
from tocsin.drills.choose import Chosen
from tocsin.enrolment import actions as enrolment
from tocsin.enrolment import codes
from tocsin.escalation import planning
from tocsin.escalation.models import Plan
from tocsin.escalation.plans import EVERYONE, ON_DUTY, PARENT, Stage, Steps, Whom
from tocsin.escalation.stages import escalate
from tocsin.incidents import actions as incidents
from tocsin.incidents.models import Incident
from tocsin.notifications import relatives
from tocsin.notifications.models import Contact, Delivery, Partner, Relative, State
from tocsin.people.models import Person, Role
from tocsin.privacy import consent
from tocsin.profiles import actions as profiles
from tocsin.profiles.shape import Place, Told, Vehicle
from tocsin.rosters import actions as rosters
from tocsin.rosters.models import Pattern

DAY, NIGHT = time(6), time(18)
SATURDAY = 5


def furnish() -> None:
    """Inside the transaction of the seed."""
    now = datetime.now(UTC)
    Role.objects.update(since=now - timedelta(days=90))
    _contacts(now)
    _rosters(now)
    _swap(now)
    jnb = Center.objects.get(code="JNB")
    _relatives(jnb, now)
    _members(jnb, now)
    _plan(jnb, now)
    _drill(jnb, (now - timedelta(days=2)).replace(hour=20, minute=7))


def _holders(center: Center, role: str) -> "QuerySet[Person]":
    return Person.objects.filter(roles__center=center, roles__name=role).order_by("pk")


def _contacts(now: datetime) -> None:
    """Staff are reached by text, call and mail, and have confirmed each. Push is the visitor's own to turn on."""
    staff = Person.objects.filter(login__isnull=False)
    Contact.objects.bulk_create(
        Contact(person=p, channel=channel, address=address or "", confirmed_at=now)
        for p in staff
        for channel, address in (("sms", p.phone), ("voice", p.phone), ("email", f"{p.login}@demo.example"))
    )


def _rosters(now: datetime) -> None:
    """Weekly patterns everywhere; the clock makes shifts of them at its first round."""
    people: dict[tuple[int, str], list[Person]] = {}
    for role in Role.objects.filter(name__in=("duty_officer", "responder")).select_related("person").order_by("pk"):
        people.setdefault((role.center_id, role.name), []).append(role.person)
    patterns = []
    for center in Center.objects.all():
        since = now.astimezone(ZoneInfo(center.time_zone)).date() - timedelta(days=7)
        day, night = people[center.pk, "duty_officer"]
        responders = people[center.pk, "responder"]
        for weekday in range(7):
            on = [("duty_officer", day, DAY, 720), ("responder", responders[weekday % 2], DAY, 1440)]
            if not (center.code == "PTA" and weekday == SATURDAY):
                on.append(("duty_officer", night, NIGHT, 720))
            patterns += [
                Pattern(
                    center=center, duty=duty, person=person, weekday=weekday, start=start, minutes=minutes, since=since
                )
                for duty, person, start, minutes in on
            ]  # fmt: skip
    Pattern.objects.bulk_create(patterns)


def _swap(now: datetime) -> None:
    """The second officer has taken an evening besides, and asks the first to take it over."""
    center = Center.objects.get(code="PTA")
    first, second = _holders(center, "duty_officer")
    zone = ZoneInfo(center.time_zone)
    day = now.astimezone(zone).date() + timedelta(days=2)
    start, end = (datetime.combine(day, time(hour), zone) for hour in (12, 18))
    supervisor = _holders(center, "supervisor")[0]
    shift = rosters.add_shift(center, "duty_officer", second, start, end, supervisor, now)
    rosters.offer(shift, first, second, now)


def _relatives(center: Center, now: datetime) -> None:
    """The first member's: a sister who agreed, and a neighbour who is asked by the courier's first message."""
    member = Person.objects.filter(center=center, login=None).order_by("pk")[0]
    Relative.objects.create(
        person=member,
        name="姐姐 Sister",
        phone="+27845559001",
        email="",
        agreed_at=now - timedelta(days=9),
        language="zh-hans",
    )
    relatives.add(member, "邻居 Neighbour", "+27845559002", "", "en", now)


def _members(center: Center, now: datetime) -> None:
    """The first member has told what helps; somebody has applied and waits."""
    member = Person.objects.filter(center=center, login=None).order_by("pk")[0]
    consent.say(member, "medical", True, consent.version("medical"), "zh-hans", now)
    told = Told(
        places=[
            Place("home", "18 Derrick Avenue", "黑色大门 black gate"),
            Place("shop", "27 Commissioner Street"),
        ],
        vehicles=[Vehicle("LK 88 GP", "白色丰田 white Toyota")],
        languages=["zh", "yue", "en"],
        medical="青霉素过敏 penicillin allergy",
    )
    profiles.tell(member, told, now)
    made, _ = enrolment.apply(
        center, now, name="申请人 Applicant", phone="+27845559003", language="zh-hans", languages=["zh", "en"],
        consents={"notice": consent.version("notice")}, place="demo",
    )  # fmt: skip
    enrolment.confirm(made.pk, codes.code_of(made), now)


def _plan(center: Center, now: datetime) -> None:
    """For burglaries: responders at once, the security company and relatives soon; the rest as in the default."""
    company = Partner.objects.create(
        center=center, name="安保公司 Security company", url=inbox.partner(), secret="whsec_ZGVtb25zdHJhdGlvbg=="
    )
    steps = Steps(
        (
            Stage(0, "", (ON_DUTY, Whom("nearest")), ("webpush", "sms")),
            Stage(20, "", (Whom("partner", ids=(company.pk,)), Whom("relatives"))),
            Stage(30, "", (ON_DUTY,), ("voice",)),
            Stage(60, "parent", (PARENT,), ("webpush", "sms", "voice")),
            Stage(120, "all", (EVERYONE,), ("webpush", "sms", "voice", "email")),
        )
    )
    plan = Plan(center=center, name="入室盗窃 Burglary", alarm="burglary")
    planning.save(plan, steps, _holders(center, "director")[0], now)


def _drill(center: Center, at: datetime) -> None:
    """One of two days ago: three were told, two looked, one claimed, the director ended it."""
    network, director = load(), _holders(center, "director")[0]
    officers = [*_holders(center, "duty_officer"), _holders(center, "supervisor")[0]]
    member = Person.objects.filter(center=center, login=None).order_by("pk")[0]
    chosen = Chosen(members=(member.pk,), staff=tuple(p.pk for p in officers))
    drill = drills.start(
        center, director, network, at, title="夜班演练 Night shift", alarm="robbery", silent=False, minutes=30,
        chosen=chosen,
    )  # fmt: skip
    while escalate(network, at):
        pass
    told = Delivery.objects.filter(incident__drilled__drill=drill)
    told.update(state=State.DELIVERED, sent_at=at + timedelta(seconds=2), delivered_at=at + timedelta(seconds=4))
    for officer, seconds in ((officers[1], 19), (officers[0], 31)):
        told.filter(person=officer).update(state=State.READ, read_at=at + timedelta(seconds=seconds))
    incident = Incident.objects.get(drilled__drill=drill)
    incidents.claim(incident.pk, officers[1], at + timedelta(seconds=27))
    drills.end(drill.pk, director, at + timedelta(minutes=6))
