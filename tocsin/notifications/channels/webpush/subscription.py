"""A browser's push subscription, the address of this channel: what the browser gives (`PushSubscription.toJSON()`)."""

from typing import Any
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from tocsin.notifications.channels.webpush.keys import raw

LONGEST = 1000  # of an endpoint; those of today have 100 to 400 characters


class Keys(msgspec.Struct, frozen=True):
    p256dh: str
    auth: str


class Subscription(msgspec.Struct, frozen=True):
    """`endpoint`: where its push service takes messages. `keys`: its public key and secret (RFC 8291), base64url."""

    endpoint: str
    keys: Keys

    def written(self) -> str:
        """The same for the same subscription, so that the database knows it again."""
        return msgspec.json.encode(self).decode()

    def start(self) -> str:
        """How everything begins that `written` gives for this endpoint, whatever its keys are."""
        return self.written().partition(',"keys"')[0] + ","

    @property
    def origin(self) -> str:
        """Whom our token is for (`aud`, RFC 8292 section 2)."""
        parts = urlsplit(self.endpoint)
        return f"{parts.scheme}://{parts.netloc}"


def read(said: str | dict[str, Any]) -> Subscription:
    """A subscription that can be sent to. Raises ValueError with what is wrong."""
    try:
        found = msgspec.json.decode(said, type=Subscription) if isinstance(said, str) else None
        found = found or msgspec.convert(said, Subscription)
    except msgspec.MsgspecError as error:
        raise ValueError(f"not a push subscription: {error}") from None
    parts = urlsplit(found.endpoint)
    if parts.scheme not in ("https", "http") or not parts.hostname or "@" in parts.netloc:
        raise ValueError("the endpoint is not the address of a push service")
    if len(found.endpoint) > LONGEST or not found.endpoint.isascii() or not found.endpoint.isprintable():
        raise ValueError("the endpoint is too long, or no address")
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw(found.keys.p256dh))
    except ValueError:
        raise ValueError("p256dh is not a public key of P-256") from None
    try:
        secret = raw(found.keys.auth)
    except ValueError:
        secret = b""
    if len(secret) != 16:
        raise ValueError("auth is not a secret of 16 bytes")
    return found
