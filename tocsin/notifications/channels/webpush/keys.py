"""Our own key towards the push services (VAPID, RFC 8292): a subscription belongs to it for good.

From TOCSIN_VAPID_KEY (the private key as other tools print it: 32 bytes, base64url), else made once and kept in the
data folder. All machines of an installation must use the same; with another one every browser has to subscribe anew.
"""

import base64
import hashlib
import os
from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tocsin import database
from tocsin.lib.secrets import secret_in

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256


def unpadded(raw: bytes) -> str:
    """base64url as the standards of web push write it."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def raw(text: str) -> bytes:
    """Its bytes. Raises ValueError."""
    return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars=b"-_", validate=True)


def private_key() -> ec.EllipticCurvePrivateKey:
    """Raises ValueError with words for the operator when TOCSIN_VAPID_KEY cannot be one."""
    return _read(os.environ["TOCSIN_VAPID_KEY"]) if os.environ.get("TOCSIN_VAPID_KEY") else _kept()


def public_key() -> str:
    """What browsers subscribe with: the point, 65 bytes, as base64url."""
    point = private_key().public_key()
    return unpadded(point.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint))


def fingerprint(text: str) -> str:
    """A short name for something that push services shall neither guess nor connect with another installation."""
    key = private_key().private_numbers().private_value.to_bytes(32, "big")
    return unpadded(hashlib.blake2b(text.encode(), key=key, digest_size=24).digest())


@cache
def _read(written: str) -> ec.EllipticCurvePrivateKey:
    try:
        number = raw(written.strip())
    except ValueError:
        number = b""
    if len(number) != 32 or not 0 < int.from_bytes(number, "big") < ORDER:
        raise ValueError("TOCSIN_VAPID_KEY must be 32 bytes in base64url, a private key of P-256")
    return ec.derive_private_key(int.from_bytes(number, "big"), ec.SECP256R1())


@cache
def _kept() -> ec.EllipticCurvePrivateKey:
    digest = hashlib.sha512(b"tocsin vapid " + secret_in(database.data_folder() / "vapid_key").encode()).digest()
    return ec.derive_private_key(int.from_bytes(digest, "big") % (ORDER - 1) + 1, ec.SECP256R1())
