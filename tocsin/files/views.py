"""`GET /files/<uuid>/<thumb|view|original>`: one copy of an attachment; 404 for all who may not see it."""

import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from threading import BoundedSemaphore
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_GET

from tocsin.app.asking import device_of
from tocsin.centers.network import family
from tocsin.files import rules, say, vault
from tocsin.files.models import Attachment
from tocsin.incidents.models import centers_of
from tocsin.incidents.rules import LEADS
from tocsin.incidents.say import withheld
from tocsin.incidents.standing import stand
from tocsin.lib.problem import problem
from tocsin.lib.refused import Refused
from tocsin.lib.sealed import Unopened
from tocsin.locale.choose import spoken
from tocsin.looks import write as looks
from tocsin.people.keys import person_of_key
from tocsin.people.models import Person

log = logging.getLogger(__name__)
AT_ONCE = 2**20  # bytes of one answer to a Range: players ask on
_streams = BoundedSemaphore(3)  # whole files on their way: each holds one of Django's threads

#: Nothing in a file is ever run, whatever a browser takes it for.
SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
    "Accept-Ranges": "bytes",
}


@require_GET
def variant(request: HttpRequest, id_: UUID, name: str) -> HttpResponseBase:
    now = datetime.now(UTC)
    person = _who(request, now)
    found = _found(person, id_, now) if person else None
    if person is None or found is None:
        return _trouble(404)
    own = found.person_id == person.pk
    if not own and not _shown(person, found, name, now):
        return _trouble(404)
    try:
        sealed = vault.Sealed(vault.place(found.pk, name), found.key)
        first = next(sealed.read(0, 1), b"")  # so that an altered file is refused before anything of it is sent
        del first
        answer = _answer(request, sealed)
    except FileNotFoundError:
        return _trouble(404)
    except (vault.Tampered, Unopened) as error:
        log.error("attachment %s of incident %s does not open: %s", found.pk, found.incident_id, error)
        return _trouble(409, Refused("file_altered"))
    if not own and answer.status_code < 400:  # any part of it: a look at what was looked at just before is folded
        looks.note(person, "attachment", found.person_id, now, incident=found.incident_id, what=str(found.pk))
    type_ = "image/jpeg" if name != "original" and found.type in rules.DRAWN else found.type
    ending = "jpg" if type_ == "image/jpeg" else rules.TYPES[found.type][1]
    way = "attachment" if name == "original" else "inline"
    for header, value in SAFE.items():
        answer.headers[header] = value
    answer.headers["Content-Type"] = type_
    answer.headers["Content-Disposition"] = f'{way}; filename="{found.incident_id}-{str(found.pk)[:8]}.{ending}"'
    return answer


def _who(request: HttpRequest, now: datetime) -> Person | None:
    """The desk's session, a staff key, or a member's phone; they stand before the wall from now on."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if not token:
        user: Any = request.user
        return user if user.is_authenticated and user.is_active else None
    person = person_of_key(token.strip(), now) if scheme.lower() == "bearer" else None
    if person is None:
        device = device_of(request)
        person = device.person if device else None
    if person is not None:
        stand(person, now)
    return person


def _found(person: Person, id_: UUID, now: datetime) -> Attachment | None:
    query = Attachment.objects.visible_to(person, family(), now)
    return query.select_related("incident").filter(pk=id_).first()


def _shown(person: Person, found: Attachment, name: str, now: datetime) -> bool:
    """Whether this copy is shown to somebody else: originals to directors; after a while only to those who lead."""
    network, incident = family(), found.incident
    leads = centers_of(person, network, now, LEADS)
    director = say.directs(person, incident.centers, network, now)
    return rules.may_see(name, found.copied, False, director) and not withheld(incident, leads, now)


def _answer(request: HttpRequest, sealed: vault.Sealed) -> HttpResponseBase:
    """Whole, or the part that was asked for (RFC 9110, 14)."""
    asked = re.fullmatch(r"bytes=(\d{0,15})-(\d{0,15})", request.headers.get("Range", "").strip())
    if asked and (asked[1] or asked[2]):
        if asked[1]:
            start, end = int(asked[1]), min(int(asked[2]) + 1 if asked[2] else sealed.size, sealed.size)
        else:
            start, end = max(0, sealed.size - int(asked[2])), sealed.size
        if start >= sealed.size or end <= start:
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{sealed.size}"})
        end = min(end, start + AT_ONCE)
        content = b"".join(sealed.read(start, end))
        return HttpResponse(content, status=206, headers={"Content-Range": f"bytes {start}-{end - 1}/{sealed.size}"})
    if sealed.size <= AT_ONCE:
        return HttpResponse(b"".join(sealed.read()))
    if not _streams.acquire(blocking=False):
        return HttpResponse(status=503, headers={"Retry-After": "5"})
    return StreamingHttpResponse(_flow(sealed), headers={"Content-Length": str(sealed.size)})


class _flow(Iterator[bytes]):
    """The content piece by piece; whoever drops it gives its place free."""

    def __init__(self, sealed: vault.Sealed) -> None:
        self.pieces, self.held = sealed.read(), True

    def __next__(self) -> bytes:
        return next(self.pieces)

    def close(self) -> None:
        if self.held:
            self.held = False
            _streams.release()


def _trouble(status: int, refused: Refused | None = None) -> HttpResponse:
    language = spoken()
    more = {"reason": refused.reason} if refused else {}
    content = problem(status, language, refused.said(language) if refused else "", **more)
    return HttpResponse(
        content, status=status, content_type="application/problem+json", headers={"Cache-Control": "no-store"}
    )
