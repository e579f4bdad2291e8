"""For tests: a push service and the browser behind it, written from the RFCs and not from the library that sends.

`Browser` holds the keys of one subscription and reads what arrives (RFC 8188, RFC 8291). `PushService` takes messages
over HTTP as RFC 8030 has it, believes only a valid token (RFC 8292), and answers as it is told to.
"""

import base64
import json
import os
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tocsin.notifications.channels.server import Asked, Reply, Server

CURVE = ec.SECP256R1()


def plain(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _mac(key: bytes, said: bytes) -> bytes:
    mac = hmac.HMAC(key, hashes.SHA256())
    mac.update(said)
    return mac.finalize()


class Browser:
    """The user agent: its key pair and its secret."""

    def __init__(self, private: ec.EllipticCurvePrivateKey | None = None, secret: bytes | None = None) -> None:
        self.private = private or ec.generate_private_key(CURVE)
        self.secret = secret or os.urandom(16)

    @property
    def keys(self) -> dict[str, str]:
        return {"p256dh": written(point(self.private.public_key())), "auth": written(self.secret)}

    def read(self, body: bytes) -> bytes:
        """Decrypt one message. Raises ValueError or InvalidTag when it is not for us, or not as the RFC has it."""
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        sender, record = body[21 : 21 + length], body[21 + length :]
        if length != 65 or size < 18 or len(record) > size:
            raise ValueError("the header is not that of a push message")
        shared = self.private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, sender))
        both = point(self.private.public_key()) + sender
        material = _mac(_mac(self.secret, shared), b"WebPush: info\0" + both + b"\x01")
        first = _mac(salt, material)
        key = _mac(first, b"Content-Encoding: aes128gcm\0\x01")[:16]
        nonce = _mac(first, b"Content-Encoding: nonce\0\x01")[:12]
        opened = AESGCM(key).decrypt(nonce, record, None).rstrip(b"\0")
        if opened[-1:] != b"\x02":
            raise ValueError("the last record must end with 2")
        return opened[:-1]


class Pushed(NamedTuple):
    """A message that was accepted: headers in lower case, the claims of its token, what the browser reads."""

    headers: dict[str, str]
    claims: dict[str, Any]
    size: int
    said: dict[str, Any]


class PushService:
    """`answer(size of the body) -> status and headers`: 201 unless told otherwise."""

    def __init__(self, public_key: str) -> None:
        self.public_key = public_key
        self.browsers: dict[str, Browser] = {}
        self.pushed: list[Pushed] = []
        self.refused: list[str] = []
        self.answer: Callable[[int], tuple[int, dict[str, str]]] = lambda _: (201, {})
        self.server = Server(self._take)

    def subscribe(self, browser: Browser | None = None) -> dict[str, Any]:
        """A new subscription, as a page's `PushSubscription.toJSON()` writes it."""
        name = written(os.urandom(24))
        self.browsers[f"/push/{name}"] = browser or Browser()
        keys = self.browsers[f"/push/{name}"].keys
        return {"endpoint": f"{self.server.url}/push/{name}", "expirationTime": None, "keys": keys}

    def _take(self, asked: Asked) -> Reply:
        try:
            browser = self.browsers[asked.path]
            claims = self._token(asked.headers["authorization"])
            self._headers(asked)
        except (KeyError, ValueError, InvalidSignature) as error:
            self.refused.append(f"{type(error).__name__} {error}")
            return Reply(404 if asked.path not in self.browsers else 403)
        status, headers = self.answer(len(asked.body))
        if status == 201:
            said = json.loads(browser.read(asked.body))
            self.pushed.append(Pushed(asked.headers, claims, len(asked.body), said))
            headers = {"Location": f"{self.server.url}/message/{len(self.pushed)}", **headers}
        return Reply(status, b"", headers)

    def _headers(self, asked: Asked) -> None:
        if asked.method != "POST" or asked.headers["content-encoding"] != "aes128gcm":
            raise ValueError("not a push message")
        if not asked.headers["ttl"].isdigit() or asked.headers["urgency"] not in ("very-low", "low", "normal", "high"):
            raise ValueError("TTL or Urgency")
        topic = asked.headers.get("topic", "")
        if len(topic) > 32 or written(plain(topic)) != topic:
            raise ValueError("Topic must be at most 32 characters of base64url")

    def _token(self, header: str) -> dict[str, Any]:
        """The claims of `vapid t=…, k=…`. Raises when the token is not what RFC 8292 asks for."""
        scheme, _, rest = header.partition(" ")
        parts = dict(each.strip().split("=", 1) for each in rest.split(","))
        if scheme.lower() != "vapid" or parts["k"] != self.public_key:
            raise ValueError("not the key that the page subscribed with")
        head, body, signed = parts["t"].split(".")
        if json.loads(plain(head))["alg"] != "ES256":
            raise ValueError("the algorithm")
        raw = plain(signed)
        numbers = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        key = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, plain(parts["k"]))
        key.verify(numbers, f"{head}.{body}".encode(), ec.ECDSA(hashes.SHA256()))
        claims: dict[str, Any] = json.loads(plain(body))
        if claims["aud"] != self.server.url or not time.time() < claims["exp"] <= time.time() + 86_400:
            raise ValueError(f"aud or exp: {claims}")
        if not claims["sub"].startswith(("mailto:", "https:")):
            raise ValueError("sub")
        return claims

    def __enter__(self) -> "PushService":
        return self

    def __exit__(self, *_: object) -> None:
        self.server.close()
