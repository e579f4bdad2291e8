"""Attachments: the files lie outside the database, so they go first (`tocsin/files/actions.py`)."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from tocsin.files import vault
from tocsin.files.actions import erase as remove_all
from tocsin.files.actions import remove
from tocsin.files.models import Attachment, State
from tocsin.people.models import Person
from tocsin.privacy import keeping
from tocsin.privacy.erasers import File, Section, label, offer
from tocsin.privacy.own.dump import dump, hidden


def erase(person: int, at: datetime) -> int:
    return remove_all(Person.objects.get(pk=person), at)


def export(person: int, language: str) -> Iterable[Section]:
    mine = Attachment.objects.filter(person=person).exclude(incident__in=hidden(person)).order_by("begun_at")
    fields = ("id", "incident_id", "type", "size", "digest", "state", "begun_at", "attached_at", "removed_at")
    files = tuple(_file(a) for a in mine if a.state == State.ATTACHED and a.key)
    yield Section("attachments", ("我的照片、声音、视频", "My photos, sound and video"), dump(mine, *fields), files)


def _file(attachment: Attachment) -> File:
    ending = attachment.type.rpartition("/")[2] or "bin"
    sealed = vault.place(attachment.pk, "original")
    key = str(attachment.key)
    return File(f"{attachment.pk}.{ending}", lambda: vault.Sealed(sealed, key).read())


def sweep(before: datetime, limit: int, now: datetime) -> int:
    """Files of incidents that were closed (or merged into one that was) before then, and are not held."""
    over = Q(incident__merged_into=None, incident__state="closed", incident__closed_at__lt=before) | Q(
        incident__merged_into__state="closed", incident__merged_into__closed_at__lt=before
    )
    due = Attachment.objects.filter(over).exclude(state=State.REMOVED).exclude(incident__in=keeping.held(now))
    return remove(list(due.order_by("begun_at")[: min(limit, 20)]), "retention", now)


offer("files", columns=("files.Attachment.person",), erase=erase, export=export)
label(
    size=("大小（字节）", "Size (bytes)"), digest=("摘要 (SHA-256)", "Digest (SHA-256)"), begun_at=("开始", "Begun"),
    attached_at=("收到", "Attached"),
)  # fmt: skip
keeping.add(
    keeping.Kind(
        "attachments", 365,
        ("警情的照片、声音、视频", "Photos, sound and video of an incident"),
        ("结案后", "after the incident was closed"), ("报案和保险的证据", "evidence for the police and insurance"),
        sweep,
    )
)  # fmt: skip
