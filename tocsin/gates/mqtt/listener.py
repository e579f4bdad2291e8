"""One broker: connected for as long as we live, whatever happens to it.

A message is acknowledged (QoS 1) only after everything that it says is stored; until then the broker keeps it for our
session, over a restart of ours or a lost line. aiomqtt acknowledges at once and has no word for "later", so the paho
client inside it is asked to leave that to us (`manual_ack_set`, `ack`: both public there).
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import aiomqtt
import msgspec
from paho.mqtt.client import Client as Paho
from paho.mqtt.client import MQTTMessage
from paho.mqtt.matcher import MQTTMatcher

from tocsin.gates.listeners import Counters, Reception
from tocsin.gates.mqtt import broker as brokers
from tocsin.gates.mqtt.lanes import Lanes, Read
from tocsin.gates.protocol import Decoded, Message, MqttGate, identified

log = logging.getLogger("tocsin.gates")
QUIET = logging.getLogger("tocsin.gates.mqtt.paho")  # what paho would say we say ourselves, once
QUIET.setLevel(logging.CRITICAL)
BACKOFF = (1.0, 30.0)  # seconds before the next try, at first and at most
STEADY = 30.0  # a connection that held for so long has not failed
KEEPALIVE = 20  # seconds
TIMEOUT = 10.0  # seconds for an answer of the broker
AT_ONCE = 8  # filters in one SUBSCRIBE: some brokers take no more
HANDLED = 2_000  # deliveries remembered, to know one that is repeated


class State(Counters):
    """A broker, as /metrics and the administrator's page see it: `frames` are its messages, `open` is 1 while we are
    connected, `errors` counts connections that failed or broke. `error` is the last of them, without a password.
    """

    since: datetime | None = None
    error: str = ""
    retained: int = 0
    too_long: int = 0


class Delivery:
    """One message, as the broker handed it over. `paho`: the connection by which it came last."""

    __slots__ = ("mid", "paho", "parts", "qos")

    def __init__(self, paho: Paho, mid: int, qos: int) -> None:
        self.paho, self.mid, self.qos = paho, mid, qos
        self.parts = 1  # what must be stored yet, and one for reading it

    def part_done(self) -> None:
        self.parts -= 1
        if not self.parts:
            self.acknowledge()

    def acknowledge(self) -> None:
        if self.qos:
            self.paho.ack(self.mid, self.qos)  # on a connection that is gone it changes nothing


class MqttListener:
    port = 0

    def __init__(
        self,
        broker: brokers.Broker,
        gates: Mapping[str, tuple[MqttGate, Reception]],
        client: str = "tocsin",
        authority: str | None = None,
    ) -> None:
        self.broker, self.gates, self.client, self.authority = broker, gates, client, authority
        self.state = State(since=_now())
        self.filters: dict[str, list[str]] = {}
        for name, (gate, reception) in gates.items():
            for topic in brokers.filters(name, gate, reception.gate):
                self.filters.setdefault(topic, []).append(name)
        self.matcher = MQTTMatcher()  # type: ignore[no-untyped-call]
        for topic, names in self.filters.items():
            self.matcher[topic] = names
        self.memories: dict[str, dict[str, Any]] = {name: {} for name in gates}
        self.lanes = Lanes(broker.name[:64])
        self.handled: OrderedDict[tuple[int, bytes], Delivery] = OrderedDict()
        self.closing = False

    def open(self) -> None:
        self.task = asyncio.get_running_loop().create_task(self._stay())

    async def _stay(self) -> None:
        wait = BACKOFF[0]
        while not self.closing:
            begun = asyncio.get_running_loop().time()
            try:
                await self._connection()
            except Exception as error:
                self._broke(error)
            if asyncio.get_running_loop().time() - begun > STEADY:
                wait = BACKOFF[0]
            await asyncio.sleep(wait)
            wait = min(BACKOFF[1], wait * 2)

    async def _connection(self) -> None:
        """Connect, subscribe, and stay until it breaks, which raises."""
        client = aiomqtt.Client(
            self.broker.host,
            self.broker.port,
            username=self.broker.user,
            password=self.broker.password,
            identifier=self.client,
            clean_session=False,
            keepalive=KEEPALIVE,
            timeout=TIMEOUT,
            logger=QUIET,
            tls_context=await asyncio.to_thread(brokers.context, self.authority) if self.broker.tls else None,
        )
        paho = client._client
        paho.manual_ack_set(True)
        paho.on_message = self._heard
        for memory in self.memories.values():
            memory["since"] = _now()  # what the broker kept for us comes before we subscribe
        try:
            async with client:
                await self._subscribe(client)
                async for _ in client.messages:  # there are none: they go to `_heard`
                    pass
        finally:
            paho.disconnect()  # one that was connected and never answered stays open otherwise
            if self.state.open:
                self.state.open, self.state.since = 0, _now()

    async def _subscribe(self, client: aiomqtt.Client) -> None:
        self.state.connections += 1
        self.state.open, self.state.since, self.state.error = 1, _now(), ""
        log.info("mqtt %s: connected as %s", self.broker.name, self.client)
        topics = list(self.filters)
        for start in range(0, len(topics), AT_ONCE):
            wanted = topics[start : start + AT_ONCE]
            granted = await client.subscribe([(topic, 1) for topic in wanted])
            refused = [topic for topic, code in zip(wanted, granted, strict=True) if _failed(code)]
            if refused:
                self.state.error = f"{self.state.error} not allowed to subscribe: {', '.join(refused)}".strip()
                log.warning("mqtt %s: %s", self.broker.name, self.state.error)

    def _broke(self, error: Exception) -> None:
        self.state.errors += 1
        cause = error.__cause__ if isinstance(error, aiomqtt.MqttError) and error.__cause__ else error
        said = str(cause) or type(cause).__name__  # aiomqtt's own word is "disconnected"
        if said != self.state.error:  # an outage is one line, not one each half minute
            log.warning("mqtt %s: %s", self.broker.name, said)
        self.state.error = said

    def _heard(self, paho: Paho, _: Any, message: MQTTMessage) -> None:
        """Called by paho for each message. Nothing may leave it: that would end the connection."""
        if self.closing:
            return
        self.state.frames += 1
        delivery = Delivery(paho, message.mid, message.qos)
        try:
            self._take(message, delivery)
        except Exception:
            self.state.errors += 1
            log.exception("mqtt %s: a message could not be taken", self.broker.name)
        delivery.part_done()

    def _take(self, message: MQTTMessage, delivery: Delivery) -> None:
        if message.retain:
            self.state.retained += 1
            return
        said = Message(message.topic, bytes(message.payload))
        if self._repeated(message, said.raw(), delivery):
            return
        matching = self.matcher.iter_match(said.topic)  # type: ignore[no-untyped-call]
        for name in dict.fromkeys(name for names in matching for name in names):
            gate, reception = self.gates[name]
            if len(said.payload) > reception.limits.body:
                self.state.too_long += 1
                return
            self._read(gate, reception, said, delivery)

    def _read(self, gate: MqttGate, reception: Reception, message: Message, delivery: Delivery) -> None:
        session, raw = reception.session(), message.raw()
        session.memory = self.memories[reception.name]
        decoded = reception.read(lambda: gate.decode(message, session, _now()), session, self.lanes.address, raw)
        if not isinstance(decoded, Decoded) or (decoded.device is None and not decoded.signals):
            return
        known = msgspec.structs.replace(decoded, signals=identified(reception.name, decoded))  # the same in each try
        delivery.parts += 1
        if not self.lanes.put(Read(reception, known, raw, delivery.part_done), droppable=not delivery.qos):
            delivery.part_done()

    def _repeated(self, message: MQTTMessage, raw: bytes, delivery: Delivery) -> bool:
        """Did the broker hand it over before (its DUP flag), and have we taken it? Then only an answer is due."""
        if not message.qos:
            return False
        key = message.mid, blake2b(raw, digest_size=16).digest()
        earlier = self.handled.get(key) if message.dup else None
        if earlier is None:
            self.handled[key] = delivery
            while len(self.handled) > HANDLED and not next(iter(self.handled.values())).parts:
                self.handled.popitem(last=False)
            return False
        if earlier.parts:
            delivery.qos = 0  # the earlier one answers, on this connection
            earlier.paho = delivery.paho
        return True

    async def close(self) -> None:
        """Hear no more; what was read is stored and acknowledged; then leave. Under 4 s."""
        self.closing = True
        await self.lanes.close(2.0)
        if not self.state.open:
            await asyncio.wait([self.task], timeout=0.5)
        self.task.cancel()
        await asyncio.wait([self.task], timeout=1.0)


def _failed(code: Any) -> bool:
    """A return code of SUBACK (128: refused), which paho hands over as a ReasonCode."""
    return bool(getattr(code, "is_failure", code == 128))


def _now() -> datetime:
    return datetime.now(UTC)
