"""What a person reads where there is nothing, where a form has lain too long, and where we failed. One page each, the
same whatever the reason; programs get a line of text."""

import logging

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tocsin.lib.words import in_language
from tocsin.locale.choose import spoken

WORDS: dict[str, tuple[str, str]] = {
    "title": ("守望 Tocsin", "Tocsin 守望"),
    "other": ("English", "简体中文"),
    "missing": ("这里没有内容", "There is nothing here"),
    "missing_why": (
        "链接可能已失效，或者输错了。有危险请拨打 10111（警察）或 112。",
        "The link may be over, or mistyped. In danger? Call 10111 (police) or 112.",
    ),
    "stale": ("没有提交：页面已过期", "Not sent: this page is out of date"),
    "stale_why": ("请返回上一页，刷新后再试。", "Go back, load the page again and repeat it."),
    "broken": ("系统出错了", "Something went wrong on our side"),
    "broken_why": (
        "请稍后再试；如果还是不行，请告诉管理员。报警按钮不受影响。",
        "Try again in a moment; if it stays so, tell the administrator. The alarm button works without this page.",
    ),
}


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, "missing", 404, "there is nothing here\n")


def stale(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without a valid token (Django's CSRF check)."""
    return _page(request, "stale", 403, "the form's token is missing or old\n")


def broken(request: HttpRequest) -> HttpResponse:
    return _page(request, "broken", 500, "something went wrong on our side\n")


def _page(request: HttpRequest, name: str, status: int, line: str) -> HttpResponse:
    if "text/html" not in request.headers.get("Accept", ""):
        return HttpResponse(line, status=status, content_type="text/plain; charset=utf-8")
    language = spoken()
    w = {key: in_language(pair, language) for key, pair in WORDS.items()}
    zh = language == "zh-hans"
    frame = {"w": w, "html_lang": "zh-Hans" if zh else "en", "other_lang": "en" if zh else "zh-hans"}
    shown = {**frame, "said": w[name], "more": w[f"{name}_why"]}
    try:
        response = render(request, "notifications/plain.html", shown, status=status)
    except Exception:  # the page itself is what broke
        logging.getLogger(__name__).exception("the page of an error")
        return HttpResponse(line, status=status, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"  # the address may have been a permission
    return response
