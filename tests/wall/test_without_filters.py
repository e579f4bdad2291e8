"""The same reads with the application's own filters switched off: the database alone gives nothing away."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.world import Town, a_client, free_port, until

ROOT = Path(__file__).parent.parent.parent
MARK = "Zaphod-of-the-other-center"


@pytest.fixture(scope="module")
def unfiltered(town: Town) -> Iterator[str]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("unfiltered.py"))],
        env={**os.environ, "TOCSIN_PORT": str(port), "PYTHONPATH": str(ROOT)},
    )
    door = f"http://127.0.0.1:{port}"

    def well() -> bool:
        with suppress(httpx.HTTPError), a_client() as client:
            return client.get(f"{door}/health").status_code == 200
        return False

    try:
        until(well, 120, "the web without filters")
        yield door
    finally:
        process.terminate()
        process.wait(10)


def test_every_page_of_the_api_keeps_the_other_center_s_people_to_itself(
    world: Town, place: str, unfiltered: str
) -> None:
    from django.utils import timezone

    from tocsin.api.views import api
    from tocsin.centers.models import Center
    from tocsin.devices.models import Device, Site
    from tocsin.drills.models import Drill
    from tocsin.people.models import Person
    from tocsin.rosters.models import Handover

    officer, stranger = world.desk(place), world.desk("DUR", "director")
    button = world.button(place)
    Person.objects.filter(pk=world.person_of(button).pk).update(name=MARK)
    press = button.press()
    officer.claim(press.incident)
    officer.done("note", press.incident, text=MARK)
    center, author = Center.objects.get(code=place), Person.objects.get(pk=officer.person)
    Handover.objects.create(center=center, author=author, text=MARK)
    site = Site.objects.create(center=center, name=MARK, address=MARK)
    device = Device.objects.create(protocol="gt06", identifier=f"9{site.pk:014d}", name=MARK, site=site)
    drill = Drill.objects.create(
        center=center, title=MARK, alarm="fire", started_by=author, started_at=timezone.now(),
        ends_at=timezone.now() + timezone.timedelta(minutes=9), ended_at=timezone.now(),
    )  # fmt: skip
    stored: dict[str, Any] = {"incidents": press.incident, "devices": device.pk, "drills": drill.pk}
    schema = api.get_openapi_schema()["paths"]
    read, answered = 0, 0
    for base, desk in ((unfiltered, stranger), (unfiltered, officer)):
        said = ""
        for path, methods in schema.items():
            if "get" not in methods:
                continue
            noun = path.removeprefix("/api/v1/").partition("/")[0]
            url = base + path.replace("{pk}", str(stored.get(noun, 1)))
            answer = desk.client.get(url, params={"center": place, "duty": "duty_officer", "after": 0, "q": ""})
            read += 1
            answered += answer.status_code == 200
            assert answer.status_code < 500, (url, answer.text)
            said += answer.text
        assert (MARK in said) == (desk is officer), f"{desk.name} reads {said[max(0, said.find(MARK) - 300) :][:400]}"
    assert read > 25
    assert answered > 12


def test_no_verb_of_the_api_reaches_it(world: Town, place: str, unfiltered: str) -> None:
    press = world.button(place).press()
    stranger = world.desk("DUR", "director")
    theirs = stranger.queue()
    stranger.doors = [unfiltered]
    for verb, body in (
        ("claim", {}), ("note", {"text": "x"}), ("resolve", {}), ("close", {"outcome": "genuine"}),
        ("dispatch", {"kind": "police"}), ("classify", {"alarm": "fire"}), ("hand-over", {"center": "DUR"}),
    ):  # fmt: skip
        assert stranger.do(verb, press.incident, **body).status_code in (404, 409), verb
    assert world.timeline(press.incident) == ["opened"]
    assert press.incident not in theirs
    assert stranger.queue() == theirs
