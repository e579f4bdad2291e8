"""What I am sent to, in the app: for a responder, while it runs and until 2 h after, and nothing else.

Who, what, where; and the answers, by the verbs that the answer page uses too.
"""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST
from openlocationcode import openlocationcode

from tocsin.app.asking import body_of, member, reply, trouble
from tocsin.incidents.models import Dispatch, State
from tocsin.incidents.say import position
from tocsin.lib import wall
from tocsin.lib.buckets import Buckets
from tocsin.lib.refused import Refused
from tocsin.lib.words import Language, word
from tocsin.locale.choose import spoken
from tocsin.looks import see
from tocsin.looks.write import Looked, note_all
from tocsin.notifications import inbox
from tocsin.notifications.alarm import where
from tocsin.people.models import Person

MOST_MINUTES = 999
VERBS = ("coming", "cannot", "on_scene", "done")
_asks = Buckets(burst=60, rate=1)  # by person
_verbs = Buckets(burst=20, rate=1 / 10)


def is_sent(person: Person, at: datetime) -> bool:
    """Whether there is anything, so that the app shows the page. Lifted, as below."""
    with wall.lifted():
        return see.sent_to(person, at).exists()


@require_GET
def sent(request: HttpRequest) -> HttpResponse:
    person, refusal = member(request, _asks)
    return refusal if person is None else reply(_whole(person, datetime.now(UTC)))


@csrf_exempt
@require_POST
def answer(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """coming `{"eta": minutes}`, cannot, on_scene, done."""
    person, refusal = member(request, _verbs)
    if person is None:
        return refusal
    now, eta = datetime.now(UTC), body_of(request).get("eta")
    found = see.sent_to(person, now).exclude(incident__state=State.CLOSED).filter(pk=pk).first()
    if found is None or verb not in VERBS:
        return trouble(404)
    minutes = eta if type(eta) is int and 0 <= eta <= MOST_MINUTES else None
    try:
        inbox.of_dispatch(found, person, verb, now, minutes)
    except Refused as refused:
        return trouble(409, refused.said("zh-hans"), refused.said("en"))
    return reply(_whole(person, now))


@wall.lifting  # of their own dispatches alone; the wall itself closes when the incident does, the page 2 h later
def _whole(person: Person, at: datetime) -> dict[str, Any]:
    rows = list(
        see.sent_to(person, at)
        .select_related("incident__center", "incident__person", "incident__device__site", "incident__claimed_by")
        .order_by("-pk")
    )
    looks = [Looked("sent", d.incident.person_id, person.pk, d.incident_id, why="sent") for d in rows]
    note_all([look for look, d in zip(looks, rows, strict=True) if not d.incident.drill], at)
    answers = inbox.answers_to([d.pk for d in rows], person)
    return {"items": [_row(d, answers.get(d.pk, ""), spoken()) for d in rows], "now": at}


def _row(d: Dispatch, answered: str, language: Language) -> dict[str, Any]:
    i = d.incident
    site = i.device.site if i.device else None
    known = i.lat is not None and i.lon is not None
    number = None if i.silent else (i.person.phone if i.person else i.phone)
    return {
        "id": d.pk,
        "incident": i.pk,
        "alarm": i.alarm,
        "alarm_said": word(i.alarm, language),
        "silent": i.silent,
        "drill": i.drill,
        "state": d.state,
        "answer": answered,
        "over": i.state == State.CLOSED,
        "at": d.at,
        "who": (i.person.name if i.person else None) or (site.name if site else None) or i.caller or "",
        "phone": number,
        "where": where(i),
        "position": position(i),
        "plus_code": openlocationcode.encode(i.lat, i.lon) if known else None,
        "center": i.center.name(language),
        "center_phone": i.center.phone,
        "officer": i.claimed_by.name if i.claimed_by else None,
    }
