"""The page behind a message: `/a/<token>` (one tap: claim, coming, cannot; a test confirmed; what relatives see).

The token is the permission: 128 random bits, of one delivery.
"""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from openlocationcode import openlocationcode

from tocsin.centers.network import load
from tocsin.incidents.models import Incident
from tocsin.incidents.models import State as Incidents
from tocsin.lib import wall
from tocsin.lib.refused import Refused
from tocsin.lib.words import Language, in_language, language_of, word
from tocsin.locale.choose import COOKIE, spoken
from tocsin.looks.write import note
from tocsin.notifications import actions, inbox, relatives, robots
from tocsin.notifications.alarm import where
from tocsin.notifications.models import Delivery
from tocsin.notifications.strangers import guarded
from tocsin.privacy import consent

ETAS = (5, 10, 15, 20, 30, 45, 60)  # minutes, one tap each

WORDS: dict[str, tuple[str, str]] = {
    "title": ("守望 Tocsin", "Tocsin 守望"),
    "other": ("English", "简体中文"),
    "drill": ("演练", "DRILL"),
    "drill_why": ("这是演练，不是真的报警。", "This is an exercise, not a real alarm."),
    "claim": ("我来接警", "I claim it"),
    "coming": ("我前往", "I am coming"),
    "cannot": ("我不能去", "I cannot come"),
    "can_you": ("您能前往吗？", "Can you come?"),
    "can_you_now": ("情况有变？请改答复", "Has that changed?"),
    "alarm": ("报警：{kind}", "Alarm: {kind}"),
    "silent": ("静默报警：{kind}", "Silent alarm: {kind}"),
    "sent": ("请出警：{kind}", "You are sent: {kind}"),
    "minutes": ("几分钟后到（可不选）", "Minutes until you arrive (if you know)"),
    "other_minutes": ("其他", "Other"),
    "words": ("补充说明（可不填）", "Anything to add (if you like)"),
    "words_send": ("只发送说明", "Send only the words"),
    "hush": ("静默报警：切勿回拨报警人。", "Silent alarm: do not call the caller back."),
    "claimed_by": ("接警人：{who}", "Claimed by {who}"),
    "nobody": ("尚无人接警", "Nobody has claimed it yet"),
    "thanks": ("已记下，谢谢。", "Noted, thank you."),
    "yours": ("已由您接警。请打开值班台继续。", "It is yours. Go on at the desk."),
    "desk": ("打开值班台", "Open the desk"),
    "works": ("收到。这个联系方式可用。", "Received. This contact works."),
    "works_why": ("报警时会用它通知您。可以关闭此页面。", "Alarms will reach you here. You may close this page."),
    "noted": ("已知悉", "Seen"),
    "noted_why": ("详情请看值班台。", "The desk has the details."),
    "over": ("这起警情已结束，此页面不再显示内容。", "This is over; nothing more is shown here."),
    "gone": ("这个链接已失效。", "This link is not valid any more."),
    "robot": ("守望的消息。请点开查看。", "A message from Tocsin. Open it to read it."),
    "map": ("在地图中打开", "Open in a map"),
    "place": ("地点", "Place"),
    "position": ("最新位置", "Newest position"),
    "position_at": ("定位时间", "Taken at"),
    "no_position": ("尚无定位", "No position yet"),
    "state": ("状态", "State"),
    "center": ("中心", "Center"),
    "your_answer": ("您的答复", "Your answer"),
    "eta_said": ("{n} 分钟内到", "there in {n} min"),
    "relative": ("{who}报警了", "{who} raised an alarm"),
    "relative_why": (
        "警民中心已收到。警情结束前，此页面每 15 秒更新一次；结束后不再显示。",
        "The center has it. This page renews itself each 15 seconds while it runs, and shows nothing afterwards.",
    ),
    "relative_new": ("中心已收到，正在安排人接警", "The center has it; somebody is about to take it"),
    "relative_on": ("已有人处理", "It is being dealt with"),
    "looked": ("更新于 {time}", "As of {time}"),
    "consent": ("{who}想在报警时通知您", "{who} wishes you to be told of their alarms"),
    "consent_why": (
        "同意后，{who}报警时您会收到一条消息，能看到进展和位置，直到警情结束。您随时可以在这里反悔。",
        "If you agree, you get a message when {who} raises an alarm, with its state and position until it ends. "
        "You can change your mind here at any time.",
    ),
    "agree": ("我同意", "I agree"),
    "decline": ("我不同意", "No, thank you"),
    "withdraw": ("不再通知我", "Tell me no more"),
    "agreed": ("您已同意。{who}报警时会通知您。", "You agreed. You will be told when {who} raises an alarm."),
    "declined": ("您不会再收到{who}的消息。", "You will hear nothing more about {who}."),
}


