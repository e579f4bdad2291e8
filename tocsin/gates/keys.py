"""The keys of the gates at the web's own address, and the addresses with these keys in them.

One secret of the installation, and of it a key for each gate: who runs one gateway can open nothing but its gate.
The secret changed, all keys are changed.
"""

import hmac
from base64 import b32encode
from functools import cache

from django.conf import settings

from tocsin.gates.protocol import HttpGate
from tocsin.gates.registry import of_kind


@cache
def key_of(name: str) -> str:
    """The key of a protocol's gate: 160 bits, 32 small letters and digits."""
    made = hmac.digest(settings.HOOK_SECRET.encode(), f"gate {name}".encode(), "sha256")
    return b32encode(made[:20]).decode().lower()


def url_of(name: str) -> str:
    """The whole address to enter at a gateway or a server. Raises LookupError when that gate is not there."""
    gate = of_kind(HttpGate).get(name)
    if gate is None:
        raise LookupError(f"{name} has no gate at the web's address. There are: {', '.join(of_kind(HttpGate))}")
    return f"{settings.PUBLIC_URL}/gates/{name}/" + (f"{key_of(name)}/" if gate.keyed else "")
