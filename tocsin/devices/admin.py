from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from tocsin.devices.models import Device


@admin.register(Device)
class DeviceAdmin(admin.ModelAdmin[Device]):
    list_display = ("protocol", "identifier", "name", "person", "center", "revoked_at")
    list_filter = ("protocol", "center")
    search_fields = ("identifier", "name", "person__name", "person__phone")
    autocomplete_fields = ("person", "center")
    fields = ("protocol", "identifier", "name", "person", "center", "settings", "revoked_at")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {key: value for key, value in request.GET.items() if key in ("protocol", "identifier")}

    def has_delete_permission(self, request: HttpRequest, obj: Device | None = None) -> bool:
        return False  # revoke it: its signals stay in the book
