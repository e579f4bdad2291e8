"""What a push carries: one JSON object that the service worker shows, small enough for every push service."""

from typing import Any

import msgspec

from tocsin.notifications.channel import Outgoing

#: A push service takes 4,096 bytes of body (RFC 8030 section 7.2); the header has 86, the record's end 17 (RFC 8188).
MOST = 4096 - 86 - 17
SHORT = 1000  # where a push service takes less than it must


def payload(out: Outgoing, most: int = MOST) -> bytes:
    """The message in at most `most` bytes: what is too long loses the end of its body, then of its title."""
    said: dict[str, Any] = {
        "title": out.text.title,
        "body": out.text.body,
        "link": out.text.link,
        "key": out.key,
        "urgent": out.urgent,
        "repeats": out.repeats,
        "drill": out.drill,
        "topic": out.topic,
        "language": out.language,
    }
    for field in ("body", "title"):
        written = msgspec.json.encode(said)
        if len(written) <= most:
            return written
        said[field] = _cut(said[field], len(written) - most)
    return msgspec.json.encode(said)


def _cut(text: str, surplus: int) -> str:
    """The text without so many bytes at its end, and a sign that something is missing."""
    keep = len(text.encode()) - surplus - len("…".encode())
    return text.encode()[: max(keep, 0)].decode(errors="ignore") + "…" if keep > 0 else ""
