"""What a session opens and how long it lasts.

- A session with a password alone opens only views marked `for_half`; to every other view its person is a stranger, so
  that a new page, call or administrator's screen is closed to it without anybody thinking of it. (The live feed is
  outside Django: `person_of_session` in `tocsin/people/keys.py` asks the same question.)
- It ends 12 h after it was last used and 7 days after the sign-in at the latest (a half one after 30 min). The row in
  the database says when, so that it ends for the live feed as well. Being used is written down once a minute.
"""

import time
from collections.abc import Callable
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from tocsin.lib import wall
from tocsin.people.sessions import is_whole
from tocsin.signin.page import address_of

LONGEST = 7 * 86400
HALF = 30 * 60
NOTED_EVERY = 60


class StaffSession:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.session.session_key and request.user.is_authenticated:
            self._note(request)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        if not request.session.session_key or getattr(view, "for_half", False):
            return
        user: Any = request.user
        if user.is_authenticated and not is_whole(request.session, user.pk):
            request.user = AnonymousUser()
            wall.clear()

    def _note(self, request: HttpRequest) -> None:
        session, now = request.session, int(time.time())
        left = session.setdefault("since", now) + LONGEST - now
        if left <= 0:
            logout(request)
            return
        if now - session.get("seen", 0) < NOTED_EVERY:
            return
        session["seen"] = now
        whole = is_whole(session, request.user.pk)
        session.set_expiry(min(settings.SESSION_COOKIE_AGE if whole else HALF, left))
        used = UserSession.objects.filter(session_key=session.session_key)
        if not used.update(last_seen_at=timezone.now(), ip=address_of(request)):
            UserSession.objects.create_from_request(request)