@never_cache
@csrf_exempt  # the token in the address is all the authority there is, and no cookie adds to it
@guarded
@require_http_methods(["GET", "HEAD", "POST"])
@wall.lifting  # the token is the permission
def answer(request: HttpRequest, token: str) -> HttpResponse:
    try:
        delivery = _delivery(request, token)
    except Http404:
        language = spoken()
        w = _words(language)
        return _plain(request, language, w, w["gone"], status=404)
    now, language = datetime.now(UTC), _language(request, delivery)
    w = _words(language)
    if request.method != "POST":
        if robots.is_ahead_of_time(request.headers):
            return _plain(request, language, w, w["robot"], status=503)  # so that it is fetched anew when looked at
        if request.method == "HEAD" or robots.is_robot(request.headers.get("User-Agent", "")):
            return _plain(request, language, w, w["robot"])
    actions.opened(token, now)
    if delivery.message == "consent":
        return _consent(request, delivery, now, language, w)
    incident = delivery.incident
    if delivery.message == "trial":
        return _plain(request, language, w, w["works"], w["works_why"], good=True)
    if incident is None:
        return _plain(request, language, w, w["noted"], w["noted_why"], good=True)
    if incident.state == Incidents.CLOSED or incident.merged_into_id:
        return _plain(request, language, w, w["over"], status=410)
    if delivery.relative is not None:
        withdrawn = delivery.relative.withdrawn_at is not None
        if withdrawn or not consent.allows(delivery.relative.person_id, "relatives"):
            return _plain(request, language, w, w["gone"], status=410)
        _looked(delivery, incident, now)
        return _followed(request, delivery, incident, now, language, w)
    if delivery.person is None or not delivery.person.is_active:
        return _plain(request, language, w, w["gone"], status=410)
    _looked(delivery, incident, now)
    refused, said = "", ""
    if request.method == "POST":
        try:
            said = _take(request, delivery, now, w)
        except Refused as error:
            refused = error.said(language)
        delivery = _delivery(request, token)
        incident = delivery.incident or incident
    answers = {"coming": w["coming"], "cannot": w["cannot"]}
    shown = {
        **_incident(request, incident, language, w),
        "heading": w["sent" if delivery.message == "sent" else "silent" if incident.silent else "alarm"].format(
            kind=word(incident.alarm, language)
        ),
        "who": str(delivery.values.get("who", "")),
        "drill": delivery.drill or incident.drill,
        "claimed": w["claimed_by"].format(who=incident.claimed_by.name) if incident.claimed_by else w["nobody"],
        "may_claim": incident.state == Incidents.NEW and inbox.may_claim(delivery, load(), now),
        "mine": incident.claimed_by_id == delivery.person_id,
        "answer": answers.get(delivery.answer, ""),
        "eta": w["eta_said"].format(n=delivery.eta) if delivery.answer == "coming" and delivery.eta else "",
        "own_words": delivery.words,
        "etas": ETAS,
        "said": said,
        "refused": refused,
    }
    return _page(request, "notifications/answer.html", language, w, shown, 409 if refused else 200)


def _looked(delivery: Delivery, incident: Incident, now: datetime) -> None:
    """The page behind a message shows who called and where: a look, of a relative too."""
    if incident.drill or delivery.drill:
        return
    why = "relative" if delivery.relative_id else "sent" if delivery.message == "sent" else "told"
    of = incident.person_id
    note(delivery.person, "link", of, now, incident=incident.pk, why=why, relative=delivery.relative_id)


def _words(language: Language) -> dict[str, str]:
    return {key: in_language(pair, language) for key, pair in WORDS.items()}


def _take(request: HttpRequest, delivery: Delivery, now: datetime, w: dict[str, str]) -> str:
    given = request.POST.get("answer", "")
    if given == "claim":
        inbox.claim(delivery, load(), now)
        return w["yours"]
    eta = request.POST.get("minutes", "").strip() or request.POST.get("eta", "")
    minutes = int(eta) if eta.isascii() and eta.isdigit() and len(eta) <= 3 else None
    words = request.POST.get("words", "").replace("\0", "").strip()[:1000]
    if given in ("coming", "cannot"):
        inbox.take(delivery, given, now, minutes if given == "coming" else None, words)
    elif words:  # words alone leave the answer as it was
        kept = delivery.answer if delivery.answer in ("coming", "cannot") else ""
        inbox.take(delivery, kept, now, delivery.eta if kept == "coming" else None, words)
    else:
        return ""
    return w["thanks"]


