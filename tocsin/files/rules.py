"""What may be attached, when, and who sees which copy. Pure."""

from datetime import datetime, timedelta
from typing import Literal

LARGEST = 25 * 2**20  # bytes of one file
MOST = 20  # files of one incident
CHUNK = 128 * 2**10  # bytes that the app sends at a time
LARGEST_CHUNK = 256 * 2**10  # bytes that are taken at a time
FREE = 0.10  # of the disk; with less nothing is taken
LATE = timedelta(hours=24)  # after closing: what was taken during the alarm and held up by a bad line
ABANDONED = timedelta(hours=48)  # after which a part whose rest never came is thrown away

Kind = Literal["photo", "video", "sound"]
#: Every type that is taken, by its content: what it is for people, and the ending of its name.
TYPES: dict[str, tuple[Kind, str]] = {
    "image/jpeg": ("photo", "jpg"),
    "image/png": ("photo", "png"),
    "image/webp": ("photo", "webp"),
    "image/heic": ("photo", "heic"),
    "video/mp4": ("video", "mp4"),
    "video/webm": ("video", "webm"),
    "video/quicktime": ("video", "mov"),
    "audio/mp4": ("sound", "m4a"),
    "audio/mpeg": ("sound", "mp3"),
    "audio/ogg": ("sound", "ogg"),
    "audio/webm": ("sound", "weba"),
    "audio/wav": ("sound", "wav"),
}
#: Of which a copy to look at is drawn anew; HEIC is kept only as it came.
DRAWN = frozenset({"image/jpeg", "image/png", "image/webp"})
#: Whose metadata can be blanked out in place (`strip.py`).
BLANKED = frozenset({"video/mp4", "video/quicktime", "audio/mp4", "video/webm", "audio/webm"})

#: Copies: a small picture, what others see, and what was sent.
VARIANTS = ("thumb", "view", "original")
#: Who sees, of the staff of an incident's centers, the original of something that has a copy without metadata.
ORIGINALS = frozenset({"director"})


def late(closed_at: datetime | None, now: datetime) -> bool:
    """Whether the incident has been over for so long that nothing is attached to it any more."""
    return closed_at is not None and now - closed_at > LATE


def may_see(variant: str, copies: bool, own: bool, director: bool) -> bool:
    """Of somebody who may see the attachment: whether this copy of it. Without a copy the original is all there is."""
    return variant != "original" or own or director or not copies
