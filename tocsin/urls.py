"""The table of contents of the web. (What is answered before Django stands in `edge/app.py`: `/signals`, `/live` …)"""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, path

from tocsin.api.views import api
from tocsin.app import devices as mine
from tocsin.app import views as app
from tocsin.desk import views as desk

urlpatterns: list[URLPattern | URLResolver] = [
    path("", desk.start),
    path("desk/", desk.desk),
    path("desk/devices/", desk.desk),
    path("desk/sign-in/", desk.SignIn.as_view()),
    path("desk/sign-out/", desk.sign_out),
    path("app/", app.shell),
    path("app/worker.js", app.worker),
    path("app/manifest.webmanifest", app.manifest),
    path("app/code", app.code),
    path("app/sign-in", app.sign_in),
    path("app/me", app.me),
    path("app/sign-out", app.sign_out),
    path("app/protocols", mine.protocols),
    path("app/devices", mine.devices),
    path("app/devices/<int:pk>", mine.device),
    path("app/devices/<int:pk>/<slug:verb>", mine.act),
    path("api/v1/", api.urls),
    path("admin/", admin.site.urls),
]
