"""The table of contents of the web. (What is answered before Django stands in `edge/app.py`: `/signals`, `/live` …)"""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path

from tocsin.api.views import api
from tocsin.app import account, calendar, duty, join, profile, push, sent
from tocsin.app import contacts as reach
from tocsin.app import devices as mine
from tocsin.app import looks as looked
from tocsin.app import privacy as data
from tocsin.app import views as app
from tocsin.desk import drills, keys, looks, members, phones, roles, shares, wellknown
from tocsin.desk import privacy as held
from tocsin.desk import views as desk
from tocsin.desk.channels import channels
from tocsin.files.views import variant
from tocsin.notifications import callbacks
from tocsin.notifications import views as messages

admin.autodiscover()

handler404 = "tocsin.locale.nowhere.missing"
handler500 = "tocsin.locale.nowhere.broken"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", desk.start),
    path(".well-known/security.txt", wellknown.security),
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
    path("desk/roles/", roles.roles),
    path("desk/phones/", phones.phones),
    re_path(r"^desk/phones/(?P<pk>\d{1,18})/$", phones.one),
    path("desk/keys/", keys.keys),
    path("desk/looks/", looks.looks),
    path("desk/looks/patterns/", looks.patterns),
    re_path(r"^desk/looks/by/(?P<pk>\d{1,18})/$", looks.by),
    path("desk/looks/people/", looks.people),
    re_path(r"^desk/looks/people/(?P<pk>\d{1,18})/$", looks.person),
    re_path(r"^desk/incidents/(?P<pk>\d{1,18})/shares/$", shares.shares),
    path("desk/members/", members.applications),
    path("desk/members/invitations/", members.invitations),
    path("desk/members/import/", members.imports),
    re_path(r"^desk/members/import/(?P<pk>\d{1,18})/$", members.one_import),
    path("join/", join.join),
    re_path(r"^join/i/(?P<invited>[\w-]{10,60})/$", join.join),
    re_path(r"^join/(?P<token>[\w-]{20,60})/$", join.status),
    path("desk/privacy/", held.privacy),
    re_path(r"^desk/privacy/copies/(?P<pk>\d{1,18})/$", held.copy),
    path("", include("tocsin.signin.urls")),
    path("app/", app.shell),
    path("app/worker.js", app.worker),
    path("app/manifest.webmanifest", app.manifest),
    path("app/code", app.code),
    path("app/sign-in", app.sign_in),
    path("app/me", app.me),
    path("app/sign-out", app.sign_out),
    path("app/phones", account.phones),
    path("app/phones/<int:pk>/revoke", account.revoke),
    path("app/number", account.number),
    re_path(r"^app/number/(?P<which>old|new)/confirm$", account.confirm),
    re_path(r"^app/number/(?P<which>old|new)/again$", account.again),
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
    path("app/profile", profile.profile),
    path("app/leave", profile.leave),
    re_path(r"^app/incidents/(?P<pk>\d{1,18})/details$", profile.details),
    path("app/contacts", reach.contacts),
    re_path(r"^app/contacts/(?P<pk>\d{1,18})/(?P<verb>test|remove)$", reach.contact),
    path("app/relatives", reach.relatives),
    re_path(r"^app/relatives/(?P<pk>\d{1,18})/(?P<verb>ask|remove)$", reach.relative),
    re_path(r"^files/(?P<id_>[0-9a-f-]{36})/(?P<name>thumb|view|original)$", variant),
    path("app/looks", looked.looks),
    path("app/sent", sent.sent),
    re_path(r"^app/sent/(?P<pk>\d{1,18})/(?P<verb>coming|cannot|on_scene|done)$", sent.answer),
    path("app/privacy", data.privacy),
    path("app/privacy/code", data.code),
    path("app/privacy/erasure", data.erase),
    path("app/privacy/erasure/take-back", data.keep_me),
    path("app/privacy/copy", data.copy),
    path("app/privacy/copy/link", data.link),
    re_path(r"^app/privacy/consents/(?P<purpose>[a-z]{1,20})$", data.say),
    re_path(r"^copy/(?P<token>[A-Za-z0-9_-]{20,64})$", data.fetch),
    path("a/<str:token>", messages.answer),
    path("s/<str:token>", shares.shared),
    path("callbacks/<slug:channel>/report/<str:key>", callbacks.report),
    path("callbacks/<slug:channel>/<str:token>", callbacks.callback),
    path("api/v1/", api.urls),
    path("admin/", admin.site.urls),
]
if settings.DEMO:
    from tocsin.demo.page import page

    urlpatterns.append(path("demo/inbox/", page))
