"""The table of contents of the web. (What is answered before Django stands in `edge/app.py`: `/signals`, `/live` …)"""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, path, re_path

from tocsin.api.views import api
from tocsin.app import calendar, duty, push
from tocsin.app import contacts as reach
from tocsin.app import devices as mine
from tocsin.app import views as app
from tocsin.desk import drills
from tocsin.desk import views as desk
from tocsin.desk.channels import channels
from tocsin.notifications import callbacks
from tocsin.notifications import views as messages

admin.autodiscover()

urlpatterns: list[URLPattern | URLResolver] = [
    path("", desk.start),
    path("desk/", desk.desk),
    path("desk/devices/", desk.desk),
    path("desk/worker.js", desk.worker),
    path("desk/plans/", desk.desk),
    path("desk/channels/", channels),
    path("desk/roster/", desk.desk),
    path("desk/drills/", drills.drills),
    path("desk/drills/new/", drills.new),
    re_path(r"^desk/drills/(?P<pk>\d{1,18})/$", drills.one),
    re_path(r"^desk/drills/(?P<pk>\d{1,18})/report\.csv$", drills.as_csv),
    path("desk/sign-in/", desk.SignIn.as_view()),
    path("desk/sign-out/", desk.sign_out),
    path("app/", app.shell),
    path("app/worker.js", app.worker),
    path("app/manifest.webmanifest", app.manifest),
    path("app/code", app.code),
    path("app/sign-in", app.sign_in),
    path("app/me", app.me),
    path("app/sign-out", app.sign_out),
    path("app/push", push.push_here),
    path("app/push/test", push.test),
    path("app/protocols", mine.protocols),
    path("app/devices", mine.devices),
    path("app/devices/<int:pk>", mine.device),
    path("app/devices/<int:pk>/<slug:verb>", mine.act),
    path("app/duty", duty.duty),
    path("app/duty/available", duty.available),
    path("app/duty/calendar", duty.link),
    path("app/duty/calendar/revoke", duty.unlink),
    re_path(r"^app/duty/shifts/(?P<pk>\d{1,18})/colleagues$", duty.colleagues),
    re_path(r"^app/duty/shifts/(?P<pk>\d{1,18})/offer$", duty.offer),
    re_path(r"^app/duty/swaps/(?P<pk>\d{1,18})/(?P<verb>accept|decline)$", duty.answer),
    path("calendar/<slug:key>.ics", calendar.feed),
    path("app/contacts", reach.contacts),
    re_path(r"^app/contacts/(?P<pk>\d{1,18})/(?P<verb>test|remove)$", reach.contact),
    path("app/relatives", reach.relatives),
    re_path(r"^app/relatives/(?P<pk>\d{1,18})/(?P<verb>ask|remove)$", reach.relative),
    path("a/<str:token>", messages.answer),
    path("callbacks/<slug:channel>/report/<str:key>", callbacks.report),
    path("callbacks/<slug:channel>/<str:token>", callbacks.callback),
    path("api/v1/", api.urls),
    path("admin/", admin.site.urls),
]
if settings.DEMO:
    from tocsin.demo.page import page

    urlpatterns.append(path("demo/inbox/", page))
