"""Real couriers carry to a real webhook receiver. One is killed between taking a delivery and its sending: it arrives
once or more, never not at all, and the receiver can tell the repeat. Two couriers never both hold one.
"""

import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.world import Process, Town, until

COURIER = """
import sys
import httpx
from tocsin.__main__ import _django
_django()
from tocsin.notifications import registry, rules
from tocsin.notifications.channel import Channel, Result
from datetime import timedelta

client = httpx.AsyncClient(trust_env=False, timeout=20)

async def send(out, settings):
    reply = await client.post(out.address, headers={"Webhook-Id": out.key}, content=out.text.title.encode())
    return Result("delivered") if reply.is_success else Result("failed", error=str(reply.status_code))

channels = {"webhook": Channel(send=send, at_once=20)}
registry.channels = lambda: channels
rules.LEASE = timedelta(seconds=float(sys.argv[1]))
from tocsin.notifications.courier import serve
serve()
"""


class Receiver:
    """Counts by Webhook-Id. `deaf`: it takes the request and does not answer."""

    def __init__(self) -> None:
        self.got: Counter[str] = Counter()
        self.deaf = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                receiver.got[self.headers["Webhook-Id"]] += 1
                if receiver.deaf.is_set():
                    time.sleep(3)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        class Server(ThreadingHTTPServer):
            request_queue_size, daemon_threads = 200, True

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/alarms"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Courier(Process):
    """`lease`: seconds after which another courier takes what it held."""

    def __init__(self, lease: float = 60) -> None:
        super().__init__()
        self.lease = lease

    def start(self) -> None:
        command = [sys.executable, "-c", COURIER, str(self.lease)]
        self.popen = subprocess.Popen(command, env=dict(os.environ), stdin=subprocess.DEVNULL)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    yield found
    found.server.shutdown()


def owe(world: Town, place: str, url: str, count: int) -> list[str]:
    """So many alarms, each owed to a partner of its own; returns their tokens."""
    from datetime import UTC, datetime

    from tocsin.centers.models import Center
    from tocsin.incidents.models import Incident
    from tocsin.notifications import actions
    from tocsin.notifications.alarm import values_of
    from tocsin.notifications.models import Delivery, Partner

    center = Center.objects.get(code=place)
    press = world.button(place).press()
    incident = Incident.objects.select_related("center", "person", "device__site").get(pk=press.incident)
    partners = frozenset(
        Partner.objects.create(center=center, name=f"Guard {n}", url=f"{url}?{n}", secret="").pk for n in range(count)
    )
    telling = actions.Telling(
        message="alarm", values=values_of(incident), partners=partners, incident=incident, round=actions.ROUND + 1
    )
    actions.tell_all([telling], datetime.now(UTC))
    return list(Delivery.objects.filter(incident=incident).values_list("token", flat=True))


def test_killed_between_claim_and_the_end_of_sending_it_arrives_once_or_more(
    world: Town, place: str, receiver: Receiver
) -> None:
    receiver.deaf.set()
    tokens, first, second = owe(world, place, receiver.url, 12), Courier(lease=5), Courier(lease=5)
    try:
        first.start()
        until(lambda: len(receiver.got) >= 5, 25, "the first requests")
        first.kill()  # it holds all twelve, and knows of no answer
        receiver.deaf.clear()
        states = world.rows(
            "SELECT state, count(*) FROM notifications_delivery WHERE token = ANY(%s) GROUP BY 1", tokens
        )
        assert dict(states).get("sending", 0) + dict(states).get("queued", 0) > 0
        second.start()
        left = "SELECT count(*) FROM notifications_delivery WHERE token = ANY(%s) AND state <> 'delivered'"
        until(lambda: world.rows(left, tokens) == [(0,)], 25, "all delivered")
        assert set(receiver.got) == set(tokens), "never not at all"
        assert max(receiver.got.values()) == 2, "the repeat has the same Webhook-Id"
    finally:
        first.kill()
        second.stop()


def test_two_couriers_deliver_each_once(world: Town, place: str, receiver: Receiver) -> None:
    couriers = [Courier(), Courier()]
    try:
        for courier in couriers:
            courier.start()
        world.rows("DELETE FROM gates_pulse WHERE process = 'courier'")
        until(lambda: world.rows("SELECT 1 FROM gates_pulse WHERE process = 'courier'"), 25, "a courier")
        tokens = owe(world, place, receiver.url, 150)
        left = "SELECT count(*) FROM notifications_delivery WHERE token = ANY(%s) AND state <> 'delivered'"
        until(lambda: world.rows(left, tokens) == [(0,)], 25, "all delivered")
        assert receiver.got == Counter(tokens), "each once"
    finally:
        for courier in couriers:
            courier.stop()
