"""`PUT /files/<uuid>`: a photo, video or sound of one's own alarm, in pieces, on whatever line there is.

    PUT /files/<uuid>                  Authorization: Bearer <device token>
    Upload-Length: 2400000             of the whole file, in bytes; at most 25 MiB
    Upload-Offset: 131072              where these bytes begin
    Upload-Presses: <uuid>,<uuid>      signals of this person, any of which names the incident
    Upload-Digest: <64 hex digits>     SHA-256 of the whole; may be left out

    200 {"file", "offset", "size", "state"}   so much is on the disk; state: receiving | attached
    409 {"offset"}                            go on from there
    409, 413, 422 {"reason"}                  it will not be taken
    429, 503 with Retry-After                 the same again, later

Whoever was cut off goes on from what the server says; the same bytes again change nothing (docs/decisions/0018). Files
have threads of their own, two for gathering and one for sealing: a press waits for none of them.
"""

import asyncio
import logging
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import DatabaseError, InterfaceError, OperationalError, close_old_connections

from tocsin.edge.asgi import Receive, Scope, Send, reply, trouble
from tocsin.edge.body import answer
from tocsin.edge.signals import AWAY, Door
from tocsin.files import actions, rules, vault
from tocsin.files.models import Attachment, State
from tocsin.intake.registry import Device
from tocsin.lib import wall
from tocsin.lib.buckets import Buckets
from tocsin.lib.refused import Refused
from tocsin.lib.sealed import Unopened
from tocsin.lib.words import Language, in_language

log = logging.getLogger(__name__)
T = TypeVar("T")
PREFIX = "/files/"
MOST_OPEN = 48  # requests whose bodies are read at one time, 256 KiB each at most
PATIENCE = 60.0  # seconds for one request's body
HEX = re.compile(r"[0-9a-f]{64}")


