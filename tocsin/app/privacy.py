"""My data, in the member's app: what is kept and how long, my consents, a copy of it all, erasure."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from tocsin.app.asking import body_of, member, reply, trouble
from tocsin.lib.buckets import Buckets
from tocsin.lib.refused import Refused
from tocsin.lib.words import Language
from tocsin.locale.choose import spoken
from tocsin.locale.nowhere import missing
from tocsin.people import codes
from tocsin.people.models import Person
from tocsin.privacy import consent, erasure, export, keeping
from tocsin.privacy.models import Consent, ExportState
from tocsin.signin.throttle import place_of

_looks = Buckets(burst=120, rate=2)
_verbs = Buckets(burst=30, rate=1 / 30)
PURPOSES = ("erase", "export")  # of a code
NOTICE = "notice"


@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    """All of the page: notice, what is kept, consents with their history, the copy and the erasure as they stand."""
    person, refusal = _asking(request)
    return refusal if person is None else reply(_all(person, datetime.now(UTC), spoken()))


@csrf_exempt
@require_POST
def say(request: HttpRequest, purpose: str) -> HttpResponse:
    """{given, version}: a yes or a no to the text that was on the screen."""
    person, refusal = _asking(request)
    if person is None:
        return refusal
    body, now = body_of(request), datetime.now(UTC)
    shown = body.get("version")
    if not isinstance(body.get("given"), bool) or not isinstance(shown, int):
        return trouble(422)
    try:
        consent.say(person, purpose, body["given"], shown, spoken(), now)
    except Refused as refused:
        return _refused(refused)
    return reply(_all(person, now, spoken()))


@csrf_exempt
@require_POST
def code(request: HttpRequest) -> HttpResponse:
    """{purpose: erase | export, way}: a fresh code to my own number."""
    person, refusal = _asking(request)
    if person is None:
        return refusal
    body, now = body_of(request), datetime.now(UTC)
    purpose, way = str(body.get("purpose", "")), "voice" if body.get("way") == "voice" else "sms"
    if purpose not in PURPOSES:
        return trouble(422)
    if not person.phone:
        return _refused(Refused("no_phone"))
    try:
        wish = codes.ask(person.phone, place_of(_address(request)), now, way, purpose, person)
    except codes.TooMany as many:
        return trouble(429, wait=many.wait)
    except Refused as refused:
        return _refused(refused)
    found = codes.shown(wish, now) if settings.DEMO else None
    return reply({"sent": True, "phone": person.phone, **({"demo_code": found[1]} if found else {})})


@csrf_exempt
@require_POST
def erase(request: HttpRequest) -> HttpResponse:
    """{code}: erase me, in 72 hours."""
    person, refusal = _asking(request)
    if person is None:
        return refusal
    now = datetime.now(UTC)
    try:
        if not _proven(person, request, "erase", now):
            return _wrong_code()
        erasure.ask(person, person, now)
    except Refused as refused:
        return _refused(refused)
    return reply(_all(person, now, spoken()))


@csrf_exempt
@require_POST
def keep_me(request: HttpRequest) -> HttpResponse:
    """The erasure that waits is taken back."""
    person, refusal = _asking(request)
    if person is None:
        return refusal
    now, found = datetime.now(UTC), erasure.waiting(person)
    if found is None:
        return trouble(404)
    try:
        erasure.take_back(found, person, now)
    except Refused as refused:
        return _refused(refused)
    return reply(_all(person, now, spoken()))


@csrf_exempt
@require_POST
def copy(request: HttpRequest) -> HttpResponse:
    """A copy of all my data is to be made."""
    person, refusal = _asking(request)
    if person is None:
        return refusal
    now = datetime.now(UTC)
    try:
        export.ask(person, person, spoken(), now)
    except Refused as refused:
        return _refused(refused)
    return reply(_all(person, now, spoken()), 201)


@csrf_exempt
@require_POST
def link(request: HttpRequest) -> HttpResponse:
    """{code}: the address at which the copy can be fetched, once, within ten minutes."""
    person, refusal = _asking(request)
    if person is None:
        return refusal
    now, found = datetime.now(UTC), export.latest(person, person)
    if found is None:
        return trouble(404)
    try:
        if found.state != ExportState.READY:
            raise Refused("export_gone")
        if not _proven(person, request, "export", now):
            return _wrong_code()
        token = export.link(found, now)
    except Refused as refused:
        return _refused(refused)
    return reply({"url": f"/copy/{token}"})


@require_GET
def fetch(request: HttpRequest, token: str) -> HttpResponse | StreamingHttpResponse:
    """The zip behind a link. Once: whoever opens the link a second time finds nothing."""
    if not _looks.take(place_of(_address(request))):
        return trouble(429)
    found = export.fetch(token, datetime.now(UTC))
    if found is None:
        return missing(request)
    name = f"tocsin-{found.person_id}-{found.asked_at:%Y%m%d}.zip"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
        "Content-Length": str(found.size),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingHttpResponse(export.pieces(found), content_type="application/zip", headers=headers)


def _all(person: Person, now: datetime, language: Language) -> dict[str, Any]:
    zh = language == "zh-hans"
    said = Consent.objects.filter(person=person).order_by("-pk")
    number = consent.version(NOTICE)
    copied, waits = export.latest(person, person), erasure.waiting(person)
    return {
        "notice": {"version": number, "text": consent.text(NOTICE, number, language)},
        "kept": [
            {"name": k.name, "days": days, "what": k.what[not zh], "since": k.since[not zh], "why": k.why[not zh]}
            for k, days, _ in keeping.table(own=True)
        ],
        "consents": [
            {
                "purpose": p.name,
                "title": p.zh if zh else p.en,
                "text": consent.text(p.name, consent.version(p.name), language),
                "version": consent.version(p.name),
                "given": consent.allows(person.pk, p.name),
                "history": [_word(c) for c in said if c.purpose == p.name][:20],
            }
            for p in consent.PURPOSES.values()
        ],
        "copy": copied
        and {
            "state": "gone" if copied.expires_at and copied.expires_at <= now else copied.state,
            "asked_at": copied.asked_at,
            "done": copied.done,
            "of": copied.of,
            "size": copied.size,
            "until": copied.expires_at,
            "fetched_at": copied.fetched_at,
        },
        "erasure": waits and {"asked_at": waits.asked_at, "due": waits.due, "own": waits.by_id == person.pk},
        "hours": int(erasure.WAIT.total_seconds() // 3600),
        "hindrance": _hindrance(person, now, language),
        "phone": person.phone,
    }


def _word(said: Consent) -> dict[str, Any]:
    return {"given": said.given, "version": said.version, "at": said.at}


def _hindrance(person: Person, now: datetime, language: Language) -> str | None:
    reason = erasure.hindrance(person, now, asking=True)
    return None if reason is None else Refused(reason).said(language)


def _proven(person: Person, request: HttpRequest, purpose: str, now: datetime) -> bool:
    given = "".join(c for c in str(body_of(request).get("code", ""))[:20] if c.isdigit())
    found = codes.redeem(person.phone or "", given, now, purpose)
    return found is not None and found.pk == person.pk


def _asking(request: HttpRequest) -> tuple[Person | None, HttpResponse]:
    return member(request, _looks if request.method == "GET" else _verbs)


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR") or "")


def _refused(refused: Refused) -> HttpResponse:
    return trouble(409, refused.said("zh-hans"), refused.said("en"))


def _wrong_code() -> HttpResponse:
    wrong = Refused("code_wrong")
    return trouble(422, wrong.said("zh-hans"), wrong.said("en"), field="code")
