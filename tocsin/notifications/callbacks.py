"""What providers tell us. `/callbacks/<channel>/<token>`: of one delivery, its token is the permission.
`/callbacks/<channel>/report/<key>`: of all, for those that know one address only; the key is the channel's.

Whatever goes wrong with one request is said in one line, and named in the log without what was in it.
"""

import hmac
import logging
from base64 import b32encode
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import TypeVar
from urllib.parse import parse_qsl

import msgspec
from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from msgspec.structs import replace

from tocsin.centers.network import load
from tocsin.lib import wall
from tocsin.lib.refused import Refused
from tocsin.notifications import actions, inbox, late, registry, written
from tocsin.notifications.channel import Callback, Receipt, Reported
from tocsin.notifications.courier import outgoing
from tocsin.notifications.models import Delivery
from tocsin.notifications.strangers import guarded

Told = TypeVar("Told")
log = logging.getLogger(__name__)
LARGEST = 64 * 1024  # bytes of a request about one delivery
LARGEST_REPORT = 3 * 1024 * 1024  # Meta's word for theirs
UNREADABLE = (ValueError, RecursionError, msgspec.MsgspecError)


@cache
def key_of(channel: str) -> str:
    """The key of a channel's own address: 160 bits, 32 small letters and digits, of the installation's secret."""
    made = hmac.digest(settings.HOOK_SECRET.encode(), f"report {channel}".encode(), "sha256")
    return b32encode(made[:20]).decode().lower()


def address_of(channel: str) -> str:
    """The whole address to enter at a provider; "" if nothing comes to one."""
    found = registry.channels().get(channel)
    known = found is not None and found.report is not None
    return f"{settings.PUBLIC_URL}/callbacks/{channel}/report/{key_of(channel)}" if known else ""


class Unfit(Exception):
    """What came cannot be taken: an HTTP status and a line for the far end."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status = status


def _fair(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """One line for whatever goes wrong. The database away: 503, so that the provider tells it again."""

    def inner(request: HttpRequest, channel: str, **named: str) -> HttpResponse:
        try:
            return view(request, channel, **named)
        except Unfit as error:
            return _said(error.status, str(error))
        except DatabaseError as error:
            log.warning("a callback of %s was not taken: %s", channel, type(error).__name__)
            return _said(503, "not now, please tell it again")
        except (Http404, SystemExit):
            raise
        except Exception as error:
            log.error("a callback of %s failed: %s", channel, _where(error))
            return _said(500, "a fault of ours, it stands in the log")

    return inner


def _said(status: int, words: str) -> HttpResponse:
    return HttpResponse(f"{words}\n", status=status, content_type="text/plain; charset=utf-8")


def _where(error: BaseException) -> str:
    """The kind of an error and the line of it: its own words may hold what was sent to us."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    line = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__} at {line}"


def _read(request: HttpRequest, url: str, most: int) -> Callback:
    """The request as channels see it; no more of it is read than `most` bytes."""
    # Of a body in chunks, without a length, Django sees nothing: it is read where it comes from.
    chunks = "HTTP_TRANSFER_ENCODING" in request.META
    stream = request.environ["wsgi.input"] if chunks else request  # type: ignore[attr-defined]
    body = stream.read(most + 1) if request.method == "POST" else b""
    if len(body) > most:
        raise Unfit(413, f"more than {most} bytes")
    query = request.META.get("QUERY_STRING", "")
    form = dict(request.GET.items())
    if request.content_type == "application/x-www-form-urlencoded":
        form |= dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    return Callback(
        method=request.method or "GET",
        url=f"{url}?{query}" if query else url,
        form={name: str(value) for name, value in form.items()},
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        language="en",
    )


@never_cache
@csrf_exempt
@guarded
@require_http_methods(["GET", "HEAD", "POST"])
@_fair
@wall.lifting  # the token, or the key, is the permission
def callback(request: HttpRequest, channel: str, token: str) -> HttpResponse:
    """A receipt of a provider, or its question what to say; judged by the channel."""
    found = registry.channels().get(channel)
    told_of = Delivery.objects.select_related("incident__center", "person", "partner", "contact")
    delivery = told_of.filter(token=token, channel=channel).first()
    if found is None or found.callback is None or delivery is None:
        raise Http404
    now, out = datetime.now(UTC), outgoing(delivery)
    asked = replace(
        _read(request, out.callback, LARGEST),
        language=out.language,
        text=out.text,
        claimable=delivery.message == "alarm" and inbox.may_claim(delivery, load(), now),
    )
    judge = found.callback
    told = _judged(lambda: judge(asked, registry.settings(channel)))
    if told.receipt is not None:
        _note(channel, Reported(told.receipt.ref or "", told.receipt, token), now)
    if told.answer == "claim":
        try:
            inbox.claim(delivery, load(), now)
        except Refused:
            told = _judged(lambda: judge(replace(asked, claimable=False), registry.settings(channel)))
    elif told.answer in ("coming", "cannot"):
        inbox.take(delivery, told.answer, now)
    elif told.answer == "heard":
        actions.opened(token, now)
    return HttpResponse(told.body, content_type=told.media, status=told.status)


@never_cache
@csrf_exempt
@guarded
@require_http_methods(["GET", "HEAD", "POST"])
@_fair
@wall.lifting
def report(request: HttpRequest, channel: str, key: str) -> HttpResponse:
    """Receipts and texts at the channel's own address. Each is taken for itself: one that fails holds up no other."""
    found = registry.channels().get(channel)
    if found is None or found.report is None or not hmac.compare_digest(key.encode(), key_of(channel).encode()):
        raise Http404
    asked, read = _read(request, address_of(channel), LARGEST_REPORT), found.report
    told, now, failed = _judged(lambda: read(asked, registry.settings(channel))), datetime.now(UTC), list[Exception]()
    for each in told.receipts:
        _kept(lambda each=each: _note(channel, each, now), failed)  # type: ignore[misc]
    for said in told.texts:
        _kept(lambda said=said: written.take(channel, said, now), failed)  # type: ignore[misc]
    if failed:
        raise failed[0]
    return HttpResponse(told.body, content_type="text/plain; charset=utf-8", status=told.status)


def _judged(judge: Callable[[], Told]) -> Told:
    """What a channel makes of it; what it cannot read is the far end's fault."""
    try:
        return judge()
    except UNREADABLE as error:
        log.warning("a callback was not understood: %s", _where(error))
        raise Unfit(400, "this could not be read") from None


def _kept(take: Callable[[], None], failed: list[Exception]) -> None:
    try:
        take()
    except Exception as error:
        log.error("a report was not taken: %s", _where(error))
        failed.append(error)


def _note(channel: str, told: Reported, now: datetime) -> None:
    """Note a receipt; later, if it overtook our own note of the sending."""
    receipt: Receipt = replace(told.receipt, ref=told.ref or None)

    @wall.lifting
    def note(last: bool) -> bool:
        return actions.receipt(receipt, now, token=told.key, channel=channel, last=last)

    def again(last: bool) -> bool:
        try:
            return note(last)
        except Exception as error:
            log.warning("a late receipt was not noted: %s", _where(error))
            return False

    if not note(False):
        late.add(again)