class Uploads:
    def __init__(self, door: Door) -> None:
        self.door = door
        self.chunks, self.files = Buckets(400, 25), Buckets(60, 1 / 20)  # by person
        self.gathering = ThreadPoolExecutor(2, thread_name_prefix="gather")
        self.sealing = ThreadPoolExecutor(1, thread_name_prefix="seal")
        self.finishing: dict[UUID, asyncio.Task[Attachment]] = {}
        self.open = 0

    def takes(self, path: str, method: str) -> bool:
        """`/files/<uuid>` is answered here; its copies, below it, by Django."""
        return method in ("PUT", "GET") and path.startswith(PREFIX) and "/" not in path[len(PREFIX) :]

    async def take(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        device, language = self.door.who(headers)
        if device is None:
            return await self.door.stranger(scope, send, language)
        id_ = _uuid(scope["path"][len(PREFIX) :])
        if id_ is None or device.person is None:
            return await trouble(send, 404, language)
        if not self.chunks.take(device.person):
            return await trouble(send, 429, language, retry=2)
        try:
            if scope["method"] == "GET":
                return await self._state(send, id_, device, language)
            await self._put(headers, receive, send, id_, device, language)
        except (OperationalError, InterfaceError):
            await trouble(send, 503, language, in_language(AWAY, language), retry=2)
        except DatabaseError:
            log.exception("an upload could not be written down")
            await trouble(send, 503, language, retry=10)

    async def _state(self, send: Send, id_: UUID, device: Device, language: Language) -> None:
        def look() -> Attachment | None:
            return Attachment.objects.filter(pk=id_, person=device.person).first()

        found = await self._in(self.gathering, device, look)
        if found is None:
            return await trouble(send, 404, language)
        await reply(send, 200, _said(found))

    async def _put(
        self, headers: dict[bytes, bytes], receive: Receive, send: Send, id_: UUID, device: Device, language: Language
    ) -> None:
        size, offset = _number(headers, b"upload-length"), _number(headers, b"upload-offset")
        length = _number(headers, b"content-length")
        presses = [p for p in map(_uuid, _text(headers, b"upload-presses").split(",")[:20]) if p]
        digest = _text(headers, b"upload-digest")
        for field, wrong in (
            ("Upload-Length", size is None or size < 1), ("Upload-Offset", offset is None or offset > (size or 0)),
            ("Upload-Digest", bool(digest) and not HEX.fullmatch(digest)),
        ):  # fmt: skip
            if wrong:
                return await trouble(send, 422, language, errors=[{"field": field, "why": field}])
        assert size is not None
        assert offset is not None
        if (length or 0) > rules.LARGEST_CHUNK:
            return await trouble(send, 413, language)
        if self.open >= MOST_OPEN:
            return await trouble(send, 503, language, retry=3)
        self.open += 1
        try:
            chunk, whole = await _read(receive)
        finally:
            self.open -= 1
        if chunk is None or offset + len(chunk) > size:
            return await trouble(send, 413, language)
        person, wanted = device.person or 0, actions.Wanted(id_, size, presses, digest)

        def gather() -> tuple[Attachment, int]:
            attachment = actions.begin(wanted, person, datetime.now(UTC), lambda: self.files.take(person))
            if attachment.state != State.RECEIVING:
                return attachment, attachment.size
            return attachment, actions.gather(attachment, offset, chunk)

        try:
            attachment, here = await self._in(self.gathering, device, gather)
            if here == size and whole:
                attachment = await self._finished(attachment, device)
            await reply(send, 200, _said(attachment, here))
        except Refused as refused:
            status = 422 if refused.reason == "file_kind" else 413 if refused.reason == "file_large" else 409
            await trouble(send, status, language, refused.said(language), reason=refused.reason)
        except actions.Elsewhere as elsewhere:
            await trouble(send, 409, language, offset=elsewhere.offset)
        except actions.Conflict:
            await trouble(send, 409, language, reason="conflict")
        except (actions.NoRoom, actions.TooMany):
            await trouble(send, 503, language, retry=60)
        except vault.Busy:
            await trouble(send, 503, language, retry=2)
        except (Unopened, OSError) as error:  # the seal key is not here, or the disk fails: the phone keeps it
            log.error("an upload cannot be stored: %s", error)
            await trouble(send, 503, language, retry=60)

    async def _finished(self, attachment: Attachment, device: Device) -> Attachment:
        """Seal it, once however many ask, and also when whoever asked has hung up."""

        def finish() -> Attachment:
            return actions.finish(attachment, datetime.now(UTC))

        task = self.finishing.get(attachment.pk)
        if task is None:
            task = asyncio.create_task(self._in(self.sealing, device, finish))
            self.finishing[attachment.pk] = task
            task.add_done_callback(lambda done: self._done(attachment.pk, done))
        return await asyncio.shield(task)

    def _done(self, id_: UUID, task: "asyncio.Task[Attachment]") -> None:
        self.finishing.pop(id_, None)
        if not task.cancelled() and isinstance(task.exception(), Refused):
            log.info("attachment %s was refused", id_)

    async def _in(self, threads: ThreadPoolExecutor, device: Device, function: Callable[[], T]) -> T:
        """In a thread of ours, before the wall as this person, who sees what is their own."""

        def run() -> T:
            close_old_connections()
            wall.stand(device.person or 0, ())
            try:
                return function()
            finally:
                wall.clear()

        return await asyncio.get_running_loop().run_in_executor(threads, run)


def _said(a: Attachment, here: int | None = None) -> bytes:
    offset = a.size if a.state != State.RECEIVING else vault.gathered(a.pk) if here is None else here
    return answer(file=a.pk, offset=offset, size=a.size, state=a.state)


async def _read(receive: Receive) -> tuple[Any, bool]:
    """What came, and whether it came whole; None if it is more than we take. What a broken line brought is kept."""
    pieces: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return b"".join(pieces), False
                size += len(message.get("body", b""))
                if size > rules.LARGEST_CHUNK:
                    return None, False
                pieces.append(message.get("body", b""))
                if not message.get("more_body"):
                    return b"".join(pieces), True
    except TimeoutError:
        return b"".join(pieces), False


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None


def _text(headers: dict[bytes, bytes], name: bytes) -> str:
    return headers.get(name, b"").decode("latin-1").strip()


def _number(headers: dict[bytes, bytes], name: bytes) -> int | None:
    text = _text(headers, name)
    return int(text) if re.fullmatch(r"[0-9]{1,15}", text) else None
