"""What hurts most is sealed: AES-256-GCM, with keys that the database never sees.

    seal(value, "profiles_profile", "17", "medical")  → bytes for a column
    opened(those bytes, "profiles_profile", "17", "medical") → the value

A value is anything that JSON can say. Sealed it is

    1 byte   1, the version of this layout
    1 byte   length of the key's id, then the id (ASCII)
    12 bytes nonce, random
    the rest the value as JSON, encrypted, with its tag of 16 bytes

Table, row and field are bound to it as associated data: moved to another row or field, or altered in any bit, it does
not open. Keys come from TOCSIN_SEAL_KEYS, or from the file `seal_keys` in the data folder, made at the first use:
"id:base64,id:base64" (or one a line). The first one seals; all of them open. A lost key means lost words.
"""

import base64
import os
import re
import secrets
import time
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tocsin.database import data_folder
from tocsin.lib.secrets import secret_in

VERSION, NONCE = 1, 12
ENVIRONMENT, FILE = "TOCSIN_SEAL_KEYS", "seal_keys"
MOMENT = 0.25  # s between two looks at the file: its date costs more than a seal
_ID = re.compile(r"[A-Za-z0-9_.-]{1,32}")


class Unopened(Exception):
    """It does not open: altered, moved, or its key is not here (`key`: its id). The text never says what was in it."""

    def __init__(self, why: str, key: str = "") -> None:
        super().__init__(why)
        self.key = key


class Malformed(ValueError):
    """The keys themselves are not as they should be. The text says which, and never the key."""


class Keys(NamedTuple):
    """`first` seals. `by_id`: all of them."""

    first: str
    by_id: dict[str, AESGCM]


class _Kept(NamedTuple):
    """`source`: what they were read from. `until`: when the file is looked at again (monotonic seconds)."""

    source: tuple[Any, ...]
    keys: Keys
    until: float = 0.0


_kept: _Kept | None = None


def read(text: str) -> Keys:
    """Keys from their text. Raises Malformed."""
    found: dict[str, AESGCM] = {}
    for part in re.split(r"[,\s]+", text.strip()):
        id_, _, encoded = part.partition(":")
        if not _ID.fullmatch(id_):
            raise Malformed("a seal key is written id:base64, its id of letters, digits, - _ . (32 at most)")
        try:
            key = base64.b64decode(encoded, validate=True)
        except ValueError:
            key = b""
        if len(key) != 32:
            raise Malformed(f"the seal key {id_} is not 32 bytes in base64")
        if id_ in found:
            raise Malformed(f"two seal keys are called {id_}")
        found[id_] = AESGCM(key)
    return Keys(next(iter(found)), found)


def new_key() -> str:
    """A fresh key as it is written: id:base64."""
    return f"{secrets.token_hex(4)}:{base64.b64encode(secrets.token_bytes(32)).decode()}"


def path() -> Path:
    return data_folder() / FILE


def from_environment() -> bool:
    return bool(os.environ.get(ENVIRONMENT))


def keys(anew: bool = False) -> Keys:
    """The keys as they are now, and in a file as they were a moment ago (`anew`: now): a rotation needs no restart."""
    global _kept
    given, folder = os.environ.get(ENVIRONMENT), os.environ.get("TOCSIN_DATA")
    source: tuple[Any, ...]
    if given:
        source = (given,)
    else:
        if _kept is not None and not anew and _kept.source[0] == ("", folder) and time.monotonic() < _kept.until:
            return _kept.keys
        file = path()
        try:
            stat = file.stat()
        except FileNotFoundError:
            if _kept is not None and _kept.source[0] == ("", folder):
                return _kept.keys  # gone while we run: never begin a second set of keys beside the first
            secret_in(file, new_key)
            stat = file.stat()
        source = (("", folder), stat.st_ino, stat.st_mtime_ns, stat.st_size)
    found = _kept.keys if _kept is not None and _kept.source == source else read(given or path().read_text())
    _kept = _Kept(source, found, time.monotonic() + MOMENT)
    return found


def add_key() -> str:
    """A fresh key in front of the others in the file; returns its id. Each process seals its next value with it."""
    keys()  # there is a file
    file = path()
    made = new_key()
    fresh = file.with_name(f"{file.name}.{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_text("\n".join([made, *_lines(file)]) + "\n")
    fresh.replace(file)
    keys(anew=True)
    return made.partition(":")[0]


def drop_key(id_: str) -> bool:
    """Take a key out of the file; False: it was not there. The first one stays."""
    file = path()
    kept = [line for line in _lines(file) if line.partition(":")[0] != id_]
    if id_ == keys(anew=True).first or len(kept) == len(_lines(file)):
        return False
    fresh = file.with_name(f"{file.name}.{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_text("\n".join(kept) + "\n")
    fresh.replace(file)
    keys(anew=True)
    return True


def _lines(file: Path) -> list[str]:
    return [part for part in re.split(r"[,\s]+", file.read_text().strip()) if part]


def _head(id_: str) -> bytes:
    return bytes((VERSION, len(id_))) + id_.encode()


def prefix() -> bytes:
    """How everything begins that is sealed with the present key."""
    return _head(keys().first)


def _bound(table: str, row: str, field: str) -> bytes:
    return msgspec.json.encode((table, row, field))


def row_name(*parts: Any) -> str:
    """What names a row: values of it that never change. Bytes in hex."""
    return ":".join(bytes(p).hex() if isinstance(p, bytes | bytearray | memoryview) else str(p) for p in parts)


def seal(value: Any, table: str, row: str, field: str) -> bytes:
    """The value, sealed for this place."""
    first, by_id = keys()
    nonce = os.urandom(NONCE)
    return _head(first) + nonce + by_id[first].encrypt(nonce, msgspec.json.encode(value), _bound(table, row, field))


def key_of(sealed: bytes) -> str:
    """The id of the key that it was sealed with. Raises Unopened."""
    if len(sealed) < 2 or sealed[0] != VERSION or len(sealed) < 2 + sealed[1] + NONCE + 16:
        raise Unopened("this is nothing sealed")
    try:
        return sealed[2 : 2 + sealed[1]].decode("ascii")
    except UnicodeDecodeError:
        raise Unopened("this is nothing sealed") from None


def opened(sealed: bytes, table: str, row: str, field: str) -> Any:
    """The value again. Raises Unopened."""
    id_ = key_of(sealed)
    key = keys().by_id.get(id_) or keys(anew=True).by_id.get(id_)
    if key is None:
        raise Unopened(f"the seal key {id_} is not here", id_)
    start = 2 + len(id_)
    try:
        plain = key.decrypt(sealed[start : start + NONCE], sealed[start + NONCE :], _bound(table, row, field))
    except InvalidTag:
        raise Unopened("it was altered, or belongs elsewhere") from None
    return msgspec.json.decode(plain)
