"""A person's shifts as an iCalendar feed (RFC 5545), at an address that only they know.

Times are in UTC, so a calendar needs no table of time zones; a shift keeps its UID, and one that was taken out or
swapped away is simply gone when the calendar next looks.
"""

from datetime import UTC, datetime, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from icalendar import Calendar, Event

from tocsin.incidents.standing import stand
from tocsin.lib import wall
from tocsin.lib.buckets import Buckets
from tocsin.lib.secrets import digest
from tocsin.lib.words import Language, language_of, word
from tocsin.people.models import Person
from tocsin.rosters.models import Feed, Shift

BEFORE, AHEAD = timedelta(days=30), timedelta(weeks=8)
AGAIN = timedelta(hours=1)  # how often a calendar should look

_looks = Buckets(burst=60, rate=0.5)  # by address


@require_safe
def feed(request: HttpRequest, key: str) -> HttpResponse:
    if not _looks.take(request.META.get("REMOTE_ADDR")):
        return HttpResponse(status=429, headers={"Retry-After": "60", "Cache-Control": "no-store"})
    with wall.lifted():
        found = Feed.objects.select_related("person").filter(digest=digest(key), person__is_active=True).first()
    if found is None:
        raise Http404
    stand(found.person, datetime.now(UTC))
    content = calendar(found.person, datetime.now(UTC), request.get_host())
    return HttpResponse(content, content_type="text/calendar; charset=utf-8", headers={"Cache-Control": "no-store"})


def calendar(person: Person, at: datetime, host: str) -> bytes:
    language = language_of(None, person.language)
    made = Calendar()
    made.add("prodid", "-//Tocsin//Duty roster//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", "值班" if language == "zh-hans" else "Duty")
    made.add("refresh-interval", AGAIN, parameters={"VALUE": "DURATION"})  # RFC 7986, 5.7
    made.add("x-published-ttl", "PT1H")
    rows = Shift.objects.between(at - BEFORE, at + AHEAD).filter(person=person)
    for row in rows.select_related("center"):
        made.add_component(_event(row, at, host.partition(":")[0], language))
    found: bytes = made.to_ical()
    return found


def _event(shift: Shift, at: datetime, host: str, language: Language) -> Event:
    event = Event()
    event.add("uid", f"shift-{shift.pk}@{host}")
    event.add("dtstamp", at.replace(microsecond=0))
    event.add("dtstart", shift.starts_at.astimezone(UTC))
    event.add("dtend", shift.ends_at.astimezone(UTC))
    event.add("summary", f"{word(shift.duty, language)} · {shift.center.name(language)}")
    event.add("location", shift.center.name(language))
    return event