def _consent(
    request: HttpRequest, delivery: Delivery, now: datetime, language: Language, w: dict[str, str]
) -> HttpResponse:
    """A member's own contact is asked, and may change their mind as long as the member keeps them."""
    relative = delivery.relative
    if relative is None or not (relative.phone or relative.email):
        return _plain(request, language, w, w["gone"], status=410)
    if request.method == "POST" and request.POST.get("answer") in ("agree", "decline"):
        relative = relatives.answer(delivery, request.POST["answer"] == "agree", now)
    state = "declined" if relative.withdrawn_at else "agreed" if relative.agreed_at else "asked"
    who = str(delivery.values.get("who", ""))
    shown = {
        "relative_state": state,
        "heading": w["consent"].format(who=who),
        "why": w["consent_why"].format(who=who),
        "said": w[state].format(who=who) if state != "asked" else "",
    }
    return _page(request, "notifications/consent.html", language, w, shown)


def _followed(
    request: HttpRequest, delivery: Delivery, incident: Incident, now: datetime, language: Language, w: dict[str, str]
) -> HttpResponse:
    """What a relative sees while the alarm runs: state and position, and no way to act."""
    shown = {
        **_incident(request, incident, language, w),
        "heading": w["relative"].format(who=str(delivery.values.get("who", "")) or "—"),
        "drill": delivery.drill or incident.drill,
        "state": w["relative_new" if incident.state == Incidents.NEW else "relative_on"],
        "looked": w["looked"].format(time=f"{now.astimezone(ZoneInfo(incident.center.time_zone)):%H:%M:%S}"),
    }
    return _page(request, "notifications/relative.html", language, w, shown)


def _incident(request: HttpRequest, incident: Incident, language: Language, w: dict[str, str]) -> dict[str, Any]:
    known = incident.lat is not None and incident.lon is not None
    point = f"{incident.lat:.5f},{incident.lon:.5f}" if known else ""
    return {
        "incident": incident,
        "alarm": word(incident.alarm, language),
        "state": word(incident.state, language),
        "where": where(incident),
        "center": incident.center.name(language),
        "phone": incident.center.phone,
        "fixed": f"{incident.fixed_at.astimezone(ZoneInfo(incident.center.time_zone)):%Y-%m-%d %H:%M:%S %z}"
        if incident.fixed_at
        else "",
        "point": point.replace(",", ", "),
        "plus": openlocationcode.encode(incident.lat, incident.lon) if known else "",
        "map": _map(request, point) if known else "",
    }


def _map(request: HttpRequest, point: str) -> str:
    """A link that opens the phone's own map; iPhones do not know geo:."""
    apple = any(name in request.headers.get("User-Agent", "") for name in ("iPhone", "iPad", "Macintosh"))
    return f"maps://?q={point}&ll={point}" if apple else f"geo:{point}?q={point}"


def _language(request: HttpRequest, delivery: Delivery) -> Language:
    """The message's own, unless the person chose another on a page of ours."""
    chosen = "lang" in request.GET or COOKIE in request.COOKIES
    return spoken() if chosen else language_of(delivery.language)


def _plain(
    request: HttpRequest, language: Language, w: dict[str, str], said: str, more: str = "", *, good: bool = False,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    return _page(request, "notifications/plain.html", language, w, {"said": said, "more": more, "good": good}, status)


def _page(
    request: HttpRequest, template: str, language: Language, w: dict[str, str], shown: dict[str, Any], status: int = 200
) -> HttpResponse:
    zh = language == "zh-hans"
    frame = {"w": w, "html_lang": "zh-Hans" if zh else "en", "other_lang": "en" if zh else "zh-hans"}
    response = render(request, template, {**frame, **shown}, status=status)
    response["Content-Language"] = "zh-Hans" if zh else "en"
    response["Referrer-Policy"] = "no-referrer"  # the address is the permission
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def _delivery(request: HttpRequest, token: str) -> Delivery:
    found = Delivery.objects.select_related(
        "incident__center", "incident__claimed_by", "incident__device__site", "person", "partner", "relative"
    )
    delivery = found.filter(token=token).first()
    if delivery is None:
        raise Http404
    return delivery
