"""People, roles and keys for the administrator. Passwords are set by `tocsin admin` or on the person's page."""

from django.contrib import admin
from django.http import HttpRequest

from tocsin.people.models import Person, Role, StaffKey

admin.site.site_header = admin.site.site_title = "守望 Tocsin"
admin.site.index_title = "管理 Administration"


class RoleInline(admin.TabularInline[Role, Person]):
    model = Role
    extra = 0
    autocomplete_fields = ("center",)


@admin.register(Person)
class PersonAdmin(admin.ModelAdmin[Person]):
    list_display = ("name", "login", "phone", "center", "language", "is_active")
    list_filter = ("center", "is_active", "roles__name")
    search_fields = ("name", "login", "phone")
    fields = ("name", "login", "phone", "language", "center", "is_active", "is_superuser")
    inlines = (RoleInline,)

    def has_delete_permission(self, request: HttpRequest, obj: Person | None = None) -> bool:
        return False  # a person leaves by `is_active`; the book still needs a name


@admin.register(StaffKey)
class StaffKeyAdmin(admin.ModelAdmin[StaffKey]):
    """Keys are made by `tocsin key LOGIN`, which shows them once; here they are revoked."""

    list_display = ("person", "name", "created_at", "expires_at", "revoked_at")
    fields = ("person", "name", "expires_at", "revoked_at")
    readonly_fields = ("person", "name")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: StaffKey | None = None) -> bool:
        return False
