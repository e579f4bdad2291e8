"""AES-CBC of DC-09. Source: ANSI/SIA DC-09, 5.4 (AES with 128, 192 or 256 bits, CBC, the initial vector all zero).

    readable:  pad | data ] [xdata]... _HH:MM:SS,MM-DD-YYYY      pad: any bytes but | [ ]

The pad makes it a multiple of 16 bytes and two sendings of one message different. The text of 2026 wants 16 to 31
bytes of it, older panels send 0 to 16: any number is taken, and the answer has a pad of the sender's kind.
"""

import re
from binascii import unhexlify

import msgspec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 16
_HEX = re.compile(r"(?:[0-9A-Fa-f]{32}|[0-9A-Fa-f]{48}|[0-9A-Fa-f]{64})")
_END = re.compile(rb"_\d\d:\d\d:\d\d,\d\d-\d\d-\d{4}[\0-\x20]*\Z")


class Opened(msgspec.Struct, frozen=True):
    """A payload that a key has opened. `data` is None where no | ends the pad, as in some NULL messages."""

    key: bytes
    pad: bytes
    data: bytes | None
    rest: bytes  # from the ] on


def keys(setting: object) -> tuple[bytes, ...]:
    """The AES keys that a setting may mean; none: it is no key.

    DC-09 says 32, 48 or 64 hex digits; many panels take 16, 24 or 32 characters as they are. 32 hex digits may be
    either: which, shows when a message is opened.
    """
    if not isinstance(setting, str):
        return ()
    digits, plain = "".join(setting.split()), setting.strip().encode()
    found = (bytes.fromhex(digits),) if _HEX.fullmatch(digits) else ()
    return (*found, plain) if len(plain) in (16, 24, 32) else found


def kind(key: bytes, setting: str) -> str:
    """What a key is, for people: "AES-128 (hex)"."""
    return f"AES-{len(key) * 8} ({'text' if setting.strip().encode() == key else 'hex'})"


def seal(key: bytes, pad: bytes, readable: bytes, *, long_pad: bool) -> bytes:
    """Hex of the encrypted payload. Of `pad`, 31 bytes at least, it takes as many as it needs."""
    least = BLOCK if long_pad else 0
    size = least + -(least + len(readable)) % BLOCK
    sealer = Cipher(algorithms.AES(key), modes.CBC(bytes(BLOCK))).encryptor()
    return (sealer.update(pad[:size] + readable) + sealer.finalize()).hex().upper().encode()


def open_(payload: bytes, candidates: tuple[bytes, ...]) -> Opened | None:
    """What an encrypted payload says; None where no key opens it. Raises ValueError where it is no hex of blocks."""
    sealed = unhexlify(payload)
    if not sealed or len(sealed) % BLOCK:
        raise ValueError("not a multiple of 16 bytes")
    for key in candidates:
        opener = Cipher(algorithms.AES(key), modes.CBC(bytes(BLOCK))).decryptor()
        plain = opener.update(sealed) + opener.finalize()
        stop = plain.find(b"]")
        if stop >= 0 and (_END.search(plain) or _readable(plain)):  # with another key it is noise
            pad, bar, data = plain[:stop].partition(b"|")
            return Opened(key, pad, data if bar else None, plain[stop:])
    return None


def _readable(plain: bytes) -> bool:
    """Is it text, as no other key would give? For messages without the time stamp that they must have."""
    try:
        return plain.rstrip(b"\0\r\n").decode().isprintable()
    except UnicodeDecodeError:
        return False
