"""Unknown devices that knock: the administrator registers them with one click, or lets them knock."""

from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html

from tocsin.gates.models import Knock


@admin.register(Knock)
class KnockAdmin(admin.ModelAdmin[Knock]):
    list_display = ("protocol", "identifier", "address", "count", "first_at", "last_at", "register")
    list_filter = ("protocol",)
    search_fields = ("identifier", "address")
    readonly_fields = ("protocol", "identifier", "address", "raw", "count", "first_at", "last_at")

    @admin.display(description="登记 Register")
    def register(self, knock: Knock) -> str:
        query = urlencode({"protocol": knock.protocol, "identifier": knock.identifier})
        return format_html('<a href="/admin/devices/device/add/?{}">登记 Register</a>', query)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Knock | None = None) -> bool:
        return False
