"""Secrets: made here, kept as digests."""

import hashlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path


def new_token() -> str:
    """A bearer token of 256 random bits, URL-safe."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """What is stored of a token. One hash is enough: a token of 256 random bits cannot be guessed from it."""
    return hashlib.sha256(token.encode()).digest()


def secret_in(path: Path, make: Callable[[], str] = lambda: secrets.token_urlsafe(48)) -> str:
    """The secret kept in a file that only we may read; made at the first call, even when two processes ask at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(make())
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()
