"""`PUT /signals/<uuid>`: the press. Plain ASGI, because this is the way that somebody's life may hang on."""

import hashlib
import time
from typing import Any
from uuid import UUID

from tocsin.edge import body
from tocsin.edge.asgi import Receive, Scope, Send, reply, trouble
from tocsin.gates.protocol import Unavailable
from tocsin.intake.registry import Device, Registry
from tocsin.intake.store import Stored
from tocsin.intake.writer import Writer
from tocsin.lib.buckets import Buckets
from tocsin.lib.durations import Durations
from tocsin.lib.secrets import digest
from tocsin.lib.words import Language, language_of

LARGEST = 16 * 1024  # bytes


class Door:
    """Who may press is known from memory; what is pressed is answered when it is on the disk."""

    def __init__(self, registry: Registry, writer: Writer) -> None:
        self.registry, self.writer = registry, writer
        # An alarm never waits behind positions, not even at the limit: each has its own bucket, per device.
        self.alarms, self.others, self.strangers = Buckets(600, 20), Buckets(300, 10), Buckets(60, 1)
        self.took = Durations()  # from an alarm to the disk

    async def put(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        device, language = self.who(headers)
        if device is None:
            return await self.stranger(scope, send, language)
        raw = await _read(receive)
        if raw is None:
            return await trouble(send, 413, language, _say(language, "最多 16 kB", "At most 16 kB"))
        try:
            id_ = UUID(scope["path"].rpartition("/")[2])
            signal, canonical = body.read(raw)
        except ValueError:
            return await trouble(send, 422, language, errors=[{"field": "uuid", "why": _say(language, *NO_UUID)}])
        except body.Invalid as bad:
            why = bad.why(language)
            return await trouble(send, 422, language, why, errors=[{"field": bad.field, "why": why}])
        urgent = signal.kind in ("alarm", "cancel")
        if not (self.alarms if urgent else self.others).take(device.id):
            return await trouble(send, 429, language, retry=1)
        begun = time.perf_counter()
        content = hashlib.blake2b(canonical, digest_size=16, key=device.id.to_bytes(8, "big")).digest()
        try:
            stored = await self.writer.submit(device, signal, id_, content)
        except Unavailable:
            return await trouble(send, 503, language, _say(language, *AWAY), retry=1)
        if urgent:
            self.took.add(time.perf_counter() - begun)
        if stored.conflict:
            return await trouble(send, 409, language, _say(language, *CONFLICT))
        await reply(send, 201 if stored.fresh else 200, self.answer(id_, stored, language))

    def answer(self, id_: UUID, stored: Stored, language: Language, **more: Any) -> bytes:
        place = self.registry.network.places.get(stored.center or 0)
        return body.answer(
            signal=id_,
            incident=stored.incident,
            center=place.name(language) if place else None,
            center_code=place.code if place else None,
            state=stored.state,
            alarm=stored.alarm,
            flags=[flag for flag in stored.flags if flag != "duress"],  # whoever forced them may read what comes back
            **more,
        )

    def who(self, headers: dict[bytes, bytes]) -> tuple[Device | None, Language]:
        scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
        device = self.registry.by_token.get(digest(token.strip())) if scheme.lower() == "bearer" and token else None
        otherwise = device.language if device else "zh-hans"
        return device, language_of(headers.get(b"accept-language", b"").decode("latin-1"), otherwise)

    async def stranger(self, scope: Scope, send: Send, language: Language) -> None:
        """No valid token. Those who guess are slowed down by address; a valid token never comes here."""
        if not self.registry.loaded_at:  # just started, and the database is away: we cannot know who this is
            return await trouble(send, 503, language, _say(language, *AWAY), retry=1)
        if not self.strangers.take((scope.get("client") or ("",))[0]):
            return await trouble(send, 429, language, retry=5)
        await trouble(send, 401, language, _say(language, *NO_TOKEN), challenge=True)


NO_UUID = ("地址须以 UUID 结尾", "The address must end in a UUID")
AWAY = ("暂时无法保存，请稍后重发同一请求", "It could not be stored now: send the same again")
CONFLICT = (
    "同一 UUID 已存有其他内容，请用新的 UUID",
    "This UUID is stored already with other content: use a new UUID",
)
NO_TOKEN = ("设备令牌无效或已吊销，请重新登录", "The device token is not valid or was revoked: sign in again")


def _say(language: Language, zh: str, en: str) -> str:
    return zh if language == "zh-hans" else en


async def _read(receive: Receive) -> bytes | None:
    """The whole body, or None if it is larger than we take."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > LARGEST:
            return None
        chunks.append(chunk)
        if not message.get("more_body"):
            return b"".join(chunks)
