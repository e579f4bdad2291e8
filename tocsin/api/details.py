"""What helps at an incident and hurts elsewhere: fetched on demand, and each look is written down."""

from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router, Schema

from tocsin.api.asking import Asking
from tocsin.profiles import say

router = Router()


class PlaceOut(Schema):
    kind: str = "home"
    address: str = ""
    way_in: str = ""


class VehicleOut(Schema):
    plate: str = ""
    what: str = ""


class KinOut(Schema):
    name: str = ""
    who: str = ""
    phone: str = ""


class RelativeOut(Schema):
    name: str
    phone: str
    email: str


class DetailsOut(Schema):
    """`parts`: what you may see; `medical` and `contacts` only for whoever claimed it or was sent."""

    parts: list[str]
    places: list[PlaceOut]
    vehicles: list[VehicleOut]
    family: list[KinOut]
    languages: list[str]
    wishes: str
    medical: str | None = None
    contacts: list[RelativeOut] | None = None
    unopened: bool


@router.get("/incidents/{int:pk}/details", response=DetailsOut)
def details(request: HttpRequest, pk: int) -> dict[str, Any]:
    """What the member told for this moment. That you looked is written down, and the member can read it."""
    asking = Asking(request)
    found = say.of_incident(pk, asking.person, asking.network, asking.now)
    if found is None:
        raise Http404
    return found
