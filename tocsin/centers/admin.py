from django.contrib import admin
from django.http import HttpRequest

from tocsin.centers.models import Center


@admin.register(Center)
class CenterAdmin(admin.ModelAdmin[Center]):
    list_display = ("code", "name_zh", "name_en", "parent", "phone")
    search_fields = ("code", "name_zh", "name_en")
    autocomplete_fields = ("parent",)

    def has_delete_permission(self, request: HttpRequest, obj: Center | None = None) -> bool:
        return False  # its book stays
