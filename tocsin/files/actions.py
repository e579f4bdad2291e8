"""Attaching: begin, gather, finish; and removing by rule. Actor and time are arguments.

An upload may be killed at any moment. What is gathered stays, its length is the truth of how far it has come; finishing
may be done twice and gives the same; the book says `attached` once.
"""

import hashlib
import logging
import shutil
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import IntegrityError, connection, transaction

from tocsin.book.record import New, record
from tocsin.files import copies, facts, rules, sniff, vault
from tocsin.files.models import Attachment, State
from tocsin.gates.models import StoredSignal
from tocsin.incidents.models import Incident
from tocsin.lib.refused import Refused
from tocsin.people.models import Person

log = logging.getLogger(__name__)


class Conflict(Exception):
    """This UUID stands for something else already."""


class NoRoom(Exception):
    """The disk is too full to take it now."""


class TooMany(Exception):
    """So many files within a short time: later."""


class Elsewhere(Exception):
    """The bytes do not follow what is here: go on from `offset`."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


class Wanted(msgspec.Struct, frozen=True):
    """What a phone wants to attach. `presses`: UUIDs of its signals, any of which names the incident; `digest`: SHA-256
    in hex, or empty if the phone cannot say."""

    id: UUID
    size: int
    presses: Sequence[UUID] = ()
    digest: str = ""


def begin(wanted: Wanted, person: int, at: datetime, allowed: Callable[[], bool] = lambda: True) -> Attachment:
    """The attachment, made if it is not there and `allowed`. Raises Refused, Conflict, NoRoom, TooMany.

    Another person's UUID is a Conflict like any other: nobody learns whose it is.
    """
    found = Attachment.objects.filter(pk=wanted.id).first()
    if found is None:
        incident = _incident(wanted.presses, person)
        if incident is None or rules.late(incident.closed_at, at):
            raise Refused("no_own_alarm")
        if wanted.size > rules.LARGEST:
            raise Refused("file_large", most=rules.LARGEST // 2**20)
        if not has_room(wanted.size):
            raise NoRoom
        if not allowed():
            raise TooMany
        found = _made(wanted, incident, person, at)
    if found is None or found.person_id != person or found.size != wanted.size:
        raise Conflict
    return found


def _incident(presses: Sequence[UUID], person: int) -> Incident | None:
    """The incident of these signals of the person, or their open one."""
    pks = StoredSignal.objects.filter(pk__in=presses, person_id=person).values_list("incident_id", flat=True)
    named = Incident.objects.filter(pk__in=[pk for pk in pks if pk]).order_by("-opened_at").first()
    return named or Incident.objects.open().filter(person=person).first()


def _made(wanted: Wanted, incident: Incident, person: int, at: datetime) -> Attachment | None:
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:  # not the incident's row: a press may want that
                cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", (LOCK, incident.pk % 2**31))
            if Attachment.objects.filter(incident=incident).exclude(state=State.REFUSED).count() >= rules.MOST:
                raise Refused("files_many", most=rules.MOST)
            return Attachment.objects.create(
                id=wanted.id, incident=incident, person_id=person, size=wanted.size, digest=wanted.digest,
                key=vault.new_key(), begun_at=at,
            )  # fmt: skip
    except IntegrityError:  # at the same moment over another line, or somebody else's
        return Attachment.objects.filter(pk=wanted.id).first()


LOCK = 0x66696C65  # "file": a number of our own among PostgreSQL's advisory locks


def has_room(size: int = 0) -> bool:
    """Whether the disk of the files would keep its free tenth with so many bytes more (twice: original and copy)."""
    folder = vault.folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    usage = shutil.disk_usage(folder)
    return usage.free - 2 * size >= rules.FREE * usage.total


def gather(attachment: Attachment, offset: int, chunk: bytes) -> int:
    """Add bytes at `offset`; on the disk when this returns. How many there are now.

    What is here already changes nothing. Raises Elsewhere, vault.Busy, NoRoom.
    """
    with vault.gathering(attachment.pk, attachment.key) as part:
        attachment.refresh_from_db(fields=["state", "key"])
        if attachment.state != State.RECEIVING:
            vault.part(attachment.pk).unlink(missing_ok=True)  # made by opening it
            return attachment.size
        if offset + len(chunk) <= part.size:
            return part.size
        if offset != part.size or part.size + len(chunk) > attachment.size:
            raise Elsewhere(part.size)
        if not has_room(len(chunk)):
            raise NoRoom
        part.add(chunk)
        return part.size


def finish(attachment: Attachment, at: datetime) -> Attachment:
    """All bytes are here: look what it is, seal it, make the copies, write it in the book.

    Raises Refused for what we do not take, Elsewhere(0) when what came is not what was sent, vault.Busy.
    """
    with vault.gathering(attachment.pk, attachment.key) as part:
        attachment.refresh_from_db()
        if attachment.state == State.RECEIVING:
            _finish(attachment, part, at)
        vault.part(attachment.pk).unlink(missing_ok=True)
    if attachment.state == State.REFUSED:
        raise Refused("file_kind")
    return attachment


def _finish(attachment: Attachment, part: vault.Part, at: datetime) -> None:
    if part.size != attachment.size:
        raise Elsewhere(part.size)
    content = part.content()
    digest = hashlib.sha256(content).hexdigest()
    if attachment.digest and attachment.digest != digest:  # after a power cut, or on the way: all of it again
        part.empty()
        attachment.key = vault.new_key()  # never two contents under one key
        attachment.save(update_fields=["key"])
        raise Elsewhere(0)
    type_ = sniff.kind_of(content[:4096])
    if type_ is None or sniff.two_natured(content[: sniff.EDGE], content[-sniff.EDGE :]):
        attachment.state = State.REFUSED
        attachment.save(update_fields=["state"])
        return
    vault.seal(memoryview(content), vault.place(attachment.pk, "original"), attachment.key)
    copied = copies.make(attachment.pk, attachment.key, type_, content)
    with transaction.atomic():
        locked = Attachment.objects.select_for_update().get(pk=attachment.pk)
        if locked.state == State.RECEIVING:
            locked.state, locked.type, locked.digest = State.ATTACHED, type_, digest
            locked.copied, locked.attached_at = copied, at
            locked.save()
            what = facts.Attached(attachment=locked.pk, what=locked.kind, sha256=digest, size=locked.size)
            incident = locked.incident
            with connection.cursor() as cursor:
                record(cursor, [New(incident.centers, what, at, incident.pk, locked.person_id)])
    attachment.refresh_from_db()


def remove(attachments: Iterable[Attachment], rule: str, at: datetime) -> int:
    """Let go of them: nobody sees them any more, and their keys are erased with the caller's transaction. Returns how
    many there were. The rest follows when that is committed (`complete`), at the latest with the clock."""
    gone = [a.pk for a in attachments if a.state not in (State.REMOVING, State.REMOVED)]
    Attachment.objects.filter(pk__in=gone).update(state=State.REMOVING, key=None, rule=rule, removed_at=at)
    transaction.on_commit(lambda: complete(gone, at))
    return len(gone)


def complete(pks: Iterable[UUID], at: datetime) -> None:
    """Delete the files of what is being removed; the books say by which rule. Done again after a kill."""
    for attachment in Attachment.objects.filter(pk__in=list(pks), state=State.REMOVING):
        vault.remove(attachment.pk)
        with transaction.atomic():
            locked = Attachment.objects.select_for_update().get(pk=attachment.pk)
            if locked.state != State.REMOVING:
                continue
            locked.state = State.REMOVED
            locked.save(update_fields=["state"])
            if locked.attached_at:
                fact = facts.AttachmentRemoved(attachment=locked.pk, what=locked.kind, rule=locked.rule)
                with connection.cursor() as cursor:
                    record(cursor, [New(locked.incident.centers, fact, at, locked.incident_id)])


def erase(person: Person, at: datetime) -> int:
    """All that this person ever attached; the books stay whole."""
    return remove(Attachment.objects.filter(person=person), "erasure", at)


def sweep(now: datetime) -> None:
    """Parts whose rest never came; and what was begun to be removed when we were killed."""
    late = now - rules.ABANDONED
    remove(Attachment.objects.filter(state=State.RECEIVING, begun_at__lt=late), "retention", now)
    complete(Attachment.objects.filter(state=State.REMOVING).values_list("pk", flat=True), now)
