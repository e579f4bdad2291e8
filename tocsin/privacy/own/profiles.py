"""What members told about themselves: sealed, and gone with its row."""

from collections.abc import Iterable
from datetime import datetime

from tocsin.privacy.erasers import Section, label, offer
from tocsin.privacy.own.dump import dump
from tocsin.profiles.models import Medical, Profile


def erase(person: int, at: datetime) -> int:
    return Profile.objects.filter(person=person).delete()[0] + Medical.objects.filter(person=person).delete()[0]


def export(person: int, language: str) -> Iterable[Section]:
    fields = ("places", "vehicles", "family", "languages", "wishes", "changed_at")
    mine = dump(Profile.objects.filter(person=person), *fields)
    yield Section("profile", ("我的资料：住址、车辆、家人", "My profile: places, vehicles, family"), mine)
    health = dump(Medical.objects.filter(person=person), "notes", "changed_at")
    yield Section("medical", ("我的病史备注", "My medical notes"), health)


offer("profiles", columns=("profiles.Profile.person", "profiles.Medical.person"), erase=erase, export=export)
label(
    places=("地点", "Places"), vehicles=("车辆", "Vehicles"), family=("家人", "Family"),
    languages=("语言", "Languages"), wishes=("希望", "Wishes"), changed_at=("修改", "Changed"), notes=("备注", "Notes"),
)  # fmt: skip
