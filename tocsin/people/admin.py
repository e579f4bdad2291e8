"""People, roles and keys for the administrator. Passwords are set by `tocsin admin` or on the person's page."""

from django.contrib import admin
from django.http import HttpRequest

from tocsin.people.models import Person, Role, StaffKey

admin.site.site_header = admin.site.site_title = "守望 Tocsin"
admin.site.index_title = "管理 Administration"


class RoleInline(admin.TabularInline[Role, Person]):
    """To look at. Roles are given and taken at /desk/roles/, the grave ones by two people, all in the book."""

    model = Role
    extra = 0
    can_delete = False
    readonly_fields = ("center", "name", "since", "until")

    def has_add_permission(self, request: HttpRequest, obj: Person | None = None) -> bool:
        return False


@admin.register(Person)
class PersonAdmin(admin.ModelAdmin[Person]):
    list_display = ("name", "login", "phone", "center", "language", "is_active")
    list_filter = ("center", "is_active", "roles__name")
    search_fields = ("name", "login", "phone")
    fields = ("name", "login", "phone", "language", "center", "is_active", "is_superuser")
    inlines = (RoleInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: Person | None = None) -> tuple[str, ...]:
        """`is_superuser`: made by `tocsin admin`, at the machine itself. A number signs in: it is changed by its owner,
        or by two at the desk."""
        return ("is_superuser", "phone") if obj is not None and obj.phone else ("is_superuser",)

    def has_delete_permission(self, request: HttpRequest, obj: Person | None = None) -> bool:
        return False  # a person leaves by `is_active`; the book still needs a name


@admin.register(StaffKey)
class StaffKeyAdmin(admin.ModelAdmin[StaffKey]):
    """Keys are made at /desk/keys/ or by `tocsin key LOGIN`, which show them once; here they are revoked."""

    list_display = ("person", "name", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at")
    fields = ("person", "name", "scopes", "expires_at", "revoked_at", "last_used_at")
    readonly_fields = ("person", "name", "scopes", "last_used_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: StaffKey | None = None) -> bool:
        return False
