from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html

from tocsin.devices.models import Device, Keyholder, Site, Zone


class ZoneInline(admin.TabularInline[Zone, Site]):
    model = Zone
    extra = 0


class KeyholderInline(admin.TabularInline[Keyholder, Site]):
    model = Keyholder
    extra = 0
    fields = ("order", "name", "phone")


@admin.register(Site)
class SiteAdmin(admin.ModelAdmin[Site]):
    """A shop or home: where it is, its zones by the panel's numbers, and who has keys."""

    list_display = ("name", "center", "address", "person")
    list_filter = ("center",)
    search_fields = ("name", "address", "person__name")
    autocomplete_fields = ("center", "person")
    inlines = (ZoneInline, KeyholderInline)


@admin.register(Device)
class DeviceAdmin(admin.ModelAdmin[Device]):
    list_display = ("protocol", "identifier", "name", "person", "site", "center", "revoked_at", "last_frames")
    list_filter = ("protocol", "center")
    search_fields = ("identifier", "name", "person__name", "person__phone", "site__name")
    autocomplete_fields = ("person", "site", "center")
    fields = ("protocol", "identifier", "name", "person", "site", "center", "settings", "heartbeat_every", "revoked_at")

    @admin.display(description="最近报文 Last frames")
    def last_frames(self, device: Device) -> str:
        return format_html('<a href="/admin/gates/trace/device/{}/">最近报文 Last frames</a>', device.pk)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {key: value for key, value in request.GET.items() if key in ("protocol", "identifier")}

    def has_delete_permission(self, request: HttpRequest, obj: Device | None = None) -> bool:
        return False  # revoke it: its signals stay in the book
