"""Free text beside the book: the entry keeps a salted digest, so that erasing the text leaves the chain whole."""

import hashlib

from tocsin.lib import sealed


def digest_of(text: str, salt: bytes) -> str:
    """SHA-256 of salt and text, in hex. The salt is erased with the text, so that short texts cannot be guessed."""
    return hashlib.sha256(salt + text.encode()).hexdigest()


def sealed_text(incident: int, text: str, salt: bytes) -> bytes:
    """The text as `Note` keeps it, for whoever writes the row without Django."""
    return sealed.seal(text, "incidents_note", sealed.row_name(incident, salt), "text")
