"""Files at rest: sealed in pieces of 64 KiB, so that any part can be read without reading the whole.

STREAM (Hoang, Reyhanitabar, Rogaway, Vizár: Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance,
2015): AES-256-GCM per piece, nonce = 7 random bytes of the file, the piece's number (4 bytes), 1 for the last piece.
So pieces cannot be swapped, left out, added or taken from another file: reading raises Tampered.

    4 bytes  "TSV1"
    7 bytes  of each nonce
    pieces   64 KiB + 16 bytes of tag each; the last one may be shorter

Each attachment has a key of its own; it lies in its row, sealed with the seal key (`lib/sealed.py`). So a new seal key
touches no file, and a file whose row's key was erased is noise, in old backups too. The name is under the seal: a file
moved to another's place does not open. What is gathered of an upload is under the same key (AES-256-CTR, so that it can
be continued at any byte), without proof against change: that comes with the whole.
"""

import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from django.conf import settings

from tocsin.files.rules import VARIANTS

MAGIC = b"TSV1"
HEADER = len(MAGIC) + 7
PIECE = 64 * 2**10
TAG = 16


class Tampered(Exception):
    """The sealed file was altered, cut or moved, or the key is not its own."""


class Busy(Exception):
    """Somebody else is at this part: another process, or the same phone over another line."""


def new_key() -> str:
    """32 random bytes in hex."""
    return secrets.token_hex(32)


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([last])


def seal(content: memoryview, target: Path, key: str) -> None:
    """Seal the content. The file is on the disk, whole, when this returns; killed before that, there is none."""
    prefix = secrets.token_bytes(7)
    cipher, about = AESGCM(bytes.fromhex(key)), MAGIC + prefix + target.name.encode()
    last = max(0, (len(content) - 1) // PIECE)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = target.with_name(f"{target.name}.new")  # whoever makes it holds the lock of its part
    try:
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(MAGIC + prefix)
            for number in range(last + 1):
                piece = content[number * PIECE : (number + 1) * PIECE]
                file.write(cipher.encrypt(_nonce(prefix, number, number == last), piece, about))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)
    sync_folder(target.parent)


class Sealed:
    """A sealed file, open for reading. Raises FileNotFoundError, Tampered."""

    def __init__(self, path: Path, key: str) -> None:
        self.path = path
        with open(path, "rb") as file:
            header = file.read(HEADER)
            body = os.fstat(file.fileno()).st_size - HEADER
        if not header.startswith(MAGIC) or body < TAG:
            raise Tampered(f"{path.name} is not a sealed file")
        self.prefix, self.about = header[len(MAGIC) :], header + path.name.encode()
        self.cipher = AESGCM(bytes.fromhex(key))
        self.pieces = -(-body // (PIECE + TAG))
        self.size = body - self.pieces * TAG  # bytes of the content

    def read(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` up to `end` (not included), in pieces."""
        end = self.size if end is None else min(end, self.size)
        with open(self.path, "rb") as file:
            for number in range(start // PIECE, -(-end // PIECE) if end > start else 0):
                file.seek(HEADER + number * (PIECE + TAG))
                piece = self._opened(file.read(PIECE + TAG), number)
                yield piece[max(0, start - number * PIECE) : end - number * PIECE]

    def _opened(self, piece: bytes, number: int) -> bytes:
        try:
            return self.cipher.decrypt(_nonce(self.prefix, number, number == self.pieces - 1), piece, self.about)
        except InvalidTag:
            raise Tampered(f"{self.path.name} was altered") from None

    def digest(self) -> str:
        """SHA-256 of the content, in hex."""
        held = hashlib.sha256()
        for piece in self.read():
            held.update(piece)
        return held.hexdigest()


class Part:
    """What is gathered of an upload; open for one at a time."""

    def __init__(self, file: BinaryIO, key: str) -> None:
        self.file, self.key = file, hashlib.sha256(b"tocsin part " + bytes.fromhex(key)).digest()
        self.size = file.seek(0, os.SEEK_END)

    def add(self, content: bytes) -> None:
        """More bytes behind those that are here; on the disk when this returns."""
        self.file.seek(self.size)
        self.file.write(self._crypted(self.size, content))
        self.file.flush()
        os.fsync(self.file.fileno())
        self.size += len(content)

    def content(self) -> bytes:
        self.file.seek(0)
        return self._crypted(0, self.file.read())

    def empty(self) -> None:
        self.file.truncate(0)
        self.size = 0

    def _crypted(self, offset: int, content: bytes) -> bytes:
        stream = Cipher(AES(self.key), CTR((offset // 16).to_bytes(16, "big"))).encryptor()
        stream.update(bytes(offset % 16))
        return stream.update(content)


@contextmanager
def gathering(id_: UUID, key: str) -> Iterator[Part]:
    """The part of an upload, ours alone, on whatever process. Raises Busy."""
    path = part(id_)
    fresh = not path.exists()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy from None
        if fresh:
            sync_folder(path.parent)
        yield Part(file, key)


def gathered(id_: UUID) -> int:
    """How many bytes of an upload are here."""
    with suppress(FileNotFoundError):
        return part(id_).stat().st_size
    return 0


def folder() -> Path:
    """$TOCSIN_FILES, or `files` in the data folder."""
    return Path(settings.FILES)


def place(id_: UUID, variant: str) -> Path:
    """Where a sealed copy of an attachment lies. `id_` is a UUID: nothing that a caller wrote is in a path."""
    name = str(id_)
    return folder() / "sealed" / name[:2] / f"{name}.{variant}"


def part(id_: UUID) -> Path:
    """Where an upload is gathered."""
    return folder() / "parts" / f"{id_}.part"


def remove(id_: UUID) -> None:
    """Every copy of an attachment, and what is left of its upload."""
    for path in (part(id_), *(place(id_, variant) for variant in VARIANTS)):
        with suppress(FileNotFoundError):
            path.unlink()
            sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """So that a new or removed name survives a power cut."""
    line = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(line)
    finally:
        os.close(line)
