"""Everything that is kept of a person, for that person: JSON and readable HTML in one zip 导出资料.

Asked for, made by the clock's thread, kept sealed for 24 hours, fetched once by a link that lives ten minutes. The link
is given for a fresh code (in the app) or a fresh sign-in (a director, for a request on paper).
"""

import base64
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import IO, Any

import msgspec
from django.db import IntegrityError, transaction
from django.db.models import F, Q

from tocsin.lib import sealed, wall
from tocsin.lib.refused import Refused
from tocsin.lib.secrets import digest, new_token
from tocsin.lib.words import Language
from tocsin.people.models import Person
from tocsin.privacy import readable
from tocsin.privacy.erasers import Section, sections
from tocsin.privacy.erasure import write
from tocsin.privacy.facts import ExportAsked, ExportFetched
from tocsin.privacy.models import Export, ExportState, Piece

KEPT = timedelta(hours=24)
LINK = timedelta(minutes=10)
LEASE = timedelta(minutes=5)
PIECE = 512 * 1024  # bytes
TRIES = 3
PENDING = (ExportState.ASKED, ExportState.MAKING)


def latest(person: Person, by: Person) -> Export | None:
    """The newest that `by` asked for."""
    return Export.objects.filter(person=person, by=by).order_by("-pk").first()


def ask(person: Person, by: Person, language: Language, at: datetime) -> Export:
    """One at a time; another after it was fetched or is over."""
    with transaction.atomic():
        before = latest(person, by)
        if before is not None and before.state in PENDING:
            raise Refused("export_in_making")
        if before is not None and before.state == ExportState.READY and before.expires_at and before.expires_at > at:
            raise Refused("export_ready")
        if Export.objects.filter(person=person, by=by, asked_at__gt=at - KEPT).count() >= 3:
            raise Refused("too_soon")
        try:
            with transaction.atomic():
                made = Export.objects.create(person=person, by=by, language=language, asked_at=at)
        except IntegrityError:
            raise Refused("export_in_making") from None
        write(person, ExportAsked(person=person.pk), by, at)
    return made


def make_next(now: datetime) -> bool:
    """The clock's: make one that waits, or that a killed clock left; False: there is none."""
    waiting = Q(state=ExportState.ASKED) | Q(state=ExportState.MAKING, leased_until__lt=now)
    with transaction.atomic():
        found = Export.objects.select_for_update(skip_locked=True).filter(waiting).order_by("asked_at").first()
        if found is None:
            return False
        found.tried += 1
        found.state = ExportState.MAKING if found.tried <= TRIES else ExportState.GONE
        found.leased_until, found.done = now + LEASE, 0
        found.save(update_fields=["tried", "state", "leased_until", "done"])
    if found.state == ExportState.MAKING:
        with tempfile.TemporaryFile() as file:
            zipped(found, file)
            _store(found, file, now)
    return True


def zipped(export: Export, file: IO[bytes]) -> None:
    """Write the zip; `done` goes up with each part."""
    language: Language = "zh-hans" if export.language == "zh-hans" else "en"
    parts = list(sections(export.person_id, language))
    Export.objects.filter(pk=export.pk).update(of=len(parts) + 1)
    made: list[Section] = []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as box:
        for number, (_, give) in enumerate(parts, 1):
            for section in give():
                made.append(section)
                for each in section.files:
                    with box.open(f"files/{each.name}", "w", force_zip64=True) as entry:
                        for portion in each.read():
                            entry.write(portion)
            Export.objects.filter(pk=export.pk).update(done=number)
        person = Person.objects.get(pk=export.person_id)
        data: dict[str, Any] = {
            "format": "tocsin personal data 1",
            "of": person.pk,
            "asked_at": export.asked_at,
            **{s.name: [*s.rows, *({"file": f"files/{f.name}"} for f in s.files)] for s in made},
        }
        box.writestr("data.json", msgspec.json.format(msgspec.json.encode(data), indent=1))
        box.writestr("index.html", readable.page(person.name, export.asked_at, made, language))


def _store(export: Export, file: IO[bytes], now: datetime) -> None:
    """Sealed, in pieces: whoever reads the database reads nothing of it."""
    file.seek(0)
    with transaction.atomic():
        Piece.objects.filter(export=export).delete()
        size = number = 0
        while portion := file.read(PIECE):
            text = base64.b64encode(portion).decode()
            hidden = sealed.seal(text, "privacy_piece", f"{export.pk}:{number}", "sealed")
            Piece.objects.create(export=export, number=number, sealed=hidden)
            size, number = size + len(portion), number + 1
        Export.objects.filter(pk=export.pk).update(
            state=ExportState.READY, done=F("of"), size=size, made_at=now, expires_at=now + KEPT, leased_until=None
        )


def link(export: Export, at: datetime) -> str:
    """A token, shown once, that opens the zip once within ten minutes. An earlier one dies."""
    token = new_token()
    ready = Export.objects.filter(pk=export.pk, state=ExportState.READY, expires_at__gt=at)
    if not ready.update(link=digest(token), link_until=at + LINK):
        raise Refused("export_gone")
    return token


@wall.lifting  # whoever has the token, has it from the person's own phone or from their director
def fetch(token: str, at: datetime) -> Export | None:
    """The export behind a link, taken now; None: there is none, or it was taken. The book says who took it."""
    with transaction.atomic():
        found = (
            Export.objects.select_for_update(of=("self",))
            .select_related("person", "by")
            .filter(link=digest(token), state=ExportState.READY, link_until__gt=at, expires_at__gt=at)
            .first()
        )
        if found is None:
            return None
        found.state, found.fetched_at, found.link = ExportState.FETCHED, at, None
        found.save(update_fields=["state", "fetched_at", "link"])
        write(found.person, ExportFetched(person=found.person_id), found.by, at)
    return found


@wall.lifting
def piece(export: Export, number: int) -> bytes:
    """One piece of the zip; b"" behind the last."""
    row = Piece.objects.filter(export=export, number=number).first()
    if row is None:
        return b""
    return base64.b64decode(sealed.opened(bytes(row.sealed), "privacy_piece", f"{export.pk}:{number}", "sealed"))


def pieces(export: Export) -> Iterator[bytes]:
    """The zip; each piece is read by itself, so that a response may stream it when nobody stands any more."""
    number = 0
    while portion := piece(export, number):
        yield portion
        number += 1
