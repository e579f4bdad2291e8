"""Free text beside the book: the entry keeps a salted digest, so that erasing the text leaves the chain whole."""

import hashlib


def digest_of(text: str, salt: bytes) -> str:
    """SHA-256 of salt and text, in hex. The salt is erased with the text, so that short texts cannot be guessed."""
    return hashlib.sha256(salt + text.encode()).hexdigest()
