"""A little life for the demo: trackers that really speak to the gates, and now and then an alarm.

An alarm that no visitor claims is claimed and closed after some minutes by an officer of its center: the demo does not
call its people for ever.
"""

import logging
import random
import socket
import time
from datetime import UTC, datetime
from typing import Any

import httpx

from tocsin.demo import sheet
from tocsin.gates.protocol import Moment
from tocsin.gates.protocols.dc09.encoder import Device as Panel

log = logging.getLogger(__name__)
CLAIMED, CLOSED = 150, 90  # seconds from the press to the claim, and on to the end
ALARMS = ("roadblock", "burglary", "robbery", "extortion", "traffic", "medical")


def run() -> None:
    """Endless and slow: positions of a few Traccar Clients each few seconds, an alarm every few minutes."""
    while "gates" not in (content := sheet.read()):
        time.sleep(0.5)
    chance = random.Random()
    walkers = [d for d in content["devices"] if d["protocol"] == "osmand"]
    places: dict[str, tuple[float, float]] = {}
    next_alarm = time.monotonic() + chance.uniform(40, 90)
    panels = [(d, Panel(d["identifier"], key=d["key"])) for d in content["devices"] if d["protocol"] == "dc09"]
    served: list[tuple[float, str, int, str]] = []  # when, verb, incident, center
    homes = {c["code"]: (c["lat"], c["lon"]) for c in content["centers"] if "lat" in c}
    with httpx.Client(timeout=5) as client:
        while True:
            try:
                for walker in chance.sample(walkers, min(6, len(walkers))):
                    _step(client, content, walker, places, homes, chance)
                for device, encoder in panels:
                    _beat(content, device, encoder)
                if time.monotonic() > next_alarm:
                    next_alarm = time.monotonic() + chance.uniform(120, 300)
                    incident, center = _press(client, content, homes, chance)
                    served.append((time.monotonic() + CLAIMED, "claim", incident, center))
                for each in [e for e in served if e[0] < time.monotonic()]:
                    served.remove(each)
                    _, verb, incident, center = each
                    if _done(client, content, verb, incident, center) and verb == "claim":
                        served.append((time.monotonic() + CLOSED, "close", incident, center))
            except (httpx.HTTPError, OSError) as error:
                log.info("the demo's life waits: %s", error)
            time.sleep(5)


def _beat(content: dict[str, Any], device: dict[str, Any], encoder: Panel) -> None:
    """An alarm panel says that it is there."""
    moment = Moment(datetime.now(UTC), 0.0, 0.0)
    with socket.create_connection(("127.0.0.1", content["gates"][device["protocol"]]), timeout=5) as line:
        line.sendall(encoder.heartbeat(moment))
        line.recv(1024)


def _near(home: tuple[float, float], chance: random.Random, span: float) -> tuple[float, float]:
    return home[0] + chance.uniform(-span, span), home[1] + chance.uniform(-span, span)


def _step(
    client: httpx.Client,
    content: dict[str, Any],
    walker: dict[str, Any],
    places: dict[str, tuple[float, float]],
    homes: dict[str, tuple[float, float]],
    chance: random.Random,
) -> None:
    name = walker["identifier"]
    home = homes.get(walker["center"], (-26.0, 28.0))
    places[name] = _near(places.get(name) or _near(home, chance, 0.05), chance, 0.001)
    lat, lon = places[name]
    query = {"id": name, "lat": f"{lat:.6f}", "lon": f"{lon:.6f}", "timestamp": int(time.time()), "accuracy": 15}
    client.get(f"http://127.0.0.1:{content['gates']['osmand']}/", params=query)


def _press(
    client: httpx.Client, content: dict[str, Any], homes: dict[str, tuple[float, float]], chance: random.Random
) -> tuple[int, str]:
    """A member presses; returns the incident and the member's center."""
    from uuid import uuid4

    member = chance.choice(content["members"])
    lat, lon = _near(homes.get(member["center"], (-26.0, 28.0)), chance, 0.04)
    body = {
        "kind": "alarm",
        "alarm": chance.choice(ALARMS),
        "position": {"lat": round(lat, 6), "lon": round(lon, 6), "accuracy": 20},
        "battery": round(chance.uniform(0.1, 1), 2),
    }
    headers = {"Authorization": f"Bearer {member['token']}"}
    incident = client.put(f"{content['url']}/signals/{uuid4()}", json=body, headers=headers).json()["incident"]
    return int(incident), member["center"]


def _done(client: httpx.Client, content: dict[str, Any], verb: str, incident: int, center: str) -> bool:
    """An officer of the center does it; False when a visitor was quicker: then it stays theirs."""
    staff = next(s for s in content["staff"] if s["center"] == center and s["role"] == "duty_officer")
    answer = client.post(
        f"{content['url']}/api/v1/incidents/{incident}/{verb}",
        json={"outcome": "genuine"} if verb == "close" else {},
        headers={"Authorization": f"Bearer {staff['key']}"},
    )
    return answer.is_success
