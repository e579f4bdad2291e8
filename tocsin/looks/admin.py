"""The administrator's pages look too: each page of a person, of a device or a site of theirs is noted.

The pages themselves are registered by their own stations; here each is given the same look. A list of people is a
glance at everybody in it.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from tocsin.devices.models import Device, Site
from tocsin.looks.write import Looked, note_all
from tocsin.people.models import Person

if TYPE_CHECKING:
    Pages = admin.ModelAdmin[Any]
else:
    Pages = object
KINDS: dict[type[Model], str] = {Person: "profile", Device: "device", Site: "device"}


class Noted(Pages):
    """A mixin: what these pages show of a person is a look at that person."""

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().change_view(request, object_id, *args, **kwargs)
        found = self.get_object(request, object_id) if response.status_code == 200 else None
        if found is not None:
            self._note(request, KINDS[self.model], [found])
        return response

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().changelist_view(request, *args, **kwargs)
        shown = (getattr(response, "context_data", None) or {}).get("cl")
        if shown is not None:
            self._note(request, "list", list(shown.result_list))
        return response

    def _note(self, request: HttpRequest, kind: str, rows: list[Any]) -> None:
        by, now = cast(Person, request.user), datetime.now(UTC)
        looks = []
        for row in rows:
            of = row.pk if isinstance(row, Person) else row.person_id
            what = "" if isinstance(row, Person) or kind == "list" else f"{row._meta.model_name}:{row.pk}"
            if of is not None:
                looks.append(Looked(kind, of, by.pk, what=what, role="administrator"))
        note_all({(each.of_id, each.what): each for each in looks}.values(), now)


for model in KINDS:
    if admin.site.is_registered(model):
        pages = type(admin.site.get_model_admin(model))
        admin.site.unregister(model)
        admin.site.register(model, type(f"Noted{pages.__name__}", (Noted, pages), {"__module__": __name__}))
