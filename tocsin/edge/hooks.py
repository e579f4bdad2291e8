"""`/gates/<name>/…`: the HTTP gates at the web's own address, and for keyed gates `/gates/<name>/<key>/…`.

A server speaks here for many devices, so it shows the gate's key. Whoever has no key, or a wrong one, finds nothing.
Decoding, storing and answering are those of every other HTTP gate (`tocsin/gates/listeners/http.py`).
"""

import hmac
from collections.abc import Callable
from urllib.parse import urlsplit

from tocsin.edge.asgi import Receive, Scope, Send, trouble
from tocsin.gates import environment
from tocsin.gates.listeners import Intake, Limits, Reception
from tocsin.gates.listeners.http import Answer, answer, read, respond
from tocsin.gates.protocol import HttpGate, Request
from tocsin.gates.registry import of_kind
from tocsin.gates.traces import Traces
from tocsin.lib.buckets import Buckets

PREFIX = "/gates/"


class Hooks:
    """`public_url`: our address as the callers write it; some sign it. `ready`: do we know the devices by now?"""

    def __init__(
        self, intake: Intake, key_of: Callable[[str], str], public_url: str, ready: Callable[[], object]
    ) -> None:
        self.gates = of_kind(HttpGate)
        self.keys = {name: key_of(name).encode() for name, gate in self.gates.items() if gate.keyed}
        self.traces, limits = Traces(), Limits()
        self.receptions = {
            name: Reception(name, intake, limits, environment.settings(name), self.traces) for name in self.gates
        }
        self.strangers = Buckets(60, 1)  # by address, as at the door
        self.origin = "{0.scheme}://{0.netloc}".format(urlsplit(public_url))
        self.ready = ready

    async def take(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = scope["client"][0] if scope.get("client") else ""
        found = self._find(scope["path"])
        if found is None:
            return await self._stranger(send, address)
        name, path = found
        if not self.ready():  # just started, and the database is away: a good device must not be sent away
            return await respond(send, Answer(503, headers=((b"retry-after", b"5"),)))
        reception = self.receptions[name]
        said = await read(scope, receive, path, self.origin, reception.limits)
        if isinstance(said, Request):
            said = await answer(self.gates[name], reception, said, address)
        if not said.known and name not in self.keys and not self.strangers.take(address):
            return await trouble(send, 429, "en", retry=5)  # with the key it is no stranger who speaks, but of some
        await respond(send, said)

    def _find(self, path: str) -> tuple[str, str] | None:
        """The gate and what is its own of the path; None: no such gate, or not that key."""
        name, _, rest = path.removeprefix(PREFIX).partition("/")
        if name not in self.gates:
            return None
        if name in self.keys:
            key, _, rest = rest.partition("/")
            if not hmac.compare_digest(key.encode(), self.keys[name]):
                return None
        return name, f"/{rest}"

    async def _stranger(self, send: Send, address: str) -> None:
        """Those who guess are slowed down by address; a good key never comes here."""
        if not self.strangers.take(address):
            return await trouble(send, 429, "en", retry=5)
        await trouble(send, 404, "en")
