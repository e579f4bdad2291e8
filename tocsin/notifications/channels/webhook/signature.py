"""The signature of Standard Webhooks 1.0.0 (github.com/standard-webhooks/standard-webhooks, spec/): scheme v1."""

import base64
import hashlib
import hmac

PREFIX = "whsec_"


def key_of(secret: str) -> bytes:
    """The bytes of a shared secret: `whsec_` and base64, as the specification writes it, or any other text as it is.

    Raises ValueError when there is none, or when the base64 is not.
    """
    key = base64.b64decode(secret[len(PREFIX) :], validate=True) if secret.startswith(PREFIX) else secret.encode()
    if not key:
        raise ValueError("no secret")
    return key


def signature(secret: str, id_: str, timestamp: int, body: bytes) -> str:
    """What stands in `Webhook-Signature`."""
    signed = hmac.new(key_of(secret), f"{id_}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"
